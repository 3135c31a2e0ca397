import CLibPQ

/// The rows of a cursor, some at a time, as COPY would write them.
final class CursorRows {
  /// So many rows are in memory at a time.
  static let batch = 1_000

  let name: String
  private let columns: Int
  private let rows = CopyRowBuffer()
  private var hasHeader = false
  private(set) var isOver = false

  init(name: String, columns: Int) {
    self.name = name
    self.columns = columns
  }

  /// What was taken last; in place until more is taken.
  var message: UnsafeRawBufferPointer { rows.withUnsafeBytes { $0 } }

  /// Takes the rows of a fetch; too few of them are the last ones.
  func take(_ result: OpaquePointer) {
    rows.removeAll()
    if !hasHeader { copyHeader.withUnsafeBytes { rows.append(fields: $0, columns: 0) } }
    hasHeader = true
    let count = PQntuples(result)
    for row in 0..<count {
      rows.beginRow(columns: columns)
      for column in 0..<Int32(columns) {
        guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column)
        else {
          rows.appendNull()
          continue
        }
        rows.append(
          bytea: UnsafeRawBufferPointer(
            start: value, count: Int(PQgetlength(result, row, column))))
      }
    }
    isOver = count < CursorRows.batch
    if isOver { copyTrailer.withUnsafeBytes { rows.append(fields: $0, columns: 0) } }
  }
}

extension Connection {
  /// Another value for this session, used by the same thread. The session is closed with the last of them.
  ///
  /// Statements of all of them take turns, so large results are read through cursors: ``rowsOut(_:name:)``. A session
  /// that is shared once has no COPY any more.
  public func shared() -> Connection { Connection(sharing: self) }

  public var isShared: Bool { session.pointee.owners > 1 }

  /// Starts to read the rows of a query: with COPY, or in a shared session, inside a transaction, through a cursor.
  /// - Parameter values: what stands for `$1`, `$2` and so on in the query, as text.
  public consuming func rowsOut(
    _ query: String, _ values: [String] = [], name: String? = nil
  ) throws(PostgresError) -> CopyReader {
    let query = try filled(query, values)
    guard isShared else {
      return try copyOut("COPY (\(query)) TO STDOUT (FORMAT binary)", name: name)
    }
    let statement = name ?? shortName(query)
    session.pointee.cursors += 1
    let cursor = "rows_\(session.pointee.cursors)"
    try execute("DECLARE \(cursor) NO SCROLL CURSOR FOR \(query)", name: statement)
    // Tells the columns, and fetches none.
    let result = try result("FETCH 0 FROM \(cursor)", [], statement)
    defer { PQclear(result) }
    let columns = Int(PQnfields(result))
    return CopyReader(
      connection: self, columns: columns, statement: statement,
      cursor: CursorRows(name: cursor, columns: columns))
  }

  func fetch(_ cursor: CursorRows, _ statement: String) throws(PostgresError) {
    let result = try result("FETCH \(CursorRows.batch) FROM \(cursor.name)", [], statement)
    defer { PQclear(result) }
    cursor.take(result)
    if cursor.isOver { try execute("CLOSE \(cursor.name)", name: statement) }
  }

  /// Runs `body`, which may fail without ending the transaction around it, if there is one.
  public func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
    guard transactionStatus == .inTransaction else { return try body() }
    try execute("SAVEPOINT attempt")
    do {
      let result = try body()
      try execute("RELEASE SAVEPOINT attempt")
      return result
    } catch {
      if isUsable { try execute("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt") }
      throw error
    }
  }
}
