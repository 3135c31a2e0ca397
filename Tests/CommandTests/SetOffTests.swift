import FoundationEssentials
import TestSupport
import Testing

/// `overcredited: set_off`: the pseudo invoice cannot be written by others, and must add up.
struct SetOffTests {
  private static let policy = """
    versions:
      - version: v
        effective_from: 2025-01-01
        time_zone: UTC
        tiers:
          - {severity: P0, longer_than: 1h, credit: 10%}
        overcredited: set_off
        limits: {taken_back: {USD: 150}}
    """

  /// 200.00 USD are overcredited, and 150.00 USD of other credits are open.
  private static func withSetOff(_ body: (SourceDatabase) async throws -> Void) async throws {
    try await withNights { database, _ in try await body(database) }
  }

  /// - Parameter body: gets the database and a function that runs a night.
  private static func withNights(
    _ body: (SourceDatabase, (String) async throws -> Finished) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let file = folder.appending(path: "policy.yaml")
        try Data(policy.utf8).write(to: file)
        func night(_ asOf: String) async throws -> Finished {
          try await database.redress([
            "run", "--approve-limits", "--approved-by=tests", "--reason=first load", "--as-of",
            asOf, "--output", folder.path(), "--policy",
            file.path(),
          ])
        }
        try await database.psql(ReportTests.history)
        #expect(try await night("2026-11-01T06:00:00Z").exitCode == 0)
        try await database.psql([
          "UPDATE redress_source.invoice SET status = 'finalized'",
          "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i1'",
        ])
        let second = try await night("2026-11-02T06:00:00Z")
        #expect(second.exitCode == 3)
        #expect(
          second.errors.contains("; set off 150.00 USD; 1 finding, 1 new; files "),
          "\(second.errors)")
        try await body(database, night)
      }
    }
  }

  /// What is set off stands beside what is placed, and never in it alone.
  @Test func everyReportSaysHowMuchIsSetOff() async throws {
    try await SetOffTests.withSetOff { database in
      try await withTemporaryFolder { folder in
        for report in [["--run", "2"], ["--month", "2026-10"]] {
          let page = try await database.redress(["report", "--format", "html"] + report)
          #expect(page.exitCode == 0, "\(page.errors)")
          #expect(page.output.contains("given back"), "\(report)")
          #expect(page.output.contains("150.00"), "\(report)")
          #expect(!page.output.contains("never set off"), "\(report)")
          let book = try await database.redress(
            ["report", "--format", "xlsx", "--output", folder.path()] + report)
          #expect(book.exitCode == 0, "\(book.errors)")
        }
        for (book, kinds) in [
          ("run-2", [["set_off", "2", "150.00"]]),
          ("2026-10", [["set_off", "2", "150.00"], ["set_off_taken", "2", "150.00"]]),
        ] {
          let sheets = try Office.sheets(of: folder.appending(path: "credits-\(book).xlsx").path())
          let rows = try #require(sheets["totals"]).map { $0[1...3].map(\.text) }
          #expect(rows.filter { $0[0].hasPrefix("set_off") } == kinds, "\(book)")
        }
        let files = try await database.redress(["report", "--run", "2", "--output", folder.path()])
        #expect(files.exitCode == 0, "\(files.errors)")
        let totals = try String(
          contentsOf: folder.appending(path: "totals-run-2.json"), encoding: .utf8)
        #expect(
          totals.contains(
            #""set_off": {"rows": 2, "amount": "150.00", "amount_minor": 15000}"#), "\(totals)")
      }
    }
  }

  /// Its draft's line is still there, and the set-off takes the same back.
  @Test func aMonthHasTheCreditThatIsSetOffWhole() async throws {
    try await SetOffTests.withSetOff { database in
      let month = try await database.redress(["report", "--month", "2026-10"])
      let table = try #require(
        Table(csv: month.output)?.selecting(
          ["subscription_id", "incident_id", "amount", "placed", "invoices"]))
      #expect(
        table.rows.sorted { $0.joined() < $1.joined() } == [
          ["s1", "i1", "0.00", "0.00", "2"], ["s1", "i2", "100.00", "100.00", "2"],
          ["s2", "i1", "0.00", "50.00", "2"], ["s2", "i2", "100.00", "100.00", "1"],
        ], "\(month.output)")
    }
  }

  /// Back and forth: what was set off adds up to nothing, and a row of the source has the same name.
  @Test func explainTakesNoInvoiceForThePseudoInvoice() async throws {
    try await SetOffTests.withNights { database, night in
      try await database.psql([
        "INSERT INTO redress_source.invoice VALUES ('set-off', 'c', 'USD', 'draft', '2026-12-05', 1000)",
        "UPDATE redress_source.incident SET status = 'resolved' WHERE incident_id = 'i1'",
      ])
      #expect(try await night("2026-11-03T06:00:00Z").errors.contains("1 finding"))
      let found = try await database.redress(["findings"])
      #expect(found.output.contains("reserved_id invoice set-off"), "\(found.output)")
      let open = try await database.redress(["explain", "--customer", "c"]).output
      #expect(open.contains("the customer has no draft invoice in USD"), "\(open)")
      #expect(!open.contains("draft invoice set-off"), "\(open)")
      // It is told, and not overlooked.
      #expect(open.contains("invoice set-off: The id of the invoice is set-off"), "\(open)")
      try await database.psql([
        "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2'",
        "UPDATE redress_source.invoice SET status = 'void' WHERE invoice_id = 'set-off'",
      ])
      _ = try await night("2026-11-04T06:00:00Z")
      let back = try await database.redress(["explain", "--customer", "c"]).output
      #expect(back.contains("the two add up to nothing"), "\(back)")
      #expect(!back.contains("finalized invoice set-off"), "\(back)")
      #expect(!back.contains("void invoice set-off"), "\(back)")
      #expect(try await database.redress(["verify"]).exitCode == 0)
    }
  }

  /// The limits look at what is granted and taken back alone.
  @Test func aHeldRunSaysWhatItWouldSetOff() async throws {
    try await SetOffTests.withNights { database, night in
      try await database.psql(
        "UPDATE redress_source.incident SET status = 'resolved' WHERE incident_id = 'i1'")
      #expect(try await night("2026-11-03T06:00:00Z").exitCode == 0)
      try await database.psql(
        "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i1'")
      try await withTemporaryFolder { folder in
        let file = folder.appending(path: "policy.yaml")
        try Data(SetOffTests.policy.utf8).write(to: file)
        let held = try await database.redress([
          "run", "--as-of", "2026-11-04T06:00:00Z", "--output", folder.path(), "--policy",
          file.path(),
        ])
        #expect(held.exitCode == 4, "\(held.errors)")
        #expect(
          held.errors.contains(
            "It sets off 150.00 USD of what invoices carry too much against other credits"),
          "\(held.errors)")
      }
    }
  }

  @Test func whatIsLeftIsReported() async throws {
    try await SetOffTests.withSetOff { database in
      let sums = try await database.rows(
        """
        SELECT subscription_id, incident_id, amount_minor, placed_minor FROM redress.entitlement
        ORDER BY subscription_id, incident_id
        """)
      #expect(
        sums.rows == [
          ["s1", "i1", "0", "0"], ["s1", "i2", "10000", "10000"],
          ["s2", "i1", "0", "5000"], ["s2", "i2", "10000", "10000"],
        ])
      let found = try await database.redress(["findings"]).output
      #expect(found.contains("carry 50.00 USD more than the customer is entitled to."), "\(found)")
      let explained = try await database.redress(["explain", "--customer", "c"]).output
      #expect(
        explained.contains("is set off against what finalized invoices carry too much"),
        "\(explained)")
      #expect(explained.contains("100.00 USD of what finalized invoices carry is set off"))
      let verified = try await database.redress(["verify"])
      #expect(verified.exitCode == 0, "\(verified.output)")
    }
  }

  /// An invoice of which too much was set off is voided: the set-off goes, and the other credit is open again, also
  /// where the policy does not set off any more. Nothing is paid in its place.
  @Test(arguments: [true, false])
  func aVoidedInvoiceUndoesItsSetOff(staysInForce: Bool) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let file = folder.appending(path: "policy.yaml")
        let tiers = """
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
                - {severity: P0, longer_than: 4h, credit: 25%}
              limits: {share_of_monthly_fees: none}

          """
        var text =
          "versions:\n  - version: one\n    effective_from: 2026-01-01\n" + tiers
          + "    overcredited: set_off\n"
        if !staysInForce {
          text += "  - version: two\n    effective_from: 2026-11-04\n" + tiers
        }
        try Data(text.utf8).write(to: file)
        func night(_ day: Int, exits exitCode: Int32, _ said: String = "") async throws {
          let finished = try await database.redress([
            "run", "--as-of", "2026-11-0\(day)T06:00:00Z", "--output", folder.path(), "--policy",
            file.path(),
          ])
          #expect(finished.exitCode == exitCode, "night \(day): \(finished.errors)")
          #expect(finished.errors.contains(said), "night \(day): \(finished.errors)")
        }
        func carried() async throws -> [[String]] {
          try await database.rows(
            """
            SELECT incident_id, invoice_id, -sum(amount_minor) FROM redress.invoice_adjustment
            GROUP BY incident_id, invoice_id HAVING sum(amount_minor) <> 0 ORDER BY incident_id, invoice_id
            """
          ).rows
        }
        try await database.psql(ErrorCase.source)
        try await database.psql([
          "INSERT INTO redress_source.invoice VALUES ('i1', 'C', 'USD', 'draft', '2026-11-01', 250)"
        ])
        try await night(1, exits: 0)
        #expect(try await carried() == [["INC", "i1", "25000"]])
        try await database.psql([
          "UPDATE redress_source.invoice SET status = 'finalized'",
          "UPDATE redress_source.incident SET status = 'void'",
          """
          INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
          VALUES ('INC-B', 'Other', 'P0', 'resolved', '2026-10-07 08:00Z', '2026-10-07 10:00Z')
          """,
          """
          INSERT INTO redress_source.outage
          VALUES ('INC-B', 'P0', 'S', NULL, '2026-10-07 08:00Z', '2026-10-07 10:00Z')
          """,
        ])
        try await night(2, exits: 3, "; set off 100.00 USD; ")
        #expect(
          try await carried()
            == [
              ["INC", "i1", "25000"], ["INC", "set-off", "-10000"], ["INC-B", "set-off", "10000"],
            ]
        )
        try await database.psql([
          "UPDATE redress_source.invoice SET status = 'void'",
          "INSERT INTO redress_source.invoice VALUES ('i3', 'C', 'USD', 'draft', '2026-12-01', 500)",
        ])
        try await night(4, exits: 0, "; undid set-offs of 100.00 USD")
        let totals = try String(
          contentsOf: folder.appending(path: "totals-run-3.json"), encoding: .utf8)
        #expect(
          totals.contains(#""set_off_undone": {"rows": 1, "amount": "100.00""#), "\(totals)")
        let told = try await database.redress(["explain", "--customer", "C", "--incident", "INC"])
        #expect(told.output.contains(", run 3 the two add up to nothing"), "\(told.output)")
        #expect(try await carried() == [["INC-B", "i3", "10000"]])
        try await night(4, exits: 0, "0 revisions, 0 invoice lines")
        try await database.psql([
          "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-B'"
        ])
        try await night(5, exits: 0)
        #expect(try await carried() == [])
        let verified = try await database.redress(["verify", "--output", folder.path()])
        #expect(verified.exitCode == 0, "\(verified.output)")
        let open = try await database.rows("SELECT count(*) FROM redress.open_credit")
        #expect(open.rows == [["0"]])
      }
    }
  }

  /// A set-off of months that a night does not read any more is undone with both of its credits.
  @Test func whatIsSetOffIsCarriedForward() async throws {
    try await SetOffTests.withSetOff { database in
      let carried = try await database.rows(
        """
        SELECT count(*) FROM redress.entitlement
        WHERE (customer_id, subscription_id, incident_id, billing_month, currency) IN
          (SELECT customer_id, subscription_id, incident_id, billing_month, currency
             FROM redress.invoice_adjustment WHERE invoice_id = 'set-off')
        """)
      #expect(carried.rows == [["4"]])
      try await withTemporaryFolder { folder in
        let file = folder.appending(path: "policy.yaml")
        try Data(SetOffTests.policy.utf8).write(to: file)
        func night(_ asOf: String) async throws {
          let finished = try await database.redress([
            "run", "--approve-limits", "--approved-by=tests", "--reason=first load", "--as-of",
            asOf, "--output", folder.path(), "--policy",
            file.path(),
          ])
          #expect([0, 3].contains(finished.exitCode), "\(finished.errors)")
        }
        // October is not read whole any more.
        try await night("2027-06-02T06:00:00Z")
        let kept = try await database.redress(["verify"])
        #expect(kept.exitCode == 0, "\(kept.output)")
        try await database.psql([
          "UPDATE redress_source.invoice SET status = 'void'",
          "INSERT INTO redress_source.invoice VALUES ('inv-2', 'c', 'USD', 'draft', '2027-07-01', 900)",
        ])
        try await night("2027-06-03T06:00:00Z")
        let sums = try await database.rows(
          """
          SELECT incident_id, invoice_id, -sum(amount_minor) FROM redress.invoice_adjustment
          GROUP BY incident_id, invoice_id HAVING sum(amount_minor) <> 0 ORDER BY incident_id, invoice_id
          """)
        #expect(sums.rows == [["i2", "inv-2", "20000"]])
        let verified = try await database.redress(["verify"])
        #expect(verified.exitCode == 0, "\(verified.output)")
      }
    }
  }

  @Test func nobodyElseWritesOnThePseudoInvoice() async throws {
    try await SetOffTests.withSetOff { database in
      for (call, words) in [
        (
          "place_on_invoice('set-off', 'c', 'USD', 100)",
          "set-off is the id under which runs set credits off"
        ),
        ("release_invoice('set-off')", "set-off is the id under which runs set credits off"),
        (
          "place_on_invoice('balance:lago', 'c', 'USD', 100)",
          "balance:lago is an id under which runs hand"
        ),
        ("release_invoice('balance:lago')", "balance:lago is an id under which runs hand"),
      ] {
        let error = await #expect(throws: SourceDatabase.SetupError.self, "\(call)") {
          try await database.psql("SELECT * FROM redress.\(call)")
        }
        #expect("\(error!)".contains(words), "\(error!)")
      }
      let line = """
        INSERT INTO redress.invoice_line
          (amount_minor, placed_at, line, billing_month, customer_id, subscription_id, incident_id, currency, invoice_id)
        VALUES (-1, now(), 9, '2026-10-01', 'c', 's1', 'i1', 'USD', 'set-off')
        """
      for statement in ["SELECT redress.release_invoice('set-off')", line] {
        await #expect(throws: SourceDatabase.SetupError.self, "\(statement)") {
          try await database.psql(statement)
        }
      }
    }
  }

  @Test func verifyFindsWhatDoesNotAddUp() async throws {
    try await SetOffTests.withSetOff { database in
      try await database.psql(
        "UPDATE redress.invoice_line SET amount_minor = amount_minor + 1 WHERE invoice_id = 'set-off' AND amount_minor > 0"
      )
      let verified = try await database.redress(["verify"])
      #expect(verified.exitCode == 2)
      #expect(
        verified.output.contains("what is set off in USD adds up to 1 minor units instead of zero"),
        "\(verified.output)")
    }
  }
}
