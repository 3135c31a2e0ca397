public import Postgres
import RedressSQL
import ServiceCredits

/// The snapshot that all readers of a run share.
struct Snapshot {
  let name: String
  /// The server's time.
  let present: Instant

  /// How long who holds the snapshot waits for a relation. It comes first, and what it waits for is a session of
  /// somebody else.
  private static let firstWaitSeconds = 60
  /// How long the others wait. What they read is read by the first one mostly, which holds a lock on it: whoever is in
  /// the way then waits for that one, and would wait as long as they do.
  static let furtherWaitSeconds = 5

  /// Begins a transaction on `connection`, which must stay open until every reader has begun, and shares its snapshot.
  init(_ connection: borrowing Connection) throws {
    try connection.begin(.reading(), lockTimeoutSeconds: Snapshot.firstWaitSeconds)
    var name = ""
    var present = Instant.distantPast
    try connection.query(RedressSQL.Query.exportSnapshot.text) { row in
      name = try row.string(0)
      present = Instant(microseconds: try row.timestamp(1))
    }
    self.name = name
    self.present = present
  }

  /// Lets a further connection see what the first one sees, and gives it back.
  /// - Throws: `ReadingError.snapshotEnded` where there is nothing to share any more.
  func joined(by connection: consuming Connection) throws -> Connection {
    do throws(PostgresError) {
      try connection.begin(
        .reading(snapshot: name), lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    } catch {
      // "invalid snapshot identifier"; from PostgreSQL 17 on, "does not exist".
      guard error.sqlState == "22023" || error.sqlState == "42704" else { throw error }
      throw ReadingError.snapshotEnded(error)
    }
    return connection
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
