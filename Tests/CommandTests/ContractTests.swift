import FoundationEssentials
import Testing

/// Every command that reads refuses a database that does not meet its needs. It says the same as
/// `redress check`, before anything is calculated.
struct ContractTests {
  /// Commands that read the source, on a ledger with one run. `FOLDER` means the test's own folder.
  static let readers: [[String]] = [
    ["run", "--output", "FOLDER", "--as-of", "2026-11-02"],
    ["run", "--dry-run", "--output", "FOLDER", "--as-of", "2026-11-02"],
    ["explain", "--customer", "C"],
    ["simulate", "--policy", "FOLDER/policy.yaml", "--month", "2026-10"],
    ["notices", "--resolved", "INC", "--output", "FOLDER"],
    ["notices", "--run", "1", "--output", "FOLDER"],
    ["audit", "--month", "2026-10"],
    ["report", "--month", "2026-10", "--format", "html", "--audit"],
    ["report", "--month", "2026-10", "--format", "html", "--simulate", "FOLDER/policy.yaml"],
  ]

  /// Commands that read the source or the ledger.
  private static let ledgerReaders =
    readers + [["report", "--run", "1"], ["report", "--month", "2026-10"], ["verify"]]

  /// Calls `body` with a database with one committed run, and a function that runs a command on it.
  private func withLedger(
    _ body: (SourceDatabase, ([String]) async throws -> Finished) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source)
        let shown = try await database.redress(["policy", "show"])
        try Data(shown.output.utf8).write(to: folder.appending(path: "policy.yaml"))
        let files = folder.appending(path: "first")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let ran = try await database.redress(
          ErrorCase.night.map { $0.replacing("FOLDER", with: files.path()) })
        #expect(ran.exitCode == 0, "\(ran.errors)")
        try await body(database) { arguments in
          try await database.redress(
            arguments.map { $0.replacing("FOLDER", with: folder.path()) })
        }
      }
    }
  }

  @Test func everyReaderRefusesColumnsOfOtherTypes() async throws {
    try await withLedger { database, redress in
      for reader in ContractTests.readers {
        let finished = try await redress(reader)
        #expect([0, 3].contains(finished.exitCode), "\(reader): \(finished.errors)")
      }
      try await database.psql([
        "ALTER TABLE redress_source.subscription_term ALTER COLUMN monthly_fee TYPE bigint",
        "ALTER TABLE redress_source.outage ALTER COLUMN started_at TYPE timestamp",
      ])
      let checked = try await redress(["check"])
      #expect(checked.exitCode == 1)
      let statements = [
        "redress_source.subscription_term.monthly_fee: its type is bigint instead of numeric",
        "redress_source.outage.started_at: its type is timestamp without time zone instead of timestamp with time zone",
      ]
      let before = try await database.rows(ContractTests.ledger)
      for reader in ContractTests.readers {
        let finished = try await redress(reader)
        #expect(finished.exitCode == 1, "\(reader)")
        for statement in statements {
          #expect(checked.output.contains(statement))
          #expect(finished.errors.contains(statement), "\(reader): \(finished.errors)")
        }
        #expect(finished.errors.contains("monthly_fee / 100.0"), "\(finished.errors)")
        #expect(finished.output.isEmpty, "\(reader)")
      }
      let after = try await database.rows(ContractTests.ledger)
      #expect(before.rows == after.rows)
    }
  }

  /// Without the relation nobody has claimed anything. It is no reason to stop, and nothing to speak of.
  @Test func claimsMayBeMissing() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(try Scenario(named: "claims").folder)
        let policy = try Scenario(named: "claims").folder.appending(path: "policy.yaml").path()
        try await database.psql(["DROP TABLE redress_source.claim"])
        let checked = try await database.redress(
          ["check", "--policy", policy, "--as-of", "2026-10-20"])
        #expect(checked.exitCode == 0, "\(checked.output)")
        #expect(!checked.output.contains("claim:"), "\(checked.output)")
        let ran = try await database.redress(
          ["run", "--output", folder.path(), "--policy", policy, "--as-of", "2026-10-20"])
        #expect(ran.exitCode == 0, "\(ran.errors)")
        let credits = try await database.rows("SELECT count(*) AS n FROM redress.credit")
        #expect(credits.rows == [["0"]])
        let migrated = try await database.redress(["migrate", "--with-source-tables"])
        #expect(migrated.exitCode == 0, "\(migrated.errors)")
      }
    }
  }

  private static let ledger = """
    SELECT (SELECT count(*) FROM redress.run), (SELECT sum(amount_minor) FROM redress.credit)
    """

  @Test func everyReaderSaysThatThereIsNoLedger() async throws {
    try await withLedger { database, redress in
      try await database.psql("DROP SCHEMA redress CASCADE")
      for reader in ContractTests.ledgerReaders {
        let finished = try await redress(reader)
        #expect(finished.exitCode == 1, "\(reader)")
        #expect(
          finished.errors
            == """
            redress: schema redress: it has not been created, so this database has no ledger.
            Create it with `redress migrate`, as its future owner, or name another database with --database.

            """, "\(reader)")
      }
    }
  }

  /// A run would take back credits for hidden rows, or pay for them.
  @Test func rowsThatAreHiddenAreNotGone() async throws {
    try await withLedger { database, redress in
      let night = "\(database.name)_night"
      try await database.psql([
        "CREATE ROLE \(night) LOGIN IN ROLE redress_job",
        "ALTER TABLE redress_source.outage ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY tenants ON redress_source.outage USING (customer_id IS NOT NULL)",
      ])
      let user = ["--database", "user=\(night)"]
      let problem =
        "redress_source.outage: row level security (policy tenants) hides rows of redress_source.outage from \(night)"
      let checked = try await redress(["check"] + user)
      #expect(checked.exitCode == 1)
      #expect(checked.output.contains("problem  privileges  \(problem)"), "\(checked.output)")
      let before = try await database.rows(ContractTests.ledger)
      for reader in ContractTests.readers {
        let finished = try await redress(reader + user)
        #expect(finished.exitCode == 1, "\(reader)")
        #expect(finished.errors.contains(problem), "\(reader): \(finished.errors)")
        #expect(finished.errors.contains("ALTER ROLE \(night) BYPASSRLS"))
      }
      let after = try await database.rows(ContractTests.ledger)
      #expect(before.rows == after.rows)

      // The check cannot see into a function that a view calls before it runs.
      try await database.psql([
        "ALTER TABLE redress_source.outage RENAME TO windows",
        """
        CREATE FUNCTION redress_source.windows() RETURNS SETOF redress_source.windows
        LANGUAGE plpgsql STABLE AS 'BEGIN RETURN QUERY SELECT * FROM redress_source.windows; END'
        """,
        "CREATE VIEW redress_source.outage AS SELECT * FROM redress_source.windows()",
        "GRANT SELECT ON redress_source.outage, redress_source.windows TO redress_job",
      ])
      let late = try await redress(["run", "--output", "FOLDER", "--as-of", "2026-11-03"] + user)
      #expect(late.exitCode == 1)
      #expect(
        late.errors.contains("row-level security policy") && late.errors.contains("BYPASSRLS"))

      try await database.psql("ALTER ROLE \(night) BYPASSRLS")
      let ran = try await redress(["run", "--output", "FOLDER", "--as-of", "2026-11-03"] + user)
      #expect(ran.exitCode == 0, "\(ran.errors)")
      #expect(ran.errors.contains("run 2: 0 revisions"))
      try await database.psql(["DROP OWNED BY \(night)", "DROP ROLE \(night)"])
    }
  }

  @Test func aUserWithoutRightsIsToldWhichAreMissing() async throws {
    try await withLedger { database, redress in
      let (guest, member) = ("\(database.name)_guest", "\(database.name)_member")
      let support = "\(database.name)_support"
      try await database.psql([
        "CREATE ROLE \(guest) LOGIN", "CREATE ROLE \(member) LOGIN NOINHERIT IN ROLE redress_job",
        "CREATE ROLE \(support) LOGIN IN ROLE redress_reader",
      ])
      for user in [guest, member] {
        let checked = try await redress(["check", "--database", "user=\(user)"])
        #expect(checked.exitCode == 1)
        for part in [
          "ok       connection  ", "skipped  ledger", "skipped  source",
          "problem  privileges  schema redress: this user may not read it",
          "GRANT redress_job TO this user.", "ALTER ROLE … INHERIT",
          "problem  privileges  schema redress_source: this user may not use it",
          "ok       policy", "skipped  data",
        ] {
          #expect(checked.output.contains(part), "\(part) is not in\n\(checked.output)")
        }
        #expect(checked.errors.isEmpty)
      }
      // A user who only reads is not advised to become a member of the job role.
      let audit = try await redress(["audit", "--database", "user=\(support)"])
      #expect(audit.exitCode == 1)
      #expect(
        audit.errors
          == """
          redress: schema redress_source: this user may not use it.
          As its owner: GRANT USAGE ON SCHEMA redress_source TO this user. Also: GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO this user.

          """)
      let report = try await redress(["report", "--run", "1", "--database", "user=\(guest)"])
      #expect(report.exitCode == 1)
      #expect(report.errors.contains("GRANT redress_reader TO this user."), "\(report.errors)")
      let told = try await redress(["explain", "C", "--database", "user=\(support)"])
      #expect(told.exitCode == 0, "\(told.errors)")
      for role in [guest, member, support] { try await database.psql("DROP ROLE \(role)") }
    }
  }
}
