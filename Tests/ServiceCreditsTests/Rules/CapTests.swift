import RandomRules
import ServiceCredits
import Testing

/// Policy language, sections 3, 4, 5 and 9: bases, caps, the order of all that is done to a credit, and its parts.
@Suite struct CapTests {
  private static let times = Rule(Multiple(times: .one), of: .outage)
  private static let downtime = Rule(Multiple(times: .one), of: .downtime)
  /// 40 % of the fee for each outage.
  private static let large = Rule(steps((.any, percent(40))), of: .outage)
  private static let tenth = Rule(steps((.below(over(999, 10)), percent(10))), of: .uptime)

  private static func capped(_ caps: (CapRule.Per, RuleValue)...) -> (inout RuleStory) -> Void {
    { story in story.set = story.set.with(caps: caps.map { CapRule(per: $0.0, most: $0.1) }) }
  }

  /// 720.00 until 10 April, then 360.00.
  private static let halved = [
    RuleCase.fee(720, from: -100 * day, to: 10 * day),
    RuleCase.fee(360, from: 10 * day, to: 100 * day),
  ]

  private static func halve(
    _ change: @escaping (inout RuleStory) -> Void = { _ in }
  ) -> (inout RuleStory) -> Void {
    { story in
      story.fees = halved
      change(&story)
    }
  }

  /// 20 % of what was billed for the quarter, 432.00.
  private static let quarterFifth = Rule(
    steps((.any, percent(20))), of: .downtime, per: .quarter, base: basedOn { $0.fee = .billed })

  private static func inQuarter(_ caps: [CapRule]) -> (inout RuleStory) -> Void {
    { story in
      story.period = RuleCase.quarter
      story.set = story.set.with(caps: caps, base: basedOn { $0.fee = .billed })
    }
  }

  private static let three = [
    down(0, for: hour), down(2 * day, for: hour), down(20 * day, for: hour),
  ]

  @Test(arguments: [
    RuleCase("the last takes what is left", [large], three, owes: [28800, 28800, 14400]),
    RuleCase("without a cap", [large], three, owes: [28800, 28800, 28800], capped()),
    RuleCase(
      "a cap is used up in shares, each of its own base", [large], three,
      owes: [28800, 28800, 7200], halve()),
    RuleCase(
      "a cap of money is used up in money", [large], three, owes: [28800, 28800, 2400],
      halve(capped((.month, .amount(over(600, 1)))))),
    RuleCase(
      "an outage's cap", [large], three, owes: [7200, 7200, 7200], capped((.outage, percent(10)))),
    RuleCase(
      "an outage's cap before the month's", [large], three, owes: [21600, 21600, 0],
      capped((.outage, percent(30)), (.month, percent(60)))),
    RuleCase(
      "a list says all caps there are", [large, large], three, owes: [57600, 57600, 57600],
      capped((.outage, percent(80)))),
    RuleCase(
      "a quarter's cap is no month's", [large], three, owes: [28800, 28800, 28800],
      capped((.quarter, percent(10)))),
    RuleCase(
      "a cap of days", [large], three, owes: [28800, 7200, 0],
      capped((.month, .days(over(15, 1))))),
    RuleCase(
      "a cap of hours", [large], three, owes: [28800, 7200, 0],
      capped((.month, .time(360 * hour)))),
    RuleCase(
      "a percent of a cap is not of the rule's base",
      [Rule(steps((.any, percent(40))), of: .outage, base: basedOn { $0.share = over(1, 2) })],
      [down(0, for: hour)], owes: [7200], capped((.month, percent(10)))),
    RuleCase(
      "of a period: just under", [downtime], [down(0, for: 72 * hour - 36 * second)], owes: [7199],
      capped((.month, percent(10)))),
    RuleCase(
      "of a period: at", [downtime], [down(0, for: 72 * hour)], owes: [7200],
      capped((.month, percent(10)))),
    RuleCase(
      "of a period: over", [downtime], [down(0, for: 72 * hour + 36 * second)], owes: [7200],
      capped((.month, percent(10)))),
    RuleCase(
      "a percent of a cap is of the version's base", [large], [down(0, for: hour)], owes: [3600],
      { story in
        story.set = story.set.with(
          caps: [CapRule(per: .month, most: percent(10))], base: basedOn { $0.share = over(1, 2) })
      }),
    RuleCase(
      "a month's cap is no quarter's", [quarterFifth], [down(0, for: hour)], owes: [43200],
      inQuarter([CapRule(per: .month, most: percent(10))])),
    RuleCase(
      "a quarter's cap", [quarterFifth], [down(0, for: hour)], owes: [21600],
      inQuarter([CapRule(per: .quarter, most: percent(10))])),
    RuleCase(
      "caps are of exact amounts, before they are rounded", [downtime], [down(0, for: hour)],
      owes: [33],
      capped((.month, .amount(over(1, 3))))),
  ])
  func caps(row: RuleCase) throws { try row.check() }

  private static func with(
    minimum: Int64 = 0, raiseTo: Int64 = 0, caps: [CapRule] = RuleSet.wholeFee,
    rounding: RoundingRule = .halfUp
  ) -> (inout RuleStory) -> Void {
    { story in
      story.minimum = minimum
      story.rounding = rounding
      story.set = story.set.with(caps: caps, raiseTo: [RuleCase.dollars: raiseTo])
    }
  }

  private static let dollarCap = [CapRule(per: .month, most: .amount(over(1, 1)))]

  @Test(arguments: [
    RuleCase(
      "minimum: just under", [times], [down(0, for: 2 * hour)], owes: [0], with(minimum: 201)),
    RuleCase("minimum: at", [times], [down(0, for: 2 * hour)], owes: [200], with(minimum: 200)),
    RuleCase(
      "a rounded credit is compared with the minimum", [times],
      [down(0, for: 2 * hour - 18 * second)],
      owes: [200], with(minimum: 200)),
    RuleCase(
      "the minimum after the cap", [times], [down(0, for: 2 * hour)], owes: [0],
      with(minimum: 200, caps: dollarCap)),
    RuleCase(
      "outages are compared each by itself", [times], [down(0, for: hour), down(day, for: hour)],
      owes: [0, 0], with(minimum: 200)),
    RuleCase(
      "a period is compared as a whole", [downtime], [down(0, for: hour), down(day, for: hour)],
      owes: [0, 200], with(minimum: 200)),
    RuleCase(
      "outages beside a measure of the period are compared as a whole", [times, tenth],
      [down(0, for: hour / 2), down(day, for: hour / 4)], owes: [0, 7275], with(minimum: 200)),
    RuleCase(
      "below the minimum, the cap is used all the same", [times],
      [down(0, for: hour), down(day, for: 4 * hour)],
      owes: [0, 200], with(minimum: 200, caps: [CapRule(per: .month, most: .amount(over(3, 1)))])),
    RuleCase("raised", [times], [down(0, for: hour)], owes: [250], with(raiseTo: 250)),
    RuleCase(
      "raised past the cap", [times], [down(0, for: 2 * hour)], owes: [250],
      with(raiseTo: 250, caps: dollarCap)),
    RuleCase(
      "what the minimum removed is not raised", [times], [down(0, for: hour)], owes: [0],
      with(minimum: 101, raiseTo: 250)),
    RuleCase("nothing is not raised", [times], [down(0, for: 1)], owes: [0], with(raiseTo: 250)),
    RuleCase("rounded up", [times], [down(0, for: 1)], owes: [1], with(rounding: .up)),
    RuleCase(
      "rounded up and raised", [times], [down(0, for: 1)], owes: [250],
      with(raiseTo: 250, rounding: .up)),
    RuleCase(
      "two hours at 0.41667 are 0.83",
      [Rule(each(.time(hour, .started), .amount(over(5, 12))), of: .downtime)],
      [down(0, for: hour), down(day, for: hour)], owes: [42, 41]),
  ])
  func order(row: RuleCase) throws { try row.check() }

  private static func largest(_ story: inout RuleStory) {
    story.set = story.set.with(combine: .largest)
  }

  private static let long = Rule(steps((.longerThan(2 * hour), percent(10))), of: .outage)
  private static let short = Rule(steps((.any, percent(1))), of: .outage)
  private static let everyOutage = Rule(steps((.any, percent(6))), of: .outage)

  @Test(arguments: [
    RuleCase("the sum", [long, short], [down(0, for: 3 * hour)], owes: [7920]),
    RuleCase(
      "the largest, incident by incident", [long, short],
      [down(0, for: 3 * hour), down(day, for: hour)],
      owes: [7200, 720], largest),
    RuleCase(
      "the rule that pays most wins the period whole", [tenth, everyOutage],
      [down(0, for: hour), down(day, for: hour)], owes: [7200, 1440], largest),
  ])
  func combinations(row: RuleCase) throws { try row.check() }

  private static let billed = Rule(
    steps((.any, percent(10))), of: .downtime, base: basedOn { $0.fee = .billed })
  private static let billedQuarter = Rule(
    steps((.any, percent(10))), of: .downtime, per: .quarter, base: basedOn { $0.fee = .billed })
  private static let quarterDays = Rule(
    steps((.any, .days(over(9, 1)))), of: .downtime, per: .quarter,
    base: basedOn {
      $0.fee = .billed
      $0.days = 30
    })
  private static let quarterUptime = Rule(
    steps((.below(over(999, 10)), percent(10))), of: .uptime, per: .quarter,
    count: counting { $0.periodLength = 720 * hour }, base: basedOn { $0.fee = .billed })

  private static func quarterTime(_ month: Int64?) -> Rule {
    Rule(
      Multiple(times: .one), of: .downtime, per: .quarter,
      base: basedOn {
        $0.fee = .billed
        $0.monthLength = month
      })
  }

  private static let feeOfMonth = Rule(steps((.any, percent(10))), of: .downtime)

  private static func inQuarter(_ story: inout RuleStory) { story.period = RuleCase.quarter }

  @Test(arguments: [
    RuleCase(
      "the fee at the first instant", [feeOfMonth], [down(20 * day, for: hour)], owes: [3600],
      halve()),
    RuleCase(
      "of a period, the first instant of all its incidents", [feeOfMonth],
      [down(20 * day, for: hour), down(0, for: hour)], owes: [0, 7200], halve()),
    RuleCase(
      "the first instant at any severity that a rule names",
      [feeOfMonth, Rule(steps((.any, percent(1))), of: .downtime, severities: severities(.p2))],
      [down([(0, hour, .p2, .one), (20 * day, hour, .p0, .one)])], owes: [7920], halve()),
    RuleCase(
      "a milder instant that no rule names does not decide", [feeOfMonth],
      [down([(0, hour, .p2, .one), (20 * day, hour, .p0, .one)])], owes: [3600], halve()),
    RuleCase(
      "an outage of the month before, where a milder severity that some rule names began",
      [
        times,
        Rule(steps((.longerThan(9 * day), percent(1))), of: .outage, severities: severities(.p2)),
      ],
      [down([(-hour, hour, .p2, .one), (0, hour, .p0, .one)])], owes: [0]),
    RuleCase(
      "an outage of this month, where no rule names the milder severity", [times],
      [down([(-hour, hour, .p2, .one), (0, hour, .p0, .one)])], owes: [100]),
    RuleCase("what was billed", [billed], [down(20 * day, for: hour)], owes: [4800], halve()),
    RuleCase(
      "what was billed over a quarter", [billedQuarter], [down(20 * day, for: hour)], owes: [12000],
      halve(inQuarter)),
    RuleCase(
      "days of three months of 30", [quarterDays], [down(20 * day, for: hour)], owes: [21600],
      inQuarter),
    RuleCase(
      "a month of 720 hours is three of them in a quarter", [quarterTime(720 * hour)],
      [down(0, for: hour)], owes: [100], inQuarter),
    RuleCase(
      "a quarter of 2184 hours", [quarterTime(nil)], [down(0, for: hour)], owes: [99], inQuarter),
    RuleCase(
      "a quarter's uptime is of three times 720 hours: at", [quarterUptime],
      [down(0, for: 129 * minute + 36 * second)], owes: [0], inQuarter),
    RuleCase(
      "a quarter's uptime is of three times 720 hours: over", [quarterUptime],
      [down(0, for: 129 * minute + 36 * second + 1)], owes: [21600], inQuarter),
    RuleCase(
      "a month's rule pays nothing for a quarter", [feeOfMonth], [down(0, for: hour)], owes: [0],
      inQuarter),
    RuleCase(
      "a quarter's rule pays nothing for a month", [billedQuarter], [down(0, for: hour)],
      owes: [0]),
  ])
  func bases(row: RuleCase) throws { try row.check() }

  @Test(arguments: [
    RuleCase(
      "in the order of first instants, not of ids", [tenth],
      [down(day, for: hour), down(0, for: hour)],
      owes: [0, 7200]),
    RuleCase(
      "the incident that reaches the step adds it", [tenth],
      [down(0, for: 40 * minute), down(day, for: 4 * minute), down(2 * day, for: hour)],
      owes: [0, 7200, 0]),
    RuleCase(
      "equal first instants: the smaller id", [tenth], [down(0, for: hour), down(0, for: hour)],
      owes: [7200, 0]),
    RuleCase(
      "the order is that before anything is counted",
      [Rule(steps((.any, percent(10))), of: .downtime, count: counting { $0.isFromClaim = true })],
      [down(0, for: 3 * day, claimed: 2 * day), down(day, for: hour, claimed: 0)],
      owes: [7200, 0]),
    RuleCase(
      "the order is by any severity that a rule names",
      [
        Rule(steps((.any, percent(10))), of: .downtime),
        Rule(steps((.longerThan(9 * day), percent(1))), of: .downtime, severities: severities(.p2)),
      ],
      [down([(0, hour, .p2, .one), (5 * day, hour, .p0, .one)]), down(day, for: hour)],
      owes: [7200, 0]),
    RuleCase(
      "an incident adds its part of outages and of the period", [times, tenth],
      [down(0, for: 30 * minute), down(day, for: 30 * minute)], owes: [50, 7250]),
  ])
  func parts(row: RuleCase) throws { try row.check() }
}
