import PolicyFiles
import ServiceCredits
import Testing

@testable import CreditRun

/// The rule of two persons holds by the version in force at the as-of instant, and by the one in force now.
struct TwoPersonsTests {
  private static let policy = [
    ("one", "2026-01-01", ""), ("two", "2026-06-01", "    limits: {two_persons: true}\n"),
    ("three", "2026-09-01", "    limits: {two_persons: false}\n"),
  ].reduce("versions:\n") { text, version in
    text + """
        - version: \(version.0)
          effective_from: \(version.1)
          time_zone: UTC
          tiers: [{severity: P0, longer_than: 1h, credit: 10%}]

      """ + version.2
  }

  @Test(arguments: [
    (4, 4, false), (4, 7, true), (7, 4, true), (7, 10, true), (10, 7, true), (4, 10, false),
  ])
  func byEitherInstant(asOfMonth: Int, nowMonth: Int, asks: Bool) throws {
    let document = try PolicyFile.document(bytes: Array(Self.policy.utf8), name: "policy.yaml")
    func first(_ month: Int) -> Instant {
      let days = BillingMonth(year: 2026, month: month).daysSinceUnixEpoch
      return Instant(microseconds: Int64(days) * 86_400_000_000)
    }
    let month = BillingMonth(year: 2026, month: asOfMonth)
    let plan = ReconciliationPlan(
      asOf: first(asOfMonth), starts: [first(1), first(6), first(9)], months: month...month)
    #expect(plan.asksForTwoPersons(document, now: first(nowMonth)) == asks)
  }
}
