import ServiceCredits
import Testing

/// What is granted only where it was claimed in time.
@Suite struct ClaimTests {
  private static let twoDays = [promise(claim: ClaimRule(withinDays: 2, after: .incident))]
  private static let afterMonth = [promise(claim: ClaimRule(withinDays: 2, after: .month))]

  @Test(
    "Until the midnight that ends the second day",
    arguments: [
      StoryCase("nobody claims", "A P0 0:00 3:00", "A not_claimed", versions: twoDays),
      StoryCase(
        "the last instant", "A P0 0:00 3:00\nclaim A 71:59:59.999999", "A 100.00 USD",
        versions: twoDays),
      StoryCase(
        "a microsecond later", "A P0 0:00 3:00\nclaim A 72:00", "A not_claimed", versions: twoDays),
      StoryCase(
        "an outage up to midnight is of the day before",
        "A P0 21:00 24:00\nclaim A 72:00", "A not_claimed", versions: twoDays),
      StoryCase(
        "an outage past midnight is of the next day",
        "A P0 21:00 24:00:00.000001\nclaim A 72:00", "A 100.00 USD", versions: twoDays),
      StoryCase(
        "time that counts for another incident is none of its own",
        "A P0 0:00 3:00\nB P1 1:00 2:00\nB P0 4:00 6:00\nclaim B 1:00",
        "A not_claimed, B 100.00 USD",
        versions: twoDays),
      StoryCase(
        "while it lasts, and before it",
        "A P0 0:00 3:00\nB P0 9:00 12:00\nclaim A 1:00\nclaim B 8:00",
        "A 100.00 USD, B 100.00 USD", versions: twoDays),
      StoryCase(
        "of two claims the first", "A P0 0:00 3:00\nclaim A 90:00\nclaim A 5:00", "A 100.00 USD",
        versions: twoDays),
      StoryCase(
        "what earns nothing needs no claim", "A P0 0:00 0:30", "A below_every_tier",
        versions: twoDays),
      StoryCase("a promise without claims", "A P0 0:00 3:00", "A 100.00 USD"),
      StoryCase(
        "the version of the incident", "A P0 0:00 3:00\nB P0 9:00 12:00\nB version 1",
        "A 100.00 USD, B not_claimed", versions: [promise()] + twoDays),
    ])
  func deadlines(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  @Test(
    "The days are the customer's",
    arguments: [
      StoryCase(
        "in UTC+14 the twelfth ends at 10:00 UTC",
        "A P0 0:00 3:00\nterm - - zone=1\nclaim A 57:59:59.999999", "A 100.00 USD",
        versions: twoDays),
      StoryCase(
        "and not later", "A P0 0:00 3:00\nterm - - zone=1\nclaim A 58:00", "A not_claimed",
        versions: twoDays),
      StoryCase(
        "in UTC-10 the outage is of the ninth", "A P0 0:00 3:00\nterm - - zone=2\nclaim A 57:59",
        "A 100.00 USD", versions: twoDays),
      StoryCase(
        "so that the eleventh is the last day", "A P0 0:00 3:00\nterm - - zone=2\nclaim A 58:00",
        "A not_claimed", versions: twoDays),
    ])
  func zones(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  @Test(
    "A month, and what comes after it",
    arguments: [
      StoryCase(
        "a claim for its month", "A P0 0:00 3:00\nclaim 2026-10 5:00", "A 100.00 USD",
        versions: twoDays),
      StoryCase(
        "a claim for a month has the incident's deadline", "A P0 0:00 3:00\nclaim 2026-10 72:00",
        "A not_claimed", versions: twoDays),
      StoryCase(
        "a claim for the month after", "A P0 0:00 3:00\nclaim 2026-11 5:00", "A not_claimed",
        versions: twoDays),
      StoryCase(
        "an outage over the month's end is the first month's",
        "A P0 2026-10-31T22:00:00Z 2026-11-01T02:00:00Z\nclaim 2026-11 2026-11-02T00:00:00Z",
        "A not_claimed", versions: twoDays),
      StoryCase(
        "two days after the month", "A P0 0:00 3:00\nclaim A 2026-11-02T23:59:59.999999Z",
        "A 100.00 USD", versions: afterMonth),
      StoryCase(
        "and no longer", "A P0 0:00 3:00\nclaim A 2026-11-03T00:00:00Z", "A not_claimed",
        versions: afterMonth),
      StoryCase(
        "the month of its first instant, whenever it ends",
        "A P0 2026-10-31T22:00:00Z 2026-11-02T02:00:00Z\nclaim A 2026-11-03T00:00:00Z",
        "A not_claimed", versions: afterMonth),
    ])
  func months(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  private static let cap = [promise(cap: 25, claim: ClaimRule(withinDays: 2, after: .incident))]

  @Test(
    "What is not claimed uses up no cap",
    arguments: [
      StoryCase(
        "all claimed", "A P0 0:00 5:00\nB P0 9:00 14:00\nclaim 2026-10 20:00",
        "A 250.00 USD, B capped", versions: cap),
      StoryCase(
        "the second alone", "A P0 0:00 5:00\nB P0 9:00 14:00\nclaim B 20:00",
        "A not_claimed, B 250.00 USD", versions: cap),
      StoryCase(
        "what was another customer's is theirs to claim",
        "A P0 0:00 5:00\nB P0 9:00 14:00\nterm - 6:00 customer=1\nterm 6:00 -\nclaim B 20:00",
        "A 250.00 USD, B capped", versions: cap),
    ])
  func caps(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  /// Decisions are kept for subscriptions that see the same outages, and claims are no part of that.
  @Test func claimsStayWithTheirSubscription() throws {
    let story = OutageStory("A P0 0:00 3:00\nclaim A 5:00", versions: ClaimTests.twoDays)
    var others = story
    others.claims = []
    var calculator = story.calculator()
    #expect(others.decide(&calculator).map { $0.unclaimed == nil } == [false])
    #expect(story.decide(&calculator).map { $0.unclaimed == nil } == [true])
    #expect(others.decide(&calculator).map { $0.unclaimed == nil } == [false])
  }

  @Test func theDeadlineIsTold() throws {
    let story = OutageStory("A P0 0:00 3:00", versions: ClaimTests.twoDays)
    let decision = try #require(story.decisions.first)
    #expect(decision.unclaimed?.deadline == OutageStory.time("72:00"))
    #expect(decision.beforeCap == BasisPoints(1000))
    #expect(decision.granted == .zero)
  }
}

/// Claims under rules.
@Suite struct RuleClaimTests {
  private static func version(
    _ rules: [Rule], combine: RuleSet.Combination = .sum, after: ClaimRule.Beginning = .incident
  ) -> [PolicyVersion] {
    [
      promise(
        rules: RuleSet(rules: rules, combine: combine),
        claim: ClaimRule(withinDays: 2, after: after))
    ]
  }

  private static let outage = Rule(steps((.any, percent(5))), of: .outage)
  private static let downtime = Rule(
    steps((.longerThan(hour), percent(10)), (.longerThan(4 * hour), percent(30))), of: .downtime)
  private static let quarterly = Rule(
    steps((.any, percent(10))), of: .downtime, per: .quarter,
    base: basedOn { $0.fee = .billed })
  private static let alone = version([outage])
  private static let monthly = version([downtime])
  private static let both = version([outage, downtime])

  @Test(
    "Outages that are settled one by one",
    arguments: [
      StoryCase(
        "each needs its own", "A P0 0:00 3:00\nB P0 9:00 12:00\nclaim B 10:00",
        "A not_claimed, B 50.00 USD", versions: alone),
      StoryCase(
        "the last instant", "A P0 0:00 3:00\nclaim A 71:59:59.999999", "A 50.00 USD",
        versions: alone),
      StoryCase(
        "a microsecond later", "A P0 0:00 3:00\nclaim A 72:00", "A not_claimed", versions: alone),
      StoryCase(
        "its month", "A P0 0:00 3:00\nclaim 2026-10 5:00", "A 50.00 USD", versions: alone),
      StoryCase(
        "two days after its month", "A P0 0:00 3:00\nclaim A 2026-11-02T23:59:59.999999Z",
        "A 50.00 USD", versions: version([outage], after: .month)),
    ])
  func outages(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  @Test(
    "Months and quarters",
    arguments: [
      StoryCase(
        "nobody claims", "A P0 0:00 2:00\nB P0 9:00 9:30\nC P0 12:00 15:00",
        "A not_claimed, B adds_nothing, C not_claimed", versions: monthly),
      StoryCase(
        "one claim is for the whole period", "A P0 0:00 2:00\nC P0 12:00 15:00\nclaim C 20:00",
        "A 100.00 USD, C 200.00 USD", versions: monthly),
      StoryCase(
        "even for an incident that adds nothing",
        "A P0 0:00 2:00\nB P0 9:00 9:30\nclaim B 20:00", "A 100.00 USD, B adds_nothing",
        versions: monthly),
      StoryCase(
        "too late", "A P0 0:00 2:00\nclaim A 72:00", "A not_claimed", versions: monthly),
      StoryCase(
        "a claim for an incident of another month",
        "A P0 0:00 2:00\nB P0 624:00 626:00\nclaim B 627:00",
        "A not_claimed, B 100.00 USD", versions: monthly),
      StoryCase(
        "the month, as long as any incident could be claimed",
        "A P0 0:00 2:00\nC P0 100:00 103:00\nclaim 2026-10 110:00", "A 100.00 USD, C 200.00 USD",
        versions: monthly),
      StoryCase(
        "and no longer", "A P0 0:00 2:00\nC P0 100:00 103:00\nclaim 2026-10 168:00",
        "A not_claimed, C not_claimed", versions: monthly),
      StoryCase(
        "two days after the period",
        "A P0 0:00 2:00\nclaim A 2026-11-02T23:59:59.999999Z", "A 100.00 USD",
        versions: version([downtime], after: .month)),
      StoryCase(
        "a month of the quarter, two days after the quarter",
        "A P0 0:00 2:00\nclaim 2026-12 2027-01-02T23:59:59.999999Z", "A 300.00 USD",
        versions: version([quarterly], after: .month)),
      StoryCase(
        "a month of the quarter before", "A P0 0:00 2:00\nclaim 2026-09 2026-10-11T00:00:00Z",
        "A not_claimed", versions: version([quarterly], after: .month)),
    ])
  func periods(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  @Test(
    "Outages and a month together",
    arguments: [
      StoryCase(
        "nobody claims", "A P0 0:00 2:00\nB P0 9:00 9:30", "A not_claimed, B not_claimed",
        versions: both),
      StoryCase(
        "the month is for all, the outage for itself",
        "A P0 0:00 2:00\nB P0 9:00 9:30\nclaim B 20:00", "A 100.00 USD, B 50.00 USD",
        versions: both),
      StoryCase(
        "an outage without its own is told so",
        "A P0 0:00 2:00\nB P0 9:00 9:30\nclaim A 20:00", "A 150.00 USD, B not_claimed",
        versions: both),
    ])
  func together(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  /// `from: claim` is another wish than `claim`: a claim for the month is none for the incident.
  @Test(
    "Time before the claim for the incident",
    arguments: [
      StoryCase("none", "A P0 0:00 4:00", "A below_every_tier", versions: fromClaim),
      StoryCase(
        "the first of two", "A P0 0:00 4:00\nclaim A 3:30\nclaim A 1:00", "A 20.00 USD",
        versions: fromClaim),
      StoryCase(
        "for the month", "A P0 0:00 4:00\nclaim 2026-10 1:00", "A below_every_tier",
        versions: fromClaim),
      StoryCase(
        "for another incident", "A P0 0:00 4:00\nB P0 9:00 9:30\nclaim B 1:00",
        "A below_every_tier, B below_every_tier", versions: fromClaim),
    ])
  func fromTheClaim(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  private static let fromClaim = [
    promise(
      rules: RuleSet(rules: [
        Rule(
          steps((.longerThan(2 * hour), percent(2))), of: .outage,
          count: counting { $0.isFromClaim = true })
      ]))
  ]
}
