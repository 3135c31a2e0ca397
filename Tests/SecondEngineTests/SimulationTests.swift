import Glibc
import Postgres
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

/// Compares `redress simulate` with dry runs of the same policies, on random sources and pairs of
/// policies.
///
/// A dry run makes rows and files, so its amounts come from other code than those of the
/// simulation.
@Suite struct SimulationTests {
  static let usualCount = 8

  @Test func eachSideIsWhatADryRunGrants() throws {
    let count = getenv("REDRESS_SOAK").flatMap { Int(String(cString: $0)) } ?? Self.usualCount
    let one = getenv("REDRESS_SEED").flatMap { UInt64(String(cString: $0)) }
    let laboratory = try SimulationLaboratory()
    for _ in 0..<(one == nil ? count : 1) {
      let seed = one ?? SeededGenerator.newSeed()
      let sentences = try laboratory.differences(seed: seed)
      #expect(sentences.isEmpty, "REDRESS_SEED=\(seed): \(sentences.joined(separator: "\n"))")
      if !sentences.isEmpty { return }
    }
    print("simulation: \(laboratory.sums) sums agree, \(laboratory.changed) of them changed")
    #expect(laboratory.changed > 0, "no policy changed anything, so nothing was compared")
  }
}

private final class SimulationLaboratory {
  private let database: TestDatabase
  private let session: Connection
  private let folder: String
  private(set) var sums = 0
  private(set) var changed = 0

  init() throws {
    database = try TestDatabase(template: try SecondEngineRun.template())
    session = try database.connect()
    folder = try temporaryFolder("simulation")
  }

  deinit {
    _ = try? runShell("rm -rf '\(folder)'")
  }

  /// Month, currency, tier and plan, with credits and minor units.
  private typealias Sums = [String: [Int64]]

  func differences(seed: UInt64) throws -> [String] {
    var generator = ScenarioGenerator(seed: seed)
    let scenario = generator.scenario()
    let other = RandomPolicy.draw(asOf: scenario.nights[0].asOf, from: &generator)
    try write(RandomPolicy.yaml(scenario.policy), toFile: "\(folder)/today.yaml")
    try write(RandomPolicy.yaml(other), toFile: "\(folder)/new.yaml")
    try session.execute(
      """
      TRUNCATE redress.credit_revision, redress.decision, redress.invoice_line, redress.run,
        redress.policy_version, redress.incident_evidence, redress.finding, redress.run_digest,
        redress.approval,
        redress.recorded_month, redress.carried_forward, redress.visible_run
      """)
    // The next run has number 1 again and would refuse to overwrite the files of another ledger.
    _ = try runShell("rm -f '\(folder)'/*-run-*")
    let night = scenario.nights[0]
    try load(night.source)
    let when = options(night)
    var sentences: [String] = []

    let compared = try simulate("new.yaml", when)
    for (position, file) in ["today.yaml", "new.yaml"].enumerated() {
      let wanted = try dryRun(file, when)
      let found = compared.cells.mapValues { Array($0[(2 * position)..<(2 * position + 2)]) }
        .filter { $0.value[0] != 0 }
      for key in Set(wanted.keys).union(found.keys) where wanted[key] != found[key] {
        sentences.append(
          "\(file), \(key): a dry run has \(wanted[key] ?? []), not \(found[key] ?? [])")
      }
      sums += wanted.count
    }
    changed += compared.cells.values.count { $0[0...1] != $0[2...3] }

    // The same policy on both sides, on a ledger of a run with this policy, and after amendments
    // that hold incidents.
    _ = try run(
      "run --quiet --approve-limits --approved-by=tests --reason=first-load --policy '\(folder)/today.yaml' \(when)"
    )
    let same = try simulate("today.yaml", when)
    sentences += unequal(same.cells)
    for (key, total) in same.totals where total[0] != total[2] {
      sentences.append("\(key): \(total[0]) is recorded, today's policy comes to \(total[2])")
    }
    let last = scenario.nights[scenario.nights.count - 1]
    try load(last.source)
    sentences += unequal(try simulate("today.yaml", options(last)).cells)
    return sentences
  }

  private func unequal(_ cells: Sums) -> [String] {
    cells.filter { $0.value[0...1] != $0.value[2...3] }.map {
      "the same policy, \($0.key): \($0.value)"
    }
  }

  private func options(_ night: Scenario.ReconciliationContext) -> String {
    let own = BillingMonth(daysSinceUnixEpoch: Int32(night.asOf / day))
    let months = night.months ?? (own, 3)
    return
      "--as-of \(Instant(microseconds: night.asOf).text) --month \(months.last.text) --months \(months.count)"
  }

  private func load(_ source: Source) throws {
    let relations = [
      "customer", "service", "subscription_term", "incident", "outage", "exclusion", "invoice",
    ]
    try session.execute(
      "BEGIN;" + relations.map { "DELETE FROM redress_source.\($0);" }.joined()
        + SQLRow.script(source.rows) + "COMMIT;")
  }

  private func run(_ arguments: String) throws -> String {
    let output = arguments.hasPrefix("run") ? " --output '\(folder)'" : ""
    let finished = try redress(arguments + output, database: database.name)
    guard [0, 3].contains(finished.status) else { throw CommandFailed(output: finished.output) }
    return finished.output
  }

  /// What a dry run would grant; nothing may be recorded yet.
  private func dryRun(_ policy: String, _ when: String) throws -> Sums {
    _ = try runShell("rm -f '\(folder)'/credits-dry-run-*")
    _ = try run(
      "run --quiet --dry-run --approve-limits --approved-by=tests --reason=first-load --policy '\(folder)/\(policy)' \(when)"
    )
    var sums: Sums = [:]
    let content = try runShell("cat '\(folder)'/credits-dry-run-*.csv").output
    for line in try table(content) {
      let tier = line["tier"]!.split(separator: ":")[0]
      let key = [line["billing_month"]!, line["currency"]!, String(tier), line["plan"]!]
        .joined(separator: " | ")
      let sum = sums[key] ?? [0, 0]
      sums[key] = [sum[0] + 1, sum[1] + Int64(line["amount_minor"]!)!]
    }
    return sums
  }

  private func simulate(_ policy: String, _ when: String) throws -> (cells: Sums, totals: Sums) {
    let output = try run(
      "simulate --policy '\(folder)/\(policy)' --against '\(folder)/today.yaml' --by-dates --format csv \(when)"
    )
    var (cells, totals): (Sums, Sums) = ([:], [:])
    for line in try table(output) {
      // All decimals of a currency are always there.
      func minor(_ column: String) -> Int64 { Int64(line[column]!.filter { $0 != "." }) ?? 0 }
      let sums = [minor("today_credits"), minor("today"), minor("new_credits"), minor("new")]
      let place = [line["billing_month"]!, line["currency"]!, line["tier"]!, line["plan"]!]
      switch line["row"] {
      case "tier_and_plan": cells[place.joined(separator: " | ")] = sums
      case "total": totals[place.joined(separator: " | ")] = [minor("recorded")] + sums
      default: break
      }
    }
    return (cells, totals)
  }

  private func table(_ csv: String) throws -> [[String: String]] {
    guard let rows = CSVReading.rows(Array(csv.utf8)), let header = rows.first else {
      throw CommandFailed(output: csv)
    }
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    return rows.dropFirst().map { row in
      Dictionary(uniqueKeysWithValues: zip(names, row.map { String(decoding: $0, as: UTF8.self) }))
    }
  }
}
