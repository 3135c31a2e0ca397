public import Postgres
import RedressSQL
package import ServiceCredits

/// The snapshot that all readers of a command share, over a database that is what the command needs.
///
/// Sessions can share a snapshot of local tables only. Where the source is made of other things, all is read by the
/// session that began.
package struct Snapshot {
  let name: String
  /// The server's time.
  package let present: Instant
  /// What is wrong with the database, and what has to be known of it.
  package let contract: ContractExamination
  private let only: OnlySession?

  /// A value for the session that everything is read by.
  private final class OnlySession {
    let connection: Connection

    init(_ connection: borrowing Connection) { self.connection = connection.shared() }
  }

  /// How long who holds the snapshot waits for a relation. It comes first, and what it waits for is a session of
  /// somebody else.
  private static let firstWaitSeconds = 60
  /// How long the others wait. What they read is read by the first one mostly, which holds a lock on it: whoever is in
  /// the way then waits for that one, and would wait as long as they do.
  package static let furtherWaitSeconds = 5

  /// Begins a transaction on `connection`, which must stay open until every reader has begun, and shares its snapshot.
  ///
  /// - Throws: `ContractError` where the database is not what is needed.
  package init(_ connection: borrowing Connection, needs: ContractNeeds) throws {
    try self.init(examining: connection, needs: needs)
    try contract.enforce()
  }

  /// The same, where the caller looks at what is wrong.
  package init(examining connection: borrowing Connection, needs: ContractNeeds) throws {
    try connection.begin(.reading(), lockTimeoutSeconds: Snapshot.firstWaitSeconds)
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
  /// - Throws: `ReadingError.snapshotEnded` where there is nothing to share any more.
  package func another(_ open: () throws -> Connection) throws -> Connection {
    if let only { return only.connection.shared() }
    let connection = try open()
    try join(connection)
    return connection
  }

  private func join(_ connection: borrowing Connection) throws {
    do throws(PostgresError) {
      try connection.begin(
        .reading(snapshot: name), lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    } catch {
      // "invalid snapshot identifier"; from PostgreSQL 17 on, "does not exist".
      guard error.sqlState == "22023" || error.sqlState == "42704" else { throw error }
      throw ReadingError.snapshotEnded(error)
    }
  }
}

/// Why a reading came to nothing, beside what the server refuses.
public enum ReadingError: Error, Sendable {
  /// The session that holds the snapshot is gone, or is on another server, while further ones begin.
  case snapshotEnded(PostgresError)
  /// The server broke the reading off in favour of another transaction after a part of it was told, so that it could not
  /// begin again.
  case brokenOff(PostgresError)
}
