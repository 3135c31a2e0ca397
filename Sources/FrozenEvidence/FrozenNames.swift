import CreditLedger
package import Postgres

/// The titles of incidents and names of services in a run's frozen evidence.
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
    // An id that occurs twice was parked, so no credit refers to it.
    let number = id.withUnsafeBytes { self[keyPath: table].insert($0) }
    guard Int(number) == self[keyPath: texts].count else { return }
    let slice = text.withUnsafeBytes { arena.append($0) }
    self[keyPath: texts].append(slice)
  }

  /// Empty for an incident that the run did not know. The bytes are valid as long as these names.
  package func title(_ incident: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    incidents.find(incident).map { arena[titles[Int($0)]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Empty for a service that the run did not know. The bytes are valid as long as these names.
  package func serviceName(_ service: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    services.find(service).map { arena[names[Int($0)]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// The frozen names of every run in a report. Each document is read once.
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
  /// The frozen evidence of the run that all customers share.
  /// - Throws: `RecordError` if it is missing or not in the form that a run writes.
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
