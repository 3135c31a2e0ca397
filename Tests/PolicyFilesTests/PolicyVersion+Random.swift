import Foundation
import ResponseProcedures
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

extension PolicyVersion {
  /// Any version that a file can contain, with unusual names.
  static func random(using random: inout SeededGenerator) -> PolicyVersion {
    let names = [
      "gold", "2024", "010", "1:30", "yes", "null", "~", "", " gold ", "a: b", "#", "\"", "\\", "'",
      "- x", "{", "é", "\u{1F600}", "a\nb", "\t", "\u{7F}", "\u{85}", "\u{A0}", "\u{200B}",
      "\u{202E}",
      "\u{2028}", "\u{FEFF}", "\u{E0001}", "*a", "&a", "!a", "%", "@", "`", "?", "|", ">", "x,y",
      "[",
      String(repeating: "long ", count: 300), String(repeating: "\u{E0001}", count: 300),
    ].filter { !$0.isEmpty }
    var plans: [String: PlanRules] = [:]
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      plans[names.randomElement(using: &random) ?? "gold"] = PlanRules.random(using: &random)
    }
    let terms = PlanRules.random(using: &random)
    let period = PolicyDecoder.period(of: terms, plans)
    let year = Int.random(in: 1...9999, using: &random)
    // Rules of a quarter begin with one, and rules of a month too.
    let month =
      period == .quarter
      ? Int.random(in: 0...3, using: &random) * 3 + 1 : Int.random(in: 1...12, using: &random)
    let day = period == nil ? Int.random(in: 1...28, using: &random) : 1
    guard let date = CalendarDate(year: year, month: month, day: day) else {
      preconditionFailure("every month has 28 days")
    }
    return PolicyVersion(
      name: ["v", "2025", "a \"b\"", "é", "1.0", "# no comment", "\u{1F600}"]
        .randomElement(using: &random) ?? "v",
      effectiveFrom: date,
      timeZone: ["UTC", "Etc/GMT+5", "Europe/Berlin"].randomElement(using: &random) ?? "UTC",
      terms: terms, plans: plans,
      overlap: OverlapRule.allCases.randomElement(using: &random) ?? .countOnce,
      rounding: RoundingRule.allCases.randomElement(using: &random) ?? .halfUp,
      exclusions: ExclusionKind.allCases.shuffled(using: &random)
        .prefix(Int.random(in: 0...3, using: &random)).map { kind in
          let announced = Int64.random(in: 0...PolicySamples.hour * 100, using: &random)
          return ExclusionRule(
            kind: kind, announcedMicroseconds: Bool.random(using: &random) ? announced : nil)
        },
      minimum: minimum(using: &random),
      claim: Bool.random(using: &random)
        ? ClaimRule(
          withinDays: Int.random(in: 1...400, using: &random),
          after: ClaimRule.Beginning.allCases.randomElement(using: &random) ?? .month) : nil,
      overcredited: OvercreditedRule.allCases.randomElement(using: &random) ?? .report,
      balance: BalanceSystem.allCases.randomElement(using: &random).flatMap {
        Bool.random(using: &random) ? $0 : nil
      },
      limits: RunLimits(
        shareOfMonthlyFees: Bool.random(using: &random)
          ? BasisPoints(Int32.random(in: 1...100_000, using: &random)) : nil,
        granted: amounts(using: &random), takenBack: amounts(using: &random),
        floor: amounts(using: &random), twoPersons: Bool.random(using: &random)),
      lateCorrections: LateCorrections.allCases.randomElement(using: &random) ?? .report,
      rewrittenPast: RewrittenPast.allCases.randomElement(using: &random) ?? .report)
  }

  /// Amounts, or a share of at most 100 %: a file says one of them.
  private static func minimum(using random: inout SeededGenerator) -> MinimumCredit {
    guard Bool.random(using: &random) else {
      return MinimumCredit(amounts: amounts(using: &random))
    }
    let thousandths = Int128(Int64.random(in: 0...1000, using: &random))
    return MinimumCredit(share: try? Fraction(thousandths, over: 1000))
  }

  static func amounts(using random: inout SeededGenerator) -> [Currency: Int64] {
    var amounts: [Currency: Int64] = [:]
    for code in ["USD", "JPY", "KWD", "CLF", "EUR"] where Bool.random(using: &random) {
      guard let currency = Currency(code) else { continue }
      let bounds: [Int64] = [10, 10_000, .max]
      let largest = bounds.randomElement(using: &random) ?? 10
      amounts[currency] = Int64.random(in: 0...largest, using: &random)
    }
    return amounts
  }
}

extension PlanRules {
  static func random(using random: inout SeededGenerator) -> PlanRules {
    if Bool.random(using: &random) { return PlanRules(RuleSet.random(using: &random)) }
    var tiers: [CreditTier] = []
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      let bounds: [Int64] = [10, PolicySamples.hour, 24 * PolicySamples.hour, .max - 1]
      let longest = bounds.randomElement(using: &random) ?? PolicySamples.hour
      let new = PolicySamples.tier(
        Severity.allCases.randomElement(using: &random) ?? .p0,
        Int64.random(in: 0...longest, using: &random), Int32.random(in: 1...10_000, using: &random))
      if CreditTier.conflicts(in: tiers + [new]).isEmpty { tiers.append(new) }
    }
    return PlanRules(
      rule: .tiers(tiers), cap: BasisPoints(Int32.random(in: 1...10_000, using: &random)))
  }
}
