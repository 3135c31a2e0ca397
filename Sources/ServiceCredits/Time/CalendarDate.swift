/// A day of the proleptic Gregorian calendar, without a time zone.
public struct CalendarDate: Hashable, Comparable, Sendable {
  public let year: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to the month's last day.
  public let day: Int

  /// Returns `nil` if there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= CalendarDate.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  public init(firstOf month: BillingMonth) {
    (year, self.month, day) = (month.year, month.month, 1)
  }

  /// The day that is `days` days after 1970-01-01.
  public init(daysSinceUnixEpoch days: Int32) {
    let (year, month, day) = civilDate(days: Int64(days))
    (self.year, self.month, self.day) = (Int(year), Int(month), Int(day))
  }

  /// The calendar month that the day lies in.
  public var billingMonth: BillingMonth { BillingMonth(year: year, month: month) }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }
}
