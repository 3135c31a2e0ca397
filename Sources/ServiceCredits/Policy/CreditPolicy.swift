/// How bad an incident is. Raw values rank from worst to mildest, so a smaller one is worse.
/// - Source: the outage response procedures, severity levels.
public enum Severity: UInt8, CaseIterable, Hashable, Comparable, Sendable {
  case p0, p1, p2, p3

  public init?(code: some Collection<UInt8>) {
    guard code.count == 2, code.first == UInt8(ascii: "P"), let digit = code.dropFirst().first,
      digit >= UInt8(ascii: "0")
    else { return nil }
    self.init(rawValue: digit - UInt8(ascii: "0"))
  }

  /// `P0` to `P3`.
  public var code: String { "P\(rawValue)" }

  /// `true` if `left` is *worse* than `right`.
  @inlinable
  public static func < (left: Severity, right: Severity) -> Bool {
    left.rawValue < right.rawValue
  }

  @inlinable
  public func isAtLeastAsBad(as other: Severity) -> Bool {
    rawValue <= other.rawValue
  }
}

/// Why time does not count.
public enum ExclusionKind: String, CaseIterable, Hashable, Sendable {
  case scheduledMaintenance = "scheduled_maintenance"
  case customerFault = "customer_fault"
  case forceMajeure = "force_majeure"

  /// The order in which a policy lists the kinds. It has no other meaning.
  static func < (left: ExclusionKind, right: ExclusionKind) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .scheduledMaintenance: 0
    case .customerFault: 1
    case .forceMajeure: 2
    }
  }
}

/// A credit earned by an outage longer than a threshold.
public struct CreditTier: Hashable, Sendable {
  public let severity: Severity
  /// The duration at `severity` or worse must be strictly greater. Microseconds, at least 0.
  public let longerThanMicroseconds: Int64
  /// Share of the monthly fee; more than zero, at most 100 %.
  public let credit: BasisPoints

  public init(severity: Severity, longerThanMicroseconds: Int64, credit: BasisPoints) {
    self.severity = severity
    self.longerThanMicroseconds = longerThanMicroseconds
    self.credit = credit
  }

  /// Whether this tier is preferred if both are met: the larger credit, then the worse severity,
  /// then the longer threshold.
  /// - Source: credit rules, section 4.
  @inlinable
  public func wins(over other: CreditTier) -> Bool {
    if credit != other.credit { return credit > other.credit }
    if severity != other.severity { return severity < other.severity }
    return longerThanMicroseconds > other.longerThanMicroseconds
  }

  /// Whether this tier is met whenever `other` is: its severity is as mild or milder and its
  /// threshold no longer.
  ///
  /// Time at a severity or worse never exceeds time at a milder severity or worse. The two
  /// durations have no other relation, so the condition is exact and not only sufficient.
  public func isMetWhenever(_ other: CreditTier) -> Bool {
    other.severity.isAtLeastAsBad(as: severity)
      && longerThanMicroseconds <= other.longerThanMicroseconds
  }
}

/// How counted time becomes a credit.
public enum CreditRule: Hashable, Sendable {
  /// The best tier that is met decides; tiers are never added.
  ///
  /// The order has no meaning. `PlanRules` sorts the tiers, so that equal rules are equal values.
  case tiers([CreditTier])
  /// Everything that tiers cannot say.
  case rules(RuleSet)

  var inOrder: CreditRule {
    switch self {
    case .tiers(let tiers):
      .tiers(
        tiers.sorted {
          ($0.severity, $0.longerThanMicroseconds, $0.credit)
            < ($1.severity, $1.longerThanMicroseconds, $1.credit)
        })
    case .rules: self
    }
  }
}

/// The part of a policy version that a plan may have of its own.
public struct PlanRules: Hashable, Sendable {
  public let rule: CreditRule
  /// Of tiers, the most that the percents of one subscription and billing month add up to. Rules have caps of their own.
  public let cap: BasisPoints

  public init(rule: CreditRule, cap: BasisPoints) {
    self.rule = rule.inOrder
    self.cap = cap
  }

  public init(_ rules: RuleSet) {
    self.init(rule: .rules(rules), cap: .whole)
  }
}

/// Who owns an instant that several incidents cover.
public enum OverlapRule: String, CaseIterable, Hashable, Sendable {
  /// An instant belongs to one incident.
  case countOnce = "count_once"
  /// Every incident counts all of its own time.
  case countEach = "count_each"
}

/// Until when a customer must ask for a credit.
/// - Source: policy language, section 6.
public struct ClaimRule: Hashable, Sendable {
  public enum Beginning: String, CaseIterable, Hashable, Sendable {
    /// The last counted instant of the incident.
    case incident
    /// The end of the period.
    case month
  }

  /// Days of the local calendar; the last one ends at its midnight.
  public let withinDays: Int
  public let after: Beginning

  public init(withinDays: Int, after: Beginning) {
    self.withinDays = withinDays
    self.after = after
  }
}

/// A kind of exclusion that a policy version honours.
public struct ExclusionRule: Hashable, Sendable {
  public let kind: ExclusionKind
  /// The least time between announcement and beginning, in microseconds; `nil` if no announcement
  /// is needed.
  public let announcedMicroseconds: Int64?

  public init(kind: ExclusionKind, announcedMicroseconds: Int64?) {
    self.kind = kind
    self.announcedMicroseconds = announcedMicroseconds
  }
}

/// The largest totals of one run that need no approval.
/// - Source: credit rules, section 10.
public struct RunLimits: Hashable, Sendable {
  /// Share of the monthly fees, by currency: the larger of those in force at the as-of instant and at
  /// the beginning of the earliest month with a changed credit. It limits what is granted and,
  /// separately, what is taken back.
  public let shareOfMonthlyFees: BasisPoints?
  /// Minor units by currency.
  public let granted: [Currency: Int64]
  /// Minor units by currency.
  public let takenBack: [Currency: Int64]
  /// Minor units by currency. The share does not look at totals up to it.
  public let floor: [Currency: Int64]
  /// Whether whoever approves a held run must be another database user than whoever made it.
  public let twoPersons: Bool

  public init(
    shareOfMonthlyFees: BasisPoints?, granted: [Currency: Int64], takenBack: [Currency: Int64],
    floor: [Currency: Int64] = [:], twoPersons: Bool = false
  ) {
    self.shareOfMonthlyFees = shareOfMonthlyFees
    self.granted = granted
    self.takenBack = takenBack
    self.floor = floor.filter { $0.value != 0 }
    self.twoPersons = twoPersons
  }
}

/// What becomes of a change of a credit whose month is closed.
public enum LateCorrections: String, CaseIterable, Hashable, Sendable {
  /// It is told as a finding, and made once the month is reopened.
  case report
  /// It is made, and posted in the first open month.
  case nextOpenMonth = "next_open_month"
}

/// What becomes of a recorded credit whose fee, plan, currency or term the source tells differently now, although
/// the incident has not changed.
public enum RewrittenPast: String, CaseIterable, Hashable, Sendable {
  /// The credit is corrected, and that is told as a finding with the amount.
  case report
  /// The credit stands until a person has accepted the finding. For sources that know only the present.
  case hold
}

/// The promise to customers from one day on.
///
/// Two versions with the same promise are equal: tiers and exclusions are kept in a fixed order,
/// and a plan with the version's own terms and a minimum of zero are left out.
public struct PolicyVersion: Hashable, Sendable {
  public let name: String
  /// In force from midnight of this day in `timeZone`.
  public let effectiveFrom: CalendarDate
  /// An IANA name; also the zone of customers without a time zone.
  public let timeZone: String
  public let terms: PlanRules
  /// By plan name. Names are compared byte for byte.
  public let plans: [String: PlanRules]
  public let overlap: OverlapRule
  public let rounding: RoundingRule
  public let exclusions: [ExclusionRule]
  public let minimum: MinimumCredit
  /// `nil` where credits are given without being asked for.
  public let claim: ClaimRule?
  public let overcredited: OvercreditedRule
  /// The system whose customer balances take the open credits; `nil` where draft invoices do.
  public let balance: BalanceSystem?
  public let limits: RunLimits
  public let lateCorrections: LateCorrections
  public let rewrittenPast: RewrittenPast

  public init(
    name: String, effectiveFrom: CalendarDate, timeZone: String, terms: PlanRules,
    plans: [String: PlanRules], overlap: OverlapRule, rounding: RoundingRule,
    exclusions: [ExclusionRule], minimum: MinimumCredit, claim: ClaimRule? = nil,
    overcredited: OvercreditedRule = .report, balance: BalanceSystem? = nil, limits: RunLimits,
    lateCorrections: LateCorrections = .report, rewrittenPast: RewrittenPast = .report
  ) {
    self.name = name
    self.effectiveFrom = effectiveFrom
    self.timeZone = timeZone
    self.terms = terms
    self.plans = plans.filter { $0.value != terms }
    self.overlap = overlap
    self.rounding = rounding
    self.exclusions = exclusions.sorted { $0.kind < $1.kind }
    self.minimum = minimum
    self.claim = claim
    self.overcredited = overcredited
    self.balance = balance
    self.limits = limits
    self.lateCorrections = lateCorrections
    self.rewrittenPast = rewrittenPast
  }

  /// The same promise, from the first day of all on.
  public var inForceForEver: PolicyVersion {
    PolicyVersion(
      name: name, effectiveFrom: CalendarDate(firstOf: BillingMonth(year: 1, month: 1)),
      timeZone: timeZone, terms: terms, plans: plans, overlap: overlap, rounding: rounding,
      exclusions: exclusions, minimum: minimum, claim: claim, overcredited: overcredited,
      balance: balance, limits: limits, lateCorrections: lateCorrections,
      rewrittenPast: rewrittenPast)
  }

  /// The rules of the plan with this name, compared byte for byte. A comparison of `String` would
  /// also match another Unicode form of the name.
  public func terms(forPlan plan: String) -> PlanRules {
    guard let index = plans.index(forKey: plan), plans[index].key.utf8.elementsEqual(plan.utf8)
    else { return terms }
    return plans[index].value
  }

  /// The mildest severity that any tier of this version names, its plans included; only time at
  /// this severity or worse can earn a credit. `nil` if there is no tier.
  /// - Source: credit rules, section 3, step 6.
  public var mildestCreditableSeverity: Severity? {
    var mildest: Severity?
    for terms in [terms] + Array(plans.values) {
      switch terms.rule {
      case .tiers(let tiers):
        for tier in tiers where mildest.map({ $0 < tier.severity }) ?? true {
          mildest = tier.severity
        }
      case .rules(let set):
        if let named = set.mildest, mildest.map({ $0 < named }) ?? true { mildest = named }
      }
    }
    return mildest
  }
}

/// All versions of the promise, in the order in which they came into force.
public struct CreditPolicy: Hashable, Sendable {
  /// Never empty; `effectiveFrom` strictly ascending.
  public let versions: [PolicyVersion]
  /// What is no working day, besides Saturdays and Sundays. Holidays can be added to a version that is in use.
  public let holidays: [CalendarDate]

  public init(versions: [PolicyVersion], holidays: [CalendarDate] = []) {
    precondition(!versions.isEmpty, "a policy has at least one version")
    self.versions = versions
    self.holidays = Set(holidays).sorted()
  }

  /// The rules of every version and plan that has rules and not tiers.
  var ruleSets: [RuleSet] {
    versions.flatMap { [$0.terms] + Array($0.plans.values) }.compactMap { terms in
      if case .rules(let set) = terms.rule { set } else { nil }
    }
  }

  public var hasRules: Bool { !ruleSets.isEmpty }

  /// Whether any rule measures a month or a quarter.
  public var measuresPeriods: Bool { ruleSets.contains { !$0.isOfOutagesAlone } }

  public var measuresQuarters: Bool {
    ruleSets.contains { $0.rules.contains { $0.per == .quarter } }
  }

  /// Whether any rule counts days or hours of the local clock.
  public var countsLocalUnits: Bool {
    ruleSets.contains { $0.rules.contains { $0.kind.countsLocalUnits } }
  }

  /// Positions of the versions that are in force at any time from the first month to the last, ascending.
  public func versions(governing months: ClosedRange<BillingMonth>) -> Range<Int> {
    let first = versions.lastIndex { $0.effectiveFrom <= CalendarDate(firstOf: months.lowerBound) }
    let end = versions.firstIndex {
      CalendarDate(firstOf: months.upperBound.advanced(by: 1)) <= $0.effectiveFrom
    }
    let last = end ?? versions.count
    return min(first ?? 0, last)..<last
  }
}
