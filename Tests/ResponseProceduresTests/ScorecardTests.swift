import ResponseProcedures
import ServiceCredits
import Testing

/// The totals of a month's scores.
@Suite struct ScorecardTests {
  @Test func scoresCountWhatWasDue() {
    var card = Scorecard()
    let month = BillingMonth(year: 2026, month: 10)
    for (acknowledged, asOf) in [
      ("0:05", "d+1 0:00"), ("0:10", "d+1 0:00"), ("0:20", "d+1 0:00"), (nil, "0:10"),
    ] as [(String?, String)] {
      var story = ComplianceStory()
      story.acknowledged = acknowledged
      story.asOf = asOf
      for row in story.rows() where row.requirement == .response { card.add(row, month: month) }
    }
    var silent = ComplianceStory()
    silent.acknowledged = nil
    silent.resolved = "1:00"
    for row in silent.rows() where row.requirement == .response { card.add(row, month: month) }
    let score = card[Scorecard.Key(month: month, step: ScoredStep(.response), severity: .p0)]
    #expect(score.kept == 2 && score.missed == 1 && score.noRecord == 1 && score.pending == 1)
    #expect(score.applicable == 4 && score.notKept == 2)
    #expect(card.total(of: month.advanced(by: 1)).median == nil)
  }

  /// Margins in minutes; nil has no record and sorts after every other margin.
  @Test(
    arguments: [
      ([10], 10, 10), ([10, -5], 2, -5), ([10, 5, -5], 5, -5), ([10, 5, -5, nil], 0, nil),
      ([10, nil], nil, nil), ([nil], nil, nil), ([10, 5, nil], 5, nil), ([10, nil, nil], nil, nil),
    ] as [([Int64?], Int64?, Int64?)])
  func noRecordIsTheWorstMargin(margins: [Int64?], median: Int64?, worst: Int64?) {
    let due = ComplianceStory.instant("1:00")
    var score = Score()
    for margin in margins {
      guard let margin else {
        score.add(.noRecord(due: due))
        continue
      }
      let done = Instant(microseconds: due.microseconds - margin * ComplianceStory.minute)
      score.add(margin < 0 ? .late(due: due, done: done) : .kept(due: due, done: done))
    }
    func minutes(_ margin: ScoreMargin?) -> Int64? {
      if case .microseconds(let margin) = margin { margin / ComplianceStory.minute } else { nil }
    }
    #expect(score.median != nil && score.worst != nil)
    #expect(minutes(score.median) == median && minutes(score.worst) == worst)
  }

  @Test func escalationsAreScoredByWhatTriggeredThem() {
    var story = ComplianceStory()
    story.resolved = "5:00"
    story.concernsSecurity = true
    story.events = [("level 3", "0:10")]
    var card = Scorecard()
    let month = BillingMonth(year: 2026, month: 10)
    for row in story.rows() { card.add(row, month: month) }
    func score(_ trigger: EscalationTrigger) -> Score {
      card[Scorecard.Key(month: month, step: ScoredStep(.escalation, trigger), severity: .p0)]
    }
    #expect(score(.security).kept == 1 && score(.security).missed == 0)
    #expect(score(.pastTarget).missed == 1 && score(.pastTarget).kept == 0)
  }
}
