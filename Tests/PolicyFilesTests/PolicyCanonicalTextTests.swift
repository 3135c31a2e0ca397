import Foundation
import ResponseProcedures
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

@Suite struct PolicyCanonicalTextTests {
  @Test func textIsWholeAndPlain() throws {
    let version = try PolicySamples.version(
      with: """
        plans:
          zinc: {cap: 12.5%}
          "a \\"b\\"\\n": {tiers: none, cap: 1%}
        minimum: {USD: 1.5, JPY: 100, EUR: 0}
        limits: {share_of_monthly_fees: none, taken_back: {USD: 10}}
        exclude: [{kind: customer_fault}, {kind: scheduled_maintenance, announced: 90m}]
        """)
    #expect(
      PolicyFile.canonicalText(of: version) == #"""
        versions:
          - version: "v"
            effective_from: 2025-01-01
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: 10%}
            cap: 100%
            overlap: count_once
            rounding: half_up
            exclude:
              - {kind: scheduled_maintenance, announced: 1h30m}
              - {kind: customer_fault}
            minimum: {JPY: 100, USD: 1.50}
            plans:
              "a \"b\"\n":
                tiers: []
                cap: 1%
              "zinc":
                tiers:
                  - {severity: P0, longer_than: 1h, credit: 10%}
                cap: 12.5%
            limits:
              share_of_monthly_fees: none
              granted: {}
              taken_back: {USD: 10}

        """#)
  }

  @Test func aMinimumOfTheBaseIsReadAgain() throws {
    let version = try PolicySamples.version(with: "minimum: 2.50%")
    #expect(version.minimum == MinimumCredit(share: try Fraction(1, over: 40)))
    let text = PolicyFile.canonicalText(of: version)
    #expect(text.contains("\n    minimum: 2.5%\n"), "\(text)")
    #expect(try PolicyFile.version(canonicalText: Array(text.utf8), name: "text") == version)
  }

  @Test func equalMeaningIsEqualText() throws {
    let one = try PolicySamples.version(
      with: """
        exclude: [{kind: customer_fault}, {kind: force_majeure, announced: 60m}]
        plans:
          a: {tiers: [{severity: P0, longer_than: 90m, credit: 5%}, {severity: P1, longer_than: 1d, credit: 1%}]}
          b: {cap: 100%}
        minimum: {USD: 1}
        """)
    let other = try PolicySamples.version(
      with: """
        minimum: {"USD": 1.00, EUR: 0.00}
        plans:
          a: {cap: 100.00%, tiers: [{credit: 1.0%, severity: P1, longer_than: P1D}, {severity: P0, longer_than: PT1H30M, credit: 5%}]}
        exclude: [{announced: 1h, kind: force_majeure}, {kind: 'customer_fault'}]
        cap: 100%
        """)
    #expect(one == other)
    #expect(PolicyFile.canonicalText(of: one) == PolicyFile.canonicalText(of: other))
  }

  @Test func readingBackGivesTheSameVersion() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let version = PolicyVersion.random(using: &random)
      let text = PolicyFile.canonicalText(of: version)
      let read = try PolicyFile.version(canonicalText: Array(text.utf8), name: "seed \(seed)")
      #expect(read == version, "seed \(seed)")
      #expect(PolicyFile.canonicalText(of: read).utf8.elementsEqual(text.utf8), "seed \(seed)")
    }
  }

  @Test func severalVersionsAreNotOne() throws {
    let text = """
      versions:
        - {version: a, effective_from: 2025-01-01, time_zone: UTC, tiers: []}
        - {version: b, effective_from: 2026-01-01, time_zone: UTC, tiers: []}
      """
    let error = #expect(throws: PolicyErrors.self) {
      try PolicyFile.version(canonicalText: Array(text.utf8), name: "redress.policy_version")
    }
    #expect(error?.errors.map(\.error) == [.rule(.severalVersions(2))])
  }
}
