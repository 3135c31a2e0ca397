import SeededRandom
import ServiceCredits

/// Random stories within 64 microseconds, so that boundaries often coincide and every instant can
/// be checked.
extension OutageStory {
  static let lastInstant: Int64 = 64

  struct Shape {
    var versions = 1...3
    var terms = 1...3
    var tiers = 1...4
    /// Whether all versions have the same exclusions.
    var excludesAlike = false
    /// Whether plans differ from each other.
    var hasPlans = true
  }

  static func random(_ shape: Shape = Shape(), using random: inout SeededGenerator) -> OutageStory {
    let rules = exclusionRules(using: &random)
    let versions = (0..<Int.random(in: shape.versions, using: &random)).map { _ in
      version(
        shape, exclusions: shape.excludesAlike ? rules : exclusionRules(using: &random),
        using: &random)
    }
    let months = [0, 3, -5].map { offset in
      MonthTable(
        first: BillingMonth(year: 2026, month: 1),
        starts: (-2..<6).map { Instant(microseconds: Int64($0) * 16 + Int64(offset)) })
    }
    var story = OutageStory(versions: versions, zones: months)
    story.versionZones = versions.map { _ in
      ZoneNumber(Int32.random(in: 0...2, using: &random))
    }
    for position in 0..<Int.random(in: 1...5, using: &random) {
      story.names.append(String(UnicodeScalar(UInt8(65 + position))))
      story.incidents.append(
        Incident(
          startedAt: instant(using: &random),
          version: Int.random(in: versions.indices, using: &random)))
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        story.outages.append(
          Outage(
            incident: IncidentNumber(index: position), severity: severity(using: &random),
            scope: scope(using: &random), interval: interval(using: &random)))
      }
    }
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      story.exclusions.append(exclusion(using: &random))
    }
    story.terms = terms(
      Int.random(in: shape.terms, using: &random), plans: story.planNames.count + 1, using: &random)
    for _ in 0..<Int.random(in: 0...2, using: &random) where Bool.random(using: &random) {
      story.heldShares.append(
        HeldShare(
          month: BillingMonth(year: 2026, month: Int.random(in: 2...6, using: &random)),
          share: BasisPoints(Int32.random(in: 0...60, using: &random) * 100)))
    }
    return story
  }

  private static func version(
    _ shape: Shape, exclusions: [ExclusionRule], using random: inout SeededGenerator
  ) -> PolicyVersion {
    func tiers() -> [CreditTier] {
      (0..<Int.random(in: shape.tiers, using: &random)).map { _ in
        creditTier(
          severity(using: &random), Int64.random(in: 0...12, using: &random),
          Int32.random(in: 1...12, using: &random) * 5)
      }
    }
    func cap() -> Int32 { [100, 100, 60, 45][Int.random(in: 0...3, using: &random)] }
    var plans: [String: PlanRules] = [:]
    for name in ["gold", "silver"] where shape.hasPlans && Bool.random(using: &random) {
      plans[name] = PlanRules(rule: .tiers(tiers()), cap: BasisPoints(cap() * 100))
    }
    return promise(
      tiers: tiers(), cap: cap(),
      overlap: Int.random(in: 0...3, using: &random) == 0 ? .countEach : .countOnce,
      exclusions: exclusions, plans: plans)
  }

  private static func exclusionRules(using random: inout SeededGenerator) -> [ExclusionRule] {
    ExclusionKind.allCases.filter { _ in Int.random(in: 0...3, using: &random) > 0 }.map { kind in
      ExclusionRule(
        kind: kind,
        announcedMicroseconds: Bool.random(using: &random)
          ? nil : Int64.random(in: 0...4, using: &random))
    }
  }

  /// One of the plans that the policy names, or another one.
  private static func plan(
    of plans: Int, using random: inout SeededGenerator
  ) -> PlanNumber? {
    let number = Int.random(in: 0..<plans, using: &random)
    return number == 0 ? nil : PlanNumber(index: number - 1)
  }

  static func terms(
    _ count: Int, plans: Int, using random: inout SeededGenerator
  ) -> [SubscriptionTerm] {
    var terms: [SubscriptionTerm] = []
    var start = Bool.random(using: &random) ? Instant.distantPast : instant(using: &random)
    for position in 0..<count {
      let isLast = position == count - 1
      let from = max(start, Instant(microseconds: -1)).microseconds
      let end =
        isLast && Bool.random(using: &random)
        ? Instant.distantFuture
        : Instant(microseconds: from + Int64.random(in: 1...40, using: &random))
      terms.append(
        SubscriptionTerm(
          interval: Interval(start, end),
          customer: OutageStory.owner(Int32.random(in: 0...1, using: &random)),
          service: ServiceNumber(Int32.random(in: 0...1, using: &random)),
          plan: plan(of: plans, using: &random),
          zone: Bool.random(using: &random)
            ? nil : ZoneNumber(Int32.random(in: 0...2, using: &random)),
          fee: OutageStory.fee("1000 USD")))
      if end == .distantFuture { break }
      start = Instant(
        microseconds: end.microseconds
          + (Bool.random(using: &random) ? 0 : Int64.random(in: 1...5, using: &random)))
    }
    return terms
  }

  static func exclusion(using random: inout SeededGenerator) -> Exclusion {
    let lasts = interval(using: &random)
    return Exclusion(
      kind: ExclusionKind.allCases[Int.random(in: 0...2, using: &random)],
      scope: scope(using: &random), interval: lasts,
      announcedAt: Bool.random(using: &random)
        ? nil
        : Instant(
          microseconds: lasts.start.microseconds + Int64.random(in: -6...2, using: &random)))
  }

  static func severity(using random: inout SeededGenerator) -> Severity {
    Severity.allCases[Int.random(in: 0...3, using: &random)]
  }

  private static func instant(using random: inout SeededGenerator) -> Instant {
    Instant(microseconds: Int64.random(in: 0...lastInstant - 10, using: &random))
  }

  static func interval(using random: inout SeededGenerator) -> Interval {
    let start = instant(using: &random)
    return Interval(
      start, Instant(microseconds: start.microseconds + Int64.random(in: 0...20, using: &random)))
  }

  private static func scope(using random: inout SeededGenerator) -> Scope {
    Scope(
      service: Bool.random(using: &random)
        ? nil : ServiceNumber(Int32.random(in: 0...1, using: &random)),
      customer: Int.random(in: 0...3, using: &random) > 0
        ? nil : OutageStory.owner(Int32.random(in: 0...1, using: &random)))
  }
}
