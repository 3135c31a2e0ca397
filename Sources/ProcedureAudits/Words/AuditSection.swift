package import CreditLedger
package import Documents
import PlainText
import ResponseProcedures
import ServiceCredits

/// An audit as a section of a page, with the same content as the text: how much was kept, what is
/// still to do, every incident, every broken promise, and the trend over the months.
package struct AuditSection {
  private let onlyMisses: Bool
  private var lists: AuditLists

  /// The most findings that are listed; `redress check` lists all of them.
  private static let mostFindings = 100

  /// - Parameters:
  ///   - timeZone: the time zone of the audit's summary.
  ///   - onlyMisses: leaves out rows that were kept or are pending.
  package init(timeZone: String, onlyMisses: Bool = false) {
    self.onlyMisses = onlyMisses
    lists = AuditLists(timeZone: timeZone)
  }

  /// Adds a listed incident. Incidents must come in the order of time.
  package mutating func add(_ audit: IncidentAudit, _ clock: LocalClock) {
    lists.add(audit, clock)
  }

  package func section(_ summary: AuditSummary) -> PageSection {
    let total = summary.total
    var content: [PageContent] = []
    if total.applicable + total.pending == 0 {
      content = [.paragraph("No incident to look at.")]
    } else {
      content = [.figures(figures(summary))]
    }
    if summary.isIncomplete {
      content.append(
        .notice(
          "\(AuditSection.omitted(summary)) left out: the figures are without what they say. They are listed at the end of this section."
        ))
    }
    if total.applicable + total.pending > 0 {
      content += overdue()
      content.append(.table(incidents()))
      content += rows(.missed, "What was missed", nothing: "Nothing was missed.")
      content += rows(.noRecord, "What has no record")
      if !onlyMisses { content += rows(.pending, "What is not due yet") }
      content.append(.chart(verdicts(summary)))
      if summary.asked.isEmpty { content += trend(summary) }
      content.append(.table(scorecard(summary)))
      if !onlyMisses { content += rows(.kept, "What was kept") }
    }
    content.append(.table(targets(summary)))
    let omitted = AuditText.omissions(summary, mostFindings: AuditSection.mostFindings)
    if !omitted.isEmpty { content += [.heading("What was left out"), .list(omitted)] }
    return PageSection(
      title: "Did we keep our word?", anchor: "procedures",
      introduction:
        "The response procedures of \(AuditText.subject(summary)), as of \(summary.asOfText), times in \(summary.timeZone): "
        + "what was due, and what became of it. The target itself is kept. "
        + AuditWords.noRecordMeaning,
      content: content)
  }

  private static func omitted(_ summary: AuditSummary) -> String {
    let (incidents, rows) = (summary.parked.count, summary.findings.count)
    let parts = [
      incidents == 0 ? nil : incidents == 1 ? "1 incident" : "\(incidents) incidents",
      rows == 0 ? nil : rows == 1 ? "1 other row" : "\(rows) other rows",
    ]
    return Listed.and(parts.compactMap { $0 })
      + (incidents + rows == 1 ? " with something wrong was" : " with something wrong were")
  }

  // MARK: Figures

  private func figures(_ summary: AuditSummary) -> [PageFigure] {
    func kept(_ label: String, _ score: Score) -> PageFigure {
      PageFigure(
        label: label, value: AuditSection.share(score),
        details: [
          ("kept", .count(Int64(score.kept))), ("due", .count(Int64(score.applicable))),
          ("missed", .count(Int64(score.missed))),
          ("without a record", .count(Int64(score.noRecord))),
          ("not due yet", .count(Int64(score.pending))),
        ])
    }
    let customers = summary.ofCustomers
    return [
      PageFigure(
        label: "Incidents with everything kept", value: .count(Int64(summary.keptIncidents)),
        details: [("of", .count(Int64(summary.incidents)))]),
      kept("Steps of incidents", summary.steps),
    ]
      + (customers.applicable + customers.pending > 0
        ? [kept("Promises to single customers", customers)] : [])
      + [
        PageFigure(
          label: "Past due and still to be done", value: .count(Int64(summary.overdue)))
      ]
  }

  private static func share(_ score: Score) -> PageCell {
    AuditWords.share(score).map { .share($0) } ?? .none
  }

  // MARK: Charts

  private func verdicts(_ summary: AuditSummary) -> GroupedBarChart {
    let groups = Requirement.allCases.compactMap { requirement -> GroupedBarChart.Group? in
      let score = summary.listed.total { $0.step.requirement == requirement }
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

  /// Returns an empty array if fewer than two months have a rate.
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
    func series(
      _ name: String, perCustomer: Bool = false, _ matches: @escaping (Severity) -> Bool
    ) -> LineChart.Series? {
      let values = months.map { month -> Int64? in
        let score = summary.scorecard.total {
          $0.month == month && $0.step.requirement.isPerCustomer == perCustomer
            && matches($0.severity)
        }
        return AuditWords.share(score).map { Int64($0.value) }
      }
      return values.contains { $0 != nil } ? LineChart.Series(name: name, values: values) : nil
    }
    let severities = Severity.allCases.compactMap { severity in
      series(severity.code) { $0 == severity }
    }
    return LineChart(
      title: "Kept of what was due, by the month in which the incident began",
      summary:
        "The share that was kept, month by month: of the steps of incidents for each severity, and of what single customers were promised.",
      unit: .percent(of: "of what was due"), pointName: "month", points: months.map(\.text),
      series: [series("all steps") { _ in true }].compactMap { $0 } + severities
        + [series("single customers", perCustomer: true) { _ in true }].compactMap { $0 })
  }

  /// The median margins in minutes, for the severities that need a post-mortem. A negative margin
  /// means late.
  private func margins(
    _ summary: AuditSummary, _ requirement: Requirement, _ title: String
  ) -> LineChart {
    let months = months(summary)
    let series = [Severity.p0, .p1].compactMap { severity -> LineChart.Series? in
      let values = months.map { month -> Int64? in
        let key = Scorecard.Key(
          month: month, step: ScoredStep(requirement), severity: severity)
        // If half of a month's steps have no record, the month has no median margin.
        guard case .microseconds(let margin) = summary.scorecard[key].median else { return nil }
        return margin / 60_000_000
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

  private func overdue() -> [PageContent] {
    let rows = lists.overdue
    guard !rows.isEmpty else { return [] }
    return [
      .table(
        PageTable(
          caption: "Past due and still to be done, the longest overdue first",
          columns: [
            .text("Incident"), .text("Severity"), .text("Requirement"), .text("Due"),
            .text("Margin"), .text("Title"),
          ],
          rows: rows.map { row in
            [
              AuditSection.link(row), .text(row.row.severity.code), .text(row.label),
              AuditSection.due(row),
              .text(row.margin.isEmpty ? AuditWords.verdict(.noRecord) : row.margin),
              .text(row.title),
            ]
          }))
    ]
  }

  private func incidents() -> PageTable {
    PageTable(
      caption: "Incidents, and how many Enterprise customers each touched",
      columns: [
        .text("Incident"), .text("Severity"), .text("Began"), .number("Length"),
        .number("Customers"), .number("Kept"), .number("Missed"), .number("No record"),
        .number("Not due yet"), .text("Title"),
      ],
      rows: lists.incidents.enumerated().map { position, incident in
        [
          .anchor(incident.id, anchor: AuditSection.anchor(position + 1)),
          .text(incident.severity.code), .moment(incident.startedAt, incident.began),
          incident.length.map { .duration($0) } ?? .text("still open"),
          .count(Int64(incident.customers)), .count(Int64(incident.score.kept)),
          .count(Int64(incident.score.missed)), .count(Int64(incident.score.noRecord)),
          .count(Int64(incident.score.pending)), .text(incident.title),
        ]
      })
  }

  /// The requirements with one verdict.
  private func rows(
    _ verdict: Verdict, _ caption: String, nothing: String? = nil
  ) -> [PageContent] {
    let rows = lists.rows(verdict)
    guard !rows.isEmpty else { return nothing.map { [.paragraph($0)] } ?? [] }
    let table = PageTable(
      caption: caption,
      columns: [
        .text("Incident"), .text("Severity"), .text("Requirement"), .text("Due"), .text("Done"),
        .text("Margin"), .text("Evidence"), .text("Title"),
      ],
      rows: rows.map { row in
        [
          AuditSection.link(row), .text(row.row.severity.code), .text(row.label),
          AuditSection.due(row),
          row.row.outcome.done.map { .moment($0, row.done) } ?? .text(row.done),
          .text(row.margin), .text(row.basis.joined(separator: "; ")), .text(row.title),
        ]
      })
    let count = lists.incidents.reduce(0) { $0 + $1.score.count(of: verdict) }
    guard count > rows.count else { return [.table(table)] }
    return [
      .table(table),
      .paragraph("And \(count - rows.count) more, which redress audit --format csv has."),
    ]
  }

  private static func anchor(_ number: Int) -> String { "audited-\(number)" }

  private static func link(_ row: AuditLists.Row) -> PageCell {
    .link(row.incident, anchor: anchor(row.number))
  }

  private static func due(_ row: AuditLists.Row) -> PageCell {
    row.row.outcome.due.map { .moment($0, row.due) } ?? .none
  }

  private func scorecard(_ summary: AuditSummary) -> PageTable {
    func cells(_ name: String, _ severity: String, _ score: Score) -> [PageCell] {
      [
        .text(name), .text(severity), .count(Int64(score.kept)), .count(Int64(score.applicable)),
        AuditSection.share(score), .text(AuditWords.margin(score.median)),
        .text(AuditWords.margin(score.worst)), .count(Int64(score.noRecord)),
        .count(Int64(score.pending)),
      ]
    }
    var rows: [[PageCell]] = []
    for step in summary.listed.steps {
      for severity in Severity.allCases {
        let score = summary.listed.total { $0.step == step && $0.severity == severity }
        guard score.applicable + score.pending > 0 else { continue }
        rows.append(cells(AuditWords.label(step), severity.code, score))
      }
    }
    return PageTable(
      caption: "Scorecard",
      columns: [
        .text("Requirement"), .text("Severity"), .number("Kept"), .number("Due"),
        .number("Kept of due"), .text("Median margin"), .text("Worst margin"),
        .number("No record"), .number("Not due yet"),
      ], rows: rows,
      totals: [
        cells("All steps of incidents", "", summary.steps),
        cells("All of single customers", "", summary.ofCustomers),
      ])
  }

  /// The response and resolution times that the policy promises.
  private func targets(_ summary: AuditSummary) -> PageTable {
    PageTable(
      caption: "What the policy promises",
      columns: [
        .text("Policy version"), .text("Times in"), .text("Severity"), .text("Answered within"),
        .text("Resolved within"),
      ],
      rows: summary.policies.flatMap { policy in
        Severity.allCases.map { severity in
          let target = policy.rules.targets[severity]
          return [
            .text(policy.version), .text(policy.timeZone), .text(severity.code),
            .text(AuditWords.length(target.responseMicroseconds)),
            .text(AuditWords.length(target.resolutionMicroseconds)),
          ]
        }
      })
  }
}

/// Puts an audit on a page of its own.
package enum AuditPage {
  package static func page(_ section: PageSection, _ summary: AuditSummary) -> Page {
    Page(
      title: "Response procedures",
      subtitle: AuditText.subject(summary),
      facts: [
        ("As of", summary.asOfText), ("Times in", summary.timeZone),
        (
          summary.policies.count == 1 ? "Policy version" : "Policy versions",
          Listed.and(summary.policies.map(\.version))
        ),
      ], sections: [section])
  }
}
