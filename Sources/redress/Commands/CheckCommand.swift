import ArgumentParser
import CreditLedger
import CreditRun
import Glibc
import PolicyFiles
import ServiceCredits

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a run would find everything in order, and what to do where not.",
    usage: "redress check [<options>]",
    discussion: """
      Looks at the connection, the server, the schema redress, every relation and column of redress_source, the \
      privileges of the current user, the policy file, and then at the data: it calculates the night that `redress \
      run` with the same options would, and reports what that would report. Nothing is changed.

        redress check --database service=billing

      Exit codes:
        0    everything is in order
        1    a run could not begin
        3    a run would have findings
        4    a run would be held by the policy's limits
        64   usage or policy error
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @OptionGroup var night: PeriodOptions

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, jsonl
  }

  @Option(help: "Text to read, or one JSON object a line.")
  var format = Format.text

  func run() throws {
    var document: PolicyDocument?
    var errors: PolicyErrors?
    do {
      document = try policy.given()
    } catch let found as PolicyErrors {
      errors = found
    }
    let interruption = Interruption()
    let request = ReconciliationRequest(
      target: database.target("check"), policy: document, asOf: night.asOf?.instant,
      lastMonth: night.month?.month, months: night.months)
    SignalWatch.start { interruption.request(signal: $0) }
    let format = self.format
    let verdict = try ReadinessCheck(
      request: request, policyErrors: errors, interruption: interruption
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
    if verdict.isHeld { throw ExitCode(ExitStatus.held) }
    if verdict.findings > 0 { throw ExitCode(3) }
  }
}
