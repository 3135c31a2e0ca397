import FoundationEssentials
import TestSupport
import Testing

/// `redress map`: tables of the shapes that six systems have, with a month that is easily read wrongly.
///
/// Each folder of `fixtures/mappings` has a file of SQL for each of its two systems, what people decide about them, and every
/// credit that is owed, worked out by hand.
struct MappingTests {
  struct Pair: Sendable, CustomTestStringConvertible {
    let folder: String
    /// The systems, the schemas of their tables, and whether these are in another database.
    let systems: [(name: String, schema: String, isFar: Bool)]
    /// What is left to review when everything is decided: code, relation and key.
    let findings: [String]

    var testDescription: String { folder }

    func path(_ file: String) -> String {
      Checkout.fixtures.appending(path: "mappings/\(folder)/\(file)").path(percentEncoded: false)
    }
  }

  static let pairs = [
    Pair(
      folder: "lago-goalert",
      systems: [("lago", "public", false), ("goalert", "goalert", true)],
      findings: ["unknown_service subscription_term mona-1 / 2026-01-01T00:00:00Z"]),
    Pair(
      folder: "killbill-oneuptime",
      systems: [("killbill", "public", true), ("oneuptime", "uptime", true)],
      findings: ["amount_out_of_range subscription_term sub-kit / 2026-02-01T00:00:00Z"]),
    Pair(
      folder: "stripe-dispatch",
      systems: [
        ("stripe", "stripe", false), ("dispatch", "dispatch_organization_default", false),
      ],
      findings: [
        "unknown_service subscription_term si_lou / 2026-01-01T00:00:00Z",
        "unknown_service subscription_term si_max / 2026-01-01T00:00:00Z",
        "unknown_service subscription_term si_max / 2026-10-01T00:00:00Z",
      ]),
  ]

  /// The database that is mapped, and the one behind its foreign server.
  private struct Place {
    let database: SourceDatabase
    let vendor: SourceDatabase
    let pair: Pair

    init(_ pair: Pair) async throws {
      self.pair = pair
      database = try await SourceDatabase(migratedWith: [])
      vendor = try await SourceDatabase(migratedWith: [])
      for (name, _, isFar) in pair.systems {
        try await (isFar ? vendor : database).psql("\\i '\(pair.path("\(name).sql"))'")
      }
      try await database.psql([
        "CREATE EXTENSION postgres_fdw",
        """
        CREATE SERVER vendor FOREIGN DATA WRAPPER postgres_fdw
          OPTIONS (host '\(TestServer.host)', port '\(TestServer.port)', dbname '\(vendor.name)', options '-c row_security=off')
        """,
        "CREATE USER MAPPING FOR CURRENT_USER SERVER vendor OPTIONS (user '\(TestServer.user)')",
      ])
    }

    /// Applies all mappings, and returns what they said.
    func apply() async throws -> [String] {
      var said: [String] = []
      for (name, schema, isFar) in pair.systems {
        let hub = isFar ? ["--hub", "--server", "vendor"] : []
        let finished = try await database.redress(
          ["map", "apply", name, "--schema", schema] + hub)
        try #require(finished.exitCode == 0, "\(finished.errors)")
        said.append(finished.output)
      }
      return said
    }

    func run(_ folder: URL) async throws -> Finished {
      try await database.redress(
        [
          "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
          "--as-of", "2026-11-02", "--output", folder.path(),
        ])
    }
  }

  @Test(arguments: pairs)
  func everyCreditIsThatOfTheHandArithmetic(_ pair: Pair) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let place = try await Place(pair)
        let database = place.database

        // Nothing is decided: nothing is credited, and that is told.
        for said in try await place.apply() {
          #expect(said.contains("still to be made"), "\(said)")
        }
        let before = try await place.run(folder)
        #expect(before.exitCode == 3, "\(before.errors)")
        #expect(try await database.rows("SELECT * FROM redress.entitlement").rows == [])
        let open = try await database.rows(
          "SELECT DISTINCT code FROM redress.finding ORDER BY code")
        #expect(open.rows.contains(["unknown_time_zone"]), "\(open.rows)")

        // What is decided stays when it is applied again.
        try await database.psql("\\i '\(pair.path("decisions.sql"))'")
        for said in try await place.apply() {
          #expect(said.contains("everything is decided"), "\(said)")
        }

        // As a user that is only a member of the job's role.
        let job = ["--database", "options='-c role=redress_job'", "--as-of", "2026-11-02"]
        let checked = try await database.redress(["check", "--format", "jsonl"] + job)
        #expect(checked.exitCode == 4 || checked.exitCode == 3, "\(checked.output)")
        let after = try await place.run(folder)
        #expect(after.exitCode == 3, "\(after.errors)")
        let findings = try await database.rows(
          """
          SELECT code || ' ' || relation || ' ' || key FROM redress.finding
          WHERE run_id = 2 ORDER BY (code || ' ' || relation || ' ' || key) COLLATE "C"
          """)
        #expect(findings.rows.map { $0[0] } == pair.findings)
        try await expectCredits(database, pair)

        let again = try await place.run(folder)
        #expect(again.exitCode == 3, "\(again.errors)")
        #expect(
          try await database.rows(
            "SELECT count(*) FROM redress.credit_revision WHERE run_id > 2"
          ).rows == [["0"]])
      }
    }
  }

  private func expectCredits(_ database: SourceDatabase, _ pair: Pair) async throws {
    let text = try String(contentsOf: URL(filePath: pair.path("expected.csv")), encoding: .utf8)
    let expected = try #require(Table(csv: text))
    let found = try await database.rows(
      """
      SELECT customer_id, incident_id, amount, currency FROM redress.entitlement
      ORDER BY customer_id COLLATE "C", incident_id COLLATE "C"
      """)
    let credits = Set(found.rows)
    for row in expected.rows where !credits.contains(Array(row.prefix(4))) {
      Issue.record("not found: \(row.joined(separator: ", "))")
    }
    #expect(found.rows.count == expected.rows.count, "\(found.rows)")
  }

  /// The other way to run it, and that updates of a system find no view in their way.
  @Test func whatIsShownIsWhatIsApplied() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let place = try await Place(Self.pairs[1])
        let file = folder.appending(path: "shown.sql")
        for (name, schema, _) in place.pair.systems {
          let shown = try await place.database.redress(
            ["map", "show", name, "--schema", schema, "--hub", "--server", "vendor"])
          try Data(shown.output.utf8).write(to: file)
          try await place.database.psql("\\i '\(file.path(percentEncoded: false))'")
        }
        for said in try await place.apply() {
          #expect(said.contains("still to be made"), "\(said)")
        }
        try await place.vendor.psql([
          "ALTER TABLE public.accounts ALTER COLUMN name TYPE text",
          #"ALTER TABLE uptime."Monitor" DROP COLUMN name"#,
        ])
        // Tables stay with their server, so another one is refused.
        try await place.database.psql([
          "CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '\(TestServer.host)', port '\(TestServer.port)', dbname '\(place.vendor.name)')",
          "CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (user '\(TestServer.user)')",
        ])
        let other = try await place.database.redress(
          ["map", "apply", "killbill", "--hub", "--server", "other"])
        #expect(other.exitCode == 1)
        #expect(other.errors.contains("are of server vendor"), "\(other.errors)")
        // The next application says what is gone.
        let finished = try await place.database.redress(
          ["map", "apply", "oneuptime", "--schema", "uptime", "--hub", "--server", "vendor"])
        #expect(finished.exitCode == 1)
        #expect(finished.errors.contains("has no column Monitor.name"), "\(finished.errors)")
      }
    }
  }

  @Test func refusalsNameWhatIsMissingAndWhatIsInTheWay() async throws {
    try await Slots.shared.with {
      let place = try await Place(Self.pairs[0])
      let database = place.database
      func refused(_ arguments: [String], _ code: Int32, _ parts: [String]) async throws {
        let finished = try await database.redress(["map", "apply"] + arguments)
        #expect(finished.exitCode == code, "\(arguments): \(finished.output)\(finished.errors)")
        for part in parts { #expect(finished.errors.contains(part), "\(finished.errors)") }
      }
      try await database.psql([
        "ALTER TABLE public.plans DROP COLUMN trial_period", "DROP TABLE public.coupons",
      ])
      try await refused(
        ["lago"], 1, ["has no table coupons and no column plans.trial_period", "--schema"])
      #expect(
        try await database.rows("SELECT to_regnamespace('redress_mapping') IS NULL").rows == [["t"]]
      )
      try await refused(["lagoo"], 64, ["Did you mean lago?"])
      try await refused(["goalert", "--hub"], 64, ["--hub needs --server"])
      try await refused(["goalert", "--server", "x"], 64, ["--server is for --hub"])
      try await refused(
        ["goalert", "--hub", "--server", "no"], 1, ["no foreign server \"no\"", "CREATE SERVER"])
      let far = ["--hub", "--server", "vendor", "--schema", "goalert"]
      let applied = try await database.redress(["map", "apply", "goalert"] + far)
      #expect(applied.exitCode == 0, "\(applied.errors)")
      try await refused(
        ["oneuptime"] + far, 1,
        ["redress_source.action_item is there already, from redress map apply goalert"])

      // Services that others say are what is sold.
      try await database.psql([
        "COMMENT ON VIEW redress_source.service IS 'By hand'",
        "CREATE OR REPLACE VIEW redress_source.service AS SELECT 'mine'::text AS service_id, 'Mine'::text AS name",
      ])
      let again = try await database.redress(["map", "apply", "goalert"] + far)
      #expect(again.exitCode == 0 && !again.output.contains("none yet"), "\(again.output)")
      let services = try await database.rows("SELECT service_id FROM redress_source.service")
      #expect(services.rows == [["mine"]])

      let plain = try await SourceDatabase()
      let finished = try await plain.redress(["map", "apply", "stripe"])
      #expect(finished.exitCode == 1)
      #expect(
        finished.errors.contains(
          "redress_source.customer is there already, and not from a mapping"),
        "\(finished.errors)")
    }
  }

  /// Whoever fills a table is told whose decision it is.
  @Test(arguments: pairs)
  func everyDecisionSaysWhoDecides(_ pair: Pair) async throws {
    try await Slots.shared.with {
      let place = try await Place(pair)
      _ = try await place.apply()
      let silent = try await place.database.rows(
        """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'redress_mapping'::regnamespace AND relkind IN ('r', 'v')
          AND (obj_description(oid, 'pg_class') IS NULL
            OR relkind = 'r' AND obj_description(oid, 'pg_class') !~ 'decide')
        """)
      #expect(silent.rows == [])
    }
  }
}
