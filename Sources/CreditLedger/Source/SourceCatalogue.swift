public import Postgres
import RedressSQL
public import ServiceCredits

/// The part of the source that every customer shares: services, incidents, their windows and the exclusions, read
/// whole and checked. It grows with the number of incidents, not of customers.
public struct SourceCatalogue {
  public let asOf: Instant
  /// Every service that has an id, each once. In byte order of their ids.
  public let services: [SourceService]
  public let references: SourceReferences
  public var serviceNumbers: NumberedNames<ServiceSubject> { references.services }
  /// In byte order of their ids.
  public private(set) var incidents: [SourceIncident]
  public let incidentNumbers: NumberedNames<Incident>
  /// Windows of sound incidents that are not a single customer's.
  public private(set) var outages: [SourceOutage]
  /// Such windows of sound incidents that are open, as far as they have come by the as-of instant.
  private let openOutages: [SourceOutage]
  public let exclusions: [SourceExclusion]
  /// When each policy version comes into force.
  public let versionStarts: [Instant]
  /// Whether anything depends on the customers' claims.
  public let readsClaims: Bool

  /// Reads and checks; `report` is called for each bad row.
  ///
  /// - Parameter connection: in a transaction whose snapshot is the run's.
  public init(
    connection: borrowing Connection, policy: CreditPolicy, versionStarts: [Instant],
    asOf: Instant, report: (Finding) throws -> Void
  ) throws {
    self.asOf = asOf
    self.versionStarts = versionStarts
    readsClaims = policy.readsClaims

    let services = try SourceCatalogue.services(connection, report: report)
    let references = SourceReferences(
      services: NumberedNames(services.found.map(\.id)), isDoubled: services.isDoubled,
      doubledExclusions: try SourceCatalogue.doubledExclusions(connection, report: report),
      asOf: asOf)
    self.services = services.found
    self.references = references

    var checker = try IncidentChecker(
      connection: connection, policy: policy, versionStarts: versionStarts, references: references)
    try connection.query(
      RedressSQL.Query.outages.text,
      [
        .timestamptz(asOf.microseconds), .timestamptz(Instant.earliestPlausible.microseconds),
        .timestamptz(Instant.latestPlausible.microseconds),
      ]
    ) { row in try checker.addOutage(row) }
    checker.settle()
    incidents = checker.incidents
    incidentNumbers = checker.numbers
    outages = checker.outages.filter { checker.incidents[$0.incident.index].isCounted }
    openOutages = checker.outages.compactMap { outage in
      guard case .held(.open) = checker.incidents[outage.incident.index].treatment else {
        return nil
      }
      return outage.soFar(asOf)
    }
    for finding in checker.findings { try report(finding) }

    var exclusions: [SourceExclusion] = []
    try connection.query(RedressSQL.Query.exclusions.text) { row in
      let exclusion = try SourceExclusion.read(
        row, firstColumn: 0, references: references, customer: nil, report: report)
      if let exclusion { exclusions.append(exclusion) }
    }
    self.exclusions = exclusions
  }

  private static func services(
    _ connection: borrowing Connection, report: (Finding) throws -> Void
  ) throws -> (found: [SourceService], isDoubled: [Bool]) {
    var services: [SourceService] = []
    var isDoubled: [Bool] = []
    try connection.query(RedressSQL.Query.services.text) { row in
      guard !row.bytes(0).isEmpty else {
        try report(
          Finding(
            .keyless(
              .service, .service, row.key(0), [FindingKey.Part(.name, row.key(1))]),
            .missingKey(.service)))
        return
      }
      if let last = services.last, row.bytes(0).elementsEqual(last.id) {
        if !isDoubled[isDoubled.count - 1] {
          try report(Finding(.service(last.id), .duplicateRow))
        }
        isDoubled[isDoubled.count - 1] = true
        return
      }
      services.append(SourceService(id: row.id(0), name: row.id(1)))
      isDoubled.append(false)
    }
    return (services, isDoubled)
  }

  private static func doubledExclusions(
    _ connection: borrowing Connection, report: (Finding) throws -> Void
  ) throws -> ByteTable {
    let doubled = ByteTable()
    try connection.query(RedressSQL.Query.doubledExclusions.text) { row in
      _ = doubled.insert(row.bytes(0))
      try report(Finding(.exclusion(row.id(0)), .duplicateRow))
    }
    return doubled
  }

  /// The same catalogue with some incidents alone, of which the sound open ones are counted as if they ended with the
  /// as-of instant: for questions that do not wait until an incident is resolved. Nothing that it leads to may be
  /// recorded.
  /// - Parameter wanted: numbers of incidents; the others are held.
  public func asIfResolved(_ wanted: Set<IncidentNumber>) -> SourceCatalogue {
    var catalogue = self
    for (number, incident) in incidents.enumerated() {
      guard wanted.contains(IncidentNumber(index: number)) else {
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
      catalogue.incidents[$0.incident.index].isCounted
    }
    return catalogue
  }

  /// Every incident with a status that is listed.
  public var listedIncidents: Set<IncidentNumber> {
    Set(
      incidents.indices.filter {
        ListedValues.incidentStatuses.values.contains(incidents[$0].status)
      }.map { IncidentNumber(index: $0) })
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

extension SourceOutage {
  /// The part that lies before `asOf`; `nil` where that is nothing.
  fileprivate func soFar(_ asOf: Instant) -> SourceOutage? {
    guard let part = interval.intersection(Interval(.distantPast, asOf)) else { return nil }
    return SourceOutage(
      incident: incident, severity: severity, service: service, interval: part,
      shareMicros: shareMicros)
  }
}
