import SeededRandom
import ServiceCredits
import Testing

/// Laws that hold for every story.
@Suite struct CreditLawTests {
  typealias Result = InstantByInstant.Result

  static func results(_ story: OutageStory) -> [Int: Result] {
    Dictionary(
      uniqueKeysWithValues: story.decisions.map { ($0.counted.incident.index, Result($0)) })
  }

  @Test func everyInstantIsCountedAsTheRulesSay() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1500 {
      let story = OutageStory.random(using: &random)
      let expected = InstantByInstant(story: story).results()
      let found = Self.results(story)
      #expect(found == expected, "seed \(seed): \(story)")
      if found != expected { break }
    }
  }

  @Test func orderOfRowsDoesNotMatter() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let story = OutageStory.random(using: &random)
      var shuffled = story
      shuffled.outages.shuffle(using: &random)
      shuffled.exclusions.shuffle(using: &random)
      shuffled.heldShares.shuffle(using: &random)
      #expect(shuffled.decisions == story.decisions, "seed \(seed): \(story)")
    }
  }

  /// Ids only decide ties. If no two incidents started together, other ids count the same time.
  @Test func orderOfIncidentsDoesNotMatter() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let story = OutageStory.random(using: &random)
      guard Set(story.incidents.map(\.startedAt)).count == story.incidents.count else { continue }
      let order = Array(story.incidents.indices).shuffled(using: &random)
      var renamed = story
      renamed.incidents = order.map { story.incidents[$0] }
      renamed.outages = story.outages.map { outage in
        Outage(
          incident: IncidentNumber(index: order.firstIndex(of: outage.incident.index) ?? -1),
          severity: outage.severity, scope: outage.scope, interval: outage.interval)
      }
      let before = Self.results(story)
      let after = Self.results(renamed)
      #expect(before.count == after.count, "seed \(seed): \(story)")
      for (position, old) in order.enumerated() {
        var (one, other) = (before[old], after[position])
        // The shares of the cap may change if first instants are the same.
        one?.granted = 0
        other?.granted = 0
        #expect(one == other, "seed \(seed): \(story)")
      }
    }
  }

  @Test func splittingChangesNothing() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let story = OutageStory.random(using: &random)
      var split = story
      split.outages = story.outages.flatMap { outage in
        Self.split(outage.interval, using: &random).map {
          Outage(
            incident: outage.incident, severity: outage.severity, scope: outage.scope, interval: $0)
        }
      }
      // Only kinds without an announcement are split: the lead is measured from the start, so a
      // second part would have a longer lead than the whole.
      split.exclusions = story.exclusions.flatMap { exclusion in
        let needsAnnouncement = story.policy.versions.contains { version in
          version.exclusions.contains {
            $0.kind == exclusion.kind && $0.announcedMicroseconds != nil
          }
        }
        return needsAnnouncement
          ? [exclusion]
          : Self.split(exclusion.interval, using: &random).map {
            Exclusion(
              kind: exclusion.kind, scope: exclusion.scope, interval: $0,
              announcedAt: exclusion.announcedAt)
          }
      }
      #expect(split.decisions == story.decisions, "seed \(seed): \(story)")

      split.terms = story.terms.flatMap { term in
        Self.split(term.interval, using: &random).map {
          SubscriptionTerm(
            interval: $0, customer: term.customer, service: term.service, plan: term.plan,
            zone: term.zone, fee: term.fee)
        }
      }
      func withoutTerm(_ results: [Int: Result]) -> [Int: Result] {
        results.mapValues { result in
          var result = result
          result.term = 0
          return result
        }
      }
      #expect(
        withoutTerm(Self.results(split)) == withoutTerm(Self.results(story)),
        "seed \(seed): \(story)")
    }
  }

  private static func split(_ interval: Interval, using random: inout SeededGenerator) -> [Interval]
  {
    let low = max(interval.start.microseconds, -1)
    let high = min(interval.end.microseconds, OutageStory.lastInstant + 30)
    guard high - low > 1, Bool.random(using: &random) else { return [interval] }
    let point = Instant(microseconds: Int64.random(in: low + 1..<high, using: &random))
    return [Interval(interval.start, point), Interval(point, interval.end)]
  }

  /// If all versions have the same exclusions, an exclusion takes the instant from every incident
  /// alike, so no incident's time grows. (If they differ, one incident may own time that another
  /// may not count; a row in `CountedTimeTests` shows this.) If there is one plan, the same at
  /// every first instant, the percent does not grow either. The cap may still give one incident
  /// what another lost, so the law is about the percent before the cap.
  @Test func exclusionNeverRaisesACredit() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    let shape = OutageStory.Shape(excludesAlike: true, hasPlans: false)
    for _ in 0..<1500 {
      let story = OutageStory.random(shape, using: &random)
      var excluding = story
      excluding.exclusions.append(OutageStory.exclusion(using: &random))
      let before = Self.results(story)
      for (incident, result) in Self.results(excluding) {
        let old = before[incident]
        for severity in 0..<4 {
          #expect(
            result.microseconds[severity] <= old?.microseconds[severity] ?? 0,
            "seed \(seed): \(excluding)")
        }
        #expect(result.beforeCap <= old?.beforeCap ?? 0, "seed \(seed): \(excluding)")
      }
    }
  }

  /// A longer window or a worse severity never lowers the incident's time at any severity or worse,
  /// nor, within one plan, its percent before the cap. Other incidents may lose the time that it
  /// takes.
  @Test func longerOrWorseOutageNeverLowersItsCredit() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1500 {
      let story = OutageStory.random(OutageStory.Shape(hasPlans: false), using: &random)
      guard let position = story.outages.indices.randomElement(using: &random) else { continue }
      let outage = story.outages[position]
      let longer = Interval(
        Instant(
          microseconds: outage.interval.start.microseconds
            - (Bool.random(using: &random) ? 0 : Int64.random(in: 0...5, using: &random))),
        Instant(
          microseconds: outage.interval.end.microseconds + Int64.random(in: 0...9, using: &random)))
      let worse =
        Bool.random(using: &random)
        ? outage.severity : min(outage.severity, OutageStory.severity(using: &random))
      var extended = story
      extended.outages[position] = Outage(
        incident: outage.incident, severity: worse, scope: outage.scope, interval: longer)
      let incident = outage.incident.index
      guard let old = Self.results(story)[incident] else { continue }
      let new = Self.results(extended)[incident]
      for severity in 0..<4 {
        #expect(
          new?.microseconds[severity] ?? 0 >= old.microseconds[severity],
          "seed \(seed): \(story), then \(longer) \(worse)")
      }
      #expect(
        new?.beforeCap ?? 0 >= old.beforeCap, "seed \(seed): \(story), then \(longer) \(worse)")
    }
  }

  @Test func anIncidentLessNeverCostsAnotherItsTime() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let story = OutageStory.random(using: &random)
      let gone = IncidentNumber(index: Int.random(in: story.incidents.indices, using: &random))
      var without = story
      without.outages.removeAll { $0.incident == gone }
      let after = Self.results(without)
      for (incident, old) in Self.results(story) where incident != gone.index {
        let new = after[incident]
        for severity in 0..<4 {
          #expect(
            new?.microseconds[severity] ?? 0 >= old.microseconds[severity],
            "seed \(seed): \(story) without \(gone)")
        }
      }
    }
  }

  @Test func countedOnceNoInstantCountsTwice() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let story = OutageStory.random(using: &random)
      let once = Self.results(story).filter {
        story.policy.versions[story.incidents[$0.key].version].overlap == .countOnce
      }
      let covered = IntervalSet(
        story.outages.flatMap { outage in
          story.terms.compactMap { $0.interval.intersection(outage.interval) }
        })
      #expect(
        once.values.reduce(0) { $0 + $1.microseconds[3] } <= covered.microseconds,
        "seed \(seed): \(story)")
    }
  }

  @Test func noMonthEarnsMoreThanItsCap() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let story = OutageStory.random(using: &random)
      var byMonth: [BillingMonth: (granted: Int32, cap: Int32)] = [:]
      for decision in story.decisions {
        #expect((decision.granted ?? .zero) >= .zero, "seed \(seed): \(story)")
        #expect(
          (decision.granted ?? .zero) <= (decision.beforeCap ?? .zero), "seed \(seed): \(story)")
        let version = story.policy.versions[
          story.incidents[decision.counted.incident.index].version]
        let plan = story.terms[Int(decision.term)].plan
        let terms =
          plan.map { version.terms(forPlan: story.planNames[$0.index]) } ?? version.terms
        let sum = byMonth[decision.month] ?? (0, 0)
        byMonth[decision.month] = (
          sum.granted + (decision.granted ?? .zero).value, max(sum.cap, terms.cap.value)
        )
      }
      for (month, sum) in byMonth {
        let held = story.heldShares.filter { $0.month == month }.reduce(0) { $0 + $1.share.value }
        #expect(sum.granted <= max(0, sum.cap - held), "seed \(seed): \(story)")
      }
    }
  }

  /// The same story at other times: near the epoch, and in 2199.
  @Test(arguments: [0, 1_000_000, 7_258_118_399_999_900, -3_600_000_000])
  func nothingDependsOnTheDate(offset: Int64) {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let story = OutageStory.random(using: &random)
      let moved = story.moved(by: offset)
      let expected = Self.results(story).mapValues { result in
        var result = result
        result.first += offset
        result.end += offset
        return result
      }
      #expect(Self.results(moved) == expected, "seed \(seed): \(story)")
    }
  }
}

extension OutageStory {
  fileprivate func moved(by offset: Int64) -> OutageStory {
    func moved(_ instant: Instant) -> Instant {
      instant == .distantPast || instant == .distantFuture
        ? instant : Instant(microseconds: instant.microseconds + offset)
    }
    func moved(_ interval: Interval) -> Interval {
      Interval(moved(interval.start), moved(interval.end))
    }
    var story = self
    story.zones = zones.map { MonthTable(first: $0.first, starts: $0.starts.map { moved($0) }) }
    story.incidents = incidents.map {
      Incident(startedAt: moved($0.startedAt), version: $0.version)
    }
    story.outages = outages.map {
      Outage(
        incident: $0.incident, severity: $0.severity, scope: $0.scope, interval: moved($0.interval))
    }
    story.exclusions = exclusions.map {
      Exclusion(
        kind: $0.kind, scope: $0.scope, interval: moved($0.interval),
        announcedAt: $0.announcedAt.map { moved($0) })
    }
    story.terms = terms.map {
      SubscriptionTerm(
        interval: moved($0.interval), customer: $0.customer, service: $0.service, plan: $0.plan,
        zone: $0.zone, fee: $0.fee)
    }
    return story
  }
}

/// Unusual but possible sizes and dates.
@Suite struct CreditExtremesTests {
  private func story(_ windows: [Interval]) -> OutageStory {
    var story = OutageStory("A P0 0:00 0:00")
    story.outages = windows.map {
      Outage(
        incident: IncidentNumber(0), severity: .p0, scope: Scope(service: nil, customer: nil),
        interval: $0)
    }
    return story
  }

  @Test func tenMillionSeconds() throws {
    let decision = try #require(
      story([
        Interval(
          storyZero, Instant(microseconds: storyZero.microseconds + 10_000_000 * second))
      ]).decisions.first)
    #expect(decision.countedMicroseconds == 10_000_000_000_000)
    #expect((decision.granted ?? .zero) == BasisPoints(2500))
  }

  /// Every window but the first overlaps the one before; together they leave gaps of a microsecond.
  @Test func tenThousandWindows() throws {
    let windows = (0..<10_000).map { number in
      let start = storyZero.microseconds + Int64(number) * minute
      return Interval(
        Instant(microseconds: start),
        Instant(microseconds: start + (number % 2 == 0 ? minute + second : minute - 1)))
    }
    var story = story(windows.shuffled())
    let decision = try #require(story.decisions.first)
    #expect(decision.countedMicroseconds == 10_000 * minute - 5000)
    #expect(decision.counted.first == storyZero)
    #expect(decision.counted.end.since(storyZero) == 10_000 * minute - 1)
    // As many exclusions, each of which excludes one second.
    story.exclusions = windows.map {
      Exclusion(
        kind: .customerFault, scope: Scope(service: nil, customer: nil),
        interval: Interval(
          Instant(microseconds: $0.start.microseconds + 10 * second),
          Instant(microseconds: $0.start.microseconds + 11 * second)),
        announcedAt: nil)
    }
    let rest = try #require(story.decisions.first)
    #expect(rest.countedMicroseconds == 10_000 * minute - 5000 - 10_000 * second)
  }

  @Test func aThousandIncidentsAtOnce() {
    var story = story([])
    story.incidents = (0..<1000).map { _ in Incident(startedAt: storyZero, version: 0) }
    story.names = (0..<1000).map { "I\($0)" }
    story.outages = (0..<1000).map { number in
      Outage(
        incident: IncidentNumber(number), severity: .p0, scope: Scope(service: nil, customer: nil),
        interval: Interval(
          storyZero, Instant(microseconds: storyZero.microseconds + Int64(number + 1) * hour)))
    }
    let decisions = story.decisions
    #expect(decisions.count == 1000)
    #expect(decisions.allSatisfy { $0.countedMicroseconds == hour })
  }

  @Test(arguments: ["1970-01-01T00:00:00Z", "2199-12-31T20:00:00Z", "0001-01-01T00:00:00Z"])
  func dates(text: String) throws {
    let start = try #require(Instant(iso8601: text))
    var story = story([
      Interval(start, Instant(microseconds: start.microseconds + 4 * hour + 1))
    ])
    let month = MonthTable(first: BillingMonth(year: 1, month: 1), starts: [start])
    story.zones = [month]
    let decision = try #require(story.decisions.first)
    #expect(decision.counted.first == start)
    #expect((decision.granted ?? .zero) == BasisPoints(2500))
  }

  /// Held shares of any size neither overflow nor turn into credit.
  @Test func heldSharesOfAnySize() throws {
    var story = OutageStory("A P0 0:00 5:00")
    story.heldShares = [Int32](repeating: .max, count: 1000).map {
      HeldShare(month: BillingMonth(year: 2026, month: 10), share: BasisPoints($0))
    }
    #expect(story.percents == "A 0% of 25%")
  }
}
