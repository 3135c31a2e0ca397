import PolicyFiles
import Postgres
import RandomRules
import ServiceCredits
import TestSupport

/// Runs random histories through the program, one after the other in one database, and compares what it writes to the
/// ledger with what each period comes to by itself.
final class RuleNightRun {
  private let database: TestDatabase
  private let session: Connection
  private let folder: String
  private(set) var nights = 0
  /// How many credits agreed.
  private(set) var credits = 0
  /// How many customers had a held incident on record.
  private(set) var held = 0

  init() throws {
    let template = try TestDatabase.template("nights of rules") { connection in
      try RuleNightRun.redress("migrate --with-source-tables", connection.database, [0])
      // The database does not outlive the test.
      try connection.execute(
        """
        ALTER TABLE redress_source.outage ADD COLUMN share numeric;
        ALTER DATABASE \"\(connection.database)\" SET synchronous_commit = off
        """)
    }
    database = try TestDatabase(template: template)
    session = try database.connect()
    folder = try temporaryFolder("nights")
  }

  deinit {
    _ = try? sh("rm -rf '\(folder)'")
  }

  // MARK: One history

  /// - Returns: the first night's differences; `nil` if there are none.
  func difference(_ history: RuleHistory) throws -> (night: Int, sentences: [String])? {
    try startAgain(history)
    var before: Recorded = [:]
    for (number, night) in history.nights.enumerated() {
      try load(history, night)
      try runProgram(night)
      let after = try recorded()
      let sentences = history.customers.flatMap { customer in
        differences(history, night, customer, before, after)
      }
      guard sentences.isEmpty else { return (number, sentences) }
      nights += 1
      before = after
    }
    let rows = try count()
    let last = history.nights.count - 1
    try runProgram(history.nights[last])
    guard try count() == rows else { return (last, ["the same night again appends rows"]) }
    try Self.redress("verify", database.name, [0])
    return nil
  }

  private func count() throws -> [[String?]] {
    try session.textRows("SELECT count(*) FROM redress.credit")
  }

  // MARK: Comparing

  private typealias Recorded = [Int: [RuleDues.Key: Int64]]

  /// What each customer has on record, in minor units, other than zero.
  private func recorded() throws -> Recorded {
    var recorded: Recorded = [:]
    for row in try session.textRows(
      """
      SELECT customer_id, incident_id, extract(year FROM billing_month)::integer,
        extract(month FROM billing_month)::integer, sum(amount_minor)
      FROM redress.entitlement GROUP BY 1, 2, 3, 4 HAVING sum(amount_minor) <> 0
      """)
    {
      let numbers = row.enumerated().map { position, text in
        Int64((text ?? "").drop { position < 2 && !$0.isNumber }) ?? 0
      }
      let month = BillingMonth(year: Int(numbers[2]), month: Int(numbers[3]))
      let key = RuleDues.Key(incident: Int(numbers[1]), month: month)
      recorded[Int(numbers[0]), default: [:]][key] = numbers[4]
    }
    return recorded
  }

  private func differences(
    _ history: RuleHistory, _ night: RuleHistory.Night, _ customer: RuleHistory.Customer,
    _ before: Recorded, _ after: Recorded
  ) -> [String] {
    let found = after[customer.number] ?? [:]
    let open = Set(night.incidents.filter { $0.status == .open }.map(\.number))
    let kept = (before[customer.number] ?? [:]).filter { open.contains($0.key.incident) }
    let rest = found.filter { !open.contains($0.key.incident) }
    var sentences: [String] = []
    if found.filter({ open.contains($0.key.incident) }) != kept {
      sentences.append("customer \(customer.number): what is held was \(kept) and is now changed")
    }
    if found.values.contains(where: { $0 < 0 }) {
      sentences.append("customer \(customer.number): an amount is negative")
    }
    guard let dues = try? history.dues(of: customer, by: night) else {
      return sentences
    }
    if kept.isEmpty {
      return sentences + compared(customer, dues.amounts, rest)
    }
    held += 1
    // The recorded instant decides on the fee as well, so that there must be one.
    guard customer.fees.count == 1 else { return sentences }
    guard let per = history.set(of: customer).onlyPeriod else {
      let sum = rest.values.reduce(0, +)
      if sum > dues.minor {
        sentences.append(
          "customer \(customer.number): \(sum) beside what is held, and \(dues.minor) without it")
      }
      return sentences
    }
    var taken: [BillingMonth: Int64] = [:]
    for (key, minor) in kept {
      taken[per == .month ? key.month : key.month.firstOfQuarter, default: 0] += minor
    }
    guard let left = try? history.dues(of: customer, by: night, held: taken) else {
      return sentences
    }
    return sentences + compared(customer, left.amounts, rest)
  }

  private func compared(
    _ customer: RuleHistory.Customer, _ expected: [RuleDues.Key: Int64],
    _ found: [RuleDues.Key: Int64]
  ) -> [String] {
    credits += expected.count
    return Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }
      .map { key in
        "customer \(customer.number), incident \(key.incident), \(key.month.words): "
          + "expected \(expected[key] ?? 0), found \(found[key] ?? 0)"
      }.sorted()
  }

  // MARK: The database and the program

  /// As the places have them.
  private static let holidays = """
        procedures:
          holidays: [2026-01-01, 2026-05-01, 2026-05-25, 2026-12-25]

    """

  private func startAgain(_ history: RuleHistory) throws {
    try session.execute(
      """
      TRUNCATE redress.credit_revision, redress.decision, redress.invoice_line, redress.run,
        redress.policy_version, redress.incident_evidence, redress.finding, redress.run_digest,
        redress.approval,
        redress.recorded_month, redress.carried_forward, redress.visible_run
      """)
    // A run would refuse to overwrite the files of the ledger before.
    try sh("rm -f '\(folder)'/*-run-*")
    try sh(
      "cat > '\(folder)/policy.yaml' <<'END'\n"
        + PolicyFile.canonicalText(of: history.policy.version) + Self.holidays + "END")
  }

  private func load(_ history: RuleHistory, _ night: RuleHistory.Night) throws {
    try session.execute(RuleNightRows(history, night).script)
  }

  private func runProgram(_ night: RuleHistory.Night) throws {
    // All months of the year that have begun anywhere.
    let last = Instant(microseconds: night.asOf.microseconds + RuleTime.day).text.prefix(7)
    try Self.redress(
      "run --quiet --approve-limits --approved-by=tests --reason=first-load --policy '\(folder)/policy.yaml' --output '\(folder)'"
        + " --as-of \(night.asOf.text) --month \(last) --months 14", database.name, [0, 3])
  }

  /// Runs the debug build of the program.
  /// - Parameter codes: the exit codes that are no failure; 3 means that there are findings.
  private static func redress(_ arguments: String, _ database: String, _ codes: [Int]) throws {
    let pattern = codes.map { "\($0)" }.joined(separator: "|")
    try sh(
      "PGHOST='\(TestServer.host)' PGPORT=\(TestServer.port) PGUSER='\(TestServer.user)' "
        + "PGDATABASE='\(database)' SWIFT_BACKTRACE=enable=no "
        + "'\(TestServer.packageFolder)/.build/debug/redress' \(arguments); "
        + "code=$?; case $code in \(pattern)) ;; *) echo \"exit code $code\"; exit 1;; esac")
  }
}

extension RuleSet {
  /// The kind of period that all rules measure; `nil` where some look at single outages, or there are two kinds.
  fileprivate var onlyPeriod: Rule.Per? {
    guard rules.allSatisfy({ $0.of != .outage }), Set(rules.map(\.per)).count == 1 else {
      return nil
    }
    return rules[0].per
  }
}
