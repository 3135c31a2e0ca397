import CLibPQ

/// Sends rows to a `COPY … FROM STDIN (FORMAT binary)`.
///
/// It must be finished. A writer that is dropped before aborts the COPY and its transaction, and
/// closes the session.
public struct CopyWriter: ~Copyable {
  /// The most bytes in one message to the server.
  static let messageBytes = 1 << 16

  private var connection: Connection?
  private let statement: String
  private var hasHeader = false

  /// The number of rows given to libpq so far.
  public private(set) var rowsSent = 0
  /// The number of bytes given to libpq so far.
  public private(set) var bytesSent = 0

  init(connection: consuming Connection, statement: String) {
    self.connection = consume connection
    self.statement = statement
  }

  deinit {
    switch connection {
    case .some(let connection):
      // The server rolls back when it reads this. If it cannot be sent, the server rolls back when
      // the connection is closed.
      if connection.isUsable {
        _ = PQputCopyEnd(connection.handle, "the writer was not finished")
        _ = PQflush(connection.handle)
      }
    case .none: break
    }
  }

  /// Sends the rows in `rows`, which keeps them. Its last row must be complete.
  ///
  /// - Throws: `connection` or `timedOut`. Errors of the server about a row are mostly thrown by
  ///   ``finish()``.
  public mutating func put(_ rows: CopyRowBuffer) throws(PostgresError) {
    precondition(rows.isComplete, "the last row lacks values")
    rowsSent += rows.rows
    try rows.withUnsafeBytes { (bytes) throws(PostgresError) in
      try put(bytes)
    }
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    if !hasHeader { try begin() }
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(Self.messageBytes)
      try send(UnsafeRawBufferPointer(rebasing: chunk))
      rest = rest.dropFirst(chunk.count)
    }
  }

  /// Ends the COPY and gives the session back.
  ///
  /// - Throws: the server's error, for example a violated constraint; `protocolViolation` if the
  ///   server counts other rows than were sent. The session is then closed.
  public consuming func finish() throws(PostgresError) -> Connection {
    if !hasHeader { try begin() }
    try send(copyTrailer)
    guard let connection = connection.take() else {
      throw PostgresError(.protocolViolation, "no session", statement: statement)
    }
    guard PQputCopyEnd(connection.handle, nil) == 1 else {
      throw connection.connectionError(statement)
    }
    guard let result = try connection.nextResult(statement) else {
      throw PostgresError(.protocolViolation, "the COPY has no result", statement: statement)
    }
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      throw connection.drained(connection.error(of: result, statement))
    }
    let taken = Int(String(cString: PQcmdTuples(result)))
    try connection.drain(statement)
    guard taken == rowsSent else {
      throw PostgresError(
        .protocolViolation, "\(rowsSent) rows were sent and \(taken ?? -1) were taken",
        statement: statement)
    }
    return connection
  }

  /// Makes an object that cancels the COPY from any thread.
  public func makeCanceller() -> Canceller {
    connection?.makeCanceller() ?? Canceller(nil)
  }

  private mutating func begin() throws(PostgresError) {
    hasHeader = true
    try send(copyHeader)
  }

  private mutating func send(_ bytes: [UInt8]) throws(PostgresError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(PostgresError) in
      try send(UnsafeRawBufferPointer(bytes))
    }
  }

  private mutating func send(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    guard let handle = connection?.handle else {
      throw PostgresError(.protocolViolation, "no session", statement: statement)
    }
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard PQputCopyData(handle, start, Int32(bytes.count)) == 1 else {
      throw connection?.connectionError(statement)
        ?? PostgresError(.protocolViolation, "no session", statement: statement)
    }
    bytesSent += bytes.count
    // Otherwise libpq would buffer what the socket does not take, without a limit.
    try connection?.flush(statement)
  }
}

/// Signature, flags, length of the extension.
let copyHeader: [UInt8] =
  Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)

let copyTrailer: [UInt8] = [0xFF, 0xFF]
