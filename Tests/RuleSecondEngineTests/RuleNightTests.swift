import Glibc
import PolicyFiles
import RandomRules
import SeededRandom
import ServiceCredits
import Testing

/// Runs the program by random policies of rules, on random sources that are amended between nights, and compares the
/// ledger with what each month and quarter of each customer comes to by itself.
///
/// `REDRESS_SOAK=N` runs N policies instead of the usual few, `REDRESS_SEED=S` only the one with that seed.
@Suite struct RuleNightTests {
  static let usualCount = 2

  @Test func ledgerHoldsWhatEachPeriodOwes() throws {
    let places = try RuleSecondEngine().places
    let run = try RuleNightRun()
    let soak = getenv("REDRESS_SOAK").flatMap { Int(String(cString: $0)) }
    let count = getenv("REDRESS_SEED") == nil ? soak ?? Self.usualCount : 1
    for _ in 0..<count {
      let seed = SeededGenerator.newSeed()
      var generator = RuleStoryGenerator(seed: seed)
      let history = generator.history(in: places) { $0.isReadable }
      guard let found = try run.difference(history) else { continue }
      try Self.report(history, "REDRESS_SEED=\(seed)", found, run)
      return
    }
    print(
      "nights of rules: \(run.nights) nights, \(run.credits) credits agree, \(run.held) customers held"
    )
    #expect(run.credits > 0, "the sources earn nothing, so nothing was compared")
  }

  private static func report(
    _ history: RuleHistory, _ name: String, _ found: (night: Int, sentences: [String]),
    _ run: RuleNightRun
  ) throws {
    let end = ContinuousClock.now + .seconds(60)
    let small = history.shrunk { candidate in
      ContinuousClock.now < end && candidate.policy.isReadable
        && ((try? run.difference(candidate)) ?? nil) != nil
    }
    let last = try run.difference(small) ?? found
    Issue.record(
      """
      \(name), night \(last.night):
      \(last.sentences.prefix(10).joined(separator: "\n"))

      \(small.text)
      """)
  }
}

extension RuleStory {
  /// Whether a policy file can say the rules.
  var isReadable: Bool {
    let text = PolicyFile.canonicalText(of: version)
    return (try? PolicyFile.parse(bytes: Array(text.utf8), name: "policy.yaml")) != nil
  }
}
