/// A month or a quarter in one time zone, as PostgreSQL makes it.
public struct RulePeriod: Hashable, Sendable {
  public struct Month: Hashable, Sendable {
    public let month: BillingMonth
    public let interval: Interval
    /// Days of the calendar.
    public let days: Int

    public init(month: BillingMonth, interval: Interval, days: Int) {
      self.month = month
      self.interval = interval
      self.days = days
    }
  }

  /// One, or the three of a quarter.
  public let months: [Month]

  public init(months: [Month]) {
    precondition(months.count == 1 || months.count == 3, "a period is a month or a quarter")
    self.months = months
  }

  var per: Rule.Per { months.count == 1 ? .month : .quarter }

  public var interval: Interval {
    Interval(months[0].interval.start, months[months.count - 1].interval.end)
  }

  /// Microseconds, with `month` in place of each calendar month's.
  func length(ofMonth month: Int64?) -> Fraction {
    Fraction(whole: month.map { $0 * Int64(months.count) } ?? interval.microseconds)
  }

  func days(ofMonth days: Int64?) -> Fraction {
    Fraction(
      whole: days.map { $0 * Int64(months.count) } ?? months.reduce(0) { $0 + Int64($1.days) })
  }
}

/// Days and hours of the local clock, ascending and without gaps, as PostgreSQL makes them. They cover all time that is
/// measured by them, and a fortnight after a claim before it.
public struct LocalCalendar: Hashable, Sendable {
  public struct Day: Hashable, Sendable {
    public let interval: Interval
    /// Whether it is neither a weekend nor a holiday.
    public let isWorking: Bool

    public init(interval: Interval, isWorking: Bool) {
      self.interval = interval
      self.isWorking = isWorking
    }
  }

  public let days: [Day]
  /// Hours of the clock.
  public let hours: [Interval]

  public init(days: [Day], hours: [Interval]) {
    self.days = days
    self.hours = hours
  }
}
