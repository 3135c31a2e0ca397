import CreditLedger
import CreditReports
import Postgres

/// The names that a run knew incidents and services by, out of its frozen evidence.
struct FrozenNames {
  private var incidents = ByteTable()
  private var titles: [ByteSlice] = []
  private var services = ByteTable()
  private var names: [ByteSlice] = []
  private let arena = ByteArena()

  /// - Parameter evidence: the document that all customers of the run share.
  /// - Returns: `nil` where it is not one.
  init?(evidence: [UInt8]) {
    guard let document = try? JSONValue(evidence), let services = document["services"]?.array,
      let incidents = document["incidents"]?.array
    else { return nil }
    for service in services {
      guard let id = service["service_id"]?.string, let name = service["name"]?.string else {
        return nil
      }
      add(id, name, to: \.services, \.names)
    }
    for incident in incidents {
      guard let id = incident["incident_id"]?.string, let title = incident["title"]?.string else {
        return nil
      }
      add(id, title, to: \.incidents, \.titles)
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
  func title(_ incident: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    incidents.find(incident).map { arena[titles[Int($0)]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  func serviceName(_ service: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    services.find(service).map { arena[names[Int($0)]] }
      ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// The frozen names of every run that a report meets, each document read once.
struct FrozenNamesByRun {
  private var known: [[UInt8]: FrozenNames] = [:]
  private var byRun: [Int64: FrozenNames] = [:]

  mutating func names(
    ofRun runId: Int64, _ connection: borrowing Connection
  ) throws -> FrozenNames {
    if let names = byRun[runId] { return names }
    guard let run = try RecordedRun.find(runId, connection) else {
      throw ReportError.noSuchRun(runId: runId, newest: try RecordedRun.newest(connection))
    }
    var names = known[run.evidenceDigest]
    if names == nil {
      guard
        let evidence = try RecordedRun.evidence(
          of: "", digest: run.evidenceDigest, connection)
      else { throw ReportError.evidenceMissing(runId: runId) }
      guard let read = FrozenNames(evidence: evidence) else {
        throw ReportError.evidenceUnreadable(runId: runId)
      }
      names = read
      known[run.evidenceDigest] = read
    }
    byRun[runId] = names
    return names!
  }
}
