/// The ledger's entry for one key: the sum of its revisions and the number of the newest.
public struct RecordedCredit: Hashable, Sendable {
  /// The number of the newest revision; numbers start at 1.
  public var revision: Int32
  /// Sum of all revisions, in minor units.
  public var amountMinor: Int64
  /// The billing month, which is a part of the key.
  public let month: BillingMonth

  public init(revision: Int32, amountMinor: Int64, month: BillingMonth) {
    self.revision = revision
    self.amountMinor = amountMinor
    self.month = month
  }
}

/// What a revision does to an entitlement.
public enum RevisionKind: String, CaseIterable, Hashable, Sendable {
  case grant
  case increase
  case decrease

  /// The kind of a revision with this number and amount: the first one grants, and of the others the sign decides.
  public init(number: Int32, amountMinor: Int64) {
    self = amountMinor < 0 ? .decrease : number == 1 ? .grant : .increase
  }
}

/// The row to append so that one key matches what was calculated.
/// - Source: credit rules, section 7.
public struct Revision: Hashable, Sendable {
  public let number: Int32
  /// Signed, never zero.
  public let amountMinor: Int64

  public var kind: RevisionKind { RevisionKind(number: number, amountMinor: amountMinor) }

  /// - Parameters:
  ///   - recorded: `nil` if the ledger has no such key.
  ///   - entitledMinor: the calculated entitlement; zero if there is none.
  ///   - isReconciled: whether this run reconciles the key: its month, or the other month of a credit that has moved.
  /// - Returns: `nil` where nothing is to be appended.
  public init?(bringing recorded: RecordedCredit?, to entitledMinor: Int64, isReconciled: Bool) {
    precondition(entitledMinor >= 0, "an entitlement is not negative")
    let difference = entitledMinor - (recorded?.amountMinor ?? 0)
    guard isReconciled, difference != 0 else { return nil }
    number = (recorded?.revision ?? 0) + 1
    amountMinor = difference
  }
}
