import CreditLedger
import ServiceCredits

/// Credits that stand until a person has accepted that the source rewrote their past.
extension CustomerReconciliation {
  /// Leaves the credits as they are recorded whose past the source has rewritten, until that is accepted.
  ///
  /// All months and currencies of a subscription and incident stand together: one of them alone would be paid twice, or
  /// lost. What went to another customer with its subscription is not left, for the same reason: that customer is granted
  /// the credit in the same run.
  mutating func withholdRewritten(
    _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    var asked = PastRewritings()
    asked.add(self, records)
    var withheld: [Int] = []
    try asked.ask(night) { finding, key in
      try report(finding)
      guard case .pastRewritten(let rewriting) = finding.fault, rewriting.waits,
        night.heldPast?.held[ToldFinding(finding).identity] == nil
      else { return }
      withheld.append(key)
    }
    rewritings.removeAll(keepingCapacity: true)
    leave(keysBeside: withheld, records)
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
