import ArgumentParser
import CreditRun
import PolicyFiles
import Postgres
import ServiceCredits

struct DatabaseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Database to use: a libpq URI or key=value string.",
      discussion: "Without it libpq's own settings hold: PG* variables, service file, .pgpass.",
      valueName: "conninfo"))
  var database: String?

  @Flag(help: "Answer a server that asks for a clear-text password on an unencrypted connection.")
  var allowCleartextPassword = false

  @Option(
    help: ArgumentHelp(
      "Give up when the server, or the way to it, has been silent for so long; 0 waits for ever.",
      discussion:
        "Longer than the longest sort of a source relation, and than the 60 s that a run waits for a lock.",
      valueName: "seconds"))
  var ioTimeout = 600

  func validate() throws {
    guard ioTimeout >= 0 else { throw ValidationError("--io-timeout must be at least 0.") }
  }

  func target(_ command: String) -> ConnectionTarget {
    ConnectionTarget(
      conninfo: database, applicationName: "redress \(command)",
      allowCleartextPassword: allowCleartextPassword, ioTimeoutSeconds: ioTimeout)
  }
}
