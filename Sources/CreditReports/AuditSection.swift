import ResponseProcedures
public import ServiceCredits

/// An audit as a section of a page: how much was kept, how that went over the months, and every promise that was broken.
public struct AuditSection {
  /// A row of the list of what was missed.
  private struct Miss {
    let audit: IncidentAudit
    let row: AuditRow
  }

  /// More rows than anybody reads; the CSV has them all.
  private static let mostRows = 500

  private var misses: [Miss] = []
  private var missCount = 0

  public init() {}

  /// Takes an incident that is listed.
  public mutating func add(_ audit: IncidentAudit) {
    for row in audit.rows where row.outcome.verdict == .missed {
      missCount += 1
      if misses.count < AuditSection.mostRows { misses.append(Miss(audit: audit, row: row)) }
    }
  }

  public func section(_ summary: AuditSummary) -> PageSection {
    let total = summary.total
    var content: [PageContent] = []
    let omitted = AuditText.omissions(summary)
    if total.applicable + total.pending == 0 {
      content = [.paragraph("No incident to look at.")]
    } else {
      content = [.figures(figures(summary, total))]
      if summary.overdue > 0 {
        content.append(
          .notice("\(summary.overdue) past due and still to be done: they are in the list below."))
      }
      content += missed()
      content.append(.chart(verdicts(summary)))
      if summary.asked.isEmpty {
        content += trend(summary)
      }
      content.append(.table(scorecard(summary)))
    }
    if !omitted.isEmpty { content.append(.list(omitted)) }
    return PageSection(
      title: "Did we keep our word?", anchor: "procedures",
      introduction:
        "The response procedures of \(AuditText.subject(summary)), as of \(AuditSection.time(summary.asOf.wholeSecond)) UTC: what was due, and what "
        + "became of it. The target itself is kept; no record means that the incident is over and "
        + "nothing says whether it was done.",
      content: content)
  }

  // MARK: Figures

  private func figures(_ summary: AuditSummary, _ total: Score) -> [PageFigure] {
    [
      PageFigure(
        label: "Kept of what was due", value: AuditSection.share(total),
        details: [
          ("kept", .count(Int64(total.kept))), ("due", .count(Int64(total.applicable))),
          ("incidents", .count(Int64(summary.incidents))),
        ]),
      PageFigure(
        label: "Missed", value: .count(Int64(total.missed)),
        details: [("still to be done", .count(Int64(summary.overdue)))]),
      PageFigure(label: "Without a record", value: .count(Int64(total.noRecord))),
      PageFigure(label: "Not due yet", value: .count(Int64(total.pending))),
    ]
  }

  /// `2026-10-11 02:40`, in UTC; with seconds where there are some.
  fileprivate static func time(_ instant: Instant) -> String {
    let text = instant.text.replacing("T", with: " ").replacing("Z", with: "")
    return text.hasSuffix(":00") ? String(text.dropLast(3)) : text
  }

  private static func share(_ score: Score) -> PageCell {
    score.applicable == 0 ? .none : .share(basisPoints(score))
  }

  private static func basisPoints(_ score: Score) -> BasisPoints {
    BasisPoints(Int32(score.kept * 10_000 / score.applicable))
  }

  // MARK: Charts

  private func verdicts(_ summary: AuditSummary) -> GroupedBarChart {
    let groups = Requirement.allCases.compactMap { requirement -> GroupedBarChart.Group? in
      let score = summary.listed.total { $0.requirement == requirement }
      guard score.applicable > 0 else { return nil }
      return GroupedBarChart.Group(
        label: AuditWords.requirement(requirement),
        values: [Int64(score.kept), Int64(score.missed), Int64(score.noRecord)])
    }
    return GroupedBarChart(
      title: "What became of each requirement",
      summary: "How often each requirement was kept, missed, or left without a record.",
      unit: ChartUnit(name: "requirements"), series: ["kept", "missed", "no record"],
      groups: groups)
  }

  private func months(_ summary: AuditSummary) -> [BillingMonth] {
    let count = Int(summary.trend.upperBound.index - summary.trend.lowerBound.index)
    return (0...count).map { summary.trend.lowerBound.advanced(by: $0) }
  }

  /// Nothing where no two months can be compared.
  private func trend(_ summary: AuditSummary) -> [PageContent] {
    let known = months(summary).filter { summary.scorecard.total(of: $0).applicable > 0 }
    guard known.count > 1 else { return [] }
    return [
      .chart(rates(summary)),
      .charts([
        margins(summary, .response, "Median time to spare of the response"),
        margins(summary, .resolution, "Median time to spare of the resolution"),
      ]),
    ]
  }

  private func rates(_ summary: AuditSummary) -> LineChart {
    let months = months(summary)
    func series(_ name: String, _ matches: @escaping (Severity) -> Bool) -> LineChart.Series? {
      let values = months.map { month -> Int64? in
        let score = summary.scorecard.total { $0.month == month && matches($0.severity) }
        return score.applicable == 0 ? nil : Int64(AuditSection.basisPoints(score).value)
      }
      return values.contains { $0 != nil } ? LineChart.Series(name: name, values: values) : nil
    }
    let severities = Severity.allCases.compactMap { severity in
      series(severity.code) { $0 == severity }
    }
    return LineChart(
      title: "Kept of what was due, by the month in which the incident began",
      summary: "The share of requirements that were kept, month by month, for each severity.",
      unit: .percent(of: "of what was due"), pointName: "month", points: months.map(\.text),
      series: (series("everything") { _ in true }.map { [$0] } ?? []) + severities)
  }

  /// In minutes, for those that a post-mortem is written for; below zero it was late.
  private func margins(
    _ summary: AuditSummary, _ requirement: Requirement, _ title: String
  ) -> LineChart {
    let months = months(summary)
    let series = [Severity.p0, .p1].compactMap { severity -> LineChart.Series? in
      let values = months.map { month in
        summary.scorecard[
          Scorecard.Key(month: month, requirement: requirement, severity: severity)
        ].medianMicroseconds.map { $0 / 60_000_000 }
      }
      guard values.contains(where: { $0 != nil }) else { return nil }
      return LineChart.Series(name: severity.code, values: values)
    }
    return LineChart(
      title: title, summary: "\(title) in minutes, month by month; below zero it was late.",
      unit: ChartUnit(name: "minutes"), pointName: "month", points: months.map(\.text),
      series: series, isHalfWide: true)
  }

  // MARK: Tables

  private func scorecard(_ summary: AuditSummary) -> PageTable {
    func cells(_ name: String, _ severity: String, _ score: Score) -> [PageCell] {
      [
        .text(name), .text(severity), .count(Int64(score.kept)), .count(Int64(score.applicable)),
        AuditSection.share(score),
        score.medianMicroseconds.map { .text(AuditWords.spare($0)) } ?? .none,
        score.worstMicroseconds.map { .text(AuditWords.spare($0)) } ?? .none,
        .count(Int64(score.noRecord)), .count(Int64(score.pending)),
      ]
    }
    var rows: [[PageCell]] = []
    for requirement in Requirement.allCases {
      for severity in Severity.allCases {
        let score = summary.listed.total {
          $0.requirement == requirement && $0.severity == severity
        }
        guard score.applicable + score.pending > 0 else { continue }
        rows.append(cells(AuditWords.requirement(requirement), severity.code, score))
      }
    }
    return PageTable(
      caption: "Scorecard",
      columns: [
        .text("Requirement"), .text("Severity"), .number("Kept"), .number("Due"),
        .number("Kept of due"), .text("Median margin"), .text("Worst margin"),
        .number("No record"), .number("Not due yet"),
      ], rows: rows, totals: [cells("Everything", "", summary.total)])
  }

  private func missed() -> [PageContent] {
    guard !misses.isEmpty else { return [.paragraph("Nothing was missed.")] }
    let words = AuditWords { AuditSection.time($0) }
    let rows = misses.map { miss -> [PageCell] in
      let (audit, row) = (miss.audit, miss.row)
      let customer = row.customer.map { id -> PageCell in
        let name = audit.customerNames[id, default: ""]
        let code = String(decoding: id, as: UTF8.self)
        return .text(name.isEmpty ? code : "\(name) (\(code))")
      }
      return [
        .code(audit.name), .text(audit.title), .text(row.severity.code),
        .text(AuditWords.label(row)), customer ?? .none, row.outcome.due.map { .time($0) } ?? .none,
        row.outcome.done.map { .time($0) } ?? .text("not done"),
        .text(AuditWords.margin(row.outcome)), .text(words.basis(row).joined(separator: "; ")),
      ]
    }
    let table = PageTable(
      caption: "What was missed; times in UTC",
      columns: [
        .text("Incident"), .text("Title"), .text("Severity"), .text("Requirement"),
        .text("Customer"), .text("Due"), .text("Done"), .text("Margin"), .text("Evidence"),
      ], rows: rows)
    guard missCount > misses.count else { return [.table(table)] }
    return [
      .table(table),
      .paragraph(
        "And \(missCount - misses.count) more, which redress audit --format csv has."),
    ]
  }
}

extension Instant {
  /// Without the fraction of a second, which says nothing to a reader.
  public var wholeSecond: Instant { Instant(microseconds: microseconds - microseconds % 1_000_000) }
}

/// An audit as a page of its own.
public enum AuditPage {
  public static func page(_ section: PageSection, _ summary: AuditSummary) -> Page {
    Page(
      title: "Response procedures",
      subtitle: AuditText.subject(summary),
      facts: [
        ("As of", "\(AuditSection.time(summary.asOf.wholeSecond)) UTC"),
        ("Months begin in", summary.timeZone),
      ], sections: [section])
  }
}
