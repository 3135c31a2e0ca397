import CreditLedger
import ServiceCredits

/// How credits of closed months would change for one subscription and incident.
struct ClosedChanges {
  var grow = false
  var shrink = false
}

/// Credits that stand because a month is closed.
extension CustomerReconciliation {
  /// Why a change is told and not made; `nil` where it is made.
  /// - Parameter quarterMinor: what of the credit is for measures of the quarter, before and after.
  func closedCause(
    _ revision: Revision, _ month: BillingMonth, quarterMinor: (Int64, Int64),
    _ night: borrowing ReconciliationContext
  ) -> Finding.ClosedCause? {
    let closed = night.leftAlone
    if closed.contains(month) { return .itsMonth }
    if revision.amountMinor > 0 ? closedChanges.shrink : closedChanges.grow {
      return .anotherMonth
    }
    // What the quarter's other months have of the measure stands, and so does the rest of it.
    if quarterMinor.0 != quarterMinor.1, closed.closesQuarter(of: month) { return .itsQuarter }
    return nil
  }

  /// What would change in closed months for the incident at hand.
  ///
  /// A credit that moves out of a closed month, or into one, must not be half moved: what is not taken back
  /// there is not granted elsewhere, and what is not granted there is not taken back elsewhere.
  /// - Parameters:
  ///   - found: all decisions of the subscription, those of other customers' terms too.
  ///   - decided: what of them is for the customer's own terms and this incident.
  ///   - recorded: the customer's keys of the incident.
  func changesOfClosedMonths(
    _ incident: IncidentNumber, _ found: Range<Int>, decided: [Decided], recorded: Range<Int>,
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords,
    _ night: borrowing ReconciliationContext
  ) -> ClosedChanges {
    var changes = ClosedChanges()
    let closed = night.leftAlone
    guard closed.through != nil else { return changes }
    for position in recorded {
      let key = records.recorded[position]
      guard closed.contains(key.credit.month), isReconciled(key.credit.month, night) else {
        continue
      }
      let decision = decided.first { $0.isOf(key) }
      let difference = (decision?.amountMinor ?? 0) - key.credit.amountMinor
      if difference > 0 { changes.grow = true }
      if difference < 0 { changes.shrink = true }
    }
    for decision in decided
    where decision.amountMinor > 0 && closed.contains(decision.decision.month)
      && isReconciled(decision.decision.month, night)
    {
      if !recorded.contains(where: { decision.isOf(records.recorded[$0]) }) { changes.grow = true }
    }
    let others = night.transferred.find(records.arena[part.id])?.shares ?? []
    func isRecorded(of other: TransferredSubscriptions.Share, in month: BillingMonth) -> Bool {
      other.share.share > .zero && other.share.month == month
        && night.incidentId(incident).elementsEqual(other.incident)
        && !other.customer.elementsEqual(records.arena[records.id])
    }
    // What another customer is entitled to in a closed month and has not got is not granted.
    for position in found {
      let decision = night.decision(position)
      let term = input.terms[Int(decision.term)]
      guard decision.counted.incident == incident, !term.isOwn, closed.contains(decision.month),
        isReconciled(decision.month, night),
        case .credited? = try? night.calculator.outcome(decision, fee: term.fee)
      else { continue }
      if !others.contains(where: { isRecorded(of: $0, in: decision.month) }) { changes.grow = true }
    }
    // What another customer has in a closed month and is not entitled to any more is not taken back.
    for other in others
    where closed.contains(other.share.month) && isRecorded(of: other, in: other.share.month) {
      let isDecided = found.contains {
        night.decision($0).counted.incident == incident
          && night.decision($0).month == other.share.month
      }
      if !isDecided { changes.shrink = true }
    }
    return changes
  }
}
