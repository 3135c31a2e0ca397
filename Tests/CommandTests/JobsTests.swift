import FoundationEssentials
import TestSupport
import Testing

/// A run in parts gives the ledger and the files of one process, byte for byte, in however many parts.
struct JobsTests {
  private static let jobs = [1, 2, 3, 7]

  /// What a night does before it.
  private struct Night {
    var changes: [String] = []
    let asOf: String
    var options: [String] = []
    var exitCode: Int32 = 3
  }

  /// Everything that a run leaves, but times.
  private struct Left: Equatable {
    var ledger: [String: [[String]]] = [:]
    var files: [String: String] = [:]
  }

  private static let ledgerQueries: [(name: String, query: String)] =
    [
      "credit", "credit_revision", "decision", "invoice_line", "finding", "incident_evidence",
      "recorded_month", "carried_forward", "policy_version", "policy_file", "visible_run",
    ].map { ($0, "SELECT to_jsonb(r)::text AS row FROM redress.\($0) AS r ORDER BY 1") } + [
      (
        "run",
        "SELECT (to_jsonb(r) - 'started_at' - 'finished_at')::text AS row FROM redress.run AS r ORDER BY 1"
      )
    ]

  private static let stagedRows = """
    SELECT count(*) FROM (
      SELECT part FROM redress.staged_credit_revision UNION ALL
      SELECT part FROM redress.staged_decision UNION ALL
      SELECT part FROM redress.staged_invoice_line UNION ALL
      SELECT part FROM redress.staged_carried_forward UNION ALL
      SELECT part FROM redress.staged_evidence) AS staged
    """

  /// Plays the nights in each number of parts, on copies of one database, and compares what they leave.
  private func expectSame(
    _ source: SourceDatabase, _ nights: [Night], jobs: [Int] = JobsTests.jobs
  ) async throws -> [Int: SourceDatabase] {
    var first: Left?
    var databases: [Int: SourceDatabase] = [:]
    for count in jobs {
      let database = try SourceDatabase(copyOf: source)
      databases[count] = database
      let left = try await play(nights, on: database, jobs: count)
      guard let wanted = first else {
        first = left
        continue
      }
      for name in wanted.ledger.keys.sorted() {
        #expect(left.ledger[name] == wanted.ledger[name], "\(count) jobs: \(name)")
      }
      #expect(left.files.keys.sorted() == wanted.files.keys.sorted(), "\(count) jobs")
      for name in wanted.files.keys.sorted() {
        #expect(left.files[name] == wanted.files[name], "\(count) jobs: \(name)")
      }
    }
    return databases
  }

  private func play(
    _ nights: [Night], on database: SourceDatabase, jobs: Int
  ) async throws -> Left {
    var left = Left()
    try await withTemporaryFolder { folder in
      for night in nights {
        if !night.changes.isEmpty { try await database.psql(night.changes) }
        let finished = try await database.redress(
          ["run", "--quiet", "--jobs", "\(jobs)", "--as-of", night.asOf]
            + ["--output", folder.path()] + night.options)
        #expect(
          finished.exitCode == night.exitCode, "\(jobs) jobs, \(night.asOf): \(finished.errors)")
        #expect(try await database.rows(JobsTests.stagedRows).rows == [["0"]], "\(jobs) jobs")
      }
      let runs = try await database.rows("SELECT count(*) FROM redress.run").rows
      if runs != [["0"]] {
        let verified = try await database.redress(["verify", "--output", folder.path()])
        #expect(verified.exitCode == 0, "\(jobs) jobs: \(verified.output)\(verified.errors)")
      }
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()) {
        let content = try Data(contentsOf: folder.appending(path: name))
        let text = String(decoding: content, as: UTF8.self)
        if name.hasSuffix(".html") {
          // It says when it was made.
          left.files[name] = ""
        } else if name.hasSuffix(".xlsx") {
          left.files[name] = content.base64EncodedString()
        } else {
          left.files[name] = name.hasPrefix("totals-") ? comparableTotals(text) : text
        }
      }
    }
    for (name, query) in JobsTests.ledgerQueries {
      left.ledger[name] = try await database.rows(query).rows
    }
    return left
  }

  private static let amendment = [
    "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-2041'",
    """
    UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee * 2
     WHERE customer_id > 'CUS-1005'
    """,
    "UPDATE redress_source.invoice SET status = 'void' WHERE invoice_id LIKE '%3%'",
    "UPDATE redress_source.invoice SET currency = 'CHF' WHERE invoice_id LIKE '%5'",
    "DELETE FROM redress_source.incident WHERE incident_id = 'INC-2038'",
    """
    UPDATE redress_source.incident SET status = 'open', resolved_at = NULL
     WHERE incident_id = 'INC-2043'
    """,
  ]

  @Test func theDemoMonthAndItsAmendments() async throws {
    try await Slots.shared.with {
      let source = try await SourceDatabase()
      try await source.load(Checkout.fixtures.appending(path: "demo-month"))
      let databases = try await expectSame(
        source,
        [
          Night(asOf: "2026-11-02T04:30:00Z"),
          Night(
            changes: JobsTests.amendment, asOf: "2026-11-03T04:30:00Z",
            options: ["--approve-limits", "--approved-by=tests", "--reason=first load"]),
          Night(asOf: "2026-11-04T04:30:00Z"),
          Night(asOf: "2026-12-04T04:30:00Z", options: ["--months", "1"]),
        ])
      // One that is gone and one that is open again are told once, however many parts meet them.
      let once = try await databases[7]!.rows(
        """
        SELECT code, count(DISTINCT key) > 0, count(*) - count(DISTINCT key) FROM redress.finding
         WHERE run_id = 2 AND relation = 'incident' AND code IN ('incident_missing', 'held_open')
         GROUP BY 1 ORDER BY 1
        """)
      #expect(once.rows == [["held_open", "t", "0"], ["incident_missing", "t", "0"]])
      // Those that are looked up for many at a time come after all others.
      let late = try await databases[7]!.rows(
        """
        SELECT min(ordinal) FILTER (WHERE code = 'past_rewritten')
             > max(ordinal) FILTER (WHERE code NOT IN ('past_rewritten', 'invoice_changed'))
          FROM redress.finding WHERE run_id = 2
        """)
      #expect(late.rows == [["t"]])
    }
  }

  /// Customers A0 to A9 with one subscription each, a bad row each, and rows without a customer.
  private static let badRows = """
    INSERT INTO redress_source.customer
    SELECT 'A' || n, 'Customer ' || n, 'gold', NULL, NULL FROM generate_series(0, 9) AS n;
    INSERT INTO redress_source.subscription_term
    SELECT 'S' || n, 'A' || n, 'S', 'basic', 100 + n, 'USD', '2026-01-01Z', NULL FROM generate_series(0, 9) AS n;
    INSERT INTO redress_source.subscription_term
    SELECT 'T' || n, 'A' || n, 'nowhere', 'basic', 5, 'USD', '2026-01-01Z', NULL FROM generate_series(0, 9) AS n;
    INSERT INTO redress_source.exclusion
    SELECT 'X' || n, 'customer_fault', 'S', 'A' || n, '2026-11-10 11:00Z', '2026-11-10 10:00Z', NULL
      FROM generate_series(0, 9, 2) AS n;
    INSERT INTO redress_source.invoice
    SELECT 'V' || n, 'A' || n, 'USD', CASE WHEN n % 3 = 0 THEN 'odd' ELSE 'draft' END, '2026-12-01', 6
      FROM generate_series(0, 9) AS n;
    INSERT INTO redress_source.invoice VALUES ('V1', 'A8', 'USD', 'draft', '2026-12-01', 6);
    -- Of customers whom the source does not have: before, between and after the others.
    INSERT INTO redress_source.subscription_term
    SELECT 'U' || id, id, 'S', 'basic', 1, 'USD', '2026-01-01Z', NULL FROM unnest('{"0", "A4x", "Z"}'::text[]) AS id;
    INSERT INTO redress_source.invoice VALUES ('VZ', 'ZZ', 'USD', 'draft', '2026-12-01', 6);
    -- Of nobody.
    INSERT INTO redress_source.customer VALUES (NULL, 'Null', 'gold', NULL, NULL), ('', 'Empty', 'gold', NULL, NULL);
    INSERT INTO redress_source.subscription_term VALUES
      ('N1', NULL, 'S', 'basic', 1, 'USD', '2026-01-01Z', NULL), ('N2', '', 'S', 'basic', 1, 'USD', '2026-01-01Z', NULL);
    INSERT INTO redress_source.invoice VALUES
      ('VN', NULL, 'USD', 'draft', '2026-12-01', 6), ('VE', '', 'USD', 'draft', '2026-12-01', 6);
    INSERT INTO redress_source.exclusion VALUES
      ('XE', 'customer_fault', 'S', '', '2026-11-10 10:00Z', '2026-11-10 11:00Z', NULL);
    INSERT INTO redress_source.customer VALUES ('A6', 'Twice', 'gold', NULL, NULL), ('A7', 'Zone', 'gold', 'Nowhere', NULL);
    """

  @Test func badRowsInEveryPartAndRowsOfNobody() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        try await source.database.psql([JobsTests.badRows])
        let databases = try await expectSame(
          source.database,
          [
            Night(
              asOf: "2026-11-28T00:00:00Z",
              options: ["--approve-limits", "--approved-by=tests", "--reason=first load"]),
            Night(
              changes: ["UPDATE redress_source.outage SET ended_at = '2026-11-10 15:00Z'"],
              asOf: "2026-11-29T00:00:00Z",
              options: ["--approve-limits", "--approved-by=tests", "--reason=first load"]),
          ])
        // Each once; the empty ids first, then the customers, then the nulls.
        let keyless = try await databases[3]!.rows(
          """
          SELECT relation, count(*) FROM redress.finding WHERE run_id = 1 AND code = 'missing_key'
           GROUP BY 1 ORDER BY 1
          """)
        #expect(
          keyless.rows == [["customer", "2"], ["invoice", "2"], ["subscription_term", "2"]])
      }
    }
  }

  @Test func fewerCustomersThanJobs() async throws {
    try await Slots.shared.with {
      let source = try await SourceDatabase()
      _ = try await expectSame(source, [Night(asOf: "2026-11-01", exitCode: 0)], jobs: [1, 7])
      try await source.psql(ErrorCase.source)
      let night = Night(
        asOf: "2026-11-01",
        options: ["--approve-limits", "--approved-by=tests", "--reason=first load"], exitCode: 0)
      _ = try await expectSame(source, [night], jobs: [1, 2, 7])
      try await source.psql([
        "INSERT INTO redress_source.customer VALUES ('D', 'Two', 'gold', NULL)"
      ])
      _ = try await expectSame(source, [night], jobs: [1, 2, 7])
    }
  }

  /// The files of a held run, and their names with the digest of the proposal, are those of one process.
  @Test func heldAndDryRuns() async throws {
    try await Slots.shared.with {
      let folder = Checkout.fixtures.appending(path: "limits-amounts")
      let source = try await SourceDatabase()
      try await source.load(folder)
      let policy = ["--policy", folder.appending(path: "policy.yaml").path(percentEncoded: false)]
      func night(_ options: [String], _ exitCode: Int32, _ changes: [String] = []) -> Night {
        Night(
          changes: changes, asOf: "2026-10-08T00:00:00Z", options: policy + options,
          exitCode: exitCode)
      }
      _ = try await expectSame(
        source,
        [
          night([], 0),
          night(["--dry-run"], 4, ["UPDATE redress_source.incident SET status = 'void'"]),
          night([], 4),
          night(
            ["--dry-run", "--approve-limits", "--approved-by=tests", "--reason=first load"], 0),
          night(["--approve-limits", "--approved-by=tests", "--reason=first load"], 0),
        ])
    }
  }

  @Test(arguments: ["0", "65", "-1"])
  func aNumberThatIsNone(_ number: String) async throws {
    let finished = try await run("redress", ["run", "--jobs=\(number)"])
    #expect(finished.exitCode == 64)
    #expect(finished.errors.contains("--jobs takes 1 to 64 parts, and not \(number)."))
  }

  @Test func oneSessionReadsWhatSessionsSeeDifferently() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(
          ErrorCase.source + [
            "ALTER TABLE redress_source.customer RENAME TO kept",
            "CREATE FUNCTION public.shown(text) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT $1'",
            """
            CREATE VIEW redress_source.customer AS
            SELECT public.shown(customer_id) AS customer_id, name, tier, time_zone, email FROM redress_source.kept
            """,
          ])
        let finished = try await database.redress(
          [
            "run", "--jobs", "4", "--as-of", "2026-11-01", "--approve-limits",
            "--approved-by=tests", "--reason=first load", "--output",
          ]
            + [folder.path()])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(finished.errors.hasPrefix("one job does everything, because one session has to"))
        #expect(finished.errors.contains("`redress check` on customer\n"))
      }
    }
  }

  /// One part fails while another would be busy for minutes.
  @Test func anErrorInOnePartEndsTheRun() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        try await source.database.psql([
          JobsTests.badRows, "ALTER TABLE redress_source.subscription_term RENAME TO kept",
          """
          CREATE VIEW redress_source.subscription_term AS
          SELECT subscription_id, customer_id, service_id, plan,
                 CASE customer_id
                   WHEN 'A8' THEN ('x' || customer_id)::numeric
                   WHEN 'A0' THEN (SELECT count(*) FROM generate_series(1, 90000) AS a, generate_series(1, 90000) AS b)
                   ELSE monthly_fee
                 END AS monthly_fee,
                 currency, valid_from, valid_to
            FROM redress_source.kept
          """,
        ])
        let start = ContinuousClock.now
        let finished = try await source.database.redress(
          ["run", "--quiet", "--jobs", "5", "--as-of", "2026-11-28T00:00:00Z", "--output"]
            + [folder.path()])
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(finished.exitCode == 1)
        #expect(finished.errors.contains("invalid input syntax for type numeric: \"xA8\""))
        #expect(try await source.value("SELECT count(*) FROM redress.run") == "0")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        #expect(left == [], "hidden files are left")
      }
    }
  }
}
