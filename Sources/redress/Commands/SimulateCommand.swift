import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import PolicyFiles
import ServiceCredits
import Simulation

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Says what another policy would have cost, beside the one of today.",
    usage: "redress simulate --policy <file> [<options>]",
    discussion: """
      Works the credits of a month out under both policies, from the source as it is now, by the same calculation as a \
      run, and compares them by month and currency, by tier and plan, and by customer. Only reads; takes no lock.

        redress policy show > new.yaml
        redress simulate --policy new.yaml --month 2026-10
        redress simulate --policy new.yaml --against /etc/redress/policy.yaml --month 2026-10 --months 12
        redress simulate --policy new.yaml --month last-month --format csv > october.csv
        redress simulate --policy new.yaml --month 2026-10 --format html > october.html

      A newest version that today's policy does not have counts as if in force from the beginning of that; with \
      --by-dates, or where there is nothing new, each version holds from its own day on, as in a run. Without --against \
      today's policy is the one that is adopted; where none is, that of the newest run, or the built-in policy.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, csv, json, html
  }

  @OptionGroup var database: DatabaseOptions

  @Option(help: ArgumentHelp("The policy to try.", valueName: "file"))
  var policy: String

  @Option(
    help: ArgumentHelp(
      "The policy of today. Default: the one that is adopted.", valueName: "file"))
  var against: String?

  @Flag(help: "Let each version hold from its effective_from on.")
  var byDates = false

  @Option(
    help: ArgumentHelp(
      "Take this instant for now; incidents resolved later count as open.", valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  @Option(
    help: ArgumentHelp(
      "The billing month, or the last of several. Default: the month of --as-of.",
      discussion: "2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: ArgumentHelp("How many months, up to the last one.", valueName: "n"))
  var months = 1

  @Option(help: "How the comparison is written.")
  var format = Format.text

  func validate() throws {
    guard (1...1200).contains(months) else {
      throw ValidationError("--months is \(months), and must be from 1 to 1200.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let options = SimulationOptions(
      target: database.target("simulate"), new: try PolicyFile.document(path: policy),
      today: try against.map { try PolicyFile.document(path: $0) }, followsDates: byDates,
      asOf: asOf?.instant, lastMonth: month?.month, months: months)
    SignalWatch.start { interruption.request(signal: $0) }
    let comparison = try PolicySimulation(options: options, interruption: interruption).run()
    switch format {
    case .text: try StandardOutput.write(PolicyComparisonText(comparison).text)
    case .csv: try StandardOutput.write(String(decoding: comparison.csv, as: UTF8.self))
    case .json: try StandardOutput.write(String(decoding: comparison.json, as: UTF8.self))
    case .html:
      var page: [UInt8] = []
      try comparison.page.append(to: &page)
      try StandardOutput.write(String(decoding: page, as: UTF8.self))
    }
  }
}
