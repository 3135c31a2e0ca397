import RandomRules
import ServiceCredits
import Testing

/// Policy language, sections 1, 6 and 9: what counts before it is measured. An hour pays 1.00.
@Suite struct CountTests {
  private static func time(
    _ measure: Rule.Measure = .downtime, _ range: SeverityRange = SeverityRange(),
    _ change: (inout CountRule) -> Void = { _ in }
  ) -> Rule {
    Rule(Multiple(times: .one), of: measure, severities: range, count: counting(change))
  }

  private static let longer = time { $0.longerThan = hour }
  private static let atLeast = time { $0.atLeast = hour }
  private static let milder = time(.downtime, severities(.p1)) { $0.atLeast = 2 * hour }
  private static let worstAlone = time { $0.atLeast = 2 * hour }

  private static func countEach(_ story: inout RuleStory) { story.overlap = .countEach }

  @Test(arguments: [
    RuleCase("longer than: at", longer, down(0, for: hour), owes: 0),
    RuleCase(
      "longer than: over, and all of it counts", longer, down(0, for: hour + 36 * second), owes: 101
    ),
    RuleCase("at least: just under", atLeast, down(0, for: hour - 1), owes: 0),
    RuleCase("at least: at", atLeast, down(0, for: hour), owes: 100),
    RuleCase(
      "each incident by itself, not their sum", atLeast, down(0, for: hour / 2),
      down(day, for: hour / 2), owes: 0, 0),
    RuleCase("before it is clipped to the period", atLeast, down(-hour / 2, for: hour), owes: 50),
    RuleCase(
      "of the rule's severity alone", worstAlone,
      down([(0, hour, .p0, .one), (hour, hour, .p1, .one)]), owes: 0),
    RuleCase(
      "of the rule's severity or worse", milder,
      down([(0, hour, .p0, .one), (hour, hour, .p1, .one)]), owes: 200),
    RuleCase(
      "its own time, before instants are shared out", atLeast, down(0, for: hour),
      down(hour / 2, for: hour), owes: 100, 50),
    RuleCase(
      "what does not count claims nothing from others", atLeast, down(0, for: hour / 2),
      down(0, for: hour), owes: 0, 100),
  ])
  func limits(row: RuleCase) throws { try row.check() }

  private static func whole(
    _ unit: Int64, aligned: Bool = false, _ measure: Rule.Measure = .downtime, weighs: Bool = false
  ) -> Rule {
    time(measure) {
      $0.whole = CountRule.Whole(unit: unit, isAligned: aligned)
      $0.weighsShare = weighs
    }
  }

  private static let hours = whole(hour)
  private static let clockHours = whole(hour, aligned: true)
  private static let half = over(1, 2)

  @Test(arguments: [
    RuleCase("whole hours: just under", hours, down(0, for: hour - 1), owes: 0),
    RuleCase("whole hours: at", hours, down(0, for: hour), owes: 100),
    RuleCase("whole hours: the rest is cut off", hours, down(0, for: 2 * hour - 1), owes: 100),
    RuleCase(
      "summed over the incident", hours,
      down([(0, hour / 2, .p0, .one), (day, hour / 2, .p0, .one)]), owes: 100),
    RuleCase(
      "not summed over incidents", hours, down(0, for: hour / 2), down(day, for: hour / 2), owes: 0,
      0),
    RuleCase("clipped to the period first", hours, down(-hour / 2, for: 2 * hour), owes: 100),
    RuleCase(
      "an outage is not clipped", whole(hour, .outage), down(30 * day - hour / 2, for: 2 * hour),
      owes: 200),
    RuleCase(
      "hours of the clock: one that is not whole", clockHours, down(hour / 2, for: hour), owes: 0),
    RuleCase(
      "hours of the clock: one whole", clockHours, down(hour / 2, for: hour + hour / 2), owes: 100),
    RuleCase(
      "10:00:30 to 10:03:29 holds two minutes",
      Rule(
        each(.time(minute, .complete)), of: .downtime,
        count: counting { $0.whole = CountRule.Whole(unit: minute, isAligned: true) }),
      down(10 * hour + 30 * second, for: 2 * minute + 59 * second), owes: 1440),
    RuleCase(
      "hours of the clock by unbroken stretch", clockHours,
      down([(hour / 2, hour / 2, .p0, .one), (3 * hour, hour / 2, .p0, .one)]), owes: 0),
    RuleCase(
      "a stretch is unbroken where only its share changes", clockHours,
      down([(0, hour / 2, .p0, .one), (hour / 2, hour / 2, .p0, half)]), owes: 100),
    RuleCase(
      "the whole part times its mean share", whole(hour, weighs: true),
      down([(0, hour, .p0, .one), (hour, hour / 2, .p0, half)]), owes: 83),
    RuleCase(
      "time times its share", time { $0.weighsShare = true }, down(0, for: hour, share: half),
      owes: 50),
    RuleCase(
      "without weighing a share is whole", time(), down(0, for: hour, share: half), owes: 100),
  ])
  func wholeUnitsAndShares(row: RuleCase) throws { try row.check() }

  private static func below(_ limit: Fraction, _ change: (inout CountRule) -> Void) -> Rule {
    Rule(steps((.below(limit), percent(10))), of: .uptime, count: counting(change))
  }

  private static let rounded = below(over(999, 10)) { $0.round = 1 }
  private static let always720 = below(over(999, 10)) { $0.periodLength = 720 * hour }
  private static let thousandth = 43 * minute + 12 * second

  private static func inMarch(_ story: inout RuleStory) {
    story.period = RulePeriod(months: [StoryPlace.utc.months[2]])
  }

  @Test(arguments: [
    RuleCase("99.85 % is rounded up to 99.9 %", rounded, down(0, for: thousandth * 3 / 2), owes: 0),
    RuleCase(
      "less than 99.85 % is rounded down", rounded, down(0, for: thousandth * 3 / 2 + 1), owes: 7200
    ),
    RuleCase(
      "a gate looks at rounded uptime",
      Rule(
        Multiple(times: .one), of: .downtime, count: counting { $0.round = 1 },
        gate: .uptimeBelow(over(999, 10))), down(0, for: thousandth * 3 / 2), owes: 0),
    RuleCase(
      "units are of rounded uptime",
      Rule(
        each(.shortOf(promise: over(999, 10), unit: over(1, 10), .started)), of: .uptime,
        count: counting { $0.round = 1 }), down(0, for: thousandth * 3 / 2 + 1), owes: 720),
    RuleCase(
      "a month counts as 720 hours: at", always720, down(-day, for: thousandth), owes: 0,
      change: inMarch),
    RuleCase(
      "a month counts as 720 hours: over", always720, down(-day, for: thousandth + 1), owes: 7200,
      change: inMarch),
    RuleCase(
      "a month of 744 hours allows more", below(over(999, 10)) { _ in },
      down(-day, for: thousandth + 1), owes: 0,
      change: inMarch),
  ])
  func uptime(row: RuleCase) throws { try row.check() }

  private static let fromClaim = time { $0.isFromClaim = true }
  private static let fromClaimAnHour = time {
    $0.isFromClaim = true
    $0.atLeast = hour
  }

  @Test(arguments: [
    RuleCase("nothing counts without a claim", fromClaim, down(0, for: 2 * hour), owes: 0),
    RuleCase("from the claim on", fromClaim, down(0, for: 2 * hour, claimed: hour), owes: 100),
    RuleCase(
      "a claim before the incident", fromClaim, down(hour, for: hour, claimed: 0), owes: 100),
    RuleCase("a claim at its end", fromClaim, down(0, for: hour, claimed: hour), owes: 0),
    RuleCase(
      "time before the claim makes nothing long enough", fromClaimAnHour,
      down(0, for: 2 * hour - 1, claimed: hour), owes: 0),
    RuleCase(
      "time before a claim claims nothing from others", fromClaim, down(0, for: hour),
      down(0, for: hour, claimed: 0), owes: 0, 100),
  ])
  func claims(row: RuleCase) throws { try row.check() }

  private static let oneAlone = time(.downtime, severities(.p1, notWorseThan: .p1))
  private static let outages = Rule(steps((.numberAtLeast(2), percent(10))), of: .outages)

  @Test(arguments: [
    RuleCase("that or worse", time(.downtime, severities(.p1)), down(0, for: hour), owes: 100),
    RuleCase("not milder", time(), down(0, for: hour, .p1), owes: 0),
    RuleCase("not worse than: worse", oneAlone, down(0, for: hour), owes: 0),
    RuleCase("not worse than: at", oneAlone, down(0, for: hour, .p1), owes: 100),
    RuleCase(
      "an instant belongs to the worse incident, whether the rule takes it or not", oneAlone,
      down(0, for: hour, .p1), down(0, for: hour / 2), owes: 50, 0),
    RuleCase(
      "an instant counts once", time(), down(0, for: hour), down(0, for: 2 * hour), owes: 100, 100),
    RuleCase(
      "an outage loses what another owns", time(.outage), down(0, for: hour),
      down(0, for: 2 * hour),
      owes: 100, 100),
    RuleCase(
      "each outage its own time", time(.outage), down(0, for: hour), down(0, for: 2 * hour),
      owes: 100, 200, change: countEach),
    RuleCase(
      "counting each, a period takes an instant once", time(), down(0, for: hour),
      down(0, for: 2 * hour),
      owes: 100, 100, change: countEach),
    RuleCase(
      "counting each, a period takes the largest share", time { $0.weighsShare = true },
      down(0, for: hour, share: half), down(0, for: hour), owes: 50, 50, change: countEach),
    RuleCase(
      "what another owns is no part of the first ones", time(), down(0, for: hour, .p0),
      down(-hour / 2, for: hour), owes: 50, 50),
    RuleCase(
      "outages that begin in the period", outages, down(-hour, for: 2 * hour), down(day, for: hour),
      owes: 0, 0),
    RuleCase(
      "an outage begins with its first instant at the rule's severity",
      Rule(steps((.numberAtLeast(1), percent(10))), of: .outages),
      down([(-hour, 2 * hour, .p1, .one), (hour, hour, .p0, .one)]), owes: 7200),
    RuleCase(
      "outages of which all is another's do not count", outages, down(0, for: 2 * hour),
      down(hour, for: hour),
      owes: 0, 0),
    RuleCase(
      "counting each, they do", outages, down(0, for: 2 * hour), down(hour, for: hour), owes: 0,
      7200,
      change: countEach),
  ])
  func ownership(row: RuleCase) throws { try row.check() }
}
