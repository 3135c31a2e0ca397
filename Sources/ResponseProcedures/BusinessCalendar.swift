public import ServiceCredits

/// The days of one time zone, each with whether it is a business day. PostgreSQL computes them,
/// because it knows when midnight is.
public struct BusinessCalendar: Hashable, Sendable {
  public struct Day: Hashable, Sendable {
    public let start: Instant
    public let isBusinessDay: Bool

    public init(start: Instant, isBusinessDay: Bool) {
      self.start = start
      self.isBusinessDay = isBusinessDay
    }
  }

  /// Consecutive days, ascending.
  private let days: [Day]

  public init(days: [Day]) {
    self.days = days
  }

  /// The end of the `count`th business day after the day of `instant`. That day itself does not
  /// count.
  /// - Returns: `nil` if the calendar ends before.
  public func end(ofBusinessDay count: Int, after instant: Instant) -> Instant? {
    guard let today = days.lastIndex(where: { $0.start <= instant }) else { return nil }
    var left = count
    for index in days.indices.dropFirst(today + 1) where days[index].isBusinessDay {
      left -= 1
      if left == 0 { return index + 1 < days.count ? days[index + 1].start : nil }
    }
    return nil
  }
}
