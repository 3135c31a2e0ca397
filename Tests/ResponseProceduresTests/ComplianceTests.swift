import ResponseProcedures
import ServiceCredits
import Testing

/// Due times and verdicts, calculated by hand.
@Suite struct ComplianceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let story: @Sendable () -> ComplianceStory
    /// Only requirements that begin with one of these words.
    let of: [String]
    let expected: [String]

    init(
      _ name: String, of: [String], _ expected: [String],
      _ story: @escaping @Sendable (inout ComplianceStory) -> Void
    ) {
      self.name = name
      self.of = of
      self.expected = expected
      self.story = {
        var made = ComplianceStory()
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
    let lines = item.story().rows().map(ComplianceStory.line).filter { line in
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

  // MARK: Evidence

  @Test func gapsAreEvidence() {
    var story = ComplianceStory()
    story.resolved = "2:00"
    story.events = [("status", "0:10"), ("status", "0:45"), ("status", "1:00")]
    let row = story.rows().first { $0.requirement == .statusUpdates }
    let gap = { Interval(ComplianceStory.instant($0), ComplianceStory.instant($1)) }
    #expect(row?.evidence == [.updates(3), .gap(gap("0:10", "0:45")), .gap(gap("1:00", "2:00"))])
  }

  @Test func openItemsHaveAnAge() {
    var story = ComplianceStory()
    story.resolved = "1:00"
    story.asOf = "d+10 0:00"
    story.items = [("x", nil)]
    func age() -> [Evidence]? { story.rows().first { $0.requirement == .actionItems }?.evidence }
    #expect(
      age() == [.openItem(title: "x", ageMicroseconds: (10 * 1440 - 60) * ComplianceStory.minute)])
    story.postMortem = .completed(at: ComplianceStory.instant("d+4 0:00"))
    #expect(age() == [.openItem(title: "x", ageMicroseconds: 6 * 1440 * ComplianceStory.minute)])
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

  // MARK: What can still be done

  /// The requirements that are past due and can still be done.
  @Test func whatIsOverCannotBeDone() {
    func lines(_ story: ComplianceStory) -> [String] {
      story.rows().filter(\.isOverdue).map { $0.requirement.rawValue }
    }
    var story = ComplianceStory()
    story.severity = .p1
    story.acknowledged = nil
    story.events = [("level 1", "0:10")]
    story.asOf = "9:00"
    // While the incident is open, everything can be done.
    #expect(lines(story) == ["response", "resolution", "escalation"])
    #expect(story.rows().filter { !$0.isStillToDo } == [])
    // The escalation was incomplete, and the answer was never recorded. A post-mortem can always be
    // written.
    story.resolved = "9:00"
    story.asOf = "d+30 0:00"
    #expect(lines(story) == ["post_mortem"])
    let escalation = story.rows().first { $0.requirement == .escalation }
    #expect(escalation?.outcome.verdict == .missed && escalation?.isStillToDo == false)
    // A pending requirement is not overdue.
    story.asOf = "10:00"
    #expect(lines(story) == [])
    #expect(story.rows().filter(\.isStillToDo).map(\.requirement) == [.postMortem])
  }
}
