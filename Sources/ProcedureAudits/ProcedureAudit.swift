package import CreditLedger
import CreditRun
import Documents
package import PolicyFiles
package import Postgres
import RedressSQL
import ResponseProcedures
package import ServiceCredits

/// What to audit.
package struct AuditQuery: Sendable {
  /// The ids of the incidents to list, in any order; empty to list all incidents of the months.
  /// With ids, the months only determine the scorecard.
  package var incidents: [String]
  /// The last month; `nil` for the month of the as-of instant.
  package var lastMonth: BillingMonth?
  /// How many months to list, up to `lastMonth`; at least 1.
  package var months: Int
  /// How many months the scorecard compares, up to `lastMonth`; at least 1.
  package var trendMonths: Int

  package init(
    incidents: [String] = [], lastMonth: BillingMonth? = nil, months: Int = 1, trendMonths: Int = 6
  ) {
    precondition(months >= 1 && trendMonths >= 1, "an audit looks at one month at least")
    self.incidents = incidents
    self.lastMonth = lastMonth
    self.months = months
    self.trendMonths = trendMonths
  }
}

/// Checks which response procedures were kept and which were missed. Reads the source in one
/// snapshot; writes nothing.
package struct ProcedureAudit: Sendable {
  private let target: ConnectionTarget
  /// `nil` to use the policy that is in force.
  private let given: PolicyDocument?
  private var document: PolicyDocument
  private let asOf: Instant?
  let interruption: Interruption

  /// How many incidents are read and judged at a time.
  private static let batch = 256

  /// - Parameters:
  ///   - policy: the policy to judge by; `nil` for the one that is in force.
  ///   - asOf: the instant taken as now; `nil` for the server's clock.
  package init(
    target: ConnectionTarget, policy: PolicyDocument?, asOf: Instant?,
    interruption: Interruption = Interruption()
  ) {
    self.target = target
    given = policy
    document = policy ?? PolicyFile.builtInDocument
    self.asOf = asOf
    self.interruption = interruption
  }

  /// - Parameter body: called with each listed incident, in the order of time. Incidents that began
  ///   together come in byte order of their ids.
  package func run(
    _ query: AuditQuery, body: (IncidentAudit, LocalClock) throws -> Void
  ) throws -> AuditSummary {
    try run(query, begin: { _ in }, body: body)
  }

  /// - Parameters:
  ///   - begin: called once, before the first incident.
  ///   - body: called as in `run(_:body:)`.
  package func run(
    _ query: AuditQuery, begin: (AuditSummary) throws -> Void,
    body: (IncidentAudit, LocalClock) throws -> Void
  ) throws -> AuditSummary {
    try interruption.reading { voice in
      try look(query) { summary in
        voice.raise()
        try begin(summary)
      } _: { audit, clock in
        voice.raise()
        try body(audit, clock)
      }
    }
  }

  private func open() throws -> Connection {
    try interruption.connect(target)
  }

  /// Runs the audit once. The caller discards what it was given if it has to run the audit again.
  func look(
    _ query: AuditQuery, begin: (AuditSummary) throws -> Void = { _ in },
    _ body: (IncidentAudit, LocalClock) throws -> Void
  ) throws -> AuditSummary {
    let connection = try open()
    let snapshot = try Snapshot(
      connection, needs: .reading, nodes: NodeAccess(target, interruption))
    var audit = self
    audit.document = try PolicyInForce.ofReader(given, connection).document
    return try audit.look(query, connection, snapshot, begin, body)
  }

  private func look(
    _ query: AuditQuery, _ connection: borrowing Connection, _ snapshot: Snapshot,
    _ begin: (AuditSummary) throws -> Void, _ body: (IncidentAudit, LocalClock) throws -> Void
  ) throws -> AuditSummary {
    let nightly = Reconciliation(
      request: ReconciliationRequest(
        target: target, policy: document, asOf: asOf, lastMonth: query.lastMonth,
        months: query.months),
      interruption: interruption)
    let plan = try nightly.plan(connection, snapshot)
    var findings: [Finding] = []
    let catalogue = try SourceCatalogue(
      connection: connection, policy: document.policy, versionStarts: plan.starts, asOf: plan.asOf
    ) { findings.append($0) }
    let source = try HandlingSource(connection: connection, catalogue: catalogue)
    try HandlingCheck.run(connection, catalogue: catalogue) { findings.append($0) }
    var summary = try summary(query, plan, connection)
    let calendars = try AuditCalendars(connection, catalogue, document)
    let wanted = try select(&summary, catalogue, calendars, connection)
    let affected = try affected(by: wanted, catalogue, snapshot) { findings.append($0) }
    // Nothing after this waits for a lock, so output can begin.
    try begin(summary)
    try interruption.check()
    var listed: Set<[UInt8]> = []
    for batch in wanted.chunked(by: ProcedureAudit.batch) {
      let records = try source.records(of: batch, connection, catalogue: catalogue)
      let audits = batch.compactMap { number in
        audit(number, records[number], source, catalogue, calendars, affected)
      }
      for audit in audits { summary.add(audit) }
      let shown = audits.filter { summary.isListed($0) }
      listed.formUnion(shown.map(\.id))
      let clocks = try AuditClock.clocks(shown, connection)
      for audit in shown { try body(audit, clocks[audit.policy.timeZone] ?? LocalClock()) }
      try interruption.check()
    }
    summary.findings = findings.filter { finding in
      concerns(finding, listed, asked: !query.incidents.isEmpty, catalogue)
    }
    return summary
  }

  /// Whether a finding makes the listed incidents incomplete. Incidents that are not judged are in
  /// the summary's omissions. Findings about money or a time zone leave nobody out.
  private func concerns(
    _ finding: Finding, _ listed: Set<[UInt8]>, asked: Bool, _ catalogue: borrowing SourceCatalogue
  ) -> Bool {
    switch finding.key.relation {
    case .incidentEvent, .postMortem, .actionItem:
      guard let incident = finding.key[.incident], !incident.isEmpty,
        catalogue.incidentNumbers.find(incident) != nil
      else { return !asked }
      return listed.contains(incident)
    case .incident:
      guard let incident = finding.key[.incident], listed.contains(incident) else { return false }
      // The incident was judged without the bad value, or as open against its status.
      return switch finding.fault {
      case .beforeIncident, .unlistedStatus: true
      default: false
      }
    case .outage, .customer, .invoice, .claim, .credit: return false
    case .service, .subscriptionTerm, .exclusion: return true
    }
  }

  private func summary(
    _ query: AuditQuery, _ plan: ReconciliationPlan, _ connection: borrowing Connection
  ) throws -> AuditSummary {
    let last = plan.months.upperBound
    let policy = policy(SourceCatalogue.version(at: plan.asOf, starts: plan.starts) ?? 0)
    let second = plan.asOf.wholeSecond
    let clock = try AuditClock.clock(policy.timeZone, [second], connection)
    return AuditSummary(
      asOf: plan.asOf, asOfText: clock.text(second), months: plan.months,
      trend: last.advanced(by: 1 - max(query.months, query.trendMonths))...last,
      asked: query.incidents, policyInForce: policy)
  }

  private func policy(_ version: Int) -> VerifiedPolicy {
    let named = document.policy.versions[version]
    return VerifiedPolicy(
      version: named.name, timeZone: named.timeZone, rules: document.procedures[version])
  }

  // MARK: Which incidents

  /// The incidents to judge, in the order of time. Notes those that cannot be judged in the
  /// summary.
  private func select(
    _ summary: inout AuditSummary, _ catalogue: SourceCatalogue, _ calendars: AuditCalendars,
    _ connection: borrowing Connection
  ) throws -> [IncidentNumber] {
    var wanted: Set<IncidentNumber> = []
    for id in summary.asked {
      guard let number = catalogue.incidentNumbers.find(Array(id.utf8))
      else {
        throw NoSuchId(
          id, kind: .incident,
          nearMiss: NearMiss.nearest(
            to: id, among: try FoundId.similar(to: id, kinds: [.incident], connection)))
      }
      note(number, catalogue, &summary)
      if catalogue.auditedVersion(of: number) != nil { wanted.insert(number) }
    }
    if summary.asked.isEmpty {
      for number in catalogue.incidents.indices.map({ IncidentNumber(index: $0) }) {
        let month = calendars.month(of: number, catalogue)
        if catalogue.auditedVersion(of: number) != nil {
          if let month, summary.trend.contains(month) { wanted.insert(number) }
        } else if hasBegun(number, catalogue), month.map({ summary.months.contains($0) }) ?? true {
          // An incident whose month is not known may belong to any month.
          note(number, catalogue, &summary)
        }
      }
    }
    let starts = catalogue.incidents.map { $0.startedAt ?? .distantPast }
    return wanted.sorted { (starts[$0.index], $0) < (starts[$1.index], $1) }
  }

  private func hasBegun(_ number: IncidentNumber, _ catalogue: SourceCatalogue) -> Bool {
    catalogue.incidents[number.index].startedAt.map { $0 <= catalogue.asOf } ?? true
  }

  private func note(
    _ number: IncidentNumber, _ catalogue: SourceCatalogue, _ summary: inout AuditSummary
  ) {
    let incident = catalogue.incidents[number.index]
    switch incident.treatment {
    case .void: summary.omissions.append((incident.name, .void))
    case .held(.parked(let code)): summary.omissions.append((incident.name, .parked(code)))
    case .counted: break
    case .held(.open), .held(.noOutageScope):
      if hasBegun(number, catalogue), catalogue.auditedVersion(of: number) == nil {
        let code = incident.hasDoubtfulEnd ? FindingCode.heldOpen : .noPolicyInForce
        summary.omissions.append((incident.name, .parked(code)))
      }
    }
  }

  // MARK: Who was affected

  private struct Affected {
    /// By incident: the customers' numbers and when they were affected, in byte order of the
    /// customers' ids.
    var byIncident: [IncidentNumber: [(customer: Int32, times: [Interval])]] = [:]
    var customers: [(id: [UInt8], name: String)] = []
  }

  private func affected(
    by incidents: [IncidentNumber], _ catalogue: SourceCatalogue, _ snapshot: Snapshot,
    report: (Finding) throws -> Void
  ) throws -> Affected {
    func join() throws -> Connection { try snapshot.another { try open() } }
    var found = Affected()
    var customers = try AffectedCustomers(
      connection: try join(), catalogue: catalogue, policy: document.policy,
      incidents: Set(incidents), open: join)
    while let customer = try customers.next(report: report) {
      let number = Int32(found.customers.count)
      found.customers.append((customer.id, String(decoding: customer.name, as: UTF8.self)))
      for (incident, _) in customer.incidents {
        found.byIncident[incident, default: []].append(
          (number, customer.affected(by: incident).intervals))
      }
    }
    return found
  }

  // MARK: Judging

  private func audit(
    _ number: IncidentNumber, _ records: HandlingRecords?, _ source: HandlingSource,
    _ catalogue: SourceCatalogue, _ calendars: AuditCalendars, _ affected: Affected
  ) -> IncidentAudit? {
    let incident = catalogue.incidents[number.index]
    let (asOf, records) = (catalogue.asOf, records ?? HandlingRecords())
    guard let version = catalogue.auditedVersion(of: number), let startedAt = incident.startedAt,
      let history = source.history(of: number, in: catalogue),
      let month = calendars.month(of: number, catalogue)
    else { return nil }
    let touched = affected.byIncident[number, default: []]
    let resolvedAt = incident.isResolved(asOf: asOf) ? incident.resolvedAt : nil
    let state = resolvedAt.map { AuditedIncident.State.resolved(at: $0) }
    let audited = AuditedIncident(
      id: incident.id, startedAt: startedAt, acknowledgedAt: incident.acknowledged(asOf: asOf),
      state: state ?? .open, history: history,
      quiet: source.quiet(of: number, until: resolvedAt ?? asOf),
      isWidespread: incident.isWidespread, concernsSecurity: incident.concernsSecurity,
      hasRevenueImpact: incident.hasRevenueImpact, events: records.events,
      postMortem: records.postMortem, actionItems: records.actionItems,
      customers: touched.map {
        AuditedIncident.Customer(
          id: affected.customers[Int($0.customer)].id, affected: $0.times)
      },
      companion: source.companion(of: number, in: catalogue))
    let rows = ComplianceCheck(
      rules: document.procedures[version], calendar: calendars.businessDays(of: version), asOf: asOf
    ).rows(for: audited)
    var names: [[UInt8]: String] = [:]
    for customer in touched {
      let (id, name) = affected.customers[Int(customer.customer)]
      names[id] = name
    }
    return IncidentAudit(
      id: incident.id, title: incident.title, startedAt: startedAt, resolvedAt: resolvedAt,
      severity: history.worst.severity, month: month, policy: policy(version),
      customers: touched.count, rows: rows, customerNames: names)
  }
}

/// The starts of months and business days in the time zones of the policy's versions.
struct AuditCalendars {
  private let months: [MonthTable]
  private let days: [BusinessCalendar]
  private let starts: [Instant]

  /// Whether an instant is in 1970 or later.
  private static func isPlausible(_ instant: Instant) -> Bool { instant.microseconds >= 0 }

  init(
    _ connection: borrowing Connection, _ catalogue: SourceCatalogue, _ document: PolicyDocument
  ) throws {
    starts = catalogue.versionStarts
    let times = catalogue.incidents.indices.compactMap { number -> Instant? in
      let incident = catalogue.incidents[number]
      guard let startedAt = incident.startedAt, startedAt <= catalogue.asOf else { return nil }
      if catalogue.auditedVersion(of: IncidentNumber(index: number)) != nil { return startedAt }
      // One nonsensical date must not make the calendar reach back to it.
      return AuditCalendars.isPlausible(startedAt) ? startedAt : nil
    }
    let first = times.min() ?? catalogue.asOf
    let reach = Interval(first, max(first, catalogue.asOf))
    var months: [MonthTable] = []
    var days: [BusinessCalendar] = []
    for (version, rules) in zip(document.policy.versions, document.procedures) {
      months.append(
        try ReconciliationContext.monthTable(connection, version.timeZone, reach, document.policy))
      days.append(
        try AuditCalendars.businessDays(connection, version.timeZone, rules, reach))
    }
    self.months = months
    self.days = days
  }

  private static func businessDays(
    _ connection: borrowing Connection, _ zone: String, _ rules: ProcedureRules, _ reach: Interval
  ) throws -> BusinessCalendar {
    let day: Int64 = 86_400_000_000
    let postMortem = rules.postMortem
    let most = Int64(max(postMortem.businessDays, postMortem.shareBusinessDays))
    // Two of seven days are not business days, and each holiday may be another one.
    let margin = most * 2 + Int64(rules.holidays.count) + 14
    var days: [BusinessCalendar.Day] = []
    try connection.query(
      RedressSQL.Query.businessDays.text,
      [
        .text(zone), .date(Int32(reach.start.microseconds / day - 3)),
        .date(Int32(reach.end.microseconds / day + margin)),
        .textArray(rules.holidays.map(\.text)),
      ]
    ) { row in
      days.append(
        BusinessCalendar.Day(
          start: Instant(microseconds: try row.timestamp(0)), isBusinessDay: try row.bool(1)))
    }
    return BusinessCalendar(days: days)
  }

  func businessDays(of version: Int) -> BusinessCalendar { days[version] }

  /// The month in which the incident began, in the zone of the version that was in force then, or
  /// else of the first version; `nil` if the start is not known or not plausible.
  func month(of number: IncidentNumber, _ catalogue: SourceCatalogue) -> BillingMonth? {
    guard let startedAt = catalogue.incidents[number.index].startedAt,
      startedAt <= catalogue.asOf
    else { return nil }
    if let version = catalogue.auditedVersion(of: number) {
      return months[version].month(of: startedAt)
    }
    guard AuditCalendars.isPlausible(startedAt) else { return nil }
    return months[SourceCatalogue.version(at: startedAt, starts: starts) ?? 0].month(of: startedAt)
  }
}

/// Asks PostgreSQL for the local form of instants.
enum AuditClock {
  static func clock(
    _ zone: String, _ instants: [Instant], _ connection: borrowing Connection
  ) throws -> LocalClock {
    let clock = LocalClock()
    guard !instants.isEmpty else { return clock }
    try connection.query(
      RedressSQL.Query.auditTimes.text,
      [.text(zone), .int64Array(instants.map(\.microseconds).sorted())]
    ) { row in
      clock.add(Instant(microseconds: try row.int64(0)), try row.string(1))
    }
    return clock
  }

  /// For each time zone, a clock that knows every instant of the audits in that zone.
  static func clocks(
    _ audits: [IncidentAudit], _ connection: borrowing Connection
  ) throws -> [String: LocalClock] {
    var instants: [String: Set<Instant>] = [:]
    for audit in audits { instants[audit.policy.timeZone, default: []].formUnion(audit.instants) }
    var clocks: [String: LocalClock] = [:]
    for (zone, instants) in instants {
      let known = instants.filter { $0 != .distantPast && $0 != .distantFuture }
      clocks[zone] = try clock(zone, Array(known), connection)
    }
    return clocks
  }
}

extension Array {
  /// Splits the array into parts of at most `count` elements, in order.
  fileprivate func chunked(by count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map {
      Array(self[$0..<Swift.min($0 + count, self.count)])
    }
  }
}
