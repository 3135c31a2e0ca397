import ArgumentParser
import CreditRun
import Glibc
import ServiceCredits

@main
struct Redress: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redress",
    abstract: "Pays customers what an outage owes them.",
    discussion: """
      First steps:
        redress migrate --with-source-tables --database 'dbname=billing'
        redress check --database 'dbname=billing'
        redress run --database 'dbname=billing' --output /var/lib/redress

      Reads resolved incidents and subscriptions from redress_source, works out the service credits, appends them to \
      the ledger in redress, and writes the files that finance signs.

      Exit codes:
      \(exitCodes)
      """,
    version: ProgramVersion.text,
    subcommands: [
      CheckCommand.self, RunCommand.self, RunsCommand.self, ReportCommand.self,
      ExplainCommand.self,
      SimulateCommand.self, CloseCommand.self, ReopenCommand.self, NoticesCommand.self,
      VerifyCommand.self, AuditCommand.self,
      FindingsCommand.self, JournalCommand.self, HandoverCommand.self, MigrateCommand.self,
      MapCommand.self, ObserveCommand.self,
      PolicyCommand.self,
    ])

  private static var exitCodes: String {
    ExitStatus.meanings.map { code, meaning in
      "  \(code)\(String(repeating: " ", count: max(1, 8 - code.count)))\(meaning)"
    }.joined(separator: "\n")
  }

  /// The argument parser writes this before a message.
  static var _errorPrefix: String { "redress: " }

  static func main() {
    StandardStreams.reserve()
    ProcessTitle.hideSecrets()
    // A closed socket or pipe must give an error, not end the program.
    signal(SIGPIPE, SIG_IGN)
    // The same for a file that may not grow any more (ulimit -f).
    signal(SIGXFSZ, SIG_IGN)
    SignalWatch.install()
    do {
      try checkThereIsACommand()
      try checkCommandName(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      try command.run()
    } catch {
      ErrorReport(error).exit()
    }
  }

  /// Without arguments the parser would print help and succeed. If a timer loses its arguments,
  /// that must not look like a successful run.
  private static func checkThereIsACommand() throws {
    guard CommandLine.arguments.count < 2 else { return }
    throw ValidationError("No command was given. 'redress --help' lists them.")
  }

  /// Suggests the command that was meant. The parser does this only for options.
  private static func checkCommandName(_ arguments: ArraySlice<String>) throws {
    var command: any ParsableCommand.Type = Redress.self
    var path = "redress"
    for argument in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return }
      guard let next = subcommands.first(where: { $0._commandName == argument }) else {
        let names = subcommands.map { $0._commandName }
        let meant =
          NearMiss.nearest(to: argument, among: names).map { "Did you mean '\(path) \($0)'?" }
          ?? "'\(path) --help' lists the commands."
        throw ValidationError("There is no command '\(path) \(argument)'. \(meant)")
      }
      command = next
      path += " \(argument)"
    }
  }
}
