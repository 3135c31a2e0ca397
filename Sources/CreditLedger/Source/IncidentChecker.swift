import Postgres
import RedressSQL
import ServiceCredits

/// Decides what happens to each incident, and says why where a row is bad.
/// - Source: credit rules, sections 2, 3 and 9.
struct IncidentChecker {
  private let policy: CreditPolicy
  private let versionStarts: [Instant]
  private let references: SourceReferences
  /// Each once, in byte order of their ids.
  private(set) var incidents: [SourceIncident] = []
  let numbers: NumberedNames<Incident>
  /// Sound windows that are not a single customer's.
  private(set) var outages: [SourceOutage] = []
  private(set) var findings: [Finding] = []
  private var parkedBy: [IncidentNumber: FindingCode] = [:]
  private var reportedOrphans: Set<[UInt8]> = []

  /// Reads the incidents.
  init(
    connection: borrowing Connection, policy: CreditPolicy, versionStarts: [Instant],
    references: SourceReferences
  ) throws {
    self.policy = policy
    self.versionStarts = versionStarts
    self.references = references
    var (incidents, findings): ([SourceIncident], [Finding]) = ([], [])
    var doubled: Set<IncidentNumber> = []
    try connection.query(RedressSQL.Query.incidents.text) { row in
      guard !row.bytes(0).isEmpty else {
        findings.append(
          Finding(
            .keyless(
              .incident, .incident, row.key(0),
              [
                FindingKey.Part(.title, row.key(1)),
                FindingKey.Part(.startedAt, try row.instant(4)),
              ]), .missingKey(.incident)))
        return
      }
      if let last = incidents.last, row.bytes(0).elementsEqual(last.id) {
        doubled.insert(IncidentNumber(index: incidents.count - 1))
      } else {
        incidents.append(try SourceIncident(row))
      }
    }
    numbers = NumberedNames(incidents.map(\.id))
    self.incidents = incidents
    self.findings = findings
    for number in doubled.sorted() { park(number, .duplicateRow) }
  }

  mutating func addOutage(_ row: borrowing Row) throws {
    guard !row.bytes(0).isEmpty else {
      findings.append(
        Finding(
          .keyless(
            .outage, .incident, row.key(0),
            [FindingKey.Part(.startedAt, try row.instant(4))]), .missingKey(.incident)))
      return
    }
    guard let incident = numbers.find(row.bytes(0)) else {
      let id = row.id(0)
      if reportedOrphans.insert(id).inserted {
        findings.append(Finding(.windows(id), .windowsOfNothing))
      }
      return
    }
    let key = FindingKey.window(incidents[incident.index].id, from: try row.instant(4))
    func park(_ fault: Finding.Fault) {
      parkedBy[incident] = parkedBy[incident] ?? fault.code
      findings.append(Finding(key, fault))
    }
    if try !row.isNull(3) && !row.bool(6) { park(.unknownCustomer(row.id(3))) }
    let window = try WindowReader.read(
      row, WindowColumns(severity: 1, service: 2, start: 4, end: 5, share: 7),
      isResolved: incidents[incident.index].isResolved(asOf: references.asOf),
      references: references, bad: park)
    if row.isNull(3), let window {
      outages.append(
        SourceOutage(
          incident: incident, severity: window.severity, service: window.service,
          interval: Interval(window.start, window.end ?? .distantFuture),
          shareMicros: window.shareMicros))
    }
  }

  mutating func settle() {
    for position in incidents.indices { checkRow(IncidentNumber(index: position)) }
    for (number, code) in parkedBy {
      incidents[number.index].treatment = .held(.parked(code))
    }
    for position in incidents.indices where parkedBy[IncidentNumber(index: position)] == nil {
      settleSound(IncidentNumber(index: position))
    }
  }

  private mutating func checkRow(_ number: IncidentNumber) {
    let incident = incidents[number.index]
    if Severity(code: Array(incident.severity.utf8)) == nil {
      park(number, .unknownSeverity(incident.severity.isEmpty ? nil : incident.severity))
    }
    if case .held(.parked(.infiniteTime)) = incident.treatment {
      park(number, .infiniteIncident)
      return
    }
    let times = [
      (FindingKey.Column.startedAt, incident.startedAt),
      (.acknowledgedAt, incident.acknowledgedAt), (.resolvedAt, incident.resolvedAt),
    ]
    for case (let column, let time?) in times where !time.isPlausible {
      park(number, .implausibleTime(column, time))
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
  private mutating func settleSound(_ number: IncidentNumber) {
    let incident = incidents[number.index]
    guard let startedAt = incident.startedAt else { return }
    switch incident.status {
    case "void":
      incidents[number.index].treatment = .void
    case "resolved" where incident.isResolved(asOf: references.asOf):
      guard let version = SourceCatalogue.version(at: startedAt, starts: versionStarts) else {
        incidents[number.index].treatment = .held(.parked(.noPolicyInForce))
        add(number, .noPolicyInForce)
        return
      }
      if incident.outageCount == 0 {
        incidents[number.index].treatment = .held(.noOutageScope)
        let severity = Severity(code: Array(incident.severity.utf8))
        let mildest = policy.versions[version].mildestCreditableSeverity
        if let severity, let mildest, severity.isAtLeastAsBad(as: mildest) {
          add(number, .noOutageScope)
        }
      } else {
        incidents[number.index].treatment = .counted(version: version)
      }
    case "open", "resolved":
      incidents[number.index].treatment = .held(.open)
    default:
      incidents[number.index].treatment = .held(.open)
      add(number, .unlistedStatus(incident.status.isEmpty ? nil : incident.status))
    }
  }

  private mutating func park(_ number: IncidentNumber, _ fault: Finding.Fault) {
    parkedBy[number] = parkedBy[number] ?? fault.code
    add(number, fault)
  }

  private mutating func add(_ number: IncidentNumber, _ fault: Finding.Fault) {
    findings.append(Finding(.incident(incidents[number.index].id), fault))
  }
}
