import SeededRandom
import ServiceCredits
import Testing

/// A trace has the same decision, and accounts for every instant of a window.
@Suite struct CreditTraceTests {
  @Test func tracesTellTheDecisionsThatAreMade() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1500 {
      let story = OutageStory.random(using: &random)
      #expect(story.traces.flatMap(\.decisions) == story.decisions, "seed \(seed): \(story)")
    }
  }

  @Test func countedSharesAddUpToTheCountedTime() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1500 {
      let story = OutageStory.random(using: &random)
      for trace in story.traces {
        let counted = trace.shares.filter(\.isCounted)
        for severity in Severity.allCases {
          let sum = counted.filter { $0.severity.isAtLeastAsBad(as: severity) }
            .reduce(0) { $0 + $1.interval.microseconds }
          let decided = trace.decisions.first?.counted.microseconds(atOrWorseThan: severity) ?? 0
          #expect(sum == decided, "seed \(seed): \(story)")
        }
      }
    }
  }

  @Test func everyInstantOfAWindowIsAccountedFor() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1500 {
      let story = OutageStory.random(using: &random)
      for trace in story.traces {
        let excluded = trace.excluded.filter(\.isHonoured).map(\.interval)
        let shares = trace.shares.map(\.interval)
        let told = IntervalSet(trace.outsideTerms.intervals + excluded + shares)
        #expect(told == IntervalSet(trace.windows.map(\.interval)), "seed \(seed): \(story)")
        // Excluded time belongs to no incident and is listed once.
        let apart = IntervalSet(excluded).microseconds + IntervalSet(shares).microseconds
        #expect(IntervalSet(excluded + shares).microseconds == apart, "seed \(seed): \(story)")
        #expect(
          excluded.reduce(0) { $0 + $1.microseconds } == IntervalSet(excluded).microseconds,
          "seed \(seed): \(story)")
      }
    }
  }

  @Test func sharesNameTheirOwners() {
    let story = OutageStory(
      """
      A P0 0:00 3:00
      B P0 1:30 3:30
      scheduled_maintenance 2:00 2:30 announced=-48:00
      """)
    let told = story.traces.map { trace in
      trace.shares.map { share in
        let start = share.interval.start.since(storyZero) / minute
        let end = share.interval.end.since(storyZero) / minute
        return "\(start)-\(end) \(story.names[share.owner.index])"
      }
    }
    #expect(told == [["0-120 A", "150-180 A"], ["90-120 A", "150-180 A", "180-210 B"]])
    #expect(story.traces.map { $0.excluded.count } == [1, 1])
  }
}
