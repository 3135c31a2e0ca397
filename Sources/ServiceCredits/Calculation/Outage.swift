/// A resolved incident that can be counted. The calculator's list is in byte order of ids, so that
/// comparing positions compares ids.
public struct Incident: Hashable, Sendable {
  public let startedAt: Instant
  /// Position of the policy version in force at `startedAt`.
  public let version: Int

  public init(startedAt: Instant, version: Int) {
    self.startedAt = startedAt
    self.version = version
  }
}

/// What a window or an exclusion applies to. `nil` stands for all.
public struct Scope: Hashable, Sendable {
  /// `nil` for every service.
  public let service: ServiceNumber?
  /// `nil` for every customer.
  public let customer: Owner?

  @inlinable
  public init(service: ServiceNumber?, customer: Owner?) {
    self.service = service
    self.customer = customer
  }

  @inlinable
  public func covers(_ term: SubscriptionTerm) -> Bool {
    (service == nil || service == term.service) && (customer == nil || customer == term.customer)
  }
}

/// One stretch of time in which an incident affected a scope at one severity.
public struct Outage: Hashable, Sendable {
  public let incident: IncidentNumber
  public let severity: Severity
  public let scope: Scope
  public let interval: Interval
  /// How much of the service was out, in millionths: from 1 to 1,000,000, which is all of it.
  public let shareMicros: Int64

  public static let wholeShareMicros: Int64 = 1_000_000

  public init(
    incident: IncidentNumber, severity: Severity, scope: Scope, interval: Interval,
    shareMicros: Int64 = Outage.wholeShareMicros
  ) {
    self.incident = incident
    self.severity = severity
    self.scope = scope
    self.interval = interval
    self.shareMicros = shareMicros
  }
}

/// Time that does not count if the policy honours its kind.
public struct Exclusion: Hashable, Sendable {
  public let kind: ExclusionKind
  public let scope: Scope
  public let interval: Interval
  public let announcedAt: Instant?

  public init(kind: ExclusionKind, scope: Scope, interval: Interval, announcedAt: Instant?) {
    self.kind = kind
    self.scope = scope
    self.interval = interval
    self.announcedAt = announcedAt
  }

  /// Whether `rules` exclude this time.
  /// - Source: credit rules, section 3, step 3.
  public func isHonoured(by rules: [ExclusionRule]) -> Bool {
    rules.contains { rule in
      guard rule.kind == kind else { return false }
      guard let lead = rule.announcedMicroseconds else { return true }
      guard let announcedAt else { return false }
      let (given, overflow) = interval.start.microseconds.subtractingReportingOverflow(
        announcedAt.microseconds)
      return overflow ? announcedAt < interval.start : given >= lead
    }
  }
}

/// The time in which a subscription had one customer, service, plan and fee.
public struct SubscriptionTerm: Hashable, Sendable {
  public let interval: Interval
  public let customer: Owner
  public let service: ServiceNumber
  /// `nil` for a plan that no version of the policy names.
  public let plan: PlanNumber?
  /// The customer's own time zone; `nil` if there is none and the policy's zone holds.
  public let zone: ZoneNumber?
  public let fee: MonthlyFee

  public init(
    interval: Interval, customer: Owner, service: ServiceNumber, plan: PlanNumber?,
    zone: ZoneNumber?, fee: MonthlyFee
  ) {
    self.interval = interval
    self.customer = customer
    self.service = service
    self.plan = plan
    self.zone = zone
    self.fee = fee
  }
}

extension SubscriptionTerm {
  /// Whether it is a term of the customer whose credits are calculated.
  @inlinable
  public var isOwn: Bool { customer == .own }
}

extension Scope {
  /// Whether it applies to the customer whose credits are calculated, or to every customer.
  public var concernsOwnCustomer: Bool {
    customer == nil || customer == .own
  }
}

/// When each billing month begins in one time zone. Computed by PostgreSQL.
public struct MonthTable: Hashable, Sendable {
  public let first: BillingMonth
  /// The first instants of `first` and of the months after it, ascending.
  public let starts: [Instant]

  public init(first: BillingMonth, starts: [Instant]) {
    precondition(!starts.isEmpty, "a month table covers at least one month")
    self.first = first
    self.starts = starts
  }

  /// - Precondition: the table begins no later than `instant`.
  public func month(of instant: Instant) -> BillingMonth {
    precondition(starts[0] <= instant, "the month table begins after this instant")
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= instant { low = middle } else { high = middle }
    }
    return first.advanced(by: low)
  }

  /// A month, or a quarter; `nil` where the table does not hold the beginning of it and of the month after it.
  /// - Parameter months: 1 or 3.
  func period(from month: BillingMonth, months: Int) -> RulePeriod? {
    let position = Int(month.index - first.index)
    guard position >= 0, position + months < starts.count else { return nil }
    return RulePeriod(
      months: (0..<months).map { later in
        RulePeriod.Month(
          month: month.advanced(by: later),
          interval: Interval(starts[position + later], starts[position + later + 1]),
          days: month.advanced(by: later).days)
      })
  }
}
