/// How exact amounts become credits.
/// - Source: policy language, section 4.
struct Settlement: Hashable, Sendable {
  let rounding: RoundingRule
  let minimum: MinimumCredit
  /// What part of the fee the base is.
  private let baseShare: Fraction
  /// Minor units.
  let raiseTo: [Currency: Int64]

  init(_ set: RuleSet, of version: PolicyVersion) {
    rounding = version.rounding
    minimum = version.minimum
    baseShare = set.base.share
    raiseTo = set.raiseTo
  }

  /// Rounded once; then the minimum, and what a credit is raised to.
  /// - Parameter base: in minor units.
  func minor(
    _ exact: Fraction, _ currency: Currency, base: Fraction
  ) throws(AmountOutOfRange) -> Int64 {
    settled(
      try exact.rounded(rounding), currency, least: try minimum.minor(currency, base: base))
  }

  /// The same of a share of a fee, without the lowest terms of the product: they cost more than all the rest of a credit.
  func minor(_ share: Fraction, of fee: MonthlyFee) throws(AmountOutOfRange) -> Int64 {
    if share.isZero { return 0 }
    guard minimum.share == nil else {
      let whole = try fee.exactMinor
      return try minor(try share * whole, fee.currency, base: try whole * baseShare)
    }
    let (product, overflow) = share.numerator.multipliedReportingOverflow(
      by: Int128(fee.micros) * Int128(fee.currency.minorUnitsPerMajor))
    let (divisor, isTooLarge) = share.denominator.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow, !isTooLarge else {
      return try minor(try share * (try fee.exactMinor), fee.currency, base: .zero)
    }
    return settled(
      try rounding.divide(product, by: divisor), fee.currency, least: minimum[fee.currency])
  }

  private func settled(_ minor: Int64, _ currency: Currency, least: Int64) -> Int64 {
    guard minor > 0, minor >= least else { return 0 }
    return max(minor, raiseTo[currency] ?? 0)
  }
}

/// What a credit consists of, in minor units.
public struct CreditParts: Hashable, Sendable {
  public var outageMinor: Int64 = 0
  public var monthMinor: Int64 = 0
  public var quarterMinor: Int64 = 0

  public init(outageMinor: Int64 = 0, monthMinor: Int64 = 0, quarterMinor: Int64 = 0) {
    self.outageMinor = outageMinor
    self.monthMinor = monthMinor
    self.quarterMinor = quarterMinor
  }

  public static let zero = CreditParts()

  /// - Throws: `AmountOutOfRange` if the sum does not fit.
  func total() throws(AmountOutOfRange) -> Int64 {
    let (two, overflow) = outageMinor.addingReportingOverflow(monthMinor)
    let (three, second) = two.addingReportingOverflow(quarterMinor)
    guard !overflow, !second else { throw AmountOutOfRange() }
    return three
  }
}

/// What is owed for a period, and which incident added what.
public struct PeriodCredit: Hashable, Sendable {
  /// What each incident adds, in minor units, in the order of the incidents that were given.
  public let parts: [Int64]

  public var minor: Int64 { parts.reduce(0, +) }
}

extension PeriodCalculation {
  /// - Throws: `AmountOutOfRange` if a number does not fit.
  public func credit() throws(AmountOutOfRange) -> PeriodCredit {
    var parts = [Int64](repeating: 0, count: incidentCount)
    guard currency != nil else { return PeriodCredit(parts: parts) }
    if set.isOfOutagesAlone {
      var used = CapUse()
      for incident in order where belongs(incident) {
        guard let owed = try owed(forOutage: incident, &used) else { continue }
        parts[incident] = try minor(owed.total, at: owed.first)
      }
      return PeriodCredit(parts: parts)
    }
    for (owed, part) in try split(try owed()) {
      parts[owed.incident] = part.outageMinor + part.monthMinor + part.quarterMinor
    }
    return PeriodCredit(parts: parts)
  }

  /// What an exact amount comes to.
  /// - Parameter first: the first counted instant of what is measured.
  func minor(_ exact: Fraction, at first: Instant) throws(AmountOutOfRange) -> Int64 {
    guard let base = try base(set.base, at: first) else { return 0 }
    return try settlement.minor(exact, base.currency, base: base.minor)
  }

  /// What each incident adds to the period's credit, which is rounded as a whole.
  /// - Parameter heldMinor: what is recorded for held incidents from measures of the period. The others get the rest.
  func split(
    _ owed: [OwedAmount], heldMinor: Int64 = 0
  ) throws(AmountOutOfRange) -> [(owed: OwedAmount, parts: CreditParts)] {
    guard let first else { return [] }
    let (isMonth, settlement) = (period.per == .month, settlement)
    var result: [(owed: OwedAmount, parts: CreditParts)] = []
    // What the incidents before have got, and what of it is for single outages.
    var (before, outagesBefore): (Int64, Int64) = (0, 0)
    for amount in owed {
      let total = try minor(amount.total, at: first) - heldMinor
      // A rule that takes one severity alone may owe less with one incident more: then the next ones make up for it.
      let added = max(0, total - before)
      before = max(before, total)
      let outages = min(try amount.outages.rounded(settlement.rounding), before)
      let ofOutage = min(added, max(0, outages - outagesBefore))
      outagesBefore = max(outagesBefore, outages)
      let rest = added - ofOutage
      result.append(
        (
          amount,
          CreditParts(
            outageMinor: ofOutage, monthMinor: isMonth ? rest : 0, quarterMinor: isMonth ? 0 : rest)
        ))
    }
    return result
  }
}
