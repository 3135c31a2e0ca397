/// A calendar month, counted in months since year 0 so that neighbours differ by one.
public struct BillingMonth: Hashable, Comparable, Sendable {
  public var index: Int32

  public init(index: Int32) {
    self.index = index
  }

  /// - Parameter month: 1 to 12.
  public init(year: Int, month: Int) {
    precondition((1...12).contains(month), "a month is 1 to 12")
    index = Int32(year * 12 + month - 1)
  }

  public var year: Int { Int(index) / 12 }
  /// 1 to 12.
  public var month: Int { Int(index) % 12 + 1 }

  public static func < (left: BillingMonth, right: BillingMonth) -> Bool {
    left.index < right.index
  }

  /// Before every month that a time can be in which is plausible.
  public static let earliest = BillingMonth(year: 1900, month: 1)

  public var firstOfQuarter: BillingMonth { BillingMonth(index: index - index % 3) }

  /// Days of the calendar.
  var days: Int { CalendarDate.days(inMonth: month, of: year) }

  /// The month `count` months later, or earlier where negative.
  public func advanced(by count: Int) -> BillingMonth {
    BillingMonth(index: index + Int32(count))
  }
}

extension BillingMonth {
  /// For a sentence: `October 2026`.
  public var words: String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    return "\(names[month - 1]) \(year)"
  }
}
