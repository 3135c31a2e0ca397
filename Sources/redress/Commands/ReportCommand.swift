import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import LedgerReports
import PolicyFiles
import Postgres
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
    usage:
      "redress report (--run <n> | --month <m> | --posted <m> | --open | --accruals) [<options>]",
    discussion: """
      Both come from the ledger alone: a run's files are the same bytes whatever the source says by now. Without \
      --output the credits go to standard output.

        redress report --run 42 --output /var/lib/redress
        redress report --month 2026-10 > october.csv
        redress report --month 2026-10 --format jsonl | jq .customer_id
        redress report --month 2026-10 --format xlsx --output .
        redress report --month 2026-10 --format html > october.html
        redress report --month 2026-10 --format html --audit > october.html

      For the books, as CSV: a month as it was at a time or after a run, what was posted in a month, and what is owed and \
      on no invoice, of all months, with the days since it was posted.

        redress report --month 2026-10 --as-of 2026-11-30T23:59:59Z > october-at-the-end-of-november.csv
        redress report --month 2026-10 --run 42 > october-after-run-42.csv
        redress report --posted 2026-11 > booked-in-november.csv
        redress report --open > open-credits.csv

      Estimates of what is not in the ledger yet, from the source as it is: what a run would change if every open incident \
      ended now.

        redress report --accruals > estimates.csv

      A month's state has one line for each credit that is worth something or is on an invoice, and no column kind. \
      In JSON lines whole numbers are numbers, decimals are strings, and what is empty in the CSV is null; totals are \
      written beside CSV files only. A workbook (xlsx) has the lines, the invoice lines, the totals and the findings on sheets of their own; \
      amounts are numbers and times are dates in UTC. HTML is one page for people in finance: totals, charts, \
      incidents and the lines to review; it needs no network.
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

  @Option(
    help: ArgumentHelp(
      "Every revision that was posted in this month, of all runs.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var posted: MonthArgument?

  @Flag(help: "What is owed and on no invoice, of all months, with its age.")
  var open = false

  @Flag(help: "Estimates: what a run would change if every open incident ended now.")
  var accruals = false

  @Option(
    help: ArgumentHelp(
      "With --month, --open or --accruals: as the ledger stood at this time.",
      discussion: "Runs that had ended, and what invoicing had begun to place.",
      valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  @Option(help: "How it is written.")
  var format = FormatArgument.csv

  @Option(name: [.long, .short], help: ArgumentHelp("Folder for the files.", valueName: "folder"))
  var output: String?

  @Flag(help: "Begin a CSV with a byte order mark, by which Excel knows that it is UTF-8.")
  var csvBom = false

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
    try checkBooks()
    guard simulate == nil || (format == .html && month != nil) else {
      throw ValidationError("--simulate needs --month and --format html.")
    }
    guard !audit || (format == .html && month != nil) else {
      throw ValidationError("--audit needs --month and --format html.")
    }
    guard audit || accruals || policy.policy == nil else {
      throw ValidationError(
        "--policy is what --audit and --accruals judge by; a report comes from the ledger.")
    }
    guard !csvBom || format == .csv else {
      throw ValidationError("--csv-bom is for --format csv.")
    }
    guard !csvBom || !accruals else {
      throw ValidationError("--csv-bom is not for --accruals.")
    }
    guard !csvBom || runId == nil || output == nil || isOfBooks else {
      throw ValidationError(
        "The files of a run stay the bytes that it wrote: give --csv-bom to redress run, or leave --output out."
      )
    }
    guard isOfBooks || (runId == nil) != (month == nil) else {
      throw ValidationError("Give one of --run, --month, --posted, --open and --accruals.")
    }
    guard format != .xlsx || output != nil else {
      throw ValidationError("A workbook is a file: name its folder, --output . for this one.")
    }
  }

  /// Whether it is a report for the books.
  private var isOfBooks: Bool {
    posted != nil || open || accruals || asOf != nil || (month != nil && runId != nil)
  }

  private func checkBooks() throws {
    guard isOfBooks else { return }
    if accruals {
      guard !open, posted == nil, month == nil, runId == nil, format == .csv, output == nil else {
        throw ValidationError("--accruals goes with --as-of and --policy alone, and is CSV.")
      }
      return
    }
    guard posted == nil || (!open && month == nil && runId == nil && asOf == nil) else {
      throw ValidationError("--posted goes with no other month, run or time.")
    }
    guard !open || month == nil else {
      throw ValidationError("--open is of all months: leave out --month.")
    }
    guard asOf == nil || runId == nil else {
      throw ValidationError("Give either --as-of or --run.")
    }
    guard posted != nil || open || month != nil else {
      throw ValidationError(
        "--as-of needs --month, --open or --accruals; the files of a run never change.")
    }
    guard format == .csv || (format == .jsonl && !open) else {
      throw ValidationError("This report is CSV\(open ? "" : " or jsonl").")
    }
  }

  /// What a report for the books shows; `nil` where it is none.
  private func question(_ report: LedgerReport) throws -> BooksQuestion? {
    guard isOfBooks, !accruals else { return nil }
    if let posted { return .posted(posted.month) }
    let moment =
      try runId.map { ReportedMoment.run(try $0.number(report)) } ?? asOf?.instant.map { .time($0) }
      ?? .present
    return month.map { .month($0.month, moment) } ?? .open(moment)
  }

  func run() throws {
    let interruption = Interruption()
    let target = database.target("report")
    SignalWatch.start { interruption.request(signal: $0) }
    if accruals { return try writeEstimates(target, interruption) }
    let report = LedgerReport(target: target, interruption: interruption)
    if let question = try question(report) { return try write(question, report) }
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

  private func writeEstimates(_ target: ConnectionTarget, _ interruption: Interruption) throws {
    let request = ReconciliationRequest(
      target: target, policy: try policy.given(), asOf: asOf?.instant)
    try ExpectedCredits(request: request, interruption: interruption)
      .write(descriptor: 1, name: "standard output")
  }

  private func write(_ question: BooksQuestion, _ report: LedgerReport) throws {
    let format: ReportFormat = format == .jsonl ? .jsonl : .csv
    guard let output else {
      return try report.write(
        question, format: format, descriptor: 1, name: "standard output", byteOrderMark: csvBom)
    }
    let files = try report.write(
      question, format: format, folder: output, byteOrderMark: csvBom)
    try StandardOutput.write(files.map { $0 + "\n" }.joined())
  }

  /// - Returns: the paths of the files that it wrote.
  private func write(
    _ selection: LedgerSelection, _ format: ReportFormat, _ report: LedgerReport
  ) throws -> [String] {
    guard let output else {
      try report.write(
        selection, format: format, descriptor: 1, name: "standard output", byteOrderMark: csvBom)
      return []
    }
    return switch selection {
    case .run(let runId): try report.writeRun(runId, format: format, folder: output)
    case .month(let month), .monthAt(let month, _):
      try report.writeMonth(month, format: format, folder: output, byteOrderMark: csvBom)
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
