import CreditLedger
import Documents
import LedgerReports
import ServiceCredits

/// The cells of the credits file that depend on the decision only, written once for all
/// subscriptions that share it.
struct DecisionTexts {
  struct Entry {
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

  mutating func add(_ shared: SharedDecision, month: [UInt8], others: [UInt8]) -> Entry {
    while entries.count <= Int(shared.position) { entries.append(nil) }
    let entry = Entry(
      month: month.withUnsafeBytes { arena.append($0) },
      others: others.withUnsafeBytes { arena.append($0) })
    entries[Int(shared.position)] = entry
    return entry
  }
}

extension DecreaseReason {
  var code: StaticString {
    switch self {
    case .void: "void"
    case .notEarned: "not_earned"
    case .smaller: "smaller"
    case .moved: "moved"
    }
  }
}
