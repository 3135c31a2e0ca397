package import ServiceCredits

/// A policy limit that a run would have exceeded.
/// - Source: credit rules, section 10.
package struct LimitExceeded: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The policy's amount for the currency.
    case amount(limitMinor: Int64)
    /// The policy's share of the monthly fees in force, in micros of the major unit.
    case share(BasisPoints, ofFeesMicros: Int128)
  }

  package let isGranted: Bool
  /// What the run came to.
  package let total: MoneyTotal
  /// What earlier runs of the day came to without an approval, in minor units.
  package let earlierMinor: Int128
  package let kind: Kind
}
