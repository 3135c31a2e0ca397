import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite("Errors")
struct ErrorTests {
  @Test("every field of the server's error is kept")
  func fields() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute(
      "CREATE TABLE public.t (a int4 CONSTRAINT t_pk PRIMARY KEY, b text NOT NULL)")
    try connection.execute("INSERT INTO public.t VALUES (1, 'x')")
    let duplicate = #expect(throws: PostgresError.self) {
      try connection.query(
        "INSERT INTO public.t VALUES ($1, $2)", [.int32(1), .text("y")], name: "insert t")
    }
    #expect(duplicate?.kind == .server)
    #expect(duplicate?.severity == "ERROR")
    #expect(duplicate?.sqlState == "23505")
    #expect(duplicate?.message == "duplicate key value violates unique constraint \"t_pk\"")
    #expect(duplicate?.detail == "Key (a)=(1) already exists.")
    #expect(duplicate?.schema == "public")
    #expect(duplicate?.table == "t")
    #expect(duplicate?.constraint == "t_pk")
    #expect(duplicate?.statement == "insert t")
    #expect(duplicate?.isRetrySafe == false)

    let null = #expect(throws: PostgresError.self) {
      try connection.execute("INSERT INTO public.t VALUES (2, NULL)")
    }
    #expect(null?.column == "b")
    #expect(null?.statement == "INSERT INTO public.t")

    let syntax = #expect(throws: PostgresError.self) { try connection.execute("SELECT foo") }
    #expect(syntax?.position == 8)
    #expect(syntax?.sqlState == "42703")

    let raised = #expect(throws: PostgresError.self) {
      try connection.execute(
        "DO $$ BEGIN RAISE EXCEPTION 'm' USING DETAIL = 'd', HINT = 'h'; END $$")
    }
    #expect(raised?.message == "m")
    #expect(raised?.detail == "d")
    #expect(raised?.hint == "h")
    #expect(raised?.context?.contains("PL/pgSQL function") == true)
    // The session can still be used.
    #expect(try connection.textRows("SELECT 1") == [["1"]])
  }

  @Test("names of statements hold no values")
  func names() throws {
    let connection = try Connection(TestServer.administrator)
    for (sql, name) in [
      ("SELEC 'secret'", "SELEC"), ("SELEC set('secret')", "SELEC set"),
      ("-- a comment\nSELEC a b c d", "SELEC a b"),
      ("ALTER ROLE x PASSWRD 'secret'", "ALTER ROLE x"),
    ] {
      let error = #expect(throws: PostgresError.self) { try connection.execute(sql) }
      #expect(error?.statement == name)
    }
  }

  @Test("a lock that is not available is safe to retry")
  func lockNotAvailable() throws {
    let database = try TestDatabase()
    let first = try database.connect()
    let second = try database.connect()
    try first.execute("CREATE TABLE public.t (a int4)")
    try first.execute("BEGIN; LOCK TABLE public.t")
    let error = #expect(throws: PostgresError.self) {
      try second.execute("BEGIN; LOCK TABLE public.t NOWAIT")
    }
    #expect(error?.sqlState == "55P03")
    #expect(error?.isRetrySafe == true)
  }

  @Test("a serialization failure is safe to retry")
  func serialization() throws {
    let database = try TestDatabase()
    let first = try database.connect()
    let second = try database.connect()
    try first.execute("CREATE TABLE public.t (a int4); INSERT INTO public.t VALUES (1)")
    for connection in 0..<2 {
      let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT a FROM public.t"
      if connection == 0 { try first.execute(sql) } else { try second.execute(sql) }
    }
    try first.execute("UPDATE public.t SET a = 2; COMMIT")
    let error = #expect(throws: PostgresError.self) {
      try second.execute("UPDATE public.t SET a = 3")
    }
    #expect(error?.sqlState == "40001")
    #expect(error?.isRetrySafe == true)
  }

  @Test("a deadlock is safe to retry")
  func deadlock() throws {
    let database = try TestDatabase()
    let first = try database.connect()
    try first.execute("CREATE TABLE public.a (); CREATE TABLE public.b ()")
    try first.execute("SET deadlock_timeout TO '100ms'; BEGIN; LOCK TABLE public.a")
    let target = database.target
    final class Shared: Sendable {
      let state: Mutex<(locked: Bool, outcome: String?)> = Mutex((false, nil))
    }
    let shared = Shared()
    try startThread {
      var outcome = "done"
      do {
        let second = try Connection(target)
        try second.execute("SET deadlock_timeout TO '10s'; BEGIN; LOCK TABLE public.b")
        shared.state.withLock { $0.locked = true }
        try second.execute("LOCK TABLE public.a; COMMIT")
      } catch {
        outcome = "\(error)"
      }
      shared.state.withLock { $0.outcome = outcome }
    }
    while !shared.state.withLock({ $0.locked }) { usleep(10_000) }
    // Until the other one waits.
    while try database.value(
      "SELECT count(*) FROM pg_locks WHERE NOT granted AND database IS NOT NULL") == "0"
    {
      usleep(10_000)
    }
    let error = #expect(throws: PostgresError.self) { try first.execute("LOCK TABLE public.b") }
    #expect(error?.sqlState == "40P01")
    #expect(error?.isRetrySafe == true)
    try first.execute("ROLLBACK")
    while shared.state.withLock({ $0.outcome }) == nil { usleep(10_000) }
    #expect(shared.state.withLock { $0.outcome } == "done")
  }

  @Test("a statement is cancelled from another thread, and the session goes on")
  func cancel() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let canceller = connection.makeCanceller()
    try startThread {
      while (try? database.value(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
      ))
        == "0"
      { usleep(10_000) }
      canceller.cancel()
    }
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT pg_sleep(60)")
    }
    #expect(error?.kind == .cancelled)
    #expect(error?.sqlState == "57014")
    #expect(error?.isRetrySafe == false)
    #expect(try connection.textRows("SELECT 1") == [["1"]])
  }

  @Test("a COPY is cancelled from another thread")
  func cancelCopy() throws {
    let database = try TestDatabase()
    var reader = try database.connect().copyOut(
      "COPY (SELECT generate_series(1, 1000000000)) TO STDOUT (FORMAT binary)")
    let canceller = reader.makeCanceller()
    try startThread {
      usleep(100_000)
      canceller.cancel()
    }
    do {
      while try reader.next() {}
      Issue.record("not cancelled")
    } catch {
      #expect(error.kind == .cancelled)
    }
  }

  @Test("a canceller that outlives its session does no harm")
  func lateCancel() throws {
    let canceller: Canceller
    do {
      let connection = try Connection(TestServer.administrator)
      canceller = connection.makeCanceller()
    }
    canceller.cancel()
  }

  @Test("a session that the server ends says why")
  func terminated() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let process = try connection.textRows("SELECT pg_backend_pid()")[0][0]!
    try database.execute("SELECT pg_terminate_backend(\(process))")
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT pg_sleep(1)")
    }
    #expect(error?.kind == .connection)
    #expect(error?.sqlState == "57P01", "\(String(describing: error))")
    #expect(error?.isRetrySafe == false)
    #expect(connection.isUsable == false)
    let again = #expect(throws: PostgresError.self) { try connection.execute("SELECT 1") }
    #expect(again?.kind == .connection)
  }

  @Test("a session that the server ends during a COPY IN says why")
  func terminatedInCopy() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int4)")
    let rows = CopyRowBuffer()
    for key in 0..<100_000 {
      rows.beginRow(columns: 1)
      rows.append(int32: Int32(key))
    }
    let connection = try database.connect()
    let process = try connection.textRows("SELECT pg_backend_pid()")[0][0]!
    var writer = try connection.copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    try database.execute("SELECT pg_terminate_backend(\(process))")
    do {
      for _ in 0..<50 { try writer.put(rows) }
      _ = try writer.finish()
      Issue.record("no error")
    } catch {
      #expect(error.kind == .connection)
      #expect(error.sqlState == "57P01", "\(error)")
    }
  }

  @Test("notices are collected and never printed")
  func notices() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute(
      "DROP TABLE IF EXISTS public.nothing; DO $$ BEGIN RAISE WARNING 'careful'; END $$")
    let notices = connection.takeNotices()
    #expect(notices.map(\.severity) == ["NOTICE", "WARNING"])
    #expect(notices.map(\.message).last == "careful")
    #expect(connection.takeNotices().isEmpty)
  }

  @Test("every kind of parameter arrives as it is")
  func parameters() throws {
    let connection = try Connection(TestServer.administrator)
    let sql = """
      SELECT $1 || '!', NOT $2, $3 + 1::int2, $4 + 1, $5 + 1, $6, $7::text, $8::text, $9::text,
        array_to_string($10, '|'), $11[2] + 1, $12::text, cardinality($13)
      """
    let count = try connection.query(
      sql,
      [
        .text("ä'\"\\"), .bool(false), .int16(-2), .int32(-2), .int64(1 << 40), .bytes([0, 255]),
        .timestamptz(-1), .date(-1), .numericMicros(-83_333_333), .textArray(["a,b", "", "\"{}"]),
        .int64Array([1, 2]), .null, .textArray([]),
      ]
    ) { row in
      let text = try row.string(0)
      #expect(text == "ä'\"\\!")
      let bool = try row.bool(1)
      #expect(bool)
      let numbers = (try row.int16(2), try row.int32(3), try row.int64(4))
      #expect(numbers == (-1, -1, (1 << 40) + 1))
      #expect(row.array(5) == [0, 255])
      let times = [try row.string(6), try row.string(7)]
      #expect(times == ["1969-12-31 23:59:59.999999+00", "1969-12-31"])
      let numeric = try row.string(8)
      #expect(numeric == "-83.333333")
      let joined = try row.string(9)
      #expect(joined == "a,b||\"{}")
      let element = try row.int64(10)
      #expect(element == 3)
      let null = try row.optionalString(11)
      #expect(null == nil)
      let cardinality = try row.int32(12)
      #expect(cardinality == 0)
    }
    #expect(count == 1)
  }
}
