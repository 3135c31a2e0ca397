import ArgumentParser
import PlainText
import PolicyFiles
import Postgres
import RedressSQL
import ServiceCredits

/// The months, days and hours of the examples in a policy file. Those of UTC follow from arithmetic; another zone is
/// asked of PostgreSQL.
struct ExampleCalendars {
  /// One for each example, in their order.
  private(set) var calendars: [ExampleCalendar] = []

  /// Connects only if an example is in another zone than UTC.
  init(_ document: PolicyDocument, _ target: ConnectionTarget) throws {
    let zones = document.examples.map { document.timeZone(of: $0) }
    guard zones.contains(where: { !ExampleCalendars.isUTC($0) }) else {
      for example in document.examples {
        try append(.utc(of: example, holidays: document.holidays(of: example)), example)
      }
      return
    }
    let connection = try Connection(target)
    for (example, zone) in zip(document.examples, zones) {
      let holidays = document.holidays(of: example)
      let calendar =
        ExampleCalendars.isUTC(zone)
        ? ExampleCalendar.utc(of: example, holidays: holidays)
        : try ExampleCalendars.local(example, zone, holidays, connection)
      try append(calendar, example)
    }
  }

  private mutating func append(_ calendar: ExampleCalendar?, _ example: PolicyExample) throws {
    guard let calendar else {
      throw ValidationError(
        "the time zone of the example \(Quoted.text(example.name)) has no such month.")
    }
    calendars.append(calendar)
  }

  private static func isUTC(_ zone: String) -> Bool { ["UTC", "Etc/UTC"].contains(zone) }

  private static func local(
    _ example: PolicyExample, _ zone: String, _ holidays: [CalendarDate],
    _ connection: borrowing Connection
  ) throws -> ExampleCalendar? {
    var starts: [(number: Int32, start: Instant)] = []
    try connection.query(
      RedressSQL.Query.localDays.text,
      [.text(zone), .date(example.days.lowerBound), .date(example.days.upperBound)]
    ) { row in
      starts.append((try row.int32(0), Instant(microseconds: try row.timestamp(1))))
    }
    guard let first = starts.first, let last = starts.last else { return nil }
    var hours: [Instant] = []
    try connection.query(
      RedressSQL.Query.localHours.text,
      [
        .text(zone), .timestamptz(first.start.microseconds), .timestamptz(last.start.microseconds),
      ]
    ) { row in
      hours.append(Instant(microseconds: try row.timestamp(0)))
    }
    let days = zip(starts, starts.dropFirst()).map { day, next in
      (day.number, Interval(day.start, next.start))
    }
    return ExampleCalendar(of: example, days: days, hours: hours, holidays: holidays)
  }
}
