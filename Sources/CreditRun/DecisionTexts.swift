import CreditLedger
import CreditReports
import ServiceCredits

/// What a decision fixes of its ledger rows and report lines, written once for all subscriptions that share it.
struct DecisionTexts {
  struct Entry {
    /// Encoded for COPY.
    var row: ByteSlice
    /// Cells of the credits file.
    var line: ByteSlice
  }

  let arena = ByteArena()
  private var entries: [Entry?] = []
  private var round: Int32 = 0
  private var rebuilds = 0

  /// Forgets what belongs to decisions that are no more.
  mutating func keep(for shared: SharedDecision, rebuilds: Int) {
    guard shared.round != round || rebuilds != self.rebuilds else { return }
    entries.removeAll(keepingCapacity: true)
    arena.removeAll()
    round = shared.round
    self.rebuilds = rebuilds
  }

  func find(_ shared: SharedDecision) -> Entry? {
    shared.position < entries.count ? entries[Int(shared.position)] : nil
  }

  mutating func add(_ shared: SharedDecision, row: [UInt8], line: [UInt8]) -> Entry {
    while entries.count <= Int(shared.position) { entries.append(nil) }
    let entry = Entry(
      row: row.withUnsafeBytes { arena.append($0) }, line: line.withUnsafeBytes { arena.append($0) }
    )
    entries[Int(shared.position)] = entry
    return entry
  }
}
