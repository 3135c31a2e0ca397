import SeededRandom
import ServiceCredits
import Testing

/// Decisions are cached by profile. A subscription must get the same from a calculator with a
/// thousand others before it as from a new one.
@Suite struct ProfileCacheTests {
  @Test func rememberedDecisionsAreTheSame() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<150 {
      let night = OutageStory.random(using: &random)
      var warm = night.calculator()
      for _ in 0..<30 {
        // Another subscription in the same story, mostly of the cached kind: one term and nothing
        // of its own.
        var story = night
        story.terms = OutageStory.terms(
          Int.random(in: 0...3, using: &random) == 0 ? 2 : 1, plans: night.planNames.count + 1,
          using: &random)
        if Int.random(in: 0...3, using: &random) > 0 { story.heldShares = [] }
        if Bool.random(using: &random) {
          story.outages.removeAll { $0.scope.customer != nil }
          story.exclusions.removeAll { $0.scope.customer != nil }
        }
        let remembered = story.decide(&warm)
        #expect(remembered == story.decisions, "seed \(seed): \(story)")
      }
    }
  }

  /// Terms that begin or end just before, at and just after an outage's boundaries, all with one
  /// calculator.
  @Test func boundariesOfOutagesAreToldApart() {
    let night = OutageStory(
      "A P0 1:00 3:00\nB P0 3:00 8:00\nC P0 10:00 12:00 service=1\nD P1 20:00 25:00")
    var warm = night.calculator()
    let marks = [1, 3, 8, 10, 12, 20, 25].flatMap { hours in
      [-1, 0, 1].map { Instant(microseconds: storyZero.microseconds + hours * hour + $0) }
    }
    let starts = [.distantPast] + marks
    let ends = marks + [.distantFuture]
    for round in 0..<2 {
      for start in starts {
        for end in ends where start < end {
          for service in Int32(0)...1 {
            var story = night
            story.terms = [
              SubscriptionTerm(
                interval: Interval(start, end), customer: .own, service: ServiceNumber(service),
                plan: nil,
                zone: nil,
                fee: OutageStory.fee("1000 USD"))
            ]
            #expect(
              story.decide(&warm) == story.decisions,
              "\(start.text) to \(end.text), service \(service), round \(round)")
          }
        }
      }
    }
  }

  /// More profiles than are kept: the cache is emptied, and later results are still right.
  @Test func memoryStartsAgain() {
    var night = OutageStory(
      (0..<20).map { "I\($0) P0 \($0 * 10):00 \($0 * 10 + 2):00" }.joined(separator: "\n"))
    var warm = night.calculator()
    let starts = night.zones[0].starts
    // 4,000 zones with 20 decisions each pass the limit of 65,536 decisions; each zone has other
    // months.
    let base = BillingMonth(year: 2026, month: 7)
    var zones: [(number: ZoneNumber, first: BillingMonth)] = []
    for count in 0..<4000 {
      let first = base.advanced(by: count)
      zones.append((warm.addZone(MonthTable(first: first, starts: starts)), first))
    }
    var disagreements = 0
    for (number, first) in zones + zones.prefix(50) + zones.suffix(50) {
      night.terms = [
        SubscriptionTerm(
          interval: .always, customer: .own, service: ServiceNumber(0), plan: nil, zone: number,
          fee: OutageStory.fee("1000 USD"))
      ]
      let months = Set(night.decide(&warm).map(\.month))
      if months != [first.advanced(by: 3)] { disagreements += 1 }
    }
    #expect(disagreements == 0)
  }
}
