import CreditRun
import Glibc
import Properties
import TestSupport
import Testing

@testable import PolicyFiles

/// The fuzzers' properties on seeded mutations: a fixed number of them, so that the ordinary run
/// stays short.
struct PropertyTests {
  private static let seed =
    getenv("REDRESS_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_261_102
  private static let count = getenv("REDRESS_SOAK") == nil ? 1 : 100

  private func check(
    _ times: Int, _ seeds: [[UInt8]], _ words: [String], _ property: ([UInt8]) -> String?
  ) {
    var inputs = Mutations(seed: PropertyTests.seed, of: seeds, words: words)
    for number in 0..<times * PropertyTests.count {
      let input = inputs.next()
      if let failure = property(input) {
        Issue.record(
          "seed \(PropertyTests.seed), input \(number): \(failure)\n\(String(decoding: input, as: UTF8.self).debugDescription)"
        )
        return
      }
    }
  }

  @Test func policyReader() throws {
    let folder = "\(TestServer.packageFolder)/fixtures"
    var seeds = [Array(PolicyFile.builtInText.utf8)]
    for path in try sh("ls '\(folder)'/*/*.yaml").split(separator: "\n") {
      seeds.append(Array(try sh("cat '\(path)'").utf8))
    }
    check(2_000, seeds, Corpus.policyWords, Properties.policy)
  }

  @Test func copyRows() {
    check(30_000, Corpus.copyRows, ["\u{0}\u{0}", "PGCOPY\n"], Properties.copyRows)
  }

  @Test func csv() {
    check(10_000, Corpus.csv, ["\"", ",", "\r\n", "\u{0}", "=", "\u{FF0B}"], Properties.csv)
  }
}
