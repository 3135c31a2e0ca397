import ArgumentParser
import CreditLedger
import Journals
import PolicyFiles
import ServiceCredits

extension JournalFormat: ExpressibleByArgument {}

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Writes what was posted as double entry, for the books.",
    usage: "redress journal (--posted <yyyy-mm> | --run <number>) [<options>]",
    discussion: """
      Credits granted and taken back are booked against what customers are owed, and what is placed on invoices \
      against receivables, by currency, billing month, service and plan. Every transaction balances, to the last minor \
      unit. It comes from the ledger alone, and the same ledger makes the same bytes.

        redress journal --posted 2026-10 > october.csv
        redress journal --posted 2026-10 --format hledger | hledger -f - balance
        redress journal --posted 2026-10 --format beancount --output october.beancount
        redress journal --run 42 --format hledger

      A run is posted on the day that its totals name; what the invoicing system places or releases, on the day in UTC \
      on which it does so. The accounts are those of the policy file (accounts:) of the run that granted the credit \
      first; where it names none:

      \(JournalCommand.defaults)
      """)

  private static let defaults = AccountMap.Role.allCases.map { role in
    let name = role.rawValue + String(repeating: " ", count: max(1, 14 - role.rawValue.count))
    return "  \(name)\(role.usual)"
  }.joined(separator: "\n")

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "The month in which it was posted: 2026-10, this-month or last-month.",
      valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var posted: MonthArgument?

  @Option(
    name: .customLong("run"), help: ArgumentHelp("The run, by its number.", valueName: "number"))
  var runId: Int64?

  @Option(help: "How it is written.")
  var format = JournalFormat.csv

  @Option(
    name: [.long, .short],
    help: ArgumentHelp("File to write; standard output without it.", valueName: "file"))
  var output: String?

  @Flag(help: "Begin a CSV with a byte order mark, by which Excel knows that it is UTF-8.")
  var csvBom = false

  func validate() throws {
    guard !csvBom || format == .csv else {
      throw ValidationError("--csv-bom is for --format csv.")
    }
    guard (runId == nil) != (posted == nil) else {
      throw ValidationError("Give either --posted or --run.")
    }
    if let output, output.isEmpty || output.hasSuffix("/") {
      throw ValidationError("--output names a file, as in --output october.csv")
    }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let journal = Journal(target: database.target("journal"), interruption: interruption)
    let selection = runId.map { JournalSelection.run($0) } ?? .posted(posted!.month)
    if let output {
      let path = try journal.write(selection, format, path: output, byteOrderMark: csvBom)
      try StandardOutput.write(path + "\n")
    } else {
      try journal.write(
        selection, format, descriptor: 1, name: "standard output", byteOrderMark: csvBom)
    }
  }
}
