import RandomRules
import ServiceCredits
import Testing

/// Rows that two readings of the policy language decide in two ways; these are the readings that hold.
@Suite struct ReadingTests {
  private static let outageTime = Rule(Multiple(times: .one), of: .outage)
  private static let uptimeStep = Rule(steps((.below(over(90, 1)), percent(10))), of: .uptime)

  private static func countEach(_ story: inout RuleStory) { story.overlap = .countEach }

  /// 720.00 until 10 April, then 360.00.
  private static func halve(_ story: inout RuleStory) {
    story.fees = [
      RuleCase.fee(720, from: -100 * day, to: 10 * day),
      RuleCase.fee(360, from: 10 * day, to: 100 * day),
    ]
  }

  private static func capOutages(_ story: inout RuleStory) {
    story.set = story.set.with(caps: [CapRule(per: .outage, most: .time(hour))])
  }

  private static func noCap(_ story: inout RuleStory) { story.set = story.set.with(caps: []) }

  private static func leastOfHalfTheFee(_ story: inout RuleStory, _ share: Fraction) {
    var base = BaseRule()
    base.share = half
    story.set = story.set.with(base: base)
    story.minimumShare = share
  }

  private static func whole(_ unit: Int64, aligned: Bool, weighs: Bool) -> Rule {
    Rule(
      Multiple(times: .one), of: .downtime,
      count: counting {
        $0.whole = CountRule.Whole(unit: unit, isAligned: aligned)
        $0.weighsShare = weighs
      })
  }

  private static let half = over(1, 2)

  /// An incident that is worse in its second half, under a cheaper term.
  private static let worsening = [
    down([(0, hour, .p2, .one), (20 * day, hour, .p0, .one)])
  ]

  @Test(arguments: [
    RuleCase(
      "free is taken off a shortfall before units are counted",
      [
        Rule(
          each(
            .shortOf(promise: over(999, 10), unit: over(1, 10), .started),
            free: .share(over(1, 1000))), of: .uptime)
      ], [down(0, for: 2 * (43 * minute + 12 * second))], owes: [0]),
    RuleCase(
      "an outage's cap, beside a measure of the period", [outageTime, uptimeStep],
      [down(0, for: 2 * hour)], owes: [100], capOutages),
    RuleCase(
      "an outage's fee is that of the first instant at a severity that any rule names",
      [
        outageTime,
        Rule(steps((.longerThan(day), percent(1))), of: .outage, severities: severities(.p2)),
      ], worsening, owes: [100], halve),
    RuleCase(
      "a severity that another plan of the version names", [outageTime], worsening, owes: [100],
      { story in
        halve(&story)
        story.otherPlan = RuleSet(rules: [
          Rule(Multiple(times: .one), of: .outage, severities: severities(.p2))
        ])
      }),
    RuleCase(
      "an outage's fee is that of its first instant, claimed or not",
      [
        Rule(
          Multiple(times: .one), of: .outage, count: counting { $0.isFromClaim = true })
      ], [down([(0, hour, .p0, .one), (20 * day, hour, .p0, .one)], claimed: day)], owes: [100],
      halve),
    RuleCase(
      "counting each, whole units are still of each incident",
      [whole(hour, aligned: false, weighs: false)],
      [down(0, for: hour / 2), down(day, for: hour / 2)],
      owes: [0, 0], countEach),
    RuleCase(
      "counting each, a period takes the worst severity; what falls is taken off the next",
      [Rule(Multiple(times: .one), of: .downtime, severities: severities(.p1, notWorseThan: .p1))],
      [down(0, for: hour, .p1), down(hour / 2, for: hour), down(day, for: hour, .p1)],
      owes: [100, 0, 50], countEach),
    RuleCase(
      "hours of the clock, each unbroken stretch at its own mean share",
      [whole(hour, aligned: true, weighs: true)],
      [down([(0, hour + hour / 2, .p0, half), (day, hour, .p0, .one)])], owes: [150]),
    RuleCase(
      "a gate of the period: the fee of the period's first instant",
      [
        Rule(
          Multiple(times: .one), of: .outage, gate: .downtimeAtLeast(hour))
      ], [down(0, for: hour), down(20 * day, for: hour)], owes: [100, 100], halve),
    RuleCase(
      "a period's total is under one cap", [outageTime, uptimeStep],
      [down(0, for: 4 * hour), down(20 * day, for: 8 * hour)], owes: [400, 100],
      { story in
        halve(&story)
        story.set = story.set.with(caps: [CapRule(per: .month, most: .time(5 * hour))])
      }),
    RuleCase(
      "a percent in a minimum is of the version's base: at it",
      [Rule(Multiple(times: .one), of: .downtime)], [down(0, for: 2 * hour)], owes: [200],
      { leastOfHalfTheFee(&$0, over(1, 180)) }),
    RuleCase(
      "a percent in a minimum is of the version's base: below it",
      [Rule(Multiple(times: .one), of: .downtime)], [down(0, for: 2 * hour)], owes: [0],
      { leastOfHalfTheFee(&$0, over(1, 179)) }),
    RuleCase(
      "a percent in a minimum, for an outage by itself", [outageTime], [down(0, for: 2 * hour)],
      owes: [0], { leastOfHalfTheFee(&$0, over(1, 179)) }),
    RuleCase(
      "uptime has no least value: an outage longer than the length that it is divided by",
      [
        Rule(
          each(.shortOf(promise: over(100, 1), unit: over(10, 1), .complete)), of: .uptime,
          count: counting { $0.periodLength = 360 * hour })
      ], [down(0, for: 540 * hour)], owes: [10800], noCap),
  ])
  func rows(row: RuleCase) throws {
    try row.check()
  }
}
