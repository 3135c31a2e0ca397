import FoundationEssentials
import Testing

/// Changes to the past of a recorded credit, or to an invoice that carries one, that the source
/// does not announce.
struct RewrittenPastTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Applied after the first night, which recorded 100.00 for C1 on V1 and 50.00 for C2 on V2.
    let statement: String
    let findings: [String]
    /// Parts of the texts of the findings with this code.
    let told: [String]
    let credits: [String]

    var testDescription: String { name }

    init(
      _ name: String, _ statement: String, _ findings: [String], told: [String] = [],
      credits: [String]
    ) {
      self.name = name
      self.statement = statement
      self.findings = findings
      self.told = told
      self.credits = credits
    }
  }

  private func check(_ row: Case, code: String) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        #expect(try await source.night() == [])
        try await source.database.psql(row.statement)
        #expect(try await source.night(asOf: "2026-11-29T00:00:00Z") == row.findings)
        #expect(try await source.credits() == row.credits)
        let problem = try await source.problem(code)
        for part in row.told { #expect(problem.contains(part), "\(problem)") }
        // A rewriting is reported once. A changed invoice is reported again.
        let again = try await source.night(asOf: "2026-11-30T00:00:00Z")
        #expect(again == row.findings.filter { !$0.hasPrefix("past_rewritten") })
      }
    }
  }

  @Test(arguments: past)
  func theFindingTellsThePast(_ row: Case) async throws {
    try await check(row, code: "past_rewritten")
  }

  /// November has 30 days. A cancellation for the 15th that comes in December halves what the month was billed at.
  @Test func theFindingTellsWhatAPeriodIsBilledAt() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        let policy = folder.appending(path: "policy.yaml")
        let promise = """
          versions:
            - version: billed-1
              effective_from: 2026-01-01
              time_zone: UTC
              base: {fee: billed}
              rules: [{kind: steps, of: uptime, steps: [{below: 99.9%, credit: 10%}]}]
          """
        try Data(promise.utf8).write(to: policy)
        func night(_ asOf: String) async throws -> [String] {
          try await source.night(asOf: asOf, options: ["--policy", policy.path()])
        }
        #expect(try await night("2026-12-02T00:00:00Z") == [])
        #expect(try await source.credits() == DoubtfulRowTests.both)
        try await source.database.psql(
          "UPDATE redress_source.subscription_term SET valid_to = '2026-11-16Z' "
            + RewrittenPastTests.sub1)
        #expect(try await night("2026-12-03T00:00:00Z") == [RewrittenPastTests.key])
        #expect(try await source.credits() == ["C1 50.00 on V1", "C2 50.00 on V2"])
        let problem = try await source.problem("past_rewritten")
        #expect(
          problem.contains("was billed at 1000.00 USD and is billed at 500.00 USD"), "\(problem)")
        #expect(problem.contains("takes 50.00 USD back"), "\(problem)")
        #expect(try await night("2026-12-04T00:00:00Z") == [])
      }
    }
  }

  @Test(arguments: invoices)
  func theFindingTellsTheInvoice(_ row: Case) async throws {
    try await check(row, code: "invoice_changed")
  }

  private static let key = "past_rewritten credit C1 / SUB1 / I1 / 2026-11 / USD"
  private static let sub1 = "WHERE subscription_id = 'SUB1'"

  static let past = [
    Case(
      "a higher fee", "UPDATE redress_source.subscription_term SET monthly_fee = 1200 \(sub1)",
      [key], told: ["was 1000.00 USD and is 1200.00 USD", "adds 20.00 USD"],
      credits: ["C1 120.00 on V1", "C2 50.00 on V2"]),
    Case(
      "no fee", "UPDATE redress_source.subscription_term SET monthly_fee = 0 \(sub1)",
      [key], told: ["was 1000.00 USD and is 0.00 USD", "takes 100.00 USD back"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "a new term for a new fee is no rewriting",
      "UPDATE redress_source.subscription_term SET valid_to = '2026-11-20Z' \(sub1); INSERT INTO redress_source.subscription_term VALUES ('SUB1', 'C1', 'S', 'basic', 1200, 'USD', '2026-11-20Z', NULL)",
      [], credits: DoubtfulRowTests.both),
    Case(
      "a plan that changes no amount appends nothing",
      "UPDATE redress_source.subscription_term SET plan = 'other' \(sub1)", [],
      credits: DoubtfulRowTests.both),
    Case(
      "an incident that lasted longer is an ordinary correction",
      "UPDATE redress_source.outage SET ended_at = '2026-11-10 15:00Z'", [],
      credits: ["C1 250.00 on V1", "C2 125.00 on V2"]),
    Case(
      "a fee and the incident are an ordinary correction",
      "UPDATE redress_source.outage SET ended_at = '2026-11-10 12:30Z'; UPDATE redress_source.subscription_term SET monthly_fee = 1200 \(sub1)",
      [], credits: ["C1 120.00 on V1", "C2 50.00 on V2"]),
    Case(
      "another currency",
      "UPDATE redress_source.subscription_term SET currency = 'EUR' \(sub1)",
      [key], told: ["currency was USD and is EUR", "takes 100.00 USD back"],
      credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "a term that begins after the outage",
      "UPDATE redress_source.subscription_term SET valid_from = '2026-11-15Z' \(sub1)",
      [key], told: ["no term then", "takes 100.00 USD back"], credits: ["C2 50.00 on V2"]),
    Case(
      "a subscription that was another customer's",
      "UPDATE redress_source.subscription_term SET customer_id = 'C2' \(sub1)",
      [key], told: ["another customer's"], credits: ["C2 100.00 on V2", "C2 50.00 on V2"]),
    Case(
      "a term for another service",
      "INSERT INTO redress_source.service VALUES ('S2', 'Other'); UPDATE redress_source.subscription_term SET service_id = 'S2' \(sub1); UPDATE redress_source.outage SET service_id = 'S'",
      [key], told: ["service was 'S' and is 'S2'", "takes 100.00 USD back"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "a term that ends within the outage",
      "UPDATE redress_source.subscription_term SET valid_to = '2026-11-10 10:30Z' \(sub1)",
      [key], told: ["ends at 2026-11-10T10:30:00Z", "takes 100.00 USD back"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "an incident that lasted longer, over a term that was split, is an ordinary correction",
      "UPDATE redress_source.subscription_term SET valid_to = '2026-11-10 11:00Z' \(sub1); INSERT INTO redress_source.subscription_term VALUES ('SUB1', 'C1', 'S', 'basic', 1000, 'USD', '2026-11-10 11:00Z', NULL); UPDATE redress_source.outage SET ended_at = '2026-11-10 15:00Z'",
      [], credits: ["C1 250.00 on V1", "C2 125.00 on V2"]),
    Case(
      "an incident that is void takes back without a rewriting",
      "UPDATE redress_source.incident SET status = 'void'; UPDATE redress_source.subscription_term SET monthly_fee = 7",
      [], credits: []),
  ]

  static let invoices = [
    Case(
      "finalized as it was", "UPDATE redress_source.invoice SET status = 'finalized'", [],
      credits: DoubtfulRowTests.both),
    Case(
      "a draft in another currency",
      "UPDATE redress_source.invoice SET currency = 'EUR' WHERE invoice_id = 'V1'",
      ["invoice_changed invoice V1"], told: ["100.00 USD", "'EUR'"], credits: DoubtfulRowTests.both),
    Case(
      "finalized in another currency",
      "UPDATE redress_source.invoice SET currency = 'EUR', status = 'finalized' WHERE invoice_id = 'V1'",
      ["invoice_changed invoice V1"], told: ["100.00 USD", "'EUR'"], credits: DoubtfulRowTests.both),
    Case(
      "a draft of another customer",
      "UPDATE redress_source.invoice SET customer_id = 'C2' WHERE invoice_id = 'V1'",
      ["invoice_changed invoice V1"], told: ["100.00 USD", "'C2'"], credits: DoubtfulRowTests.both),
    Case(
      "a draft of another customer takes none of theirs",
      "UPDATE redress_source.invoice SET customer_id = 'C2' WHERE invoice_id = 'V1'; UPDATE redress_source.invoice SET amount_due = 50 WHERE invoice_id = 'V2'; UPDATE redress_source.outage SET ended_at = '2026-11-10 15:00Z' WHERE incident_id = 'I1'",
      ["invoice_changed invoice V1"], told: ["100.00 USD", "'C2'"],
      credits: ["C1 250.00 on V1", "C2 125.00 on V2"]),
    Case(
      "a draft of nobody",
      "UPDATE redress_source.invoice SET customer_id = NULL WHERE invoice_id = 'V1'",
      ["invoice_changed invoice V1", "missing_key invoice null / V1"], told: ["null now"],
      credits: DoubtfulRowTests.both),
    Case(
      "a draft that is gone", "DELETE FROM redress_source.invoice WHERE invoice_id = 'V1'",
      ["invoice_changed invoice V1"], told: ["100.00 USD", "does not list"],
      credits: DoubtfulRowTests.both),
    Case(
      "void", "UPDATE redress_source.invoice SET status = 'void' WHERE invoice_id = 'V1'", [],
      credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "void in another currency",
      "UPDATE redress_source.invoice SET status = 'void', currency = 'EUR' WHERE invoice_id = 'V1'",
      [], credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "void and another customer's",
      "UPDATE redress_source.invoice SET status = 'void', customer_id = 'C2' WHERE invoice_id = 'V1'",
      ["invoice_changed invoice V1"], told: ["100.00 USD", "'C2'"],
      credits: DoubtfulRowTests.both),
  ]

  /// The source need not list the invoices on which the invoicing system placed lines.
  @Test func invoicesThatTheSourceNeverListedAreNotMissed() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        try await source.database.psql("DELETE FROM redress_source.invoice")
        #expect(try await source.night() == [])
        try await source.database.psql(
          "SELECT * FROM redress.place_on_invoice('X1', 'C1', 'USD', 500)")
        #expect(try await source.night(asOf: "2026-11-29T00:00:00Z") == [])
        #expect(try await source.credits() == ["C1 100.00 on X1", "C2 50.00"])
      }
    }
  }

  /// Invoices of months that are no longer reconciled are not checked.
  @Test func invoicesOfOldMonthsAreNotLookedUp() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        #expect(try await source.night() == [])
        try await source.database.psql("DELETE FROM redress_source.invoice")
        #expect(
          try await source.night(asOf: "2027-01-31T00:00:00Z")
            == ["invoice_changed invoice V1", "invoice_changed invoice V2"])
        #expect(try await source.night(asOf: "2027-02-28T00:00:00Z") == [])
      }
    }
  }

  /// A plan with its own tiers: the percent changes, and so does the amount.
  @Test func planWithOtherTiersIsARewriting() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let policy = folder.appending(path: "policy.yaml")
        try Data(
          """
          versions:
            - version: plans
              effective_from: 2025-01-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
              plans:
                platinum:
                  tiers:
                    - {severity: P0, longer_than: 30m, credit: 15%}

          """.utf8
        ).write(to: policy)
        let source = try await DoubtfulSource(in: folder)
        func night(_ asOf: String) async throws -> Int32 {
          try await source.database.redress(
            [
              "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
              "--output", folder.path(), "--as-of", asOf,
            ]
              + ["--policy", policy.path()]
          ).exitCode
        }
        #expect(try await night("2026-11-28T00:00:00Z") == 0)
        try await source.database.psql(
          "UPDATE redress_source.subscription_term SET plan = 'platinum' WHERE subscription_id = 'SUB1'"
        )
        #expect(try await night("2026-11-29T00:00:00Z") == 3)
        let problem = try await source.problem("past_rewritten")
        #expect(problem.contains("the plan was 'basic' and is 'platinum'"), "\(problem)")
        #expect(problem.hasSuffix("adds 50.00 USD."))
      }
    }
  }
}
