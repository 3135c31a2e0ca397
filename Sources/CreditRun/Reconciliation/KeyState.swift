import CreditLedger
import ServiceCredits

/// One key of a customer after the night's calculation.
struct KeyState {
  var subscription: ByteSlice
  var incident: ByteSlice
  var currency: Currency
  /// Position in the customer's recorded keys; `nil` for a new key.
  var recorded: Int32?
  /// What the customer is entitled to after the run.
  var entitledMinor: Int64
  var month: BillingMonth
  var firstInstant: Instant
  /// The key's rows in the list of pending revisions.
  var firstRevision: Int32
  var revisionCount: Int32
}

/// A row to append, with what it was decided on.
struct PendingRevision {
  var revision: Revision
  var basis: RevisionBasis?
  var reason: DecreaseReason?
  /// The frozen terms, where one term does not cover all the time at hand.
  var terms: ByteSlice?
}

/// The decision behind a revision.
struct RevisionBasis {
  var decision: CreditDecision
  /// Where many subscriptions share the decision.
  var shared: SharedDecision?
  /// Position in the customer's terms.
  var term: Int32
  /// Zero where nothing is granted, for whatever reason.
  var granted: BasisPoints
}

extension KeyState {
  package func overcredited(by amountMinor: Int64, _ records: borrowing CustomerRecords) -> Finding
  {
    let arena = records.arena
    return Finding(
      .credit(
        customer: Array(arena[records.id]), subscription: Array(arena[subscription]),
        incident: Array(arena[incident]), currency: currency),
      .overcredited(by: Money(amountMinor: amountMinor, currency: currency)))
  }
}
