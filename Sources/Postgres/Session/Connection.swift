import CLibPQ
import Glibc

/// A message of the server that is not an error.
public struct Notice: Sendable {
  public let severity: String
  public let sqlState: String
  public let message: String
}

/// One session on a PostgreSQL server, used by one thread at a time.
///
/// It cannot be copied, and is closed at the end of its scope unless it is ``shared()``. Parallel
/// work needs a session for each thread. During a COPY, the session belongs to the ``CopyReader``
/// or ``CopyWriter``. Its `finish()` gives the session back.
///
/// The encoding is always UTF-8. Nothing else is set for the session, because a pooler gives the
/// session to others afterwards. ``begin(_:lockTimeoutSeconds:)`` sets what statements need in each
/// transaction.
public struct Connection: ~Copyable {
  /// The state of a session besides libpq's own. Behind a pointer, because libpq's callback needs
  /// one.
  struct Session {
    var notices: [Notice] = []
    var ioTimeoutSeconds: Int
    var isBroken = false
    var recall: Recall?
    /// How many values use the session. It is closed with the last of them.
    var owners = 1
    /// How many cursors were declared. Makes their names unique.
    var cursors = 0
  }

  let handle: OpaquePointer
  let session: UnsafeMutablePointer<Session>

  /// Connects and prepares the session.
  ///
  /// An attempt takes at most 10 seconds for each host unless `connect_timeout` says otherwise. On
  /// TCP, keepalives and `tcp_user_timeout` are set to notice a dead server within a minute, unless
  /// the operator set them.
  public init(_ target: ConnectionTarget) throws(PostgresError) {
    self = try Self.prepared(target)
  }

  private static func prepared(_ target: ConnectionTarget) throws(PostgresError) -> Connection {
    let connection = Connection(
      handle: try connect(target), ioTimeoutSeconds: target.ioTimeoutSeconds)
    // Waits use `poll` in this module, so that a stalled server cannot block the program forever.
    guard PQsetnonblocking(connection.handle, 1) == 0 else {
      throw PostgresError(.connection, "the socket cannot be made non-blocking")
    }
    return connection
  }

  private init(handle: OpaquePointer, ioTimeoutSeconds: Int) {
    self.handle = handle
    session = .allocate(capacity: 1)
    session.initialize(to: Session(ioTimeoutSeconds: ioTimeoutSeconds))
    _ = PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context, let result else { return }
        let field = { (code: Int8) in
          PQresultErrorField(result, Int32(code)).map { String(cString: $0) } ?? ""
        }
        context.assumingMemoryBound(to: Session.self).pointee.notices.append(
          Notice(
            severity: field(FieldCode.severity), sqlState: field(FieldCode.sqlState),
            message: field(FieldCode.message)))
      }, session)
  }

  /// Another value for the same session, to be used by the same thread.
  init(sharing other: borrowing Connection) {
    handle = other.handle
    session = other.session
    session.pointee.owners += 1
  }

  deinit {
    session.pointee.owners -= 1
    if session.pointee.owners == 0 {
      PQfinish(handle)
      session.deinitialize(count: 1)
      session.deallocate()
    }
  }

  // MARK: Facts

  /// For example 150018 for 15.18.
  public var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// A parameter that the server reported, for example `server_encoding`.
  public func parameterStatus(_ name: String) -> String? {
    PQparameterStatus(handle, name).map { String(cString: $0) }
  }

  /// The names of the database and of the role.
  public var database: String { PQdb(handle).map { String(cString: $0) } ?? "" }
  public var user: String { PQuser(handle).map { String(cString: $0) } ?? "" }

  /// The host as it was given, or the folder of the socket.
  public var host: String { PQhost(handle).map { String(cString: $0) } ?? "" }

  /// Whether the connection is encrypted, by TLS or GSSAPI.
  public var isEncrypted: Bool { PQsslInUse(handle) != 0 || PQgssEncInUse(handle) != 0 }

  public enum TransactionStatus: Sendable {
    case idle, active, inTransaction, inFailedTransaction, unknown
  }

  public var transactionStatus: TransactionStatus {
    switch PQtransactionStatus(handle) {
    case PQTRANS_IDLE: .idle
    case PQTRANS_ACTIVE: .active
    case PQTRANS_INTRANS: .inTransaction
    case PQTRANS_INERROR: .inFailedTransaction
    default: .unknown
    }
  }

  /// Whether the session can still be used. False after a time-out or a lost connection.
  public var isUsable: Bool { !session.pointee.isBroken && PQstatus(handle) == CONNECTION_OK }

  /// See ``ConnectionTarget/ioTimeoutSeconds``.
  public var ioTimeoutSeconds: Int {
    get { session.pointee.ioTimeoutSeconds }
    nonmutating set { session.pointee.ioTimeoutSeconds = newValue }
  }

  /// The notices since the last call.
  public func takeNotices() -> [Notice] {
    defer { session.pointee.notices = [] }
    return session.pointee.notices
  }

  // MARK: Statements

  /// Runs one or more statements and discards their rows. Several are one transaction, unless they
  /// say otherwise.
  public func execute(_ sql: String, name: String? = nil) throws(PostgresError) {
    try send(name ?? shortName(sql)) { PQsendQuery(handle, sql) }
    while let result = try nextResult(name ?? shortName(sql)) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
        continue
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        session.pointee.isBroken = true
        throw PostgresError(
          .protocolViolation, "a COPY needs copyIn or copyOut", statement: name ?? shortName(sql))
      default:
        throw drained(error(of: result, name ?? shortName(sql)))
      }
    }
  }

  /// Runs one statement with parameters and calls `row` with each row of its result. The row and
  /// its bytes are valid only during the call.
  ///
  /// The whole result is in memory. For large results use ``copyOut(_:name:)``.
  /// - Returns: the number of rows returned, or of rows affected if the statement returns none.
  @discardableResult
  public func query(
    _ sql: String, _ parameters: [Parameter] = [], name: String? = nil,
    row: (borrowing Row) throws -> Void = { _ in }
  ) throws -> Int {
    let statement = name ?? shortName(sql)
    let result = try result(sql, parameters, statement)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_TUPLES_OK else {
      return Int(String(cString: PQcmdTuples(result))) ?? 0
    }
    let count = PQntuples(result)
    for index in 0..<count {
      try row(Row(result: result, row: index))
    }
    return Int(count)
  }

  /// Runs one or more statements and returns the rows of the last one as text, nil for null.
  ///
  /// For small results that people read. The types of the columns are not returned.
  public func textRows(_ sql: String, name: String? = nil) throws(PostgresError) -> [[String?]] {
    let statement = name ?? shortName(sql)
    try send(statement) { PQsendQuery(handle, sql) }
    var rows: [[String?]] = []
    while let result = try nextResult(statement) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK:
        rows = (0..<PQntuples(result)).map { row in
          (0..<PQnfields(result)).map { column in
            PQgetisnull(result, row, column) != 0
              ? nil : PQgetvalue(result, row, column).map { String(cString: $0) }
          }
        }
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        rows = []
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        session.pointee.isBroken = true
        throw PostgresError(
          .protocolViolation, "a COPY needs copyIn or copyOut", statement: statement)
      default:
        throw drained(error(of: result, statement))
      }
    }
    return rows
  }

  /// The rows of one statement in binary format. The caller must clear the result.
  func result(
    _ sql: String, _ parameters: [Parameter], _ statement: String
  ) throws(PostgresError) -> OpaquePointer {
    let encoded = EncodedParameters(parameters)
    try send(statement) {
      encoded.withPointers { types, values, lengths, formats in
        PQsendQueryParams(
          handle, sql, Int32(parameters.count), types, values, lengths, formats, 1)
      }
    }
    guard let result = try nextResult(statement) else {
      throw PostgresError(.protocolViolation, "no result", statement: statement)
    }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
      break
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      PQclear(result)
      session.pointee.isBroken = true
      throw PostgresError(
        .protocolViolation, "a COPY needs copyIn or copyOut", statement: statement)
    default:
      defer { PQclear(result) }
      throw drained(error(of: result, statement))
    }
    do throws(PostgresError) {
      try drain(statement)
    } catch {
      PQclear(result)
      throw error
    }
    return result
  }

  // MARK: Cancelling

  /// Makes an object that cancels this session's running statement from any thread.
  public func makeCanceller() -> Canceller {
    Canceller(PQgetCancel(handle))
  }

  /// Asks the server to cancel the statement, if the session can still be used.
  func abandon() {
    guard isUsable else { return }
    makeCanceller().cancel(timeoutSeconds: 2)
  }

  /// Lets `recall` end every wait of this session from another thread.
  public func heed(_ recall: Recall) {
    session.pointee.recall = recall
  }

  // MARK: Sending and receiving

  func send(_ statement: String, _ body: () -> Int32) throws(PostgresError) {
    guard !session.pointee.isBroken else {
      throw PostgresError(
        .connection, "the session was given up after an earlier error", statement: statement)
    }
    guard body() == 1 else { throw connectionError(statement) }
    try flush(statement)
  }

  /// Sends all that libpq has buffered.
  func flush(_ statement: String) throws(PostgresError) {
    while true {
      let state = PQflush(handle)
      if state == 0 { return }
      if state < 0 { throw connectionError(statement) }
      // A server that is waiting to send may not read before its data is taken.
      let ready = try wait(Int32(POLLIN | POLLOUT), statement)
      if ready & Int32(POLLIN) != 0, PQconsumeInput(handle) == 0 {
        throw connectionError(statement)
      }
    }
  }

  /// The next result of the statement; nil after the last one. The caller must clear it.
  func nextResult(_ statement: String) throws(PostgresError) -> OpaquePointer? {
    try flush(statement)
    while PQisBusy(handle) == 1 {
      try receive(statement)
    }
    return PQgetResult(handle)
  }

  /// Waits for more bytes.
  func receive(_ statement: String) throws(PostgresError) {
    _ = try wait(Int32(POLLIN), statement)
    guard PQconsumeInput(handle) == 1 else { throw connectionError(statement) }
  }

  private func wait(_ events: Int32, _ statement: String) throws(PostgresError) -> Int32 {
    let seconds = session.pointee.ioTimeoutSeconds
    let deadline = Deadline(seconds: seconds)
    while true {
      if let recall = session.pointee.recall, recall.isSent {
        // Otherwise a statement that waits for a lock would keep its own locks for as long.
        abandon()
        session.pointee.isBroken = true
        throw PostgresError(.cancelled, "the session was called back", statement: statement)
      }
      let next =
        session.pointee.recall == nil
        ? deadline : deadline.orSooner(milliseconds: Recall.noticedWithinMilliseconds)
      let ready = Postgres.wait(PQsocket(handle), events: events, until: next)
      if ready != 0 { return ready }
      if deadline.hasPassed {
        session.pointee.isBroken = true
        throw PostgresError(
          .timedOut, "the server was silent for \(seconds) seconds", statement: statement)
      }
    }
  }

  /// Reads the remaining results of a statement.
  func drain(_ statement: String) throws(PostgresError) {
    while let result = try nextResult(statement) {
      let state = PQresultStatus(result)
      PQclear(result)
      if state == PGRES_COPY_IN || state == PGRES_COPY_OUT {
        session.pointee.isBroken = true
        throw PostgresError(.protocolViolation, "an unexpected COPY", statement: statement)
      }
    }
  }

  /// Returns `failure` after reading the remaining results of its statement. Later errors are less
  /// important and are ignored.
  func drained(_ failure: PostgresError) -> PostgresError {
    if isUsable {
      do throws(PostgresError) { try drain(failure.statement ?? "") } catch { markBroken() }
    }
    return failure
  }

  // MARK: Errors

  func error(of result: OpaquePointer, _ statement: String?) -> PostgresError {
    let field = { (code: Int8) in
      PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
    }
    let sqlState = field(FieldCode.sqlState)
    let severity = field(FieldCode.severity)
    // After FATAL the server closes the connection, even if libpq has not noticed yet.
    let isLost = PQstatus(handle) != CONNECTION_OK || severity == "FATAL" || severity == "PANIC"
    if isLost { session.pointee.isBroken = true }
    let message =
      field(FieldCode.message)
      ?? oneLine(String(cString: PQresultErrorMessage(result)))
    var fields = PostgresError.Fields(
      isLost ? .connection : sqlState == "57014" ? .cancelled : .server, message,
      statement: statement)
    fields.sqlState = sqlState
    fields.severity = severity
    fields.detail = field(FieldCode.detail)
    fields.hint = field(FieldCode.hint)
    fields.position = field(FieldCode.position).flatMap { Int($0) }
    fields.context = field(FieldCode.context)
    fields.schema = field(FieldCode.schema)
    fields.table = field(FieldCode.table)
    fields.column = field(FieldCode.column)
    fields.dataType = field(FieldCode.dataType)
    fields.constraint = field(FieldCode.constraint)
    return PostgresError(fields)
  }

  /// Why libpq could not send or receive. A server that ends a session first sends the reason, so
  /// that is read first.
  func connectionError(_ statement: String?) -> PostgresError {
    let fallback = oneLine(String(cString: PQerrorMessage(handle)))
    session.pointee.isBroken = true
    // After a failed write, the server's last message may still be in the socket. libpq reads it
    // only if it is not sending a COPY.
    _ = PQputCopyEnd(handle, "the connection is lost")
    _ = PQconsumeInput(handle)
    for _ in 0..<4 {
      guard PQisBusy(handle) == 0, let result = PQgetResult(handle) else { break }
      defer { PQclear(result) }
      let known = error(of: result, statement)
      if known.sqlState != nil { return known }
    }
    return PostgresError(
      .connection, fallback.isEmpty ? "the connection is lost" : fallback, statement: statement)
  }

  /// Marks the session as unusable, whatever libpq's state is.
  func markBroken() {
    session.pointee.isBroken = true
  }
}

/// The letters of the fields of an error (protocol, "Error and Notice Message Fields"). libpq has
/// them as macros.
enum FieldCode {
  /// The severity that is never translated.
  static let severity = Int8(UInt8(ascii: "V"))
  static let sqlState = Int8(UInt8(ascii: "C"))
  static let message = Int8(UInt8(ascii: "M"))
  static let detail = Int8(UInt8(ascii: "D"))
  static let hint = Int8(UInt8(ascii: "H"))
  static let position = Int8(UInt8(ascii: "P"))
  static let context = Int8(UInt8(ascii: "W"))
  static let schema = Int8(UInt8(ascii: "s"))
  static let table = Int8(UInt8(ascii: "t"))
  static let column = Int8(UInt8(ascii: "c"))
  static let dataType = Int8(UInt8(ascii: "d"))
  static let constraint = Int8(UInt8(ascii: "n"))
}

/// The first three words of a statement, without comments: they identify the statement and stop
/// before its values.
func shortName(_ sql: String) -> String {
  var words: [String] = []
  for line in sql.split(whereSeparator: \.isNewline) {
    if line.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("--") { continue }
    for word in line.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      let end = word.firstIndex { "('\"$;,".contains($0) } ?? word.endIndex
      words.append(String(word[..<end].prefix(60)))
      if words.count == 3 || end != word.endIndex {
        return words.filter { !$0.isEmpty }.joined(separator: " ")
      }
    }
  }
  return words.joined(separator: " ")
}

/// Joins the lines of a message of libpq.
func oneLine(_ message: String) -> String {
  message.split(whereSeparator: \.isNewline).joined(separator: "; ")
}
