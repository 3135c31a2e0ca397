import RandomRules
import ServiceCredits
import Testing

/// One row of a table of rules: what incidents in April 2026 are owed under some rules.
///
/// April has 30 days and 720 hours and begins on a Wednesday. The fee is 720.00 USD, so an hour of it is 1.00, a day
/// 24.00 and a percent 7.20. Times count from the first midnight of April, in UTC.
struct RuleCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let story: RuleStory
  /// What each incident adds, in cents.
  let owes: [Int64]

  init(
    _ name: String, _ rules: [Rule], _ incidents: [MeasuredIncident], owes: [Int64],
    _ change: (inout RuleStory) -> Void = { _ in }
  ) {
    testDescription = name
    var story = RuleStory(
      place: .utc, period: RulePeriod(months: [StoryPlace.utc.months[3]]),
      set: RuleSet(rules: rules), currency: Self.dollars, incidents: incidents,
      fees: [Self.fee(720, from: -100 * day, to: 200 * day)])
    change(&story)
    self.story = story
    self.owes = owes
  }

  init(
    _ name: String, _ rule: Rule, _ incidents: MeasuredIncident..., owes: Int64...,
    change: (inout RuleStory) -> Void = { _ in }
  ) {
    self.init(name, [rule], incidents, owes: owes, change)
  }

  func check() throws {
    let parts = try story.parts()
    #expect(parts == owes, "\(testDescription)")
  }

  // MARK: Values

  static let start = StoryPlace.utc.months[3].interval.start.microseconds
  static let dollars = Currency("USD")!

  static func fee(_ dollars: Int64, from start: Int64, to end: Int64) -> RuleFee {
    RuleFee(
      interval: RuleTime.interval(Self.start + start, Self.start + end),
      fee: MonthlyFee(micros: dollars * 1_000_000, currency: RuleCase.dollars))
  }

  /// The second quarter: April to June, 91 days.
  static let quarter = RulePeriod(months: Array(StoryPlace.utc.months[3..<6]))
}

/// An incident of one stretch.
func down(
  _ start: Int64, for length: Int64, _ severity: Severity = .p0, share: Fraction = .one,
  claimed: Int64? = nil
) -> MeasuredIncident {
  down([(start, length, severity, share)], claimed: claimed)
}

/// An incident of several stretches.
func down(
  _ stretches: [(start: Int64, length: Int64, severity: Severity, share: Fraction)],
  claimed: Int64? = nil
) -> MeasuredIncident {
  let own = stretches.map { stretch in
    let start = RuleCase.start + stretch.start
    return Stretch(
      interval: RuleTime.interval(start, start + stretch.length), severity: stretch.severity,
      share: stretch.share)
  }
  return MeasuredIncident(
    startedAt: own[0].interval.start, stretches: own,
    claimedAt: claimed.map { Instant(microseconds: RuleCase.start + $0) })
}

/// A fraction of small numbers.
func over(_ numerator: Int64, _ denominator: Int64) -> Fraction {
  guard let fraction = try? Fraction(Int128(numerator), over: Int128(denominator)) else {
    preconditionFailure("small numbers fit")
  }
  return fraction
}

/// So many percent of the base.
func percent(_ number: Int64) -> RuleValue { .share(over(number, 100)) }

/// Steps in ascending order of their credits.
func steps(_ steps: (Steps.Condition, RuleValue)...) -> Steps {
  Steps(steps: steps.map { Steps.Step($0.0, credit: $0.1) })
}

/// So many percent for each unit.
func each(
  _ unit: PerUnit.Unit, _ credit: RuleValue = percent(1), free: FreeTime? = nil,
  grace: PerUnit.Grace? = nil
) -> PerUnit {
  PerUnit(unit: unit, rates: [PerUnit.Rate(from: 1, credit: credit)], free: free, grace: grace)
}

func severities(_ mildest: Severity, notWorseThan worst: Severity? = nil) -> SeverityRange {
  var range = SeverityRange()
  range.mildest = mildest
  range.notWorseThan = worst
  return range
}

func counting(_ change: (inout CountRule) -> Void) -> CountRule {
  var count = CountRule()
  change(&count)
  return count
}

func basedOn(_ change: (inout BaseRule) -> Void) -> BaseRule {
  var base = BaseRule()
  change(&base)
  return base
}
