import FoundationEssentials
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
    """

  /// 200.00 USD are overcredited, and 150.00 USD of other credits are open.
  private static func withSetOff(_ body: (SourceDatabase) async throws -> Void) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let file = folder.appending(path: "policy.yaml")
        try Data(policy.utf8).write(to: file)
        func night(_ asOf: String) async throws -> Finished {
          try await database.redress([
            "run", "--approve-limits", "--as-of", asOf, "--output", folder.path(), "--policy",
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
        try await body(database)
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
            "run", "--approve-limits", "--as-of", asOf, "--output", folder.path(), "--policy",
            file.path(),
          ])
          #expect(finished.errors.contains("run "), "\(finished.errors)")
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
