import ArgumentParser
import CreditRun
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
    // The password, if the string holds one, must not stay in the process list.
    if let database { ProcessTitle.hide(database) }
    return ConnectionTarget(
      conninfo: database, applicationName: "redress \(command)",
      allowCleartextPassword: allowCleartextPassword, ioTimeoutSeconds: ioTimeout)
  }
}

struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Policy file. Without it the built-in policy holds.", valueName: "file"))
  var policy: String?

  func document() throws -> PolicyDocument {
    try policy.map { try PolicyFile.document(path: $0) } ?? PolicyFile.builtInDocument
  }
}

/// A month as a person types it: `2026-10`.
struct MonthArgument: ExpressibleByArgument {
  let month: BillingMonth

  init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].count == 4, parts[1].count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), year >= 1, (1...12).contains(month)
    else { return nil }
    self.month = BillingMonth(year: year, month: month)
  }
}

/// An instant in ISO 8601: `2026-11-05`, `2026-11-05T02:00:00Z`, `2026-11-05T02:00:00.5+01:00`.
struct InstantArgument: ExpressibleByArgument {
  let instant: Instant

  init?(argument: String) {
    guard let instant = Instant(iso8601: argument) else { return nil }
    self.instant = instant
  }
}
