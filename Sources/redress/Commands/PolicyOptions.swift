import ArgumentParser
import CreditRun
import PolicyFiles
import Postgres
import ServiceCredits

struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Policy file. Without it, run and check use the built-in policy. Other commands use the policy of the newest run.",
      valueName: "file"))
  var policy: String?

  /// The policy file that was given; `nil` if none was.
  func given() throws -> PolicyDocument? { try policy.map { try PolicyFile.document(path: $0) } }

  func document() throws -> PolicyDocument {
    try given() ?? PolicyFile.builtInDocument
  }
}
