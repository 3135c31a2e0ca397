public import Postgres
import RedressSQL
package import ServiceCredits

/// The snapshot that all sessions of a command share, and the examination of the database in it.
///
/// Sessions can share a snapshot of local tables only. If the source contains anything else, or if the
/// first session has a snapshot of every node of a distributed database, the first session reads
/// everything.
package struct Snapshot {
  let name: String
  /// The server's time.
  package let present: Instant
  /// Whether it shows the nodes of a distributed database as of one moment.
  package let moment: NodeMoment
  /// What is wrong with the database, and what the reader has to know about it.
  package let contract: ContractExamination
  private let only: OnlySession?

  /// Whether one session reads everything, so that there is nothing to divide.
  package var readsInOneSession: Bool { only != nil }

  /// Holds the session that reads everything.
  private final class OnlySession {
    let connection: Connection

    init(_ connection: borrowing Connection) { self.connection = connection.shared() }
  }

  /// Lock timeout of the first session. It can only wait for sessions of other programs.
  private static let firstWaitSeconds = 60
  /// Lock timeout of the further sessions. The first session mostly holds a lock on what they read.
  /// If another program waits for an exclusive lock there, it waits for the first session, and the
  /// further sessions wait behind it. Only their timeout ends this.
  package static let furtherWaitSeconds = 5

  /// Begins a transaction on `connection` and shares its snapshot. The connection must stay open
  /// until every reader has begun.
  ///
  /// - Parameter nodes: how the other nodes of a distributed database are reached.
  /// - Throws: `ContractError` if the database does not meet `needs`.
  package init(
    _ connection: borrowing Connection, needs: ContractNeeds, nodes: NodeAccess
  ) throws {
    try self.init(examining: connection, needs: needs, nodes: nodes)
    try contract.enforce()
  }

  /// The same, without an error for violations; the caller reads `contract`.
  package init(
    examining connection: borrowing Connection, needs: ContractNeeds, nodes: NodeAccess
  ) throws {
    try connection.begin(.reading(), lockTimeoutSeconds: Snapshot.firstWaitSeconds)
    var exported = try Snapshot.export(connection)
    var moment = NodeMoment.oneServer
    if exported.isDistributed {
      moment = try CommitHold.begin(
        connection, needs: needs, nodes, lockTimeoutSeconds: Snapshot.firstWaitSeconds)
      exported = try Snapshot.export(connection)
    }
    (name, present) = (exported.name, exported.present)
    self.moment = moment
    contract = try ContractExamination(connection, needs: needs)
    only =
      contract.needsOneSession || moment.needsOneSession ? OnlySession(connection) : nil
    // All rows of a cursor are read, so the total time matters, not the time to the first row.
    if only != nil { try connection.execute("SET LOCAL cursor_tuple_fraction = 1") }
  }

  private static func export(
    _ connection: borrowing Connection
  ) throws -> (name: String, present: Instant, isDistributed: Bool) {
    var exported = (name: "", present: Instant.distantPast, isDistributed: false)
    try connection.query(RedressSQL.Query.exportSnapshot.text) { row in
      exported = (
        try row.string(0), Instant(microseconds: try row.timestamp(1)), try row.bool(2)
      )
    }
    return exported
  }

  /// A further connection on the same snapshot.
  ///
  /// - Parameter open: not called if one session reads everything.
  /// - Throws: `ReadingError.snapshotEnded` if the snapshot no longer exists.
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

/// Why reading failed, other than an error of the server.
public enum ReadingError: Error, Sendable {
  /// While further sessions began, the session that holds the snapshot was closed, or they are on
  /// another server.
  case snapshotEnded(PostgresError)
  /// The server cancelled reading in favour of another transaction. A part was already reported, so
  /// it could not be repeated.
  case brokenOff(PostgresError)
}
