import RandomRules
import ServiceCredits
import Testing

/// Policy language, sections 2 and 9: units of time, of uptime and of the local calendar. A unit pays 1 %, 7.20.
@Suite struct PerUnitTests {
  private static let half = 30 * minute
  private static let started = Rule(each(.time(half, .started)), of: .outage)
  private static let complete = Rule(each(.time(half, .complete)), of: .outage)
  private static let overTen = Rule(each(.time(half, .fractionOver(10 * minute))), of: .outage)
  private static let afterAnHour = Rule(
    each(.time(half, .started), free: .time(hour)), of: .downtime)
  private static let afterAThousandth = Rule(
    each(.time(half, .started), free: .share(over(1, 1000))), of: .downtime)
  private static let thousandth = 43 * minute + 12 * second
  private static let tooLow = Rule(
    each(.shortOf(promise: over(999, 10), unit: over(1, 10), .started)), of: .uptime)
  private static let wholeTenths = Rule(
    each(.shortOf(promise: over(999, 10), unit: over(1, 10), .complete)), of: .uptime)

  @Test(arguments: [
    RuleCase("started: a microsecond", started, down(0, for: 1), owes: 720),
    RuleCase("started: at", started, down(0, for: half), owes: 720),
    RuleCase("started: just over", started, down(0, for: half + 1), owes: 1440),
    RuleCase("complete: just under", complete, down(0, for: half - 1), owes: 0),
    RuleCase("complete: at", complete, down(0, for: half), owes: 720),
    RuleCase("complete: just under two", complete, down(0, for: 2 * half - 1), owes: 720),
    RuleCase("a rest at ten minutes", overTen, down(0, for: half + 10 * minute), owes: 720),
    RuleCase("a rest just over", overTen, down(0, for: half + 10 * minute + 1), owes: 1440),
    RuleCase("no rest", overTen, down(0, for: 2 * half), owes: 1440),
    RuleCase("a rest alone", overTen, down(0, for: 10 * minute + 1), owes: 720),
    RuleCase("free: at", afterAnHour, down(0, for: hour), owes: 0),
    RuleCase("free: just over", afterAnHour, down(0, for: hour + 1), owes: 720),
    RuleCase(
      "free once a period", afterAnHour, down(0, for: hour), down(day, for: hour), owes: 0, 1440),
    RuleCase("a free share: at", afterAThousandth, down(0, for: thousandth), owes: 0),
    RuleCase("a free share: just over", afterAThousandth, down(0, for: thousandth + 1), owes: 720),
    RuleCase("short of: at the promise", tooLow, down(0, for: thousandth), owes: 0),
    RuleCase("short of: just below", tooLow, down(0, for: thousandth + 1), owes: 720),
    RuleCase("short of: a whole unit", tooLow, down(0, for: 2 * thousandth), owes: 720),
    RuleCase("short of: more than a unit", tooLow, down(0, for: 2 * thousandth + 1), owes: 1440),
    RuleCase(
      "complete tenths: just short", wholeTenths, down(0, for: 2 * thousandth - 1), owes: 0),
    RuleCase("complete tenths: at", wholeTenths, down(0, for: 2 * thousandth), owes: 720),
  ])
  func lengths(row: RuleCase) throws { try row.check() }

  private static func rates(_ unit: PerUnit.Unit, grace: PerUnit.Grace? = nil) -> Rule {
    Rule(
      PerUnit(
        unit: unit,
        rates: [
          PerUnit.Rate(from: 3, credit: percent(1)), PerUnit.Rate(from: 5, credit: percent(2)),
        ], grace: grace), of: .outage)
  }

  private static let byHour = rates(.time(hour, .complete))

  @Test(arguments: [
    RuleCase("the second unit pays nothing", byHour, down(0, for: 2 * hour), owes: 0),
    RuleCase("the third is the first that pays", byHour, down(0, for: 3 * hour), owes: 720),
    RuleCase("the fourth pays the same", byHour, down(0, for: 4 * hour), owes: 1440),
    RuleCase("the fifth pays more", byHour, down(0, for: 5 * hour), owes: 2880),
    RuleCase("and so do all after it", byHour, down(0, for: 7 * hour), owes: 5760),
    RuleCase(
      "days are numbered through, down or not", rates(.calendar(.localDay, .any)),
      down([(0, hour, .p0, .one), (4 * day, hour, .p0, .one)]), owes: 1440),
  ])
  func numbers(row: RuleCase) throws { try row.check() }

  private static func calendar(
    _ unit: PerUnit.CalendarUnit, _ down: PerUnit.Down, of measure: Rule.Measure = .outage,
    grace: PerUnit.Grace? = nil
  ) -> Rule {
    Rule(each(.calendar(unit, down), grace: grace), of: measure)
  }

  private static let anyDay = calendar(.localDay, .any)
  private static let atEnd = calendar(.localDay, .atEnd)
  private static let sixHours = calendar(.localDay, .longerThan(6 * hour))
  private static let anyHour = calendar(.clockHour, .any)
  private static let working = calendar(.workingDay, .any)
  private static let daysOfPeriod = calendar(.localDay, .any, of: .downtime)
  /// Friday, 3 April.
  private static let friday = 2 * day

  @Test(arguments: [
    RuleCase("any: a day", anyDay, down(hour, for: hour), owes: 720),
    RuleCase("any: until midnight", anyDay, down(23 * hour, for: hour), owes: 720),
    RuleCase("any: over midnight", anyDay, down(23 * hour, for: hour + 1), owes: 1440),
    RuleCase("at end: until a microsecond before", atEnd, down(hour, for: 23 * hour - 1), owes: 0),
    RuleCase(
      "at end: until midnight, when it is up again", atEnd, down(hour, for: 23 * hour), owes: 0),
    RuleCase("at end: over midnight", atEnd, down(hour, for: 23 * hour + 1), owes: 720),
    RuleCase(
      "at end: from midnight on is not the day before", atEnd, down(day, for: hour), owes: 0),
    RuleCase("longer than six hours: at", sixHours, down(0, for: 6 * hour), owes: 0),
    RuleCase("longer than six hours: over", sixHours, down(0, for: 6 * hour + 1), owes: 720),
    RuleCase(
      "longer than six hours of each day", sixHours, down(18 * hour, for: 12 * hour), owes: 0),
    RuleCase(
      "longer than six hours, in two pieces", sixHours,
      down([(0, 3 * hour, .p0, .one), (9 * hour, 3 * hour + 1, .p0, .one)]), owes: 720),
    RuleCase("an hour of the clock", anyHour, down(minute, for: 59 * minute), owes: 720),
    RuleCase(
      "two hours of the clock in a minute", anyHour, down(hour - 30 * second, for: minute),
      owes: 1440),
    RuleCase("working days: a weekend is none", working, down(friday + day, for: 2 * day), owes: 0),
    RuleCase(
      "working days: Friday to Monday are two", working, down(friday + hour, for: 3 * day),
      owes: 1440),
    RuleCase(
      "an outage counts a day once", anyDay,
      down([(0, hour, .p0, .one), (5 * hour, hour, .p0, .one)]), owes: 720),
    RuleCase(
      "each outage counts a day", anyDay, down(0, for: hour), down(5 * hour, for: hour), owes: 720,
      720),
    RuleCase(
      "a period counts a day once", daysOfPeriod, down(0, for: hour), down(5 * hour, for: hour),
      owes: 720, 0),
    RuleCase(
      "an outage has its days of the next month", anyDay, down(29 * day, for: 3 * day), owes: 2160),
    RuleCase(
      "all days of an outage are worth those of the month of its first instant",
      Rule(each(.calendar(.localDay, .any), .days(.one)), of: .outage),
      down(29 * day, for: 3 * day), owes: 7200),
    RuleCase(
      "a period has its own days alone", daysOfPeriod, down(29 * day, for: 3 * day), owes: 720),
  ])
  func units(row: RuleCase) throws { try row.check() }

  private static func days(_ number: Int) -> PerUnit.Grace { .calendarDays(number) }
  private static func workingDays(_ number: Int) -> PerUnit.Grace { .workingDays(number) }

  private static let afterTwoDays = calendar(.localDay, .any, grace: days(2))
  private static let endAfterTwoDays = calendar(.localDay, .atEnd, grace: days(2))
  private static let afterTwoWorkingDays = calendar(.localDay, .any, grace: workingDays(2))
  private static let numbered = rates(.calendar(.localDay, .any), grace: days(2))

  @Test(arguments: [
    RuleCase(
      "until the midnight that ends the grace", afterTwoDays,
      down(9 * hour, for: 3 * day - 9 * hour), owes: 0),
    RuleCase("over it", afterTwoDays, down(9 * hour, for: 3 * day - 9 * hour + 1), owes: 720),
    RuleCase(
      "from the claim on", afterTwoDays, down(9 * hour, for: 4 * day, claimed: day), owes: 720),
    RuleCase(
      "at the end of the grace's last day", endAfterTwoDays,
      down(9 * hour, for: 3 * day - 9 * hour + 1), owes: 720),
    RuleCase(
      "up at the end of the grace's last day", endAfterTwoDays,
      down(9 * hour, for: 3 * day - 9 * hour), owes: 0),
    RuleCase(
      "working days: from Friday to Tuesday's midnight", afterTwoWorkingDays,
      down(friday + 9 * hour, for: 5 * day - 9 * hour), owes: 0),
    RuleCase(
      "working days: into Wednesday", afterTwoWorkingDays,
      down(friday + 9 * hour, for: 5 * day - 9 * hour + 1), owes: 720),
    RuleCase(
      "working days that begin on a Saturday", afterTwoWorkingDays,
      down(friday + day + 9 * hour, for: 4 * day), owes: 720),
    RuleCase("the day after the claim's is number one", numbered, down(0, for: 3 * day), owes: 0),
    RuleCase("the third is paid", numbered, down(0, for: 4 * day), owes: 720),
    RuleCase("the fifth is paid more", numbered, down(0, for: 6 * day), owes: 2880),
  ])
  func grace(row: RuleCase) throws { try row.check() }
}
