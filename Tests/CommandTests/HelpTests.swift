import ArgumentParser
import FoundationEssentials
import Testing

@testable import redress

/// Help shows an example before the options.
struct HelpTests {
  @Test(arguments: [
    [], ["run"], ["check"], ["report"], ["simulate"], ["audit"], ["migrate"], ["policy"],
    ["policy", "adopt"], ["policy", "history"], ["policy", "check"], ["policy", "show"],
    ["policy", "test"], ["policy", "list"], ["explain"],
    ["notices"], ["verify"], ["close"], ["reopen"], ["findings"], ["journal"], ["runs"],
    ["map"], ["map", "list"], ["map", "show"], ["map", "apply"],
    ["handover"], ["handover", "send"],
  ])
  func beginsWithAnExample(_ command: [String]) async throws {
    let finished = try await run("redress", command + ["--help"])
    #expect(finished.exitCode == 0 && finished.errors.isEmpty)
    let overview = finished.output.components(separatedBy: "USAGE:")[0]
    let example = (["redress"] + command).joined(separator: " ") + " "
    #expect(overview.contains(example), "\(overview)")
    #expect(finished.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func namesEveryExitCode() async throws {
    let help = try await run("redress", ["--help"]).output
    for (code, meaning) in ExitStatus.meanings {
      #expect(help.contains("  \(code) ") && help.contains(meaning))
    }
  }

  /// Completions come from the same source as the help.
  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowEveryCommand(shell: String) async throws {
    let script = try await run("redress", ["--generate-completion-script", shell])
    #expect(script.exitCode == 0, "\(script.errors)")
    for command in Redress.configuration.subcommands {
      #expect(script.output.contains(command._commandName), "\(command._commandName)")
    }
  }
}
