package import ServiceCredits

/// The months of an example, and the local days and hours around its outages.
package struct ExampleCalendar: Sendable {
  package let period: RulePeriod
  package let calendar: LocalCalendar

  package init(period: RulePeriod, calendar: LocalCalendar) {
    self.period = period
    self.calendar = calendar
  }

  /// Days and hours as the clocks of a zone show them.
  /// - Parameters:
  ///   - days: ascending and without gaps, with the number of the day since 1970-01-01.
  ///   - hours: when hours of the clock begin, ascending, with the end of the last one.
  ///   - holidays: days that are no working days.
  package init?(
    of example: PolicyExample, days: [(number: Int32, interval: Interval)], hours: [Instant],
    holidays: [CalendarDate]
  ) {
    var months: [RulePeriod.Month] = []
    for month in example.months {
      let own = days.filter {
        $0.number >= month.daysSinceUnixEpoch
          && $0.number < month.advanced(by: 1).daysSinceUnixEpoch
      }
      guard let first = own.first, let last = own.last else { return nil }
      months.append(
        RulePeriod.Month(
          month: month, interval: Interval(first.interval.start, last.interval.end),
          days: own.count))
    }
    let free = Set(holidays.map(\.daysSinceUnixEpoch))
    period = RulePeriod(months: months)
    calendar = LocalCalendar(
      days: days.map { day in
        // 1970-01-01 was a Thursday.
        let isWeekend = (day.number + 3) % 7 >= 5
        return LocalCalendar.Day(
          interval: day.interval, isWorking: !isWeekend && !free.contains(day.number))
      }, hours: zip(hours, hours.dropFirst()).map { Interval($0, $1) })
  }

  /// The calendar of an example in UTC.
  package static func utc(
    of example: PolicyExample, holidays: [CalendarDate]
  ) -> ExampleCalendar? {
    let hour: Int64 = 3_600_000_000
    let days = example.days.map { number in
      let start = Instant(microseconds: Int64(number) * 24 * hour)
      return (number, Interval(start, Instant(microseconds: start.microseconds + 24 * hour)))
    }
    let first = Int64(example.days.lowerBound) * 24
    let last = Int64(example.days.upperBound + 1) * 24
    return ExampleCalendar(
      of: example, days: days, hours: (first...last).map { Instant(microseconds: $0 * hour) },
      holidays: holidays)
  }
}

extension PolicyExample {
  /// The days since 1970-01-01 that its calendar needs in any zone: the period, its outages and their claims, and a
  /// few more on both sides.
  package var days: ClosedRange<Int32> {
    let day: Int64 = 86_400_000_000
    var first = Int64(months[0].daysSinceUnixEpoch)
    var last = Int64(months[months.count - 1].advanced(by: 1).daysSinceUnixEpoch)
    for outage in outages {
      for instant in [outage.interval.start, outage.interval.end, outage.claimedAt].compactMap({
        $0
      }) {
        let number = instant.microseconds / day
        first = min(first, number)
        last = max(last, number)
      }
    }
    return Int32(first - 3)...Int32(last + 3)
  }
}
