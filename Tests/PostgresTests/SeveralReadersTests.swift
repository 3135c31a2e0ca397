import Postgres
import TestSupport
import Testing

@Suite("Several readers")
struct SeveralReadersTests {
  /// One that waits for the server here would wait for the lock, and fail after the lock timeout.
  @Test("are begun before one of them is waited for")
  func areBegunTogether() throws {
    let database = try TestDatabase()
    let owner = try database.connect()
    try owner.execute("CREATE TABLE t AS SELECT 1 AS n")
    try owner.execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")

    let session = try database.connect()
    try session.execute("SET lock_timeout = '20s'")
    var waiting = try session.rowsOut("SELECT n FROM t", name: "t")
    var other = try database.connect().rowsOut("SELECT 2")
    #expect(try other.next())
    #expect(waiting.columnCount == 0, "the server has answered before the lock was free")
    try owner.execute("COMMIT")

    #expect(try waiting.next())
    #expect(waiting.columnCount == 1)
    #expect(try waiting.int32(0) == 1)
    #expect(try !waiting.next())
    let same = try waiting.finish()
    #expect(try same.textRows("SELECT 3") == [["3"]])
  }

  @Test("throw what the server refuses when they are read, and end then")
  func refused() throws {
    let database = try TestDatabase()
    var reader = try database.connect().rowsOut("SELECT missing")
    let error = #expect(throws: PostgresError.self) { try reader.next() }
    #expect(error?.sqlState == "42703")
    #expect(try !reader.next())
  }

  /// The server ends the statement instead of writing to nobody.
  @Test("may be dropped before they are read")
  func dropped() throws {
    let database = try TestDatabase()
    let owner = try database.connect()
    do {
      let session = try database.connect()
      try session.execute("SET application_name = 'dropped'")
      _ = try session.rowsOut("SELECT pg_sleep(60)")
    }
    let running = """
      SELECT count(*) FROM pg_stat_activity
      WHERE application_name = 'dropped' AND state = 'active'
      """
    for _ in 0..<500 where try owner.textRows(running) != [["0"]] {
      try owner.execute("SELECT pg_sleep(0.02)")
    }
    #expect(try owner.textRows(running) == [["0"]])
  }
}
