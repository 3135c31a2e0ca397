package import ServiceCredits

/// The months of an example, and the local days and hours around its outages.
package struct ExampleCalendar: Sendable {
  let period: RulePeriod
  let calendar: LocalCalendar

  /// - Parameters:
  ///   - calendar: every day of the zone from `firstDay` on.
  ///   - firstDay: the number of its first day since 1970-01-01.
  /// - Returns: `nil` where the days do not cover the months of the example.
  package init?(of example: PolicyExample, _ calendar: LocalCalendar, from firstDay: Int32) {
    var months: [RulePeriod.Month] = []
    for month in example.months {
      let first = Int(month.daysSinceUnixEpoch - firstDay)
      let next = Int(month.advanced(by: 1).daysSinceUnixEpoch - firstDay)
      guard first >= 0, next < calendar.days.count else { return nil }
      months.append(
        RulePeriod.Month(
          month: month,
          interval: Interval(
            calendar.days[first].interval.start, calendar.days[next].interval.start),
          days: next - first))
    }
    period = RulePeriod(months: months)
    self.calendar = calendar
  }

  /// The calendar of an example in UTC.
  package static func utc(
    of example: PolicyExample, holidays: [CalendarDate]
  ) -> ExampleCalendar? {
    let hour: Int64 = 3_600_000_000
    let free = Set(holidays.map(\.daysSinceUnixEpoch))
    let reach = example.reach
    let first = Int32(reach.start.microseconds / (24 * hour)) - 3
    let last = Int32(reach.end.microseconds / (24 * hour)) + 3
    let days = (first...last).map { number in
      let start = Int64(number) * 24 * hour
      // 1970-01-01 was a Thursday.
      let isWeekend = (number + 3) % 7 >= 5
      return LocalCalendar.Day(
        interval: interval(start, 24 * hour), isWorking: !isWeekend && !free.contains(number))
    }
    let hours = (Int64(first) * 24..<Int64(last + 1) * 24).map { interval($0 * hour, hour) }
    return ExampleCalendar(of: example, LocalCalendar(days: days, hours: hours), from: first)
  }

  private static func interval(_ start: Int64, _ length: Int64) -> Interval {
    Interval(Instant(microseconds: start), Instant(microseconds: start + length))
  }
}

extension PolicyExample {
  /// The time that its calendar covers: its months, its outages and their claims. Another zone than
  /// UTC needs a day more on both sides.
  package var reach: Interval {
    let day: Int64 = 86_400_000_000
    var first = Int64(months[0].daysSinceUnixEpoch) * day
    var last = Int64(months[months.count - 1].advanced(by: 1).daysSinceUnixEpoch) * day
    for outage in outages {
      let claim = outage.claimedAt ?? outage.interval.start
      first = min(first, outage.interval.start.microseconds, claim.microseconds)
      last = max(last, outage.interval.end.microseconds, claim.microseconds)
    }
    return Interval(Instant(microseconds: first), Instant(microseconds: last))
  }
}
