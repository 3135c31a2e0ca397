import CreditLedger
package import Postgres

/// The names that a run knew incidents and services by, out of its frozen evidence.
package struct FrozenNames {
  private var incidents = ByteTable()
  private var titles: [ByteSlice] = []
  private var services = ByteTable()
  private var names: [ByteSlice] = []
  private let arena = ByteArena()

  init(_ evidence: SharedEvidence) {
    for service in evidence.services { add(service.id, service.name, to: \.services, \.names) }
    for incident in evidence.incidents {
      add(incident.id, Array(incident.title.utf8), to: \.incidents, \.titles)
    }
  }

  private mutating func add(
    _ id: [UInt8], _ text: [UInt8], to table: WritableKeyPath<FrozenNames, ByteTable>,
    _ texts: WritableKeyPath<FrozenNames, [ByteSlice]>
  ) {
    // An id that comes twice was parked; nothing refers to it.
    let number = id.withUnsafeBytes { self[keyPath: table].insert($0) }
    guard Int(number) == self[keyPath: texts].count else { return }
    let slice = text.withUnsafeBytes { arena.append($0) }
    self[keyPath: texts].append(slice)
  }

  /// Empty for an incident that the run did not know.
  package func title(_ incident: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    incidents.find(incident).map { arena[titles[Int($0)]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  package func serviceName(_ service: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    services.find(service).map { arena[names[Int($0)]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// The frozen names of every run that a report meets, each document read once.
package struct FrozenNamesByRun {
  private var known: [[UInt8]: FrozenNames] = [:]
  private var byRun: [Int64: FrozenNames] = [:]

  package init(known: [[UInt8]: FrozenNames] = [:], byRun: [Int64: FrozenNames] = [:]) {
    self.known = known
    self.byRun = byRun
  }

  package mutating func names(
    ofRun runId: Int64, _ connection: borrowing Connection
  ) throws -> FrozenNames {
    if let names = byRun[runId] { return names }
    guard let run = try RecordedRun.find(runId, connection) else {
      throw RecordError.noSuchRun(runId: runId, newest: try RecordedRun.newest(connection))
    }
    let names =
      try known[run.evidenceDigest] ?? FrozenNames(try run.sharedEvidence(connection))
    known[run.evidenceDigest] = names
    byRun[runId] = names
    return names
  }
}

extension RecordedRun {
  /// What the run was decided on, as far as all customers share it.
  /// - Throws: `ReportError` where it is not there, or not what a run writes.
  package func sharedEvidence(_ connection: borrowing Connection) throws -> SharedEvidence {
    guard let content = try RecordedRun.evidence(of: "", digest: evidenceDigest, connection) else {
      throw RecordError.evidenceMissing(runId: runId)
    }
    guard let evidence = try? SharedEvidence(json: content) else {
      throw RecordError.evidenceUnreadable(runId: runId)
    }
    return evidence
  }
}
