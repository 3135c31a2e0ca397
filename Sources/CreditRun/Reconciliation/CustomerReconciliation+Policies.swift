package import CreditLedger
package import ServiceCredits

/// What another policy would decide.
extension CustomerReconciliation {
  /// Calls `body` with every credit that `run` would grant on an empty ledger: the decision, the position of its term
  /// in the customer's records, and the amount. Incidents that are held are held as in `run`.
  package mutating func decide(
    _ records: borrowing CustomerRecords, zone: ZoneNumber?, isParked: Bool,
    night: inout ReconciliationContext,
    report: (Finding) throws -> Void, _ body: (CreditDecision, Int, Money) -> Void
  ) throws {
    subscriptionCount = 0
    feesInForce.removeAll(keepingCapacity: true)
    var term = 0
    var recorded = 0
    while let part = nextPart(records, &term, &recorded) {
      if !part.terms.isEmpty { subscriptionCount += 1 }
      let hold = try prepare(
        part, records, zone: zone, isParked: isParked, night: &night, report: report)
      if hold == .missing { try reportMissing(part, records, night: night, report: report) }
      guard hold == nil else { continue }
      let found = night.decisions(of: input)
      for position in found {
        let decision = night.decision(position)
        let term = input.terms[Int(decision.term)]
        guard let row = termRows[Int(decision.term)], night.window.contains(decision.month) else {
          continue
        }
        do throws(AmountOutOfRange) {
          if case .credited(let money) = try night.calculator.outcome(decision, fee: term.fee) {
            body(decision, Int(row), money)
          }
        } catch {
          try night.reportOutOfRange(records.arena[part.id], decision, report: report)
        }
      }
    }
  }
}
