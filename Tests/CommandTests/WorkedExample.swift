import FoundationEssentials
import Testing

/// A row of `fixtures/worked-examples/examples.txt`: outage windows and the credits for them.
struct WorkedExample: Sendable, CustomTestStringConvertible {
  let name: String
  /// The statements that fill the source.
  let statements: [String]
  /// incident, amount, month
  let credits: Table

  var testDescription: String { name }

  static func all() throws -> [WorkedExample] {
    let file = Checkout.fixtures.appending(path: "worked-examples/examples.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    let rows = lines.drop { !$0.isEmpty }.filter { !$0.isEmpty }
    guard let table = Table(aligned: Array(rows)) else {
      throw Scenario.SyntaxError(
        description:
          "\(file.path(percentEncoded: false)): a table with as many cells in each line as in the first"
      )
    }
    return table.rows.map { row in
      WorkedExample(Dictionary(uniqueKeysWithValues: zip(table.columns, row)))
    }
  }

  private init(_ cells: [String: String]) {
    func cell(_ column: String) -> String { cells[column] ?? "" }
    name = cell("example")

    let fee = cell("fee").split(separator: " ")
    let joined = cell("joined").isEmpty ? "2026-01-01" : WorkedExample.instant(cell("joined"))
    var statements = [
      "INSERT INTO redress_source.customer VALUES ('C', 'Customer', 'business', 'UTC')",
      "INSERT INTO redress_source.service VALUES ('S', 'Service')",
      """
      INSERT INTO redress_source.subscription_term
      VALUES ('SUB', 'C', 'S', 'standard', \(fee[0]), '\(fee[1])', '\(joined)Z')
      """,
    ]
    // `A P0 05 08:00 +1:30`: incident, severity, day of October, time, length.
    var incidents: [String: (severity: String, windows: [(start: String, length: String)])] = [:]
    for window in cell("windows").split(separator: ";") {
      let words = window.split(separator: " ").map(String.init)
      let start = WorkedExample.instant("\(words[2]) \(words[3])")
      let length = String(words[4].dropFirst())
      var incident = incidents[words[0]] ?? (words[1], [])
      incident.severity = min(incident.severity, words[1])
      incident.windows.append((start, length))
      incidents[words[0]] = incident
      statements.append(
        """
        INSERT INTO redress_source.outage VALUES ('\(words[0])', '\(words[1])', 'S', NULL, '\(start)Z',
          '\(start)Z'::timestamptz + interval '\(length)')
        """)
    }
    for (id, incident) in incidents.sorted(by: { $0.key < $1.key }) {
      let first = incident.windows[0].start
      let last = incident.windows[incident.windows.count - 1]
      statements.append(
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        VALUES ('\(id)', 'Incident', '\(incident.severity)', 'resolved', '\(first)Z',
          '\(last.start)Z'::timestamptz + interval '\(last.length)')
        """)
    }
    // `05 08:00 +1:50 announced 03 08:00`
    let maintenance = cell("maintenance").split(separator: " ").map(String.init)
    if maintenance.count == 6 {
      let start = WorkedExample.instant("\(maintenance[0]) \(maintenance[1])")
      statements.append(
        """
        INSERT INTO redress_source.exclusion VALUES ('X', 'scheduled_maintenance', NULL, NULL, '\(start)Z',
          '\(start)Z'::timestamptz + interval '\(maintenance[2].dropFirst())',
          '\(WorkedExample.instant("\(maintenance[4]) \(maintenance[5])"))Z')
        """)
    }
    self.statements = statements

    // `A 100.00; B 250.00`, all in the month of the table.
    credits = Table(
      columns: ["incident", "amount", "month"],
      rows: cell("credits").split(separator: ";").compactMap { credit in
        let words = credit.split(separator: " ").map(String.init)
        return words == ["none"] ? nil : words + [cell("month")]
      })
  }

  private static func instant(_ dayAndTime: String) -> String {
    "2026-10-\(dayAndTime)"
  }
}
