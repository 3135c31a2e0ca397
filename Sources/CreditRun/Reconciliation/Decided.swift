import CreditLedger
import ServiceCredits

/// A decision about an incident and a month, with what it comes to.
struct Decided {
  let decision: CreditDecision
  /// Where many subscriptions share the decision.
  private let shared: SharedDecision?
  /// Position in the customer's terms.
  private let row: Int32
  private(set) var currency: Currency
  private(set) var amountMinor: Int64 = 0
  private var granted: BasisPoints? = .zero
  private var parts = CreditParts.zero

  init(
    _ decision: CreditDecision, shared: SharedDecision?, _ row: Int32, _ currency: Currency
  ) {
    self.currency = currency
    self.decision = decision
    self.shared = shared
    self.row = row
  }

  mutating func evaluate(
    _ calculator: borrowing CreditCalculator, fee: MonthlyFee
  ) throws(AmountOutOfRange) {
    guard case .credited(let money) = try calculator.outcome(decision, fee: fee) else { return }
    granted = decision.granted
    amountMinor = money.amountMinor
    if let award = decision.award { parts = try award.parts(fee) }
  }

  var basis: RevisionBasis {
    RevisionBasis(decision: decision, shared: shared, term: row, granted: granted, parts: parts)
  }

  func isOf(_ key: CustomerRecords.Recorded) -> Bool {
    (key.credit.month, key.currency) == (decision.month, currency)
  }

  func isBefore(_ key: CustomerRecords.Recorded) -> Bool {
    (decision.month, currency) < (key.credit.month, key.currency)
  }
}
