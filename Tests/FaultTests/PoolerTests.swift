import CreditLedger
import Glibc
import Postgres
import TestSupport
import Testing

/// The program and others behind pgbouncer, on the tests' server.
@Suite(.serialized)
struct PoolerTests {
  private static let modes = [Pooler.Mode.session, .transaction]

  /// Commands that only read. Each ends the same with and without the pooler.
  private static let readings: [[String]] = [
    ["check", "--as-of", SmallSource.asOf], ["report", "--run", "1"],
    ["report", "--month", "2026-10", "--format", "html"], ["explain", "c1"],
    ["verify"], ["audit", "--month", "2026-10", "--as-of", SmallSource.asOf],
  ]

  @Test("every command works, and leaves nothing in the sessions of others", arguments: modes)
  func everyCommand(_ mode: Pooler.Mode) throws {
    let night = try SharedNight()
    let pooler = try Pooler(mode, server: TestServer.host)
    let untouched = try PoolerTests.settings(night, host: TestServer.host)
    try withFolder { folder in
      func expectNothingLeft(_ command: String) throws {
        let found = try PoolerTests.settings(night, host: pooler.folder)
        #expect(found == untouched, "after \(command)")
      }
      #expect(try night.run(folder, host: pooler.folder, options: ["--dry-run"]).end().code == 3)
      try expectNothingLeft("a dry run")
      let ending = try night.run(folder, host: pooler.folder).end()
      #expect(ending.code == 3, "\(ending.errors)")
      try expectNothingLeft("a run")
      try night.check(files: folder)
      for arguments in PoolerTests.readings {
        let pooled = try Program(
          arguments, environment: night.environment(host: pooler.folder)
        ).end()
        let direct = try Program(arguments, environment: night.environment()).end()
        #expect(pooled.code == direct.code && pooled.code != 1, "\(arguments): \(pooled.errors)")
        #expect(pooled.output == direct.output && !direct.output.isEmpty, "\(arguments)")
        try expectNothingLeft(arguments.joined(separator: " "))
      }
    }
  }

  @Test("migrations work, and leave nothing in the sessions of others", arguments: modes)
  func migrate(_ mode: Pooler.Mode) throws {
    let database = try TestDatabase()
    let pooler = try Pooler(mode, server: TestServer.host)
    let ending = try Program(
      ["migrate", "--with-source-tables"],
      environment: [
        "PGHOST": pooler.folder, "PGPORT": "5432", "PGUSER": TestServer.user,
        "PGDATABASE": database.name,
      ]
    ).end()
    #expect(ending.code == 0, "\(ending.errors)")
    #expect(
      try database.value("SELECT count(*)::text FROM redress.schema_migration")
        == "\(Migrator.knownCount)")
    let pooled = try Connection(
      ConnectionTarget(
        conninfo: "host='\(pooler.folder)' user='\(TestServer.user)' dbname='\(database.name)'",
        applicationName: "redress tests"))
    #expect(
      try PoolerTests.settings(pooled) == PoolerTests.settings(try database.connect()))
  }

  /// The settings in an application's sessions, several of which are open at once.
  private static func settings(_ night: SharedNight, host: String) throws -> Set<String> {
    // Each is in a transaction, so that each has its own server session.
    let target = ConnectionTarget(
      conninfo:
        "host='\(host)' port=5432 user='\(TestServer.user)' dbname='\(night.database.name)'",
      applicationName: "redress tests")
    let first = try Connection(target)
    let second = try Connection(target)
    let third = try Connection(target)
    try first.execute("BEGIN")
    try second.execute("BEGIN")
    try third.execute("BEGIN")
    let found = try settings(first).union(settings(second)).union(settings(third))
    try first.execute("COMMIT")
    try second.execute("COMMIT")
    try third.execute("COMMIT")
    return found
  }

  private static func settings(_ connection: borrowing Connection) throws -> Set<String> {
    Set(
      // Settings of a library exist only after its first use.
      try connection.textRows(
        """
        SELECT name || ' = ' || setting FROM pg_settings
        WHERE name NOT LIKE 'plpgsql.%' OR setting IS DISTINCT FROM reset_val
        """
      ).compactMap(\.[0]))
  }

  // MARK: COMMIT

  /// Simulates a slow disk, or a standby that COMMIT waits for.
  private static func slowCommit(seconds: Double) -> String {
    """
    CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN PERFORM pg_sleep(\(seconds)); RETURN NULL; END$$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON redress.run DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION public.slow();
    """
  }

  struct PoolerEnd: Sendable {
    let signal: Int32
    let commitSeconds: Double
  }

  @Test(
    "a COMMIT that goes on where the pooler is gone is told as it ends",
    arguments: modes,
    [
      PoolerEnd(signal: SIGTERM, commitSeconds: 1.5),
      PoolerEnd(signal: SIGKILL, commitSeconds: 1.5),
      PoolerEnd(signal: SIGKILL, commitSeconds: 60),
    ])
  func lostCommit(_ mode: Pooler.Mode, _ end: PoolerEnd) throws {
    let night = try SharedNight()
    try night.execute(PoolerTests.slowCommit(seconds: end.commitSeconds))
    let pooler = try Pooler(mode, server: TestServer.host)
    try withFolder { folder in
      let program = try night.run(folder, host: pooler.folder)
      let sessions = """
        SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND query = 'COMMIT' AND state = 'active'
        """
      try waitUntil("COMMIT is on its way") { try night.value(sessions) == "1" }
      pooler.stop(end.signal)
      try pooler.start()
      let ending = try program.end()
      // No session continues after the program has ended, so its message stays true.
      #expect(try night.value(sessions) == "0")
      let runs = try night.value("SELECT count(*)::text FROM redress.run")
      if end.commitSeconds < 3 {
        #expect(ending.code == 3 && runs == "1", "\(ending.errors)")
        try night.check(files: folder)
      } else {
        #expect(ending.code == 1 && runs == "0", "\(ending.errors)")
        #expect(try NightUnderTest.names(folder) == [])
      }
    }
  }

  // MARK: Poolers that do not do

  @Test("statement pooling is told apart from what `redress check` finds")
  func statementPooling() throws {
    let night = try SharedNight()
    let pooler = try Pooler(.statement, server: TestServer.host)
    try withFolder { folder in
      let ending = try night.run(folder, host: pooler.folder).end()
      #expect(ending.code == 1)
      #expect(ending.errors.contains("pool_mode = transaction"), "\(ending.errors)")
      #expect(!ending.errors.contains("redress check"), "\(ending.errors)")
    }
  }

  @Test("a pool that is too small says how many connections a run takes", arguments: modes)
  func smallPool(_ mode: Pooler.Mode) throws {
    let night = try SharedNight()
    let pooler = try Pooler(mode, server: TestServer.host, size: 3, waitSeconds: 1)
    try withFolder { folder in
      let ending = try night.run(folder, host: pooler.folder).end()
      #expect(ending.code == 1)
      #expect(ending.errors.contains("query_wait_timeout"), "\(ending.errors)")
      #expect(ending.errors.contains("default_pool_size"), "\(ending.errors)")
      #expect(try NightUnderTest.names(folder) == [])
    }
  }
}

/// Waits until `isSo` is true, even on a busy machine.
func waitUntil(_ what: String, _ isSo: () throws -> Bool) throws {
  for _ in 0..<6000 {
    if try isSo() { return }
    usleep(10_000)
  }
  throw SharedNight.Unexpected(description: "\(what): not within a minute")
}
