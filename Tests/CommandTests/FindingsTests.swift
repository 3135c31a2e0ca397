import FoundationEssentials
import Testing

/// `redress findings`: what is open is listed, accepted, and asks again when it must.
struct FindingsTests {
  private static let overcredited = "c / s1 / i1 / 2026-10 / USD"

  /// A ledger whose second run found an overcredited credit and a window of nothing.
  private static func withFindings(_ body: (Ledger) async throws -> Void) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let ledger = Ledger(database: try await SourceDatabase(), folder: folder)
        try await ledger.database.psql(
          ReportTests.history + [
            "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2'",
            "UPDATE redress_source.outage SET ended_at = started_at + interval '2 hours'",
          ])
        try await ledger.run("2026-11-01T06:00:00Z", leaving: 0, "")
        try await ledger.database.psql([
          "UPDATE redress_source.invoice SET status = 'finalized'",
          "UPDATE redress_source.subscription_term SET monthly_fee = 600 WHERE subscription_id = 's1'",
          """
          INSERT INTO redress_source.outage (incident_id, severity, customer_id, started_at, ended_at)
          VALUES ('i-x', 'P0', 'c', '2026-10-08+00', '2026-10-08 01:00+00')
          """,
        ])
        try await ledger.run("2026-11-02T06:00:00Z", leaving: 3, "3 findings, 3 new")
        try await body(ledger)
      }
    }
  }

  fileprivate struct Ledger {
    let database: SourceDatabase
    let folder: URL
    var metrics: URL { folder.appending(path: "redress.prom") }

    /// - Parameter findings: what the summary line says of them.
    func run(
      _ asOf: String, jobs: Int = 1, leaving exitCode: Int32, _ findings: String,
      _ place: SourceLocation = #_sourceLocation
    ) async throws {
      let finished = try await database.redress([
        "run", "--approve-limits", "--approved-by=tests", "--reason=first load", "--as-of", asOf,
        "--jobs", "\(jobs)", "--output", folder.path(),
        "--metrics-file", metrics.path(),
      ])
      #expect(finished.exitCode == exitCode, "\(finished.errors)", sourceLocation: place)
      let line = finished.errors.split(separator: "\n").last ?? ""
      let told = line.split(separator: "; files ").first ?? ""
      #expect(
        findings.isEmpty ? !told.contains("finding") : told.hasSuffix("; " + findings), "\(line)",
        sourceLocation: place)
    }

    @discardableResult
    func findings(
      _ arguments: [String], leaving exitCode: Int32 = 0,
      _ place: SourceLocation = #_sourceLocation
    ) async throws -> Finished {
      let finished = try await database.redress(["findings"] + arguments)
      #expect(
        finished.exitCode == exitCode, "\(finished.output)\(finished.errors)",
        sourceLocation: place)
      return finished
    }

    func accept(_ code: String, _ key: String, _ options: [String] = []) async throws {
      try await findings(["accept", code, key, "--reason", "agreed with c"] + options)
    }

    func sample(_ name: String) throws -> Substring? {
      try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n")
        .first { $0.hasPrefix(name) }?.split(separator: " ").last
    }
  }

  @Test func listsWhatIsOpenAndSinceWhen() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 3, "2 findings")
      let list = try await ledger.findings([])
      #expect(
        list.output == """
          incident_missing outage i-x
            Outage windows name incident i-x, which the source does not have.
            Add the incident to redress_source.incident or remove its windows.
            since run 2, as of 2026-11-02T06:00:00Z

          overcredited credit c / s1 / i1 / 2026-10 / USD
            Finalized invoices carry 40.00 USD more than the customer is entitled to.
            Decide whether to claim it back; it is not taken from a finalized invoice.
            since run 2, as of 2026-11-02T06:00:00Z

          run 3 has 2 findings

          """)
      let filtered = try await ledger.findings(["--code", "overcredited", "--key", "s1"])
      #expect(filtered.output.contains("overcredited") && !filtered.output.contains("i-x"))
      #expect(filtered.output.hasSuffix("run 3 has 2 findings; 1 shown\n"))
      #expect(try await ledger.findings(["--new"]).output == "run 3 has 2 findings; 0 shown\n")
      let csv = try #require(Table(csv: try await ledger.findings(["--format", "csv"]).output))
      #expect(
        csv.selecting(["code", "since run", "new", "accepted by"])?.rows == [
          ["incident_missing", "2", "no", ""], ["overcredited", "2", "no", ""],
        ])
      let json = try await ledger.findings(["--format", "json", "--code", "overcredited"]).output
      #expect(json.hasPrefix("{\"code\":\"overcredited\",\"relation\":\"credit\","))
      #expect(json.hasSuffix("\"reason\":null}\n"), "\(json)")
    }
  }

  @Test func anAcceptedFindingIsToldApart() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.accept("overcredited", FindingsTests.overcredited)
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 3, "2 findings, 1 accepted")
      try await ledger.accept("incident_missing", "i-x", ["--until", "2026-12-31"])
      try await ledger.run("2026-11-04T06:00:00Z", jobs: 3, leaving: 0, "2 findings, 2 accepted")
      #expect(try ledger.sample("redress_run_findings{code=\"overcredited\"}") == "1")
      #expect(try ledger.sample("redress_findings_accepted{code=\"overcredited\"}") == "1")
      #expect(try ledger.sample("redress_findings_new{code=\"overcredited\"}") == "0")
      #expect(try ledger.sample("redress_run_exit_code") == "0")

      let file = try String(
        contentsOf: ledger.folder.appending(path: "findings-run-4.csv"), encoding: .utf8)
      let table = try #require(Table(csv: file))
      let user = try await ledger.database.rows("SELECT session_user").rows[0][0]
      #expect(
        table.selecting(["code", "accepted by", "accepted until", "reason"])?.rows == [
          ["incident_missing", user, "2026-12-31", "agreed with c"],
          ["overcredited", user, "", "agreed with c"],
        ])
      let list = try await ledger.findings(["--accepted"]).output
      #expect(list.contains("  accepted until 2026-12-31 by \(user): agreed with c\n"))
      #expect(list.hasSuffix("run 4 has 2 findings, 2 accepted\n"))

      let page = try await ledger.database.redress(["report", "--run", "4", "--format", "html"])
      #expect(page.output.contains("2 findings are accepted."))
      let checked = try await ledger.database.redress(["check", "--as-of", "2026-11-05T06:00:00Z"])
      #expect(checked.exitCode == 0, "\(checked.output)")
      #expect(checked.output.contains("nothing to review, 2 accepted"), "\(checked.output)")
      try await ledger.verify()
    }
  }

  @Test func asksAgainWhenSomethingElseIsToldOfTheRow() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.accept("incident_missing", "i-x")
      try await ledger.accept("overcredited", FindingsTests.overcredited)
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 0, "2 findings, 2 accepted")
      try await ledger.database.psql(
        "UPDATE redress_source.subscription_term SET monthly_fee = 300 WHERE subscription_id = 's1'"
      )
      // 70.00 USD instead of 40.00, and what the source tells of the past.
      try await ledger.run("2026-11-04T06:00:00Z", leaving: 3, "3 findings, 2 new, 1 accepted")
      try await ledger.run("2026-11-05T06:00:00Z", leaving: 3, "2 findings, 1 accepted")
      try await ledger.verify()
    }
  }

  @Test func asksAgainAfterTheLastDay() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.accept("incident_missing", "i-x")
      try await ledger.accept(
        "overcredited", FindingsTests.overcredited, ["--until", "2026-11-10"])
      try await ledger.run("2026-11-10T23:59:59.999999Z", leaving: 0, "2 findings, 2 accepted")
      try await ledger.run("2026-11-11T00:00:00Z", leaving: 3, "2 findings, 1 new, 1 accepted")
      let over = try await ledger.findings(
        [
          "accept", "overcredited", FindingsTests.overcredited, "--reason", "r", "--until",
          "2026-11-10",
        ], leaving: 1)
      #expect(over.errors.contains("--until 2026-11-10 is over by then"), "\(over.errors)")
      try await ledger.accept(
        "overcredited", FindingsTests.overcredited, ["--until", "2026-11-11"])
      try await ledger.run("2026-11-11T01:00:00Z", leaving: 0, "2 findings, 2 accepted")
      try await ledger.verify()
    }
  }

  @Test func asksAgainOnceTheAcceptanceIsWithdrawn() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.accept("incident_missing", "i-x")
      try await ledger.accept("overcredited", FindingsTests.overcredited)
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 0, "2 findings, 2 accepted")
      try await ledger.findings(["withdraw", "incident_missing", "i-x", "--reason", "no"])
      let list = try await ledger.findings(["--accepted"]).output
      #expect(!list.contains("i-x"))
      try await ledger.run("2026-11-04T06:00:00Z", leaving: 3, "2 findings, 1 new, 1 accepted")
      let again = try await ledger.findings(
        ["withdraw", "incident_missing", "i-x", "--reason", "no"], leaving: 1)
      #expect(again.errors.contains("nobody has accepted"), "\(again.errors)")
      try await ledger.verify()
    }
  }

  @Test func whatIsNotThereIsNotAccepted() async throws {
    try await FindingsTests.withFindings { ledger in
      let near = try await ledger.findings(
        ["accept", "overcredited", "c / s1 / i1 / 2026-10 / USB", "--reason", "r"], leaving: 1)
      #expect(
        near.errors.contains("Did you mean '\(FindingsTests.overcredited)'?"), "\(near.errors)")
      let code = try await ledger.findings(
        ["accept", "over_credited", "x", "--reason", "r"], leaving: 64)
      #expect(code.errors.contains("Did you mean overcredited?"), "\(code.errors)")
      for reason in ["", "  "] {
        try await ledger.findings(
          ["accept", "incident_missing", "i-x", "--reason", reason], leaving: 64)
      }
      for day in ["2026-13-01", "2026-02-30", "soon", "2026-1-1"] {
        try await ledger.findings(
          ["accept", "incident_missing", "i-x", "--reason", "r", "--until", day], leaving: 64)
      }
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 3, "2 findings")
    }
  }

  /// An id that looks like two is shown between quotes, and a shell takes quotes away.
  @Test func keysAreTakenAsTheyAreShownAndWithoutQuotes() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.database.psql([
        """
        INSERT INTO redress_source.exclusion VALUES
          ('a / b', 'customer_fault', NULL, 'z', '2026-10-06+00', '2026-10-07+00', NULL),
          ('''q', 'customer_fault', NULL, 'z', '2026-10-06+00', '2026-10-07+00', NULL);
        """
      ])
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 3, "4 findings, 2 new")
      let list = try await ledger.findings([]).output
      #expect(list.contains("unknown_customer exclusion 'a / b'"), "\(list)")
      try await ledger.accept("unknown_customer", "a / b")
      try await ledger.accept("unknown_customer", "'a / b'")
      try await ledger.accept("unknown_customer", "'q")
      try await ledger.accept("unknown_customer", "'''q'")
      let near = try await ledger.findings(
        ["accept", "unknown_customer", "a / c", "--reason", "r"], leaving: 1)
      #expect(near.errors.contains("Did you mean 'a / b'?"), "\(near.errors)")
      for relation in ["exclusions", "x"] {
        let unknown = try await ledger.findings(
          ["accept", "unknown_customer", "a / b", "--reason", "r", "--relation", relation],
          leaving: 64)
        #expect(unknown.errors.contains("about a relation '\(relation)'"), "\(unknown.errors)")
        #expect(unknown.errors.contains("customer, service, subscription_term"))
      }
      try await ledger.findings(["withdraw", "unknown_customer", "a / b", "--reason", "no"])
      try await ledger.run("2026-11-04T06:00:00Z", leaving: 3, "4 findings, 1 accepted")
    }
  }

  @Test func theSameKeyInTwoRelationsIsAskedFor() async throws {
    try await FindingsTests.withFindings { ledger in
      try await ledger.database.psql([
        """
        INSERT INTO redress_source.exclusion VALUES ('x', 'customer_fault', NULL, 'z', '2026-10-06+00', '2026-10-07+00', NULL);
        INSERT INTO redress_source.invoice VALUES ('x', 'z', 'USD', 'draft', '2026-11-01', 1);
        """
      ])
      try await ledger.run("2026-11-03T06:00:00Z", leaving: 3, "4 findings, 2 new")
      let several = try await ledger.findings(
        ["accept", "unknown_customer", "x", "--reason", "r"], leaving: 1)
      #expect(
        several.errors.contains("rows of exclusion and invoice have findings"),
        "\(several.errors)")
      try await ledger.accept("unknown_customer", "x", ["--relation", "invoice"])
      try await ledger.run("2026-11-04T06:00:00Z", leaving: 3, "4 findings, 1 accepted")
    }
  }

  @Test func anEmptyLedgerHasNoFindings() async throws {
    let database = try await SourceDatabase()
    let finished = try await database.redress(["findings"])
    #expect(finished.exitCode == 1)
    #expect(finished.errors.contains("the ledger has no run yet"))
  }
}

extension FindingsTests.Ledger {
  fileprivate func verify() async throws {
    let finished = try await database.redress(["verify", "--output", folder.path()])
    #expect(finished.exitCode == 0, "\(finished.output)\(finished.errors)")
  }
}
