import CLibPQ

/// Fetches the rows of a cursor in batches, and writes them in the format of COPY.
final class CursorRows {
  /// How many rows are in memory at a time.
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

  /// The last batch. Valid until the next `take`.
  var message: UnsafeRawBufferPointer { rows.withUnsafeBytes { $0 } }

  /// Takes the rows of one fetch. If there are fewer than `batch`, they are the last ones.
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
  /// Another value for this session, to be used by the same thread. The session is closed with the
  /// last value.
  ///
  /// Their statements take turns, so large results must be read through cursors:
  /// ``rowsOut(_:name:)``. A shared session cannot COPY.
  public func shared() -> Connection { Connection(sharing: self) }

  public var isShared: Bool { session.pointee.owners > 1 }

  /// Starts to read the rows of a query: with COPY, or in a shared session through a cursor. A
  /// cursor needs a transaction.
  ///
  /// Does not wait for a COPY: what the server has against it, the first ``CopyReader/next()``
  /// throws.
  /// - Parameter values: the texts that stand for `$1`, `$2` and so on in the query.
  public consuming func rowsOut(
    _ query: String, _ values: [String] = [], name: String? = nil
  ) throws(PostgresError) -> CopyReader {
    let query = try filled(query, values)
    guard isShared else {
      return try copyOutLater("COPY (\(query)) TO STDOUT (FORMAT binary)", name: name)
    }
    let statement = name ?? shortName(query)
    session.pointee.cursors += 1
    let cursor = "rows_\(session.pointee.cursors)"
    try execute("DECLARE \(cursor) NO SCROLL CURSOR FOR \(query)", name: statement)
    // Returns no rows, only the columns.
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

  /// Runs `body` in a savepoint, so that its failure does not end a surrounding transaction.
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
