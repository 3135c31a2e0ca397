import Postgres
import RedressSQL
import ServiceCredits

/// The snapshot that all readers of a run share.
struct Snapshot {
  let name: String
  /// The server's time.
  let present: Instant

  /// Begins a transaction on `connection`, which must stay open until every reader has begun, and shares its snapshot.
  init(_ connection: borrowing Connection) throws {
    try connection.execute(Snapshot.begin)
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
  func joined(by connection: consuming Connection) throws -> Connection {
    try connection.execute("\(Snapshot.begin); SET TRANSACTION SNAPSHOT '\(name)'")
    return connection
  }

  /// Sorting and hashing may take this much before they spill; compiling queries that run once does not pay.
  private static let begin = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL jit = off; SET LOCAL work_mem = '64MB'
    """
}
