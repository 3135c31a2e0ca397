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
public struct HandlingSource: Sendable {
  private let asOf: Instant
  /// Of each audited incident, also such as begin later than the as-of instant.
  private let windows: [[SeverityWindow]]
  private let companions: [(incident: IncidentNumber, since: Instant)?]
  /// The time between the windows of each incident that was reopened.
  private let quiet: [[Interval]]

  /// - Parameter connection: inside the snapshot that the catalogue was read in.
  public init(
    connection: borrowing Connection, catalogue: borrowing SourceCatalogue
  ) throws {
    let asOf = catalogue.asOf
    var windows = [[SeverityWindow]](repeating: [], count: catalogue.incidents.count)
    var touched: [TouchedService] = []
    let isAudited = catalogue.incidents.indices.map {
      catalogue.auditedVersion(of: IncidentNumber(index: $0)) != nil
    }
    let (incidents, services) = (catalogue.incidentNumbers, catalogue.serviceNumbers)
    try connection.query(RedressSQL.Query.auditWindows.text) { row in
      // What is bad has parked its incident.
      guard let incident = incidents.find(row.bytes(0)), isAudited[incident.index],
        let severity = Severity(code: row.bytes(1)), let start = try row.finiteInstant(3)
      else { return }
      let end = try row.finiteInstant(4) ?? .distantFuture
      guard start < end else { return }
      windows[incident.index].append(
        SeverityWindow(severity: severity, interval: Interval(start, end)))
      guard start <= asOf else { return }
      touched.append(
        TouchedService(
          incident: incident, service: row.isNull(2) ? nil : services.find(row.bytes(2)),
          interval: Interval(start, end)))
    }
    self.asOf = asOf
    self.windows = windows
    companions = Companions.first(among: touched, count: catalogue.incidents.count)
    quiet = windows.map { windows in
      let going = IntervalSet(windows.map(\.interval).filter { $0.start <= asOf }).intervals
      return zip(going, going.dropFirst()).map { Interval($0.end, $1.start) }
    }
  }

  /// The severities that an audited incident had by the as-of instant.
  public func history(
    of number: IncidentNumber, in catalogue: borrowing SourceCatalogue
  ) -> SeverityHistory? {
    let incident = catalogue.incidents[number.index]
    guard let startedAt = incident.startedAt,
      let severity = Severity(code: Array(incident.severity.utf8))
    else { return nil }
    return SeverityHistory(
      severity: severity, startedAt: startedAt, windows: windows[number.index],
      resolvedAt: incident.isResolved(asOf: asOf) ? incident.resolvedAt : nil, asOf: asOf)
  }

  /// Between two of its windows, where none was going on and the incident was not over. Ascending.
  /// - Parameter end: when it was resolved, or the as-of instant. A window that begins later was no part of it.
  public func quiet(of number: IncidentNumber, until end: Instant) -> [Interval] {
    quiet[number.index].filter { $0.end <= end }
  }

  /// The first other incident that was going on at the same time on the same service.
  public func companion(
    of number: IncidentNumber, in catalogue: borrowing SourceCatalogue
  ) -> AuditedIncident.Companion? {
    companions[number.index].map {
      AuditedIncident.Companion(id: catalogue.incidents[$0.incident.index].id, since: $0.since)
    }
  }

  // MARK: Records

  /// What is on record for these incidents by the as-of instant, by their numbers.
  ///
  /// A row with something wrong is not applied: ``HandlingCheck`` says which those are. An action item whose time is
  /// wrong is open.
  public func records(
    of numbers: [IncidentNumber], _ connection: borrowing Connection,
    catalogue: borrowing SourceCatalogue
  ) throws -> [IncidentNumber: HandlingRecords] {
    var records: [IncidentNumber: HandlingRecords] = [:]
    let ids = Parameter.textArray(numbers.map { catalogue.incidents[$0.index].name })
    let (incidents, asOf) = (catalogue.incidentNumbers, self.asOf)
    let starts = catalogue.incidents.map(\.startedAt)
    /// `nil` for a time that nobody can mean, or that has not come.
    func sound(_ at: Instant?, of incident: IncidentNumber) -> Instant? {
      guard let at, RecordedTime(at, incidentStart: starts[incident.index]) == .sound else {
        return nil
      }
      return at <= asOf ? at : nil
    }
    try connection.query(RedressSQL.Query.auditEvents.text, [ids]) { row in
      guard let incident = incidents.find(row.bytes(0)),
        let at = sound(try row.instant(1), of: incident),
        let event = AuditedIncident.Event(
          kind: row.text(2), customer: row.isNull(3) ? nil : row.id(3),
          level: row.isNull(4) ? nil : try row.int32(4), at: at)
      else { return }
      records[incident, default: HandlingRecords()].events.append(event)
    }
    var seen: Set<IncidentNumber> = []
    try connection.query(RedressSQL.Query.auditPostMortems.text, [ids]) { row in
      guard let incident = incidents.find(row.bytes(0)) else { return }
      // Of two rows nobody can say which is meant.
      guard seen.insert(incident).inserted else {
        records[incident]?.postMortem = .notBegun
        return
      }
      let at = try row.instant(1)
      var postMortem = AuditedIncident.PostMortem.begun
      if let at {
        switch RecordedTime(at, incidentStart: starts[incident.index]) {
        case .sound: if at <= asOf { postMortem = .completed(at: at) }
        case .infinite, .implausible, .beforeIncident: postMortem = .notBegun
        }
      }
      records[incident, default: HandlingRecords()].postMortem = postMortem
    }
    try connection.query(RedressSQL.Query.auditActionItems.text, [ids]) { row in
      guard let incident = incidents.find(row.bytes(0)) else { return }
      let at = sound(try row.instant(2), of: incident)
      records[incident, default: HandlingRecords()].actionItems.append(
        AuditedIncident.ActionItem(title: row.text(1), completedAt: at))
    }
    return records
  }
}

/// Whether a time of a record can be meant.
enum RecordedTime: Hashable {
  case sound
  case infinite
  /// Before 1970, or after the beginning of 2200.
  case implausible
  /// Before the incident began, about which it says something.
  case beforeIncident

  init(_ time: Instant, incidentStart: Instant?) {
    if !time.isFinite {
      self = .infinite
    } else if !time.isPlausible {
      self = .implausible
    } else if let incidentStart, incidentStart.isFinite, time < incidentStart {
      self = .beforeIncident
    } else {
      self = .sound
    }
  }
}

/// The kinds of `incident_event`.
/// - Source: the data contract.
enum HandlingKind: String, CaseIterable {
  case responseTeamAssembled = "response_team_assembled"
  case rootCauseInvestigation = "root_cause_investigation"
  case statusPageUpdate = "status_page_update"
  case customerNotified = "customer_notified"
  case inAppBanner = "in_app_banner"
  case socialMedia = "social_media"
  case escalated
  case postMortemRequested = "post_mortem_requested"
  case postMortemShared = "post_mortem_shared"
}

extension AuditedIncident.Event {
  /// `nil` where the row says nothing that the procedures ask for.
  fileprivate init?(kind: String, customer: [UInt8]?, level: Int32?, at: Instant) {
    guard let kind = HandlingKind(rawValue: kind) else { return nil }
    switch (kind, customer) {
    case (.responseTeamAssembled, _): self = .step(.responseTeam, at: at)
    case (.rootCauseInvestigation, _): self = .step(.rootCauseInvestigation, at: at)
    case (.inAppBanner, _): self = .step(.inAppBanner, at: at)
    case (.socialMedia, _): self = .step(.socialMedia, at: at)
    case (.statusPageUpdate, _): self = .statusUpdate(at: at)
    case (.customerNotified, let customer?): self = .notified(customer: customer, at: at)
    case (.postMortemRequested, let customer?):
      self = .postMortemRequested(customer: customer, at: at)
    case (.postMortemShared, let customer?): self = .postMortemShared(customer: customer, at: at)
    case (.escalated, _):
      guard let level = level.flatMap({ EscalationLevel(rawValue: $0) }) else { return nil }
      self = .escalated(to: level, at: at)
    // Who names nobody tells nobody.
    case (.customerNotified, nil), (.postMortemRequested, nil), (.postMortemShared, nil):
      return nil
    }
  }
}

extension SourceCatalogue {
  /// The policy version that an incident's handling is judged by; `nil` where it is not: a void or parked incident, one
  /// before every version, one that has not begun at the as-of instant, and one of which nobody can say whether it is
  /// over.
  public borrowing func auditedVersion(of number: IncidentNumber) -> Int? {
    let incident = incidents[number.index]
    guard let startedAt = incident.startedAt, startedAt <= asOf, !incident.hasDoubtfulEnd else {
      return nil
    }
    switch incident.treatment {
    case .counted(let version): return version
    case .held(.open), .held(.noOutageScope):
      return SourceCatalogue.version(at: startedAt, starts: versionStarts)
    case .void, .held(.parked): return nil
    }
  }
}

extension SourceIncident {
  /// Whether its status is not listed, and so counts as open, and it has a time at which it was resolved.
  public var hasDoubtfulEnd: Bool {
    resolvedAt != nil && !["open", "resolved", "void"].contains(status)
  }

  /// When somebody answered; `nil` where nobody did by `asOf`, and where the row says that it was before the incident
  /// began, which ``HandlingCheck`` reports.
  public func acknowledged(asOf: Instant) -> Instant? {
    guard let acknowledgedAt, acknowledgedAt <= asOf,
      startedAt.map({ $0 <= acknowledgedAt }) ?? true
    else { return nil }
    return acknowledgedAt
  }
}
