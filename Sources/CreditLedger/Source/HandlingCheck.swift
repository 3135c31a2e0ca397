public import Postgres
import RedressSQL
import ResponseProcedures
public import ServiceCredits

/// Looks for the records of how incidents were handled that cannot be applied: rows of `incident_event`, `post_mortem`
/// and `action_item`, and an `acknowledged_at` from before its incident.
///
/// No credit rests on them, so they park nothing. What such a row says counts as not recorded.
/// - Source: credit rules, section 9.
public enum HandlingCheck {
  /// - Parameters:
  ///   - connection: inside the snapshot that the catalogue was read in.
  ///   - report: called for each fault, relation by relation; the key names the incident as the row does.
  public static func run(
    _ connection: borrowing Connection, catalogue: borrowing SourceCatalogue,
    report: (Finding) throws -> Void
  ) throws {
    for incident in catalogue.incidents { try look(at: incident, report) }
    try connection.query(RedressSQL.Query.faultyEvents.text) { try look(atEvent: $0, report) }
    try connection.query(RedressSQL.Query.faultyPostMortems.text) {
      try look(atPostMortem: $0, report)
    }
    try connection.query(RedressSQL.Query.faultyActionItems.text) {
      try look(atActionItem: $0, report)
    }
  }

  private static func look(at incident: SourceIncident, _ report: (Finding) throws -> Void) throws {
    guard let startedAt = incident.startedAt, let acknowledgedAt = incident.acknowledgedAt,
      acknowledgedAt < startedAt
    else { return }
    switch incident.treatment {
    case .void, .held(.parked): break
    case .counted, .held(.open), .held(.noOutageScope):
      try report(
        Finding(
          .incident(incident.id),
          .beforeIncident(.acknowledgedAt, acknowledgedAt, startedAt: startedAt)))
    }
  }

  // MARK: Rows

  private static func look(
    atEvent row: borrowing Row, _ report: (Finding) throws -> Void
  ) throws {
    let time = try row.instant(1)
    let key = FindingKey.event(
      row.optionalId(0), at: time, kind: row.optionalId(2), customer: row.optionalId(3))
    func add(_ fault: Finding.Fault) throws { try report(Finding(key, fault)) }
    if let fault = incidentFault(row, knows: try row.bool(6)) { try add(fault) }
    if time == nil { try add(.infiniteTime(.occurredAt, nil)) }
    if let fault = try timeFault(time, .occurredAt, startedAt: row.instant(5)) { try add(fault) }
    let kind = HandlingKind(rawValue: row.text(2))
    if kind == nil {
      let meant = row.isNull(2) ? nil : ListedValues.eventKinds.meant(by: row.text(2))
      try add(.unknownEventKind(row.isNull(2) ? nil : row.text(2), meant: meant))
    }
    if row.isNull(3) {
      // A notice to nobody in particular may be one to all, and tells nobody; a request is somebody's.
      if kind == .postMortemRequested || kind == .postMortemShared {
        try add(.recordWithoutKey(.customer, isNull: true))
      }
    } else if row.bytes(3).isEmpty {
      try add(.recordWithoutKey(.customer, isNull: false))
    } else if try !row.bool(7) {
      try add(.unknownCustomer(row.id(3)))
    }
    if kind == .escalated {
      let level = row.isNull(4) ? nil : try row.int32(4)
      if level.flatMap({ EscalationLevel(rawValue: $0) }) == nil { try add(.unknownLevel(level)) }
    }
  }

  private static func look(
    atPostMortem row: borrowing Row, _ report: (Finding) throws -> Void
  ) throws {
    let key = FindingKey.postMortem(row.optionalId(0))
    func add(_ fault: Finding.Fault) throws { try report(Finding(key, fault)) }
    if let fault = incidentFault(row, knows: try row.bool(3)) { try add(fault) }
    if try row.int64(4) > 1, !row.bytes(0).isEmpty { try add(.twoPostMortems) }
    if let fault = try timeFault(row.instant(1), .completedAt, startedAt: row.instant(2)) {
      try add(fault)
    }
  }

  private static func look(
    atActionItem row: borrowing Row, _ report: (Finding) throws -> Void
  ) throws {
    let key = FindingKey.actionItem(row.optionalId(0), title: row.optionalId(1))
    func add(_ fault: Finding.Fault) throws { try report(Finding(key, fault)) }
    if let fault = incidentFault(row, knows: try row.bool(4)) { try add(fault) }
    if let fault = try timeFault(row.instant(2), .completedAt, startedAt: row.instant(3)) {
      try add(fault)
    }
  }

  // MARK: Values

  private static func incidentFault(_ row: borrowing Row, knows: Bool) -> Finding.Fault? {
    if row.bytes(0).isEmpty { return .recordWithoutKey(.incident, isNull: row.isNull(0)) }
    return knows ? nil : .recordOfNothing(row.id(0))
  }

  private static func timeFault(
    _ time: Instant?, _ column: FindingKey.Column, startedAt: Instant?
  ) -> Finding.Fault? {
    guard let time else { return nil }
    return switch RecordedTime(time, incidentStart: startedAt) {
    case .sound: nil
    case .infinite: .infiniteTime(column, time)
    case .implausible: .implausibleRecord(column, time)
    case .beforeIncident: startedAt.map { .beforeIncident(column, time, startedAt: $0) }
    }
  }
}

extension ListedValues {
  fileprivate static let eventKinds = ListedValues(HandlingKind.allCases.map(\.rawValue))
}

extension BinaryColumns where Self: ~Copyable {
  /// `nil` where null.
  fileprivate func optionalId(_ column: Int) -> [UInt8]? {
    isNull(column) ? nil : id(column)
  }
}
