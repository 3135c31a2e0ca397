import Glibc
import Postgres
import ServiceCredits
import TestSupport

/// A difference between the two engines, or a broken invariant.
struct Disagreement {
  let night: Int
  let sentences: [String]
}

/// Runs scenarios one after the other in one database, with the program and with the second engine.
final class SecondEngineRun {
  private let database: TestDatabase
  /// Holds the second engine's temporary tables.
  private let session: Connection
  private let folder: String
  private let scripts: Scripts
  private(set) var nights = 0
  /// Into how many parts the program divides a night.
  var jobs = 1
  /// How many credits both engines agreed on.
  private(set) var credits = 0

  struct Scripts {
    let policyTables, secondEngine, beforeTheNight, differences, brokenInvariants: String
    let toldOtherwise: String

    init() throws {
      func read(_ name: String) throws -> String {
        try text(ofFile: "\(TestServer.packageFolder)/Tests/SecondEngineTests/\(name).sql")
      }
      policyTables = try read("policy-tables")
      secondEngine = try read("second-engine")
      beforeTheNight = try read("before-the-night")
      differences = try read("differences")
      brokenInvariants = try read("broken-invariants")
      toldOtherwise = try read("told-otherwise")
    }
  }

  init() throws {
    database = try TestDatabase(template: try Self.template())
    session = try database.connect()
    folder = try temporaryFolder()
    scripts = try Scripts()
    try session.execute(scripts.policyTables)
  }

  deinit {
    _ = try? runShell("rm -rf '\(folder)'")
  }

  static func template() throws -> String {
    try TestDatabase.template("second engine") { connection in
      let finished = try redress(
        "migrate --with-source-tables", database: connection.database)
      guard finished.status == 0 else { throw CommandFailed(output: finished.output) }
      // The database does not outlive the test.
      try connection.execute(
        "ALTER DATABASE \"\(connection.database)\" SET synchronous_commit = off")
    }
  }

  /// Runs every night with both engines.
  /// - Returns: the first disagreement; `nil` if there is none.
  func disagreement(_ scenario: Scenario) throws -> Disagreement? {
    try startAgain(scenario)
    for (position, night) in scenario.nights.enumerated() {
      try load(night)
      try session.execute(scripts.beforeTheNight)
      try session.execute(scripts.secondEngine)
      var sentences = try runProgram(night)
      if sentences.isEmpty {
        sentences = try session.textRows(scripts.differences).map { row in
          "\(row[0] ?? ""): expected \(row[1] ?? ""), found \(row[2] ?? "")"
        }
        sentences += try session.textRows(scripts.brokenInvariants).map { $0[0] ?? "" }
      }
      if !sentences.isEmpty { return Disagreement(night: position, sentences: sentences) }
      nights += 1
      credits +=
        Int(
          try session.textRows("SELECT count(*) FROM second_entitlement")[0][0] ?? "") ?? 0
    }
    return try rerun(scenario)
  }

  /// Running the last night again must append nothing.
  private func rerun(_ scenario: Scenario) throws -> Disagreement? {
    let count =
      "SELECT (SELECT count(*) FROM redress.credit), (SELECT count(*) FROM redress.invoice_adjustment)"
    let before = try session.textRows(count)
    var sentences = try runProgram(scenario.nights[scenario.nights.count - 1])
    let after = try session.textRows(count)
    if sentences.isEmpty, before != after {
      sentences = ["run twice: rows and lines were \(before[0]) and are \(after[0])"]
    }
    if sentences.isEmpty {
      sentences = try explained(asOf: scenario.nights[scenario.nights.count - 1].asOf)
    }
    return sentences.isEmpty
      ? nil : Disagreement(night: scenario.nights.count - 1, sentences: sentences)
  }

  /// Checks with `verify` and `explain` that replaying the frozen evidence gives what is recorded.
  private func explained(asOf: Int64) throws -> [String] {
    let verified = try redress("verify --format jsonl", database: database.name)
    guard verified.status == 0 else { return ["verify: \(verified.output)"] }
    var sentences: [String] = []
    try session.query(
      "SELECT 1 WHERE ($1::text::jsonb ->> 'recomputed') <> ($1::text::jsonb ->> 'revisions')",
      [.text(verified.output)]
    ) { _ in sentences.append("verify did not work all of it out: \(verified.output)") }
    // Starting the process takes longer than its work. Two customers of each history are enough.
    // Customers of the extremes have thousands of credits, and comparing them takes too long.
    let customers = try session.textRows(
      "SELECT customer_id FROM redress.credit GROUP BY customer_id HAVING count(*) <= 50 ORDER BY count(*) DESC, 1 LIMIT 2"
    )
    for customer in customers.compactMap({ $0[0] }) {
      let told = try redress(
        "explain --customer=\(shellQuoted(customer)) --format json --as-of \(instantText(asOf))",
        database: database.name)
      guard told.status == 0 else { return ["explain \(customer): \(told.output)"] }
      try session.query(scripts.toldOtherwise, [.text(customer), .text(told.output)]) {
        sentences.append(try $0.string(0))
      }
    }
    return sentences
  }

  /// What the program alone leaves of the nights, but times: the rows of each table, and the files.
  func left(by scenario: Scenario) throws -> [String: [String]] {
    try startAgain(scenario)
    for night in scenario.nights {
      try load(night)
      let sentences = try runProgram(night)
      guard sentences.isEmpty else { throw CommandFailed(output: sentences.joined()) }
    }
    var left: [String: [String]] = [:]
    for relation in SecondEngineRun.ledger {
      left[relation] = try session.textRows(
        """
        SELECT (to_jsonb(r) - 'started_at' - 'finished_at')::text FROM redress.\(relation) AS r
        ORDER BY 1
        """
      ).map { $0[0] ?? "" }
    }
    for name in try runShell("ls '\(folder)'").output.split(separator: "\n")
    where name.hasSuffix(".csv") {
      left[String(name)] = [try text(ofFile: "\(folder)/\(name)")]
    }
    return left
  }

  private static let ledger = [
    "run", "credit_revision", "decision", "invoice_line", "finding", "incident_evidence",
    "recorded_month", "carried_forward", "policy_version",
  ]

  private func startAgain(_ scenario: Scenario) throws {
    try session.execute(
      """
      TRUNCATE redress.credit_revision, redress.decision, redress.invoice_line, redress.run,
        redress.policy_version, redress.incident_evidence, redress.finding, redress.run_digest,
        redress.approval,
        redress.recorded_month, redress.carried_forward, redress.visible_run;
      DELETE FROM second_policy; DELETE FROM second_plan; DELETE FROM second_tier;
      DELETE FROM second_exclude; DELETE FROM second_minimum;
      """ + SQLRow.script(RandomPolicy.inserts(scenario.policy)))
    // A run would refuse to overwrite the files of the ledger before.
    _ = try runShell("rm -f '\(folder)'/*-run-*")
    try write(RandomPolicy.yaml(scenario.policy), toFile: "\(folder)/policy.yaml")
  }

  private func load(_ night: Scenario.ReconciliationContext) throws {
    let asOf = SQLRow("second_run", [instantText(night.asOf)])
    try session.execute(
      """
      BEGIN;
      DELETE FROM redress_source.customer; DELETE FROM redress_source.service;
      DELETE FROM redress_source.subscription_term; DELETE FROM redress_source.incident;
      DELETE FROM redress_source.outage; DELETE FROM redress_source.exclusion;
      DELETE FROM redress_source.invoice; DELETE FROM second_run;
      """ + SQLRow.script(night.source.rows + [asOf]) + "COMMIT;")
  }

  private func runProgram(_ night: Scenario.ReconciliationContext) throws -> [String] {
    var arguments =
      "run --quiet --approve-limits --approved-by=tests --reason=first-load --policy '\(folder)/policy.yaml' --output '\(folder)'"
      + " --as-of \(instantText(night.asOf))"
    if jobs > 1 { arguments += " --jobs \(jobs)" }
    if let months = night.months {
      arguments += " --month \(months.last.text) --months \(months.count)"
    }
    let finished = try redress(arguments, database: database.name)
    // Exit code 3 means that there are findings.
    return [0, 3].contains(finished.status)
      ? [] : ["redress ended with \(finished.status): \(finished.output)"]
  }
}

// MARK: The outside

struct CommandFailed: Error {
  let output: String
}

/// Runs the debug build of the program, or the one in `REDRESS_BINARIES`.
func redress(_ arguments: String, database: String) throws -> (status: Int32, output: String) {
  let binaries =
    getenv("REDRESS_BINARIES").map { String(cString: $0) }
    ?? "\(TestServer.packageFolder)/.build/debug"
  return try runShell(
    "PGHOST='\(TestServer.host)' PGPORT=\(TestServer.port) PGUSER='\(TestServer.user)' "
      + "PGDATABASE='\(database)' SWIFT_BACKTRACE=enable=no '\(binaries)/redress' \(arguments) 2>&1"
  )
}

/// Ids can contain any character.
private func shellQuoted(_ word: String) -> String {
  "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    + "'"
}

func runShell(_ command: String) throws -> (status: Int32, output: String) {
  guard let stream = popen(command, "r") else { throw CommandFailed(output: command) }
  let output = bytes(of: stream)
  let status = pclose(stream)
  let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  return (code, String(decoding: output, as: UTF8.self))
}

func text(ofFile path: String) throws -> String {
  guard let stream = fopen(path, "r") else { throw CommandFailed(output: "no file \(path)") }
  defer { fclose(stream) }
  return String(decoding: bytes(of: stream), as: UTF8.self)
}

func write(_ text: String, toFile path: String) throws {
  guard let stream = fopen(path, "w") else { throw CommandFailed(output: "cannot write \(path)") }
  defer { fclose(stream) }
  fputs(text, stream)
}

private func bytes(of stream: UnsafeMutablePointer<FILE>) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&chunk, 1, chunk.count, stream)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}
