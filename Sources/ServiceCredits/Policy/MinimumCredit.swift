/// The smallest credit that is given. A smaller one is nothing.
/// - Source: credit rules, section 6; policy language, sections 4 and 9.
public struct MinimumCredit: Hashable, Sendable {
  /// In minor units; a currency that is not there has none.
  public let amounts: [Currency: Int64]
  /// Of the base that the version or the plan has; `nil` where none is said.
  public let share: Fraction?

  public init(amounts: [Currency: Int64] = [:], share: Fraction? = nil) {
    self.amounts = amounts.filter { $0.value != 0 }
    self.share = share.flatMap { $0.isPositive ? $0 : nil }
  }

  public static let none = MinimumCredit()

  /// The amount that is said for a currency, in minor units.
  public subscript(_ currency: Currency) -> Int64 { amounts[currency] ?? 0 }

  /// The smallest credit, in whole minor units.
  /// - Parameter base: in minor units.
  /// - Throws: `AmountOutOfRange` if it does not fit.
  func minor(_ currency: Currency, base: Fraction) throws(AmountOutOfRange) -> Int64 {
    guard let share else { return self[currency] }
    return max(self[currency], try (try share * base).rounded(.up))
  }

  /// The smallest credit for a monthly fee under tiers, in whole minor units.
  /// - Throws: `AmountOutOfRange` if it does not fit.
  public func minor(ofFee fee: MonthlyFee) throws(AmountOutOfRange) -> Int64 {
    share == nil ? self[fee.currency] : try minor(fee.currency, base: try fee.exactMinor)
  }
}
