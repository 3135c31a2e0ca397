import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// The snapshot that all readers of a command share, over a database that is what the command needs.
///
/// Sessions can share a snapshot of local tables only. Where the source is made of other things, all is read by the
/// session that began.
struct Snapshot {
  let name: String
  /// The server's time.
  let present: Instant
  /// What is wrong with the database, and what has to be known of it.
  let contract: ContractExamination
  private let only: OnlySession?

  /// A value for the session that everything is read by.
  private final class OnlySession {
    let connection: Connection

    init(_ connection: borrowing Connection) { self.connection = connection.shared() }
  }

  /// Begins a transaction on `connection`, which must stay open until every reader has begun, and shares its snapshot.
  ///
  /// - Throws: `ContractError` where the database is not what is needed.
  init(_ connection: borrowing Connection, needs: ContractNeeds) throws {
    try self.init(examining: connection, needs: needs)
    try contract.enforce()
  }

  /// The same, where the caller looks at what is wrong.
  init(examining connection: borrowing Connection, needs: ContractNeeds) throws {
    try connection.execute(Snapshot.begin)
    var name = ""
    var present = Instant.distantPast
    try connection.query(RedressSQL.Query.exportSnapshot.text) { row in
      name = try row.string(0)
      present = Instant(microseconds: try row.timestamp(1))
    }
    self.name = name
    self.present = present
    contract = try ContractExamination(connection, needs: needs)
    only = contract.needsOneSession ? OnlySession(connection) : nil
    // Every row of a cursor is wanted, not the first ones soon.
    if only != nil { try connection.execute("SET LOCAL cursor_tuple_fraction = 1") }
  }

  /// A further connection that sees what the first one sees.
  ///
  /// - Parameter open: not called where one session reads everything.
  func another(_ open: () throws -> Connection) throws -> Connection {
    if let only { return only.connection.shared() }
    let connection = try open()
    try connection.execute("\(Snapshot.begin); SET TRANSACTION SNAPSHOT '\(name)'")
    return connection
  }

  /// Sorting and hashing may take this much before they spill; compiling queries that run once does not pay.
  private static let begin = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL jit = off; SET LOCAL work_mem = '64MB'
    """
}
