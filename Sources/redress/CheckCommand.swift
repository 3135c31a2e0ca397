import ArgumentParser
import CreditRun
import Glibc
import ServiceCredits

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a run would find everything in order, and what to do where not.",
    discussion: """
      Looks at the connection, the server, the schema redress, every relation and column of redress_source, the \
      privileges of the current user, the policy file, and then at the data: it calculates the night that `redress \
      run` with the same options would, and reports what that would report. Nothing is changed.

        redress check --database service=billing --policy /etc/redress/policy.yaml

      Exit codes:
        0    everything is in order
        1    a run could not begin
        3    a run would have findings
        64   usage or policy error
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

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, jsonl
  }

  @Option(help: "Text to read, or one JSON object a line.")
  var format = Format.text

  func validate() throws {
    guard months >= 1 else { throw ValidationError("--months must be at least 1.") }
  }

  func run() throws {
    var document = PolicyFile.builtInDocument
    var errors: PolicyErrors?
    do {
      document = try policy.document()
    } catch let found as PolicyErrors {
      errors = found
    }
    let interruption = Interruption()
    let options = RunOptions(
      target: database.target("check"), policy: document, asOf: asOf?.instant,
      lastMonth: month?.month, months: months, outputFolder: ".")
    SignalWatch.start { interruption.request(signal: $0) }
    let format = self.format
    let verdict = try ReadinessCheck(
      options: options, policyErrors: errors, interruption: interruption
    ).run { event in
      let lines = CheckText.lines(event)
      for line in lines {
        switch format {
        case .text: try StandardOutput.write(line.text)
        case .jsonl: try StandardOutput.write(line.json)
        }
      }
    }
    if verdict.violatesContract { throw ExitCode(1) }
    if verdict.hasPolicyErrors { throw ExitCode(64) }
    if verdict.findings > 0 { throw ExitCode(3) }
  }
}
