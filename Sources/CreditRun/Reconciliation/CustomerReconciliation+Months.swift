import CreditLedger
import ServiceCredits

/// Which months are reconciled.
extension CustomerReconciliation {
  /// Whether the credits of the subscription at hand in this month are brought to what was calculated.
  func isReconciled(_ month: BillingMonth, _ night: borrowing ReconciliationContext) -> Bool {
    night.window.contains(month) || openedMonths.contains(month)
  }

  /// Opens the months outside of the window that credits of the subscription move to or from.
  ///
  /// A credit that moves is a decrease of one key and a grant of another, and both are appended where either month is in the
  /// window; a changed currency or customer is the same. What comes and goes changes what the other credits of that month may
  /// take of the cap, and of instants that several incidents cover, so that they are reconciled with it.
  /// - Returns: whether a month was opened that was not.
  mutating func openMonths(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext
  ) -> Bool {
    let others = night.transferred.find(records.arena[part.id])?.shares ?? []
    guard !part.recorded.isEmpty || !others.isEmpty else { return false }
    let known = openedMonths.count
    let found = night.decisions(of: input)
    func isDecided(_ month: BillingMonth, _ incident: IncidentNumber) -> Bool {
      found.contains {
        night.decision($0).counted.incident == incident && night.decision($0).month == month
      }
    }
    for position in found {
      let decision = night.decision(position)
      let incident = night.incidentId(decision.counted.incident)
      let fee = input.terms[Int(decision.term)].fee
      guard case .credited? = try? night.calculator.outcome(decision, fee: fee) else { continue }
      for recorded in part.recorded {
        let key = records.recorded[recorded]
        guard key.credit.amountMinor != 0, key.credit.month != decision.month,
          compareBytes(records.arena[key.incident], incident) == 0,
          !isDecided(key.credit.month, decision.counted.incident)
        else { continue }
        open(key.credit.month, decision.month, night)
      }
      for other in others
      where other.share.share > .zero && other.share.month != decision.month
        && other.incident.elementsEqual(incident)
      {
        open(other.share.month, decision.month, night)
      }
    }
    return openedMonths.count > known
  }

  /// Opens one of two months where the other is reconciled.
  private mutating func open(
    _ one: BillingMonth, _ other: BillingMonth, _ night: borrowing ReconciliationContext
  ) {
    let (isOne, isOther) = (isReconciled(one, night), isReconciled(other, night))
    if isOne, !isOther { openedMonths.insert(other) }
    if isOther, !isOne { openedMonths.insert(one) }
  }
}
