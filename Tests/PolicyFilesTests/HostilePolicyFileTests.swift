import Foundation
import ResponseProcedures
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

@Suite struct HostilePolicyFileTests {
  /// Nine levels of nine aliases each would be 400 million values.
  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func aliasBombIsRefused(asKey: Bool) throws {
    var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for (letter, last) in zip("bcdefghi", "abcdefgh") {
      let aliases = [String](repeating: "*\(last)", count: 9).joined(separator: ",")
      text += "\(letter): &\(letter) [\(aliases)]\n"
    }
    text += asKey ? "? *i\n: 1\n" : "versions: *i\n"
    let error = #expect(throws: PolicyErrors.self) { try PolicySamples.policy(text) }
    #expect((error?.errors.count ?? 0) < 200)
    #expect(error?.errors.contains { $0.error == .file(.alias("i")) } == true)
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "[", "{", "- ", "? ", "a: {", "[a, ", "{a: ", "x", "x ", "x\n", "\"", "'", "# ", "\n", "a:\n",
      "- {severity: P0}\n", "*a ", "&a ", "! ", "- |\n ", "versions: [", "\u{1F600}", "\u{7}",
      "- &a b\n", "- !a b\n",
      "- *a\n", "x: y\n", "? [a]\n",
    ])
  func oneMebibyteOfAnythingIsRefusedInTime(piece: String) throws {
    let count = PolicyText.longestBytes / piece.utf8.count
    let text = String(repeating: piece, count: count)
    let error = #expect(throws: PolicyErrors.self) { try PolicySamples.policy(text) }
    #expect((error?.errors.count ?? 0) <= PolicyErrorList.mostKept)
    #expect((error?.description.utf8.count ?? 0) < 1_000_000)
  }

  @Test(.timeLimit(.minutes(1)))
  func oneMebibyteOfTiersIsRead() throws {
    var text = """
      versions:
        - version: v
          effective_from: 2025-01-01
          time_zone: UTC
          tiers:

      """
    var tiers = 0
    while text.utf8.count < PolicyText.longestBytes - 80, tiers < 10_000 {
      tiers += 1
      let percent = BasisPoints(Int32(tiers)).percentText
      text += "      - {severity: P0, longer_than: \(tiers)s, credit: \(percent)%}\n"
    }
    let read = try #require(try PolicySamples.policy(text).versions.first)
    guard case .tiers(let list) = read.terms.rule else { return }
    #expect(list.count == tiers)
  }

  @Test(.timeLimit(.minutes(1)), arguments: [1, 10_000])
  func oneMebibyteOfRulesIsRead(stepsEach: Int) throws {
    var text = """
      versions:
        - version: v
          effective_from: 2025-01-01
          time_zone: UTC
          cap: none
          rules:

      """
    var rules = 0
    while text.utf8.count < PolicyText.longestBytes - 1_000_000 / 10_000 * stepsEach {
      rules += 1
      let steps = (1...stepsEach).map { "{longer_than: \($0)s, credit: \($0)%}" }
      text += "      - {kind: steps, of: outage, steps: [\(steps.joined(separator: ","))]}\n"
    }
    let read = try #require(try PolicySamples.policy(text).versions.first)
    guard case .rules(let set) = read.terms.rule else { return }
    #expect(set.rules.count == rules && rules > 0)
  }

  @Test func longestFileIsReadAndOneByteMoreIsNot() throws {
    let text = PolicyFile.builtInText
    let padding = String(repeating: "#", count: PolicyText.longestBytes - text.utf8.count)
    #expect(try PolicySamples.policy(text + padding) == PolicyFile.builtIn)
    let error = #expect(throws: PolicyErrors.self) {
      try PolicySamples.policy(text + padding + "#")
    }
    #expect(
      error?.description == """
        policy.yaml: the file is longer than 1048576 bytes, the most that a policy file may have.
        Check that this is the policy file; leave out versions that no incident needs any more.
        """)
  }

  /// Any damaged file is read or refused, and errors have a place inside the file.
  @Test func damagedFilesAreReadOrRefused() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let whole = Array(PolicyFile.builtInText.utf8).filter { $0 != UInt8(ascii: "#") }
    let letters = Array("{}[]:,-&*!|>'\"%@`#\n\t \\0123456789PThms?~\u{FEFF}é".utf8)
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: position)
        case 1: bytes[position] = letters.randomElement(using: &random) ?? 0
        case 2: bytes.insert(letters.randomElement(using: &random) ?? 0, at: position)
        default: bytes.removeSubrange(position..<min(bytes.count, position + 40))
        }
      }
      do throws(PolicyErrors) {
        _ = try PolicyFile.parse(bytes: bytes, name: "policy.yaml")
      } catch {
        let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 2
        #expect(error.errors.allSatisfy { (1...lines).contains($0.place.line) }, "seed \(seed)")
      }
    }
  }
}
