import CreditLedger
import Glibc
import Postgres
import TestSupport
import Testing

/// A database after its first night and an amendment. The second night is run again and again.
final class NightUnderTest {
  static let files = [
    "credits-run-2.csv", "findings-run-2.csv", "invoice-lines-run-2.csv", "totals-run-2.json",
  ]

  let cluster: PrivateCluster
  let database = "night"
  /// The ledger before the second night, and after it if nothing failed.
  private(set) var before: LedgerState?
  private(set) var after: LedgerState?
  /// The contents of the second night's files, by name.
  private(set) var contents: [String: String] = [:]
  private(set) var messages: [ProtocolProxy.Message] = []

  init() throws {
    cluster = try PrivateCluster("night")
    let administrator = try Connection(cluster.target("postgres"))
    try administrator.execute("CREATE DATABASE \(database) ENCODING 'UTF8' TEMPLATE template0")
    let connection = try connect()
    _ = try Migrator().migrate(connection, withSourceTables: true)
    try connection.execute(SmallSource.firstNight)
    try withFolder { folder in
      try expectDone(try program(folder, host: cluster.host).end())
    }
    try connection.execute(SmallSource.amendment)
    try connection.execute("CREATE SCHEMA baseline")
    for relation in SmallSource.ledger {
      try connection.execute("CREATE TABLE baseline.\(relation) AS TABLE redress.\(relation)")
    }
    before = try LedgerState(connection, throughRun: 2)
    try recordUndisturbed()
  }

  struct SetupError: Error, CustomStringConvertible {
    let description: String
  }

  private func expectDone(_ ending: Program.Ending) throws {
    guard ending.code == 3 else {
      throw SetupError(description: "exit code \(ending.code): \(ending.errors)")
    }
  }

  private func recordUndisturbed() throws {
    let recorded = Recorder()
    let proxy = try ProtocolProxy(server: cluster.host) { message, moment in
      if moment == .before { recorded.add(message) }
      return .goOn
    }
    defer { proxy.stop() }
    try withFolder { folder in
      try expectDone(try program(folder, host: proxy.folder).end())
      contents = try NightUnderTest.read(folder)
    }
    messages = recorded.messages
    after = try LedgerState(try connect(), throughRun: 2)
    guard Set(contents.keys) == Set(NightUnderTest.files), before != after else {
      throw SetupError(description: "the second night changes nothing: \(contents.keys)")
    }
    try reset()
  }

  func connect() throws -> Connection {
    try Connection(cluster.target(database))
  }

  /// Restores the ledger's state before the second night.
  func reset() throws {
    let connection = try connect()
    try connection.execute(
      SmallSource.ledger.map {
        "DELETE FROM redress.\($0); INSERT INTO redress.\($0) TABLE baseline.\($0);"
      }.joined())
  }

  func program(
    _ folder: String, host: String, options: [String] = [], environment: [String: String] = [:],
    launcher: [String] = [], path: String = Program.path
  ) throws -> Program {
    try Program(
      ["run", "--as-of", SmallSource.asOf, "--output", folder] + options,
      environment: self.environment(host).merging(environment) { $1 }, launcher: launcher,
      path: path)
  }

  func environment(_ host: String) -> [String: String] {
    [
      "PGHOST": host, "PGUSER": "postgres", "PGDATABASE": database, "PGPORT": "5432",
      "PGCONNECT_TIMEOUT": "2",
    ]
  }

  /// Waits until all sessions of the ended program are gone.
  func waitForSessionsToEnd() throws {
    let connection = try connect()
    var attempts = 0
    while try connection.textRows(
      """
      SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'redress run%'
        AND datname = '\(database)'
      """
    ).count > 0 {
      attempts += 1
      guard attempts < 3000 else { throw SetupError(description: "sessions are left") }
      usleep(5_000)
    }
  }

  /// Does what the program advises if a run is recorded and its files are missing.
  func makeFilesAgain(_ folder: String) throws {
    let ending = try Program(
      ["report", "--run", "2", "--output", folder], environment: environment(cluster.host)
    ).end()
    #expect(ending.code == 0, "\(ending.errors)")
  }

  /// Expects exactly the second night's files in the folder, byte for byte, and no hidden file.
  func expectFiles(_ folder: String, _ place: String) throws {
    let found = try NightUnderTest.read(folder)
    for name in NightUnderTest.files {
      #expect(found[name] == contents[name], "\(place): \(name)")
    }
    let hidden = try NightUnderTest.names(folder).filter { $0.hasPrefix(".") }
    #expect(hidden == [], "\(place): something is left over")
  }

  /// The visible files of a folder by name, without the values that differ in each run.
  static func read(_ folder: String) throws -> [String: String] {
    var contents: [String: String] = [:]
    for name in try names(folder) where !name.hasPrefix(".") {
      let content = try sh("cat '\(folder)/\(name)'")
      contents[name] = name.hasPrefix("totals-") ? comparableTotals(content) : content
    }
    return contents
  }

  static func names(_ folder: String) throws -> [String] {
    try sh("ls -A '\(folder)'").split(separator: "\n").map(String.init)
  }
}

/// Calls `body` with a new folder, and then removes the folder with everything in it.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = try temporaryFolder("files")
  defer { _ = try? sh("chmod -R u+rwx '\(folder)' && rm -rf '\(folder)'") }
  return try body(folder)
}
