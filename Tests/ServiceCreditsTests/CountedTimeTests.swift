import ServiceCredits
import Testing

/// Section 3 of the credit rules: which time counts, and for which incident.
@Suite struct CountedTimeTests {
  static let countEach = promise(overlap: .countEach)

  @Test(
    "Step 1, the windows that apply",
    arguments: [
      StoryCase("every service, every customer", "A P0 0:00 3:00", "A P0 3:00 0:00-3:00"),
      StoryCase("the subscription's service", "A P0 0:00 3:00 service=0", "A P0 3:00 0:00-3:00"),
      StoryCase("another service", "A P0 0:00 3:00 service=1", ""),
      StoryCase("the customer's own", "A P0 0:00 3:00 customer=0", "A P0 3:00 0:00-3:00"),
      StoryCase("another customer's", "A P0 0:00 3:00 customer=1", ""),
      StoryCase(
        "the customer's, on the service", "A P0 0:00 3:00 customer=0 service=0",
        "A P0 3:00 0:00-3:00"),
      StoryCase(
        "the customer's, on another service", "A P0 0:00 3:00 customer=0 service=1", ""),
      StoryCase(
        "another customer's, on the service", "A P0 0:00 3:00 customer=1 service=0", ""),
      StoryCase("an empty window", "A P0 1:00 1:00", ""),
      StoryCase(
        "windows of several scopes add up",
        "A P0 0:00 1:00\nA P0 2:00 3:00 service=0\nA P0 4:00 5:00 customer=0\nA P0 6:00 7:00 service=2",
        "A P0 3:00 0:00-5:00"),
      StoryCase(
        "scopes that overlap count once", "A P0 0:00 2:00\nA P0 1:00 3:00 customer=0",
        "A P0 3:00 0:00-3:00"),
      StoryCase(
        "the window's service is that of the term in force",
        "A P0 0:00 4:00 service=1\nterm - 2:00 service=0\nterm 2:00 - service=1",
        "A P0 2:00 2:00-4:00"),
      StoryCase(
        "the window's customer is that of the term in force",
        "A P0 0:00 4:00 customer=1\nterm - 1:00 customer=0\nterm 1:00 - customer=1",
        "A P0 3:00 1:00-4:00"),
    ])
  func windows(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  @Test(
    "Step 2, the subscription's terms",
    arguments: [
      StoryCase("joined before", "A P0 0:00 5:00\nterm -0:01 -", "A P0 5:00 0:00-5:00"),
      StoryCase("joined as it began", "A P0 0:00 5:00\nterm 0:00 -", "A P0 5:00 0:00-5:00"),
      StoryCase("joined during it", "A P0 0:00 5:00\nterm 3:00 -", "A P0 2:00 3:00-5:00"),
      StoryCase(
        "joined at its last microsecond", "A P0 0:00 5:00\nterm 4:59:59.999999 -",
        "A P0 0:00:00.000001 4:59:59.999999-5:00"),
      StoryCase("joined as it ended", "A P0 0:00 5:00\nterm 5:00 -", ""),
      StoryCase("left during it", "A P0 0:00 5:00\nterm - 2:00", "A P0 2:00 0:00-2:00"),
      StoryCase("left as it began", "A P0 0:00 5:00\nterm - 0:00", ""),
      StoryCase(
        "left after its first microsecond", "A P0 0:00 5:00\nterm - 0:00:00.000001",
        "A P0 0:00:00.000001 0:00-0:00:00.000001"),
      StoryCase(
        "a change of plan leaves no gap", "A P0 0:00 5:00\nterm - 2:00\nterm 2:00 -",
        "A P0 5:00 0:00-5:00"),
      StoryCase(
        "away for an hour", "A P0 0:00 5:00\nterm - 2:00\nterm 3:00 -", "A P0 4:00 0:00-5:00"),
      StoryCase(
        "joined between two windows", "A P0 0:00 1:00\nA P0 3:00 5:00\nterm 2:00 -",
        "A P0 2:00 3:00-5:00"),
      StoryCase(
        "windows out of order", "A P0 3:00 5:00\nA P0 0:00 1:00\nterm 0:30 -",
        "A P0 2:30 0:30-5:00"),
      StoryCase(
        "a long window hides none behind it", "A P0 0:00 9:00\nB P0 8:00 10:00\nterm 9:30 -",
        "B P0 0:30 9:30-10:00"),
    ])
  func terms(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  @Test(
    "Step 3, exclusions",
    arguments: [
      StoryCase(
        "in the middle", "A P0 0:00 3:00\ncustomer_fault 1:00 1:30", "A P0 2:30 0:00-3:00"),
      StoryCase(
        "at the beginning", "A P0 0:00 3:00\ncustomer_fault -1:00 1:00", "A P0 2:00 1:00-3:00"),
      StoryCase("at the end", "A P0 0:00 3:00\ncustomer_fault 2:00 9:00", "A P0 2:00 0:00-2:00"),
      StoryCase("all of it", "A P0 0:00 3:00\ncustomer_fault 0:00 3:00", ""),
      StoryCase(
        "all but a microsecond", "A P0 0:00 3:00\ncustomer_fault 0:00:00.000001 3:00",
        "A P0 0:00:00.000001 0:00-0:00:00.000001"),
      StoryCase("an empty one", "A P0 0:00 3:00\ncustomer_fault 1:00 1:00", "A P0 3:00 0:00-3:00"),
      StoryCase("before", "A P0 0:00 3:00\ncustomer_fault -1:00 0:00", "A P0 3:00 0:00-3:00"),
      StoryCase("after", "A P0 0:00 3:00\ncustomer_fault 3:00 4:00", "A P0 3:00 0:00-3:00"),
      StoryCase(
        "two that overlap are taken out once",
        "A P0 0:00 3:00\ncustomer_fault 1:00 2:00\nforce_majeure 1:30 2:30",
        "A P0 1:30 0:00-3:00"),
      StoryCase(
        "a shared one and the customer's own, overlapping",
        "A P0 0:00 3:00\ncustomer_fault 1:00 2:00\nforce_majeure 1:30 2:30 customer=0",
        "A P0 1:30 0:00-3:00"),
      StoryCase(
        "on the service", "A P0 0:00 3:00\ncustomer_fault 1:00 2:00 service=0",
        "A P0 2:00 0:00-3:00"),
      StoryCase(
        "on another service", "A P0 0:00 3:00\ncustomer_fault 1:00 2:00 service=1",
        "A P0 3:00 0:00-3:00"),
      StoryCase(
        "of another customer", "A P0 0:00 3:00\ncustomer_fault 1:00 2:00 customer=1",
        "A P0 3:00 0:00-3:00"),
      StoryCase(
        "the customer's, on another service",
        "A P0 0:00 3:00\ncustomer_fault 1:00 2:00 customer=0 service=1", "A P0 3:00 0:00-3:00"),
      StoryCase(
        "on the service that the term has by then",
        """
        A P0 0:00 4:00
        customer_fault 0:30 3:00 service=1
        term - 2:00 service=0
        term 2:00 - service=1
        """, "A P0 3:00 0:00-4:00"),
      StoryCase(
        "of the customer that the term has by then",
        """
        A P0 0:00 4:00
        customer_fault 0:30 3:00 customer=1
        term - 2:00 customer=0
        term 2:00 - customer=1
        """, "A P0 3:00 0:00-4:00"),
      StoryCase(
        "takes out every severity", "A P0 0:00 1:00\nA P1 1:00 3:00\ncustomer_fault 0:30 1:30",
        "A P0 0:30 0:00-3:00"),
    ])
  func exclusions(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  /// Announced `lead` before its start, under a policy that requires 24 hours.
  @Test(
    "Step 3, announced maintenance",
    arguments: [
      ("-48:00", true), ("-24:00:00.000001", true), ("-24:00", true), ("-23:59:59.999999", false),
      ("-1:00", false), ("0:00", false), ("1:00", false),
      ("1970-01-01T00:00:00Z", true), ("2199-12-31T00:00:00Z", false), (nil, false),
    ])
  func announced(at announcedAt: String?, isHonoured: Bool) {
    let mark = announcedAt.map { " announced=\($0)" } ?? ""
    // The lead is measured from the start of the exclusion, not of the outage.
    let story = OutageStory("A P0 -9:00 3:00\nscheduled_maintenance 0:00 1:00\(mark)")
    #expect(story.counts == (isHonoured ? "A P0 11:00 -9:00-3:00" : "A P0 12:00 -9:00-3:00"))
  }

  /// The lead does not fit Int64 then, but it is still longer or shorter than any other.
  @Test(arguments: [(Instant.distantPast, true), (Instant.distantFuture, false)])
  func announcedOutsideOfTime(at announcedAt: Instant, isHonoured: Bool) {
    for start in [storyZero, Instant(microseconds: -1)] {
      let exclusion = Exclusion(
        kind: .scheduledMaintenance, scope: Scope(service: nil, customer: nil),
        interval: Interval(start, Instant(microseconds: start.microseconds + hour)),
        announcedAt: announcedAt)
      #expect(exclusion.isHonoured(by: promise().exclusions) == isHonoured)
    }
  }

  static let wants: [ExclusionRule] = [
    ExclusionRule(kind: .scheduledMaintenance, announcedMicroseconds: nil),
    ExclusionRule(kind: .customerFault, announcedMicroseconds: hour),
    ExclusionRule(kind: .forceMajeure, announcedMicroseconds: 0),
  ]

  @Test(
    "Step 3, what the policy says about a kind",
    arguments: [
      StoryCase(
        "maintenance that need not be announced", "A P0 0:00 3:00\nscheduled_maintenance 0:00 1:00",
        "A P0 2:00 1:00-3:00", versions: [promise(exclusions: wants)]),
      StoryCase(
        "announced afterwards, where it need not be",
        "A P0 0:00 3:00\nscheduled_maintenance 0:00 1:00 announced=2:00",
        "A P0 2:00 1:00-3:00", versions: [promise(exclusions: wants)]),
      StoryCase(
        "each kind has its own lead",
        "A P0 0:00 3:00\ncustomer_fault 0:00 1:00 announced=-1:00", "A P0 2:00 1:00-3:00",
        versions: [promise(exclusions: wants)]),
      StoryCase(
        "each kind has its own lead, missed",
        "A P0 0:00 3:00\ncustomer_fault 0:00 1:00 announced=-0:59", "A P0 3:00 0:00-3:00",
        versions: [promise(exclusions: wants)]),
      StoryCase(
        "a lead of nothing: announced as it begins",
        "A P0 0:00 3:00\nforce_majeure 0:00 1:00 announced=0:00", "A P0 2:00 1:00-3:00",
        versions: [promise(exclusions: wants)]),
      StoryCase(
        "a lead of nothing, and announced too late",
        "A P0 0:00 3:00\nforce_majeure 0:00 1:00 announced=0:00:00.000001", "A P0 3:00 0:00-3:00",
        versions: [promise(exclusions: wants)]),
      StoryCase(
        "a lead of nothing, and never announced", "A P0 0:00 3:00\nforce_majeure 0:00 1:00",
        "A P0 3:00 0:00-3:00", versions: [promise(exclusions: wants)]),
      StoryCase(
        "a kind that the policy does not name", "A P0 0:00 3:00\nforce_majeure 0:00 1:00",
        "A P0 3:00 0:00-3:00", versions: [promise(exclusions: [wants[0]])]),
      StoryCase(
        "a policy that excludes nothing", "A P0 0:00 3:00\ncustomer_fault 0:00 1:00",
        "A P0 3:00 0:00-3:00", versions: [promise(exclusions: [])]),
      StoryCase(
        "each incident by its own version",
        "A P0 0:00 3:00\nB P0 4:00 7:00\nB version 1\ncustomer_fault 1:00 5:00",
        "A P0 1:00 0:00-1:00, B P0 3:00 4:00-7:00",
        versions: [promise(), promise(exclusions: [])]),
      StoryCase(
        "what one version excludes, an incident of another may own",
        "A P0 0:00 3:00\nB P0 0:00 3:00\nB version 1\ncustomer_fault 1:00 2:00",
        "A P0 2:00 0:00-3:00, B P0 1:00 1:00-2:00",
        versions: [promise(), promise(exclusions: [])]),
    ])
  func exclusionRules(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  @Test(
    "Step 4, the worst severity holds",
    arguments: [
      StoryCase("worse in the middle", "A P1 0:00 6:00\nA P0 1:00 3:00", "A P0 2:00 0:00-6:00"),
      StoryCase(
        "worse in the middle, listed first", "A P0 1:00 3:00\nA P1 0:00 6:00",
        "A P0 2:00 0:00-6:00"),
      StoryCase("milder inside", "A P0 0:00 6:00\nA P1 1:00 3:00", "A P0 6:00 0:00-6:00"),
      StoryCase(
        "milder goes on", "A P0 0:00 0:50\nA P1 0:30 4:10:00.000001",
        "A P1 4:10:00.000001 0:00-4:10:00.000001"),
      StoryCase("the same twice", "A P0 0:00 3:00\nA P0 0:00 3:00", "A P0 3:00 0:00-3:00"),
      StoryCase("touching", "A P0 0:00 2:00\nA P0 2:00 3:00", "A P0 3:00 0:00-3:00"),
      StoryCase(
        "the same start, other ends", "A P0 0:00 1:00\nA P0 0:00 5:00\nA P0 0:00 3:00",
        "A P0 5:00 0:00-5:00"),
    ])
  func severities(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  @Test(
    "Step 5, count once",
    arguments: [
      StoryCase(
        "the worse severity owns the instant, though later and larger by name",
        "A P1 0:00 10:00\nB P0 2:00 7:00", "A P1 5:00 0:00-10:00, B P0 5:00 2:00-7:00"),
      StoryCase(
        "the worse severity, though it starts earlier too",
        "B P0 0:00 5:00\nA P1 1:00 10:00", "A P1 5:00 5:00-10:00, B P0 5:00 0:00-5:00"),
      StoryCase(
        "severity at the instant, not the incident's worst",
        "A P0 0:00 1:00\nA P1 1:00 6:00\nB P0 2:00 3:00",
        "A P1 5:00 0:00-6:00, B P0 1:00 2:00-3:00"),
      StoryCase(
        "equally bad: the earlier start", "A P0 2:00 5:00\nB P0 0:00 3:00",
        "A P0 2:00 3:00-5:00, B P0 3:00 0:00-3:00"),
      StoryCase(
        "equally bad: started_at, not the first window",
        "A P0 2:00 5:00\nA starts -1:00\nB P0 0:00 3:00",
        "A P0 3:00 2:00-5:00, B P0 2:00 0:00-2:00"),
      StoryCase(
        "started a microsecond earlier", "A P0 0:00:00.000001 3:00\nB P0 0:00 3:00",
        "B P0 3:00 0:00-3:00"),
      StoryCase(
        "equally bad, started together: the smaller id",
        "A P0 0:00 3:00\nB P0 0:00 3:00", "A P0 3:00 0:00-3:00"),
      StoryCase(
        "ids compare as bytes: capitals first", "a P0 0:00 3:00\nB P0 0:00 3:00",
        "B P0 3:00 0:00-3:00"),
      StoryCase(
        "ids compare as bytes: 10 before 9", "I9 P0 0:00 3:00\nI10 P0 0:00 3:00",
        "I10 P0 3:00 0:00-3:00"),
      StoryCase(
        "three at once", "A P0 0:00 3:00\nB P0 1:00 4:00\nC P0 2:00 5:00",
        "A P0 3:00 0:00-3:00, B P0 1:00 3:00-4:00, C P0 1:00 4:00-5:00"),
      StoryCase(
        "what ended is no rival", "A P0 0:00 2:00\nB P0 2:00 4:00",
        "A P0 2:00 0:00-2:00, B P0 2:00 2:00-4:00"),
      StoryCase(
        "an interrupted owner takes over again",
        "A P0 0:00 2:00\nA P0 3:00 4:00\nB P0 0:30 5:00",
        "A P0 3:00 0:00-4:00, B P0 2:00 2:00-5:00"),
      StoryCase(
        "an exclusion frees nothing of the owner's for another of the same version",
        "A P0 0:00 3:00\nB P0 0:00 3:00\ncustomer_fault 1:00 2:00", "A P0 2:00 0:00-3:00"),
      StoryCase(
        "a window that does not apply claims nothing",
        "A P0 0:00 3:00 service=1\nB P0 0:00 3:00", "B P0 3:00 0:00-3:00"),
      StoryCase(
        "a milder incident claims what is not creditable to it, and loses it to none",
        "A P2 0:00 3:00\nB P2 0:00 3:00", ""),
      StoryCase(
        "an instant that its owner cannot be credited for is nobody's",
        "A P2 0:00 3:00\nB P2 1:00 5:00\nB version 1", "B P2 2:00 3:00-5:00",
        versions: [promise(), promise(tiers: [creditTier(.p2, hour, 1)])]),
      StoryCase(
        "counted each: nobody claims", "A P0 0:00 3:00\nB P0 0:00 3:00",
        "A P0 3:00 0:00-3:00, B P0 3:00 0:00-3:00", versions: [countEach]),
      StoryCase(
        "counted each: neither claims nor loses among those counted once",
        "A P0 0:00 3:00\nA version 1\nB P0 0:00 3:00\nC P0 1:00 4:00",
        "A P0 3:00 0:00-3:00, B P0 3:00 0:00-3:00, C P0 1:00 3:00-4:00",
        versions: [promise(), countEach]),
      StoryCase(
        "counted each, and worse: takes nothing", "A P1 0:00 5:00\nB P0 0:00 5:00\nB version 1",
        "A P1 5:00 0:00-5:00, B P0 5:00 0:00-5:00", versions: [promise(), countEach]),
    ])
  func countOnce(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  static let goldEarnsForP2 = promise(
    plans: ["gold": PlanRules(rule: .tiers([creditTier(.p2, hour, 1)]), cap: .whole)])

  @Test(
    "Steps 6 and 7, creditable time and durations",
    arguments: [
      StoryCase("a severity that no tier names", "A P2 0:00 30:00", ""),
      StoryCase(
        "before the creditable time", "A P2 0:00 1:00\nA P0 1:00 3:00", "A P0 2:00 1:00-3:00"),
      StoryCase(
        "after the creditable time", "A P0 1:00 3:00\nA P2 3:00 9:00", "A P0 2:00 1:00-3:00"),
      StoryCase(
        "the mildest that any tier names", "A P1 0:00 0:30\nA P0 1:00 3:00",
        "A P0 2:00 0:00-3:00"),
      StoryCase(
        "a plan's tier makes a severity creditable for every plan",
        "A P2 0:00 3:00\nA P0 3:00 4:00:00.000001",
        "A P0 1:00:00.000001 0:00-4:00:00.000001", versions: [goldEarnsForP2]),
      StoryCase(
        "worse than the mildest counts though no tier names it",
        "A P1 0:00 3:00", "A P2 3:00 0:00-3:00",
        versions: [promise(tiers: [creditTier(.p2, hour, 1)])]),
      StoryCase("no tier at all", "A P0 0:00 9:00", "", versions: [promise(tiers: [])]),
      StoryCase(
        "50 minutes of P0 and 3:20 of P1 are 4:10 of P1 or worse",
        "A P0 0:00 0:50\nA P1 0:50 4:10", "A P1 4:10 0:00-4:10"),
      StoryCase(
        "reopened: windows add up", "A P0 0:00 0:40\nA P0 5:00 5:40", "A P0 1:20 0:00-5:40"),
    ])
  func durations(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  @Test func everyDurationOrWorse() throws {
    let story = OutageStory(
      "A P0 0:00 1:00\nA P1 1:00 3:00\nA P2 3:00 7:00\nA P3 7:00 15:00",
      versions: [promise(tiers: [creditTier(.p3, 0, 1)])])
    let counted = try #require(story.decisions.first).counted
    #expect(
      Severity.allCases.map { counted.microseconds(atOrWorseThan: $0) / hour } == [1, 3, 7, 15])
  }
}
