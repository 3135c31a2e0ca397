import FoundationEssentials
import Postgres
import TestSupport

/// A database of a test's own with the ledger and plain source tables in it, and the real `redress` on it.
struct SourceDatabase: Sendable {
  private let database: TestDatabase

  /// Something that has to work before a test can say that something else does not.
  struct SetupError: Error, CustomStringConvertible {
    let description: String
  }

  /// A copy of one that `redress migrate --with-source-tables` has made.
  init() async throws {
    database = try TestDatabase(template: try await SourceDatabase.template.value.database.name)
  }

  /// A copy of another, to which nobody may be connected.
  init(copyOf other: SourceDatabase) throws {
    database = try TestDatabase(template: other.name)
  }

  /// A new one, as `redress migrate` with these options leaves it.
  init(migratedWith options: [String]) async throws {
    database = try TestDatabase()
    let finished = try await redress(["migrate"] + options)
    guard finished.exitCode == 0 else {
      throw SetupError(description: "redress migrate failed: \(finished.errors)")
    }
  }

  private static let template = Task {
    let database = try await SourceDatabase(migratedWith: ["--with-source-tables"])
    // In the totals of every run, and so in the expected files.
    try await database.psql("UPDATE redress.ledger SET ledger_id = '\(SourceDatabase.ledgerId)'")
    return database
  }

  /// The ledger's id in a copy of the template, in place of one made at random.
  static let ledgerId = "0b65a0c2-7a51-4a35-9d7e-52c1d1f0a4be"

  /// Loads the CSVs of a folder, each into the source relation of its name.
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

  /// The rows of a query, in its order; null is the empty text.
  func rows(_ query: String) async throws -> Table {
    let output = try await psql([query])
    guard let table = Table(csv: output) else {
      throw SetupError(description: "psql did not print CSV:\n\(output)")
    }
    return table
  }

  /// Runs SQL and psql's own commands as the owner, and returns what psql prints, as CSV.
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

  /// Where libpq finds this database.
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
