import FoundationEssentials
import Synchronization

/// A database of a test's own on the tests' server, with the ledger and plain source tables in it.
struct SourceDatabase: Sendable {
  let name: String

  /// Something that has to work before a test can say that something else does not.
  struct SetupError: Error, CustomStringConvertible {
    let description: String
  }

  /// Makes a database as `redress migrate --with-source-tables` does, hands it over, and drops it again.
  static func with(_ body: (SourceDatabase) async throws -> Void) async throws {
    let database = SourceDatabase(name: "\(prefix)_\(number.add(1, ordering: .relaxed).newValue)")
    try await server.psql("CREATE DATABASE \(database.name) TEMPLATE \(template.value.name)")
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body(database))
    } catch {
      outcome = .failure(error)
    }
    try await server.psql("DROP DATABASE \(database.name) WITH (FORCE)")
    try outcome.get()
  }

  /// Loads the CSVs of a folder, each into the source relation of its name.
  func load(_ folder: URL) async throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    var commands: [String] = []
    for name in names where name.hasSuffix(".csv") {
      let file = folder.appending(path: name)
      guard let header = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").first
      else { throw SetupError(description: "\(file.path()) has no header") }
      let relation = name.dropLast(4)
      commands.append(
        "\\copy redress_source.\(relation) (\(header)) FROM '\(file.path())' CSV HEADER")
    }
    try await psql(commands)
  }

  /// The rows of a query, in its order; null is the empty text.
  func rows(_ query: String) async throws -> Table {
    let output = try await psql(["\\pset null ''", query])
    guard let table = Table(csv: output) else {
      throw SetupError(description: "psql did not print CSV:\n\(output)")
    }
    return table
  }

  /// Runs SQL and psql's own commands as the owner, in one transaction each.
  @discardableResult
  func psql(_ commands: [String]) async throws -> String {
    let arguments = ["-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-d", name]
    let finished = try await run(
      "psql", arguments + commands.flatMap { ["-c", $0] }, environment: SourceDatabase.connection)
    guard finished.exitCode == 0 else { throw SetupError(description: finished.errors) }
    return finished.output
  }

  @discardableResult
  func psql(_ command: String) async throws -> String {
    try await psql([command])
  }

  /// The environment in which libpq finds this database.
  var environment: [String: String] {
    SourceDatabase.connection.merging(["PGDATABASE": name]) { $1 }
  }

  /// Runs `redress` with these arguments on this database.
  func redress(_ arguments: [String]) async throws -> Finished {
    try await run("redress", arguments, environment: environment)
  }

  /// The environment in which libpq finds the tests' server.
  private static let connection = [
    "PGHOST": ProcessInfo.processInfo.environment["REDRESS_TEST_PGHOST"] ?? "",
    "PGUSER": "postgres",
    "TZ": "UTC",
  ]

  private static let server = SourceDatabase(name: "postgres")
  private static let prefix = "command_\(ProcessInfo.processInfo.processIdentifier)"
  private static let number = Atomic(0)

  /// What every test's database is a copy of.
  private static let template = Task {
    guard connection["PGHOST"] != "" else {
      throw SetupError(description: "REDRESS_TEST_PGHOST names no server: run `make test`")
    }
    let database = SourceDatabase(name: "\(prefix)_template")
    try await server.psql(
      "CREATE DATABASE \(database.name) ENCODING 'UTF8' TEMPLATE template0")
    let finished = try await database.redress(["migrate", "--with-source-tables"])
    guard finished.exitCode == 0 else {
      throw SetupError(description: "redress migrate failed: \(finished.errors)")
    }
    return database
  }
}
