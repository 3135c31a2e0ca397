import CreditLedger
public import CreditReports
public import Postgres
import RedressSQL
import ResponseProcedures
public import ServiceCredits

/// What an audit is asked for.
public struct AuditQuery: Sendable {
  /// The only incidents, in any order; the months are then those of the scorecard alone. Empty for all of them.
  public var incidents: [String]
  /// The last month; `nil` for the month of the as-of instant.
  public var lastMonth: BillingMonth?
  /// How many months up to that one to list; at least 1.
  public var months: Int
  /// How many months up to that one the scorecard compares; at least 1.
  public var trendMonths: Int

  public init(
    incidents: [String] = [], lastMonth: BillingMonth? = nil, months: Int = 1, trendMonths: Int = 6
  ) {
    precondition(months >= 1 && trendMonths >= 1, "an audit looks at one month at least")
    self.incidents = incidents
    self.lastMonth = lastMonth
    self.months = months
    self.trendMonths = trendMonths
  }
}

/// Says what was kept and missed of the response procedures. Reads the source, in one snapshot; writes nothing.
public struct ProcedureAudit: Sendable {
  private let target: ConnectionTarget
  private let document: PolicyDocument
  private let asOf: Instant?
  let interruption: Interruption

  /// So many incidents are read and judged at a time.
  private static let batch = 256

  /// - Parameter asOf: the instant taken for now; `nil` for the server's clock.
  public init(
    target: ConnectionTarget, policy: PolicyDocument, asOf: Instant?,
    interruption: Interruption = Interruption()
  ) {
    self.target = target
    document = policy
    self.asOf = asOf
    self.interruption = interruption
  }

  /// - Parameters:
  ///   - begin: called once, before the first incident.
  ///   - body: called with each incident that is listed, in byte order of their ids.
  public func run(
    _ query: AuditQuery, begin: (AuditSummary, LocalClock) throws -> Void = { _, _ in },
    body: (IncidentAudit, LocalClock) throws -> Void
  ) throws -> AuditSummary {
    try interruption.reading { voice in
      try look(
        query,
        { summary, clock in
          voice.raise()
          try begin(summary, clock)
        },
        { audit, clock in
          voice.raise()
          try body(audit, clock)
        })
    }
  }

  private func open() throws -> Connection {
    try interruption.connect(target)
  }

  /// The same once, for who throws away what he was told and begins again.
  func look(
    _ query: AuditQuery, _ begin: (AuditSummary, LocalClock) throws -> Void = { _, _ in },
    _ body: (IncidentAudit, LocalClock) throws -> Void
  ) throws -> AuditSummary {
    let connection = try open()
    let snapshot = try Snapshot(connection, needs: .reading)
    let nightly = NightlyPass(
      options: RunOptions(
        target: target, policy: document, asOf: asOf, lastMonth: query.lastMonth,
        months: query.months, outputFolder: "."),
      interruption: interruption)
    let plan = try nightly.plan(connection, snapshot)
    var findings: [Finding] = []
    let catalogue = try SourceCatalogue(
      connection: connection, policy: document.policy, versionStarts: plan.starts, asOf: plan.asOf
    ) { findings.append($0) }
    let source = try AuditSource(connection: connection, catalogue: catalogue)
    var summary = summary(query, plan)
    let calendars = try AuditCalendars(connection, catalogue, document)
    let wanted = try select(&summary, catalogue, calendars, connection)
    let clock = try AuditClock.clock(summary.timeZone, [plan.asOf.wholeSecond], connection)
    // The last to wait for others; from then on something is told.
    let affected = try affected(by: wanted, catalogue, snapshot) { findings.append($0) }
    try begin(summary, clock)
    try interruption.check()
    for batch in wanted.chunked(by: ProcedureAudit.batch) {
      let records = try source.records(of: batch, connection, catalogue: catalogue) {
        findings.append($0)
      }
      let audits = batch.compactMap { number in
        audit(number, records[number], source, catalogue, calendars, affected)
      }
      for audit in audits { summary.add(audit) }
      let listed = audits.filter { summary.isListed($0) }
      let clocks = try AuditClock.clocks(listed, connection)
      for audit in listed { try body(audit, clocks[audit.timeZone] ?? LocalClock()) }
      try interruption.check()
    }
    for finding in findings
    where finding.key.relation != .incident && finding.key.relation != .outage {
      summary.findings[finding.code, default: 0] += 1
    }
    return summary
  }

  private func summary(_ query: AuditQuery, _ plan: NightPlan) -> AuditSummary {
    let last = plan.months.upperBound
    let version = SourceCatalogue.version(at: plan.asOf, starts: plan.starts) ?? 0
    return AuditSummary(
      asOf: plan.asOf, months: plan.months,
      trend: last.advanced(by: 1 - max(query.months, query.trendMonths))...last,
      asked: query.incidents, timeZone: document.policy.versions[version].timeZone)
  }

  // MARK: Which incidents

  /// The incidents to look at, by id; those of them that nothing can be said about are noted.
  private func select(
    _ summary: inout AuditSummary, _ catalogue: SourceCatalogue, _ calendars: AuditCalendars,
    _ connection: borrowing Connection
  ) throws -> [Int32] {
    var wanted: [Int32] = []
    for id in summary.asked {
      guard let number = Array(id.utf8).withUnsafeBytes({ catalogue.incidentNumbers.find($0) })
      else {
        throw ExplanationError.noSuchId(
          id, kind: .incident,
          nearMiss: NearMiss.nearest(
            to: id, among: try FoundId.similar(to: id, kinds: [.incident], connection)))
      }
      note(number, catalogue, &summary)
      if catalogue.auditedVersion(of: number) != nil { wanted.append(number) }
    }
    guard summary.asked.isEmpty else { return Set(wanted).sorted() }
    for number in catalogue.incidents.indices.map({ Int32($0) }) {
      if let month = calendars.month(of: number, catalogue) {
        if summary.trend.contains(month) { wanted.append(number) }
      } else if let startedAt = catalogue.incidents[Int(number)].startedAt,
        summary.months.contains(Night.month(startedAt))
      {
        note(number, catalogue, &summary)
      }
    }
    return wanted
  }

  private func note(_ number: Int32, _ catalogue: SourceCatalogue, _ summary: inout AuditSummary) {
    let incident = catalogue.incidents[Int(number)]
    switch incident.treatment {
    case .void: summary.omissions.append((incident.name, .void))
    case .held(.parked(let code)): summary.omissions.append((incident.name, .parked(code)))
    case .counted: break
    case .held(.open), .held(.noOutageScope):
      if let startedAt = incident.startedAt, startedAt <= catalogue.asOf,
        catalogue.auditedVersion(of: number) == nil
      {
        summary.omissions.append((incident.name, .parked(.noPolicyInForce)))
      }
    }
  }

  // MARK: Who was affected

  private struct Affected {
    /// By incident: numbers of customers and from when they were affected, in byte order of the customers.
    var byIncident: [Int32: [(customer: Int32, since: Instant)]] = [:]
    var customers: [(id: [UInt8], name: String)] = []
  }

  private func affected(
    by incidents: [Int32], _ catalogue: SourceCatalogue, _ snapshot: Snapshot,
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
      for incident in customer.incidents {
        found.byIncident[incident.number, default: []].append((number, incident.first))
      }
    }
    return found
  }

  // MARK: Judging

  private func audit(
    _ number: Int32, _ records: HandlingRecords?, _ source: AuditSource,
    _ catalogue: SourceCatalogue, _ calendars: AuditCalendars, _ affected: Affected
  ) -> IncidentAudit? {
    let incident = catalogue.incidents[Int(number)]
    let (asOf, records) = (catalogue.asOf, records ?? HandlingRecords())
    guard let version = catalogue.auditedVersion(of: number), let startedAt = incident.startedAt,
      let history = source.history(of: number, in: catalogue),
      let month = calendars.month(of: number, catalogue)
    else { return nil }
    let touched = affected.byIncident[number, default: []]
    let resolvedAt = incident.isResolved(asOf: asOf) ? incident.resolvedAt : nil
    let state = resolvedAt.map { AuditedIncident.State.resolved(at: $0) }
    let audited = AuditedIncident(
      id: incident.id, startedAt: startedAt,
      acknowledgedAt: incident.acknowledgedAt.flatMap { $0 <= asOf ? $0 : nil },
      state: state ?? .open, history: history,
      quiet: source.quiet(of: number), isWidespread: incident.isWidespread,
      concernsSecurity: incident.concernsSecurity,
      hasRevenueImpact: incident.hasRevenueImpact, events: records.events,
      postMortem: records.postMortem, actionItems: records.actionItems,
      customers: touched.map {
        AuditedIncident.Customer(
          id: affected.customers[Int($0.customer)].id, affectedAt: $0.since)
      },
      companion: source.companion(of: number, in: catalogue))
    let rows = ResponseAudit(
      rules: document.procedures[version], calendar: calendars.businessDays(of: version), asOf: asOf
    ).rows(for: audited)
    var names: [[UInt8]: String] = [:]
    for customer in touched {
      let (id, name) = affected.customers[Int(customer.customer)]
      names[id] = name
    }
    return IncidentAudit(
      id: incident.id, title: incident.title, startedAt: startedAt, resolvedAt: resolvedAt,
      severity: history.worst.severity, month: month,
      timeZone: document.policy.versions[version].timeZone, rows: rows, customerNames: names)
  }
}

/// When months and business days begin in the time zones of the policy's versions.
struct AuditCalendars {
  private let months: [MonthTable]
  private let days: [BusinessCalendar]

  init(
    _ connection: borrowing Connection, _ catalogue: SourceCatalogue, _ document: PolicyDocument
  ) throws {
    let times = catalogue.incidents.indices.compactMap { number in
      catalogue.auditedVersion(of: Int32(number)).flatMap { _ in
        catalogue.incidents[number].startedAt
      }
    }
    let first = times.min() ?? catalogue.asOf
    let reach = Interval(first, max(first, catalogue.asOf))
    var months: [MonthTable] = []
    var days: [BusinessCalendar] = []
    for (version, rules) in zip(document.policy.versions, document.procedures) {
      months.append(try Night.monthTable(connection, version.timeZone, reach))
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
    // Two days of seven are none, and each holiday may be another.
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

  /// In which the incident began, in the zone of the version that it is judged by; `nil` where it is not judged.
  func month(of number: Int32, _ catalogue: SourceCatalogue) -> BillingMonth? {
    guard let version = catalogue.auditedVersion(of: number),
      let startedAt = catalogue.incidents[Int(number)].startedAt
    else { return nil }
    return months[version].month(of: startedAt)
  }
}

/// Asks PostgreSQL how instants are written in a time zone.
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

  /// A clock for each time zone, that knows every instant of these audits.
  static func clocks(
    _ audits: [IncidentAudit], _ connection: borrowing Connection
  ) throws -> [String: LocalClock] {
    var asked: [String: LocalClock] = [:]
    for audit in audits {
      let clock = asked[audit.timeZone] ?? LocalClock()
      asked[audit.timeZone] = clock
      // Writing it once finds every instant that writing it needs.
      _ = AuditText(clock: clock).lines(audit)
      _ = AuditText(clock: clock).markdown(audit)
    }
    var clocks: [String: LocalClock] = [:]
    for (zone, ask) in asked {
      clocks[zone] = try clock(zone, Array(ask.missing), connection)
    }
    return clocks
  }
}

extension Array {
  /// Parts of at most `count` elements, in order.
  fileprivate func chunked(by count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map {
      Array(self[$0..<Swift.min($0 + count, self.count)])
    }
  }
}
