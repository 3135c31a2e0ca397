import ArgumentParser
import CreditRun
import Glibc
import ServiceCredits

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Reconciles the ledger with what the incidents owe, and writes the files of the run.",
    discussion: """
      Example, from a timer at night:
        redress run --database service=billing --policy /etc/redress/policy.yaml --output /var/lib/redress
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @Option(
    help: ArgumentHelp(
      "Take this instant for now; incidents resolved later count as open.", valueName: "time"))
  var asOf: InstantArgument?

  @Option(
    help: ArgumentHelp(
      "Last billing month to reconcile. Default: the month of --as-of.", valueName: "yyyy-mm"))
  var month: MonthArgument?

  @Option(help: ArgumentHelp("How many months to reconcile, up to the last one.", valueName: "n"))
  var months = 3

  @Option(name: [.long, .short], help: ArgumentHelp("Folder for the files.", valueName: "folder"))
  var output = "."

  @Flag(help: "Do everything, write the files as dry-run files, and roll back.")
  var dryRun = false

  @Flag(help: "Let the run through past the limits of the policy.")
  var approveLimits = false

  @Flag(name: [.long, .short], help: "Print nothing unless the run fails.")
  var quiet = false

  func validate() throws {
    guard months >= 1 else { throw ValidationError("--months must be at least 1.") }
  }

  func run() throws {
    let options = RunOptions(
      target: database.target("run"), policy: try policy.document(), asOf: asOf?.instant,
      lastMonth: month?.month, months: months, outputFolder: output, isDryRun: dryRun,
      approvesLimits: approveLimits)
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let summary = try NightlyRun(options: options, interruption: interruption).run()
    if !quiet { StandardError.write(SummaryText(summary).line + "\n") }
    switch summary.verdict {
    case .held: throw ExitCode(4)
    case .committed, .dryRun:
      if summary.findingCount > 0 { throw ExitCode(3) }
    }
  }
}
