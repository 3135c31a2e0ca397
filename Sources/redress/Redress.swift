import ArgumentParser
import Glibc

@main
struct Redress: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redress",
    abstract: "Pays customers what an outage owes them.",
    discussion: """
      Reads resolved incidents and subscriptions from redress_source, works out the service credits, appends them to \
      the ledger in redress, and writes the files that finance signs.

      First steps:
        redress migrate --with-source-tables --database 'dbname=billing'
        redress check --database 'dbname=billing'
        redress run --database 'dbname=billing' --output /var/lib/redress

      Exit codes:
        0    done
        1    failed, nothing written
        3    done, with findings to review
        4    held by the policy's limits, nothing written
        64   usage or policy error
        74   committed, but the files could not be written
        75   another run is active
        128+n  stopped by signal n, nothing written
      """,
    version: ProgramVersion.text,
    subcommands: [
      CheckCommand.self, RunCommand.self, ReportCommand.self, VerifyCommand.self,
      MigrateCommand.self, PolicyCommand.self,
    ])

  static func main() {
    // Sockets and pipes that close are errors to be reported, not reasons to vanish.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      ErrorReport(error).exit()
    }
  }
}
