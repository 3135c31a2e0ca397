import CreditLedger
import Postgres
import ServiceCredits

/// What the next night must know of months that it does not read.
extension RunOutput {
  /// Carries forward the customer's credits of earlier months of which something is open, overcredited or set off, or that
  /// stand on a draft, where they can still change. What is set off is undone together with another credit.
  mutating func carryForward(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords
  ) {
    let arena = records.arena
    var line = 0
    for position in pass.keys.indices {
      let key = pass.keys[position]
      var isOnDraft = false
      while line < pass.placement.lines.count, pass.placement.lines[line].credit == Int32(position)
      {
        isOnDraft = true
        line += 1
      }
      guard key.month < carryingForward.before else { continue }
      let isOpen = key.entitledMinor != pass.placement.placedMinor[position]
      let isSetOff = pass.placement.setOffMinor[position] != 0
      guard isOpen || isOnDraft || isSetOff || pass.standsOnDraft(key, records) else { continue }
      writer.carried.appendCarried(
        customerId: arena[records.id], subscriptionId: arena[key.subscription],
        incidentId: arena[key.incident], month: key.month, currency: key.currency, runId: runId)
      carryingForward.add(row: writer.carried.lastRow)
    }
  }

  /// Leaves out what an earlier run has carried forward just so: a night on which nothing changed writes nothing.
  mutating func settleCarried() {
    if writer.carriedRows == 0, carryingForward.isAsBefore {
      writer.dropCarried()
    } else {
      carryingForward.runId = runId
    }
  }
}

extension CustomerReconciliation {
  /// Whether a recorded line of the credit is on an invoice that is a draft now.
  func standsOnDraft(_ key: KeyState, _ records: borrowing CustomerRecords) -> Bool {
    guard let recorded = key.recorded else { return false }
    let lines = records.recorded[Int(recorded)]
    for position in Int(lines.firstLine)..<Int(lines.firstLine + lines.lineCount) {
      guard let invoice = openInvoice(records.lines[position].invoice, records) else { continue }
      if case .draft = records.invoices[Int(invoice)].open.state { return true }
    }
    return false
  }
}

/// What a run carries forward, summed up.
struct CarryingForward {
  /// What is not settled of months before this one is carried forward.
  let before: BillingMonth
  /// What the newest run carried forward.
  private let newest: CarriedForward?
  private(set) var count: Int64 = 0
  private(set) var checksum = RowChecksum()
  /// The run whose rows they are: an earlier one where they are the same.
  var runId: Int64

  init(before: BillingMonth = .earliest, after newest: CarriedForward? = nil) {
    self.before = before
    self.newest = newest
    runId = newest?.runId ?? 0
  }

  mutating func add(row: UnsafeRawBufferPointer) {
    count += 1
    checksum.add(carriedRow: row)
  }

  mutating func add(_ other: CarryingForward) {
    count += other.count
    checksum.add(other.checksum)
  }

  /// Whether the newest run carried the same forward.
  var isAsBefore: Bool {
    newest.map { $0.count == count && $0.checksum == checksum.value } ?? false
  }
}

/// The months in which a run appended revisions, by incident.
struct RecordedMonths {
  private var months: [[UInt8]: Set<BillingMonth>] = [:]
  /// What was noted last: mostly it is the next one's too.
  private var last: (incident: [UInt8], month: BillingMonth)?

  mutating func insert(_ month: BillingMonth, of incident: UnsafeRawBufferPointer) {
    if let last, last.month == month, last.incident.elementsEqual(incident) { return }
    let id = Array(incident)
    last = (id, month)
    months[id, default: []].insert(month)
  }

  mutating func add(_ other: RecordedMonths) {
    months.merge(other.months) { $0.union($1) }
  }

  /// In byte order of the incidents, then by month.
  var pairs: [(incident: String, month: BillingMonth)] {
    months.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { incident, months in
      months.sorted().map { (String(decoding: incident, as: UTF8.self), $0) }
    }
  }
}
