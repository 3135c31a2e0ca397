import CreditLedger
import PolicyFiles
import ServiceCredits
import Testing

@testable import CreditRun

/// The rule of two persons holds by the version in force at the as-of instant or at that of a later run, and by the one
/// in force now.
struct ControlsInstantTests {
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
    (4, nil, 4, false), (4, nil, 7, true), (7, nil, 4, true), (7, nil, 10, true),
    (10, nil, 7, true), (4, nil, 10, false), (4, 7, 4, true), (4, 7, 10, true), (7, 4, 10, true),
    (7, 10, 10, false), (4, 10, 4, false),
  ])
  func byEitherInstant(asOfMonth: Int, newestMonth: Int?, nowMonth: Int, asks: Bool) throws {
    let document = try PolicyFile.document(bytes: Array(Self.policy.utf8), name: "policy.yaml")
    let month = BillingMonth(year: 2026, month: asOfMonth)
    let plan = ReconciliationPlan(
      asOf: Self.first(asOfMonth), starts: [Self.first(1), Self.first(6), Self.first(9)],
      months: month...month, decidedUntil: newestMonth.map(Self.first))
    #expect(plan.asksForTwoPersons(document.policy, now: Self.first(nowMonth)) == asks)
  }

  /// So do what is let through, what becomes of closed months and what is set off, whatever day it is.
  @Test(arguments: [(4, nil, false), (4, 4, false), (4, 7, true), (7, 4, true), (7, nil, true)])
  func controlsOfTheLatestInstant(asOfMonth: Int, newestMonth: Int?, areOfTheSecond: Bool) throws {
    let text = """
      versions:
        - version: one
          effective_from: 2026-01-01
          time_zone: UTC
          tiers: [{severity: P0, longer_than: 1h, credit: 10%}]
        - version: two
          effective_from: 2026-06-01
          time_zone: UTC
          tiers: [{severity: P0, longer_than: 1h, credit: 10%}]
          overcredited: set_off
          late_corrections: next_open_month
          limits: {granted: {USD: 1}}

      """
    let policy = try PolicyFile.document(bytes: Array(text.utf8), name: "policy.yaml").policy
    let month = BillingMonth(year: 2026, month: asOfMonth)
    let closed = ClosedMonths(through: BillingMonth(year: 2026, month: 1))
    let plan = ReconciliationPlan(
      asOf: Self.first(asOfMonth), starts: [Self.first(1), Self.first(6)], months: month...month,
      closed: closed, decidedUntil: newestMonth.map(Self.first))
    #expect(plan.setsOff(by: policy) == areOfTheSecond)
    #expect(plan.leftAlone(by: policy).through == (areOfTheSecond ? nil : closed.through))
    #expect(plan.limits(of: policy).granted.isEmpty != areOfTheSecond)
  }

  private static func first(_ month: Int) -> Instant {
    let days = BillingMonth(year: 2026, month: month).daysSinceUnixEpoch
    return Instant(microseconds: Int64(days) * 86_400_000_000)
  }
}
