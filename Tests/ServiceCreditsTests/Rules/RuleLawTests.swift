import RandomRules
import SeededRandom
import ServiceCredits
import Testing

/// Laws of the rules, on random stories. Each is stated for the rules for which the language gives it.
@Suite struct RuleLawTests {
  private static let count = 200

  /// Random stories of one seed that a law is about, and what they are owed.
  private static func stories(
    _ seed: UInt64, _ isMeant: (inout RuleStory) -> Bool
  ) throws -> [(story: RuleStory, parts: [Int64])] {
    var generator = RuleStoryGenerator(seed: seed)
    var stories: [(RuleStory, [Int64])] = []
    for _ in 0..<count {
      var story = generator.story(in: [.utc])
      if isMeant(&story), !story.mayNotFit { stories.append((story, try story.parts())) }
    }
    #expect(stories.contains { $0.1.contains { $0 > 0 } }, "seed \(seed): no story pays anything")
    return stories
  }

  private static func sum(_ parts: [Int64]) -> Int64 { parts.reduce(0, +) }

  // MARK: Parts

  /// The union of all incidents as one incident is owed what its parts were.
  @Test func partsAddUpToThePeriodsCredit() throws {
    let seed = SeededGenerator.newSeed()
    let stories = try Self.stories(seed) { story in
      // A part is never below zero, so the parts of `not_worse_than` may add up to more.
      story.keep {
        ($0.of == .downtime || $0.of == .uptime) && $0.severities.notWorseThan == nil
      }
      story.simplifyCounts { count in
        (count.longerThan, count.atLeast, count.whole) = (nil, nil, nil)
        (count.weighsShare, count.isFromClaim) = (false, false)
      }
      return !story.set.rules.isEmpty && !story.incidents.isEmpty
    }
    for (story, parts) in stories {
      var merged = story
      merged.incidents = [story.union]
      #expect(try Self.sum(merged.parts()) == Self.sum(parts), "seed \(seed): \(story.text)")
    }
  }

  @Test func noPartIsBelowZero() throws {
    let seed = SeededGenerator.newSeed()
    for (story, parts) in try Self.stories(seed, { _ in true }) {
      #expect(parts.allSatisfy { $0 >= 0 }, "seed \(seed): \(story.text)")
    }
  }

  /// Ids decide between incidents that begin at one instant, so the law is about those that do not.
  @Test func orderOfIncidentsDoesNotMatter() throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for (story, parts) in try Self.stories(seed, { $0.beginsApart }) {
      let order = story.incidents.indices.shuffled(using: &random)
      var shuffled = story
      shuffled.incidents = order.map { story.incidents[$0] }
      #expect(try shuffled.parts() == order.map { parts[$0] }, "seed \(seed): \(story.text)")
    }
  }

  // MARK: Time

  /// Of measures of time alone: one outage may take time from another, and a longer grace or another number of a
  /// calendar's unit may pay less.
  @Test func moreTimeDownNeverLowersACredit() throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    let stories = try Self.stories(seed) { story in
      story.keep {
        ($0.of == .downtime || $0.of == .uptime) && $0.severities.notWorseThan == nil
          && !$0.countsCalendarUnits
      }
      story.simplifyCounts { ($0.whole, $0.weighsShare) = (nil, false) }
      return !story.set.rules.isEmpty
    }
    for (story, parts) in stories {
      guard let number = story.incidents.indices.randomElement(using: &random) else { continue }
      let incident = story.incidents[number]
      let last = incident.stretches[incident.stretches.count - 1]
      let more = Stretch(
        interval: RuleTime.interval(
          last.interval.end.microseconds,
          last.interval.end.microseconds + Int64.random(in: 1...RuleTime.day, using: &random)),
        severity: last.severity)
      // A first instant in the period must stay where it is: it decides about the fee.
      guard last.interval.end > story.period.interval.start, story.fees.count == 1,
        story.fees[0].interval.contains(more.interval)
      else { continue }
      var longer = story
      longer.incidents[number] = MeasuredIncident(
        startedAt: incident.startedAt, stretches: incident.stretches + [more],
        claimedAt: incident.claimedAt)
      #expect(
        try Self.sum(longer.parts()) >= Self.sum(parts), "seed \(seed): \(more) in \(story.text)")
    }
  }

  @Test func splittingAnIncidentChangesNoCreditOfThePeriod() throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    let stories = try Self.stories(seed) { story in
      story.keep {
        ($0.of == .downtime || $0.of == .uptime) && $0.severities.notWorseThan == nil
      }
      story.simplifyCounts { ($0.longerThan, $0.atLeast, $0.whole) = (nil, nil, nil) }
      return !story.set.rules.isEmpty
    }
    for (story, parts) in stories {
      guard let number = story.incidents.indices.randomElement(using: &random) else { continue }
      let incident = story.incidents[number]
      let first = incident.stretches[0].interval.start.microseconds
      let end = incident.stretches[incident.stretches.count - 1].interval.end.microseconds
      guard end - first > 1 else { continue }
      let at = Instant(microseconds: Int64.random(in: first + 1..<end, using: &random))
      var split = story
      split.incidents[number...number] =
        [
          incident.clipped(to: Interval(.distantPast, at)),
          incident.clipped(to: Interval(at, .distantFuture)),
        ].compactMap(\.self)[...]
      #expect(
        try Self.sum(split.parts()) == Self.sum(parts), "seed \(seed): at \(at.text) \(story.text)")
    }
  }

  /// Limits of `count` look at an incident's whole time, and `outages` at where it began.
  @Test func timeOutsideOfAPeriodDoesNotMatterToIt() throws {
    let seed = SeededGenerator.newSeed()
    let stories = try Self.stories(seed) { story in
      story.keep { $0.of == .downtime || $0.of == .uptime }
      story.simplifyCounts { ($0.longerThan, $0.atLeast) = (nil, nil) }
      return !story.set.rules.isEmpty
    }
    for (story, parts) in stories {
      var inside = story
      let clipped = story.incidents.map { $0.clipped(to: story.period.interval) }
      inside.incidents = clipped.compactMap(\.self)
      let expected = zip(clipped, parts).filter { $0.0 != nil }.map(\.1)
      #expect(try inside.parts() == expected, "seed \(seed): \(story.text)")
      #expect(Self.sum(expected) == Self.sum(parts), "seed \(seed): \(story.text)")
    }
  }

  // MARK: Money

  @Test func aCapNeverRaisesACredit() throws {
    let seed = SeededGenerator.newSeed()
    for (story, parts) in try Self.stories(seed, { !$0.set.caps.isEmpty }) {
      var free = story
      free.set = story.set.with(caps: [])
      #expect(try Self.sum(free.parts()) >= Self.sum(parts), "seed \(seed): \(story.text)")
    }
  }

  /// A credit that is not given in one currency's minimum is given without one, and no other changes.
  @Test func aMinimumOnlyTakesAway() throws {
    let seed = SeededGenerator.newSeed()
    for (story, parts) in try Self.stories(seed, { $0.minimum > 0 }) {
      var free = story
      free.minimum = 0
      #expect(try Self.sum(free.parts()) >= Self.sum(parts), "seed \(seed): \(story.text)")
    }
  }
}

// MARK: Changes of stories

extension RuleStory {
  /// Leaves only some of the rules.
  fileprivate mutating func keep(_ isKept: (Rule) -> Bool) {
    self.set = self.set.with(rules: self.set.rules.filter(isKept))
  }

  fileprivate mutating func simplifyCounts(_ change: (inout CountRule) -> Void) {
    self.set = self.set.with(
      rules: self.set.rules.map { rule in
        var count = rule.count
        change(&count)
        return Rule(
          rule.kind, of: rule.of, per: rule.per, severities: rule.severities, count: count,
          base: rule.base, gate: rule.gate)
      })
  }

  /// Whether no two incidents begin at one instant, nor come into the period at one.
  fileprivate var beginsApart: Bool {
    let mildest = self.set.rules.map(\.severities.mildest).max() ?? .p0
    let firsts = incidents.compactMap { incident in
      incident.stretches.filter { $0.severity <= mildest }
        .compactMap { $0.interval.intersection(period.interval)?.start }.first
    }
    return Set(incidents.map(\.startedAt)).count == incidents.count
      && Set(firsts).count == firsts.count
  }

  /// All incidents as one: each instant at its worst severity.
  fileprivate var union: MeasuredIncident {
    let stretches = incidents.flatMap(\.stretches)
    let bounds = Set(stretches.flatMap { [$0.interval.start, $0.interval.end] }).sorted()
    let pieces = zip(bounds, bounds.dropFirst()).compactMap { start, end in
      stretches.filter { $0.interval.contains(start) }.map(\.severity).min().map {
        Stretch(interval: Interval(start, end), severity: $0)
      }
    }
    return MeasuredIncident(startedAt: bounds[0], stretches: pieces)
  }
}

extension MeasuredIncident {
  /// The part of it in an interval; `nil` if there is none.
  fileprivate func clipped(to interval: Interval) -> MeasuredIncident? {
    let kept = stretches.compactMap { stretch in
      stretch.interval.intersection(interval).map {
        Stretch(interval: $0, severity: stretch.severity, share: stretch.share)
      }
    }
    guard !kept.isEmpty else { return nil }
    return MeasuredIncident(startedAt: startedAt, stretches: kept, claimedAt: claimedAt)
  }
}

extension Rule {
  fileprivate var countsCalendarUnits: Bool {
    if let units = kind as? PerUnit, case .calendar = units.unit { true } else { false }
  }
}
