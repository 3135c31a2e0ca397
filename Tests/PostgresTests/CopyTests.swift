import Glibc
import Postgres
import TestSupport
import Testing

/// The rows that a COPY returns, each handled by `row`.
func read<Value>(
  _ connection: consuming Connection, _ sql: String,
  _ row: (borrowing CopyReader) throws -> Value
) throws -> (values: [Value], status: Bool) {
  var reader = try connection.copyOut(sql)
  var values: [Value] = []
  while try reader.next() { values.append(try row(reader)) }
  let connection = try reader.finish()
  return (values, connection.isUsable && connection.transactionStatus == .idle)
}

@Suite("COPY")
struct CopyTests {
  @Test("every type arrives as it is, and null as null")
  func types() throws {
    let database = try TestDatabase()
    let sql = """
      COPY (
        SELECT 1::int2, -2::int4, 3000000000::int8, true, 'ä€𝄞'::text, '\\x00ff'::bytea,
          '1970-01-01 00:00:00.000001+00'::timestamptz, '1969-12-31'::date, 12.5::numeric, ''::text
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      ) TO STDOUT (FORMAT binary)
      """
    var reader = try database.connect().copyOut(sql)
    #expect(try reader.next())
    #expect(reader.columnCount == 10)
    #expect(try reader.int16(0) == 1)
    #expect(try reader.int32(1) == -2)
    #expect(try reader.int64(2) == 3_000_000_000)
    #expect(try reader.bool(3) == true)
    #expect(try reader.string(4) == "ä€𝄞")
    #expect(reader.array(5) == [0, 255])
    #expect(try reader.timestamp(6) == 1)
    #expect(try reader.date(7) == -1)
    #expect(try reader.numericMicros(8) == .micros(12_500_000))
    #expect(reader.isNull(9) == false)
    #expect(reader.bytes(9).isEmpty)
    #expect(try reader.next())
    for column in 0..<10 {
      #expect(reader.isNull(column) == true)
      #expect(reader.bytes(column).isEmpty)
      #expect(throws: PostgresError.self) { try reader.int32(column) }
    }
    #expect(try reader.next() == false)
    #expect(try reader.next() == false)
    #expect(reader.rowsRead == 2)
    let connection = try reader.finish()
    #expect(try connection.textRows("SELECT 1") == [["1"]])
  }

  @Test(
    "the edges of time",
    arguments: [
      ("-infinity", Int64.min), ("infinity", Int64.max),
      ("4714-11-24 00:00:00+00 BC", -210_866_803_200_000_000),
      ("1969-12-31 23:59:59.999999+00", -1), ("1970-01-01 00:00:00+00", 0),
      ("2000-01-01 00:00:00+00", 946_684_800_000_000),
      ("2199-12-31 23:59:59.999999+00", 7_258_118_399_999_999),
      ("294246-12-31 23:59:59+00", 9_223_371_244_799_000_000),
      // The last years of PostgreSQL's range do not fit.
      ("294276-12-31 23:59:59+00", Int64.max),
    ])
  func times(text: String, micros: Int64) throws {
    let database = try TestDatabase()
    let result = try read(
      try database.connect(), "COPY (SELECT '\(text)'::timestamptz) TO STDOUT (FORMAT binary)"
    ) { try $0.timestamp(0) }
    #expect(result.values == [micros])
    if text.hasPrefix("294276") { return }
    try database.execute("CREATE TABLE public.t (at timestamptz)")
    let rows = CopyRowBuffer()
    rows.beginRow(columns: 1)
    rows.append(timestamp: micros)
    var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    _ = try writer.finish()
    #expect(try database.value("SELECT at = '\(text)' FROM public.t") == "t")
  }

  @Test(
    "times that PostgreSQL cannot hold are refused, not bent",
    arguments: [Int64.min + 1, -300_000_000_000_000_000])
  func impossibleTimes(micros: Int64) throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (at timestamptz)")
    let rows = CopyRowBuffer()
    rows.beginRow(columns: 1)
    rows.append(timestamp: micros)
    let error = #expect(throws: PostgresError.self) {
      var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
      try writer.put(rows)
      _ = try writer.finish()
    }
    #expect(error?.sqlState == "22008")
  }

  @Test("all kinds of values go in and come out the same")
  func roundTrip() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE TABLE public.t (
        k int4 PRIMARY KEY, s int2, l int8, b bool, x text, y bytea, at timestamptz, d date, n numeric, j jsonb)
      """)
    let texts = [
      "", "plain", "tab\tnew\nline\rreturn", "\\N", "\\.", "quote\" ' `", "comma,semi;",
      "e\u{301} \u{202E}rtl\u{202C} \u{FEFF}", "𝄞🧾👩‍👩‍👧", "\u{1}\u{7F}\u{80}", "=1+1",
      String(repeating: "long ", count: 40_000),
    ]
    let rows = CopyRowBuffer(capacity: 64)
    for (key, text) in texts.enumerated() {
      rows.beginRow(columns: 10)
      rows.append(int32: Int32(key))
      rows.append(int16: key % 2 == 0 ? .min : .max)
      rows.append(int64: key % 2 == 0 ? .min : .max)
      rows.append(bool: key % 2 == 0)
      rows.append(text: Array(text.utf8))
      rows.append(bytea: [0, UInt8(key), 255])
      rows.append(timestamp: Int64(key) - 5)
      rows.append(date: Int32(key) - 5)
      rows.append(numericMicros: Int64(key) * 83_333_333)
      Array("{\"k\": \(key)}".utf8).withUnsafeBytes { rows.append(jsonb: $0) }
    }
    rows.beginRow(columns: 10)
    rows.append(int32: 1_000)
    for _ in 1..<10 { rows.appendNull() }
    #expect(rows.rows == texts.count + 1)

    var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    let connection = try writer.finish()
    var reader = try connection.copyOut(
      "COPY (SELECT * FROM public.t ORDER BY k) TO STDOUT (FORMAT binary)")
    for (key, text) in texts.enumerated() {
      #expect(try reader.next())
      #expect(try reader.int32(0) == Int32(key))
      #expect(try reader.int16(1) == (key % 2 == 0 ? .min : .max))
      #expect(try reader.int64(2) == (key % 2 == 0 ? .min : .max))
      #expect(try reader.bool(3) == (key % 2 == 0))
      #expect(try reader.string(4) == text)
      #expect(reader.array(5) == [0, UInt8(key), 255])
      #expect(try reader.timestamp(6) == Int64(key) - 5)
      #expect(try reader.date(7) == Int32(key) - 5)
      #expect(try reader.numericMicros(8) == .micros(Int64(key) * 83_333_333))
      #expect(reader.array(9) == [1] + Array("{\"k\": \(key)}".utf8))
    }
    #expect(try reader.next())
    #expect(reader.isNull(9) == true)
    #expect(try reader.next() == false)
    _ = try reader.finish()
  }

  @Test("no rows at all, in and out")
  func empty() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int4)")
    let writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    let connection = try writer.finish()
    let result = try read(connection, "COPY public.t TO STDOUT (FORMAT binary)") { _ in 1 }
    #expect(result.values.isEmpty)
    #expect(result.status)
  }

  @Test("two COPYs take turns in one transaction, from buffers filled before")
  func alternating() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.a (k int4); CREATE TABLE public.b (k int4)")
    let first = CopyRowBuffer()
    let second = CopyRowBuffer()
    var connection = try database.connect()
    try connection.execute("BEGIN")
    for turn in 0..<20 {
      for key in 0..<100 {
        first.beginRow(columns: 1)
        first.append(int32: Int32(turn * 100 + key))
        second.beginRow(columns: 1)
        second.append(int32: -Int32(turn * 100 + key))
      }
      var writer = try connection.copyIn("COPY public.a FROM STDIN (FORMAT binary)")
      try writer.put(first)
      connection = try writer.finish()
      writer = try connection.copyIn("COPY public.b FROM STDIN (FORMAT binary)")
      try writer.put(second)
      connection = try writer.finish()
      first.removeAll()
      second.removeAll()
    }
    try connection.execute("COMMIT")
    #expect(
      try database.rows("SELECT count(*), sum(k) FROM public.a") == [["2000", "1999000"]])
    #expect(
      try database.rows("SELECT count(*), sum(k) FROM public.b") == [["2000", "-1999000"]])
  }

  @Test("a writer that is not finished takes nothing in", arguments: [0, 3, 50_000])
  func unfinishedWriter(count: Int) throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int4)")
    do {
      let rows = CopyRowBuffer()
      for key in 0..<count {
        rows.beginRow(columns: 1)
        rows.append(int32: Int32(key))
      }
      var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
      try writer.put(rows)
    }
    #expect(try sessionsLeft(database) == 0)
    #expect(try database.value("SELECT count(*) FROM public.t") == "0")
  }

  @Test("a reader that is not finished cancels its statement and closes its session")
  func unfinishedReader() throws {
    let database = try TestDatabase()
    do {
      var reader = try database.connect().copyOut(
        "COPY (SELECT g FROM generate_series(1, 100000000) g) TO STDOUT (FORMAT binary)")
      #expect(try reader.next())
    }
    #expect(try sessionsLeft(database) == 0)
  }

  @Test("a reader cannot be finished before its end")
  func finishTooEarly() throws {
    let database = try TestDatabase()
    var reader = try database.connect().copyOut(
      "COPY (SELECT generate_series(1, 3)) TO STDOUT (FORMAT binary)")
    #expect(try reader.next())
    do {
      _ = try reader.finish()
      Issue.record("finished")
    } catch {
      #expect(error.kind == .protocolViolation)
    }
  }

  @Test("an error among the rows is thrown, after the rows before it")
  func errorInTheMiddle() throws {
    let database = try TestDatabase()
    var reader = try database.connect().copyOut(
      "COPY (SELECT 1 / (3 - g) FROM generate_series(1, 5) g) TO STDOUT (FORMAT binary)",
      name: "divide")
    #expect(try reader.next())
    #expect(try reader.next())
    do {
      _ = try reader.next()
      Issue.record("no error")
    } catch {
      #expect(error.kind == .server)
      #expect(error.sqlState == "22012")
      #expect(error.statement == "divide")
    }
    #expect(try reader.next() == false)
    do {
      _ = try reader.finish()
      Issue.record("finished")
    } catch {
      #expect(error.kind == .protocolViolation)
    }
  }

  @Test("a broken constraint is thrown with its names by finish")
  func constraint() throws {
    let database = try TestDatabase()
    try database.execute(
      "CREATE TABLE public.t (a int4 CONSTRAINT t_a_positive CHECK (a > 0))")
    let rows = CopyRowBuffer()
    rows.beginRow(columns: 1)
    rows.append(int32: 0)
    var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    do {
      _ = try writer.finish()
      Issue.record("no error")
    } catch {
      #expect(error.kind == .server)
      #expect(error.sqlState == "23514")
      #expect(error.schema == "public")
      #expect(error.table == "t")
      #expect(error.constraint == "t_a_positive")
      #expect(error.context?.hasPrefix("COPY t, line 1") == true)
    }
  }

  @Test("rows that a trigger drops are missed")
  func droppedRows() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE TABLE public.t (a int4);
      CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER t BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();
      """)
    let rows = CopyRowBuffer()
    rows.beginRow(columns: 1)
    rows.append(int32: 0)
    var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    do {
      _ = try writer.finish()
      Issue.record("no error")
    } catch {
      #expect(error.kind == .protocolViolation)
    }
  }

  @Test(
    "what is no binary COPY is refused, and the session is not used on",
    arguments: [
      "COPY (SELECT 1) TO STDOUT", "SELECT 1", "COPY public.t FROM STDIN (FORMAT binary)",
    ])
  func wrongStatement(sql: String) throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int4)")
    let error = #expect(throws: PostgresError.self) {
      _ = try read(try database.connect(), sql) { _ in 0 }
    }
    #expect(error?.kind == .protocolViolation)
    #expect(try sessionsLeft(database) == 0)
  }

  @Test(
    "a stream without its trailer is not taken for a whole one",
    arguments: [
      ("whole", Stream.header + Stream.row([[0, 0, 0, 1]]), Stream.trailer, true),
      ("no trailer", Stream.header + Stream.row([[0, 0, 0, 1]]), [], false),
      ("half a row", Stream.header + Stream.row([[0, 0, 0, 1]]).dropLast(), Stream.trailer, false),
      ("half a trailer", Stream.header + Stream.row([[0, 0, 0, 1]]), [0xFF], false),
      ("nothing", [], [], false),
    ] as [(String, [UInt8], [UInt8], Bool)])
  func trailer(what: String, first: [UInt8], second: [UInt8], isWhole: Bool) throws {
    func message(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
      [kind.asciiValue ?? 0, 0, 0, 0, UInt8(4 + body.count)] + body
    }
    let ready = message("Z", [UInt8(ascii: "I")])
    let complete = message("C", Array("COPY 1\0".utf8)) + ready
    var copy = message("H", [1, 0, 1, 0, 1])
    for data in [first, second] where !data.isEmpty { copy += message("d", data) }
    copy += message("c", []) + complete
    let server = try ScriptedServer(
      answers: [message("R", [0, 0, 0, 0]) + ready, copy])
    defer { server.stop() }
    do throws(PostgresError) {
      var reader = try Connection(
        ConnectionTarget(
          conninfo: "host=127.0.0.1 port=\(server.port) user=u sslmode=disable gssencmode=disable",
          applicationName: "redress tests", ioTimeoutSeconds: 5)
      ).copyOut("COPY t TO STDOUT (FORMAT binary)")
      while try reader.next() {}
      _ = try reader.finish()
      #expect(isWhole, "\(what)")
    } catch {
      #expect(!isWhole, "\(what): \(error)")
      #expect(error.kind == .protocolViolation)
    }
  }

  @Test("100,000 rows pass without the memory growing")
  func memory() throws {
    let database = try TestDatabase()
    let sql = """
      COPY (SELECT g, repeat('x', 1000) FROM generate_series(1, 100000) g) TO STDOUT (FORMAT binary)
      """
    try database.execute("CREATE UNLOGGED TABLE public.t (a int4, b text)")
    let rows = CopyRowBuffer()
    func pass(_ connection: consuming Connection, _ other: consuming Connection) throws {
      var reader = try connection.copyOut(sql)
      var writer = try other.copyIn("COPY public.t FROM STDIN (FORMAT binary)")
      while try reader.next() {
        rows.beginRow(columns: 2)
        rows.append(int32: try reader.int32(0))
        rows.append(text: reader.bytes(1))
        if rows.count > 1 << 16 {
          try writer.put(rows)
          rows.removeAll()
        }
      }
      try writer.put(rows)
      rows.removeAll()
      _ = try writer.finish()
      _ = try reader.finish()
    }
    try pass(try database.connect(), try database.connect())
    let before = residentKilobytes()
    try pass(try database.connect(), try database.connect())
    let after = residentKilobytes()
    #expect(try database.value("SELECT count(*) FROM public.t") == "200000")
    // Other tests run at the same time. 100 MB of rows must still not be visible in the memory use.
    // The address sanitizer keeps what was freed unless its quarantine_size_mb is small.
    #expect(after - before < 49_152, "\(before) kB before, \(after) kB after")
  }
}

func residentKilobytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return 0 }
  let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  return (Int(text.split(separator: " ")[1]) ?? 0) * 4
}

/// The number of other sessions on the database, after waiting for those that are ending.
func sessionsLeft(_ database: TestDatabase) throws -> Int {
  let connection = try database.connect()
  var count = 0
  for _ in 0..<1200 {
    let rows = try connection.textRows(
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
      """)
    count = Int(rows[0][0] ?? "") ?? -1
    if count == 0 { break }
    usleep(50_000)
  }
  return count
}
