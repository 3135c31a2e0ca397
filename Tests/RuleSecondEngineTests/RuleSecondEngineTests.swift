import Glibc
import Postgres
import RandomRules
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

/// Compares the Swift engine of rules with a second one in SQL, on random rules and incidents.
///
/// `REDRESS_SOAK=N` compares N times 100 stories instead of the usual ones, `REDRESS_SEED=S` only those of that seed.
@Suite struct RuleSecondEngineTests {
  static let usualStories = 200

  @Test func agreesToTheLastUnit() throws {
    let engine = try RuleSecondEngine()
    let soak = getenv("REDRESS_SOAK").flatMap { Int(String(cString: $0)) }
    let rounds = getenv("REDRESS_SEED") == nil ? soak ?? 1 : 1
    var compared = (stories: 0, paid: 0)
    for _ in 0..<rounds {
      let seed = SeededGenerator.newSeed()
      var generator = RuleStoryGenerator(seed: seed)
      let stories = (0..<(soak == nil ? Self.usualStories : 100)).map { _ in
        generator.story(in: engine.places)
      }
      let expected = try engine.parts(stories)
      let differing = zip(stories, expected).enumerated().filter { $1.0.differs(from: $1.1) }
      for (number, (story, _)) in differing.prefix(3) {
        try Self.report(story, "REDRESS_SEED=\(seed), story \(number)", engine)
      }
      guard differing.isEmpty else { return }
      compared.stories += stories.count
      compared.paid += expected.filter { $0.contains { $0 > 0 } }.count
    }
    print("second engine of rules: \(compared.stories) stories agree, \(compared.paid) pay")
    #expect(compared.paid > 0, "nothing is paid, so nothing was compared")
  }

  private static func report(
    _ story: RuleStory, _ name: String, _ engine: RuleSecondEngine
  ) throws {
    let end = ContinuousClock.now + .seconds(60)
    let small = story.shrunk { candidate in
      guard ContinuousClock.now < end,
        let parts = try? engine.parts([candidate])
      else { return false }
      return candidate.differs(from: parts[0])
    }
    let found = (try? small.parts()).map { "\($0)" } ?? "a number that does not fit"
    Issue.record(
      """
      \(name): expected \(try engine.parts([small])[0]), found \(found)
      \(small.text)
      """)
  }
}

extension RuleStory {
  /// Whether the Swift engine gives something else.
  fileprivate func differs(from expected: [Int64]) -> Bool {
    guard let parts = try? parts() else { return !mayNotFit }
    return parts != expected
  }
}

/// The text of a file of the package.
func textFile(_ path: String) throws -> String {
  guard let stream = fopen(path, "r") else { throw FileMissing(path: path) }
  defer { fclose(stream) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&chunk, 1, chunk.count, stream)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

struct FileMissing: Error {
  let path: String
}
