import SeededRandom
import ServiceCredits
import Testing

private func tier(_ severity: Severity, _ longerThan: Int64, _ credit: Int32) -> CreditTier {
  CreditTier(severity: severity, longerThanMicroseconds: longerThan, credit: BasisPoints(credit))
}

@Suite struct TierConflictTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let tiers: [CreditTier]
    let conflicts: [TierConflict]

    init(_ name: String, _ tiers: [CreditTier], _ conflicts: [TierConflict]) {
      testDescription = name
      self.tiers = tiers
      self.conflicts = conflicts
    }
  }

  @Test(arguments: [
    Case("no tier at all", [], []),
    Case("the promise", [tier(.p0, 1, 1000), tier(.p0, 4, 2500), tier(.p1, 4, 500)], []),
    Case(
      "longer for less",
      [tier(.p0, 1, 2500), tier(.p0, 4, 1000)], [.neverWins(index: 1, winner: 0)]),
    Case("longer for the same: the longer one wins", [tier(.p0, 1, 1000), tier(.p0, 4, 1000)], []),
    Case(
      "milder and shorter for more",
      [tier(.p0, 4, 500), tier(.p1, 1, 1000)], [.neverWins(index: 0, winner: 1)]),
    Case(
      "milder and as long for more",
      [tier(.p0, 4, 500), tier(.p1, 4, 1000)], [.neverWins(index: 0, winner: 1)]),
    Case(
      "milder and as long for the same: the worse severity wins",
      [tier(.p0, 4, 1000), tier(.p1, 4, 1000)], []),
    Case("milder but longer for more", [tier(.p0, 4, 500), tier(.p1, 5, 1000)], []),
    Case(
      "worse and shorter for more: without it the milder one wins",
      [tier(.p0, 1, 5000), tier(.p1, 4, 500)], []),
    Case(
      "longer than nothing",
      [tier(.p3, 0, 1000), tier(.p0, 0, 999)], [.neverWins(index: 1, winner: 0)]),
    Case(
      "one condition three times",
      [tier(.p0, 1, 1000), tier(.p0, 1, 1000), tier(.p0, 1, 2000)],
      [.duplicate(index: 1, first: 0), .duplicate(index: 2, first: 0)]),
    Case(
      "the best of several is named",
      [tier(.p1, 1, 2000), tier(.p0, 1, 3000), tier(.p2, 2, 2500), tier(.p0, 3, 100)],
      [.neverWins(index: 3, winner: 1)]),
  ])
  func conflicts(testCase: Case) {
    #expect(CreditTier.conflicts(in: testCase.tiers) == testCase.conflicts)
  }

  /// Every list of up to three tiers over three severities, three thresholds and three credits,
  /// against every outage that could distinguish them.
  @Test func proofAgreesWithBruteForce() {
    var all: [CreditTier] = []
    for severity in [Severity.p0, .p1, .p3] {
      for threshold in [Int64(0), 1, 2] {
        for credit in [Int32(1), 2, 3] { all.append(tier(severity, threshold, credit)) }
      }
    }
    // Time at each severity or worse. One unit more than the longest threshold is enough.
    var outages: [[Int64]] = []
    for worst in Int64(0)...3 {
      for bad in worst...3 {
        for mild in bad...3 { outages.append([worst, bad, bad, mild]) }
      }
    }
    var lists: [[CreditTier]] = [[]]
    for (index, first) in all.enumerated() {
      lists.append([first])
      for (other, second) in all.enumerated().dropFirst(index) {
        lists.append([second, first])
        for third in all.dropFirst(other) { lists.append([second, third, first]) }
      }
    }
    let disagreements = lists.filter { list in
      let conflicts = CreditTier.conflicts(in: list)
      let doubles = Set(
        conflicts.filter { if case .duplicate = $0 { true } else { false } }.map(\.index))
      let candidates = list.indices.filter { !doubles.contains($0) }
      var winning: Set<Int> = []
      for outage in outages {
        let met = candidates.filter {
          outage[Int(list[$0].severity.rawValue)] > list[$0].longerThanMicroseconds
        }
        if let winner = met.max(by: { list[$1].wins(over: list[$0]) }) { winning.insert(winner) }
      }
      let losing = Set(candidates).subtracting(winning)
      return losing != Set(conflicts.map(\.index)).subtracting(doubles)
    }
    #expect(disagreements == [], "of \(lists.count) lists")
  }

  @Test func namedWinnerIsAlwaysMetAndPreferred() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let tiers = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        tier(
          Severity.allCases.randomElement(using: &random) ?? .p0,
          Int64.random(in: 0...6, using: &random), Int32.random(in: 1...6, using: &random))
      }
      for case .neverWins(let index, let winner) in CreditTier.conflicts(in: tiers) {
        #expect(tiers[winner].isMetWhenever(tiers[index]), "seed \(seed)")
        #expect(tiers[winner].wins(over: tiers[index]), "seed \(seed)")
      }
    }
  }
}

@Suite struct VersionOrderTests {
  struct Case: Sendable {
    let starts: [Int?]
    /// Pairs of the version that is too early and the latest before it.
    let conflicts: [(Int, Int)]
  }

  @Test(arguments: [
    Case(starts: [], conflicts: []),
    Case(starts: [1], conflicts: []),
    Case(starts: [1, 2, 3], conflicts: []),
    Case(starts: [1, 1], conflicts: [(1, 0)]),
    Case(starts: [2, 1], conflicts: [(1, 0)]),
    Case(starts: [1, 5, 2, 3, 6], conflicts: [(2, 1), (3, 1)]),
    Case(starts: [1, nil, 2], conflicts: []),
    Case(starts: [3, nil, 2], conflicts: [(2, 0)]),
    Case(starts: [nil], conflicts: []),
  ])
  func order(testCase: Case) {
    #expect(
      CreditPolicy.orderConflicts(startingAt: testCase.starts)
        == testCase.conflicts.map { VersionOrderConflict(index: $0.0, latest: $0.1) })
  }
}

@Suite struct PolicyVersionTests {
  private func version(
    tiers: [CreditTier], plans: [String: PlanRules] = [:], exclusions: [ExclusionRule] = [],
    minimum: [Currency: Int64] = [:]
  ) throws -> PolicyVersion {
    PolicyVersion(
      name: "v", effectiveFrom: try #require(CalendarDate(year: 2025, month: 1, day: 1)),
      timeZone: "UTC", terms: PlanRules(rule: .tiers(tiers), cap: .whole), plans: plans,
      overlap: .countOnce, rounding: .halfUp, exclusions: exclusions,
      minimum: MinimumCredit(amounts: minimum),
      limits: RunLimits(shareOfMonthlyFees: nil, granted: [:], takenBack: [:]))
  }

  @Test func orderOfTiersAndExclusionsSaysNothing() throws {
    let tiers = [tier(.p0, 1, 1000), tier(.p0, 4, 2500), tier(.p1, 4, 500)]
    let exclusions = ExclusionKind.allCases.map {
      ExclusionRule(kind: $0, announcedMicroseconds: nil)
    }
    let one = try version(tiers: tiers, exclusions: exclusions)
    let other = try version(tiers: tiers.reversed(), exclusions: exclusions.reversed())
    #expect(one == other)
  }

  @Test func planWithTheTermsOfTheVersionSaysNothing() throws {
    let tiers = [tier(.p0, 1, 1000)]
    let same = PlanRules(rule: .tiers(tiers), cap: .whole)
    let capped = PlanRules(rule: .tiers(tiers), cap: BasisPoints(5000))
    let version = try version(tiers: tiers, plans: ["gold": same, "basic": capped])
    #expect(version.plans == ["basic": capped])
    #expect(version.terms(forPlan: "gold") == same)
  }

  @Test func minimumOfZeroSaysNothing() throws {
    let dollar = try #require(Currency("USD"))
    let euro = try #require(Currency("EUR"))
    let said = try version(tiers: [], minimum: [dollar: 0, euro: 1]).minimum
    #expect(said == MinimumCredit(amounts: [euro: 1]))
    #expect(MinimumCredit(share: .zero) == .none)
  }

  @Test func plansAreFoundByteForByte() throws {
    let capped = PlanRules(rule: .tiers([]), cap: BasisPoints(5000))
    let version = try version(tiers: [], plans: ["caf\u{E9}": capped])
    #expect(version.terms(forPlan: "caf\u{E9}") == capped)
    #expect(version.terms(forPlan: "cafe\u{301}") == version.terms)
    #expect(version.terms(forPlan: "Caf\u{E9}") == version.terms)
  }

  @Test func mildestSeverityIncludesPlans() throws {
    let plan = PlanRules(rule: .tiers([tier(.p2, 1, 1000)]), cap: .whole)
    let tiers = [tier(.p0, 1, 1000)]
    #expect(try version(tiers: []).mildestCreditableSeverity == nil)
    #expect(try version(tiers: tiers).mildestCreditableSeverity == .p0)
    #expect(try version(tiers: tiers, plans: ["gold": plan]).mildestCreditableSeverity == .p2)
  }
}
