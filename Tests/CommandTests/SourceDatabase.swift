import FoundationEssentials
import Postgres
import TestSupport

/// A test's own database with the ledger and plain source tables. Runs the real `redress` on it.
struct SourceDatabase: Sendable {
  private let database: TestDatabase

  /// A step failed that a test needs before its check.
  struct SetupError: Error, CustomStringConvertible {
    let description: String
  }

  /// Copies a database that `redress migrate --with-source-tables` has made.
  init() async throws {
    database = try TestDatabase(template: try await SourceDatabase.template.value.database.name)
  }

  /// Copies another database. Nobody may be connected to it.
  init(copyOf other: SourceDatabase) throws {
    database = try TestDatabase(template: other.name)
  }

  /// A new database after `redress migrate` with these options.
  init(migratedWith options: [String]) async throws {
    database = try TestDatabase()
    let finished = try await redress(["migrate"] + options)
    guard finished.exitCode == 0 else {
      throw SetupError(description: "redress migrate failed: \(finished.errors)")
    }
  }

  private static let template = Task {
    let database = try await SourceDatabase(migratedWith: ["--with-source-tables"])
    // The ledger's id is in the totals of every run, and so in the expected files.
    try await database.psql("UPDATE redress.ledger SET ledger_id = '\(SourceDatabase.ledgerId)'")
    return database
  }

  /// The ledger's id in copies of the template. A real one is random.
  static let ledgerId = "0b65a0c2-7a51-4a35-9d7e-52c1d1f0a4be"

  /// Loads the CSVs of a folder, each into the source relation with its name.
  func load(_ folder: URL) async throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.path(percentEncoded: false)
    ).sorted()
    var commands: [String] = []
    for name in names where name.hasSuffix(".csv") {
      let file = folder.appending(path: name)
      guard let header = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").first
      else { throw SetupError(description: "\(file.path(percentEncoded: false)) has no header") }
      let relation = name.dropLast(4)
      commands.append(
        "\\copy redress_source.\(relation) (\(header)) FROM '\(file.path(percentEncoded: false))' CSV HEADER"
      )
    }
    try await psql(commands)
  }

  /// The rows of a query, in its order. Null is the empty text.
  func rows(_ query: String) async throws -> Table {
    let output = try await psql([query])
    guard let table = Table(csv: output) else {
      throw SetupError(description: "psql did not print CSV:\n\(output)")
    }
    return table
  }

  /// Runs SQL and psql's own commands as the owner.
  /// - Returns: psql's output, as CSV.
  @discardableResult
  func psql(_ commands: [String]) async throws -> String {
    let arguments = ["-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1"]
    let finished = try await run(
      "psql", arguments + commands.flatMap { ["-c", $0] }, environment: environment)
    guard finished.exitCode == 0 else { throw SetupError(description: finished.errors) }
    return finished.output
  }

  @discardableResult
  func psql(_ command: String) async throws -> String {
    try await psql([command])
  }

  /// Runs `redress` with these arguments on this database.
  func redress(_ arguments: [String]) async throws -> Finished {
    try await run("redress", arguments, environment: environment)
  }

  var name: String { database.name }

  var target: ConnectionTarget { database.target }

  /// The environment that makes libpq find this database.
  var environment: [String: String] {
    [
      "PGHOST": TestServer.host,
      "PGPORT": TestServer.port,
      "PGUSER": TestServer.user,
      "PGDATABASE": database.name,
      "PGTZ": "UTC",
    ]
  }
}
