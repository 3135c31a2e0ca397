import ArgumentParser
import CreditRun
import PolicyFiles
import Postgres
import ServiceCredits

struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Policy file. Default: the policy that is adopted; see redress policy adopt.",
      valueName: "file"))
  var policy: String?

  /// The policy file that was given; `nil` if none was.
  func given() throws -> PolicyDocument? { try policy.map { try PolicyFile.document(path: $0) } }
}
