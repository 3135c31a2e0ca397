public import Postgres
import RedressSQL
public import ResponseProcedures
public import ServiceCredits

/// What was done about one incident.
public struct HandlingRecords: Sendable {
  public internal(set) var events: [AuditedIncident.Event] = []
  public internal(set) var postMortem = AuditedIncident.PostMortem.notBegun
  public internal(set) var actionItems: [AuditedIncident.ActionItem] = []

  public init() {}
}

/// What the source says about how incidents were handled. Windows are read whole, as the catalogue's are; events, which
/// are many more, for some incidents at a time.
public struct AuditSource: Sendable {
  private let asOf: Instant
  /// When the first window that is not empty begins at each severity, by incident; also later than the as-of instant.
  private let firstWindows: [[Severity: Instant]]
  private let companions: [(incident: Int32, since: Instant)?]
  /// The time between the windows of each incident that was reopened.
  private let quiet: [[Interval]]

  /// - Parameter connection: inside the snapshot that the catalogue was read in.
  public init(
    connection: borrowing Connection, catalogue: borrowing SourceCatalogue
  ) throws {
    let asOf = catalogue.asOf
    var firstWindows = [[Severity: Instant]](repeating: [:], count: catalogue.incidents.count)
    var touched: [TouchedService] = []
    let isAudited = catalogue.incidents.indices.map {
      catalogue.auditedVersion(of: Int32($0)) != nil
    }
    let (incidents, services) = (catalogue.incidentNumbers, catalogue.serviceNumbers)
    try connection.query(RedressSQL.Query.auditWindows.text) { row in
      // What is bad has parked its incident.
      guard let incident = incidents.find(row.bytes(0)), isAudited[Int(incident)],
        let severity = Severity(code: row.bytes(1)), let start = try row.finiteInstant(3)
      else { return }
      let end = try row.finiteInstant(4) ?? .distantFuture
      guard start < end else { return }
      let known = firstWindows[Int(incident)][severity] ?? .distantFuture
      firstWindows[Int(incident)][severity] = min(known, start)
      guard start <= asOf else { return }
      touched.append(
        TouchedService(
          incident: incident, service: row.isNull(2) ? nil : services.find(row.bytes(2)),
          interval: Interval(start, end)))
    }
    self.asOf = asOf
    self.firstWindows = firstWindows
    companions = Companions.first(among: touched, count: catalogue.incidents.count)
    var windows = [[Interval]](repeating: [], count: catalogue.incidents.count)
    for window in touched { windows[Int(window.incident)].append(window.interval) }
    quiet = windows.map { windows in
      let going = IntervalSet(windows).intervals
      return zip(going, going.dropFirst()).map { Interval($0.end, $1.start) }
    }
  }

  /// The severities that an audited incident had by the as-of instant.
  public func history(
    of number: Int32, in catalogue: borrowing SourceCatalogue
  ) -> SeverityHistory? {
    let incident = catalogue.incidents[Int(number)]
    guard let startedAt = incident.startedAt,
      let severity = Severity(code: Array(incident.severity.utf8))
    else { return nil }
    return SeverityHistory(
      severity: severity, startedAt: startedAt, firstWindows: firstWindows[Int(number)], asOf: asOf)
  }

  /// Between two of its windows, where none was going on. Ascending.
  public func quiet(of number: Int32) -> [Interval] { quiet[Int(number)] }

  /// The first other incident that was going on at the same time on the same service.
  public func companion(
    of number: Int32, in catalogue: borrowing SourceCatalogue
  ) -> AuditedIncident.Companion? {
    companions[Int(number)].map {
      AuditedIncident.Companion(id: catalogue.incidents[Int($0.incident)].id, since: $0.since)
    }
  }

  // MARK: Records

  /// What is on record for these incidents by the as-of instant, by their numbers.
  ///
  /// A record without a time that is finite is reported and not applied. One of a kind, a level or a customer that the
  /// procedures do not know says nothing.
  public func records(
    of numbers: [Int32], _ connection: borrowing Connection,
    catalogue: borrowing SourceCatalogue, report: (Finding) throws -> Void
  ) throws -> [Int32: HandlingRecords] {
    var records: [Int32: HandlingRecords] = [:]
    let ids = Parameter.textArray(numbers.map { catalogue.incidents[Int($0)].name })
    let (incidents, asOf) = (catalogue.incidentNumbers, self.asOf)
    try connection.query(RedressSQL.Query.auditEvents.text, [ids]) { row in
      guard let incident = incidents.find(row.bytes(0)) else { return }
      guard let at = try row.finiteInstant(1) else {
        try report(
          Finding(
            FindingKey(
              .incidentEvent,
              [FindingKey.Part(.incident, row.id(0)), FindingKey.Part(.kind, row.id(2))]),
            .infiniteTime(.occurredAt, try row.instant(1))))
        return
      }
      guard at <= asOf else { return }
      let event = AuditedIncident.Event(
        kind: row.text(2), customer: row.isNull(3) ? nil : row.id(3),
        level: row.isNull(4) ? nil : try row.int32(4), at: at)
      if let event { records[incident, default: HandlingRecords()].events.append(event) }
    }
    try connection.query(RedressSQL.Query.auditPostMortems.text, [ids]) { row in
      guard let incident = incidents.find(row.bytes(0)) else { return }
      let key = FindingKey(.postMortem, [FindingKey.Part(.incident, row.id(0))])
      let at = try AuditSource.completion(row, 1, key, report)
      // Of two rows the earlier completed one counts, which comes first.
      guard (records[incident]?.postMortem ?? .notBegun) == .notBegun else { return }
      records[incident, default: HandlingRecords()].postMortem =
        at.flatMap { $0 <= asOf ? .completed(at: $0) : nil } ?? .begun
    }
    try connection.query(RedressSQL.Query.auditActionItems.text, [ids]) { row in
      guard let incident = incidents.find(row.bytes(0)) else { return }
      let key = FindingKey(
        .actionItem,
        [FindingKey.Part(.incident, row.id(0)), FindingKey.Part(.title, row.id(1))])
      let at = try AuditSource.completion(row, 2, key, report)
      records[incident, default: HandlingRecords()].actionItems.append(
        AuditedIncident.ActionItem(
          title: row.text(1), completedAt: at.flatMap { $0 <= asOf ? $0 : nil }))
    }
    return records
  }

  /// `nil` where it is not completed, or the time of it is infinite and has been reported.
  private static func completion(
    _ row: borrowing Row, _ column: Int, _ key: FindingKey, _ report: (Finding) throws -> Void
  ) throws -> Instant? {
    if try row.isInfinite(column) {
      try report(Finding(key, .infiniteTime(.completedAt, try row.instant(column))))
    }
    return try row.finiteInstant(column)
  }
}

extension AuditedIncident.Event {
  /// `nil` where the row says nothing that the procedures ask for.
  fileprivate init?(kind: String, customer: [UInt8]?, level: Int32?, at: Instant) {
    switch (kind, customer) {
    case ("response_team_assembled", _): self = .step(.responseTeam, at: at)
    case ("root_cause_investigation", _): self = .step(.rootCauseInvestigation, at: at)
    case ("in_app_banner", _): self = .step(.inAppBanner, at: at)
    case ("social_media", _): self = .step(.socialMedia, at: at)
    case ("status_page_update", _): self = .statusUpdate(at: at)
    case ("customer_notified", let customer?): self = .notified(customer: customer, at: at)
    case ("post_mortem_requested", let customer?):
      self = .postMortemRequested(customer: customer, at: at)
    case ("post_mortem_shared", let customer?): self = .postMortemShared(customer: customer, at: at)
    case ("escalated", _):
      guard let level = level.flatMap({ EscalationLevel(rawValue: $0) }) else { return nil }
      self = .escalated(to: level, at: at)
    default: return nil
    }
  }
}

extension SourceCatalogue {
  /// The policy version that an incident's handling is judged by; `nil` where it is not: a void or parked incident, one
  /// before every version, and one that has not begun at the as-of instant.
  public borrowing func auditedVersion(of number: Int32) -> Int? {
    let incident = incidents[Int(number)]
    guard let startedAt = incident.startedAt, startedAt <= asOf else { return nil }
    switch incident.treatment {
    case .counted(let version): return version
    case .held(.open), .held(.noOutageScope):
      return SourceCatalogue.version(at: startedAt, starts: versionStarts)
    case .void, .held(.parked): return nil
    }
  }
}
