public import ServiceCredits

/// What decided on a credit, as the ledger holds it.
public enum RecordedClause: Hashable, Sendable {
  case tier(CreditTier)
  /// One line of the policy language.
  case rule([UInt8])
  /// Nothing pays.
  case none

  /// - Parameters:
  ///   - longerThanMicroseconds: of a tier; `nil` where none decided.
  ///   - percent: of the tier, before the cap.
  ///   - clause: of a rule; `nil` where none decided.
  public init(
    _ severity: Severity, longerThanMicroseconds: Int64?, _ percent: BasisPoints?,
    clause: UnsafeRawBufferPointer?
  ) {
    if let clause {
      self = .rule(Array(clause))
    } else if let longerThanMicroseconds, let percent {
      self = .tier(
        CreditTier(
          severity: severity, longerThanMicroseconds: longerThanMicroseconds, credit: percent))
    } else {
      self = .none
    }
  }

  public init(_ decision: CreditDecision) {
    switch decision.verdict {
    case .tier(let tier): self = tier.map { .tier($0) } ?? .none
    case .rule(let award): self = award.clause.map { .rule($0.text) } ?? .none
    }
  }
}
