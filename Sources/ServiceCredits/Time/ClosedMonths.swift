/// The months that finance has closed: all up to one. No credit of them is changed, and nothing is
/// posted in them.
public struct ClosedMonths: Hashable, Sendable {
  /// The last closed month; `nil` where none is closed.
  public let through: BillingMonth?

  public static let none = ClosedMonths(through: nil)

  public init(through: BillingMonth?) {
    self.through = through
  }

  @inlinable
  public func contains(_ month: BillingMonth) -> Bool {
    through.map { month <= $0 } ?? false
  }

  /// Whether a month of the quarter that `month` is in is closed.
  public func closesQuarter(of month: BillingMonth) -> Bool { contains(month.firstOfQuarter) }

  /// The day on which that is posted which happens on `day`: the day itself, or the first one of the
  /// first open month.
  public func postingDay(_ day: CalendarDate) -> CalendarDate {
    guard let through, day.billingMonth <= through else { return day }
    return CalendarDate(firstOf: through.advanced(by: 1))
  }
}
