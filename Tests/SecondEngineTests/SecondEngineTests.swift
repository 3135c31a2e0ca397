import Glibc
import Postgres
import SeededRandom
import TestSupport
import Testing

/// Compares the program with a second implementation of the rules in SQL (`second-engine.sql`), on
/// random sources that change between nights.
///
/// `REDRESS_SOAK=N` runs N scenarios of up to ten small sources each instead of the usual few,
/// `REDRESS_SEED=S` only the one with that seed.
@Suite struct SecondEngineTests {
  static let workers = 2
  static let usualCount = 48

  @Test(.enabled(if: SecondEngineTests.isPossible), arguments: 0..<workers)
  func agreesToTheLastUnit(worker: Int) throws {
    let seeds = Self.seeds(worker: worker)
    guard !seeds.isEmpty else { return }
    let run = try SecondEngineRun()
    for seed in seeds {
      var generator = ScenarioGenerator(seed: seed)
      let scenario = generator.scenario()
      run.jobs = PartsTests.jobs(seed: seed)
      guard let found = try run.disagreement(scenario) else { continue }
      let small = scenario.shrunk(seconds: 60) { candidate in
        ((try? run.disagreement(candidate)) ?? nil) != nil
      }
      let last = try run.disagreement(small) ?? found
      Issue.record(
        """
        REDRESS_SEED=\(seed), night \(last.night):
        \(last.sentences.prefix(10).joined(separator: "\n"))

        \(small.text)
        """)
      return
    }
    print("second engine: \(run.nights) nights, \(run.credits) credits agree")
    #expect(run.credits > 0, "the sources earn nothing, so nothing was compared: \(seeds)")
  }

  private static func seeds(worker: Int) -> [UInt64] {
    if let text = getenv("REDRESS_SEED"), let seed = UInt64(String(cString: text)) {
      return worker == 0 ? [seed] : []
    }
    let count = getenv("REDRESS_SOAK").flatMap { Int(String(cString: $0)) } ?? usualCount
    return (0..<count).filter { $0 % workers == worker }.map { _ in SeededGenerator.newSeed() }
  }

  /// The second engine needs multiranges of PostgreSQL 14; the program does not.
  static var isPossible: Bool {
    guard let database = try? TestDatabase(), let connection = try? database.connect() else {
      return true
    }
    return connection.serverVersion >= 140_000
  }
}
