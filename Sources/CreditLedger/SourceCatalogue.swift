public import Postgres
import RedressSQL
public import ServiceCredits

/// The part of the source that every customer shares: services, incidents, their windows and the exclusions, read
/// whole and checked. It grows with the number of incidents, not of customers.
public struct SourceCatalogue {
  public let asOf: Instant
  public let services: [SourceService]
  public let serviceNumbers: ByteTable
  /// In byte order of their ids.
  public private(set) var incidents: [SourceIncident]
  public let incidentNumbers: ByteTable
  /// Windows of sound incidents that are not a single customer's.
  public private(set) var outages: [SourceOutage]
  /// Such windows of sound incidents that are open, as far as they have come by the as-of instant.
  private let openOutages: [SourceOutage]
  public let exclusions: [SourceExclusion]
  /// When each policy version comes into force.
  public let versionStarts: [Instant]

  /// Reads and checks; `report` is called for each bad row.
  ///
  /// - Parameter connection: in a transaction whose snapshot is the run's.
  public init(
    connection: borrowing Connection, policy: CreditPolicy, versionStarts: [Instant],
    asOf: Instant, report: (Finding) throws -> Void
  ) throws {
    self.asOf = asOf
    self.versionStarts = versionStarts

    var services: [SourceService] = []
    try connection.query(RedressSQL.Query.services.text) { row in
      services.append(SourceService(id: row.id(0), name: row.id(1)))
    }
    self.services = services
    serviceNumbers = ByteTable(services.map(\.id))

    var incidents: [SourceIncident] = []
    try connection.query(RedressSQL.Query.incidents.text) { row in
      incidents.append(try SourceIncident(row))
    }
    incidentNumbers = ByteTable(incidents.map(\.id))

    var checker = IncidentChecker(
      policy: policy, versionStarts: versionStarts, asOf: asOf, services: serviceNumbers,
      incidents: incidents, numbers: incidentNumbers)
    try connection.query(RedressSQL.Query.outages.text) { row in try checker.addOutage(row) }
    checker.settle()
    self.incidents = checker.incidents
    outages = checker.outages.filter { checker.incidents[Int($0.incident)].isCounted }
    openOutages = checker.outages.compactMap { outage in
      guard case .held(.open) = checker.incidents[Int(outage.incident)].treatment else {
        return nil
      }
      return outage.soFar(asOf)
    }
    for finding in checker.findings { try report(finding) }

    let numbers = serviceNumbers
    var exclusions: [SourceExclusion] = []
    try connection.query(RedressSQL.Query.exclusions.text) { row in
      switch try SourceExclusion.read(row, firstColumn: 0, services: numbers, customer: nil) {
      case .success(let exclusion):
        if let exclusion { exclusions.append(exclusion) }
      case .failure(let bad): try report(bad.finding)
      }
    }
    self.exclusions = exclusions
  }

  /// The same catalogue with some incidents alone, of which the sound open ones are counted as if they ended with the
  /// as-of instant: for questions that do not wait until an incident is resolved. Nothing that it leads to may be
  /// recorded.
  /// - Parameter wanted: numbers of incidents; the others are held.
  public func asIfResolved(_ wanted: Set<Int32>) -> SourceCatalogue {
    var catalogue = self
    for (number, incident) in incidents.enumerated() {
      guard wanted.contains(Int32(number)) else {
        if incident.isCounted { catalogue.incidents[number].treatment = .held(.open) }
        continue
      }
      guard case .held(.open) = incident.treatment, let startedAt = incident.startedAt,
        let version = SourceCatalogue.version(at: startedAt, starts: versionStarts)
      else { continue }
      catalogue.incidents[number].treatment = .counted(version: version)
      catalogue.incidents[number].reach = incident.firstOutageAt.map {
        Interval(min($0, asOf), asOf)
      }
    }
    catalogue.outages = (outages + openOutages).filter {
      catalogue.incidents[Int($0.incident)].isCounted
    }
    return catalogue
  }

  /// The version in force at `instant`; `nil` before the first.
  /// - Source: credit rules, section 2.
  public static func version(at instant: Instant, starts: [Instant]) -> Int? {
    starts.lastIndex { $0 <= instant }
  }
}

extension SourceIncident {
  init(_ row: borrowing Row) throws {
    id = row.id(0)
    title = row.text(1)
    severity = row.text(2)
    status = row.text(3)
    startedAt = try row.finiteInstant(4)
    acknowledgedAt = try row.finiteInstant(5)
    resolvedAt = try row.finiteInstant(6)
    rootCause = row.isNull(7) ? nil : row.text(7)
    isWidespread = try !row.isNull(8) && row.bool(8)
    concernsSecurity = try !row.isNull(9) && row.bool(9)
    hasRevenueImpact = try !row.isNull(10) && row.bool(10)
    outageCount = try row.int64(11)
    let first = try row.finiteInstant(12)
    firstOutageAt = first
    if let first, let last = try row.finiteInstant(13), first <= last {
      reach = Interval(first, last)
    } else {
      reach = nil
    }
    let startIsInfinite = try row.isInfinite(4)
    let endIsInfinite = try row.isInfinite(6)
    let acknowledgedIsInfinite = try row.isInfinite(5)
    let infinite = startIsInfinite || endIsInfinite || acknowledgedIsInfinite
    // Settled once its windows are known.
    treatment = .held(infinite ? .parked(.infiniteTime) : .open)
  }
}

/// Decides what happens to each incident, and says why where a row is bad.
/// - Source: credit rules, sections 2, 3 and 9.
private struct IncidentChecker {
  let policy: CreditPolicy
  let versionStarts: [Instant]
  let asOf: Instant
  let services: ByteTable
  var incidents: [SourceIncident]
  let numbers: ByteTable
  var outages: [SourceOutage] = []
  var findings: [Finding] = []
  private var parkedBy: [Int32: FindingCode] = [:]
  private var reportedOrphans: Set<[UInt8]> = []

  init(
    policy: CreditPolicy, versionStarts: [Instant], asOf: Instant, services: ByteTable,
    incidents: [SourceIncident], numbers: ByteTable
  ) {
    self.policy = policy
    self.versionStarts = versionStarts
    self.asOf = asOf
    self.services = services
    self.incidents = incidents
    self.numbers = numbers
  }

  mutating func addOutage(_ row: borrowing Row) throws {
    guard let incident = numbers.find(row.bytes(0)) else {
      let id = row.id(0)
      if reportedOrphans.insert(id).inserted {
        findings.append(Finding(.windows(id), .windowsOfNothing))
      }
      return
    }
    let start = try row.finiteInstant(4)
    let end = try row.finiteInstant(5)
    let key = FindingKey.window(incidents[Int(incident)].id, from: try row.instant(4))
    func park(_ fault: Finding.Fault) {
      parkedBy[incident] = parkedBy[incident] ?? fault.code
      findings.append(Finding(key, fault))
    }
    let severity = Severity(code: row.id(1))
    if severity == nil { park(.unknownSeverity(row.text(1))) }
    var service: Int32?
    if !row.isNull(2) {
      service = services.find(row.bytes(2))
      if service == nil { park(.unknownService(row.id(2))) }
    }
    if try !row.isNull(3) && !row.bool(6) { park(.unknownCustomer(row.id(3))) }
    if try row.isNull(4) || row.isInfinite(4) || row.isInfinite(5) {
      park(.infiniteStretch(start: try row.instant(4), end: try row.instant(5)))
      return
    }
    if row.isNull(5) {
      if incidents[Int(incident)].isResolved(asOf: asOf) {
        park(.windowNotClosed)
        return
      }
    }
    guard let start else { return }
    if let end, end < start {
      park(.reversedWindow(end: end))
      return
    }
    if row.isNull(3), let severity {
      outages.append(
        SourceOutage(
          incident: incident, severity: severity, service: service,
          interval: Interval(start, end ?? .distantFuture)))
    }
  }

  mutating func settle() {
    for position in incidents.indices {
      let number = Int32(position)
      if position > 0, incidents[position].id == incidents[position - 1].id {
        parkedBy[number] = .incidentTimes
        parkedBy[number - 1] = .incidentTimes
        add(number, .twoIncidents)
        continue
      }
      checkRow(number)
    }
    for (number, code) in parkedBy {
      incidents[Int(number)].treatment = .held(.parked(code))
    }
    for position in incidents.indices where parkedBy[Int32(position)] == nil {
      settleSound(Int32(position))
    }
  }

  private mutating func checkRow(_ number: Int32) {
    let incident = incidents[Int(number)]
    if Severity(code: Array(incident.severity.utf8)) == nil {
      park(number, .unknownSeverity(incident.severity))
    }
    if case .held(.parked(.infiniteTime)) = incident.treatment {
      park(number, .infiniteIncident)
      return
    }
    guard let startedAt = incident.startedAt else {
      park(number, .noStart)
      return
    }
    if let resolvedAt = incident.resolvedAt {
      if resolvedAt < startedAt { park(number, .resolvedBeforeStart) }
    } else if incident.status == "resolved" {
      park(number, .resolvedWithoutTime)
    }
  }

  /// An incident whose rows are all sound.
  private mutating func settleSound(_ number: Int32) {
    let incident = incidents[Int(number)]
    guard let startedAt = incident.startedAt else { return }
    switch incident.status {
    case "void":
      incidents[Int(number)].treatment = .void
    case "resolved" where incident.isResolved(asOf: asOf):
      guard let version = SourceCatalogue.version(at: startedAt, starts: versionStarts) else {
        incidents[Int(number)].treatment = .held(.parked(.noPolicyInForce))
        add(number, .noPolicyInForce)
        return
      }
      if incident.outageCount == 0 {
        incidents[Int(number)].treatment = .held(.noOutageScope)
        let severity = Severity(code: Array(incident.severity.utf8))
        let mildest = policy.versions[version].mildestCreditableSeverity
        if let severity, let mildest, severity.isAtLeastAsBad(as: mildest) {
          add(number, .noOutageScope)
        }
      } else {
        incidents[Int(number)].treatment = .counted(version: version)
      }
    case "open", "resolved":
      incidents[Int(number)].treatment = .held(.open)
    default:
      incidents[Int(number)].treatment = .held(.open)
      add(number, .unlistedStatus(incident.status))
    }
  }

  private mutating func park(_ number: Int32, _ fault: Finding.Fault) {
    parkedBy[number] = parkedBy[number] ?? fault.code
    add(number, fault)
  }

  private mutating func add(_ number: Int32, _ fault: Finding.Fault) {
    findings.append(Finding(.incident(incidents[Int(number)].id), fault))
  }
}

extension SourceOutage {
  /// The part that lies before `asOf`; `nil` where that is nothing.
  fileprivate func soFar(_ asOf: Instant) -> SourceOutage? {
    guard let part = interval.intersection(Interval(.distantPast, asOf)) else { return nil }
    return SourceOutage(incident: incident, severity: severity, service: service, interval: part)
  }
}

/// An exclusion that is not applied, and why.
struct BadExclusion: Error {
  let finding: Finding
}

extension SourceExclusion {
  /// - Parameter firstColumn: where exclusion_id stands; kind, service_id, started_at, ended_at and announced_at
  ///   follow.
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, firstColumn c: Int,
    services: ByteTable, customer: Int32?
  ) throws -> Result<SourceExclusion?, BadExclusion> {
    func bad(_ fault: Finding.Fault) -> Result<SourceExclusion?, BadExclusion> {
      .failure(BadExclusion(finding: Finding(.exclusion(row.id(c)), fault)))
    }
    let announcedIsInfinite = try row.isInfinite(c + 5)
    guard let start = try row.finiteInstant(c + 3), let end = try row.finiteInstant(c + 4),
      !announcedIsInfinite
    else { return bad(.infiniteExclusion) }
    guard start <= end else { return bad(.reversedWindow(end: end)) }
    var service: Int32?
    if !row.isNull(c + 2) {
      guard let known = services.find(row.bytes(c + 2)) else {
        return bad(.unknownService(row.id(c + 2)))
      }
      service = known
    }
    // A kind that no policy can name excludes nothing.
    guard let kind = ExclusionKind(rawValue: row.text(c + 1)) else { return .success(nil) }
    return .success(
      SourceExclusion(
        id: row.text(c),
        exclusion: Exclusion(
          kind: kind, scope: Scope(service: service, customer: customer),
          interval: Interval(start, end), announcedAt: try row.finiteInstant(c + 5))))
  }
}
