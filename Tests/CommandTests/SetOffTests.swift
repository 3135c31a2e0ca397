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
        verified.output.contains("what is set off in USD adds up to 3 minor units instead of zero"),
        "\(verified.output)")
    }
  }
}
