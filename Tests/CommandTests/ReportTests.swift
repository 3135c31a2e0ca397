import FoundationEssentials
import Testing

extension ScenarioRun {
  /// Writes the files of every committed run again, after all later runs, and compares them byte
  /// for byte. Then verifies the whole ledger.
  func compareReports() async throws {
    let again = files.appending(path: "again")
    try FileManager.default.createDirectory(at: again, withIntermediateDirectories: true)
    let runs = try await database.rows("SELECT run_id FROM redress.run ORDER BY run_id")
    for runId in runs.rows.map({ $0[0] }) {
      let names = [
        "credits-run-\(runId).csv", "invoice-lines-run-\(runId).csv", "findings-run-\(runId).csv",
        "totals-run-\(runId).json",
      ]
      guard let night = try folder(with: names[0]) else { continue }
      let finished = try await database.redress(
        ["report", "--run", runId, "--output", again.path()])
      #expect(finished.exitCode == 0, "redress report --run \(runId): \(finished.errors)")
      for name in names {
        let wanted = try Data(contentsOf: night.appending(path: name))
        let found = try? Data(contentsOf: again.appending(path: name))
        #expect(
          wanted == found,
          """
          redress report made another \(name):
          \(String(decoding: found ?? Data(), as: UTF8.self))
          the run had written
          \(String(decoding: wanted, as: UTF8.self))
          """)
      }
    }
    let verified = try await database.redress(["verify", "--output", again.path()])
    #expect(verified.exitCode == 0, "redress verify: \(verified.output)\(verified.errors)")
    // Everything can be calculated again from the frozen evidence.
    let counts = verified.output.split(separator: ", ").dropFirst().first ?? ""
    let words = counts.split(whereSeparator: { " (".contains($0) })
    #expect(words.count > 2 && words[0] == words[2], "\(verified.output)")
  }

  private func folder(with name: String) throws -> URL? {
    try FileManager.default.contentsOfDirectory(atPath: files.path()).sorted()
      .map { files.appending(path: $0) }
      .first { FileManager.default.fileExists(atPath: $0.appending(path: name).path()) }
  }
}

/// `redress report` on a ledger with a history.
struct ReportTests {
  /// A customer with three credits: a grant, one that a later run increased, and one that was taken
  /// back.
  static let history = [
    """
    INSERT INTO redress_source.service VALUES ('svc', 'Search');
    INSERT INTO redress_source.customer (customer_id, name, tier) VALUES ('c', '=Acme, "Ltd"', 'gold');
    INSERT INTO redress_source.subscription_term
    SELECT s, 'c', 'svc', 'basic', 1000, 'USD', '2026-01-01+00', NULL
    FROM unnest(ARRAY['s1', 's2']) AS s;
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
    SELECT i, 'Title of ' || i, 'P0', 'resolved', d, d + interval '2 hours'
    FROM (VALUES ('i1', timestamptz '2026-10-05+00'), ('i2', '2026-10-06+00')) AS v (i, d);
    INSERT INTO redress_source.outage
    SELECT incident_id, 'P0', NULL, NULL, started_at, started_at + interval '2 hours'
    FROM redress_source.incident;
    INSERT INTO redress_source.invoice VALUES ('inv-1', 'c', 'USD', 'draft', '2026-11-01', 250);
    """
  ]

  static let night = [
    "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load", "--as-of",
  ]

  @Test func monthShowsTheStateOfEachEntitlement() async throws {
    try await ReportTests.withHistory { database, _ in
      let finished = try await database.redress(["report", "--month", "2026-10"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      let table = try #require(Table(csv: finished.output))
      #expect(!table.columns.contains("kind"))
      let shown = try #require(
        table.selecting([
          "run_id", "subscription_id", "incident_id", "incident_title", "customer_name", "percent",
          "amount", "amount_minor", "invoice_id", "invoices", "placed", "placed_minor", "open",
          "open_minor", "overcredited", "overcredited_minor",
        ]))
      // The second run increased i1 to 25 %. i2 was voided; its part on the finalized invoice
      // stays.
      #expect(
        shown.rows == [
          [
            "2", "s1", "i1", "Renamed", "'=Acme, \"Ltd\"", "25", "250.00", "25000", "inv-1", "1",
            "100.00", "10000", "150.00", "15000", "0.00", "0",
          ],
          [
            "2", "s1", "i2", "Title of i2", "'=Acme, \"Ltd\"", "0", "0.00", "0", "inv-1", "1",
            "50.00", "5000", "0.00", "0", "50.00", "5000",
          ],
          [
            "2", "s2", "i1", "Renamed", "'=Acme, \"Ltd\"", "25", "250.00", "25000", "inv-1", "1",
            "100.00", "10000", "150.00", "15000", "0.00", "0",
          ],
        ])
      let other = try await database.redress(["report", "--month", "2026-09"])
      #expect(other.output.split(whereSeparator: \.isNewline).count == 1)
    }
  }

  @Test func jsonLinesKeepNumbersExactAndTextsAsTheyAre() async throws {
    try await ReportTests.withHistory { database, folder in
      let finished = try await database.redress(["report", "--run", "2", "--format", "jsonl"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      let lines = finished.output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(
        lines.first == """
          {"run_id":2,"kind":"increase","billing_month":"2026-10","customer_id":"c",\
          "customer_name":"=Acme, \\"Ltd\\"","customer_tier":"gold","subscription_id":"s1",\
          "service_id":"svc","service_name":"Search","plan":"basic","incident_id":"i1",\
          "incident_title":"Renamed","severity":"P0","outage_started_at":"2026-10-05T00:00:00Z",\
          "outage_ended_at":"2026-10-05T05:00:00Z","counted":"PT5H","counted_seconds":"18000",\
          "tier":"P0 longer than 4 hours: 25 %","percent":"25","percent_before_cap":"25",\
          "monthly_fee":"1000.00","currency":"USD","amount":"150.00","amount_minor":15000,\
          "invoice_id":"inv-1","invoices":1,"placed":"100.00","placed_minor":10000,"open":"150.00",\
          "open_minor":15000,"overcredited":"0.00","overcredited_minor":0,\
          "policy_version":"outage-response-1","posted_on":"2026-11-02","late_correction":null}
          """)
      #expect(lines.count > 1 && lines[1].contains(#""service_id":null,"service_name":null"#))

      let again = folder.appending(path: "again")
      try FileManager.default.createDirectory(at: again, withIntermediateDirectories: true)
      let written = try await database.redress(
        ["report", "--run", "2", "--format", "jsonl", "--output", again.path()])
      #expect(written.exitCode == 0, "\(written.errors)")
      let file = try Data(contentsOf: again.appending(path: "credits-run-2.jsonl"))
      #expect(file == Data(finished.output.utf8))
      let names = try FileManager.default.contentsOfDirectory(atPath: again.path()).sorted()
      #expect(names == ["credits-run-2.jsonl", "findings-run-2.jsonl"])
    }
  }

  @Test func runsAreMadeAgainAfterTheSourceIsGone() async throws {
    try await ReportTests.withHistory { database, folder in
      try await database.psql(
        """
        TRUNCATE redress_source.customer, redress_source.service, redress_source.subscription_term,
          redress_source.incident, redress_source.outage, redress_source.invoice
        """)
      try await database.psql("SELECT redress.release_invoice('inv-1')")
      try await database.psql("SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)")
      for runId in ["1", "2"] {
        let again = folder.appending(path: "again")
        try FileManager.default.createDirectory(at: again, withIntermediateDirectories: true)
        let finished = try await database.redress(
          ["report", "--run", runId, "--output", again.path()])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(finished.output.split(separator: "\n").count == 4)
        for name in [
          "credits-run-\(runId).csv", "findings-run-\(runId).csv",
          "invoice-lines-run-\(runId).csv", "totals-run-\(runId).json",
        ] {
          let wanted = try Data(contentsOf: folder.appending(path: name))
          let found = try Data(contentsOf: again.appending(path: name))
          #expect(wanted == found, "\(name)")
        }
        let shown = try await database.redress(["report", "--run", runId])
        let wanted = try Data(contentsOf: folder.appending(path: "credits-run-\(runId).csv"))
        #expect(Data(shown.output.utf8) == wanted)
      }
    }
  }

  @Test func refusesWhatItCannotShow() async throws {
    try await Slots.shared.with {
      let database = try await SourceDatabase()
      let unknown = try await database.redress(["report", "--run", "7"])
      #expect(unknown.exitCode == 1)
      #expect(
        unknown.errors == """
          redress: there is no run 7: nothing has been committed here yet.
          Name the database of the run with --database.

          """)
      for arguments in [[], ["--run", "1", "--posted", "2026-10"], ["--month", "2026-13"]] {
        let finished = try await database.redress(["report"] + arguments)
        #expect(finished.exitCode == 64, "\(arguments)")
      }
      let full = try await run(
        "sh", ["-c", "redress report --month 2026-10 > /dev/full"],
        environment: database.environment)
      #expect(full.exitCode == 1)
      #expect(full.errors.contains("standard output"))
    }
  }

  /// Two nights with amendments between them; their files are in the folder.
  static func withHistory(
    more: [String] = [], _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        try await body(try await makeHistory(more: more, folder), folder)
      }
    }
  }

  /// A new database with two runs of a source, and their files in the folder.
  static func makeHistory(more: [String], _ folder: URL) async throws -> SourceDatabase {
    let database = try await SourceDatabase()
    try await database.psql(ReportTests.history + more)
    let first = try await database.redress(
      ReportTests.night + ["2026-11-01T06:00:00Z", "--output", folder.path()])
    #expect(first.exitCode == 0, "\(first.errors)")
    try await database.psql(
      """
      UPDATE redress_source.invoice SET status = 'finalized';
      UPDATE redress_source.outage SET ended_at = started_at + interval '5 hours'
      WHERE incident_id = 'i1';
      UPDATE redress_source.incident SET title = 'Renamed' WHERE incident_id = 'i1';
      UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2';
      """)
    let second = try await database.redress(
      ReportTests.night + ["2026-11-02T06:00:00Z", "--output", folder.path()])
    #expect(second.exitCode == 3, "\(second.errors)")
    return database
  }
}
