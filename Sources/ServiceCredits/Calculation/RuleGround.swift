/// What decisions by rules need of a night, beside what tiers need.
struct RuleGround {
  /// Whether any version has rules.
  let hasRules: Bool
  /// Whether any of them measures a month or a quarter.
  let hasPeriods: Bool
  /// Whether what one subscription gets is the same share of the fee for every other with the same times.
  let isOfFee: Bool
  /// A measure of a period is granted once the period is over at this instant.
  let asOf: Instant
  /// By number of the zone; empty where no rule counts units of a calendar.
  private var calendars: [LocalCalendar]
  private var clauses: [ClauseKey: RuleClause] = [:]

  private struct ClauseKey: Hashable {
    var set: RuleSet
    var winners: [RuleWinner]
  }

  init(_ policy: CreditPolicy, asOf: Instant, calendars: [LocalCalendar]) {
    self.asOf = asOf
    self.calendars = calendars
    let sets = policy.ruleSets
    let promises = policy.versions.reduce(0) { $0 + 1 + $1.plans.count }
    hasRules = !sets.isEmpty
    hasPeriods = policy.measuresPeriods
    // Of two measures of one month the sum is rounded, not the parts: that is worked out for each fee.
    let isOneKind =
      sets.allSatisfy { $0.isOfOutagesAlone }
      || (sets.count == promises
        && sets.allSatisfy { set in set.rules.allSatisfy { $0.of != .outage } })
    isOfFee = isOneKind && sets.allSatisfy(\.isOfFee)
  }

  func calendar(_ zone: Int) -> LocalCalendar {
    zone < calendars.count ? calendars[zone] : LocalCalendar(days: [], hours: [])
  }

  mutating func add(_ calendar: LocalCalendar) { calendars.append(calendar) }

  mutating func clause(_ winners: [RuleWinner], of set: RuleSet) -> RuleClause {
    let key = ClauseKey(set: set, winners: winners)
    if let known = clauses[key] { return known }
    let clause = RuleClause(winners, of: set)
    clauses[key] = clause
    return clause
  }
}
