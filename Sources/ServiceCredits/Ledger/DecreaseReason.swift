/// Why a revision takes money back. The ledger stores the raw value.
public enum DecreaseReason: String, CaseIterable, Hashable, Sendable {
  /// The incident was declared void.
  case void
  /// Nothing is earned any more.
  case notEarned = "not_earned"
  /// Less is earned than before.
  case smaller
  /// The credit belongs to another billing month.
  case moved
}
