import CreditLedger
import Documents
import LedgerReports
import ServiceCredits

/// The fields of ledger rows and report lines that depend on the decision only, encoded once for
/// all subscriptions that share it.
struct DecisionRowCache {
  struct Entry {
    /// Fields encoded for COPY.
    var row: ByteSlice
    /// Cells of the credits file.
    var month: ByteSlice
    var others: ByteSlice
  }

  let arena = ByteArena()
  private var entries: [Entry?] = []
  private var round: Int32 = 0
  private var rebuilds = 0

  /// Empties the cache if the calculator has emptied its own or was rebuilt.
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

  /// The cells of `entry`, valid until the next `add`.
  func cells(_ entry: Entry) -> CreditLine.DecisionCells {
    CreditLine.DecisionCells(month: arena[entry.month], others: arena[entry.others])
  }

  mutating func add(_ shared: SharedDecision, row: [UInt8], month: [UInt8], others: [UInt8])
    -> Entry
  {
    while entries.count <= Int(shared.position) { entries.append(nil) }
    let entry = Entry(
      row: row.withUnsafeBytes { arena.append($0) },
      month: month.withUnsafeBytes { arena.append($0) },
      others: others.withUnsafeBytes { arena.append($0) })
    entries[Int(shared.position)] = entry
    return entry
  }
}
