import Glibc
import SeededRandom
import Testing

/// On random sources that change between nights, a run in parts leaves what one process leaves.
///
/// `REDRESS_SOAK=N` compares N scenarios instead of the usual few, `REDRESS_SEED=S` only the one
/// with that seed.
@Suite struct PartsTests {
  private static let usualCount = 8

  /// Every second scenario of the comparison with the second engine is calculated in one part.
  static func jobs(seed: UInt64) -> Int { [1, 2, 1, 3, 1, 7][Int(seed % 6)] }

  @Test func anyNumberOfPartsLeavesTheSame() throws {
    let run = try SecondEngineRun()
    for seed in PartsTests.seeds {
      var generator = ScenarioGenerator(seed: seed)
      let scenario = generator.scenario()
      run.jobs = 1
      let whole = try run.left(by: scenario)
      run.jobs = [2, 3, 7][Int(seed % 3)]
      let parts = try run.left(by: scenario)
      #expect(whole.keys.sorted() == parts.keys.sorted(), "REDRESS_SEED=\(seed)")
      for name in whole.keys.sorted() {
        #expect(whole[name] == parts[name], "REDRESS_SEED=\(seed), \(run.jobs) jobs: \(name)")
      }
    }
  }

  private static var seeds: [UInt64] {
    if let text = getenv("REDRESS_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
    let count = getenv("REDRESS_SOAK").flatMap { Int(String(cString: $0)) } ?? usualCount
    return (0..<count).map { _ in SeededGenerator.newSeed() }
  }
}
