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

struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Policy file. Without it, run and check use the built-in policy. Other commands use the policy of the newest run.",
      valueName: "file"))
  var policy: String?

  /// What was given; `nil` where nothing was.
  func given() throws -> PolicyDocument? { try policy.map { try PolicyFile.document(path: $0) } }

  func document() throws -> PolicyDocument {
    try given() ?? PolicyFile.builtInDocument
  }
}

/// Which night is meant, and which months it looks at.
struct PeriodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take this instant for now; incidents resolved later count as open.",
      discussion:
        "2026-11-05T02:00:00Z, 2026-11-05 or 2026-11 (midnight UTC), now, today or yesterday.",
      valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  @Option(
    help: ArgumentHelp(
      "Last billing month to reconcile. Default: the month of --as-of.",
      discussion: "2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: ArgumentHelp("How many months to reconcile, up to the last one.", valueName: "n"))
  var months = 3

  func validate() throws {
    guard (1...1200).contains(months) else {
      throw ValidationError("--months is \(months), and must be from 1 to 1200.")
    }
  }
}
