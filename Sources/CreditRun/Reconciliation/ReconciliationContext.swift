package import CreditLedger
package import FrozenEvidence
package import Postgres
import RedressSQL
package import ServiceCredits

/// What every customer of a run shares: the catalogue of incidents, the calculator, the months and time zones.
///
/// Of all incidents that the source has ever had, those are at hand that can touch the months being reconciled. A
/// recorded credit may lead to an older one; then the night reaches further, which changes no other result.
package struct ReconciliationContext: ~Copyable {
  package let catalogue: SourceCatalogue
  let window: ClosedRange<BillingMonth>
  /// Months that are closed: their credits stand, and what would have changed is told.
  let leftAlone: ClosedMonths
  /// Whether what is overcredited is set off against open credits.
  let setsOff: Bool
  /// The system whose balances take what is open; `nil` where drafts do.
  let balance: BalanceSystem?
  /// What people have accepted, where a credit whose past the source has rewritten stands until then; else `nil`.
  let heldPast: FindingAcceptances?
  private(set) var calculator: CreditCalculator
  /// The connection that holds the snapshot, for what is looked up on the way.
  package let connection: Connection
  /// `nil` where nothing is going to be written.
  private let keyProbe: KeyProbe?
  let policy: CreditPolicy
  private let planNames: NumberedNames<PlanRules>
  /// The same plans by what `NearMiss.bare` leaves of them; of two that are the same so, the first.
  private let barePlanNames: [[UInt8]: String]
  private let incidentBytes: [ByteSlice]
  private let incidentTitles: [ByteSlice]
  private let serviceNames: [ByteSlice]
  /// Holds the bytes of the three lists above.
  private let incidentArena: ByteArena
  private var atHand: IncidentsAtHand
  /// Incidents of which a recorded credit was met that is in the window, while they are not.
  private var mustReach: Set<IncidentNumber> = []
  /// How often the calculator was made anew; its shared decisions are other ones then.
  private(set) var rebuilds = 0
  private var mentioned: [Bool]
  /// The time from the first to the last outage at hand.
  var reach: Interval { atHand.reach }

  /// Names of the zones, by number: those of the policy's versions first.
  private let zones: NumberedNames<MonthTable>
  private var zoneTables: [MonthTable]
  /// Of each zone; empty where nothing depends on days of the local clock.
  private var calendars: [LocalCalendar]
  let versionZones: [ZoneNumber]
  /// What PostgreSQL knows; asked for when the first customer has a zone of its own.
  private var knownZones: TimeZoneNames?

  let transferred: TransferredSubscriptions
  /// Recorded subscriptions that are another customer's now, as pairs of customer and subscription; read when the first
  /// one is met that has no terms.
  var transfers: ByteTable?
  /// Recorded subscriptions whose terms ended before anything at hand, as such pairs.
  let endedSubscriptions = ByteTable()
  /// Terms that ended before it were not read.
  let earliest: Instant
  /// Nothing of earlier months matters.
  let earliestMonth: BillingMonth
  /// Subscriptions among them that are held.
  let parkedTransfers = ByteTable()
  /// The sound terms of subscriptions that are wholly under another customer now.
  var movedTerms: [[UInt8]: [CustomerRecords.Term.Sound]] = [:]
  /// Of which it was told already that they are gone or open again.
  private(set) var reportedIncidents: Set<[UInt8]> = []
  /// Who is going to be calculated.
  let scope: CustomerScope

  package init(
    connection: consuming Connection, catalogue: SourceCatalogue, policy: CreditPolicy,
    window: ClosedRange<BillingMonth>, transferred: TransferredSubscriptions,
    scope: CustomerScope = .everyone, keyProbe: KeyProbe? = nil
  ) throws {
    try self.init(
      connection: connection, catalogue: catalogue, policy: policy, window: window,
      reach: NightReach(catalogue, window: window), transferred: transferred, scope: scope,
      keyProbe: keyProbe)
  }

  init(
    connection: consuming Connection, catalogue: SourceCatalogue, policy: CreditPolicy,
    window: ClosedRange<BillingMonth>, leftAlone: ClosedMonths = .none, setsOff: Bool = false,
    balance: BalanceSystem? = nil,
    heldPast: FindingAcceptances? = nil, reach: NightReach, transferred: TransferredSubscriptions,
    scope: CustomerScope = .everyone, keyProbe: KeyProbe? = nil
  ) throws {
    let names = Set(policy.versions.flatMap { $0.plans.keys }).sorted()
    let zones = NumberedNames<MonthTable>()
    let versionZones = policy.versions.map { version in
      zones.insert(Array(version.timeZone.utf8))
    }
    let zoneTables = try ReconciliationContext.monthTables(
      connection, zones, reach.atHand.reach, policy)
    let calendars = try ReconciliationContext.calendars(
      connection, zones, reach.atHand.reach, policy)
    let arena = ByteArena()

    self.catalogue = catalogue
    earliest = reach.earliest
    earliestMonth = reach.ledger.firstMonth
    self.policy = policy
    self.window = window
    self.leftAlone = leftAlone
    self.setsOff = setsOff
    self.balance = balance
    self.heldPast = heldPast
    self.connection = connection
    self.zones = zones
    self.versionZones = versionZones
    atHand = reach.atHand
    mentioned = [Bool](repeating: false, count: catalogue.incidents.count)
    self.zoneTables = zoneTables
    self.calendars = calendars
    self.transferred = transferred
    self.scope = scope
    self.keyProbe = keyProbe
    planNames = NumberedNames(names.map { Array($0.utf8) })
    barePlanNames = Dictionary(
      names.map { ($0.utf8.compactMap(NearMiss.bare), $0) }, uniquingKeysWith: { first, _ in first }
    )
    incidentArena = arena
    incidentBytes = catalogue.incidents.map { incident in
      incident.id.withUnsafeBytes { arena.append($0) }
    }
    incidentTitles = catalogue.incidents.map { incident in
      Array(incident.title.utf8).withUnsafeBytes { arena.append($0) }
    }
    serviceNames = catalogue.services.map { service in
      service.name.withUnsafeBytes { arena.append($0) }
    }
    calculator = ReconciliationContext.makeCalculator(
      catalogue: catalogue, policy: policy, planNames: names, atHand: reach.atHand,
      zones: zoneTables, calendars: calendars, versionZones: versionZones)
  }

  // MARK: Incidents at hand

  @inline(__always)
  package func incidentId(_ number: IncidentNumber) -> UnsafeRawBufferPointer {
    incidentArena[incidentBytes[number.index]]
  }

  package func isAtHand(_ incident: IncidentNumber) -> Bool { atHand.isAtHand[incident.index] }

  /// Whether the frozen copy of this night holds the incident: it was calculated, a credit was taken back for it, or
  /// its times say that it could have mattered.
  package func isEvidence(_ incident: IncidentNumber) -> Bool {
    let source = catalogue.incidents[incident.index]
    if isAtHand(incident) || mentioned[incident.index] { return true }
    if source.isCounted { return false }
    guard let start = source.startedAt else { return true }
    let end = max(start, source.resolvedAt ?? start, source.reach?.end ?? start)
    return min(start, source.reach?.start ?? start) < reach.end && end >= reach.start
  }

  /// Notes that a revision names the incident and gives its number; `nil` where the source does not have it.
  @inline(__always)
  package mutating func mention(_ id: UnsafeRawBufferPointer) -> IncidentNumber? {
    guard let incident = catalogue.incidentNumbers.find(id) else { return nil }
    mentioned[incident.index] = true
    return incident
  }

  /// Empty for an incident that the source does not have.
  @inline(__always)
  package func incidentTitle(_ incident: IncidentNumber?) -> UnsafeRawBufferPointer {
    incident.map { incidentArena[incidentTitles[$0.index]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  @inline(__always)
  package func serviceName(_ service: ServiceNumber) -> UnsafeRawBufferPointer {
    incidentArena[serviceNames[service.index]]
  }

  /// Makes sure that `incident` is calculated, and all that shares time or a month's cap with it.
  package mutating func reach(_ incident: IncidentNumber) throws {
    guard !isAtHand(incident) else { return }
    mustReach.insert(incident)
    rebuilds += 1
    atHand = IncidentsAtHand(catalogue, window: window, recorded: mustReach)
    zoneTables = try ReconciliationContext.monthTables(connection, zones, reach, policy)
    calendars = try ReconciliationContext.calendars(connection, zones, reach, policy)
    calculator = ReconciliationContext.makeCalculator(
      catalogue: catalogue, policy: policy,
      planNames: planNames.texts,
      atHand: atHand, zones: zoneTables, calendars: calendars, versionZones: versionZones)
  }

  private static func makeCalculator(
    catalogue: SourceCatalogue, policy: CreditPolicy, planNames: [String],
    atHand: IncidentsAtHand,
    zones: [MonthTable], calendars: [LocalCalendar], versionZones: [ZoneNumber]
  ) -> CreditCalculator {
    CreditCalculator(
      policy: policy, planNames: planNames, services: catalogue.services.count,
      incidents: catalogue.incidents.map { incident in
        guard case .counted(let version) = incident.treatment, let start = incident.startedAt
        else { return Incident(startedAt: .distantFuture, version: 0) }
        return Incident(startedAt: start, version: version)
      },
      outages: catalogue.outages.filter { atHand.isAtHand[$0.incident.index] }.map {
        Outage(
          incident: $0.incident, severity: $0.severity,
          scope: Scope(service: $0.service, customer: nil), interval: $0.interval,
          shareMicros: $0.shareMicros)
      },
      exclusions: catalogue.exclusions.map(\.exclusion), zones: zones, versionZones: versionZones,
      asOf: catalogue.asOf, calendars: calendars)
  }

  // MARK: Decisions

  @inline(__always)
  package mutating func decisions(
    of input: borrowing SubscriptionInput
  ) -> Range<Int> {
    calculator.decisions(of: input)
  }

  @inline(__always)
  package func decision(_ position: Int) -> CreditDecision { calculator[position] }

  package func versionName(_ version: Int) -> String { policy.versions[version].name }

  /// What every incident took from a subscription.
  package mutating func touchedTime(of input: SubscriptionInput) -> [TouchedTime] {
    calculator.touchedTime(of: input)
  }

  /// As `decisions`, told step by step.
  package mutating func trace(of input: SubscriptionInput) -> [IncidentTrace] {
    calculator.trace(of: input)
  }

  // MARK: Plans and zones

  /// Whether anything depends on the customers' claims.
  var readsClaims: Bool { catalogue.readsClaims }

  /// Whether the claim is for a month, or for an incident at hand.
  func matters(_ claim: CustomerClaim) -> Bool {
    guard let incident = claim.incident else { return true }
    return isAtHand(incident)
  }

  /// Whether any version has tiers or a cap of some plan's own.
  var hasPlans: Bool { planNames.count > 0 }

  /// `nil` for a plan that no version names.
  @inline(__always)
  package func planNumber(_ plan: UnsafeRawBufferPointer) -> PlanNumber? {
    hasPlans ? planNames.find(plan) : nil
  }

  /// The plan that the policy names and that `plan`, which it does not name, differs from in case or white space alone.
  package func planMeant(by plan: UnsafeRawBufferPointer) -> String? {
    hasPlans ? barePlanNames[plan.compactMap(NearMiss.bare)] : nil
  }

  /// The number of a customer's time zone; `nil` where PostgreSQL has none of that name.
  package mutating func zoneNumber(_ name: UnsafeRawBufferPointer) throws -> ZoneNumber? {
    if let known = zones.find(name) { return known }
    let known = try knownZones ?? TimeZoneNames(connection)
    knownZones = known
    guard known.contains(name) else { return nil }
    let number = zones.insert(name)
    let text = String(decoding: name, as: UTF8.self)
    let table = try ReconciliationContext.monthTable(connection, text, reach, policy)
    zoneTables.append(table)
    var calendar: LocalCalendar?
    if policy.needsCalendars {
      calendar = try ReconciliationContext.calendar(connection, text, reach, policy)
      calendars += calendar.map { [$0] } ?? []
    }
    _ = calculator.addZone(table, calendar: calendar)
    return number
  }

  /// Calls `body` with the zone that decides months: the customer's, else that of the policy version.
  @inline(__always)
  package func withZoneName(
    _ own: UnsafeRawBufferPointer?, version: Int32,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    if let own {
      try body(own)
    } else {
      try body(zones[versionZones[Int(version)]])
    }
  }

  /// In byte order of the names.
  package func evidenceOfZones() -> [SharedEvidence.Zone] {
    zoneTables.indices.map { position in
      SharedEvidence.Zone(
        name: Array(zones[ZoneNumber(index: position)]), months: zoneTables[position],
        calendar: position < calendars.count ? calendars[position] : nil)
    }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private static func calendars(
    _ connection: borrowing Connection, _ zones: NumberedNames<MonthTable>, _ reach: Interval,
    _ policy: CreditPolicy
  ) throws -> [LocalCalendar] {
    guard policy.needsCalendars else { return [] }
    return try zones.texts.map { try calendar(connection, $0, reach, policy) }
  }

  private static func calendar(
    _ connection: borrowing Connection, _ zone: String, _ reach: Interval, _ policy: CreditPolicy
  ) throws -> LocalCalendar {
    try LocalCalendar(
      connection, zone: zone, reach: reach, moreDays: policy.deadlineReachDays,
      withHours: policy.countsLocalUnits, holidays: policy.holidays)
  }

  private static func monthTables(
    _ connection: borrowing Connection, _ zones: NumberedNames<MonthTable>, _ reach: Interval,
    _ policy: CreditPolicy
  ) throws -> [MonthTable] {
    try zones.texts.map { try monthTable(connection, $0, reach, policy) }
  }

  package static func monthTable(
    _ connection: borrowing Connection, _ zone: String, _ reach: Interval, _ policy: CreditPolicy
  ) throws -> MonthTable {
    let day: Int64 = 86_400_000_000
    var first = BillingMonth(
      daysSinceUnixEpoch: Int32(reach.start.microseconds / day) - 3)
    var last = BillingMonth(daysSinceUnixEpoch: Int32(reach.end.microseconds / day) + 3)
    if policy.hasRules || policy.hasDeadlines {
      // Whole quarters, and the beginning of the month after them.
      first = first.firstOfQuarter
      last = last.firstOfQuarter.advanced(by: 3)
    }
    var starts: [Instant] = []
    try connection.query(
      RedressSQL.Query.monthStarts.text,
      [.text(zone), .date(first.daysSinceUnixEpoch), .date(last.daysSinceUnixEpoch)]
    ) { row in
      starts.append(Instant(microseconds: try row.timestamp(0)))
    }
    return MonthTable(first: first, starts: starts)
  }

  // MARK: Findings that concern many customers and are reported once

  package mutating func reportMissing(
    _ incident: UnsafeRawBufferPointer, report: (Finding) throws -> Void
  ) throws {
    guard reportedIncidents.insert(Array(incident)).inserted else { return }
    try report(Finding(.incident(Array(incident)), .incidentGone))
  }

  package mutating func reportHeldOpen(
    _ incident: IncidentNumber, report: (Finding) throws -> Void
  ) throws {
    let (id, status) = (
      catalogue.incidents[incident.index].id, catalogue.incidents[incident.index].status
    )
    // A status that is not listed has been reported, with what to do about it.
    guard ListedValues.incidentStatuses.values.contains(status) else { return }
    guard reportedIncidents.insert(id).inserted else { return }
    try report(Finding(.incident(id), .openAgain))
  }

  /// Whether the ledger has room for a key with such long ids; reports one for which it has none.
  package func hasRoom(
    _ customer: UnsafeRawBufferPointer, _ subscription: UnsafeRawBufferPointer,
    _ incident: UnsafeRawBufferPointer, report: (Finding) throws -> Void
  ) throws -> Bool {
    let key = [customer, subscription, incident].map { String(decoding: $0, as: UTF8.self) }
    guard let keyProbe,
      try !keyProbe.hasRoom(customer: key[0], subscription: key[1], incident: key[2])
    else { return true }
    try report(
      Finding(
        .subscription(
          Array(subscription), customer: Array(customer), incident: Array(incident)),
        .creditIdsTooLong(
          customer: customer.count, subscription: subscription.count, incident: incident.count)))
    return false
  }

  package func reportOutOfRange(
    _ subscription: UnsafeRawBufferPointer, _ decision: CreditDecision,
    report: (Finding) throws -> Void
  ) throws {
    let incident = catalogue.incidents[decision.counted.incident.index].id
    try report(
      Finding(.subscription(Array(subscription), incident: incident), .creditOutOfRange))
  }
}
