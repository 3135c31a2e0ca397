/// An error of a PostgreSQL server or of the connection to it, with every field that the server
/// sent.
///
/// The value is one reference wide, so that a function that can throw it stays fast. It never
/// contains a password: see ``ConnectionTarget``.
public struct PostgresError: Error, Sendable {
  public enum Kind: Hashable, Sendable {
    /// No connection could be made, or it was lost. ``PostgresError/sqlState`` says why, if the
    /// server sent it.
    case connection
    /// The connection string cannot be read.
    case connectionString
    /// The server asked for a password in clear text on an unencrypted network connection.
    case insecureAuthentication
    /// The server refused a statement; ``PostgresError/sqlState`` says why. The connection still
    /// works.
    case server
    /// The statement was cancelled (SQLSTATE 57014).
    case cancelled
    /// The server or the network was silent for longer than allowed.
    case timedOut
    /// The server violated the protocol, or the caller used a connection in the wrong state.
    case protocolViolation
    /// A value does not have the type that was asked for.
    case decoding
  }

  struct Fields: Sendable {
    var kind: Kind
    var message: String
    var sqlState: String?
    var severity: String?
    var detail: String?
    var hint: String?
    var position: Int?
    var context: String?
    var schema: String?
    var table: String?
    var column: String?
    var dataType: String?
    var constraint: String?
    var statement: String?

    init(_ kind: Kind, _ message: String, statement: String? = nil) {
      self.kind = kind
      self.message = message
      self.statement = statement
    }
  }

  private final class Storage: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  private let storage: Storage

  init(_ fields: Fields) {
    storage = Storage(fields)
  }

  init(_ kind: Kind, _ message: String, statement: String? = nil) {
    storage = Storage(Fields(kind, message, statement: statement))
  }

  public var kind: Kind { storage.fields.kind }
  /// The primary message, without severity and without a newline at its end.
  public var message: String { storage.fields.message }
  /// Five characters, for example `23505`; nil if the error is not from a server.
  public var sqlState: String? { storage.fields.sqlState }
  /// `ERROR`, `FATAL` or `PANIC`, never translated.
  public var severity: String? { storage.fields.severity }
  public var detail: String? { storage.fields.detail }
  public var hint: String? { storage.fields.hint }
  /// The position in the statement, in characters from 1.
  public var position: Int? { storage.fields.position }
  /// What the server was doing, for example the line and column of a COPY.
  public var context: String? { storage.fields.context }
  public var schema: String? { storage.fields.schema }
  public var table: String? { storage.fields.table }
  public var column: String? { storage.fields.column }
  public var dataType: String? { storage.fields.dataType }
  public var constraint: String? { storage.fields.constraint }
  /// The short name of the statement: the name that was given, or the first words of its text.
  public var statement: String? { storage.fields.statement }

  /// Whether the transaction can be tried again from its start: after a serialization failure, a
  /// deadlock or a lock that was not available. The server has rolled back, so nothing is done
  /// twice.
  ///
  /// Not after a lost connection: if COMMIT was sent, only the server knows whether it succeeded.
  /// The exception is a connection that a standby ended because of its recovery (SQLSTATE 40001):
  /// nothing is committed there.
  public var isRetrySafe: Bool {
    switch (kind, sqlState) {
    case (.server, "40001"), (.server, "40P01"), (.server, "55P03"), (.connection, "40001"): true
    default: false
    }
  }
}

extension PostgresError: CustomStringConvertible {
  /// One line for logs and tests. Texts for people are made elsewhere.
  public var description: String {
    var text = "\(severity ?? "\(kind)"): \(message)"
    if let sqlState { text += " (SQLSTATE \(sqlState))" }
    if let statement { text += " [\(statement)]" }
    if let detail { text += " DETAIL: \(detail)" }
    if let hint { text += " HINT: \(hint)" }
    if let context { text += " CONTEXT: \(context)" }
    return text
  }
}

extension PostgresError {
  /// Not inlined, so that the inlined readers of columns stay small.
  @usableFromInline @inline(never)
  static func wrongWidth(column: Int, expected: Int, found: Int, isNull: Bool) -> PostgresError {
    PostgresError(
      .decoding,
      isNull
        ? "column \(column) is null where a value of \(expected) bytes was expected"
        : "column \(column) has \(found) bytes where \(expected) were expected")
  }

  @usableFromInline @inline(never)
  static func malformed(_ what: String, column: Int) -> PostgresError {
    PostgresError(.decoding, "column \(column): \(what)")
  }

  @usableFromInline @inline(never)
  static func malformedStream(_ what: String) -> PostgresError {
    PostgresError(.protocolViolation, "malformed COPY data: \(what)")
  }
}
