public import Postgres
import RedressSQL
public import ServiceCredits

extension LocalCalendar {
  /// The days and hours of a time zone, from PostgreSQL.
  /// - Parameters:
  ///   - reach: it covers this time, and forty days before and after it.
  ///   - moreDays: how many days more it covers after that.
  ///   - withHours: whether hours of the clock are read.
  ///   - holidays: what is no working day, besides Saturdays and Sundays.
  public init(
    _ connection: borrowing Connection, zone: String, reach: Interval, moreDays: Int = 0,
    withHours: Bool = true, holidays: [CalendarDate]
  ) throws {
    let day: Int64 = 86_400_000_000
    let first = Int32(reach.start.microseconds / day) - 40
    let last = Int32(reach.end.microseconds / day) + 40 + Int32(moreDays)
    var days: [Day] = []
    try connection.query(
      RedressSQL.Query.localDays.text,
      [.text(zone), .date(first), .date(last), .textArray(holidays.map(\.text))]
    ) { row in
      days.append(
        Day(
          interval: Interval(
            Instant(microseconds: try row.timestamp(0)),
            Instant(microseconds: try row.timestamp(1))), isWorking: try row.bool(2)))
    }
    var hours: [Interval] = []
    guard withHours else {
      self.init(days: days, hours: hours)
      return
    }
    try connection.query(
      RedressSQL.Query.localHours.text, [.text(zone), .date(first), .date(last)]
    ) { row in
      hours.append(
        Interval(
          Instant(microseconds: try row.timestamp(0)), Instant(microseconds: try row.timestamp(1))))
    }
    self.init(days: days, hours: hours)
  }
}
