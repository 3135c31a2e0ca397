import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

/// The owner of the source, or of a schema, tries to change the ledger through a run.
@Suite(.serialized)
struct SourceAttackTests {
  /// Calls `body` with a new login role that is only a member of `redress_job`.
  private func withJob(
    _ night: SharedNight, attributes: String = "INHERIT", _ body: (String) throws -> Void
  ) throws {
    let role = "\(night.database.name)_job"
    try night.execute("CREATE ROLE \(role) LOGIN \(attributes) IN ROLE redress_job")
    defer { try? night.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
    try body(role)
  }

  private func rows(_ night: SharedNight) throws -> String? {
    try night.value(
      """
      SELECT (SELECT count(*) FROM redress.run) + (SELECT count(*) FROM redress.credit)
        + (SELECT count(*) FROM redress.invoice_adjustment) + (SELECT count(*) FROM redress.finding)
        + (SELECT count(*) FROM redress.decision) + (SELECT count(*) FROM redress.policy_version)
        + (SELECT count(*) FROM redress.incident_evidence)
      """)
  }

  @Test("a login role that is only a member of redress_job makes a run and its report")
  func jobRole() throws {
    let night = try SharedNight()
    try withJob(night) { role in
      try withFolder { folder in
        let ending = try night.run(folder, user: role).end()
        #expect(ending.code == 3, "\(ending.errors)")
        #expect(try night.value("SELECT run_by FROM redress.run") == role)
        let report = try Program(
          ["report", "--run", "1"], environment: night.environment(user: role)
        ).end()
        #expect(report.code == 0, "\(report.errors)")
        #expect(report.output == (try sh("cat '\(folder)/credits-run-1.csv'")))
        try night.check(files: folder)
      }
    }
  }

  @Test("a run without its rights says which, and writes nothing")
  func missingRights() throws {
    let night = try SharedNight()
    try withFolder { folder in
      try withJob(night, attributes: "NOINHERIT") { role in
        let ending = try night.run(folder, user: role).end()
        #expect(ending.code == 1)
        #expect(
          ending.errors.contains("schema redress: this user may not read it"), "\(ending.errors)")
      }
      try withJob(night) { role in
        try night.execute("REVOKE SELECT ON redress_source.outage FROM redress_job")
        let ending = try night.run(folder, user: role).end()
        #expect(ending.code == 1)
        #expect(ending.errors.contains("outage"), "\(ending.errors)")
      }
      #expect(try rows(night) == "0")
      #expect(try NightUnderTest.names(folder) == [])
    }
  }

  @Test("a source of views over another role's tables works once the job may read the views")
  func foreignSource() throws {
    let night = try SharedNight()
    let owner = "\(night.database.name)_billing"
    try night.execute("CREATE ROLE \(owner)")
    defer { try? night.execute("DROP OWNED BY \(owner) CASCADE; DROP ROLE \(owner)") }
    try night.execute(
      """
      CREATE SCHEMA billing AUTHORIZATION \(owner);
      ALTER TABLE redress_source.customer SET SCHEMA billing;
      ALTER TABLE billing.customer OWNER TO \(owner);
      ALTER SCHEMA redress_source OWNER TO \(owner);
      REVOKE ALL ON SCHEMA redress_source FROM PUBLIC;
      SET ROLE \(owner);
      CREATE VIEW redress_source.customer AS SELECT * FROM billing.customer;
      """)
    try withJob(night) { role in
      try withFolder { folder in
        let refused = try night.run(folder, user: role).end()
        #expect(refused.code == 1)
        #expect(refused.errors.contains("customer"), "\(refused.errors)")
        try night.execute("GRANT SELECT ON redress_source.customer TO redress_job")
        let ending = try night.run(folder, user: role).end()
        #expect(ending.code == 3, "\(ending.errors)")
        try night.check(files: folder)
      }
    }
  }

  /// Actions of a function behind a source view when a run reads it, with the run's rights.
  private static let attacks = [
    "INSERT INTO redress.credit_revision SELECT * FROM redress.credit_revision LIMIT 1",
    "DELETE FROM redress.run",
    "PERFORM set_config('transaction_read_only', 'off', true); INSERT INTO redress.finding VALUES (1, 1, 'a', 'b', 'c', 'd', 'e')",
    "SET TRANSACTION READ WRITE; INSERT INTO redress.finding VALUES (1, 1, 'a', 'b', 'c', 'd', 'e')",
    "PERFORM set_config('default_transaction_read_only', 'off', false); INSERT INTO redress.finding VALUES (1, 1, 'a', 'b', 'c', 'd', 'e')",
    "SET LOCAL ROLE postgres; DELETE FROM redress.run",
    "SET SESSION AUTHORIZATION postgres; DELETE FROM redress.run",
    "RESET SESSION AUTHORIZATION; CREATE TABLE redress_source.loot (a int)",
    "PERFORM redress.place_on_invoice('n1', 'c1', 'USD', 1)",
    "PERFORM lo_import('/etc/passwd')", "COPY redress.credit_revision TO PROGRAM 'cat'",
    "ALTER TABLE redress.credit_revision DISABLE TRIGGER ALL",
    "CREATE TEMPORARY TABLE pg_class (a int)",
  ]

  @Test("a function in a source view cannot write", arguments: SourceAttackTests.attacks)
  func hostileView(_ attack: String) throws {
    let night = try SharedNight()
    try night.execute(
      """
      CREATE FUNCTION public.attack() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        \(attack);
        RETURN true;
      END $$;
      ALTER TABLE redress_source.customer RENAME TO real_customer;
      CREATE VIEW redress_source.customer AS
        SELECT * FROM redress_source.real_customer WHERE public.attack();
      GRANT SELECT ON redress_source.customer TO redress_job;
      """)
    try withJob(night) { role in
      try withFolder { folder in
        let ending = try night.run(folder, user: role).end()
        #expect(ending.code == 1, "\(attack): \(ending.errors)")
        #expect(try rows(night) == "0", "\(attack)")
        #expect(try NightUnderTest.names(folder) == [], "\(attack)")
      }
    }
  }

  @Test("settings that a function in a source view leaves behind change no result")
  func lastingSettings() throws {
    let night = try SharedNight()
    try withFolder { plain in
      #expect(try night.run(plain).end().code == 3)
      let expected = try NightUnderTest.read(plain)
      try night.execute(SmallSource.ledger.map { "DELETE FROM redress.\($0);" }.joined())
      try night.execute(
        """
        CREATE FUNCTION public.disturb() RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM set_config('timezone', 'Asia/Kathmandu', false), set_config('datestyle', 'German', false),
            set_config('extra_float_digits', '-15', false), set_config('intervalstyle', 'iso_8601', false),
            set_config('bytea_output', 'escape', false), set_config('lc_monetary', 'C', false),
            set_config('array_nulls', 'off', false), set_config('timezone_abbreviations', 'India', false);
          RETURN true;
        END $$;
        ALTER TABLE redress_source.incident RENAME TO real_incident;
        CREATE VIEW redress_source.incident AS
          SELECT * FROM redress_source.real_incident WHERE public.disturb();
        """)
      try withFolder { folder in
        let ending = try night.run(folder).end()
        #expect(ending.code == 3, "\(ending.errors)")
        #expect(try NightUnderTest.read(folder) == expected)
      }
    }
  }

  @Test("a search path of the role or the database finds nobody's functions, operators or tables")
  func searchPath() throws {
    let night = try SharedNight()
    try night.execute(
      """
      CREATE SCHEMA trap;
      CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
      CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
      CREATE FUNCTION trap.pg_try_advisory_xact_lock(integer, integer) RETURNS boolean
        LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
      CREATE FUNCTION trap.pg_export_snapshot() RETURNS text LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
      CREATE FUNCTION trap.differ(text, text) RETURNS boolean LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
      CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.differ);
      CREATE VIEW trap.pg_timezone_names AS SELECT 'UTC'::text AS name WHERE false;
      CREATE TABLE trap.pg_locks (pid integer);
      CREATE TABLE trap.run (run_id bigint);
      GRANT USAGE ON SCHEMA trap TO PUBLIC;
      """)
    try withJob(night) { role in
      try night.execute(
        """
        ALTER ROLE \(role) SET search_path = trap, redress, redress_source, pg_catalog;
        ALTER DATABASE \(night.database.name) SET search_path = trap, pg_catalog;
        """)
      try withFolder { folder in
        let ending = try night.run(folder, user: role).end()
        #expect(ending.code == 3, "\(ending.errors)")
        let verified = try Program(
          ["verify", "--output", folder], environment: night.environment()
        ).end()
        #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
        // The test's own checks find their functions by the search path.
        try night.execute("ALTER DATABASE \(night.database.name) RESET search_path")
        try night.check(files: folder)
      }
    }
  }

  @Test("a password is in no output, no file, no error and not in the process list")
  func secrets() throws {
    let night = try SharedNight()
    let secret = "s3cr3t-Pa55w0rd"
    let place = "user=postgres dbname=\(night.database.name) password=\(secret)"
    let conninfo = "host='\(TestServer.host)' port=\(TestServer.port) \(place)"
    try withFolder { folder in
      let gate = Once()
      let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
        if message.text == "COMMIT", moment == .before, message.sender == .program {
          gate.note(
            try? sh("ps axww -o args; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"))
        }
        return .goOn
      }
      defer { proxy.stop() }
      let done = try Program([
        "run", "--as-of", SmallSource.asOf, "--output", folder,
        "--database=host='\(proxy.folder)' port=5432 \(place)",
      ]).end()
      #expect(done.code == 3, "\(done.errors)")
      let processes = gate.text ?? ""
      #expect(processes.contains("redress") && !processes.contains(secret))
      var texts = [done.output, done.errors] + (try NightUnderTest.read(folder).values)
      texts.append(
        try night.value(
          """
          SELECT string_agg(row_to_json(a)::text, '') FROM pg_stat_activity AS a
          """) ?? "")
      texts.append(
        try night.value("SELECT string_agg(row_to_json(r)::text, '') FROM redress.run AS r") ?? "")
      let failing = [
        "\(conninfo) nonsense=1", "\(conninfo) sslmode=\(secret)", "host=/nowhere \(place)",
        "host='\(TestServer.host)' user=nobody_\(getpid()) dbname=none password=\(secret)",
        "postgresql://postgres:\(secret)@localhost:1/none",
        "postgresql://postgres:\(secret)@:x/none",
        "postgresql://postgres:\(secret)@a@b/none", "password='\(secret)", "\(secret)=1",
      ]
      for database in failing {
        for command in [["run", "--output", folder], ["migrate"], ["report", "--run", "1"]] {
          let ending = try Program(command + ["--database", database]).end()
          #expect(ending.code != 0)
          texts += [ending.output, ending.errors]
        }
      }
      for text in texts { #expect(!text.contains(secret), "\(text)") }
    }
  }
}

/// Keeps the first value that it gets.
private final class Once: Sendable {
  private let seen = Mutex<String?>(nil)
  func note(_ text: String?) { seen.withLock { if $0 == nil { $0 = text } } }
  var text: String? { seen.withLock { $0 } }
}
