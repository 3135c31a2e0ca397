import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import OutputFiles
import PlainText
import ProcedureAudits
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

      What came of it stands first, then what is still to be done, then incident by incident what was missed before \
      what was kept; the scorecard is last, beside the months before. What was left out because of bad rows is told with \
      it, as CSV and JSON on standard error. Nothing is written to the database. The exit code is 0 whatever was missed, \
      because what is past does not change; it is 3 where the incident asked \
      for was left out for a bad row, and with --strict where anything was missed, has no record or was left out.
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

  @Flag(help: "Only what was missed and what has no record.")
  var misses = false

  @Flag(
    help: "Exit with 3 where anything was missed, has no record, or was left out for a bad row.")
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
    if let metricsFile { try MetricsFile.check(path: metricsFile) }
    let interruption = Interruption()
    let audit = ProcedureAudit(
      target: database.target("audit"), policy: try policy.given(), asOf: asOf?.instant,
      interruption: interruption)
    SignalWatch.start { interruption.request(signal: $0) }
    let summary = try write(
      audit,
      AuditQuery(
        incidents: incident.map { [$0] } ?? [], lastMonth: month?.month, months: months,
        trendMonths: comparesMonths ? trend : 1))
    if let metricsFile { try AuditMetrics(summary).write(path: metricsFile) }
    if format == .csv || format == .jsonl { tellOmissions(summary) }
    // An incident that was asked for could not be judged. That must not look like a pass.
    let lacksAsked = incident != nil && !summary.parked.isEmpty
    if lacksAsked || (strict && (summary.total.notKept > 0 || summary.isIncomplete)) {
      throw ExitCode(ExitStatus.findings)
    }
  }

  /// The formats for programs have no scorecard.
  private var comparesMonths: Bool {
    incident == nil && (format == .text || format == .html)
  }

  private func write(_ audit: ProcedureAudit, _ query: AuditQuery) throws -> AuditSummary {
    switch format {
    case .text:
      let (lines, summary) = try audit.text(query, onlyMisses: misses)
      try AuditCommand.print(lines)
      return summary
    case .csv:
      var header: [UInt8] = []
      AuditLines.appendCSVHeader(to: &header)
      try StandardOutput.write(String(decoding: header, as: UTF8.self))
      return try writeLines(audit, query) { AuditLines.appendCSV($0, to: &$1) }
    case .jsonl:
      return try writeLines(audit, query) { AuditLines.appendJSONLine($0, to: &$1) }
    case .html:
      let (section, summary) = try audit.section(query, onlyMisses: misses)
      var page: [UInt8] = []
      try AuditPage.page(section, summary).append(to: &page)
      try StandardOutput.write(String(decoding: page, as: UTF8.self))
      return summary
    }
  }

  private func writeLines(
    _ audit: ProcedureAudit, _ query: AuditQuery, append: (RequirementResult, inout [UInt8]) -> Void
  ) throws -> AuditSummary {
    try audit.run(query) { incident, _ in
      var lines: [UInt8] = []
      for row in (misses ? incident.misses : incident).rows { append(row, &lines) }
      try StandardOutput.write(String(decoding: lines, as: UTF8.self))
    }
  }

  /// Prints what the formats for programs cannot contain.
  private func tellOmissions(_ summary: AuditSummary) {
    let lines = AuditText.omissions(summary, mostFindings: AuditCommand.mostFindings)
    StandardError.write(lines.map { "left out: \(Printable.oneLine($0))\n" }.joined())
  }

  /// The most findings that are listed; `redress check` lists all of them.
  private static let mostFindings = 100

  static func print(_ lines: [String]) throws {
    try StandardOutput.write(lines.map { $0 + "\n" }.joined())
  }
}
