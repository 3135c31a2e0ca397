package import CreditLedger
import Documents
import FrozenEvidence
import LedgerReports
import OutputFiles
package import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// A notice that was written into the folder.
package struct WrittenNotice: Sendable {
  package let path: String
  package let customerId: String
  /// Why the notice has no recipient; `nil` if it has one.
  package let missingAddress: MissingAddress?

  package enum MissingAddress: Hashable, Sendable {
    /// The source has no address.
    case none
    /// The source has an address that is not valid.
    case unsound(String)
  }
}

/// Why no notice can be written about an incident.
package enum NoticeError: Error, Hashable, Sendable {
  case noSuchIncident(String, nearMiss: String?)
  /// The initial message was asked for, but the incident is over.
  case notOpen(String, resolvedAt: Instant?)
  /// The resolution message was asked for, but the incident goes on.
  case notResolved(String)
  case void(String)
  case parked(String, [Finding])
  /// No outage window says who was affected.
  case noWindows(String)
  case noPolicyInForce(String)
}

/// Writes messages to the Enterprise customers that incidents affected. Does not send them.
package struct NoticeWriting: Sendable {
  private let source: NoticeSource
  private let templates: NoticeTemplates
  private let sender: MailAddress?
  private let folder: String

  /// - Parameter policy: the policy to judge the source by; `nil` for the one that is in force.
  package init(
    target: ConnectionTarget, policy: PolicyDocument?, templates: NoticeTemplates,
    sender: MailAddress?, folder: String, interruption: Interruption = Interruption()
  ) {
    source = NoticeSource(target: target, policy: policy, interruption: interruption)
    self.templates = templates
    self.sender = sender
    self.folder = folder
  }

  /// Writes a message for each Enterprise customer of a run's incidents.
  ///
  /// If the run was the first to record credits for an incident, every affected customer gets a
  /// message, with or without credits. If the run corrected credits, only the customers of those
  /// credits get one.
  /// - Parameters:
  ///   - finding: called for each bad row that leaves open whether a customer was affected.
  ///   - report: called for each notice after it is written.
  package func writeRun(
    _ runId: Int64, finding: (Finding) throws -> Void, report: (WrittenNotice) throws -> Void
  ) throws {
    try source.interruption.reading { voice in
      func tell(_ bad: Finding) throws {
        voice.raise()
        try finding(bad)
      }
      try AtomicFile.prepareFolder(folder)
      let connection = try source.open()
      let reading = try NoticeReading(source, connection)
      guard let run = try RecordedRun.find(runId, connection) else {
        throw RecordError.noSuchRun(runId: runId, newest: try RecordedRun.newest(connection))
      }
      var recorded = try RecordedNotices(run, reading, connection)
      var others = try AffectedNotices(firstRecordedBy: run, reading, connection)
      var files = NoticeFiles(folder: folder, templates: templates, sender: sender)
      var left = try recorded.next(connection)
      var right = try others.next(connection, finding: tell)
      while let notice = CustomerNotice.first(left, right) {
        try source.interruption.check()
        voice.raise()
        try report(try files.write(notice, connection))
        if left?.customerId == notice.customerId { left = try recorded.next(connection) }
        if right?.customerId == notice.customerId {
          right = try others.next(connection, finding: tell)
        }
      }
    }
  }

  /// Writes a message about one incident for each Enterprise customer that it affected.
  /// - Throws: `NoticeError` if no message of this kind can be written.
  package func writeIncident(
    _ id: String, _ kind: CustomerNotice.Kind, asOf: Instant?, finding: (Finding) throws -> Void,
    report: (WrittenNotice) throws -> Void
  ) throws {
    try source.interruption.reading { voice in
      func tell(_ bad: Finding) throws {
        voice.raise()
        try finding(bad)
      }
      try AtomicFile.prepareFolder(folder)
      let connection = try source.open()
      let reading = try NoticeReading(source, connection)
      var affected = try AffectedNotices(
        incident: id, kind, asOf: asOf, reading, connection, finding: tell)
      var files = NoticeFiles(folder: folder, templates: templates, sender: sender)
      while let notice = try affected.next(connection, finding: tell) {
        try source.interruption.check()
        voice.raise()
        try report(try files.write(notice, connection))
      }
    }
  }
}

/// Turns notices into messages and writes them into the folder.
private struct NoticeFiles {
  let folder: String
  let templates: NoticeTemplates
  let sender: MailAddress?
  /// The local forms of instants, by time zone.
  private var texts: [String: [Instant: String]] = [:]

  init(folder: String, templates: NoticeTemplates, sender: MailAddress?) {
    self.folder = folder
    self.templates = templates
    self.sender = sender
  }

  mutating func write(
    _ notice: CustomerNotice, _ connection: borrowing Connection
  ) throws -> WrittenNotice {
    let clock = try clock(for: notice, connection)
    let message = try notice.message(templates, clock: clock, sender: sender)
    var file = try AtomicFile(folder: folder, name: notice.fileName)
    try file.append { $0.append(contentsOf: message.bytes) }
    var missing: WrittenNotice.MissingAddress?
    if message.to == nil { missing = notice.email.map { .unsound($0) } ?? .some(.none) }
    return WrittenNotice(
      path: try file.publishAlone(),
      customerId: String(decoding: notice.customerId, as: UTF8.self), missingAddress: missing)
  }

  /// A clock of the customer's time zone that knows every instant of the notice.
  private mutating func clock(
    for notice: CustomerNotice, _ connection: borrowing Connection
  ) throws -> LocalClock {
    let zone = notice.timeZone
    var known = texts[zone] ?? [:]
    let unknown = notice.instants.filter { known[$0] == nil }
    if !unknown.isEmpty {
      try connection.query(
        RedressSQL.Query.localTimes.text,
        [.text(zone), .int64Array(unknown.map(\.microseconds).sorted())]
      ) { known[Instant(microseconds: try $0.int64(0))] = try $0.string(1) }
      texts[zone] = known
    }
    let clock = LocalClock()
    for instant in notice.instants { clock.add(instant, known[instant] ?? instant.text) }
    return clock
  }
}
