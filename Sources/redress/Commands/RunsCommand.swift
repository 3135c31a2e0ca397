import ArgumentParser
import CreditLedger
import LedgerReports

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs in the ledger, and what was held and waits to be approved.",
    usage: "redress runs [<options>]",
    discussion: """
      Of each run its number, when it was written, the instant it took for now, its months, the policy version in \
      force, what it granted and took back, who let it through past the limits, and the names of its files. Other \
      commands take such a number, or latest. Reads only the ledger.

        redress runs
        redress runs --last 5 --format jsonl
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, jsonl
  }

  @OptionGroup var database: DatabaseOptions

  @Option(help: ArgumentHelp("How many runs to list, the newest.", valueName: "n"))
  var last = 20

  @Option(help: "Text to read, or one JSON object a line.")
  var format = Format.text

  func validate() throws {
    guard (1...1_000_000).contains(last) else {
      throw ValidationError("--last is \(last), and must be from 1 to 1000000.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let report = LedgerReport(target: database.target("runs"), interruption: interruption)
    let text = RunListText(try RunList(report, last: last))
    try StandardOutput.write(format == .text ? text.text : text.json)
  }
}

/// A run by its number, or the newest.
enum RunArgument: Hashable, ExpressibleByArgument {
  case number(Int64)
  case latest

  init?(argument: String) {
    if ["latest", "last", "newest"].contains(argument.lowercased()) {
      self = .latest
    } else {
      guard let number = Int64(argument) else { return nil }
      self = .number(number)
    }
  }

  /// The number of the run.
  /// - Throws: `RecordError.noSuchRun` for the newest where none is committed.
  func number(_ report: LedgerReport) throws -> Int64 {
    switch self {
    case .number(let number): number
    case .latest: try report.newestRun()
    }
  }
}
