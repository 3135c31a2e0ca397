package import CreditLedger
package import ServiceCredits

/// What explains a decision.
extension CustomerReconciliation {
  /// Goes through the steps of `run` up to the decisions and hands over what was decided on the way. Compares and
  /// places nothing.
  package mutating func trace(
    _ records: borrowing CustomerRecords, zone: ZoneNumber?, isParked: Bool,
    night: inout ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws -> [TracedSubscription] {
    var result: [TracedSubscription] = []
    var term = 0
    var recorded = 0
    while let part = nextPart(records, &term, &recorded) {
      var traced = TracedSubscription(id: Array(records.arena[part.id]))
      try trace(
        part, records, zone: zone, isParked: isParked, night: &night, into: &traced, report: report)
      result.append(traced)
    }
    return result
  }

  private mutating func trace(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords, zone: ZoneNumber?,
    isParked: Bool,
    night: inout ReconciliationContext, into traced: inout TracedSubscription,
    report: (Finding) throws -> Void
  ) throws {
    traced.hold = try prepare(
      part, records, zone: zone, isParked: isParked, night: &night, report: report)
    for (term, row) in zip(input.terms, termRows) {
      if let row {
        traced.terms.append(.own(term, row: Int(row)))
      } else if traced.hold == nil {
        // Of a subscription that is held, only the customer's own terms are told.
        traced.terms.append(.others(term))
      }
    }
    guard traced.hold == nil else { return }
    traced.heldShares = input.heldShares
    traced.traces = night.trace(of: input)
    for trace in traced.traces {
      traced.outcomes[trace.incident] = trace.decisions.map { decision in
        try? night.calculator.outcome(decision, fee: input.terms[Int(decision.term)].fee)
      }
    }
  }
}
