package import Documents
package import ResponseProcedures
import ServiceCredits

/// The rows of an audit as CSV and JSON lines. Times are ISO 8601 in UTC, margins are seconds.
/// `still_to_do` says whether a step that was not done can still be done.
package enum AuditLines {
  package static let columns = [
    "incident_id", "severity", "requirement", "customer_id", "applies_because", "due_at", "done_at",
    "verdict", "margin_seconds", "evidence", "still_to_do",
  ]

  private static var words: AuditWords { AuditWords { $0.text } }

  package static func appendCSVHeader(to buffer: inout [UInt8]) {
    buffer.append(contentsOf: columns.joined(separator: ",").utf8)
    buffer.append(contentsOf: "\r\n".utf8)
  }

  package static func appendCSV(_ row: RequirementResult, to buffer: inout [UInt8]) {
    var csv = CSVText()
    for cell in cells(row) {
      switch cell {
      case .text(let bytes): bytes.withUnsafeBytes { csv.append(text: $0, to: &buffer) }
      case .plain(let text):
        csv.append(to: &buffer) { $0.append(contentsOf: text.utf8) }
      case .none: csv.appendEmpty(to: &buffer)
      }
    }
    csv.endLine(&buffer)
  }

  /// Appends an object on a line of its own.
  package static func appendJSONLine(_ row: RequirementResult, to buffer: inout [UInt8]) {
    appendJSON(row, to: &buffer)
    buffer.append(UInt8(ascii: "\n"))
  }

  package static func json(_ row: RequirementResult) -> JSONValue {
    let members = zip(columns, cells(row)).map { column, cell in
      let value: JSONValue =
        switch cell {
        case .text(let bytes): .string(bytes)
        case .plain(let text): .string(Array(text.utf8))
        case .none: .null
        }
      return JSONValue.Member(name: Array(column.utf8), value: value)
    }
    return .object(members)
  }

  private static func appendJSON(_ row: RequirementResult, to buffer: inout [UInt8]) {
    var object = JSONObject(&buffer)
    for (column, cell) in zip(columns, cells(row)) {
      switch cell {
      case .text(let bytes): object.append(column, text: bytes, to: &buffer)
      case .plain(let text): object.append(column, text: text, to: &buffer)
      case .none: object.appendNull(column, to: &buffer)
      }
    }
    object.end(&buffer)
  }

  private enum Cell {
    /// Text that is or contains text of the source.
    case text([UInt8])
    case plain(String)
    case none
  }

  private static func cells(_ row: RequirementResult) -> [Cell] {
    [
      .text(row.incident), .plain(row.severity.code), .plain(row.requirement.rawValue),
      row.customer.map { .text($0) } ?? .none, .plain(words.reason(row.reason)),
      row.outcome.due.map { .plain($0.text) } ?? .none,
      row.outcome.done.map { .plain($0.text) } ?? .none,
      .plain(row.outcome.verdict.rawValue),
      row.outcome.marginMicroseconds.map { .plain(seconds($0)) } ?? .none,
      .text(Array(words.basis(row).joined(separator: "; ").utf8)),
      .plain(row.isStillToDo ? "true" : "false"),
    ]
  }

  /// Microseconds as seconds: `-300`, `0.000001`.
  private static func seconds(_ microseconds: Int64) -> String {
    var text: [UInt8] = []
    appendDecimal(microseconds, decimals: 6, atLeast: 0, to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}
