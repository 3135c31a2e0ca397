import ServiceCredits
import Testing

/// Sections 4 and 5 of the credit rules: tier, month, term and cap.
@Suite struct CreditDecisionTests {
  @Test(
    "Section 4, tiers at their thresholds",
    arguments: [
      StoryCase("P0, 59:59.999999", "A P0 0:00 0:59:59.999999", "A none"),
      StoryCase("P0, 1 h exactly", "A P0 0:00 1:00", "A none"),
      StoryCase("P0, 1 h and 1 µs", "A P0 0:00 1:00:00.000001", "A 10%"),
      StoryCase("P0, 4 h less 1 µs", "A P0 0:00 3:59:59.999999", "A 10%"),
      StoryCase("P0, 4 h exactly", "A P0 0:00 4:00", "A 10%"),
      StoryCase("P0, 4 h and 1 µs", "A P0 0:00 4:00:00.000001", "A 25%"),
      StoryCase("P0, 5 h: tiers never add", "A P0 0:00 5:00", "A 25%"),
      StoryCase("P1, 4 h less 1 µs", "A P1 0:00 3:59:59.999999", "A none"),
      StoryCase("P1, 4 h exactly", "A P1 0:00 4:00", "A none"),
      StoryCase("P1, 4 h and 1 µs", "A P1 0:00 4:00:00.000001", "A 5%"),
      StoryCase("P1, 30 days", "A P1 0:00 720:00", "A 5%"),
      StoryCase("P2, 30 days", "A P2 0:00 720:00", ""),
      StoryCase("P3, 30 days", "A P3 0:00 720:00", ""),
      StoryCase(
        "P0 50 min and P1 3:10: 4 h of P1 or worse exactly", "A P0 0:00 0:50\nA P1 0:50 4:00",
        "A none"),
      StoryCase(
        "P0 50 min and P1 3:10 and a µs", "A P0 0:00 0:50\nA P1 0:50 4:00:00.000001", "A 5%"),
      StoryCase(
        "P1 before and after does not lengthen P0",
        "A P1 0:00 3:00\nA P0 3:00 4:00\nA P1 4:00 4:01",
        "A 5%"),
      StoryCase(
        "the exact length, not whole seconds of each window",
        "A P0 0:00 0:30:00.000001\nA P0 1:00 1:30", "A 10%"),
    ])
  func thresholds(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).percents == testCase.expected)
  }

  @Test(
    "Section 4, which of the tiers met wins",
    arguments: [
      StoryCase(
        "the largest percent, not the worst severity", "A P0 0:00 5:00", "A P1 5:00 0:00-5:00",
        versions: [promise(tiers: [creditTier(.p0, hour, 10), creditTier(.p1, 4 * hour, 20)])]),
      StoryCase(
        "the largest percent, not the longest threshold", "A P0 0:00 5:00", "A P0 5:00 0:00-5:00",
        versions: [promise(tiers: [creditTier(.p0, hour, 20), creditTier(.p1, 4 * hour, 10)])]),
      StoryCase(
        "equal percents: the worst severity", "A P0 0:00 2:00\nA P1 2:00 5:00",
        "A P0 2:00 0:00-5:00",
        versions: [promise(tiers: [creditTier(.p1, 4 * hour, 10), creditTier(.p0, hour, 10)])]),
      StoryCase(
        "equal percents: the milder where only it is met", "A P0 0:00 1:00\nA P1 1:00 5:00",
        "A P1 5:00 0:00-5:00",
        versions: [promise(tiers: [creditTier(.p1, 4 * hour, 10), creditTier(.p0, hour, 10)])]),
      StoryCase(
        "no tier met: the worst counted severity", "A P1 0:00 3:00\nA P0 3:00 3:30",
        "A P0 0:30 0:00-3:30"),
      StoryCase(
        "a threshold of nothing", "A P0 0:00 0:00:00.000001",
        "A P0 0:00:00.000001 0:00-0:00:00.000001",
        versions: [promise(tiers: [creditTier(.p0, 0, 1)])]),
    ])
  func winners(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).counts == testCase.expected)
  }

  /// The decision's tier is the only sign of the threshold that won.
  @Test(arguments: [
    [creditTier(.p0, hour, 10), creditTier(.p0, 2 * hour, 10)],
    [creditTier(.p0, 2 * hour, 10), creditTier(.p0, hour, 10)],
  ])
  func equalPercentAndSeverityTakeTheLongestThreshold(tiers: [CreditTier]) throws {
    let story = OutageStory("A P0 0:00 3:00", versions: [promise(tiers: tiers)])
    let decision = try #require(story.decisions.first)
    #expect(decision.tier?.longerThanMicroseconds == 2 * hour)
  }

  static let ownPlans: [String: PlanRules] = [
    "platinum": PlanRules(
      rule: .tiers([creditTier(.p0, 30 * minute, 15), creditTier(.p0, 4 * hour, 50)]),
      cap: BasisPoints(6000)),
    "capped": PlanRules(
      rule: .tiers([
        creditTier(.p0, hour, 10), creditTier(.p0, 4 * hour, 25), creditTier(.p1, 4 * hour, 5),
      ]),
      cap: BasisPoints(3000)),
  ]

  @Test(
    "Section 4, plans",
    arguments: [
      StoryCase("a plan's own tiers", "A P0 0:00 0:31\nterm - - plan=platinum", "A 15%"),
      StoryCase(
        "a plan's own tiers, met exactly", "A P0 0:00 0:30\nterm - - plan=platinum", "A none"),
      StoryCase(
        "not the version's tiers as well", "A P1 0:00 5:00\nterm - - plan=platinum", "A none"),
      StoryCase("another plan", "A P0 0:00 0:31\nterm - - plan=basic", "A none"),
      StoryCase("a plan with a cap alone", "A P0 0:00 2:00\nterm - - plan=capped", "A 10%"),
      StoryCase(
        "the plan as of the first creditable instant",
        "A P0 0:00 5:00\nterm - 0:00:00.000001 plan=platinum\nterm 0:00:00.000001 -", "A 50%"),
      StoryCase(
        "the plan before does not matter",
        "A P0 0:00 5:00\nterm - 0:00 plan=platinum\nterm 0:00 -", "A 25%"),
      StoryCase(
        "first creditable instant, not the first window",
        "A P2 0:00 1:00\nA P0 2:00 7:00\nterm - 1:30 plan=platinum\nterm 1:30 -", "A 25%"),
      StoryCase(
        "first instant that belongs to the incident",
        """
        A P0 0:00 2:00
        B P0 1:00 7:00
        term - 2:00 plan=platinum
        term 2:00 -
        """, "A 15%, B 25%"),
      StoryCase(
        "first instant that is not excluded",
        "A P0 0:00 6:00\ncustomer_fault 0:00 1:00\nterm - 1:00 plan=platinum\nterm 1:00 -", "A 25%"),
    ].map {
      StoryCase($0.testDescription, $0.story, $0.expected, versions: [promise(plans: ownPlans)])
    })
  func plans(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).percents == testCase.expected)
  }

  @Test(
    "Section 4, versions",
    arguments: [
      StoryCase("by the incident's version", "A P0 0:00 2:00\nA version 1", "A 40%"),
      StoryCase(
        "each its own", "A P0 0:00 2:00\nB P0 5:00 7:00\nB version 1", "A 10%, B 40%"),
    ])
  func versions(testCase: StoryCase) {
    let versions = [promise(), promise(tiers: [creditTier(.p0, hour, 40)])]
    #expect(OutageStory(testCase.story, versions: versions).percents == testCase.expected)
  }

  @Test(
    "Section 4, month and term",
    arguments: [
      StoryCase(
        "across a month end: the month in which it began",
        "A P0 2026-10-31T22:00:00Z 2026-11-01T03:00:00Z", "A 2026-10 term 0"),
      StoryCase(
        "the last microsecond of a month",
        "A P0 2026-10-31T23:59:59.999999Z 2026-11-01T03:00:00Z", "A 2026-10 term 0"),
      StoryCase(
        "the first instant of a month", "A P0 2026-11-01T00:00:00Z 2026-11-01T03:00:00Z",
        "A 2026-11 term 0"),
      StoryCase(
        "first creditable instant, not the first window",
        "A P2 2026-10-31T22:00:00Z 2026-11-01T00:00:00Z\nA P0 2026-11-01T00:00:00Z 2026-11-01T03:00:00Z",
        "A 2026-11 term 0"),
      StoryCase(
        "first instant within the terms, not of the outage",
        "A P0 2026-10-31T22:00:00Z 2026-11-01T03:00:00Z\nterm 2026-11-01T00:00:00Z -",
        "A 2026-11 term 0"),
      StoryCase(
        "not started_at",
        "A P0 2026-11-01T00:00:00Z 2026-11-01T03:00:00Z\nA starts 2026-10-31T22:00:00Z",
        "A 2026-11 term 0"),
      StoryCase(
        "in the customer's zone, 14 hours ahead",
        "A P0 2026-10-31T10:00:00Z 2026-10-31T13:00:00Z\nterm - - zone=1", "A 2026-11 term 0"),
      StoryCase(
        "in the customer's zone, a microsecond before its midnight",
        "A P0 2026-10-31T09:59:59.999999Z 2026-10-31T13:00:00Z\nterm - - zone=1",
        "A 2026-10 term 0"),
      StoryCase(
        "in the customer's zone, 10 hours behind",
        "A P0 2026-11-01T09:59:59.999999Z 2026-11-01T13:00:00Z\nterm - - zone=2",
        "A 2026-10 term 0"),
      StoryCase(
        "the zone of the customer of the term in force",
        """
        A P0 2026-10-31T11:00:00Z 2026-10-31T15:00:00Z
        term - 2026-10-31T11:00:00Z customer=0
        term 2026-10-31T11:00:00Z - customer=1 zone=1
        """, "A 2026-11 term 1"),
      StoryCase(
        "the term that began it", "A P0 0:00 5:00\nterm - 2:00\nterm 2:00 -",
        "A 2026-10 term 0"),
      StoryCase(
        "a term that begins with it", "A P0 2:00 5:00\nterm - 2:00\nterm 2:00 -",
        "A 2026-10 term 1"),
    ])
  func months(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).places == testCase.expected)
  }

  @Test func customerWithoutAZoneHasTheVersionsOwn() {
    var story = OutageStory(
      """
      A P0 2026-10-31T12:00:00Z 2026-10-31T15:00:00Z
      B P0 2026-10-31T20:00:00Z 2026-10-31T23:00:00Z
      B version 1
      """, versions: [promise(), promise()])
    story.versionZones = [ZoneNumber(0), ZoneNumber(1)]
    #expect(story.places == "A 2026-10 term 0, B 2026-11 term 0")
    story.versionZones = [ZoneNumber(1), ZoneNumber(2)]
    #expect(story.places == "A 2026-11 term 0, B 2026-10 term 0")
  }

  @Test(
    "Section 5, the cap",
    arguments: [
      StoryCase(
        "the fifth of five finds nothing left",
        "A P0 0:00 5:00\nB P0 24:00 29:00\nC P0 48:00 53:00\nD P0 72:00 77:00\nE P0 96:00 101:00",
        "A 25%, B 25%, C 25%, D 25%, E 0% of 25%"),
      StoryCase(
        "the last one in takes what is left",
        "A P0 0:00 5:00\nB P0 24:00 29:00\nC P0 48:00 53:00", "A 25%, B 25%, C 10% of 25%",
        versions: [promise(cap: 60)]),
      StoryCase(
        "a small one still fits behind one that was cut to nothing",
        "A P0 0:00 5:00\nB P0 24:00 29:00\nC P1 48:00 53:00", "A 25%, B 0% of 25%, C 0% of 5%",
        versions: [promise(cap: 25)]),
      StoryCase(
        "exactly full", "A P0 0:00 5:00\nB P0 24:00 29:00", "A 25%, B 25%",
        versions: [promise(cap: 50)]),
      StoryCase(
        "by first instant, not by id", "B P0 0:00 5:00\nA P0 24:00 29:00", "A 5% of 25%, B 25%",
        versions: [promise(cap: 30)]),
      StoryCase(
        "by first instant, not by percent", "A P1 0:00 5:00\nB P0 24:00 29:00",
        "A 5%, B 20% of 25%",
        versions: [promise(cap: 25)]),
      StoryCase(
        "by first creditable instant, not by window",
        "A P2 0:00 30:00\nA P0 30:00 35:00\nB P0 24:00 29:00", "A 5% of 25%, B 25%",
        versions: [promise(cap: 30)]),
      StoryCase(
        "by first instant, not by started_at",
        "A P0 24:00 29:00\nA starts -1:00\nB P0 0:00 5:00", "A 5% of 25%, B 25%",
        versions: [promise(cap: 30)]),
      StoryCase(
        "the same first instant: by id", "B P0 0:00 5:00\nA P0 0:00 5:00", "A 25%, B 5% of 25%",
        versions: [promise(cap: 30, overlap: .countEach)]),
      StoryCase(
        "what meets no tier takes no share", "A P0 0:00 0:30\nB P0 24:00 29:00", "A none, B 25%",
        versions: [promise(cap: 25)]),
      StoryCase(
        "each month by itself",
        """
        A P0 2026-10-31T10:00:00Z 2026-10-31T15:00:00Z
        B P0 2026-10-31T20:00:00Z 2026-11-01T01:00:00Z
        C P0 2026-11-01T10:00:00Z 2026-11-01T15:00:00Z
        """, "A 25%, B 5% of 25%, C 25%", versions: [promise(cap: 30)]),
      StoryCase(
        "months of the customer's zone",
        """
        A P0 2026-10-31T05:00:00Z 2026-10-31T09:30:00Z
        B P0 2026-10-31T11:00:00Z 2026-10-31T16:00:00Z
        term - - zone=1
        """, "A 25%, B 25%", versions: [promise(cap: 30)]),
      StoryCase(
        "each decision by its own plan's cap",
        """
        A P0 0:00 5:00
        B P0 24:00 29:00
        C P0 48:00 53:00
        term - 23:00 plan=basic
        term 23:00 47:00 plan=capped
        term 47:00 - plan=basic
        """, "A 25%, B 5% of 25%, C 25%", versions: [promise(plans: ownPlans)]),
      StoryCase(
        "a cap below what is used already takes nothing back",
        "A P0 0:00 5:00\nB P0 24:00 29:00\nterm - 23:00 plan=basic\nterm 23:00 - plan=low",
        "A 25%, B 0% of 25%",
        versions: [
          promise(plans: [
            "low": PlanRules(rule: promise().terms.rule, cap: BasisPoints(1000))
          ])
        ]),
      StoryCase(
        "each decision by its own version's cap",
        "A P0 0:00 5:00\nB P0 24:00 29:00\nB version 1\nC P0 48:00 53:00",
        "A 25%, B 5% of 25%, C 25%",
        versions: [promise(), promise(cap: 30)]),
      StoryCase("held: counts first", "A P0 0:00 5:00\nheld 2026-10 90", "A 10% of 25%"),
      StoryCase("held: exactly what is left", "A P0 0:00 5:00\nheld 2026-10 75", "A 25%"),
      StoryCase("held: all of it", "A P0 0:00 5:00\nheld 2026-10 100", "A 0% of 25%"),
      StoryCase("held: more than the cap", "A P0 0:00 5:00\nheld 2026-10 120", "A 0% of 25%"),
      StoryCase(
        "held: several add up", "A P0 0:00 5:00\nheld 2026-10 50\nheld 2026-10 40", "A 10% of 25%"),
      StoryCase("held: in another month", "A P0 0:00 5:00\nheld 2026-09 100", "A 25%"),
      StoryCase(
        "held: in each month by itself",
        """
        A P0 2026-10-31T10:00:00Z 2026-10-31T15:00:00Z
        B P0 2026-11-01T10:00:00Z 2026-11-01T15:00:00Z
        held 2026-11 90
        held 2026-10 80
        """, "A 20% of 25%, B 10% of 25%"),
    ])
  func caps(testCase: StoryCase) {
    #expect(OutageStory(testCase.story, versions: testCase.versions).percents == testCase.expected)
  }

  @Test func percentBeforeTheCapIsKept() throws {
    let story = OutageStory("A P0 0:00 5:00\nheld 2026-10 90")
    let decision = try #require(story.decisions.first)
    #expect(decision.beforeCap == BasisPoints(2500))
    #expect(decision.granted == BasisPoints(1000))
    #expect(decision.tier == creditTier(.p0, 4 * hour, 25))
  }

  @Test(
    "Section 12, the worked examples that one subscription can tell",
    arguments: [
      StoryCase("reopened", "A P0 0:00 0:40\nA P0 5:00 5:40", "A 100.00 USD"),
      StoryCase(
        "two incidents", "A P0 0:00 0:40\nB P0 5:00 5:40", "A below_every_tier, B below_every_tier"),
      StoryCase("P0 50 min, then P1 3:20", "A P0 0:00 0:50\nA P1 0:50 4:10", "A 50.00 USD"),
      StoryCase(
        "110 min of maintenance",
        "A P0 0:00 3:00\nscheduled_maintenance 0:30 2:20 announced=-48:00",
        "A 100.00 USD"),
      StoryCase(
        "B 2 h into A", "A P0 0:00 3:00\nB P0 2:00 5:00", "A 100.00 USD, B 100.00 USD"),
      StoryCase(
        "B 2 h 30 min into A", "A P0 0:00 3:00\nB P0 2:30 4:30", "A 100.00 USD, B 100.00 USD"),
      StoryCase(
        "B 1 h 30 min into A", "A P0 0:00 3:00\nB P0 1:30 3:30", "A 100.00 USD, B below_every_tier"),
      StoryCase(
        "B in the middle of A", "A P1 0:00 10:00\nB P0 2:00 7:00", "A 50.00 USD, B 250.00 USD"),
      StoryCase("joined 3 h in", "A P0 0:00 5:00\nterm 3:00 -", "A 100.00 USD"),
      StoryCase("83.333333", "A P0 0:00 2:00\nterm - - fee=83.333333", "A 8.33 USD"),
      StoryCase("0.05", "A P0 0:00 2:00\nterm - - fee=0.05", "A 0.01 USD"),
      StoryCase("1000 JPY", "A P1 0:00 5:00\nterm - - fee=1000_JPY", "A 50 JPY"),
      StoryCase("1.234 KWD", "A P0 0:00 2:00\nterm - - fee=1.234_KWD", "A 0.123 KWD"),
    ])
  func workedExamples(testCase: StoryCase) throws {
    #expect(try OutageStory(testCase.story).amounts() == testCase.expected)
  }
}

/// Section 6 of the credit rules: the amount.
@Suite struct CreditAmountTests {
  static let dollar = currency("USD")
  static let yen = currency("JPY")

  static func currency(_ code: String) -> Currency {
    guard let currency = Currency(code) else { preconditionFailure("no currency: \(code)") }
    return currency
  }

  static func share(_ part: Int128, _ whole: Int128) -> Fraction {
    guard let share = try? Fraction(part, over: whole) else { preconditionFailure("no share") }
    return share
  }

  static func minimum(_ cents: Int64) -> [PolicyVersion] {
    [promise(cap: 30, minimum: [dollar: cents])]
  }

  @Test(arguments: [
    StoryCase("rounded to nothing", "A P0 0:00 2:00\nterm - - fee=0.049999", "A below_minimum"),
    StoryCase("rounded to something", "A P0 0:00 2:00\nterm - - fee=0.05", "A 0.01 USD"),
    StoryCase("a fee of zero", "A P0 0:00 2:00\nterm - - fee=0", "A below_minimum"),
    StoryCase("no tier is met", "A P0 0:00 0:30", "A below_every_tier"),
    StoryCase("capped to nothing", "A P0 0:00 2:00\nheld 2026-10 100", "A capped"),
    StoryCase(
      "a cent below the minimum", "A P0 0:00 2:00", "A below_minimum", versions: minimum(10001)),
    StoryCase("at the minimum", "A P0 0:00 2:00", "A 100.00 USD", versions: minimum(10000)),
    StoryCase(
      "at the minimum, a share of the fee", "A P0 0:00 2:00\nterm - - fee=0.05", "A 0.01 USD",
      versions: [promise(minimumShare: share(20, 100))]),
    StoryCase(
      "below a share of the fee, which no rounding lowers", "A P0 0:00 2:00\nterm - - fee=0.05",
      "A below_minimum", versions: [promise(minimumShare: share(20_001, 100_000))]),
    StoryCase(
      "at the minimum once rounded", "A P0 0:00 2:00\nterm - - fee=9.95", "A 1.00 USD",
      versions: minimum(100)),
    StoryCase(
      "below the minimum once rounded", "A P0 0:00 2:00\nterm - - fee=9.949999", "A below_minimum",
      versions: minimum(100)),
    StoryCase(
      "the minimum of another currency", "A P0 0:00 2:00\nterm - - fee=1000_JPY", "A 100 JPY",
      versions: minimum(50_000)),
    StoryCase(
      "what is below the minimum uses its share of the cap all the same",
      "A P0 0:00 2:00\nB P0 24:00 29:00\nterm - 10:00 fee=1\nterm 10:00 -",
      "A below_minimum, B 200.00 USD", versions: minimum(100)),
    StoryCase(
      "the minimum looks at what the cap left", "A P0 0:00 5:00\nheld 2026-10 29",
      "A below_minimum", versions: minimum(1001)),
    StoryCase(
      "the cap cuts the percent and not the amount", "A P0 0:00 5:00\nheld 2026-10 20",
      "A 100.00 USD", versions: minimum(100)),
    StoryCase(
      "the fee and currency of the term at the first instant",
      "A P0 0:00 5:00\nterm - 1:00 fee=400\nterm 1:00 - fee=9000_JPY", "A 100.00 USD"),
    StoryCase(
      "the full fee though the term ended", "A P0 0:00 5:00\nterm - 1:00:00.000001", "A 100.00 USD"),
    StoryCase(
      "half up", "A P0 0:00 2:00\nterm - - fee=1.25", "A 0.13 USD",
      versions: [promise(rounding: .halfUp)]),
    StoryCase(
      "half even", "A P0 0:00 2:00\nterm - - fee=1.25", "A 0.12 USD",
      versions: [promise(rounding: .halfEven)]),
    StoryCase(
      "up", "A P0 0:00 2:00\nterm - - fee=1.200001", "A 0.13 USD",
      versions: [promise(rounding: .up)]),
    StoryCase(
      "down", "A P0 0:00 2:00\nterm - - fee=1.299999", "A 0.12 USD",
      versions: [promise(rounding: .down)]),
    StoryCase(
      "each by its own version's rule",
      "A P0 0:00 2:00\nB P0 24:00 26:00\nB version 1\nterm - - fee=1.25", "A 0.13 USD, B 0.12 USD",
      versions: [promise(rounding: .halfUp), promise(rounding: .down)]),
    StoryCase(
      "each by its own version's minimum",
      "A P0 0:00 2:00\nB P0 24:00 26:00\nB version 1", "A below_minimum, B 100.00 USD",
      versions: [promise(minimum: [dollar: 10_001]), promise()]),
  ])
  func amounts(testCase: StoryCase) throws {
    #expect(
      try OutageStory(testCase.story, versions: testCase.versions).amounts() == testCase.expected)
  }

  /// A currency with four decimals has 10,000 minor units, and a fee has a million micros. So no
  /// fee's portion is too large.
  @Test func wholeOfTheLargestFee() throws {
    let story = OutageStory(
      "A P0 0:00 2:00", versions: [promise(tiers: [creditTier(.p0, hour, 100)])])
    var calculator = story.calculator()
    let decision = try #require(story.decide(&calculator).first)
    let coin = CreditAmountTests.currency("CLF")
    #expect(
      try calculator.outcome(decision, fee: MonthlyFee(micros: .max, currency: coin))
        == .credited(Money(amountMinor: 92_233_720_368_547_758, currency: coin)))
  }
}
