package import CreditLedger
package import Documents
import PlainText
import ResponseProcedures
import ServiceCredits

/// An audit as text for people: first the totals, then each incident, with what was missed before
/// what was kept.
///
/// The totals come first, so the lines of the incidents are kept in memory until the end.
package struct AuditText {
  private let timeZone: String
  private let onlyMisses: Bool
  private var lists: AuditLists
  private var incidents: [[String]] = []

  /// The most findings that are listed; `redress check` lists all of them.
  private static let mostFindings = 20

  /// - Parameters:
  ///   - timeZone: the time zone of the audit's summary.
  ///   - onlyMisses: leaves out rows that were kept or are pending.
  package init(timeZone: String, onlyMisses: Bool = false) {
    self.timeZone = timeZone
    self.onlyMisses = onlyMisses
    lists = AuditLists(timeZone: timeZone)
  }

  /// Adds a listed incident. Incidents must come in the order of time.
  package mutating func add(_ audit: IncidentAudit, _ clock: LocalClock) {
    lists.add(audit, clock)
    let shown = onlyMisses ? audit.misses : audit
    if !onlyMisses || !shown.rows.isEmpty {
      incidents.append(IncidentAuditText(clock: clock).lines(shown, zone: timeZone))
    }
  }

  package func lines(_ summary: AuditSummary) -> [String] {
    let heads =
      [
        "Response procedures: \(AuditText.subject(summary))",
        "As of \(summary.asOfText), times in \(summary.timeZone).",
      ] + summary.policies.map { "Policy version \(AuditWords.promise($0))" }
    var parts = [heads.map(Printable.oneLine), AuditText.whole(summary).map(Printable.oneLine)]
    let omitted = AuditText.omissions(summary, mostFindings: AuditText.mostFindings)
    parts.append(omitted.isEmpty ? [] : ["Left out"] + omitted.map { "  \(Printable.oneLine($0))" })
    parts.append(overdue())
    if lists.incidents.count > 1 { parts.append(table()) }
    parts += incidents
    if summary.incidents > 0, !onlyMisses { parts.append(scorecard(summary)) }
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  // MARK: The whole

  /// The incidents that were asked for; otherwise the months.
  static func subject(_ summary: AuditSummary) -> String {
    summary.asked.isEmpty
      ? AuditText.months(summary.months) : Listed.and(summary.asked)
  }

  private static func months(_ months: ClosedRange<BillingMonth>) -> String {
    months.lowerBound == months.upperBound
      ? months.upperBound.words
      : "\(months.lowerBound.words) to \(months.upperBound.words)"
  }

  /// The totals, in a few lines.
  static func whole(_ summary: AuditSummary) -> [String] {
    guard summary.incidents > 0 else { return ["No incident to look at."] }
    let count = "\(summary.incidents) incident\(summary.incidents == 1 ? "" : "s")"
    var lines = [
      "\(count), \(summary.keptIncidents) with nothing missed and nothing without a record.",
      "Steps of incidents: \(AuditWords.counts(summary.steps)).",
    ]
    let customers = summary.ofCustomers
    if customers.applicable + customers.pending > 0 {
      lines.append("Single customers: \(AuditWords.counts(customers)).")
    }
    if summary.overdue > 0 {
      lines.append("\(summary.overdue) past due and still to be done.")
    }
    if summary.total.noRecord > 0 { lines.append(AuditWords.noRecordMeaning) }
    return lines
  }

  /// Which rows and incidents were left out, and why.
  package static func omissions(_ summary: AuditSummary, mostFindings: Int) -> [String] {
    var lines: [String] = []
    if !summary.void.isEmpty {
      lines.append("Void, and so not looked at: \(Listed.and(summary.void)).")
    }
    let parked = summary.parked.map { "\($0.incident) (\($0.code.rawValue))" }
    if !parked.isEmpty {
      let count =
        parked.count == 1 ? "1 incident with a bad row" : "\(parked.count) incidents with bad rows"
      lines.append("\(count), which redress check lists: \(Listed.and(parked)).")
    }
    for finding in summary.findings.prefix(mostFindings) {
      lines.append("\(finding.code.rawValue) \(finding.sentence)")
    }
    if summary.findings.count > mostFindings {
      lines.append(
        "And \(summary.findings.count - mostFindings) more rows, which redress check lists.")
    }
    return lines
  }

  // MARK: Lists

  private func overdue() -> [String] {
    let rows = lists.overdue
    guard !rows.isEmpty else { return [] }
    var table = TextTable(untitled: 5)
    for row in rows {
      table.append([
        row.incident, row.row.severity.code, row.label, row.due.isEmpty ? "" : "due \(row.due)",
        row.margin.isEmpty ? AuditWords.verdict(row.row.outcome.verdict) : row.margin,
      ])
    }
    return ["Past due and still to be done"] + table.lines
  }

  private func table() -> [String] {
    var table = TextTable([
      "Incident", "", "began", ">length", ">customers", ">kept", ">missed", ">no record",
      ">pending",
      "title",
    ])
    for incident in lists.incidents {
      let score = incident.score
      table.append([
        incident.id, incident.severity.code, incident.began,
        incident.length.map(AuditWords.length) ?? "still open", "\(incident.customers)",
        "\(score.kept)", "\(score.missed)", "\(score.noRecord)", "\(score.pending)",
        incident.title,
      ])
    }
    return ["Incidents, with how many Enterprise customers each touched"] + table.lines
  }

  // MARK: Scorecard

  /// How much was kept of what was due, by step and severity, with the margins and the earlier
  /// months.
  private func scorecard(_ summary: AuditSummary) -> [String] {
    let count = Int(summary.trend.upperBound.index - summary.trend.lowerBound.index)
    let months =
      summary.asked.isEmpty ? (0...count).map { summary.trend.lowerBound.advanced(by: $0) } : []
    var table = TextTable(
      ["", "", ">kept", ">of", ">", ">median margin", ">worst margin"]
        + months.map { ">\($0.text)" })
    func add(_ name: String, _ severity: String, _ matches: @escaping (Scorecard.Key) -> Bool) {
      let score = summary.listed.total(where: matches)
      let rates = months.map { month in
        AuditWords.rate(summary.scorecard.total { $0.month == month && matches($0) })
      }
      guard score.applicable > 0 || rates.contains(where: { $0 != "-" }) else { return }
      table.append(
        [
          name, severity, "\(score.kept)", "\(score.applicable)", AuditWords.rate(score),
          AuditWords.margin(score.median), AuditWords.margin(score.worst),
        ] + rates)
    }
    for isPerCustomer in [false, true] {
      for step in Set(summary.listed.steps + summary.scorecard.steps).sorted()
      where step.requirement.isPerCustomer == isPerCustomer {
        for severity in Severity.allCases {
          add(AuditWords.label(step), severity.code) { $0.step == step && $0.severity == severity }
        }
      }
      add(isPerCustomer ? "all of single customers" : "all steps of incidents", "") {
        $0.step.requirement.isPerCustomer == isPerCustomer
      }
    }
    guard !table.rows.isEmpty else { return [] }
    let beside = summary.asked.isEmpty ? ", and kept of what was due by month" : ""
    return ["Scorecard of \(AuditText.subject(summary))\(beside)"].map(Printable.oneLine)
      + table.lines
  }
}

/// Writes one incident of an audit in full.
package struct IncidentAuditText {
  private let words: AuditWords

  /// - Parameter clock: must know every instant of the incident, in the time zone of its policy
  ///   version.
  package init(clock: LocalClock) {
    words = AuditWords { clock.text($0) }
  }

  /// The incident's heading and rows.
  /// - Parameter zone: the time zone of the surrounding text. If the incident's is different, the
  ///   heading names it.
  package func lines(_ audit: IncidentAudit, zone: String) -> [String] {
    let title = audit.title.isEmpty ? audit.name : "\(audit.name)  \(audit.title)"
    let end = audit.resolvedAt.map { "resolved \(words.time($0))" } ?? "still open"
    let times = audit.policy.timeZone == zone ? "" : ", times in \(audit.policy.timeZone)"
    let heading = [
      title, "\(audit.severity.code), began \(words.time(audit.startedAt)), \(end)\(times)",
    ]
    return heading.map(Printable.oneLine) + table(audit)
  }

  /// The incident as a section of a Markdown text.
  package func markdown(_ audit: IncidentAudit) -> [String] {
    let rows = audit.rows.map { row in
      let parts = cells(row, audit).dropFirst().filter { !$0.isEmpty }
      let verdict = AuditWords.verdict(row.outcome.verdict).lowercased()
      return "- \(Markdown.escaped(([verdict] + parts).joined(separator: ", ")))"
    }
    let heading = "Response procedures of \(audit.name), times in \(audit.policy.timeZone)"
    return ["", "## \(Markdown.escaped(heading))", ""] + rows
  }

  /// The incident as a section of a page.
  /// - Parameter number: makes its anchor unique on the page.
  package func section(_ audit: IncidentAudit, number: Int) -> PageSection {
    let rows = audit.rows.map { row -> [PageCell] in
      [
        .text(AuditWords.verdict(row.outcome.verdict)), .text(label(row, audit)),
        row.outcome.due.map { .moment($0, words.time($0)) } ?? .none,
        .text(AuditLists.done(row, words)), .text(AuditWords.margin(row.outcome)),
        .text(words.basis(row).joined(separator: "; ")),
      ]
    }
    let table = PageTable(
      caption: "Times in \(audit.policy.timeZone)",
      columns: [
        .text("Verdict"), .text("Requirement"), .text("Due"), .text("Done"), .text("Margin"),
        .text("Evidence"),
      ], rows: rows)
    return PageSection(
      title: "Response procedures of \(audit.name)", anchor: "procedures-\(number)",
      content: [.table(table)])
  }

  /// The requirements by verdict, missed ones first. Several customers with the same verdict can
  /// share a row.
  private func table(_ audit: IncidentAudit) -> [String] {
    var table = TextTable(untitled: 5)
    for verdict in [Verdict.missed, .noRecord, .pending, .kept] {
      let rows = audit.rows.filter { $0.outcome.verdict == verdict }
      func isTogether(_ row: RequirementResult) -> Bool {
        guard row.customer != nil, verdict != .missed else { return false }
        return verdict == .kept
          || rows.count { $0.requirement == row.requirement } > IncidentAuditText.mostAlone
      }
      for row in rows where !isTogether(row) {
        var basis = verdict == .kept ? [] : words.basis(row)
        if row.requirement == .escalation, !basis.isEmpty {
          basis = [basis.joined(separator: "; ")]
        }
        table.append(cells(row, audit), notes: basis)
      }
      for requirement in Requirement.allCases {
        let together = rows.filter { $0.requirement == requirement && isTogether($0) }
        if !together.isEmpty { append(together, of: audit, to: &table) }
      }
    }
    return table.lines
  }

  /// Up to this many customers with no record or a pending requirement have a row each.
  private static let mostAlone = 3
  /// Up to this many customers of a shared row are named.
  private static let mostNamed = 10

  /// One row for customers with the same verdict. Names them unless the verdict is kept.
  private func append(
    _ rows: [RequirementResult], of audit: IncidentAudit, to table: inout TextTable
  ) {
    let verdict = rows[0].outcome.verdict
    let count = rows.count == 1 ? "1 customer" : "\(rows.count) customers"
    var least = ""
    if verdict == .kept, let margin = rows.compactMap(\.outcome.marginMicroseconds).min() {
      least = AuditWords.spare(margin) + (rows.count == 1 ? "" : " at least")
    }
    var names: [String] = []
    if verdict != .kept {
      names = rows.prefix(IncidentAuditText.mostNamed).compactMap(\.customer).map(
        audit.customerLabel)
      let others = rows.count - names.count
      if others > 0 { names.append("\(others) more") }
    }
    table.append(
      [
        AuditWords.verdict(verdict), "\(AuditWords.requirement(rows[0].requirement)): \(count)", "",
        "", least,
      ], notes: names.isEmpty ? [] : [Listed.and(names)])
  }

  private func cells(_ row: RequirementResult, _ audit: IncidentAudit) -> [String] {
    let done = AuditLists.done(row, words)
    return [
      AuditWords.verdict(row.outcome.verdict), label(row, audit),
      row.outcome.due.map { "due \(words.time($0))" } ?? "",
      row.outcome.done == nil ? done : "done \(done)", AuditWords.margin(row.outcome),
    ]
  }

  private func label(_ row: RequirementResult, _ audit: IncidentAudit) -> String {
    let requirement = AuditWords.label(ScoredStep(of: row))
    guard let customer = row.customer else { return requirement }
    return "\(requirement): \(audit.customerLabel(customer))"
  }
}
