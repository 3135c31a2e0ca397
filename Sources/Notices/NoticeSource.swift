import CreditLedger
import CreditRun
import Documents
import FrozenEvidence
import PolicyFiles
import Postgres
import ServiceCredits

/// The database and the policy that notices are made from.
struct NoticeSource: Sendable {
  let target: ConnectionTarget
  let policy: PolicyDocument?
  let interruption: Interruption

  func open() throws -> Connection {
    try interruption.connect(target)
  }
}

/// One snapshot of the database, and the policy to judge the source by.
struct NoticeReading {
  let source: NoticeSource
  let snapshot: Snapshot
  let document: PolicyDocument

  /// - Parameter connection: the connection that holds the snapshot.
  init(_ source: NoticeSource, _ connection: borrowing Connection) throws {
    self.source = source
    snapshot = try Snapshot(
      connection, needs: .reading, nodes: NodeAccess(source.target, source.interruption))
    document = try PolicyInForce.ofReader(source.policy, connection).document
  }

  func open() throws -> Connection {
    try snapshot.another { try source.open() }
  }

  func catalogue(
    asOf: Instant?, _ connection: borrowing Connection, finding: (Finding) throws -> Void
  ) throws -> SourceCatalogue {
    let plan = try Reconciliation(
      request: ReconciliationRequest(target: source.target, policy: document, asOf: asOf),
      interruption: source.interruption
    ).plan(connection, snapshot)
    return try SourceCatalogue(
      connection: connection, policy: document.policy, versionStarts: plan.starts,
      asOf: plan.asOf, report: finding)
  }
}

extension CustomerNotice {
  /// The notice whose customer comes first in byte order. If both are for the same customer, they
  /// are merged.
  static func first(_ left: CustomerNotice?, _ right: CustomerNotice?) -> CustomerNotice? {
    guard var notice = left, let right else { return left ?? right }
    if right.customerId.lexicographicallyPrecedes(notice.customerId) { return right }
    guard right.customerId == notice.customerId else { return notice }
    notice.email = notice.email ?? right.email
    let told = Set(notice.incidents.map(\.id))
    notice.incidents += right.incidents.filter { !told.contains($0.id) }
    notice.sortIncidents()
    return notice
  }

  fileprivate mutating func sortIncidents() {
    incidents.sort { left, right in
      let (first, second) = (left.start ?? .distantPast, right.start ?? .distantPast)
      return first != second ? first < second : left.id.lexicographicallyPrecedes(right.id)
    }
  }
}

/// What notices say about incidents: the source as it is now, and the run's evidence for incidents
/// that the source no longer has.
struct CalculationStepsByIncident {
  private let frozen: SharedEvidence?
  private var known: [[UInt8]: CustomerNotice.Incident] = [:]

  /// The names of the services.
  private var services: [[UInt8]: String] = [:]

  /// - Parameter frozen: the evidence of the run that the notices are about.
  init(frozen: SharedEvidence) {
    self.frozen = frozen
    for service in frozen.services {
      services[service.id] = String(decoding: service.name, as: UTF8.self)
    }
  }

  init(_ catalogue: SourceCatalogue) {
    frozen = nil
    for service in catalogue.services {
      services[service.id] = String(decoding: service.name, as: UTF8.self)
    }
  }

  /// The incident without services and credits.
  mutating func account(
    of id: [UInt8], _ connection: borrowing Connection
  ) throws -> CustomerNotice.Incident {
    if let account = known[id] { return account }
    let then = frozen?.incident(id)
    let now = try NoticeIncident.read([id], connection).first
    let rootCause = now?.rootCause ?? then?.rootCause
    let account = CustomerNotice.Incident(
      id: id, title: now?.title ?? then?.title ?? "", severity: now?.severity, services: [],
      start: now?.startedAt ?? then?.startedAt, end: now?.resolvedAt, countedMicroseconds: nil,
      rootCause: rootCause, done: CalculationStepsByIncident.texts(now?.done),
      underWay: CalculationStepsByIncident.texts(now?.underWay), credits: [])
    known[id] = account
    return account
  }

  func serviceName(_ id: [UInt8]) -> String {
    services[id] ?? String(decoding: id, as: UTF8.self)
  }

  private static func texts(_ json: [UInt8]?) -> [String] {
    guard let json, let list = (try? JSONValue(json))?.array else { return [] }
    return list.compactMap(\.text)
  }
}

/// Reads the recorded credits of a run, customer by customer. Memory does not grow with the number
/// of customers.
struct RecordedNotices: ~Copyable {
  private let run: RecordedRun
  private var rows: NoticeRows
  private var hasRow: Bool
  private var accounts: CalculationStepsByIncident

  init(_ run: RecordedRun, _ reading: NoticeReading, _ connection: borrowing Connection) throws {
    let evidence = try run.sharedEvidence(connection)
    var rows = try NoticeRows(runId: run.runId) { try reading.open() }
    let hasRow = try rows.next()
    self.run = run
    self.rows = rows
    self.hasRow = hasRow
    accounts = CalculationStepsByIncident(frozen: evidence)
  }

  /// Returns `nil` after the last customer.
  mutating func next(_ connection: borrowing Connection) throws -> CustomerNotice? {
    guard hasRow else { return nil }
    let first = try rows.row()
    var notice = CustomerNotice(
      kind: .resolved, customerId: Array(first.customerId),
      customerName: String(decoding: first.customerName, as: UTF8.self), email: first.email,
      timeZone: first.basis.timeZone, runId: run.runId, date: run.asOf, incidents: [])
    var hasZone = false
    while hasRow {
      let row = try rows.row()
      guard row.customerId.elementsEqual(notice.customerId) else { break }
      if !hasZone, !row.hasMoved {
        notice.timeZone = row.basis.timeZone
        hasZone = true
      }
      if notice.incidents.last.map({ row.incidentId.elementsEqual($0.id) }) != true {
        notice.incidents.append(try accounts.account(of: Array(row.incidentId), connection))
      }
      accounts.add(row, to: &notice.incidents[notice.incidents.count - 1])
      hasRow = try rows.next()
    }
    notice.sortIncidents()
    return notice
  }
}

/// Reads which customers the incidents affected according to the source, customer by customer.
struct AffectedNotices: ~Copyable {
  private var customers: AffectedCustomers
  private let catalogue: SourceCatalogue
  private let kind: CustomerNotice.Kind
  private let runId: Int64?
  private let timeZone: String
  private var accounts: CalculationStepsByIncident

  private init(
    _ wanted: Set<IncidentNumber>, of catalogue: SourceCatalogue, _ kind: CustomerNotice.Kind,
    runId: Int64?, _ reading: NoticeReading
  ) throws {
    customers = try AffectedCustomers(
      connection: try reading.open(), catalogue: catalogue, policy: reading.document.policy,
      incidents: wanted
    ) { try reading.open() }
    self.catalogue = catalogue
    self.kind = kind
    self.runId = runId
    timeZone = reading.document.timeZone
    accounts = CalculationStepsByIncident(catalogue)
  }

  /// For the incidents that a run was the first to record credits for, if they are still resolved.
  init(
    firstRecordedBy run: RecordedRun, _ reading: NoticeReading, _ connection: borrowing Connection
  ) throws {
    // The run's own findings already report bad incidents.
    let catalogue = try reading.catalogue(asOf: run.asOf, connection) { _ in }
    var wanted: Set<IncidentNumber> = []
    for id in try NoticeIncident.firstRecorded(byRun: run.runId, connection) {
      guard let number = catalogue.incidentNumbers.find(id),
        catalogue.incidents[number.index].isCounted
      else { continue }
      wanted.insert(number)
    }
    try self.init(wanted, of: catalogue, .resolved, runId: run.runId, reading)
  }

  /// For one incident.
  init(
    incident id: String, _ kind: CustomerNotice.Kind, asOf: Instant?, _ reading: NoticeReading,
    _ connection: borrowing Connection, finding: (Finding) throws -> Void
  ) throws {
    var findings: [Finding] = []
    let catalogue = try reading.catalogue(asOf: asOf, connection) { findings.append($0) }
    let bytes = Array(id.utf8)
    guard let number = catalogue.incidentNumbers.find(bytes) else {
      let names = try FoundId.similar(to: id, kinds: [.incident], connection)
      throw NoticeError.noSuchIncident(id, nearMiss: NearMiss.nearest(to: id, among: names))
    }
    let incident = catalogue.incidents[number.index]
    switch (incident.treatment, kind) {
    case (.void, _): throw NoticeError.void(id)
    case (.held(.parked), _):
      throw NoticeError.parked(id, findings.filter { $0.key.concerns(incident: bytes) })
    case (.counted, .initial), (.held(.noOutageScope), .initial):
      throw NoticeError.notOpen(id, resolvedAt: incident.resolvedAt)
    case (.held(.open), .resolved): throw NoticeError.notResolved(id)
    case (.held(.noOutageScope), .resolved): throw NoticeError.noWindows(id)
    case (.counted, .resolved), (.held(.open), .initial): break
    }
    guard incident.outageCount > 0 else { throw NoticeError.noWindows(id) }
    guard let start = incident.startedAt,
      SourceCatalogue.version(at: start, starts: catalogue.versionStarts) != nil
    else { throw NoticeError.noPolicyInForce(id) }
    try self.init([number], of: catalogue, kind, runId: nil, reading)
  }

  /// Returns `nil` after the last customer.
  mutating func next(
    _ connection: borrowing Connection, finding: (Finding) throws -> Void
  ) throws -> CustomerNotice? {
    guard let customer = try customers.next(report: finding) else { return nil }
    var notice = CustomerNotice(
      kind: kind, customerId: customer.id,
      customerName: String(decoding: customer.name, as: UTF8.self),
      email: customer.email.map { String(decoding: $0, as: UTF8.self) },
      timeZone: customer.timeZone.map { String(decoding: $0, as: UTF8.self) } ?? timeZone,
      runId: runId, date: catalogue.asOf, incidents: [])
    for (number, _) in customer.incidents {
      notice.incidents.append(try incident(number, of: customer, connection))
    }
    notice.sortIncidents()
    return notice
  }

  private mutating func incident(
    _ number: IncidentNumber, of customer: AffectedCustomer, _ connection: borrowing Connection
  ) throws -> CustomerNotice.Incident {
    let id = catalogue.incidents[number.index].id
    var incident = try accounts.account(of: id, connection)
    let stretches = customer.stretches.filter { $0.incident == number }
    for stretch in stretches {
      let name = String(
        decoding: catalogue.services[stretch.service.index].name, as: UTF8.self)
      if !incident.services.contains(name) { incident.services.append(name) }
    }
    incident.start = stretches.map(\.interval.start).min()
    incident.end = kind == .initial ? nil : stretches.map(\.interval.end).max()
    incident.countedMicroseconds = IntervalSet(stretches.map(\.interval)).microseconds
    if runId == nil, kind == .resolved {
      try NoticeRow.read(ofCustomer: customer.id, incident: id, connection) { row in
        if row.entitledMinor != 0 { accounts.add(row, before: nil, to: &incident) }
      }
    }
    return incident
  }
}

extension CalculationStepsByIncident {
  /// Adds a revision of a run, with the time that it counted.
  func add(_ row: NoticeRow, to incident: inout CustomerNotice.Incident) {
    if !row.hasMoved { addTime(of: row, to: &incident) }
    let before = row.entitledMinor - row.amount.amountMinor
    add(row, before: row.kind == .grant || before == 0 ? nil : before, to: &incident)
  }

  /// Adds the time that affected the customer, over all subscriptions.
  private func addTime(of row: NoticeRow, to incident: inout CustomerNotice.Incident) {
    let service = serviceName(Array(row.basis.serviceId))
    if !incident.services.contains(service) { incident.services.append(service) }
    incident.severity = incident.severity ?? row.basis.severity
    let outage = row.basis.outage
    let isFirst = incident.countedMicroseconds == nil
    incident.start = isFirst ? outage.start : incident.start.map { min($0, outage.start) }
    incident.end = isFirst ? outage.end : incident.end.map { max($0, outage.end) }
    incident.countedMicroseconds = max(incident.countedMicroseconds ?? 0, row.countedMicroseconds)
  }

  /// Adds what a credit is worth.
  /// - Parameter before: what it was worth before, in minor units; `nil` to leave that out.
  func add(_ row: NoticeRow, before: Int64?, to incident: inout CustomerNotice.Incident) {
    let currency = row.amount.currency
    func money(_ minor: Int64) -> Money { Money(amountMinor: minor, currency: currency) }
    var credit = CustomerNotice.Credit(
      subscriptionId: Array(row.subscriptionId),
      serviceName: serviceName(Array(row.basis.serviceId)),
      plan: String(decoding: row.basis.plan, as: UTF8.self),
      fee: MonthlyFee(micros: row.basis.feeMicros, currency: currency), percent: row.percent,
      month: row.month, total: money(row.entitledMinor), before: before.map(money),
      reason: row.reason, invoices: NoticeRow.invoices(row.invoices, currency: currency),
      open: money(0))
    let placed = credit.invoices.reduce(0) { $0 + $1.amount.amountMinor }
    credit.open = money(max(0, row.entitledMinor - placed))
    if let same = incident.credits.firstIndex(where: { $0.isSame(as: credit) }) {
      incident.credits[same].merge(credit)
    } else {
      incident.credits.append(credit)
    }
  }
}

extension CustomerNotice.Credit {
  /// Whether the two are the same credit in two months, of which it is worth something in one at
  /// most. A run that moves a credit takes it back in one month and grants it in the other.
  fileprivate func isSame(as other: CustomerNotice.Credit) -> Bool {
    subscriptionId == other.subscriptionId && total.currency == other.total.currency
      && (total.amountMinor == 0 || other.total.amountMinor == 0)
  }

  /// Makes one credit of both: what it is worth now is that of the one month, what it was worth
  /// before the sum of both.
  fileprivate mutating func merge(_ other: CustomerNotice.Credit) {
    let worth = [before, other.before].compactMap { $0?.amountMinor }
    if total.amountMinor == 0 { self = other }
    before =
      worth.isEmpty
      ? nil : Money(amountMinor: worth.reduce(0, +), currency: total.currency)
  }
}

extension NoticeRow {
  /// Whether the run took the credit back because it belongs to another month. The basis is then
  /// that of an earlier revision, and the grant in the other month has the one of the run.
  fileprivate var hasMoved: Bool { reason == DecreaseReason.moved.rawValue }

  /// Reads pairs of an invoice's id and an amount in minor units.
  fileprivate static func invoices(
    _ json: [UInt8]?, currency: Currency
  ) -> [(id: String, amount: Money)] {
    guard let json, let list = (try? JSONValue(json))?.array else { return [] }
    return list.compactMap { pair in
      guard let pair = pair.array, pair.count == 2, let id = pair[0].text,
        case .number(let digits) = pair[1],
        let minor = Int64(String(decoding: digits, as: UTF8.self))
      else { return nil }
      return (id, Money(amountMinor: minor, currency: currency))
    }
  }
}
