import ArgumentParser
import CreditLedger
import CreditRun
import ServiceCredits
import Verification

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Proves that the ledger follows from its own evidence, for auditors.",
    usage: "redress verify [<options>]",
    discussion: """
      Works every recorded credit out again from the incidents, windows, exclusions, terms and policy that were \
      frozen with it; checks digests, sequences, sums, counts, caps and invoice lines; and, given the folder with the \
      files of runs, compares those byte for byte with what the ledger makes of them. Reads nothing but the schema \
      redress, and changes nothing.

        redress verify --database service=billing --output /var/lib/redress

      A nightly check need not verify ten years again: --since RUN takes what that run and earlier ones left as \
      verified. It reads every subscription of which something was written since, whole.

      Exit codes:
        0    everything agrees
        1    the ledger could not be verified
        2    something differs; standard output names it
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    name: [.long, .short],
    help: ArgumentHelp(
      "Folder with the files of all runs, to be compared. Given again, each run's files are in one of the folders.",
      valueName: "folder"))
  var output: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take what this run and earlier ones left as verified, and verify what was written since.",
      valueName: "run"))
  var since: Int64?

  @Option(help: "Text to read, or one JSON object a line.")
  var format = CheckCommand.Format.text

  func run() throws {
    let interruption = Interruption()
    let verification = Verification(
      target: database.target("verify"), folders: output, since: since, interruption: interruption)
    SignalWatch.start { interruption.request(signal: $0) }
    let format = self.format
    let summary = try verification.run { discrepancy in
      let line = DiscrepancyText(discrepancy)
      try StandardOutput.write(format == .text ? line.text : line.json)
    }
    try StandardOutput.write(
      format == .text ? DiscrepancyText.text(summary) : DiscrepancyText.json(summary))
    if summary.discrepancies > 0 { throw ExitCode(ExitStatus.differs) }
  }
}
