import CreditLedger
import ServiceCredits

/// One key of a customer after the night's calculation.
struct KeyState {
  var subscription: ByteSlice
  var incident: ByteSlice
  let month: BillingMonth
  var currency: Currency
  /// Position in the customer's recorded keys; `nil` for a new key.
  var recorded: Int32?
  /// What the customer is entitled to after the run.
  var entitledMinor: Int64
  var firstInstant: Instant
  /// Position of the key's row in the list of pending revisions; `nil` where nothing changes.
  var revision: Int32?
}

/// A row to append.
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
  /// Zero where nothing is granted, for whatever reason; `nil` where it is no whole number of basis points.
  var granted: BasisPoints?
  /// What of it is for which measure; zero where tiers decided.
  var parts: CreditParts
}

extension KeyState {
  package func overcredited(by amountMinor: Int64, _ records: borrowing CustomerRecords) -> Finding
  {
    let arena = records.arena
    return Finding(
      .credit(
        customer: Array(arena[records.id]), subscription: Array(arena[subscription]),
        incident: Array(arena[incident]), month: month, currency: currency),
      .overcredited(by: Money(amountMinor: amountMinor, currency: currency)))
  }
}

extension KeyState {
  /// - Parameter amountMinor: what the credit would have changed by.
  func left(
    by cause: Finding.ClosedCause, _ amountMinor: Int64, _ records: borrowing CustomerRecords
  ) -> Finding {
    let arena = records.arena
    return Finding(
      .credit(
        customer: Array(arena[records.id]), subscription: Array(arena[subscription]),
        incident: Array(arena[incident]), month: month, currency: currency),
      .monthClosed(cause, Money(amountMinor: amountMinor, currency: currency)))
  }
}

extension CustomerReconciliation {
  /// Calls `body` with what the run adds for each subscription and incident, by currency. A credit that moves between months
  /// adds nothing.
  func forEachNet(_ body: (Int128, Currency) -> Void) {
    var first = 0
    while first < keys.count {
      var end = first + 1
      while end < keys.count, credits[end].sibling == credits[first].sibling { end += 1 }
      if end == first + 1 {
        if let minor = minor(of: keys[first]) { body(minor, keys[first].currency) }
        first = end
        continue
      }
      var changes: [(currency: Currency, minor: Int128)] = []
      for key in keys[first..<end] {
        guard let minor = minor(of: key) else { continue }
        if let known = changes.firstIndex(where: { $0.currency == key.currency }) {
          changes[known].minor += minor
        } else {
          changes.append((key.currency, minor))
        }
      }
      first = end
      for change in changes { body(change.minor, change.currency) }
    }
  }

  /// Calls `body` with what each credit newly gives back on the pseudo invoice, over its months, in minor units; negative where
  /// that was undone. A set-off that only moved with its credit is none.
  func forEachSetOff(_ body: (Int128, Currency) -> Void) {
    var given: [(sibling: Int32, currency: Currency, before: Int128, after: Int128)] = []
    for position in keys.indices {
      let (before, after) = (
        Int128(-placement.setOffBeforeMinor[position]), Int128(-placement.setOffMinor[position])
      )
      guard before != 0 || after != 0 else { continue }
      let (sibling, currency) = (credits[position].sibling, keys[position].currency)
      if let known = given.firstIndex(where: { $0.sibling == sibling && $0.currency == currency }) {
        given[known].before += before
        given[known].after += after
      } else {
        given.append((sibling, currency, before, after))
      }
    }
    for credit in given {
      let newly = max(0, credit.after) - max(0, credit.before)
      if newly != 0 { body(newly, credit.currency) }
    }
  }

  private func minor(of key: KeyState) -> Int128? {
    key.revision.map { Int128(revisions[Int($0)].revision.amountMinor) }
  }
}
