import ArgumentParser
import CreditReports
import CreditRun
import ResponseProcedures
import ServiceCredits

/// `text`, `csv`, `jsonl` or `html`.
enum AuditFormat: String, CaseIterable, ExpressibleByArgument {
  case text, csv, jsonl, html
}

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Says which response procedures were kept, missed, are pending or have no record.",
    usage: "redress audit [--month <yyyy-mm> | --incident <id>] [<options>]",
    discussion: """
      Looks at the incidents that began in a month, or at one, and compares what is on record with what the policy \
      promises: response, resolution, what is done during a P0, escalation and the post-mortem.

        redress audit --month 2026-10
        redress audit --incident INC-2041
        redress audit --months 3 --format csv > audit.csv
        redress audit --month last-month --format html > audit.html

      What was missed stands first; below the incidents is the month's scorecard, beside the months before it. Nothing \
      is written to the database. The exit code is 0 whatever was missed, because what is past does not change; \
      --strict makes it 3 where anything listed was.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @Option(help: ArgumentHelp("Only this incident.", valueName: "id"))
  var incident: String?

  @Option(
    help: ArgumentHelp(
      "The incidents that began in this month. Default: the month of --as-of.",
      discussion: "2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: ArgumentHelp("How many months to list, up to that one.", valueName: "n"))
  var months = 1

  @Option(
    help: ArgumentHelp(
      "How many months the scorecard compares, up to that one.", valueName: "n"))
  var trend = 6

  @Option(
    help: ArgumentHelp(
      "Take this instant for now: what happened later has not happened yet.", valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  @Option(
    help: "Text to read, a page with charts, or one line for each requirement as CSV or JSON.")
  var format = AuditFormat.text

  @Option(
    help: ArgumentHelp("Write the counts in the text format of Prometheus.", valueName: "file"))
  var metricsFile: String?

  @Flag(help: "Exit with 3 where anything listed was missed.")
  var strict = false

  func validate() throws {
    guard (1...1200).contains(months), (1...1200).contains(trend) else {
      throw ValidationError("--months and --trend must be from 1 to 1200.")
    }
    guard incident == nil || (month == nil && months == 1) else {
      throw ValidationError("Give either --incident or --month.")
    }
    guard incident != "" else { throw ValidationError("An id is not empty.") }
  }

  func run() throws {
    if let metricsFile { try RunMetrics.check(path: metricsFile) }
    let interruption = Interruption()
    let audit = ProcedureAudit(
      target: database.target("audit"), policy: try policy.document(), asOf: asOf?.instant,
      interruption: interruption)
    SignalWatch.start { interruption.request(signal: $0) }
    let summary = try write(
      audit,
      AuditQuery(
        incidents: incident.map { [$0] } ?? [], lastMonth: month?.month, months: months,
        trendMonths: comparesMonths ? trend : 1))
    if let metricsFile { try AuditMetrics(summary).write(path: metricsFile) }
    if strict, summary.total.missed > 0 { throw ExitCode(ExitStatus.findings) }
  }

  /// Lines for machines have no scorecard.
  private var comparesMonths: Bool {
    incident == nil && (format == .text || format == .html)
  }

  private func write(_ audit: ProcedureAudit, _ query: AuditQuery) throws -> AuditSummary {
    switch format {
    case .text:
      var last: AuditText?
      let summary = try audit.run(query) { summary, clock in
        let text = AuditText(clock: clock)
        last = text
        try AuditCommand.print(text.preface(summary))
      } body: { incident, clock in
        try AuditCommand.print([""] + AuditText(clock: clock).lines(incident))
      }
      guard let last else { return summary }
      try AuditCommand.print([""] + last.conclusion(summary))
      let card = query.incidents.isEmpty ? last.scorecard(summary) : []
      if !card.isEmpty { try AuditCommand.print([""] + card) }
      return summary
    case .csv:
      var header: [UInt8] = []
      AuditLines.appendCSVHeader(to: &header)
      try StandardOutput.write(String(decoding: header, as: UTF8.self))
      return try audit.run(query) { incident, _ in
        var lines: [UInt8] = []
        for row in incident.rows { AuditLines.appendCSV(row, to: &lines) }
        try StandardOutput.write(String(decoding: lines, as: UTF8.self))
      }
    case .jsonl:
      return try audit.run(query) { incident, _ in
        var lines: [UInt8] = []
        for row in incident.rows { AuditLines.appendJSONLine(row, to: &lines) }
        try StandardOutput.write(String(decoding: lines, as: UTF8.self))
      }
    case .html:
      let (section, summary) = try audit.section(query)
      var page: [UInt8] = []
      try AuditPage.page(section, summary).append(to: &page)
      try StandardOutput.write(String(decoding: page, as: UTF8.self))
      return summary
    }
  }

  static func print(_ lines: [String]) throws {
    try StandardOutput.write(lines.map { $0 + "\n" }.joined())
  }
}
