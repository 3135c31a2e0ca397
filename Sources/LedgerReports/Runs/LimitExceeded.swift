public import ServiceCredits

/// A limit that a run would have passed.
/// - Source: credit rules, section 10.
public struct LimitExceeded: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The policy's amount for the currency.
    case amount(limitMinor: Int64)
    /// The policy's share of the monthly fees in force, in micros of the major unit.
    case share(BasisPoints, ofFeesMicros: Int128)
  }

  public let isGranted: Bool
  public let total: MoneyTotal
  public let kind: Kind
}
