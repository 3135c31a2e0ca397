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
        redress check --mapping --format html --output mapping.html

      Exit codes:
        0    everything is in order
        1    a run could not begin
        3    a run would have findings, or --mapping has seen what somebody must look at
        4    a run would be held by the policy's limits
        64   usage or policy error
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @OptionGroup var night: PeriodOptions

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, jsonl, html
  }

  @Option(help: "Text to read, or one JSON object a line; of --mapping text or a page.")
  var format = Format.text

  @Flag(
    help: ArgumentHelp(
      "Write what the source says once it is mapped, for finance to sign before the first run.",
      discussion:
        "Fees, customers, invoices and outages to compare with what the business knows, signs of a wrong mapping, and the night that would come of it."
    ))
  var mapping = false

  @Option(
    name: [.long, .short],
    help: ArgumentHelp(
      "File for --mapping to write; standard output without it.", valueName: "file"))
  var output: String?

  func validate() throws {
    guard mapping || format != .html else {
      throw ValidationError("--format html is for --mapping.")
    }
    guard mapping || output == nil else {
      throw ValidationError("--output is for --mapping.")
    }
    guard !mapping || format != .jsonl else {
      throw ValidationError("--mapping is text or html, and not jsonl.")
    }
    if let output, output.isEmpty || output.hasSuffix("/") {
      throw ValidationError("--output names a file, as in --output mapping.html")
    }
  }

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
    let check = ReadinessCheck(
      request: request, policyErrors: errors, interruption: interruption)
    if mapping { return try writeMapping(check) }
    let format = self.format
    let result = try check.run { event in
      for line in CheckText.lines(event) {
        switch format {
        case .text, .html: try StandardOutput.write(line.text)
        case .jsonl: try StandardOutput.write(line.json)
        }
      }
    }
    try CheckCommand.exit(result, asksForReview: false)
  }

  /// - Parameter asksForReview: whether somebody has to look at something besides findings.
  static func exit(_ result: ReadinessCheck.Result, asksForReview: Bool) throws {
    if result.violatesContract { throw ExitCode(ExitStatus.failed) }
    if result.hasPolicyErrors { throw ExitCode(ExitStatus.usage) }
    if result.isHeld { throw ExitCode(ExitStatus.held) }
    if result.findings > 0 || asksForReview { throw ExitCode(ExitStatus.findings) }
  }
}
