import Postgres
import TestSupport
import Testing

@Suite("Transaction")
struct TransactionTests {
  /// Each setting with a value of a role, a database or an operator, and its value in a transaction
  /// of the program.
  private static let settings: [(name: String, set: String, kept: String)] = [
    ("search_path", "trap, public", "pg_catalog, pg_temp"),
    ("TimeZone", "America/New_York", "UTC"),
    ("DateStyle", "German, DMY", "ISO, YMD"),
    ("IntervalStyle", "sql_standard", "postgres"),
    ("bytea_output", "escape", "hex"),
    ("extra_float_digits", "-10", "1"),
    ("standard_conforming_strings", "off", "on"),
    ("transform_null_equals", "on", "off"),
    ("quote_all_identifiers", "on", "off"),
    ("row_security", "on", "off"),
    ("idle_in_transaction_session_timeout", "5000", "0"),
    ("statement_timeout", "5000", "0"),
    ("lock_timeout", "5000", "7s"),
    ("default_transaction_isolation", "serializable", "serializable"),
  ]

  private static let modes: [TransactionMode] = [.reading(), .asking, .writing]

  /// The server's settings as rows of name and value.
  private func all(_ connection: borrowing Connection) throws -> [[String?]] {
    try connection.textRows("SELECT name, setting, source FROM pg_settings ORDER BY name")
  }

  @Test(
    "statements mean the same whatever the role has set, and nothing of it is left",
    arguments: modes)
  func settings(_ mode: TransactionMode) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    for (name, value, _) in TransactionTests.settings {
      let list = name == "search_path" ? value : "'\(value)'"
      try connection.execute("SET \(name) = \(list)")
    }
    let before = try all(connection)
    try connection.begin(mode, lockTimeoutSeconds: 7)
    for (name, _, kept) in TransactionTests.settings {
      let value = try connection.textRows("SHOW \(name)")
      #expect(value == [[kept]], "\(name)")
    }
    try connection.commit()
    #expect(try all(connection) == before)
    try connection.begin(mode, lockTimeoutSeconds: 7)
    try connection.rollback()
    #expect(try all(connection) == before)
  }

  @Test(
    "a transaction is what it says, whatever is the default",
    arguments: [
      (TransactionMode.reading(), "repeatable read", "on"), (.asking, "read committed", "on"),
      (.writing, "read committed", "off"),
    ])
  func kind(_ mode: TransactionMode, _ isolation: String, _ readOnly: String) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    for defaults in [("serializable", "on", "on"), ("read committed", "off", "off")] {
      try connection.execute(
        """
        SET default_transaction_isolation = '\(defaults.0)'; SET default_transaction_read_only = \(defaults.1);
        SET default_transaction_deferrable = \(defaults.2)
        """)
      try connection.begin(mode, lockTimeoutSeconds: 1)
      #expect(try connection.textRows("SHOW transaction_isolation") == [[isolation]])
      #expect(try connection.textRows("SHOW transaction_read_only") == [[readOnly]])
      #expect(try connection.textRows("SHOW transaction_deferrable") == [["off"]])
      try connection.rollback()
    }
  }

  @Test(
    "a COMMIT waits for this server's disk at least",
    arguments: [
      ("off", "on"), ("local", "local"), ("remote_write", "remote_write"), ("on", "on"),
      ("remote_apply", "remote_apply"),
    ])
  func durability(_ set: String, _ kept: String) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute("SET synchronous_commit = \(set)")
    try connection.begin(.writing, lockTimeoutSeconds: 1)
    #expect(try connection.textRows("SHOW synchronous_commit") == [[kept]])
    try connection.commit()
    #expect(try connection.textRows("SHOW synchronous_commit") == [[set]])
  }

  @Test("the server notices that the program is gone while a statement runs", arguments: modes)
  func goneProgram(_ mode: TransactionMode) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    guard connection.serverVersion >= 140_000 else { return }
    try connection.begin(mode, lockTimeoutSeconds: 1)
    #expect(try connection.textRows("SHOW client_connection_check_interval") == [["1s"]])
  }

  @Test("a lock that is not given in time is refused, and a later wait may be another")
  func locks() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int)")
    let holder = try database.connect()
    try holder.execute("BEGIN; LOCK TABLE public.t")
    let connection = try database.connect()
    try connection.begin(.reading(), lockTimeoutSeconds: 60)
    try connection.waitForLocks(seconds: 1)
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT FROM public.t")
    }
    #expect(error?.sqlState == "55P03" && error?.isRetrySafe == true)
  }

  @Test("a transaction sees the snapshot that another one holds, and nothing later")
  func snapshot() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int)")
    let first = try database.connect()
    try first.begin(.reading(), lockTimeoutSeconds: 1)
    let name = try first.textRows("SELECT pg_export_snapshot()")[0][0]!
    try database.execute("INSERT INTO public.t VALUES (1)")
    let second = try database.connect()
    try second.begin(.reading(snapshot: name), lockTimeoutSeconds: 1)
    #expect(try second.textRows("SELECT count(*) FROM public.t") == [["0"]])
    let asking = try database.connect()
    try asking.begin(.asking, lockTimeoutSeconds: 1)
    #expect(try asking.textRows("SELECT count(*) FROM public.t") == [["1"]])
    try database.execute("INSERT INTO public.t VALUES (2)")
    #expect(try asking.textRows("SELECT count(*) FROM public.t") == [["2"]])
    #expect(try second.textRows("SELECT count(*) FROM public.t") == [["0"]])
  }
}
