import CreditLedger
import ServiceCredits

/// Credits that stand until a person has accepted that the source rewrote their past.
extension CustomerReconciliation {
  /// Leaves the credits as they are recorded whose past the source has rewritten, until that is accepted.
  ///
  /// All months and currencies of a subscription and incident stand together: one of them alone would be paid twice, or
  /// lost. What went to another customer with its subscription is not left where that customer is granted a credit in the
  /// same run, for the same reason.
  mutating func withholdRewritten(
    _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    for index in rewritings.indices {
      rewritings[index].beside = beside(rewritings[index].key, records)
    }
    var asked = PastRewritings()
    asked.add(self, records)
    var withheld: [Int] = []
    try asked.ask(night) { finding, key in
      try report(finding)
      guard case .pastRewritten(let rewriting) = finding.fault, rewriting.waiting != nil,
        night.heldPast?.held[ToldFinding(finding).identity] == nil
      else { return }
      withheld.append(key)
    }
    rewritings.removeAll(keepingCapacity: true)
    leave(keysBeside: withheld, records)
  }

  /// What other months and currencies of the key's subscription and incident would change by.
  private func beside(
    _ position: Int, _ records: borrowing CustomerRecords
  ) -> [Finding.PastRewriting.Beside] {
    var beside: [Finding.PastRewriting.Beside] = []
    for other in keys.indices
    where other != position && isSibling(keys[other], keys[position], records) {
      guard let revision = keys[other].revision else { continue }
      let amountMinor = revisions[Int(revision)].revision.amountMinor
      beside.append(
        Finding.PastRewriting.Beside(
          month: keys[other].month,
          change: Money(amountMinor: amountMinor, currency: keys[other].currency)))
    }
    return beside
  }

  /// Whether a term of another customer earns a credit for the incident.
  func isGranted(
    _ incident: IncidentNumber, _ found: Range<Int>, _ night: borrowing ReconciliationContext
  ) -> Bool {
    guard night.heldPast != nil else { return false }
    for position in found {
      let decision = night.decision(position)
      let term = input.terms[Int(decision.term)]
      guard decision.counted.incident == incident, !term.isOwn,
        case .credited? = try? night.calculator.outcome(decision, fee: term.fee)
      else { continue }
      return true
    }
    return false
  }

  /// Takes back what was decided for keys of the same subscriptions and incidents, so that they stand as recorded.
  /// - Parameter positions: of keys.
  private mutating func leave(keysBeside positions: [Int], _ records: borrowing CustomerRecords) {
    guard !positions.isEmpty else { return }
    let left = positions.map { keys[$0] }
    var standing: [KeyState] = []
    var decided: [PendingRevision] = []
    for var key in keys {
      if let revision = key.revision {
        if left.contains(where: { isSibling($0, key, records) }) {
          guard let recorded = key.recorded else { continue }
          key = CustomerReconciliation.key(recorded, records)
        } else {
          key.revision = Int32(decided.count)
          decided.append(revisions[Int(revision)])
        }
      }
      standing.append(key)
    }
    (keys, revisions) = (standing, decided)
  }
}
