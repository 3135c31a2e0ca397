import Documents
import PlainText
import ServiceCredits

/// The list of open findings, to read and for programs.
package enum FindingListText {
  // MARK: Text

  /// - Parameter findings: those that the filter shows, of all of the run's.
  package static func text(_ findings: [OpenFinding], of all: [OpenFinding], runId: Int64) -> String
  {
    var text = ""
    for finding in findings {
      text += lines(finding).map { Printable.oneLine($0) + "\n" }.joined() + "\n"
    }
    return text + Printable.oneLine(summary(findings, of: all, runId: runId)) + "\n"
  }

  private static func lines(_ finding: OpenFinding) -> [String] {
    var first = "\(finding.code) \(finding.relation) \(finding.key)"
    if finding.isNew, finding.acceptance == nil { first += " (new)" }
    var lines = [
      first, "  \(finding.problem)", "  \(finding.remedy)",
      "  since run \(finding.sinceRun), as of \(finding.since.text)",
    ]
    if let acceptance = finding.acceptance {
      let until = acceptance.until.map { " until \($0)" } ?? ""
      lines.append("  accepted\(until) by \(acceptance.by): \(acceptance.reason)")
    }
    return lines
  }

  private static func summary(
    _ findings: [OpenFinding], of all: [OpenFinding], runId: Int64
  ) -> String {
    let accepted = all.count { $0.acceptance != nil }
    let new = all.count { $0.isNew && $0.acceptance == nil }
    var text = "run \(runId) has \(count(all.count))"
    if new > 0 { text += ", \(new) new" }
    if accepted > 0 { text += ", \(accepted) accepted" }
    return findings.count == all.count ? text : text + "; \(findings.count) shown"
  }

  private static func count(_ number: Int) -> String {
    number == 0 ? "no findings" : "\(number) finding\(number == 1 ? "" : "s")"
  }

  // MARK: For programs

  package static let columns = [
    "code", "relation", "key", "what is wrong", "what to do", "since run", "since", "new",
    "accepted by", "accepted at", "accepted until", "reason",
  ]

  private static func cells(_ finding: OpenFinding) -> [String] {
    [
      finding.code, finding.relation, finding.key, finding.problem, finding.remedy,
      "\(finding.sinceRun)", finding.since.text,
      finding.isNew && finding.acceptance == nil ? "yes" : "no",
      finding.acceptance?.by ?? "", finding.acceptance?.at.text ?? "",
      finding.acceptance?.until ?? "", finding.acceptance?.reason ?? "",
    ]
  }

  package static func csv(_ findings: [OpenFinding]) -> [UInt8] {
    var buffer: [UInt8] = []
    var csv = CSVText()
    for cell in columns { csv.append(text: cell, to: &buffer) }
    csv.endLine(&buffer)
    for finding in findings {
      for cell in cells(finding) { csv.append(text: cell, to: &buffer) }
      csv.endLine(&buffer)
    }
    return buffer
  }

  /// One object a line; what is empty in the CSV is null.
  package static func json(_ findings: [OpenFinding]) -> [UInt8] {
    var buffer: [UInt8] = []
    for finding in findings {
      var object = JSONObject(&buffer)
      for (column, cell) in zip(columns, cells(finding)) {
        switch column {
        case "since run": object.append(column, integer: finding.sinceRun, to: &buffer)
        case "new": object.append(column, isTrue: cell == "yes", to: &buffer)
        default: object.append(column, text: cell, to: &buffer)
        }
      }
      object.end(&buffer)
      buffer.append(UInt8(ascii: "\n"))
    }
    return buffer
  }

  /// `accepted: overcredited credit c / s / i / 2026-10 / USD: ...`
  package static func decided(_ verb: String, _ settled: [SettledFinding]) -> String {
    settled.map { finding in
      Printable.oneLine(
        "\(verb), decision \(finding.number): \(finding.code) \(finding.relation) \(finding.key): "
          + finding.problem) + "\n"
    }.joined()
  }
}
