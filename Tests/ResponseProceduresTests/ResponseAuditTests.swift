import ResponseProcedures
import ServiceCredits
import Testing

/// Due times and verdicts, worked out by hand.
@Suite struct ResponseAuditTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let story: @Sendable () -> AuditStory
    /// Of the requirements that begin with one of these words.
    let of: [String]
    let expected: [String]

    init(
      _ name: String, of: [String], _ expected: [String],
      _ story: @escaping @Sendable (inout AuditStory) -> Void
    ) {
      self.name = name
      self.of = of
      self.expected = expected
      self.story = {
        var made = AuditStory()
        story(&made)
        return made
      }
    }

    var testDescription: String { name }
  }

  @Test(
    arguments: targets + critical + customers + messages + updates + milder + escalation
      + aftermath)
  func isJudged(_ item: Case) {
    let lines = item.story().rows().map(AuditStory.line).filter { line in
      item.of.contains { line.hasPrefix($0) }
    }
    #expect(lines == item.expected)
  }

  private static let both = ["response ", "resolution"]

  // MARK: Response and resolution

  private static let targets = [
    Case(
      "exactly on time is kept", of: both,
      ["response due 0:15 done 0:15 kept 0m", "resolution due 4:00 done 4:00 kept 0m"]
    ) {
      $0.acknowledged = "0:15"
      $0.resolved = "4:00"
    },
    Case(
      "a microsecond late is missed", of: both,
      [
        "response due 0:15 done 0:15+1us missed 0m-1us",
        "resolution due 4:00 done 4:00+1us missed 0m-1us",
      ]
    ) {
      $0.acknowledged = "0:15+1us"
      $0.resolved = "4:00+1us"
    },
    Case(
      "the targets of P1", of: both,
      ["response due 1:00 done 0:05 kept 55m", "resolution due 8:00 done 7:00 kept 60m"]
    ) {
      $0.severity = .p1
      $0.resolved = "7:00"
    },
    Case(
      "the targets of P2", of: both,
      ["response due 4:00 done 0:05 kept 235m", "resolution due d+1 0:00 done 7:00 kept 1020m"]
    ) {
      $0.severity = .p2
      $0.resolved = "7:00"
    },
    Case(
      "the targets of P3", of: both,
      [
        "response due d+1 0:00 done 0:05 kept 1435m",
        "resolution due d+7 0:00 done 7:00 kept 9660m",
      ]
    ) {
      $0.severity = .p3
      $0.resolved = "7:00"
    },
    Case(
      "worse later: from when it had the worst", of: both,
      ["response due 2:15 done 0:30 kept 105m", "resolution due 6:00 done 5:59 kept 1m"]
    ) {
      $0.windows = [(.p2, "0:00", nil), (.p0, "2:00", nil)]
      $0.acknowledged = "0:30"
      $0.resolved = "5:59"
    },
    Case(
      "worse later, and the row tells the milder one", of: both,
      ["response due 2:15 done 2:16 missed -1m", "resolution due 6:00 done 6:01 missed -1m"]
    ) {
      $0.severity = .p2
      $0.windows = [(.p2, "0:00", nil), (.p0, "2:00", nil)]
      $0.acknowledged = "2:16"
      $0.resolved = "6:01"
    },
    Case(
      "milder later: the worst still holds", of: both,
      ["response due 0:15 done 0:05 kept 10m", "resolution due 4:00 done 5:00 missed -60m"]
    ) {
      $0.severity = .p2
      $0.windows = [(.p0, "0:00", "2:00"), (.p2, "2:00", nil)]
      $0.resolved = "5:00"
    },
    Case(
      "a row worse than every window holds from the beginning", of: both,
      ["response due 0:15 done 0:05 kept 10m", "resolution due 4:00 done 3:00 kept 60m"]
    ) {
      $0.windows = [(.p2, "0:10", nil)]
      $0.resolved = "3:00"
    },
    Case(
      "windows that begin late or early change nothing where the severity did not", of: both,
      ["response due 0:15 done 0:05 kept 10m", "resolution due 4:00 done 3:00 kept 60m"]
    ) {
      $0.windows = [(.p0, "0:10", nil)]
      $0.resolved = "3:00"
    },
    Case(
      "not worse yet at the instant of the audit", of: both,
      ["response due 4:00 done 0:05 kept 235m", "resolution due d+1 0:00 done - pending 1380m"]
    ) {
      $0.windows = [(.p2, "0:00", nil), (.p0, "2:00", nil)]
      $0.asOf = "1:00"
    },
    Case(
      "worse from the instant of the audit on", of: ["resolution"],
      ["resolution due 6:00 done - pending 240m"]
    ) {
      $0.windows = [(.p2, "0:00", nil), (.p0, "2:00", nil)]
      $0.asOf = "2:00"
    },
    Case(
      "open and due now is pending", of: both,
      ["response due 0:15 done - pending 0m", "resolution due 4:00 done - pending 225m"]
    ) {
      $0.acknowledged = nil
      $0.asOf = "0:15"
    },
    Case(
      "open and past due is missed", of: both,
      [
        "response due 0:15 done - missed 0m-1us",
        "resolution due 4:00 done - pending 224m59999999us",
      ]
    ) {
      $0.acknowledged = nil
      $0.asOf = "0:15+1us"
    },
    Case(
      "resolved and never acknowledged has no record", of: both,
      ["response due 0:15 done - no_record", "resolution due 4:00 done 1:00 kept 180m"]
    ) {
      $0.acknowledged = nil
      $0.resolved = "1:00"
    },
    Case(
      "resolved at once and not due yet is pending", of: ["response "],
      ["response due 0:15 done - pending 5m"]
    ) {
      $0.acknowledged = nil
      $0.resolved = "0:08"
      $0.asOf = "0:10"
    },
  ]

  // MARK: During a P0

  private static let critical = [
    Case(
      "every step, from when it was P0", of: ["r", "first", "in_app", "social", "customer"],
      [
        "response due 1:15 done 0:05 kept 70m", "resolution due 5:00 done 2:00 kept 180m",
        "response_team due 1:30 done 1:30 kept 0m",
        "root_cause_investigation due 1:30 done 1:31 missed -1m",
        "first_status_update due 1:30 done 0:10 kept 80m",
        "customer_notified a due 1:30 done 0:50 kept 40m",
        "customer_notified b due 2:00 done 1:55 kept 5m",
        "customer_notified c due 1:30 done - no_record",
        "in_app_banner due 1:30 done - no_record",
        "resolution_message a due 2:30 done - no_record",
        "resolution_message b due 2:30 done 2:20 kept 10m",
        "resolution_message c due 2:30 done - no_record",
      ]
    ) {
      $0.windows = [(.p1, "0:00", nil), (.p0, "1:00", nil)]
      $0.resolved = "2:00"
      $0.events = [
        ("team", "1:40"), ("team", "1:30"), ("cause", "1:31"), ("status", "0:10"),
        ("notified a", "0:50"), ("notified b", "1:55"), ("notified b", "2:20"),
        ("notified other", "0:01"), ("social", "1:00"),
      ]
      // b was affected later; c was told nothing.
      $0.customers = [("a", "0:00"), ("b", "1:30"), ("c", "0:40")]
    },
    Case(
      "a P1 asks for none of them", of: ["response_team", "first", "status", "customer", "in_app"],
      []
    ) {
      $0.severity = .p1
      $0.customers = [("a", "0:00")]
    },
    Case(
      "social media where it is widespread", of: ["social"],
      ["social_media due 0:30 done 0:31 missed -1m"]
    ) {
      $0.isWidespread = true
      $0.events = [("social", "0:31")]
    },
    Case(
      "told before being affected", of: ["customer"],
      ["customer_notified a due 1:30 done 0:10 kept 80m"]
    ) {
      $0.customers = [("a", "1:00")]
      $0.events = [("notified a", "0:10")]
    },
  ]

  // MARK: Updates

  private static let updates = [
    Case(
      "every half hour to the end", of: ["status"],
      ["status_updates due 0:40 done 0:40 kept 0m"]
    ) {
      $0.resolved = "1:00"
      $0.events = [("status", "0:40"), ("status", "0:10")]
    },
    Case(
      "a microsecond too long", of: ["status"],
      ["status_updates due 0:40 done 0:40+1us missed 0m-1us"]
    ) {
      $0.resolved = "1:00"
      $0.events = [("status", "0:10"), ("status", "0:40+1us")]
    },
    Case(
      "none between the last one and the end", of: ["status"],
      ["status_updates due 0:40 done 0:41 missed -1m"]
    ) {
      $0.resolved = "0:41"
      $0.events = [("status", "0:10")]
    },
    Case(
      "the longest of two gaps", of: ["status"],
      ["status_updates due 1:15 done 2:00 missed -45m"]
    ) {
      $0.resolved = "2:00"
      $0.events = [("status", "0:10"), ("status", "0:45")]
    },
    Case(
      "one after the end fills nothing", of: ["status"],
      ["status_updates due 0:40 done 0:50 missed -10m"]
    ) {
      $0.resolved = "0:50"
      $0.events = [("status", "0:10"), ("status", "0:55")]
    },
    Case(
      "those before it was P0 do not count", of: ["status"],
      ["status_updates due 2:30 done 2:30 kept 0m"]
    ) {
      $0.windows = [(.p1, "0:00", nil), (.p0, "2:00", nil)]
      $0.resolved = "3:00"
      $0.events = [("status", "0:10"), ("status", "2:30")]
    },
    Case("open: the next one", of: ["status"], ["status_updates due 0:40 done - pending 10m"]) {
      $0.asOf = "0:30"
      $0.events = [("status", "0:10")]
    },
    Case(
      "open: the next one is late", of: ["status"], ["status_updates due 0:40 done - missed -5m"]
    ) {
      $0.asOf = "0:45"
      $0.events = [("status", "0:10")]
    },
    Case(
      "open: a gap that is over", of: ["status"], ["status_updates due 0:40 done 1:00 missed -20m"]
    ) {
      $0.asOf = "1:10"
      $0.events = [("status", "0:10"), ("status", "1:00")]
    },
    Case(
      "no update at all", of: ["first", "status"],
      ["first_status_update due 0:30 done - no_record", "status_updates due 1:00 done - no_record"]
    ) { $0.resolved = "3:00" },
    Case(
      "open without an update", of: ["first", "status"],
      [
        "first_status_update due 0:30 done - missed -10m",
        "status_updates due 1:00 done - pending 20m",
      ]
    ) { $0.asOf = "0:40" },
  ]

  // MARK: Escalation

  private static let escalation = [
    Case("in time: no trigger", of: ["escalation"], []) { $0.resolved = "4:00" },
    Case(
      "past the target", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done 3:50 kept 10m"]
    ) {
      $0.resolved = "4:01"
      $0.events = [("level 2", "0:10"), ("level 4", "3:50")]
    },
    Case(
      "past the target, and not far enough", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done - missed -60m"]
    ) {
      $0.resolved = "5:00"
      $0.events = [("level 3", "0:10")]
    },
    Case(
      "past the target, and nothing recorded", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done - no_record"]
    ) { $0.resolved = "5:00" },
    Case(
      "open past the target", of: ["escalation"],
      ["escalation past_target 3 due 8:00 done - missed -60m"]
    ) {
      $0.severity = .p1
      $0.asOf = "9:00"
    },
    Case("open at the target", of: ["escalation"], []) {
      $0.severity = .p1
      $0.asOf = "8:00"
    },
    Case(
      "a level beyond the one asked for", of: ["escalation"],
      ["escalation past_target 3 due 8:00 done 8:00 kept 0m"]
    ) {
      $0.severity = .p1
      $0.resolved = "9:00"
      $0.events = [("level 4", "8:00")]
    },
    Case("revenue impact on nobody of Enterprise", of: ["escalation"], []) {
      $0.resolved = "1:00"
      $0.hasRevenueImpact = true
    },
    Case(
      "revenue impact, from the first customer on", of: ["escalation"],
      ["escalation revenue_impact 2 due 0:50 done 0:51 missed -1m"]
    ) {
      $0.resolved = "1:00"
      $0.hasRevenueImpact = true
      $0.customers = [("a", "0:40"), ("b", "0:20")]
      $0.events = [("level 2", "0:51")]
    },
    Case(
      "security", of: ["escalation"], ["escalation security 2 due 0:30 done 0:30 kept 0m"]
    ) {
      $0.severity = .p2
      $0.resolved = "1:00"
      $0.concernsSecurity = true
      $0.events = [("level 2", "0:30")]
    },
    Case(
      "security that became P0 asks for more from then on", of: ["escalation"],
      ["escalation security 3 due 1:30 done 1:20 kept 10m"]
    ) {
      $0.windows = [(.p2, "0:00", nil), (.p0, "1:00", nil)]
      $0.resolved = "2:00"
      $0.concernsSecurity = true
      $0.events = [("level 2", "0:30"), ("level 3", "1:20")]
    },
    Case(
      "a worse severity that asks for no more changes nothing", of: ["escalation"],
      ["escalation security 3 due 0:30 done 0:40 missed -10m"]
    ) {
      $0.windows = [(.p1, "0:00", nil), (.p0, "1:00", nil)]
      $0.resolved = "2:00"
      $0.concernsSecurity = true
      $0.events = [("level 3", "0:40")]
    },
    Case(
      "several at once, from when both were going on", of: ["escalation"],
      ["escalation several_incidents 3 due 1:15 done - no_record"]
    ) {
      $0.resolved = "2:00"
      $0.companion = "0:45"
    },
  ]

  // MARK: After the incident

  private static let after = ["post_mortem", "action"]

  private static let aftermath = [
    // Monday the 5th; the 12th is a holiday, so the fifth business day is Tuesday the 13th.
    Case(
      "five business days, over a week end and a holiday", of: after,
      ["post_mortem due d+8 12:00 done d+8 12:00 kept 0m"]
    ) {
      $0.resolved = "1:00"
      $0.postMortem = .completed(at: AuditStory.instant("d+8 12:00"))
    },
    Case(
      "a microsecond late", of: after,
      ["post_mortem due d+8 12:00 done d+8 12:00+1us missed 0m-1us"]
    ) {
      $0.resolved = "1:00"
      $0.postMortem = .completed(at: AuditStory.instant("d+8 12:00+1us"))
    },
    Case(
      "resolved at midnight belongs to the day that begins", of: after,
      ["post_mortem due d+9 12:00 done - no_record"]
    ) { $0.resolved = "12:00" },
    Case(
      "resolved on a Saturday", of: after, ["post_mortem due d+14 12:00 done - pending 5760m"]
    ) {
      $0.resolved = "d+5 1:00"
      $0.asOf = "d+10 12:00"
    },
    Case(
      "begun and past due is missed", of: after, ["post_mortem due d+8 12:00 done - missed -30960m"]
    ) {
      $0.resolved = "1:00"
      $0.postMortem = .begun
    },
    Case("none for a P2", of: after, []) {
      $0.severity = .p2
      $0.resolved = "1:00"
      $0.items = [("x", nil)]
    },
    Case("none while it is open", of: after, []) { $0.asOf = "1:00" },
    Case(
      "shared with those who were affected and asked", of: ["post_mortem_shared"],
      [
        "post_mortem_shared a due d+8 12:00 done d+8 1:00 kept 660m",
        "post_mortem_shared b due d+9 12:00 done - missed -29520m",
      ]
    ) {
      $0.resolved = "1:00"
      $0.customers = [("a", "0:00"), ("b", "0:00"), ("c", "0:00")]
      // a asked before it was resolved, z was not affected.
      $0.events = [
        ("asked a", "0:30"), ("shared a", "d+8 1:00"), ("asked b", "d+1 1:00"),
        ("asked z", "d+1 1:00"), ("shared c", "d+1 1:00"),
      ]
    },
    Case(
      "action items are tracked to the last", of: ["action"],
      ["action_items due - done d+9 0:00 kept"]
    ) {
      $0.resolved = "1:00"
      $0.items = [("x", "d+9 0:00"), ("y", "d+3 0:00")]
    },
    Case("one that is open", of: ["action"], ["action_items due - done - pending"]) {
      $0.resolved = "1:00"
      $0.items = [("x", "d+9 0:00"), ("y", nil)]
    },
  ]

  // MARK: Evidence

  @Test func gapsAreEvidence() {
    var story = AuditStory()
    story.resolved = "2:00"
    story.events = [("status", "0:10"), ("status", "0:45"), ("status", "1:00")]
    let row = story.rows().first { $0.requirement == .statusUpdates }
    let gap = { Interval(AuditStory.instant($0), AuditStory.instant($1)) }
    #expect(row?.evidence == [.updates(3), .gap(gap("0:10", "0:45")), .gap(gap("1:00", "2:00"))])
  }

  @Test func openItemsHaveAnAge() {
    var story = AuditStory()
    story.resolved = "1:00"
    story.asOf = "d+10 0:00"
    story.items = [("x", nil)]
    func age() -> [Evidence]? { story.rows().first { $0.requirement == .actionItems }?.evidence }
    #expect(age() == [.openItem(title: "x", ageMicroseconds: (10 * 1440 - 60) * AuditStory.minute)])
    story.postMortem = .completed(at: AuditStory.instant("d+4 0:00"))
    #expect(age() == [.openItem(title: "x", ageMicroseconds: 6 * 1440 * AuditStory.minute)])
  }

  @Test func theFourthLevelIsForP0Alone() {
    let level = EscalationLevel.chiefTechnologyOfficer
    #expect(
      EscalationRule(
        trigger: .security, withinMicroseconds: 0,
        levels: BySeverity(p0: level, p1: level, p2: .teamLead, p3: .teamLead)) == nil)
  }

  @Test func aCalendarThatEndsTooEarlySaysSo() {
    let days = [true, true].enumerated().map { day, isBusinessDay in
      BusinessCalendar.Day(
        start: Instant(microseconds: Int64(day) * 86_400_000_000), isBusinessDay: isBusinessDay)
    }
    let calendar = BusinessCalendar(days: days)
    #expect(calendar.end(ofBusinessDay: 1, after: Instant(microseconds: 5)) == nil)
    #expect(calendar.end(ofBusinessDay: 1, after: Instant(microseconds: -5)) == nil)
  }

  // MARK: Scores

  @Test func scoresCountWhatWasDue() {
    var card = Scorecard()
    let month = BillingMonth(year: 2026, month: 10)
    for (acknowledged, asOf) in [
      ("0:05", "d+1 0:00"), ("0:10", "d+1 0:00"), ("0:20", "d+1 0:00"), (nil, "0:10"),
    ] as [(String?, String)] {
      var story = AuditStory()
      story.acknowledged = acknowledged
      story.asOf = asOf
      for row in story.rows() where row.requirement == .response { card.add(row, month: month) }
    }
    var silent = AuditStory()
    silent.acknowledged = nil
    silent.resolved = "1:00"
    for row in silent.rows() where row.requirement == .response { card.add(row, month: month) }
    let score = card[Scorecard.Key(month: month, step: ScoredStep(.response), severity: .p0)]
    #expect(score.kept == 2 && score.missed == 1 && score.noRecord == 1 && score.pending == 1)
    #expect(score.applicable == 4 && score.notKept == 2)
    #expect(card.total(of: month.advanced(by: 1)).median == nil)
  }

  /// Margins in minutes; nil has no record, and is later than anything.
  @Test(
    arguments: [
      ([10], 10, 10), ([10, -5], 2, -5), ([10, 5, -5], 5, -5), ([10, 5, -5, nil], 0, nil),
      ([10, nil], nil, nil), ([nil], nil, nil), ([10, 5, nil], 5, nil), ([10, nil, nil], nil, nil),
    ] as [([Int64?], Int64?, Int64?)])
  func noRecordIsTheWorstMargin(margins: [Int64?], median: Int64?, worst: Int64?) {
    let due = AuditStory.instant("1:00")
    var score = Score()
    for margin in margins {
      guard let margin else {
        score.add(.noRecord(due: due))
        continue
      }
      let done = Instant(microseconds: due.microseconds - margin * AuditStory.minute)
      score.add(margin < 0 ? .late(due: due, done: done) : .kept(due: due, done: done))
    }
    func minutes(_ margin: ScoreMargin?) -> Int64? {
      if case .microseconds(let margin) = margin { margin / AuditStory.minute } else { nil }
    }
    #expect(score.median != nil && score.worst != nil)
    #expect(minutes(score.median) == median && minutes(score.worst) == worst)
  }

  @Test func escalationsAreScoredByWhatTriggeredThem() {
    var story = AuditStory()
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

  // MARK: What can still be done

  /// What is past due and can still be done, requirement by requirement.
  @Test func whatIsOverCannotBeDone() {
    func lines(_ story: AuditStory) -> [String] {
      story.rows().filter(\.isOverdue).map { $0.requirement.rawValue }
    }
    var story = AuditStory()
    story.severity = .p1
    story.acknowledged = nil
    story.events = [("level 1", "0:10")]
    story.asOf = "9:00"
    // While it is open everything can.
    #expect(lines(story) == ["response", "resolution", "escalation"])
    #expect(story.rows().filter { !$0.isStillToDo } == [])
    // The escalation fell short; the answer was never recorded; a post-mortem can always be written.
    story.resolved = "9:00"
    story.asOf = "d+30 0:00"
    #expect(lines(story) == ["post_mortem"])
    let escalation = story.rows().first { $0.requirement == .escalation }
    #expect(escalation?.outcome.verdict == .missed && escalation?.isStillToDo == false)
    // Pending is still to do and not overdue.
    story.asOf = "10:00"
    #expect(lines(story) == [])
    #expect(story.rows().filter(\.isStillToDo).map(\.requirement) == [.postMortem])
  }
}
