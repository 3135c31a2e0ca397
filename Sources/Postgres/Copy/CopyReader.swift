import CLibPQ

/// Reads the rows of a `COPY … TO STDOUT (FORMAT binary)` one by one, directly from libpq's buffer.
/// In a shared session, reads the rows of a cursor in the same format.
///
/// The reader also gives the columns of the current row; their bytes are valid until the next row.
/// It must be read to its end and finished to get the session back. A reader that is dropped before
/// cancels the statement and closes the session.
public struct CopyReader: ~Copyable, BinaryColumns {
  private var connection: Connection?
  @usableFromInline var decoder: CopyRowDecoder
  private var message: UnsafeMutablePointer<CChar>?
  private let statement: String
  /// The source of the rows; nil for a COPY.
  private let cursor: CursorRows?
  /// Whether the server has begun the COPY, so that the number of columns is known.
  private var isAnswered: Bool
  private var isOver = false

  /// The number of rows read so far.
  public private(set) var rowsRead = 0
  /// The number of bytes received so far, without the protocol's own.
  public private(set) var bytesRead = 0

  init(
    connection: consuming Connection, columns: Int, statement: String, cursor: CursorRows? = nil
  ) {
    self.connection = consume connection
    self.statement = statement
    self.cursor = cursor
    isAnswered = true
    decoder = CopyRowDecoder(columns: columns)
  }

  /// - Parameter connection: has sent a COPY, and has not waited for the server's answer.
  init(unanswered connection: consuming Connection, statement: String) {
    self.connection = consume connection
    self.statement = statement
    cursor = nil
    isAnswered = false
    decoder = CopyRowDecoder(columns: 0)
  }

  deinit {
    if let message { PQfreemem(message) }
    switch connection {
    case .some(let connection):
      // Between two fetches of a cursor, no statement is running that could be cancelled.
      if !isOver, cursor == nil { connection.abandon() }
    case .none: break
    }
  }

  /// 0 before the first ``next()`` of a reader that ``Connection/rowsOut(_:_:name:)`` gave.
  public var columnCount: Int { decoder.columnCount }

  /// Makes the next row the current one.
  ///
  /// - Returns: false after the last row, when the server has confirmed the end.
  /// - Throws: the server's error, also in the middle of the rows; `timedOut`; `protocolViolation`
  ///   if the stream is malformed.
  public mutating func next() throws(PostgresError) -> Bool {
    while true {
      if try decoder.next() {
        rowsRead &+= 1
        return true
      }
      guard try nextMessage() else { return false }
    }
  }

  private mutating func nextMessage() throws(PostgresError) -> Bool {
    if isOver { return false }
    if let cursor { return try nextBatch(cursor) }
    if !isAnswered { try takeAnswer() }
    guard let handle = connection?.handle else { return false }
    if let message {
      PQfreemem(message)
      self.message = nil
    }
    while true {
      let size = PQgetCopyData(handle, &message, 1)
      if size > 0, let message {
        bytesRead &+= Int(size)
        try decoder.load(UnsafeRawBufferPointer(start: message, count: Int(size)))
        return true
      }
      try decoder.load(UnsafeRawBufferPointer(start: nil, count: 0))
      switch size {
      case 0: try connection?.receive(statement)
      case -1:
        try end()
        return false
      default:
        isOver = true
        throw connection?.connectionError(statement)
          ?? PostgresError(.protocolViolation, "no session", statement: statement)
      }
    }
  }

  private mutating func takeAnswer() throws(PostgresError) {
    do throws(PostgresError) {
      guard let columns = try connection?.copyAnswer(statement, PGRES_COPY_OUT) else { return }
      decoder = CopyRowDecoder(columns: columns)
      isAnswered = true
    } catch {
      isOver = true
      throw error
    }
  }

  private mutating func nextBatch(_ cursor: CursorRows) throws(PostgresError) -> Bool {
    try decoder.load(UnsafeRawBufferPointer(start: nil, count: 0))
    do throws(PostgresError) {
      try connection?.fetch(cursor, statement)
    } catch {
      isOver = true
      throw error
    }
    bytesRead &+= cursor.message.count
    isOver = cursor.isOver
    try decoder.load(cursor.message)
    return true
  }

  /// Reads the server's result after the last row.
  private mutating func end() throws(PostgresError) {
    guard let result = try connection?.nextResult(statement) else {
      throw PostgresError(.protocolViolation, "the COPY has no result", statement: statement)
    }
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      isOver = true
      let failure =
        connection?.error(of: result, statement)
        ?? PostgresError(.protocolViolation, "no session", statement: statement)
      throw connection?.drained(failure) ?? failure
    }
    try connection?.drain(statement)
    isOver = true
    guard decoder.isAtEnd else { throw .malformedStream("the trailer is missing") }
  }

  /// Gives the session back.
  ///
  /// - Throws: `protocolViolation` if rows are left. The session is then closed.
  public consuming func finish() throws(PostgresError) -> Connection {
    guard isOver, decoder.isAtEnd, let connection = connection.take() else {
      throw PostgresError(
        .protocolViolation, "the COPY was not read to its end", statement: statement)
    }
    return connection
  }

  /// Makes an object that cancels the statement from any thread.
  public func makeCanceller() -> Canceller {
    connection?.makeCanceller() ?? Canceller(nil)
  }

  /// The current row, with its number of columns and the length of each value. Valid until the next
  /// row.
  public var row: UnsafeRawBufferPointer { decoder.row }

  /// Columns of the current row, each with its length before it. Valid until the next row.
  public func fields(_ columns: Range<Int>) -> UnsafeRawBufferPointer { decoder.fields(columns) }

  @inlinable
  public func isNull(_ column: Int) -> Bool { decoder.isNull(column) }

  @inlinable
  public func bytes(_ column: Int) -> UnsafeRawBufferPointer { decoder.bytes(column) }
}
