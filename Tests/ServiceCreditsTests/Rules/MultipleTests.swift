import RandomRules
import ServiceCredits
import Testing

/// Policy language, section 2: multiples of the fee for the time lost, and what is free of them.
@Suite struct MultipleTests {
  private static func times(
    _ times: Fraction, free: FreeTime? = nil, of measure: Rule.Measure = .downtime,
    _ base: BaseRule = BaseRule(), if gate: Rule.Gate? = nil
  ) -> Rule {
    Rule(Multiple(times: times, free: free), of: measure, base: base, gate: gate)
  }

  private static let tenfold = times(over(10, 1))
  private static let thousandth = 43 * minute + 12 * second

  private static func inMarch(_ story: inout RuleStory) {
    story.period = RulePeriod(months: [StoryPlace.utc.months[2]])
  }

  @Test(arguments: [
    RuleCase("an hour of the fee", times(.one), down(0, for: hour), owes: 100),
    RuleCase("ten times", tenfold, down(0, for: hour), owes: 1000),
    RuleCase("half", times(over(1, 2)), down(0, for: hour), owes: 50),
    RuleCase(
      "half a cent is rounded once, at the end", times(.one), down(0, for: 18 * second), owes: 1),
    RuleCase("less than half a cent", times(.one), down(0, for: 18 * second - 1), owes: 0),
    RuleCase(
      "two incidents are rounded as one period", times(.one), down(0, for: 9 * second),
      down(day, for: 9 * second), owes: 0, 1),
    RuleCase(
      "two outages are rounded each by itself", times(.one, of: .outage), down(0, for: 9 * second),
      down(day, for: 9 * second), owes: 0, 0),
    RuleCase(
      "of a month of 744 hours", times(.one), down(-day, for: day), owes: 2323,
      change: inMarch),
    RuleCase(
      "of a month that counts as 720 hours", times(.one, basedOn { $0.monthLength = 720 * hour }),
      down(-day, for: day), owes: 2400, change: inMarch),
    RuleCase("free: just under", times(.one, free: .time(hour)), down(0, for: hour - 1), owes: 0),
    RuleCase("free: at", times(.one, free: .time(hour)), down(0, for: hour), owes: 0),
    RuleCase(
      "free pays for the excess alone", times(.one, free: .time(hour)), down(0, for: 3 * hour),
      owes: 200),
    RuleCase(
      "a thousandth of the period is free: at", times(over(100, 1), free: .share(over(1, 1000))),
      down(0, for: thousandth), owes: 0),
    RuleCase(
      "a thousandth of the period is free: over", times(over(100, 1), free: .share(over(1, 1000))),
      down(0, for: thousandth + 36 * second), owes: 100),
    RuleCase(
      "a thousandth of the period as it is measured",
      times(over(100, 1), free: .share(over(1, 1000)), basedOn { $0.monthLength = 360 * hour }),
      down(0, for: thousandth / 2), owes: 0),
    RuleCase(
      "of an outage, beyond the period's end", times(.one, of: .outage),
      down(30 * day - hour, for: 3 * hour), owes: 300),
    RuleCase(
      "of a period, clipped at its end", times(.one), down(30 * day - hour, for: 3 * hour),
      owes: 100),
    RuleCase(
      "of a period, clipped at its beginning", times(.one), down(-hour, for: 3 * hour), owes: 200),
    RuleCase(
      "an outage of the month before", times(.one, of: .outage), down(-hour, for: 3 * hour), owes: 0
    ),
  ])
  func amounts(row: RuleCase) throws { try row.check() }

  private static func gated(_ gate: Rule.Gate, _ measure: Rule.Measure = .downtime) -> Rule {
    times(.one, of: measure, if: gate)
  }

  @Test(arguments: [
    RuleCase(
      "if longer than: at", gated(.longerThan(hour), .outage), down(0, for: hour), owes: 0),
    RuleCase(
      "if longer than: a gate that is passed pays for all", gated(.longerThan(hour), .outage),
      down(0, for: hour + 36 * second), owes: 101),
    RuleCase(
      "if at least: just under", gated(.atLeast(hour), .outage), down(0, for: hour - 1), owes: 0),
    RuleCase("if at least: at", gated(.atLeast(hour), .outage), down(0, for: hour), owes: 100),
    RuleCase(
      "if downtime longer than: at", gated(.downtimeLongerThan(2 * hour)), down(0, for: hour),
      down(day, for: hour), owes: 0, 0),
    RuleCase(
      "if downtime longer than: over, the last adds all", gated(.downtimeLongerThan(2 * hour)),
      down(0, for: hour), down(day, for: hour + 36 * second), owes: 0, 201),
    RuleCase(
      "if downtime at least: just under", gated(.downtimeAtLeast(hour)), down(0, for: hour - 1),
      owes: 0),
    RuleCase(
      "if downtime at least: at", gated(.downtimeAtLeast(hour)), down(0, for: hour), owes: 100),
    RuleCase(
      "if uptime below: at", gated(.uptimeBelow(over(999, 10))), down(0, for: thousandth), owes: 0),
    RuleCase(
      "if uptime below: below", gated(.uptimeBelow(over(999, 10))), down(0, for: thousandth + 1),
      owes: 72),
    RuleCase(
      "a period's gate before outages: the whole of those in the period",
      gated(.downtimeLongerThan(hour), .outage), down(0, for: hour),
      down(30 * day - hour, for: 3 * hour),
      owes: 0, 400),
  ])
  func gates(row: RuleCase) throws { try row.check() }
}
