import FoundationEssentials
import Testing

/// Bad rows: each is a finding, parks what depends on it, and stops nothing else.
struct DoubtfulRowTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Applied before the first night.
    let statement: String
    /// `code relation key`
    let findings: [String]
    let credits: [String]

    var testDescription: String { name }

    init(_ name: String, _ statement: String, _ findings: [String], credits: [String]) {
      self.name = name
      self.statement = statement
      self.findings = findings
      self.credits = credits
    }
  }

  static let both = ["C1 100.00 on V1", "C2 50.00 on V2"]
  static let none: [String] = []

  @Test(arguments: keys + doubles + values + times)
  func isAFinding(_ row: Case) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        try await source.database.psql(row.statement)
        #expect(try await source.night() == row.findings)
        #expect(try await source.credits() == row.credits)
      }
    }
  }

  /// The same fault after the first night: recorded credits stay as they are if the rows are
  /// parked.
  @Test(
    arguments: keys + doubles + values + times,
    ["2026-11-29T00:00:00Z"])
  func takesNothingBack(_ row: Case, asOf: String) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        #expect(try await source.night() == [])
        let before = try await source.value(
          "SELECT string_agg(c::text, ';' ORDER BY c.customer_id) FROM redress.credit AS c")
        try await source.database.psql(row.statement)
        let findings = try await source.night(asOf: asOf)
        // If an incident or a subscription has lost its id, there is also a finding that it is
        // missing.
        let others = findings.filter {
          !$0.hasPrefix("incident_missing incident") && !$0.hasPrefix("subscription_missing ")
            && !$0.hasPrefix("invoice_changed ")
        }
        #expect(others == row.findings)
        let after = try await source.value(
          """
          SELECT string_agg(c::text, ';' ORDER BY c.customer_id) FROM redress.credit AS c
          WHERE c.revision = 1 AND c.run_id = 1
            AND NOT EXISTS (SELECT FROM redress.credit AS d WHERE d.kind = 'decrease')
          """)
        #expect(after == before)
      }
    }
  }

  static let keys = [
    Case("nothing wrong", "SELECT", [], credits: both),
    Case(
      "an invoice without an id", "UPDATE redress_source.invoice SET invoice_id = NULL",
      ["missing_key invoice null / C1", "missing_key invoice null / C2"],
      credits: ["C1 100.00", "C2 50.00"]),
    Case(
      "an invoice with an empty id",
      "UPDATE redress_source.invoice SET invoice_id = '' WHERE customer_id = 'C1'",
      ["missing_key invoice '' / C1"], credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "an invoice of nobody",
      "INSERT INTO redress_source.invoice VALUES ('V3', NULL, 'USD', 'draft', '2026-12-01', 70), ('V4', '', 'USD', 'draft', '2026-12-01', 70)",
      ["missing_key invoice '' / V4", "missing_key invoice null / V3"], credits: both),
    Case(
      "a customer without an id",
      "INSERT INTO redress_source.customer VALUES (NULL, 'Nobody', 'gold'), ('', 'Empty', 'gold')",
      ["missing_key customer '' / Empty", "missing_key customer null / Nobody"], credits: both),
    Case(
      "a term of nobody",
      "INSERT INTO redress_source.subscription_term VALUES ('SUB3', NULL, 'S', 'basic', 10, 'USD', '2026-01-01Z', NULL)",
      ["missing_key subscription_term null / SUB3 / 2026-01-01T00:00:00Z"], credits: both),
    Case(
      "a term of nobody parks its subscription under others",
      "INSERT INTO redress_source.subscription_term VALUES ('SUB1', NULL, 'S', 'basic', 10, 'USD', '2025-01-01Z', '2025-02-01Z')",
      ["missing_key subscription_term null / SUB1 / 2025-01-01T00:00:00Z"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "a term without a subscription",
      "INSERT INTO redress_source.subscription_term VALUES (NULL, 'C1', 'S', 'basic', 10, 'USD', '2026-01-01Z', NULL)",
      ["missing_key subscription_term null / C1 / 2026-01-01T00:00:00Z"], credits: both),
    Case(
      "a term of no service",
      "UPDATE redress_source.subscription_term SET service_id = NULL WHERE subscription_id = 'SUB1'",
      ["unknown_service subscription_term SUB1 / 2026-01-01T00:00:00Z"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "a service without an id is nobody's",
      "INSERT INTO redress_source.service VALUES (NULL, 'None'), ('', 'Empty'); UPDATE redress_source.subscription_term SET service_id = '' WHERE subscription_id = 'SUB1'",
      [
        "missing_key service '' / Empty", "missing_key service null / None",
        "unknown_service subscription_term SUB1 / 2026-01-01T00:00:00Z",
      ], credits: ["C2 50.00 on V2"]),
    Case(
      "an incident without an id",
      "INSERT INTO redress_source.incident VALUES (NULL, 'Lost', 'P0', 'resolved', '2026-11-11Z', NULL, '2026-11-12Z'); INSERT INTO redress_source.outage VALUES (NULL, 'P0', NULL, NULL, '2026-11-11Z', '2026-11-12Z'), ('', 'P0', NULL, 'C1', '2026-11-11Z', '2026-11-12Z')",
      [
        "missing_key incident null / Lost / 2026-11-11T00:00:00Z",
        "missing_key outage '' / 2026-11-11T00:00:00Z",
        "missing_key outage null / 2026-11-11T00:00:00Z",
      ], credits: both),
    Case(
      "a window of one customer and of no incident",
      "INSERT INTO redress_source.outage VALUES ('I9', 'P0', NULL, 'C1', '2026-11-11Z', '2026-11-12Z')",
      ["incident_missing outage I9"], credits: both),
    Case(
      "a window of an empty customer parks its incident",
      "INSERT INTO redress_source.outage VALUES ('I1', 'P0', NULL, '', '2026-11-10 12:00Z', '2026-11-10 20:00Z')",
      ["unknown_customer outage I1 / 2026-11-10T12:00:00Z"], credits: none),
    Case(
      "an exclusion without an id is not applied",
      "INSERT INTO redress_source.exclusion VALUES (NULL, 'customer_fault', NULL, NULL, '2026-11-10Z', '2026-11-11Z'), ('', 'customer_fault', NULL, 'C1', '2026-11-10Z', '2026-11-11Z')",
      [
        "missing_key exclusion '' / customer_fault / 2026-11-10T00:00:00Z",
        "missing_key exclusion null / customer_fault / 2026-11-10T00:00:00Z",
      ], credits: both),
  ]

  static let doubles = [
    Case(
      "two rows of a customer",
      "INSERT INTO redress_source.customer VALUES ('C1', 'Again', 'basic', 'Asia/Tokyo')",
      ["duplicate_row customer C1"], credits: ["C2 50.00 on V2"]),
    Case(
      "two equal rows of a customer",
      "INSERT INTO redress_source.customer SELECT * FROM redress_source.customer WHERE customer_id = 'C1'",
      ["duplicate_row customer C1"], credits: ["C2 50.00 on V2"]),
    Case(
      "two rows of a service",
      "INSERT INTO redress_source.service VALUES ('S', 'Another name'), ('A', 'First'); INSERT INTO redress_source.subscription_term VALUES ('SUB0', 'C1', 'A', 'basic', 200, 'USD', '2026-01-01Z', NULL)",
      ["duplicate_row service S"], credits: ["C1 20.00 on V1"]),
    Case(
      "a window of a service that has two rows",
      "INSERT INTO redress_source.service VALUES ('T', 'Twice'), ('T', 'Twice'); INSERT INTO redress_source.outage VALUES ('I1', 'P0', 'T', 'C1', '2026-11-10 13:00Z', '2026-11-10 14:00Z')",
      ["duplicate_row outage I1 / 2026-11-10T13:00:00Z", "duplicate_row service T"], credits: none),
    Case(
      "two rows of an incident",
      "INSERT INTO redress_source.incident VALUES ('I1', 'Other', 'P3', 'void', '2026-11-10Z', NULL, NULL), ('I0', 'First', 'P0', 'resolved', '2026-11-01Z', NULL, '2026-11-02Z')",
      ["duplicate_row incident I1", "no_outage_scope incident I0"], credits: none),
    Case(
      "two windows alike count once",
      "INSERT INTO redress_source.outage SELECT * FROM redress_source.outage", [], credits: both),
    Case(
      "two terms that begin together",
      "INSERT INTO redress_source.subscription_term VALUES ('SUB1', 'C1', 'S', 'basic', 9000, 'USD', '2026-01-01Z', NULL)",
      ["duplicate_row subscription_term SUB1 / 2026-01-01T00:00:00Z"], credits: ["C2 50.00 on V2"]),
    Case(
      "two terms that begin together under two customers",
      "INSERT INTO redress_source.subscription_term VALUES ('SUB1', 'C2', 'S', 'basic', 9000, 'USD', '2026-01-01Z', NULL)",
      [
        "duplicate_row subscription_term SUB1 / 2026-01-01T00:00:00Z",
        "duplicate_row subscription_term SUB1 / 2026-01-01T00:00:00Z",
      ], credits: ["C2 50.00 on V2"]),
    Case(
      "an exclusion for two customers under one id is not applied",
      "INSERT INTO redress_source.exclusion VALUES ('E', 'customer_fault', NULL, 'C1', '2026-11-10Z', '2026-11-11Z'), ('E', 'customer_fault', NULL, 'C2', '2026-11-10Z', '2026-11-11Z')",
      ["duplicate_row exclusion E"], credits: both),
    Case(
      "a draft that is finalized as well",
      "INSERT INTO redress_source.invoice VALUES ('V1', 'C1', 'USD', 'finalized', '2026-12-01', 700)",
      ["duplicate_row invoice V1"], credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "a draft that is void as well",
      "INSERT INTO redress_source.invoice VALUES ('V1', 'C1', 'USD', 'void', '2026-12-01', 700)",
      ["duplicate_row invoice V1"], credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "a draft under two customers",
      "INSERT INTO redress_source.invoice VALUES ('V1', 'C2', 'USD', 'finalized', '2026-12-01', 700)",
      ["duplicate_row invoice V1"], credits: ["C1 100.00", "C2 50.00 on V2"]),
    Case(
      "two finalized invoices with one id take nothing either way",
      "INSERT INTO redress_source.invoice VALUES ('F', 'C1', 'USD', 'finalized', '2026-12-01', 1), ('F', 'C2', 'USD', 'finalized', '2026-12-01', 1)",
      [], credits: both),
  ]

  static let values = [
    Case(
      "statuses of invoices that are not listed",
      "UPDATE redress_source.invoice SET status = CASE customer_id WHEN 'C1' THEN 'DRAFT' END",
      ["unknown_status invoice V1", "unknown_status invoice V2"],
      credits: ["C1 100.00", "C2 50.00"]),
    Case(
      "a kind of exclusion that is not listed excludes nothing",
      "INSERT INTO redress_source.exclusion VALUES ('E1', 'maintenance', NULL, NULL, '2026-11-10Z', '2026-11-11Z'), ('E2', NULL, NULL, 'C1', '2026-11-10Z', '2026-11-11Z')",
      ["unknown_kind exclusion E1", "unknown_kind exclusion E2"], credits: both),
    Case(
      "an incident with another status", "UPDATE redress_source.incident SET status = 'Resolved'",
      ["held_open incident I1"], credits: none),
    Case(
      "an incident without a status", "UPDATE redress_source.incident SET status = NULL",
      ["held_open incident I1"], credits: none),
    Case(
      "an incident without a severity", "UPDATE redress_source.incident SET severity = NULL",
      ["unknown_severity incident I1"], credits: none),
    Case(
      "a window without a severity", "UPDATE redress_source.outage SET severity = NULL",
      ["unknown_severity outage I1 / 2026-11-10T10:00:00Z"], credits: none),
    Case(
      "a term without a plan",
      "UPDATE redress_source.subscription_term SET plan = NULL WHERE subscription_id = 'SUB1'",
      ["missing_value subscription_term SUB1 / 2026-01-01T00:00:00Z"], credits: ["C2 50.00 on V2"]),
    Case(
      "a term without currency, fee and start",
      "UPDATE redress_source.subscription_term SET currency = NULL, monthly_fee = NULL, valid_from = NULL WHERE subscription_id = 'SUB1'",
      [
        "amount_out_of_range subscription_term SUB1 / null",
        "infinite_time subscription_term SUB1 / null",
        "unknown_currency subscription_term SUB1 / null",
      ], credits: ["C2 50.00 on V2"]),
    Case(
      "a customer without a tier is not of the Enterprise tier",
      "UPDATE redress_source.customer SET tier = NULL, name = NULL WHERE customer_id = 'C1'",
      ["missing_value customer C1"], credits: both),
  ]

  static let plans = [
    Case(
      "the plan as the policy names it", "SELECT", [],
      credits: ["C1 100.00 on V1", "C2 5.00 on V2"]),
    Case(
      "a plan that is unlike any of the policy has the rules of all plans",
      "UPDATE redress_source.subscription_term SET plan = 'golden' WHERE subscription_id = 'SUB2'",
      [],
      credits: both),
    Case(
      "a plan in another case",
      "UPDATE redress_source.subscription_term SET plan = 'Gold' WHERE subscription_id = 'SUB2'",
      ["unknown_plan subscription_term SUB2 / 2026-01-01T00:00:00Z"], credits: ["C1 100.00 on V1"]),
    Case(
      "a plan with a space",
      "UPDATE redress_source.subscription_term SET plan = E'gold\t' WHERE subscription_id = 'SUB2'",
      ["unknown_plan subscription_term SUB2 / 2026-01-01T00:00:00Z"], credits: ["C1 100.00 on V1"]),
    Case(
      "an unclear plan under an earlier customer holds the later one's credit too",
      "UPDATE redress_source.subscription_term SET valid_from = '2026-11-10 11:00Z' WHERE subscription_id = 'SUB2'; INSERT INTO redress_source.subscription_term VALUES ('SUB2', 'C1', 'S', 'GOLD', 500, 'USD', '2026-01-01Z', '2026-11-10 11:00Z')",
      ["unknown_plan subscription_term SUB2 / 2026-01-01T00:00:00Z"], credits: ["C1 100.00 on V1"]),
  ]

  /// A policy with its own rules for SUB2's plan. A plan that may be a misspelling of it gets no
  /// credit.
  @Test(arguments: plans)
  func aPlanIsWrittenAsInThePolicy(_ row: Case) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        let policy = folder.appending(path: "policy.yaml")
        try Data(
          """
          versions:
            - version: "1"
              effective_from: 2026-01-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
              plans:
                gold:
                  tiers:
                    - {severity: P0, longer_than: 1h, credit: 1%}
          """.utf8
        ).write(to: policy)
        try await source.database.psql([
          "UPDATE redress_source.subscription_term SET plan = 'gold' WHERE subscription_id = 'SUB2'",
          row.statement,
        ])
        let options = ["--policy", policy.path()]
        #expect(try await source.night(options: options) == row.findings)
        #expect(try await source.credits() == row.credits)
      }
    }
  }

  static let times = [
    Case(
      "a window that ends in 9999",
      "UPDATE redress_source.outage SET ended_at = '9999-12-31 23:59:59.999999Z'",
      ["implausible_time outage I1 / 2026-11-10T10:00:00Z"], credits: none),
    Case(
      "a window that ends after the as-of instant",
      "UPDATE redress_source.outage SET ended_at = '2026-12-24Z'",
      ["implausible_time outage I1 / 2026-11-10T10:00:00Z"], credits: none),
    Case(
      "a customer's window that ends after the as-of instant",
      "INSERT INTO redress_source.outage VALUES ('I1', 'P0', NULL, 'C1', '2026-11-10 10:00Z', '2026-12-24Z')",
      ["implausible_time outage I1 / 2026-11-10T10:00:00Z"], credits: none),
    Case(
      "a window that ends a little after the incident",
      "UPDATE redress_source.outage SET ended_at = '2026-11-10 12:10Z'", [], credits: both),
    Case(
      "a window from 4713 BC", "UPDATE redress_source.outage SET started_at = '4713-01-01 BC'",
      ["implausible_time outage I1 / -4712-01-01T00:00:00Z"], credits: none),
    Case(
      "a window from before 1970",
      "UPDATE redress_source.outage SET started_at = '1969-12-31 23:59:59.999999Z'",
      ["implausible_time outage I1 / 1969-12-31T23:59:59.999999Z"], credits: none),
    Case(
      "an incident from year 1", "UPDATE redress_source.incident SET started_at = '0001-01-01Z'",
      ["implausible_time incident I1"], credits: none),
    Case(
      "an incident acknowledged in 9999",
      "UPDATE redress_source.incident SET acknowledged_at = '9999-12-31Z'",
      ["implausible_time incident I1"], credits: none),
    Case(
      "a term without an end as others write it",
      "UPDATE redress_source.subscription_term SET valid_to = '9999-12-31Z' WHERE subscription_id = 'SUB1'",
      ["implausible_time subscription_term SUB1 / 2026-01-01T00:00:00Z"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "a term that ends with the last plausible instant",
      "UPDATE redress_source.subscription_term SET valid_to = '2200-01-01Z', valid_from = '1970-01-01Z'",
      [], credits: both),
    Case(
      "a term that ends a microsecond later",
      "UPDATE redress_source.subscription_term SET valid_to = '2200-01-01 00:00:00.000001Z' WHERE subscription_id = 'SUB1'",
      ["implausible_time subscription_term SUB1 / 2026-01-01T00:00:00Z"],
      credits: ["C2 50.00 on V2"]),
    Case(
      "exclusions with such times are not applied",
      "INSERT INTO redress_source.exclusion VALUES ('E1', 'customer_fault', NULL, NULL, '2026-11-10Z', '9999-12-31Z', NULL), ('E2', 'customer_fault', NULL, 'C1', '0001-01-01Z', '2026-11-11Z', NULL), ('E3', 'customer_fault', NULL, 'C1', '2026-11-10Z', '2026-11-11Z', '0001-01-01Z')",
      [
        "implausible_time exclusion E1", "implausible_time exclusion E2",
        "implausible_time exclusion E3",
      ], credits: both),
    Case(
      "invoices of such days take nothing",
      "UPDATE redress_source.invoice SET issue_on = CASE customer_id WHEN 'C1' THEN '0001-01-01'::date ELSE '9999-12-31' END",
      ["implausible_time invoice V1", "implausible_time invoice V2"],
      credits: ["C1 100.00", "C2 50.00"]),
    Case(
      "an invoice of the last day that a date can be",
      "UPDATE redress_source.invoice SET issue_on = '5874897-12-31' WHERE customer_id = 'C1'",
      ["implausible_time invoice V1"], credits: ["C1 100.00", "C2 50.00 on V2"]),
  ]
}
