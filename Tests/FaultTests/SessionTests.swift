import CreditLedger
import CreditRun
import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

/// Effects of the program's sessions on each other, on others and on later ones.
@Suite(.serialized)
struct SessionTests {
  private static let commands: [[String]] = [
    ["migrate", "--with-source-tables"], ["check", "--as-of", SmallSource.asOf],
    ["report", "--run", "1"], ["report", "--month", "2026-10", "--format", "html"],
    ["explain", "c1"], ["explain", "i1"], ["verify"],
    ["audit", "--month", "2026-10", "--as-of", SmallSource.asOf],
  ]

  @Test("no command sends a statement outside of a transaction, or two with one name")
  func statementsInTransactions() throws {
    let night = try SharedNight()
    let sessions = Mutex<[Int: String]>([:])
    let outside = Mutex<[String]>([])
    let statements = Atomic(0)
    let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
      guard moment == .before else { return .goOn }
      switch (message.sender, message.kind) {
      case (.server, "Z"): sessions.withLock { $0[message.connection] = message.text }
      case (.program, "Q"), (.program, "P"):
        statements.add(1, ordering: .relaxed)
        let isIdle = sessions.withLock { $0[message.connection] } == "I"
        if isIdle != message.text.hasPrefix("BEGIN ISOLATION LEVEL") {
          outside.withLock { $0.append(message.text) }
        }
      default: break
      }
      return .goOn
    }
    defer { proxy.stop() }
    let environment = night.environment(host: proxy.folder)
    try withFolder { folder in
      for options in [["--dry-run"], []] {
        #expect(try night.run(folder, host: proxy.folder, options: options).end().code == 3)
      }
      for command in SessionTests.commands {
        let ending = try Program(command, environment: environment).end()
        #expect(ending.code != 1, "\(command): \(ending.errors)")
      }
      for command in [["notices", "--run", "1"], ["report", "--run", "1", "--format", "xlsx"]] {
        let ending = try Program(command + ["--output", folder], environment: environment).end()
        #expect(ending.code != 1, "\(command): \(ending.errors)")
      }
    }
    #expect(outside.withLock { $0 } == [])
    let count = statements.load(ordering: .relaxed)
    #expect(count > 100)
  }

  @Test("a run that begins again knows a session of its own that the server has not yet ended")
  func ownSession() throws {
    let night = try SharedNight()
    try night.execute(
      """
      CREATE SEQUENCE public.attempt;
      CREATE FUNCTION public.refuse() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        IF pg_sequence_last_value('public.attempt') IS NULL THEN
          RAISE EXCEPTION 'refused' USING ERRCODE = '40001';
        END IF;
        RETURN true;
      END $$;
      ALTER TABLE redress_source.service RENAME TO real_service;
      CREATE VIEW redress_source.service AS
        SELECT service_id, name FROM redress_source.real_service WHERE public.refuse();
      """)
    // The end of the first session never reaches the server.
    let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
      guard moment == .before, message.connection == 0, message.kind == "X" else { return .goOn }
      try? night.execute("SELECT nextval('public.attempt')")
      return .partition
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let ending = try night.run(folder, host: proxy.folder).end()
      #expect(ending.code == 3, "\(ending.errors)")
      #expect(ending.errors.contains("begins again"), "\(ending.errors)")
      try night.check(files: folder)
    }
  }

  /// Commands, and a relation that two sessions of each read.
  private static let readers: [(command: [String], relation: String)] = [
    (
      ["run", "--as-of", SmallSource.asOf, "--output", "FOLDER"], "redress_source.subscription_term"
    ),
    (["check", "--as-of", SmallSource.asOf], "redress_source.invoice"),
    (["explain", "c1"], "redress_source.outage"),
    (
      ["simulate", "--policy", "FOLDER/policy.yaml", "--month", "2026-10"],
      "redress_source.customer"
    ),
    (["audit", "--month", "2026-10", "--as-of", SmallSource.asOf], "redress_source.exclusion"),
  ]

  /// The server sees no deadlock, because one session waits for the other through the program.
  @Test("who wants a relation for itself between two sessions is let through", arguments: readers)
  func exclusiveLock(_ reader: (command: [String], relation: String)) throws {
    let night = try SharedNight()
    let hasStruck = Atomic(false)
    let alter = Mutex<Result<Void, any Error>?>(nil)
    let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
      guard moment == .before, message.sender == .program, message.kind == "Q",
        message.text.contains("COPY ("), message.text.contains(reader.relation),
        !hasStruck.load(ordering: .relaxed)
      else { return .goOn }
      hasStruck.store(true, ordering: .relaxed)
      inBackground("alter") {
        let outcome = Result {
          try night.execute("ALTER TABLE \(reader.relation) ADD COLUMN more text")
        }
        alter.withLock { $0 = outcome }
      }
      try? waitUntil("it waits") {
        try night.value("SELECT count(*)::text FROM pg_locks WHERE NOT granted") != "0"
          || alter.withLock { $0 != nil }
      }
      return .goOn
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let environment = night.environment(host: proxy.folder)
      _ = try sh("'\(Program.path)' policy show > '\(folder)/policy.yaml'")
      let clock = ContinuousClock()
      let start = clock.now
      let ending = try Program(
        reader.command.map { $0.replacing("FOLDER", with: folder) }, environment: environment
      ).end()
      #expect([0, 3].contains(ending.code), "\(ending.errors)")
      let isStruck = hasStruck.load(ordering: .relaxed)
      #expect(isStruck)
      #expect(clock.now - start < .seconds(40))
      try waitUntil("the table is altered") { alter.withLock { $0 != nil } }
      try alter.withLock { try $0!.get() }
    }
  }

  @Test("a relation that is emptied and filled again after the snapshot is never read as empty")
  func emptied() throws {
    let night = try SharedNight()
    let times = Atomic(0)
    let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
      guard moment == .after, message.sender == .server, message.kind == "C",
        message.connection == 1,
        message.text.hasPrefix("SELECT"), times.add(1, ordering: .relaxed).newValue == 3
      else { return .goOn }
      try? night.execute(
        """
        BEGIN; CREATE TEMPORARY TABLE kept AS TABLE redress_source.exclusion;
        TRUNCATE redress_source.exclusion; INSERT INTO redress_source.exclusion TABLE kept; COMMIT
        """)
      return .goOn
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let ending = try night.run(folder, host: proxy.folder).end()
      #expect(ending.code == 3, "\(ending.errors)")
      #expect(
        ending.errors.contains("redress_source.exclusion was emptied, replaced"), "\(ending.errors)"
      )
      let undisturbed = try SharedNight()
      try withFolder { plain in
        #expect(try undisturbed.run(plain).end().code == 3)
        let name = "credits-run-1.csv"
        let (found, expected) = (try NightUnderTest.read(folder), try NightUnderTest.read(plain))
        #expect(found[name] == expected[name] && found[name] != nil)
      }
    }
  }

  @Test("a killed program's session that waits in the server gives the run lock back")
  func killedProgram() throws {
    let night = try SharedNight()
    try withFolder { folder in
      let invoicing = try night.connect()
      try invoicing.execute("BEGIN; SELECT FROM redress.place_on_invoice('n1', 'c1', 'USD', 260)")
      let program = try night.run(folder)
      try waitUntil("the run waits for invoicing") {
        try night.value(
          "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "1"
      }
      kill(program.process, SIGKILL)
      _ = try program.end()
      try waitUntil("its run lock is free") {
        try night.value(
          """
          SELECT count(*)::text FROM pg_locks
          WHERE locktype = 'advisory' AND objid = 1 AND classid = 1380209235
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          """) == "0"
      }
      try invoicing.execute("COMMIT")
      #expect(try night.run(folder).end().code == 3)
      try night.check(files: folder)
    }
  }

  @Test("whatever the role has set, the night is the same")
  func roleSettings() throws {
    let night = try SharedNight()
    let role = "settings_\(night.database.name)"
    defer { try? night.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
    // A view that takes longer than any of the time-outs allow.
    try night.execute(
      """
      CREATE ROLE \(role) LOGIN IN ROLE redress_job;
      ALTER TABLE redress_source.service RENAME TO real_service;
      CREATE VIEW redress_source.service AS
        SELECT service_id, name FROM redress_source.real_service, (SELECT pg_sleep(0.5)) AS slow;
      GRANT SELECT ON redress_source.service TO redress_job;
      """
        + [
          "idle_in_transaction_session_timeout = 100", "statement_timeout = 200",
          "lock_timeout = 1", "default_transaction_read_only = on",
          "default_transaction_isolation = serializable", "default_transaction_deferrable = on",
          "quote_all_identifiers = on", "transform_null_equals = on", "row_security = off",
          "synchronous_commit = off", "DateStyle = 'German, DMY'", "IntervalStyle = iso_8601",
          "TimeZone = 'Asia/Kathmandu'", "bytea_output = escape", "search_path = redress_source",
          "standard_conforming_strings = off", "extra_float_digits = -15", "array_nulls = off",
        ].map { "ALTER ROLE \(role) SET \($0);" }.joined())
    try withFolder { folder in
      let check = try Program(
        ["check", "--as-of", SmallSource.asOf], environment: night.environment(user: role)
      ).end()
      #expect(check.code == 3 && !check.output.contains("problem  source"), "\(check.output)")
      let ending = try night.run(folder, user: role).end()
      #expect(ending.code == 3, "\(ending.errors)")
      try night.check(files: folder)
      let other = try SharedNight()
      try withFolder { plain in
        #expect(try other.run(plain).end().code == 3)
        let name = "credits-run-1.csv"
        let (found, expected) = (try NightUnderTest.read(folder), try NightUnderTest.read(plain))
        #expect(found[name] == expected[name] && found[name] != nil)
      }
    }
  }

  @Test("a run that has said that it is done is there after a crash, whatever is set")
  func durable() throws {
    let night = try NightUnderTest()
    try night.connect().execute("ALTER SYSTEM SET synchronous_commit = off")
    try night.connect().execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    try night.connect().execute("SELECT pg_reload_conf()")
    try waitUntil("the setting holds") {
      try night.connect().textRows("SHOW synchronous_commit") == [["off"]]
    }
    try withFolder { folder in
      let ending = try night.program(folder, host: night.cluster.host).end()
      #expect(ending.code == 3, "\(ending.errors)")
      try night.cluster.stopImmediately()
      try night.cluster.start()
      #expect(try night.connect().textRows("SELECT max(run_id) FROM redress.run") == [["2"]])
      try night.expectFiles(folder, "after the crash")
    }
  }
}
