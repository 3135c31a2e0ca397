import ResponseProcedures
import ServiceCredits

/// An audit for a person: incident by incident, what was missed before what was kept.
public struct AuditText {
  private let words: AuditWords

  /// - Parameter clock: knows the instants in the policy's time zone.
  public init(clock: LocalClock) {
    words = AuditWords { clock.text($0) }
  }

  // MARK: An incident

  /// Its heading and its rows.
  public func lines(_ audit: IncidentAudit) -> [String] {
    let title = audit.title.isEmpty ? audit.name : "\(audit.name)  \(audit.title)"
    let end = audit.resolvedAt.map { "resolved \(words.time($0))" } ?? "still open"
    let heading = [title, "\(audit.severity.code), began \(words.time(audit.startedAt)), \(end)"]
    return (heading + table(audit).map { "  \($0)" }).map(ExplanationText.printable)
  }

  /// As a section of a Markdown text.
  public func markdown(_ audit: IncidentAudit) -> [String] {
    let rows = audit.rows.map { row in
      let parts = cells(row, label(row, audit)).dropFirst().filter { !$0.isEmpty }
      let verdict = AuditWords.verdict(row.outcome.verdict).lowercased()
      return "- \(ExplanationText.markdown(([verdict] + parts).joined(separator: ", ")))"
    }
    let heading = "Response procedures of \(audit.name), times in \(audit.timeZone)"
    return ["", "## \(ExplanationText.markdown(heading))", ""] + rows
  }

  /// As a section of a page.
  /// - Parameter number: tells it from others of the page.
  public func section(_ audit: IncidentAudit, number: Int) -> PageSection {
    let rows = audit.rows.map { row -> [PageCell] in
      let outcome = row.outcome
      return [
        .text(AuditWords.verdict(outcome.verdict)), .text(label(row, audit)),
        .text(outcome.due.map { words.time($0) } ?? ""),
        .text(outcome.done.map { words.time($0) } ?? ""), .text(AuditWords.margin(outcome)),
        .text(words.basis(row).joined(separator: "; ")),
      ]
    }
    let table = PageTable(
      caption: "Times in \(audit.timeZone)",
      columns: [
        .text("Verdict"), .text("Requirement"), .text("Due"), .text("Done"), .text("Margin"),
        .text("Evidence"),
      ], rows: rows)
    return PageSection(
      title: "Response procedures of \(audit.name)", anchor: "procedures-\(number)",
      content: [.table(table)])
  }

  /// What became of each requirement, what was missed first.
  func table(_ audit: IncidentAudit) -> [String] {
    let order: [Verdict] = [.missed, .noRecord, .pending, .kept]
    var cells: [[String]] = []
    /// Lines below a row, by its position.
    var details: [Int: [String]] = [:]
    for verdict in order {
      let rows = audit.rows.filter { $0.outcome.verdict == verdict }
      for row in rows where verdict != .kept || row.customer == nil {
        cells.append(self.cells(row, label(row, audit)))
        guard verdict != .kept else { continue }
        let basis = words.basis(row)
        details[cells.count - 1] =
          row.requirement == .escalation ? [basis.joined(separator: "; ")] : basis
      }
      guard verdict == .kept else { continue }
      for requirement in Requirement.allCases {
        let together = rows.filter { $0.requirement == requirement && $0.customer != nil }
        if !together.isEmpty { cells.append(summed(together)) }
      }
    }
    let widths = (0..<4).map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.enumerated().flatMap { position, row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        guard column < 4, row[(column + 1)...].contains(where: { !$0.isEmpty }) else { break }
        line += String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      return [line] + details[position, default: []].map { "           \($0)" }
    }
  }

  private func cells(_ row: AuditRow, _ label: String) -> [String] {
    let outcome = row.outcome
    return [
      AuditWords.verdict(outcome.verdict).padded(to: 9), label,
      outcome.due.map { "due \(words.time($0))" } ?? "",
      outcome.done.map { "done \(words.time($0))" } ?? "", AuditWords.margin(outcome),
    ]
  }

  /// One line for customers to whom something was kept.
  private func summed(_ rows: [AuditRow]) -> [String] {
    let count = rows.count == 1 ? "1 customer" : "\(rows.count) customers"
    let least = rows.compactMap(\.outcome.marginMicroseconds).min().map { AuditWords.spare($0) }
    return [
      AuditWords.verdict(.kept).padded(to: 9),
      "\(AuditWords.requirement(rows[0].requirement)): \(count)", "", "",
      (least ?? "") + (rows.count == 1 ? "" : " at least"),
    ]
  }

  private func label(_ row: AuditRow, _ audit: IncidentAudit) -> String {
    let requirement = AuditWords.label(row)
    guard let customer = row.customer else { return requirement }
    let id = String(decoding: customer, as: UTF8.self)
    let name = audit.customerNames[customer, default: ""]
    return "\(requirement): \(name.isEmpty ? id : "\(name) (\(id))")"
  }

  // MARK: The whole

  /// What stands above everything.
  public func preface(_ summary: AuditSummary) -> [String] {
    [
      "Response procedures: \(AuditText.subject(summary))",
      "As of \(words.time(summary.asOf.wholeSecond)), times in \(summary.timeZone).",
    ].map(ExplanationText.printable)
  }

  /// The incidents that were asked for, or the months.
  static func subject(_ summary: AuditSummary) -> String {
    summary.asked.isEmpty
      ? AuditText.months(summary.months) : ExplanationWords.list(summary.asked)
  }

  private static func months(_ months: ClosedRange<BillingMonth>) -> String {
    months.lowerBound == months.upperBound
      ? ExplanationWords.month(months.upperBound)
      : "\(ExplanationWords.month(months.lowerBound)) to \(ExplanationWords.month(months.upperBound))"
  }

  /// What came of it as a whole, and who is missing.
  public func conclusion(_ summary: AuditSummary) -> [String] {
    let total = summary.total
    var lines = [
      summary.incidents == 0
        ? "No incident to look at."
        : "\(summary.incidents) incident\(summary.incidents == 1 ? "" : "s"): \(total.kept) kept, "
          + "\(total.missed) missed, \(total.noRecord) without a record, \(total.pending) pending; "
          + "\(AuditWords.rate(total)) kept of what was due."
    ]
    if summary.overdue > 0 {
      lines.append("\(summary.overdue) past due and still to be done.")
    }
    lines += AuditText.omissions(summary)
    return lines.map(ExplanationText.printable)
  }

  /// What was left out, and why.
  static func omissions(_ summary: AuditSummary) -> [String] {
    var lines: [String] = []
    var (void, parked): ([String], [String]) = ([], [])
    for omission in summary.omissions {
      switch omission.1 {
      case .void: void.append(omission.incident)
      case .parked(let code): parked.append("\(omission.incident) (\(code.rawValue))")
      }
    }
    if !void.isEmpty { lines.append("Void, and so not looked at: \(ExplanationWords.list(void)).") }
    if !parked.isEmpty {
      lines.append(
        "Left out because of bad rows, which redress check lists: \(ExplanationWords.list(parked))."
      )
    }
    let others = summary.findings.sorted { $0.key.rawValue < $1.key.rawValue }
    if !others.isEmpty {
      lines.append(
        "Rows of customers and records with something wrong, and left out: "
          + others.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ") + ".")
    }
    return lines
  }

  /// Kept of what was due by requirement and severity, with the margins and the months before.
  public func scorecard(_ summary: AuditSummary) -> [String] {
    let month = summary.trend.upperBound
    let count = Int(month.index - summary.trend.lowerBound.index)
    let months = (0...count).map { summary.trend.lowerBound.advanced(by: $0) }
    let keys = summary.scorecard.keys
    guard !keys.isEmpty else { return [] }
    var lines = [
      ["", "", "kept", "of", "", "median margin", "worst margin"] + months.map(\.text)
    ]
    for requirement in Requirement.allCases {
      for severity in Severity.allCases {
        let all = months.map {
          summary.scorecard[
            Scorecard.Key(month: $0, requirement: requirement, severity: severity)]
        }
        guard all.contains(where: { $0.applicable > 0 }) else { continue }
        lines.append(
          [AuditWords.requirement(requirement), severity.code] + figures(all[count])
            + all.map(AuditWords.rate))
      }
    }
    let all = months.map { summary.scorecard.total(of: $0) }
    lines.append(["everything", ""] + figures(all[count]) + all.map(AuditWords.rate))
    return ["Scorecard of \(ExplanationWords.month(month)), and kept of what was due by month"]
      + AuditText.aligned(lines, numbers: 2...)
  }

  private func figures(_ score: Score) -> [String] {
    [
      "\(score.kept)", "\(score.applicable)", AuditWords.rate(score),
      score.medianMicroseconds.map { AuditWords.spare($0) } ?? "-",
      score.worstMicroseconds.map { AuditWords.spare($0) } ?? "-",
    ]
  }

  /// - Parameter numbers: the columns that are flush right.
  private static func aligned(_ lines: [[String]], numbers: PartialRangeFrom<Int>) -> [String] {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      let padded = cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return numbers.contains(column) ? space + cell : cell + space
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return "  " + line
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
