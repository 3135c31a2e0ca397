/// An exact fraction, always in lowest terms, with a positive denominator.
///
/// Numbers are of 128 bits. What does not fit is an error, never a wrong number: fees of millions, microseconds of a
/// quarter and percents of a dozen decimals fit together.
public struct Fraction: Hashable, Sendable {
  public let numerator: Int128
  /// At least 1.
  public let denominator: Int128

  public static let zero = Fraction(whole: 0)
  public static let one = Fraction(whole: 1)

  public init(whole: Int64) {
    numerator = Int128(whole)
    denominator = 1
  }

  /// - Parameter denominator: not 0.
  public init(_ numerator: Int128, over denominator: Int128) throws(AmountOutOfRange) {
    precondition(denominator != 0, "a fraction has a denominator")
    guard numerator != .min, denominator != .min else { throw AmountOutOfRange() }
    let divisor = Fraction.greatestCommonDivisor(numerator, denominator)
    let sign: Int128 = denominator < 0 ? -1 : 1
    self.init(lowest: sign * numerator / divisor, sign * denominator / divisor)
  }

  private init(lowest numerator: Int128, _ denominator: Int128) {
    self.numerator = numerator
    self.denominator = denominator
  }

  private static func greatestCommonDivisor(_ a: Int128, _ b: Int128) -> Int128 {
    var (a, b) = (a.magnitude, b.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    return Int128(a)
  }

  private static func product(_ a: Int128, _ b: Int128) throws(AmountOutOfRange) -> Int128 {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    guard !overflow else { throw AmountOutOfRange() }
    return product
  }

  public static func * (left: Fraction, right: Fraction) throws(AmountOutOfRange) -> Fraction {
    // Crosswise first, so that intermediate products stay as small as the result.
    let first = greatestCommonDivisor(left.numerator, right.denominator)
    let second = greatestCommonDivisor(right.numerator, left.denominator)
    return Fraction(
      lowest: try product(left.numerator / first, right.numerator / second),
      try product(left.denominator / second, right.denominator / first))
  }

  /// - Precondition: `right` is not zero.
  public static func / (left: Fraction, right: Fraction) throws(AmountOutOfRange) -> Fraction {
    try left * (try Fraction(right.denominator, over: right.numerator))
  }

  public static func + (left: Fraction, right: Fraction) throws(AmountOutOfRange) -> Fraction {
    let divisor = greatestCommonDivisor(left.denominator, right.denominator)
    let (sum, overflow) = try product(left.numerator, right.denominator / divisor)
      .addingReportingOverflow(try product(right.numerator, left.denominator / divisor))
    guard !overflow else { throw AmountOutOfRange() }
    return try Fraction(sum, over: try product(left.denominator, right.denominator / divisor))
  }

  public static func - (left: Fraction, right: Fraction) throws(AmountOutOfRange) -> Fraction {
    try left + Fraction(lowest: -right.numerator, right.denominator)
  }

  public func isLess(than other: Fraction) throws(AmountOutOfRange) -> Bool {
    try (self - other).numerator < 0
  }

  /// The larger of both.
  public func larger(_ other: Fraction) throws(AmountOutOfRange) -> Fraction {
    try isLess(than: other) ? other : self
  }

  /// The smaller of both.
  public func smaller(_ other: Fraction) throws(AmountOutOfRange) -> Fraction {
    try isLess(than: other) ? self : other
  }

  /// The largest whole number that is not above it.
  public var floor: Int128 {
    let quotient = numerator / denominator
    return numerator % denominator < 0 ? quotient - 1 : quotient
  }

  /// The smallest whole number that is not below it.
  public var ceiling: Int128 {
    numerator % denominator > 0 ? numerator / denominator + 1 : floor + (isWhole ? 0 : 1)
  }

  public var isWhole: Bool { denominator == 1 }
  public var isZero: Bool { numerator == 0 }
  public var isPositive: Bool { numerator > 0 }

  /// Rounded to a whole number.
  public func rounded(_ rule: RoundingRule) throws(AmountOutOfRange) -> Int64 {
    try rule.divide(numerator, by: denominator)
  }
}
