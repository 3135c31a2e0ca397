import ArgumentParser
import CreditLedger
import PlainText
import PolicyFiles
import Postgres
import ServiceCredits

/// The months, days and hours of the examples in a policy file. Those of UTC follow from
/// arithmetic; another zone is asked of PostgreSQL.
struct ExampleCalendars {
  /// One for each example, in their order.
  private(set) var calendars: [ExampleCalendar] = []

  /// Connects only if an example is in another zone than UTC.
  init(_ document: PolicyDocument, _ target: ConnectionTarget) throws {
    let zones = document.examples.map { document.timeZone(of: $0) }
    let holidays = document.policy.holidays
    guard zones.contains(where: { !ExampleCalendars.isUTC($0) }) else {
      for example in document.examples {
        try append(.utc(of: example, holidays: holidays), example)
      }
      return
    }
    let connection = try Connection(target)
    for (example, zone) in zip(document.examples, zones) {
      guard !ExampleCalendars.isUTC(zone) else {
        try append(.utc(of: example, holidays: holidays), example)
        continue
      }
      let reach = example.reach
      let calendar = try LocalCalendar(connection, zone: zone, reach: reach, holidays: holidays)
      // Its days begin forty before that of the reach, by the calendar of UTC.
      let first = Int32(reach.start.microseconds / 86_400_000_000) - 40
      try append(ExampleCalendar(of: example, calendar, from: first), example)
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
}
