import Postgres
import TestSupport
import Testing

@Suite("Shared sessions")
struct SharedSessionTests {
  private static let sql = """
    SELECT n, CASE WHEN n % 3 > 0 THEN repeat('ä', n % 7) END AS text, n * 0.25 AS amount,
      '1970-01-01 00:00Z'::timestamptz + n * interval '1 second' AS at
    FROM generate_series(1, COUNT) AS n
    ORDER BY n
    """

  private struct Line: Equatable {
    let number: Int32
    let text: String?
    let amount: NumericValue
    let at: Int64

    init(_ row: borrowing CopyReader) throws {
      number = try row.int32(0)
      text = row.isNull(1) ? nil : try row.string(1)
      amount = try row.numericMicros(2)
      at = try row.timestamp(3)
    }
  }

  /// Counts of rows: none, fewer than one fetch, exactly one fetch, one more, and several fetches.
  @Test("a cursor gives what COPY gives", arguments: [0, 1, 999, 1_000, 1_001, 2_000, 2_500])
  func sameRows(count: Int) throws {
    let database = try TestDatabase()
    let sql = Self.sql.replacing("COUNT", with: "\(count)")
    var copied: [Line] = []
    var copy = try database.connect().rowsOut(sql)
    while try copy.next() { copied.append(try Line(copy)) }
    #expect(copied.count == count)

    let connection = try database.connect()
    try connection.execute("BEGIN")
    var fetched: [Line] = []
    var reader = try connection.shared().rowsOut(sql)
    #expect(reader.columnCount == 4)
    while try reader.next() { fetched.append(try Line(reader)) }
    #expect(fetched == copied)
    #expect(try reader.next() == false)
    #expect(reader.rowsRead == count)
    let same = try reader.finish()
    #expect(try same.textRows("SELECT count(*) FROM pg_cursors") == [["0"]])
  }

  @Test("several results are read in turn, beside other statements")
  func inTurn() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    let process = try connection.textRows("SELECT pg_backend_pid()")
    var left = try connection.shared().rowsOut("SELECT generate_series(1, 3000)")
    var right = try connection.shared().rowsOut("SELECT generate_series(3001, 6000)")
    for number in Int32(1)...3_000 {
      #expect(try left.next())
      #expect(try right.next())
      guard try left.int32(0) == number, try right.int32(0) == number + 3_000 else {
        Issue.record("row \(number) is another one")
        return
      }
      if number % 700 == 0 {
        #expect(try connection.textRows("SELECT pg_backend_pid()") == process)
      }
    }
    #expect(try !left.next() && !right.next())
  }

  @Test("the session is closed with the last of its values")
  func closing() throws {
    let database = try TestDatabase()
    let watcher = try database.connect()
    func sessions() throws -> [[String?]] {
      try watcher.textRows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%marked%'"
      )
    }
    func use() throws {
      let connection = try database.connect()
      try connection.execute("BEGIN; SELECT 'marked'")
      func again() throws {
        let other = connection.shared()
        #expect(connection.isShared && other.isShared)
        // After a reader is dropped before its end, the others can use the session.
        var reader = try other.rowsOut("SELECT generate_series(1, 5000)")
        #expect(try reader.next())
      }
      try again()
      #expect(try !connection.isShared && connection.textRows("SELECT 1") == [["1"]])
    }
    try use()
    for _ in 0..<200 {
      if try sessions() == [["1"]] { break }
      try watcher.execute("SELECT pg_sleep(0.05)")
    }
    // The only match is this query itself.
    #expect(try sessions() == [["1"]])
  }

  @Test("what the server says in the middle of the rows")
  func failure() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute("BEGIN")
    var reader = try connection.shared().rowsOut(
      "SELECT 1 / (1500 - n) FROM generate_series(1, 3000) AS n", name: "division")
    var rows = 0
    do throws(PostgresError) {
      while try reader.next() { rows += 1 }
      Issue.record("the division by zero went by")
    } catch {
      #expect(error.sqlState == "22012")
      #expect(error.statement == "division")
    }
    #expect(rows == 1_000)
  }

  // MARK: Savepoints

  @Test("a statement that may fail leaves the transaction as it was")
  func savepoint() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    // Savepoints are an error outside of a transaction.
    #expect(throws: PostgresError.self) {
      try connection.savepoint { try connection.execute("SELECT 1 / 0") }
    }
    try connection.execute(
      "CREATE TABLE public.t (n integer); BEGIN; INSERT INTO public.t VALUES (1)")
    #expect(throws: PostgresError.self) {
      try connection.savepoint {
        try connection.execute("INSERT INTO public.t VALUES (2)")
        try connection.execute("SELECT 1 / 0")
      }
    }
    #expect(connection.transactionStatus == .inTransaction)
    let value = try connection.savepoint {
      try connection.execute("INSERT INTO public.t VALUES (3)")
      return 7
    }
    #expect(value == 7)
    try connection.execute("COMMIT")
    #expect(try connection.textRows("SELECT n FROM public.t ORDER BY n") == [["1"], ["3"]])
  }
}
