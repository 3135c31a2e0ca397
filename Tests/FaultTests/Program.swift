import Glibc
import TestSupport

/// The real program as a process.
final class Program {
  /// The result of a program that has ended.
  struct Ending {
    /// The exit code; 128 + n if signal n ended it.
    let code: Int32
    let output: String
    let errors: String
  }

  static let path =
    (getenv("REDRESS_BINARIES").map { String(cString: $0) }
      ?? TestServer.packageFolder + "/.build/debug") + "/redress"

  let process: pid_t
  private let folder: String

  /// - Parameters:
  ///   - environment: added to the tests' own.
  ///   - output: the file for standard output; otherwise a file that is read at the end.
  init(
    _ arguments: [String], environment: [String: String] = [:], launcher: [String] = [],
    output: String? = nil, errors: String? = nil, closing: [Int32] = [], path: String = Program.path
  ) throws {
    folder = try temporaryFolder("program")
    chmod(folder, 0o755)
    var variables: [String] = []
    var pointer = environ
    while let entry = pointer.pointee {
      let text = String(cString: entry)
      let name = text.prefix { $0 != "=" }
      if environment[String(name)] == nil, !name.hasPrefix("PG") { variables.append(text) }
      pointer += 1
    }
    variables += environment.map { "\($0)=\($1)" }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output ?? "\(folder)/output", flags, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errors ?? "\(folder)/errors", flags, 0o644)
    for descriptor in closing { posix_spawn_file_actions_addclose(&actions, descriptor) }
    let words = launcher + [path] + arguments
    let argv = words.map { strdup($0) } + [nil]
    let envp = variables.map { strdup($0) } + [nil]
    defer { for word in argv + envp { free(word) } }
    var process: pid_t = 0
    let status = posix_spawnp(&process, words[0], &actions, nil, argv, envp)
    guard status == 0 else { throw SystemError("posix_spawn \(words[0])", status) }
    self.process = process
  }

  deinit {
    _ = try? sh("rm -rf '\(folder)'")
  }

  /// Waits until the program ends. Kills it after `seconds`.
  func end(within seconds: Int = 60) throws -> Ending {
    var status: Int32 = 0
    var waited = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      usleep(2_000)
      waited += 2
      if waited > seconds * 1000 {
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        throw DidNotEnd(seconds: seconds)
      }
    }
    let signal = status & 0x7f
    return Ending(
      code: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      output: read("output"), errors: read("errors"))
  }

  private func read(_ name: String) -> String {
    (try? sh("cat '\(folder)/\(name)'")) ?? ""
  }

  struct DidNotEnd: Error {
    let seconds: Int
  }
}
