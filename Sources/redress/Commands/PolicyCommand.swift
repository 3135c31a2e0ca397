import ArgumentParser
import CreditRun
import PolicyFiles
import ServiceCredits

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Checks a policy file or shows the built-in policy.",
    discussion: """
      Example, to change the promise:
        redress policy show > policy.yaml
        redress policy check policy.yaml
      """,
    subcommands: [Check.self, Show.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks a policy file: all errors at once, with line and column.",
      discussion: "Example: redress policy check /etc/redress/policy.yaml")

    @Argument(help: "The policy file.")
    var file: String

    func run() throws {
      let document = try PolicyFile.document(path: file)
      let count = document.policy.versions.count
      try StandardOutput.write(
        "\(file): \(count == 1 ? "1 version" : "\(count) versions"), no errors\n")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the built-in policy, ready to edit.",
      discussion: "Example: redress policy show > policy.yaml")

    func run() throws {
      try StandardOutput.write(PolicyFile.builtInText)
    }
  }
}
