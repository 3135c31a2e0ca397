import RandomRules
import ServiceCredits
import Testing

/// Policy language, sections 2 and 3: steps and the values that they grant.
@Suite struct StepsTests {
  private static let longer = Rule(
    steps((.longerThan(hour), percent(10)), (.longerThan(4 * hour), percent(25))), of: .outage)
  private static let atLeast = Rule(
    steps((.timeAtLeast(hour), percent(10)), (.timeAtLeast(4 * hour), percent(25))), of: .downtime)
  private static let below = Rule(
    steps((.below(over(999, 10)), percent(10)), (.below(over(99, 1)), percent(25))), of: .uptime)
  private static let atMost = Rule(steps((.atMost(over(999, 10)), percent(10))), of: .uptime)
  private static let moreThan = Rule(steps((.moreThan(2), percent(10))), of: .outages)
  private static let number = Rule(steps((.numberAtLeast(2), percent(10))), of: .outages)
  private static let anyTime = Rule(steps((.any, percent(10))), of: .outage)

  /// 0.1 % of 720 hours.
  private static let thousandth = 43 * minute + 12 * second

  private static func outages(_ count: Int64) -> [MeasuredIncident] {
    (0..<count).map { down($0 * day, for: minute) }
  }

  @Test(arguments: [
    RuleCase("longer than: just under", longer, down(0, for: hour - 1), owes: 0),
    RuleCase("longer than: at", longer, down(0, for: hour), owes: 0),
    RuleCase("longer than: just over", longer, down(0, for: hour + 1), owes: 7200),
    RuleCase("longer than, next step: at", longer, down(0, for: 4 * hour), owes: 7200),
    RuleCase("longer than, next step: over", longer, down(0, for: 4 * hour + 1), owes: 18000),
    RuleCase("at least: just under", atLeast, down(0, for: hour - 1), owes: 0),
    RuleCase("at least: at", atLeast, down(0, for: hour), owes: 7200),
    RuleCase("at least: just over", atLeast, down(0, for: hour + 1), owes: 7200),
    RuleCase("at least, next step: at", atLeast, down(0, for: 4 * hour), owes: 18000),
    RuleCase("any: a microsecond", anyTime, down(0, for: 1), owes: 7200),
    RuleCase("any: nothing at the severity", anyTime, down(0, for: day, .p1), owes: 0),
    RuleCase("below: just above", below, down(0, for: thousandth - 1), owes: 0),
    RuleCase("below: at", below, down(0, for: thousandth), owes: 0),
    RuleCase("below: just below", below, down(0, for: thousandth + 1), owes: 7200),
    RuleCase("below, next step: at", below, down(0, for: 10 * thousandth), owes: 7200),
    RuleCase("below, next step: below", below, down(0, for: 10 * thousandth + 1), owes: 18000),
    RuleCase("at most: just above", atMost, down(0, for: thousandth - 1), owes: 0),
    RuleCase("at most: at", atMost, down(0, for: thousandth), owes: 7200),
    RuleCase("at most: just below", atMost, down(0, for: thousandth + 1), owes: 7200),
    RuleCase("more than two: two", [moreThan], outages(2), owes: [0, 0]),
    RuleCase("more than two: the third adds", [moreThan], outages(3), owes: [0, 0, 7200]),
    RuleCase("more than two: the fourth adds none", [moreThan], outages(4), owes: [0, 0, 7200, 0]),
    RuleCase("at least two: one", [number], outages(1), owes: [0]),
    RuleCase("at least two: the second adds", [number], outages(2), owes: [0, 7200]),
  ])
  func thresholds(row: RuleCase) throws { try row.check() }

  private static let largestFirst = Rule(
    steps((.longerThan(hour), percent(25)), (.longerThan(2 * hour), percent(10))), of: .outage)

  private static func granting(_ value: RuleValue, _ base: BaseRule = BaseRule()) -> Rule {
    Rule(steps((.any, value)), of: .downtime, base: base)
  }

  private static func inMarch(_ story: inout RuleStory) {
    story.period = RulePeriod(months: [StoryPlace.utc.months[2]])
  }

  private static func inPounds(_ story: inout RuleStory) {
    story.fees = [
      RuleFee(
        interval: .always, fee: MonthlyFee(micros: 720_000_000, currency: Currency("GBP")!))
    ]
    story.currency = Currency("GBP")!
  }

  private static let fiveOrATenth = RuleValue.largest([.amount(over(5, 1)), percent(10)])
  private static let hundredOrATenth = RuleValue.largest([.amount(over(100, 1)), percent(10)])
  private static let dollars = RuleValue.amounts([RuleCase.dollars: over(976, 100)])

  @Test(arguments: [
    RuleCase(
      "the largest credit of the steps met, not the last", largestFirst, down(0, for: 3 * hour),
      owes: 18000),
    RuleCase("a share of the base", granting(percent(150)), down(0, for: 1), owes: 72000) {
      $0.set = $0.set.with(caps: RuleSet.wholeFee)
    },
    RuleCase(
      "a share above one without a cap", granting(percent(150)), down(0, for: 1), owes: 108000
    ) {
      $0.set = $0.set.with(caps: [])
    },
    RuleCase(
      "a share of many decimals", granting(.share(over(33_333, 1_000_000))), down(0, for: 1),
      owes: 2400),
    RuleCase("days of the month's days", granting(.days(over(2, 1))), down(0, for: 1), owes: 4800),
    RuleCase(
      "days of a month of 31", granting(.days(over(31, 1))), down(-day, for: 1), owes: 72000,
      change: inMarch),
    RuleCase(
      "days of 30 in a month of 31", granting(.days(over(15, 1)), basedOn { $0.days = 30 }),
      down(-day, for: 1), owes: 36000, change: inMarch),
    RuleCase("hours of the month's hours", granting(.time(12 * hour)), down(0, for: 1), owes: 1200),
    RuleCase(
      "hours of 720 in a month of 744",
      granting(.time(12 * hour), basedOn { $0.monthLength = 720 * hour }),
      down(-day, for: 1), owes: 1200, change: inMarch),
    RuleCase(
      "hours of 744 in a month of 744", granting(.time(186 * hour)), down(-day, for: 1),
      owes: 18000,
      change: inMarch),
    RuleCase(
      "half of the base", granting(percent(10), basedOn { $0.share = over(1, 2) }),
      down(0, for: 1), owes: 3600),
    RuleCase(
      "an amount is no share of a base",
      granting(.amount(over(976, 100)), basedOn { $0.share = over(1, 2) }), down(0, for: 1),
      owes: 976),
    RuleCase(
      "an amount in the fee's currency", granting(.amount(over(5, 1))), down(0, for: 1), owes: 500,
      change: inPounds),
    RuleCase("an amount by currency", granting(dollars), down(0, for: 1), owes: 976),
    RuleCase(
      "an amount in no currency of the fee", granting(dollars), down(0, for: 1), owes: 0,
      change: inPounds),
    RuleCase("the larger is the percent", granting(fiveOrATenth), down(0, for: 1), owes: 7200),
    RuleCase("the larger is the amount", granting(hundredOrATenth), down(0, for: 1), owes: 10000),
  ])
  func values(row: RuleCase) throws { try row.check() }
}
