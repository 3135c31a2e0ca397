import ArgumentParser
import CreditLedger
import CreditRun
import ServiceCredits

/// `csv`, `jsonl` or `xlsx`.
enum FormatArgument: String, CaseIterable, ExpressibleByArgument {
  case csv, jsonl, xlsx
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

      A month's state has one line for each credit that is worth something or is on an invoice, and no column kind. \
      In JSON lines whole numbers are numbers, decimals are strings, and what is empty in the CSV is null; totals are \
      written beside CSV files only. A workbook (xlsx) has the lines, the totals and the findings on sheets of their own; \
      amounts are numbers and times are dates in UTC.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    name: .customLong("run"), help: ArgumentHelp("The run, by its number.", valueName: "number"))
  var runId: Int64?

  @Option(
    help: ArgumentHelp(
      "The billing month: 2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: "How lines are written.")
  var format = FormatArgument.csv

  @Option(name: [.long, .short], help: ArgumentHelp("Folder for the files.", valueName: "folder"))
  var output: String?

  func validate() throws {
    guard (runId == nil) != (month == nil) else {
      throw ValidationError("Give either --run or --month.")
    }
    guard format != .xlsx || output != nil else {
      throw ValidationError("A workbook is a file: name its folder, --output . for this one.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let report = LedgerReport(target: database.target("report"), interruption: interruption)
    SignalWatch.start { interruption.request(signal: $0) }
    let selection = runId.map { LedgerSelection.run($0) } ?? .month(month!.month)
    let lines: ReportFormat = format == .jsonl ? .jsonl : .csv
    guard let output else {
      try report.write(selection, format: lines, descriptor: 1, name: "standard output")
      return
    }
    let files =
      switch (format, selection) {
      case (.xlsx, _): try report.writeWorkbook(selection, folder: output)
      case (_, .run(let runId)): try report.writeRun(runId, format: lines, folder: output)
      case (_, .month(let month)): try report.writeMonth(month, format: lines, folder: output)
      }
    try StandardOutput.write(files.map { $0 + "\n" }.joined())
  }
}
