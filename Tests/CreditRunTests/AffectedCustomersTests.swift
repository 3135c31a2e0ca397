import CreditLedger
import CreditRun
import Postgres
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

/// Which Enterprise customers an incident affected, by the rules of the credits.
@Suite struct AffectedCustomersTests {
  private static let customers = """
    INSERT INTO redress_source.service VALUES ('api', 'API'), ('mail', 'Mail');
    INSERT INTO redress_source.customer (customer_id, name, tier, time_zone, email) VALUES
      ('all', 'Both services', 'Enterprise', NULL, 'ops@all.example'),
      ('api', 'API alone', 'ENTERPRISE', 'Europe/Berlin', NULL),
      ('coin', 'A currency that is none', 'enterprise', NULL, NULL),
      ('late', 'Joined during the outage', 'enterprise', NULL, NULL),
      ('left', 'Left before it', 'enterprise', NULL, NULL),
      ('lost', 'A zone that is none', 'enterprise', 'Europe/Berlni', NULL),
      ('mine', 'Its own fault', 'enterprise', NULL, NULL),
      ('nots', 'A term of no service', 'enterprise', NULL, NULL),
      ('owes', 'A fee below zero', 'enterprise', NULL, NULL),
      ('small', 'Not Enterprise', 'starter', NULL, NULL),
      ('twice', 'Overlapping terms', 'enterprise', NULL, NULL);
    INSERT INTO redress_source.subscription_term VALUES
      ('s1', 'all', 'api', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s2', 'all', 'mail', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s3', 'api', 'api', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s4', 'late', 'api', 'gold', 10, 'USD', '2026-10-05 09:00+00', NULL),
      ('s5', 'left', 'api', 'gold', 10, 'USD', '2025-01-01', '2026-10-05 08:00+00'),
      ('s6', 'lost', 'api', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s7', 'mine', 'api', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s8', 'small', 'api', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s9', 'twice', 'api', 'gold', 10, 'USD', '2025-01-01', NULL),
      ('s9', 'twice', 'api', 'gold', 10, 'USD', '2026-01-01', NULL),
      ('t1', 'coin', 'api', 'gold', 10, 'usd', '2025-01-01', NULL),
      ('t2', 'owes', 'api', 'gold', -10, 'USD', '2025-01-01', NULL),
      ('t3', 'nots', 'ipa', 'gold', 10, 'USD', '2025-01-01', NULL);
    INSERT INTO redress_source.exclusion VALUES
      ('x1', 'customer_fault', NULL, 'mine', '2026-10-05 07:00+00', '2026-10-05 12:00+00', NULL),
      ('x2', 'scheduled_maintenance', 'mail', NULL, '2026-10-05 08:00+00', '2026-10-05 08:10+00', NULL);
    """

  /// An outage, and each affected customer with the first instant and the minutes, added up over
  /// services.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var status = "resolved"
    var resolvedAt = "2026-10-05 10:00+00"
    /// service, customer, started, ended; empty for null.
    let windows: [[String]]
    let expected: [String]

    var testDescription: String { name }
  }

  private static let cases = [
    Case(
      name: "all services", windows: [["", "", "08:00", "10:00"]],
      expected: [
        "all 08:00 240", "api 08:00 120", "coin 08:00 120", "late 09:00 60", "lost 08:00 120",
        "owes 08:00 120", "twice 08:00 240",
      ]),
    Case(
      name: "one service", windows: [["mail", "", "08:00", "10:00"]],
      expected: ["all 08:00 120"]),
    Case(
      name: "one customer", windows: [["", "api", "08:30", "10:00"]], expected: ["api 08:30 90"]),
    Case(
      name: "a customer of another tier", windows: [["", "small", "08:00", "10:00"]], expected: []),
    Case(
      name: "wholly its own fault", windows: [["", "mine", "08:00", "10:00"]], expected: []),
    Case(
      name: "its own fault from seven", windows: [["", "mine", "06:59:59.999999", "12:00"]],
      expected: ["mine 06:59 0"]),
    Case(
      name: "two windows that overlap",
      windows: [["api", "", "08:00", "09:00"], ["", "api", "08:30", "09:30"]],
      expected: [
        "all 08:00 60", "api 08:00 90", "coin 08:00 60", "lost 08:00 60", "owes 08:00 60",
        "twice 08:00 120",
      ]),
    Case(name: "an empty window", windows: [["", "", "08:00", "08:00"]], expected: []),
    Case(name: "no window", windows: [], expected: []),
    Case(name: "void", status: "void", windows: [["", "", "08:00", "10:00"]], expected: []),
    Case(
      name: "open, still going on", status: "open", windows: [["api", "", "08:00", ""]],
      expected: [
        "all 08:00 240", "api 08:00 240", "coin 08:00 240", "late 09:00 180", "lost 08:00 240",
        "owes 08:00 240", "twice 08:00 480",
      ]),
    Case(
      name: "open, one customer", status: "open", windows: [["", "api", "11:00", ""]],
      expected: ["api 11:00 60"]),
    Case(
      name: "resolved after the as-of instant", resolvedAt: "2026-10-05 13:00+00",
      windows: [["api", "", "11:30", "13:00"], ["api", "", "12:30", "13:00"]],
      expected: [
        "all 11:30 30", "api 11:30 30", "coin 11:30 30", "late 11:30 30", "lost 11:30 30",
        "owes 11:30 30", "twice 11:30 60",
      ]),
    Case(
      name: "a customer of a time zone that is none", windows: [["", "lost", "08:30", "10:00"]],
      expected: ["lost 08:30 90"]),
    Case(
      name: "open, begins with the as-of instant", status: "open",
      windows: [["", "api", "12:00", ""]], expected: []),
    Case(
      name: "a window of no service parks the incident",
      windows: [["nowhere", "", "08:00", "10:00"]],
      expected: []),
  ]

  @Test(arguments: cases) func touchesThose(_ item: Case) throws {
    let (found, findings) = try AffectedCustomersTests.find(item)
    #expect(found == item.expected)
    // Customers who are left out because of a bad row are named, for every incident.
    let services = findings.filter { $0.code == .unknownService && $0.key[.subscription] != nil }
    #expect(services.map { $0.key[.subscription] } == [Array("t3".utf8)])
    // A wrong amount or time zone leaves out nobody; the zone is not used.
    let isLostAffected = item.expected.contains { $0.hasPrefix("lost") }
    #expect(findings.contains { $0.code == .unknownTimeZone } == isLostAffected)
    #expect(
      !findings.contains { [.negativeFee, .unknownCurrency, .overlappingTerms].contains($0.code) })
  }

  @Test func othersAreLeftOut() throws {
    let item = Case(name: "one of two", windows: [["", "", "08:00", "10:00"]], expected: [])
    #expect(try AffectedCustomersTests.find(item, wanted: []).found == [])
  }

  private static func find(
    _ item: Case, wanted: Set<IncidentNumber> = [IncidentNumber(0)]
  ) throws -> (found: [String], findings: [Finding]) {
    let database = try TestDatabase(
      template: try TestDatabase.template("ledger and source tables") {
        _ = try Migrator().migrate($0, withSourceTables: true)
      })
    try database.execute(customers)
    try database.execute(
      """
      INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
      VALUES ('i', 'It', 'P2', '\(item.status)', '2026-10-05 08:00+00',
              \(item.status == "open" ? "NULL" : "'\(item.resolvedAt)'"))
      """)
    for window in item.windows {
      let values = window.enumerated().map { column, value in
        value.isEmpty ? "NULL" : column < 2 ? "'\(value)'" : "'2026-10-05 \(value)+00'"
      }
      try database.execute(
        "INSERT INTO redress_source.outage VALUES ('i', 'P2', \(values.joined(separator: ", ")))")
    }
    let connection = try database.connect()
    let start = try #require(Instant(iso8601: "2025-01-01T00:00:00Z"))
    var findings: [Finding] = []
    let catalogue = try SourceCatalogue(
      connection: connection, policy: PolicyFile.builtIn, versionStarts: [start],
      asOf: try #require(Instant(iso8601: "2026-10-05T12:00:00Z"))
    ) { findings.append($0) }
    var affected = try AffectedCustomers(
      connection: connection, catalogue: catalogue, policy: PolicyFile.builtIn, incidents: wanted
    ) { try database.connect() }
    var found: [String] = []
    while let customer = try affected.next(report: { findings.append($0) }) {
      let first = customer.incidents[0].first.text.dropFirst(11).prefix(5)
      let whole = customer.stretches.reduce(0) { $0 + $1.interval.microseconds }
      found.append("\(String(decoding: customer.id, as: UTF8.self)) \(first) \(whole / 60_000_000)")
    }
    return (found, findings)
  }
}
