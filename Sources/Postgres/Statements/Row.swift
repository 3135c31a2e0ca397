import CLibPQ

/// One row of a ``Connection/query(_:_:name:row:)``. The row and its bytes are valid only inside
/// the closure.
public struct Row: ~Copyable, BinaryColumns {
  private let result: OpaquePointer
  private let row: Int32

  init(result: OpaquePointer, row: Int32) {
    self.result = result
    self.row = row
  }

  public var columnCount: Int { Int(PQnfields(result)) }

  /// The name of `column`, counted from 0.
  public func name(_ column: Int) -> String {
    check(column)
    return PQfname(result, Int32(column)).map { String(cString: $0) } ?? ""
  }

  /// The type of `column` as an OID of `pg_type`.
  public func typeOID(_ column: Int) -> UInt32 {
    check(column)
    return PQftype(result, Int32(column))
  }

  public func isNull(_ column: Int) -> Bool {
    check(column)
    return PQgetisnull(result, row, Int32(column)) != 0
  }

  public func bytes(_ column: Int) -> UnsafeRawBufferPointer {
    check(column)
    let length = Int(PQgetlength(result, row, Int32(column)))
    guard length > 0, let value = PQgetvalue(result, row, Int32(column)) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(start: value, count: length)
  }

  private func check(_ column: Int) {
    precondition(column >= 0 && column < columnCount, "no such column")
  }
}
