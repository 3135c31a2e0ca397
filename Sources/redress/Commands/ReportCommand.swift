import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import LedgerReports
import PolicyFiles
import ProcedureAudits
import ServiceCredits
import Simulation

/// The format of a report.
enum FormatArgument: String, CaseIterable, ExpressibleByArgument {
  case csv, jsonl, xlsx, html
}

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Makes the files of an earlier run again, or shows the state of a month.",
    usage: "redress report (--run <number> | --month <yyyy-mm>) [<options>]",
    discussion: """
      Both come from the ledger alone: a run's files are the same bytes whatever the source says by now. Without \
      --output the credits go to standard output.

        redress report --run 42 --output /var/lib/redress
        redress report --month 2026-10 > october.csv
        redress report --month 2026-10 --format jsonl | jq .customer_id
        redress report --month 2026-10 --format xlsx --output .
        redress report --month 2026-10 --format html > october.html
        redress report --month 2026-10 --format html --audit > october.html

      A month's state has one line for each credit that is worth something or is on an invoice, and no column kind. \
      In JSON lines whole numbers are numbers, decimals are strings, and what is empty in the CSV is null; totals are \
      written beside CSV files only. A workbook (xlsx) has the lines, the totals and the findings on sheets of their own; \
      amounts are numbers and times are dates in UTC. HTML is one page for people in finance: totals, charts, \
      incidents and the lines that are worth a look; it needs no network.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The run, by its number, or latest.", valueName: "number"))
  var runId: RunArgument?

  @Option(
    help: ArgumentHelp(
      "The billing month: 2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: "How it is written.")
  var format = FormatArgument.csv

  @Option(name: [.long, .short], help: ArgumentHelp("Folder for the files.", valueName: "folder"))
  var output: String?

  @Flag(
    help:
      "With --month and --format html: also say what was kept of the response procedures, from the source as it is now."
  )
  var audit = false

  @OptionGroup var policy: PolicyOptions

  @Option(
    help: ArgumentHelp(
      "With --month and --format html: also compare what this policy would have cost, as redress simulate does.",
      valueName: "file"))
  var simulate: String?

  func validate() throws {
    guard simulate == nil || (format == .html && month != nil) else {
      throw ValidationError("--simulate needs --month and --format html.")
    }
    guard !audit || (format == .html && month != nil) else {
      throw ValidationError("--audit needs --month and --format html.")
    }
    guard audit || policy.policy == nil else {
      throw ValidationError("--policy is what --audit judges by; a report comes from the ledger.")
    }
    guard (runId == nil) != (month == nil) else {
      throw ValidationError("Give either --run or --month.")
    }
    guard format != .xlsx || output != nil else {
      throw ValidationError("A workbook is a file: name its folder, --output . for this one.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let target = database.target("report")
    SignalWatch.start { interruption.request(signal: $0) }
    let report = LedgerReport(target: target, interruption: interruption)
    let selection =
      try runId.map { LedgerSelection.run(try $0.number(report)) } ?? .month(month!.month)
    let files =
      switch format {
      case .csv: try write(selection, .csv, report)
      case .jsonl: try write(selection, .jsonl, report)
      case .xlsx: try report.writeWorkbook(selection, folder: output ?? ".")
      case .html:
        try write(
          selection, LedgerPage(target: target, interruption: interruption),
          more: try procedures(interruption) + comparison(interruption))
      }
    try StandardOutput.write(files.map { $0 + "\n" }.joined())
  }

  /// - Returns: the paths of the files that it wrote.
  private func write(
    _ selection: LedgerSelection, _ format: ReportFormat, _ report: LedgerReport
  ) throws -> [String] {
    guard let output else {
      try report.write(selection, format: format, descriptor: 1, name: "standard output")
      return []
    }
    return switch selection {
    case .run(let runId): try report.writeRun(runId, format: format, folder: output)
    case .month(let month): try report.writeMonth(month, format: format, folder: output)
    }
  }

  private func write(
    _ selection: LedgerSelection, _ page: LedgerPage, more: [PageSection]
  ) throws -> [String] {
    guard let output else {
      try page.write(selection, descriptor: 1, name: "standard output", more: more)
      return []
    }
    return try page.write(selection, folder: output, more: more)
  }

  // The following does not come from the ledger. It needs the right to read the source.

  private func procedures(_ interruption: Interruption) throws -> [PageSection] {
    guard audit, let month else { return [] }
    let audit = ProcedureAudit(
      target: database.target("report"), policy: try policy.given(), asOf: nil,
      interruption: interruption)
    return [try audit.section(AuditQuery(lastMonth: month.month)).0]
  }

  private func comparison(_ interruption: Interruption) throws -> [PageSection] {
    guard let simulate, let month else { return [] }
    let options = SimulationOptions(
      target: database.target("report"), new: try PolicyFile.document(path: simulate), today: nil,
      followsDates: false, asOf: nil, lastMonth: month.month, months: 1)
    return try PolicySimulation(options: options, interruption: interruption).run()
      .sections(topic: "Another policy")
  }
}
