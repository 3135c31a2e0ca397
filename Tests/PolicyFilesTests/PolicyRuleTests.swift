import ServiceCredits
import Testing

@testable import PolicyFiles

/// What `rules` and the keys beside them mean.
@Suite struct PolicyRuleTests {
  /// The only version of a file with these lines.
  static func version(_ lines: String) throws -> PolicyVersion {
    let head = """
      versions:
        - version: v
          effective_from: 2026-01-01
          time_zone: UTC

      """
    let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
    return try #require(try PolicySamples.policy(head + indented).versions.first)
  }

  static func set(_ lines: String, plan: String? = nil) throws -> RuleSet {
    let version = try version(lines)
    let terms = plan.map { version.terms(forPlan: $0) } ?? version.terms
    guard case .rules(let set) = terms.rule else {
      Issue.record("these are tiers")
      return RuleSet(rules: [])
    }
    return set
  }

  static let uptime = "{kind: steps, of: uptime, steps: [{below: 99.9%, credit: 10%}]}"

  // MARK: Values

  @Test(arguments: [
    ("10%", RuleValue.share(RuleSamples.fraction("0.1"))),
    ("3.3333%", .share(RuleSamples.fraction("0.033333"))),
    ("150%", .share(RuleSamples.fraction("1.5"))),
    ("0.41667%", .share(RuleSamples.fraction("0.0041667"))),
    // A day is a part of the month's days, and 24 hours are a part of its length.
    ("1d", .days(.one)), ("24h", .time(24 * PolicySamples.hour)),
    ("2w", .days(Fraction(whole: 14))),
    ("12h", .time(12 * PolicySamples.hour)), ("PT90M", .time(PolicySamples.hour * 3 / 2)),
    ("P1D", .days(.one)),
    ("{amount: '9.76'}", .amount(RuleSamples.fraction("9.76"))),
    ("{amount: 9.7600001}", .amount(RuleSamples.fraction("9.7600001"))),
    (
      "{amount: {EUR: 1.0, GBP: 9.76}}",
      .amounts([
        Currency("EUR")!: .one, Currency("GBP")!: RuleSamples.fraction("9.76"),
      ])
    ),
    (
      "{largest: [{amount: 5.00}, 10%]}",
      .largest([.amount(Fraction(whole: 5)), .share(RuleSamples.fraction("0.1"))])
    ),
  ])
  func valueIsExact(text: String, value: RuleValue) throws {
    let set = try PolicyRuleTests.set(
      """
      rules: [{kind: steps, of: downtime, steps: [{any: true, credit: \(text)}]}]
      cap: none
      """)
    #expect((set.rules.first?.kind as? Steps)?.steps.map(\.credit) == [value])
  }

  // MARK: Defaults and inheritance

  @Test func whatIsLeftOutHasItsDefault() throws {
    let set = try PolicyRuleTests.set("rules: [\(PolicyRuleTests.uptime)]")
    let rule = try #require(set.rules.first)
    #expect(set.combine == .sum)
    #expect(set.caps == RuleSet.wholeFee)
    #expect(set.raiseTo.isEmpty && set.base == BaseRule())
    #expect((rule.per, rule.count, rule.base, rule.gate) == (.month, CountRule(), BaseRule(), nil))
    #expect(rule.severities == SeverityRange())
  }

  @Test func countIsInheritedKeyByKey() throws {
    let text = """
      count: {round: 2, weigh: share, longer_than: 5m}
      rules:
        - {kind: multiple, of: downtime, times: 1, count: {round: 3, longer_than: none}}
        - {kind: multiple, of: downtime, times: 2}
      plans:
        gold: {count: {weigh: none}}
        iron: {rules: [{kind: multiple, of: downtime, times: 3}], count: {at_least: 1m}}
      """
    let own = try PolicyRuleTests.set(text).rules.map(\.count)
    #expect(own.map(\.round) == [3, 2])
    #expect(own.map(\.weighsShare) == [true, true])
    #expect(own.map(\.longerThan) == [nil, PolicySamples.hour / 12])
    let gold = try PolicyRuleTests.set(text, plan: "gold").rules.map(\.count)
    #expect(gold.map(\.round) == [3, 2])
    #expect(gold.map(\.weighsShare) == [false, false])
    let iron = try PolicyRuleTests.set(text, plan: "iron").rules.map(\.count)
    #expect(iron.map(\.atLeast) == [PolicySamples.hour / 60])
    #expect(iron.map(\.round) == [2])
  }

  @Test func baseIsInheritedKeyByKey() throws {
    let text = """
      base: {days: 30, share: 50%}
      rules:
        - {kind: multiple, of: downtime, times: 1, base: {days: actual}}
        - {kind: multiple, of: downtime, times: 2}
      plans:
        gold: {base: {month_length: 720h}}
      """
    let half = RuleSamples.fraction("0.5")
    let set = try PolicyRuleTests.set(text)
    #expect(set.base.days == 30)
    #expect(set.rules.map(\.base.days) == [nil, 30])
    #expect(set.rules.map(\.base.share) == [half, half])
    let gold = try PolicyRuleTests.set(text, plan: "gold")
    #expect(gold.base.monthLength == 720 * PolicySamples.hour && gold.base.days == 30)
    #expect(
      gold.rules.map(\.base.monthLength) == [720 * PolicySamples.hour, 720 * PolicySamples.hour])
  }

  @Test func planInheritsWhatItDoesNotName() throws {
    let text = """
      rules: [\(PolicyRuleTests.uptime)]
      combine: largest
      cap: [{per: month, most: 50%}]
      raise_to: {EUR: 1.0}
      plans:
        gold: {rules: none}
        iron: {cap: none}
        zinc: {combine: sum, raise_to: {}}
      """
    let own = try PolicyRuleTests.set(text)
    let gold = try PolicyRuleTests.set(text, plan: "gold")
    #expect(gold.rules.isEmpty && gold.combine == .largest && gold.caps == own.caps)
    #expect(gold.raiseTo == [Currency("EUR")!: 100])
    let iron = try PolicyRuleTests.set(text, plan: "iron")
    #expect(iron.rules == own.rules && iron.caps.isEmpty)
    let zinc = try PolicyRuleTests.set(text, plan: "zinc")
    #expect(zinc.combine == .sum && zinc.raiseTo.isEmpty && zinc.caps == own.caps)
  }

  /// Under tiers the largest wins; the rules of a plan add up.
  @Test func rulesUnderTiersAddUp() throws {
    let text = """
      tiers: [{severity: P0, longer_than: 1h, credit: 10%}]
      cap: 60%
      plans:
        gold: {rules: [\(PolicyRuleTests.uptime)]}
        iron: {rules: [\(PolicyRuleTests.uptime)], combine: largest}
      """
    let gold = try PolicyRuleTests.set(text, plan: "gold")
    #expect(gold.combine == .sum)
    #expect(
      gold.caps.map(\.most) == [
        .share(RuleSamples.fraction("0.6")), .share(RuleSamples.fraction("0.6")),
      ])
    #expect(try PolicyRuleTests.set(text, plan: "iron").combine == .largest)
  }

  // MARK: Tiers

  /// With a key that tiers do not have, they are the rules that they are the short form of.
  @Test(arguments: [
    ("cap: none", "cap: none"), ("raise_to: {EUR: 1}", "raise_to: {EUR: 1}\ncap: 100%"),
    ("base: {month_length: 720h}", "base: {month_length: 720h}"),
    ("count: {longer_than: 5m}", "count: {longer_than: 5m}"),
    ("cap: [{per: outage, most: 2d}]", "cap: [{per: outage, most: 2d}]"),
  ])
  func tiersBecomeRules(keys: String, keysOfRules: String) throws {
    let tiers = try PolicyRuleTests.version(
      """
      tiers:
        - {severity: P1, longer_than: 4h, credit: 5%}
        - {severity: P0, longer_than: 4h, credit: 25%}
        - {severity: P0, longer_than: 1h, credit: 10%}
      \(keys)
      """)
    let rules = try PolicyRuleTests.version(
      """
      rules:
        - {kind: steps, of: outage, steps: [{longer_than: 1h, credit: 10%}, {longer_than: 4h, credit: 25%}]}
        - {kind: steps, of: outage, severity: P1, steps: [{longer_than: 4h, credit: 5%}]}
      combine: largest
      \(keysOfRules)
      """)
    #expect(tiers == rules)
    #expect(PolicyFile.canonicalText(of: tiers) == PolicyFile.canonicalText(of: rules))
  }

  /// Keys that change nothing leave tiers what they are, and their stored text too.
  @Test func tiersStayTiers() throws {
    let plain = "tiers: [{severity: P0, longer_than: 1h, credit: 10%}]\ncap: 60%"
    let same =
      plain + "\nbase: {fee: month, days: actual}\ncount: {round: none}\nraise_to: {EUR: 0}"
    let version = try PolicyRuleTests.version(plain)
    #expect(try PolicyRuleTests.version(same) == version)
    #expect(version.terms.rule == .tiers([PolicySamples.tier(.p0, PolicySamples.hour, 1000)]))
    #expect(version.terms.cap == BasisPoints(6000))
  }

  // MARK: Writing

  @Test func textIsWholeAndPlain() throws {
    let version = try PolicyRuleTests.version(
      """
      base: {days: 30}
      count: {round: 2}
      rules:
        - {of: uptime, kind: steps, steps: [{below: 99.00%, credit: 25%}, {below: 99.90%, credit: 1w}]}
        - {kind: multiple, times: 2.50, of: downtime, base: {days: actual}, if: {downtime_longer_than: 6h}}
      cap: [{per: quarter, most: {amount: 100.0}}, {per: outage, most: 30d}]
      raise_to: {EUR: 1.0}
      claim: {within: 4w, after: month}
      plans:
        gold: {tiers: none}
      """)
    #expect(
      PolicyFile.canonicalText(of: version) == #"""
        versions:
          - version: "v"
            effective_from: 2026-01-01
            time_zone: UTC
            rules:
              - {kind: steps, of: uptime, per: month, severity: P0, count: {round: 2}, steps: [{below: 99.9%, credit: 7d}, {below: 99%, credit: 25%}]}
              - {kind: multiple, of: downtime, per: month, severity: P0, count: {round: 2}, base: {fee: month, share: 100%, month_length: actual, days: actual}, if: {downtime_longer_than: 6h}, times: 2.5}
            combine: sum
            base: {fee: month, share: 100%, month_length: actual, days: 30}
            cap:
              - {per: outage, most: 30d}
              - {per: quarter, most: {amount: 100}}
            raise_to: {EUR: 1}
            overlap: count_once
            rounding: half_up
            exclude:
              - {kind: scheduled_maintenance, announced: 24h}
              - {kind: customer_fault}
              - {kind: force_majeure}
            minimum: {}
            claim: {within: 28d, after: month}
            plans:
              "gold":
                rules: []
                combine: largest
                base: {fee: month, share: 100%, month_length: actual, days: 30}
                cap:
                  - {per: outage, most: 30d}
                  - {per: quarter, most: {amount: 100}}
                raise_to: {EUR: 1}
            limits:
              share_of_monthly_fees: 50%
              granted: {}
              taken_back: {}

        """#)
  }

  // MARK: Programmes and examples

  @Test func programmeAndExamplesAreRead() throws {
    let text = """
      programme:
        provider: Example
        name: Hosting
        terms_as_of: 2026-01-31
        source: https://example.com
        leaves_out: [claims by mail]
      versions:
        - {version: a, effective_from: 2026-01-01, time_zone: UTC, tiers: none, plans: {gold: {cap: 50%}}}
      examples:
        - example: a night
          quarter: 2026-Q2
          plan: gold
          time_zone: Europe/Berlin
          fee: 83.333333 USD
          outages:
            - {from: "2026-04-10T10:00:00Z", to: "2026-04-10T12:05:00.5+02:00", severity: P1, share: 0.5, incident: one}
            - {from: "2026-04-10T10:00:00Z", to: "2026-04-11T10:00:00Z", claimed: "2026-04-12T00:00:00Z", incident: one}
          credit: 1.5
          because: half of it
      """
    let document = try PolicyFile.document(bytes: Array(text.utf8), name: "policy.yaml")
    let programme = try #require(document.programme)
    #expect(programme.provider == "Example" && programme.name == "Hosting")
    #expect(programme.termsAsOf?.text == "2026-01-31")
    #expect(programme.source == "https://example.com")
    #expect(programme.leavesOut == ["claims by mail"])
    let example = try #require(document.examples.first)
    #expect(example.months.map(\.text) == ["2026-04", "2026-05", "2026-06"])
    #expect(example.plan == "gold" && document.timeZone(of: example) == "Europe/Berlin")
    #expect(example.fee.micros == 83_333_333 && example.creditMinor == 150)
    #expect(example.outages.map(\.severity) == [.p1, .p0])
    #expect(
      example.outages.map(\.interval.end.text) == [
        "2026-04-10T10:05:00.500000Z", "2026-04-11T10:00:00Z",
      ])
    #expect(example.outages.map(\.shareMicros) == [500_000, 1_000_000])
    #expect(example.outages[1].claimedAt?.text == "2026-04-12T00:00:00Z")
  }

  /// 0.25 % short of 99.9 % are three started tenths; with a tenth free, two.
  @Test(arguments: [("", 300), (", free: 0.1%", 200), (", free: 0.15%", 100), (", free: 1%", 0)])
  func whatIsFreeOfUptimeIsNotCounted(free: String, credit: Int64) throws {
    let text = """
      versions:
        - version: a
          effective_from: 2026-01-01
          time_zone: UTC
          rules:
            - {kind: per_unit, of: uptime, short_of: 99.9%, unit: 0.1%, counted: started, credit: 1%\(free)}
      examples:
        - example: a quarter of a percent more than a thousandth of thirty days
          month: 2026-04
          fee: 100.00 USD
          outages: [{from: "2026-04-10T00:00:00Z", to: "2026-04-10T02:31:12Z"}]
          credit: 0
      """
    let document = try PolicyFile.document(bytes: Array(text.utf8), name: "policy.yaml")
    let example = try #require(document.examples.first)
    let calendar = try #require(ExampleCalendar.utc(of: example, holidays: []))
    #expect(try document.credit(of: example, in: calendar) == credit)
  }

  /// Outages with one name are one incident, so its length decides and not that of its parts.
  @Test(arguments: [("", 0), (", incident: one", 1000)])
  func namedOutagesAreOneIncident(name: String, credit: Int64) throws {
    let text = """
      versions:
        - {version: a, effective_from: 2026-01-01, time_zone: UTC, tiers: [{severity: P0, longer_than: 1h, credit: 10%}]}
      examples:
        - example: two times forty minutes
          month: 2026-04
          fee: 100.00 USD
          outages:
            - {from: "2026-04-10T10:00:00Z", to: "2026-04-10T10:40:00Z"\(name)}
            - {from: "2026-04-10T12:00:00Z", to: "2026-04-10T12:40:00Z"\(name)}
          credit: 0
      """
    let document = try PolicyFile.document(bytes: Array(text.utf8), name: "policy.yaml")
    let example = try #require(document.examples.first)
    let calendar = try #require(ExampleCalendar.utc(of: example, holidays: []))
    #expect(try document.credit(of: example, in: calendar) == credit)
  }

  /// The version of the period's first day, else the first one.
  @Test(arguments: [("2025-12", 1000), ("2026-01", 1000), ("2026-02", 1000), ("2026-03", 2000)])
  func versionOfTheFirstDayGoverns(month: String, credit: Int64) throws {
    let text = """
      versions:
        - {version: a, effective_from: 2026-01-01, time_zone: UTC, tiers: [{severity: P0, longer_than: 1h, credit: 10%}]}
        - {version: b, effective_from: 2026-02-02, time_zone: UTC, tiers: [{severity: P0, longer_than: 1h, credit: 20%}]}
      examples:
        - example: two hours
          month: \(month)
          fee: 100.00 USD
          outages: [{from: "\(month)-10T10:00:00Z", to: "\(month)-10T12:00:00Z"}]
          credit: 0
      """
    let document = try PolicyFile.document(bytes: Array(text.utf8), name: "policy.yaml")
    let example = try #require(document.examples.first)
    let calendar = try #require(ExampleCalendar.utc(of: example, holidays: []))
    #expect(try document.credit(of: example, in: calendar) == credit)
  }
}
