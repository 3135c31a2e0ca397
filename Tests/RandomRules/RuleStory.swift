public import ServiceCredits

/// One subscription's month or quarter under one set of rules: all that a credit depends on.
public struct RuleStory: Sendable {
  public var place: StoryPlace
  public var period: RulePeriod
  public var set: RuleSet
  /// The rules of another plan of the version, which name severities; `nil` if there is none.
  public var otherPlan: RuleSet?
  public var overlap: OverlapRule
  public var rounding: RoundingRule
  public var currency: Currency
  /// Minor units; 0 for none.
  public var minimum: Int64
  /// Of the base; the second engine knows none.
  public var minimumShare: Fraction?
  /// In byte order of their ids.
  public var incidents: [MeasuredIncident]
  /// Ascending, without gaps or overlaps.
  public var fees: [RuleFee]

  public init(
    place: StoryPlace, period: RulePeriod, set: RuleSet, currency: Currency,
    incidents: [MeasuredIncident], fees: [RuleFee]
  ) {
    self.place = place
    self.period = period
    self.set = set
    self.overlap = .countOnce
    self.rounding = .halfUp
    self.currency = currency
    self.minimum = 0
    self.incidents = incidents
    self.fees = fees
  }

  /// Whether the Swift engine may refuse it, because a number has more than 128 bits: mean shares of several incidents
  /// have denominators without a common factor.
  public var mayNotFit: Bool {
    self.set.rules.contains { $0.count.weighsShare && $0.count.whole != nil }
  }

  /// The policy version that holds in the story.
  public var version: PolicyVersion {
    let plans = otherPlan.map { ["other": PlanRules($0)] } ?? [:]
    return PolicyVersion(
      name: "v", effectiveFrom: CalendarDate(year: 2026, month: 1, day: 1)!, timeZone: place.zone,
      terms: PlanRules(set), plans: plans, overlap: overlap, rounding: rounding, exclusions: [],
      minimum: MinimumCredit(amounts: [currency: minimum], share: minimumShare),
      limits: RunLimits(shareOfMonthlyFees: nil, granted: [:], takenBack: [:]))
  }

  /// What each incident adds by the Swift engine, in minor units, in the order of `incidents`.
  public func parts() throws(AmountOutOfRange) -> [Int64] {
    try PeriodCalculation(
      set, of: version, incidents, period: period, calendar: place.calendar(around: period),
      fees: fees
    ).credit().parts
  }
}

/// A time zone with its months, days and hours.
public struct StoryPlace: Sendable {
  public let zone: String
  /// Whole years, from January on.
  public let months: [RulePeriod.Month]
  private let calendar: LocalCalendar

  public init(zone: String, months: [RulePeriod.Month], calendar: LocalCalendar) {
    self.zone = zone
    self.months = months
    self.calendar = calendar
  }

  public var days: [LocalCalendar.Day] { calendar.days }

  /// UTC in a year of 365 days that begins on a Thursday, made without a database.
  public static let utc: StoryPlace = {
    let start: Int64 = 20_454 * RuleTime.day
    var months: [RulePeriod.Month] = []
    var day = start
    for (number, days) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
      let end = day + Int64(days) * RuleTime.day
      months.append(
        RulePeriod.Month(
          month: BillingMonth(year: 2026, month: number + 1), interval: RuleTime.interval(day, end),
          days: days))
      day = end
    }
    let days = (Int64(-60)..<440).map { number in
      let midnight = start + number * RuleTime.day
      return LocalCalendar.Day(
        interval: RuleTime.interval(midnight, midnight + RuleTime.day),
        isWorking: (number + 73) % 7 < 5)
    }
    let hours = (Int64(-60 * 24)..<440 * 24).map { number in
      RuleTime.interval(start + number * RuleTime.hour, start + (number + 1) * RuleTime.hour)
    }
    return StoryPlace(
      zone: "UTC", months: months, calendar: LocalCalendar(days: days, hours: hours))
  }()

  /// The days and hours that a period's incidents and claims can lie in.
  func calendar(around period: RulePeriod) -> LocalCalendar {
    let start = period.interval.start.microseconds - 50 * RuleTime.day
    let end = period.interval.end.microseconds + 50 * RuleTime.day
    let near = Interval(Instant(microseconds: start), Instant(microseconds: end))
    return LocalCalendar(
      days: Self.slice(of: calendar.days, within: near) { $0.interval },
      hours: Self.slice(of: calendar.hours, within: near) { $0 })
  }

  /// The units that begin within an interval, found by halving: there are thousands of hours.
  private static func slice<Unit>(
    of units: [Unit], within near: Interval, _ interval: (Unit) -> Interval
  ) -> [Unit] {
    func first(from instant: Instant) -> Int {
      var (low, high) = (0, units.count)
      while low < high {
        let middle = (low + high) / 2
        if interval(units[middle]).start < instant { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return Array(units[first(from: near.start)..<first(from: near.end)])
  }
}

/// Lengths in microseconds.
public enum RuleTime {
  public static let second: Int64 = 1_000_000
  public static let minute = 60 * second
  public static let hour = 60 * minute
  public static let day = 24 * hour

  public static func interval(_ start: Int64, _ end: Int64) -> Interval {
    Interval(Instant(microseconds: start), Instant(microseconds: end))
  }
}
