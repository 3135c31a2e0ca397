import Postgres
import RandomRules
import ServiceCredits
import TestSupport

/// The rules once more, in SQL, in a database of their own.
final class RuleSecondEngine {
  private let database: TestDatabase
  /// Holds the temporary tables.
  private let session: Connection
  private let scripts: [String]
  let places: [StoryPlace]

  static let zones = [
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
  ]

  init() throws {
    database = try TestDatabase()
    session = try database.connect()
    try session.execute(try Self.script("fractions") + Self.script("rule-tables"))
    scripts = try ["measures", "credits", "split"].map(Self.script)
    places = try Self.places(session)
  }

  private static func script(_ name: String) throws -> String {
    try textFile("\(TestServer.packageFolder)/Tests/RuleSecondEngineTests/\(name).sql")
  }

  /// The places' time, as PostgreSQL makes it.
  private static func places(_ session: borrowing Connection) throws -> [StoryPlace] {
    let names = zones.map { "('\($0)')" }.joined(separator: ", ")
    try session.execute(
      "CREATE TEMPORARY TABLE rule_zone (zone text); INSERT INTO rule_zone VALUES \(names);")
    let months = Dictionary(grouping: try session.textRows(try script("places"))) { $0[0] ?? "" }
    let units = Dictionary(
      grouping: try session.textRows(
        "SELECT zone, starts, ends, unit FROM rule_unit ORDER BY starts")
    ) { "\($0[0] ?? "") \($0[3] ?? "")" }
    return zones.map { zone in
      StoryPlace(
        zone: zone,
        months: (months[zone] ?? []).enumerated().map { number, row in
          RulePeriod.Month(
            month: BillingMonth(year: 2026, month: number + 1), interval: interval(row),
            days: Int(row[3] ?? "") ?? 0)
        },
        calendar: calendar(
          days: units["\(zone) local_day"] ?? [], working: units["\(zone) working_day"] ?? [],
          hours: units["\(zone) clock_hour"] ?? []))
    }
  }

  private static func calendar(
    days: [[String?]], working: [[String?]], hours: [[String?]]
  ) -> LocalCalendar {
    let working = Set(working.map(interval))
    return LocalCalendar(
      days: days.map { row in
        LocalCalendar.Day(interval: interval(row), isWorking: working.contains(interval(row)))
      }, hours: hours.map(interval))
  }

  private static func interval(_ row: [String?]) -> Interval {
    RuleTime.interval(Int64(row[1] ?? "") ?? 0, Int64(row[2] ?? "") ?? 0)
  }

  /// What each incident of each story adds, in minor units, in the order of its incidents.
  func parts(_ stories: [RuleStory]) throws -> [[Int64]] {
    var rows = RuleRows()
    for (number, story) in stories.enumerated() { rows.add(story, number) }
    try session.execute(rows.script)
    for script in scripts { try session.execute(script) }
    var parts = stories.map { [Int64](repeating: 0, count: $0.incidents.count) }
    for row in try session.textRows("SELECT case_id, incident, minor FROM second_part") {
      guard let story = row[0].flatMap({ Int($0) }), let incident = row[1].flatMap({ Int($0) }),
        let minor = row[2].flatMap({ Int64($0) })
      else { throw UnreadableRow(row: row) }
      parts[story][incident - 1] = minor
    }
    return parts
  }
}

struct UnreadableRow: Error {
  let row: [String?]
}
