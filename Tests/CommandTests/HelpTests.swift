import FoundationEssentials
import Testing

@testable import redress

/// Help answers the first question with an example, before the options.
struct HelpTests {
  @Test(arguments: [
    [], ["run"], ["check"], ["report"], ["migrate"], ["policy"], ["policy", "check"],
    ["policy", "show"], ["explain"], ["notices"], ["verify"],
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
}
