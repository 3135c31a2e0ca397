package import ResponseProcedures
package import ServiceCredits

/// One incident and the verdicts on its procedures.
package struct IncidentAudit: Sendable {
  package let id: [UInt8]
  package let title: String
  package let startedAt: Instant
  /// `nil` if the incident is open at the instant of the audit.
  package let resolvedAt: Instant?
  /// The worst severity that the incident had.
  package let severity: Severity
  /// The month in which it began, in the policy's time zone.
  package let month: BillingMonth
  /// The policy version that it is judged by.
  package let policy: VerifiedPolicy
  /// How many Enterprise customers it affected.
  package let customers: Int
  /// In the order of the procedure.
  package let rows: [RequirementResult]
  /// The names of the customers in `rows`.
  package let customerNames: [[UInt8]: String]

  package init(
    id: [UInt8], title: String, startedAt: Instant, resolvedAt: Instant?, severity: Severity,
    month: BillingMonth, policy: VerifiedPolicy, customers: Int, rows: [RequirementResult],
    customerNames: [[UInt8]: String]
  ) {
    self.id = id
    self.title = title
    self.startedAt = startedAt
    self.resolvedAt = resolvedAt
    self.severity = severity
    self.month = month
    self.policy = policy
    self.customers = customers
    self.rows = rows
    self.customerNames = customerNames
  }

  /// A copy with only the matching rows.
  package func rows(where matches: (RequirementResult) -> Bool) -> IncidentAudit {
    IncidentAudit(
      id: id, title: title, startedAt: startedAt, resolvedAt: resolvedAt, severity: severity,
      month: month, policy: policy, customers: customers, rows: rows.filter(matches),
      customerNames: customerNames)
  }

  /// A copy with the rows of one customer and the rows without a customer.
  package func rows(of customer: String) -> IncidentAudit {
    rows { $0.customer?.elementsEqual(customer.utf8) ?? true }
  }

  /// A copy with only the rows that were missed or have no record.
  package var misses: IncidentAudit { rows { $0.outcome.verdict.isNotKept } }

  package var name: String { String(decoding: id, as: UTF8.self) }

  /// The customer's name and id.
  func customerLabel(_ customer: [UInt8]) -> String {
    let id = String(decoding: customer, as: UTF8.self)
    let name = customerNames[customer, default: ""]
    return name.isEmpty ? id : "\(name) (\(id))"
  }

  /// Every instant that is written about the incident.
  package var instants: Set<Instant> {
    var instants: Set<Instant> = [startedAt]
    if let resolvedAt { instants.insert(resolvedAt) }
    for row in rows {
      instants.formUnion(row.reason.instants)
      for evidence in row.evidence { instants.formUnion(evidence.instants) }
      if let due = row.outcome.due { instants.insert(due) }
      if let done = row.outcome.done { instants.insert(done) }
    }
    return instants
  }
}

extension Verdict {
  /// A step without a record counts as not kept: nobody can show that it was done.
  package var isNotKept: Bool { self == .missed || self == .noRecord }
}

extension Reason {
  fileprivate var instants: [Instant] {
    switch self {
    case .severity(_, let since), .widespread(let since), .affected(let since),
      .trigger(_, let since):
      [since]
    case .resolved(_, let at), .requested(let at): [at]
    }
  }
}

extension Evidence {
  fileprivate var instants: [Instant] {
    switch self {
    case .gap(let interval), .quiet(let interval): [interval.start, interval.end]
    case .milder(_, let since): [since]
    case .reached(_, let at), .completedItem(_, let at): [at]
    case .updates, .needed, .companion, .openItem, .begun: []
    }
  }
}

/// A version of the policy, with the parts that an audit needs.
package struct VerifiedPolicy: Hashable, Sendable {
  package let version: String
  package let timeZone: String
  package let rules: ProcedureRules

  package init(version: String, timeZone: String, rules: ProcedureRules) {
    self.version = version
    self.timeZone = timeZone
    self.rules = rules
  }
}

/// What an audit looked at, and its totals.
package struct AuditSummary: Sendable {
  /// Why an incident was not judged.
  package enum Omission: Hashable, Sendable {
    case void
    /// The incident has a bad row, reported under this code.
    case parked(FindingCode)
  }

  package let asOf: Instant
  /// `asOf` as local time in `timeZone`, in whole seconds.
  package let asOfText: String
  /// The months whose incidents are listed.
  package let months: ClosedRange<BillingMonth>
  /// The months that the scorecard compares, up to the last of `months`.
  package let trend: ClosedRange<BillingMonth>
  /// The ids of the incidents that were asked for; empty if the months determine the incidents.
  package let asked: [String]
  /// The time zone of the version in force at the instant of the audit.
  package let timeZone: String
  /// The versions that listed incidents are judged by, oldest first. Without incidents, the version
  /// in force.
  package internal(set) var policies: [VerifiedPolicy]
  package internal(set) var scorecard = Scorecard()
  /// The scores of the listed incidents, by requirement and severity, whatever their months.
  package internal(set) var listed = Scorecard()
  package internal(set) var incidents = 0
  /// How many listed incidents have no row that was missed or has no record.
  package internal(set) var keptIncidents = 0
  /// How many rows of the listed incidents are past due and can still be done.
  package internal(set) var overdue = 0
  package var omissions: [(incident: String, Omission)] = []
  /// Other bad rows. The audit does not use them.
  package var findings: [Finding] = []

  package init(
    asOf: Instant, asOfText: String, months: ClosedRange<BillingMonth>,
    trend: ClosedRange<BillingMonth>, asked: [String], policyInForce: VerifiedPolicy
  ) {
    self.asOf = asOf
    self.asOfText = asOfText
    self.months = months
    self.trend = trend
    self.asked = asked
    timeZone = policyInForce.timeZone
    policies = [policyInForce]
  }

  package mutating func add(_ audit: IncidentAudit) {
    for row in audit.rows where trend.contains(audit.month) {
      scorecard.add(row, month: audit.month)
    }
    guard isListed(audit) else { return }
    if incidents == 0 { policies = [] }
    if !policies.contains(audit.policy) { policies.append(audit.policy) }
    for row in audit.rows {
      listed.add(row, month: audit.month)
      if row.isOverdue { overdue += 1 }
    }
    incidents += 1
    if !audit.rows.contains(where: { $0.outcome.verdict.isNotKept }) { keptIncidents += 1 }
  }

  /// Whether the incident is listed, and not only part of the trend.
  package func isListed(_ audit: IncidentAudit) -> Bool {
    asked.isEmpty
      ? months.contains(audit.month) : asked.contains { $0.utf8.elementsEqual(audit.id) }
  }

  /// The score of all that is listed.
  package var total: Score { listed.total { _ in true } }

  /// The score of the requirements that an incident has once.
  package var steps: Score { listed.total { !$0.step.requirement.isPerCustomer } }

  /// The score of the requirements that an incident has for each customer.
  package var ofCustomers: Score { listed.total { $0.step.requirement.isPerCustomer } }

  package var void: [String] {
    omissions.compactMap { if case .void = $0.1 { $0.incident } else { nil } }
  }

  /// The incidents that were left out because of a bad row.
  package var parked: [(incident: String, code: FindingCode)] {
    omissions.compactMap { omission in
      if case .parked(let code) = omission.1 { (omission.incident, code) } else { nil }
    }
  }

  /// Whether bad rows were left out of the counts.
  package var isIncomplete: Bool { !parked.isEmpty || !findings.isEmpty }
}
