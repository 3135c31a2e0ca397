import FoundationEssentials
import Subprocess

/// The result of a process that has ended.
struct Finished: Sendable {
  let status: TerminationStatus
  let output: String
  let errors: String

  /// The exit code; 128 + n if signal n ended the process, as in a shell.
  var exitCode: Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}

/// Paths in this checkout.
enum Checkout {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let fixtures = root.appending(path: "fixtures")

  /// The folder with the `redress` that the tests run: the debug build, or the folder in
  /// `REDRESS_BINARIES`.
  static let binaries =
    ProcessInfo.processInfo.environment["REDRESS_BINARIES"]
    ?? root.appending(path: ".build/debug").path(percentEncoded: false)
}

/// Runs a program to its end. The folder of the built binaries comes first on the `PATH`.
func run(
  _ program: String, _ arguments: [String], environment: [String: String] = [:]
) async throws -> Finished {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  var overrides: [Environment.Key: String?] = ["PATH": "\(Checkout.binaries):\(path)"]
  for (name, value) in environment { overrides[.init(stringLiteral: name)] = value }
  let result = try await Subprocess.run(
    .name(program), arguments: Arguments(arguments),
    environment: .inherit.updating(overrides),
    output: .string(limit: 64 << 20), error: .string(limit: 4 << 20))
  return Finished(
    status: result.terminationStatus, output: result.standardOutput,
    errors: result.standardError)
}
