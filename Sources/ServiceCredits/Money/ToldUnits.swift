/// How amounts of a currency are told to another system.
///
/// Amounts are told in steps. What is smaller than a step cannot be said there and is carried: see `ToldAmounts`.
/// - Source: docs.stripe.com/currencies; Lago's and Kill Bill's amounts are decimals of the major unit.
public struct ToldUnits: Hashable, Sendable {
  /// Minor units of ISO 4217 in the smallest amount that can be said.
  public let stepMinor: Int64
  /// What that amount is in the other system's units.
  public let unitsPerStep: Int64
  /// Decimals of the units when they are written: 0 for whole units.
  public let decimals: Int
  /// The largest amount of one message, in the other system's units; `nil` for no limit.
  public let most: Int128?

  /// - Returns: `nil` where the system knows the currency by no rule.
  public init?(_ currency: Currency, in system: BalanceSystem) {
    let exponent = Int(currency.exponent)
    switch system {
    case .stripe:
      guard let units = ToldUnits.stripe(currency) else { return nil }
      self = units
    case .lago, .other:
      self.init(stepMinor: 1, unitsPerStep: 1, decimals: exponent, most: nil)
    case .killbill:
      // numeric(15,9): six digits before the point.
      self.init(
        stepMinor: 1, unitsPerStep: 1, decimals: exponent,
        most: Int128(currency.minorUnitsPerMajor) * 1_000_000 - 1)
    }
  }

  init(stepMinor: Int64, unitsPerStep: Int64, decimals: Int, most: Int128?) {
    self.stepMinor = stepMinor
    self.unitsPerStep = unitsPerStep
    self.decimals = decimals
    self.most = most
  }

  /// Stripe has its own minor units: none for some currencies, three decimals for a few of which the last is zero, and two
  /// for all others.
  private static func stripe(_ currency: Currency) -> ToldUnits? {
    let exponent = Int(currency.exponent)
    let (decimals, most): (Int, Int128) = (
      stripeWithoutDecimals.contains(currency.code)
        ? 0 : stripeThreeDecimals.contains(currency.code) ? 3 : 2, 99_999_999_999
    )
    // Other currencies of three and four decimals are none that Stripe takes.
    if exponent > 2, decimals != 3 { return nil }
    if decimals == 3 {
      return ToldUnits(stepMinor: 10, unitsPerStep: 10, decimals: 0, most: most)
    }
    return decimals < exponent
      ? ToldUnits(stepMinor: power(exponent - decimals), unitsPerStep: 1, decimals: 0, most: most)
      : ToldUnits(stepMinor: 1, unitsPerStep: power(decimals - exponent), decimals: 0, most: most)
  }

  private static let stripeWithoutDecimals: Set<String> = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
  ]
  private static let stripeThreeDecimals: Set<String> = ["BHD", "JOD", "KWD", "OMR", "TND"]

  private static func power(_ exponent: Int) -> Int64 {
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  /// `-12.34`, or `-1234` where units have no decimals.
  public func text(_ units: Int128) -> String {
    guard decimals > 0 else { return "\(units)" }
    let digits = String(units.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let point = padded.index(padded.endIndex, offsetBy: -decimals)
    return "\(units < 0 ? "-" : "")\(padded[..<point]).\(padded[point...])"
  }
}

/// The amounts that the messages of one customer and currency say, one after the other.
///
/// A message says what the lines so far come to, less what the messages before it have said. So nothing is lost: what
/// cannot be said is in the next message, or is left over.
public struct ToldAmounts: Sendable {
  public let units: ToldUnits
  /// What the lines come to, in minor units; negative is for the customer.
  public private(set) var totalMinor: Int128 = 0
  private var toldSteps: Int128 = 0

  public init(_ units: ToldUnits) { self.units = units }

  /// What the line's message says, in the other system's units, with the line's sign. Zero where nothing can be said yet.
  ///
  /// No more is ever said to be the customer's than is.
  public mutating func add(_ lineMinor: Int64) -> Int128 {
    totalMinor += Int128(lineMinor)
    let step = Int128(units.stepMinor)
    // Towards zero for what is the customer's, away from it for what is not.
    let steps = totalMinor <= 0 ? totalMinor / step : (totalMinor + step - 1) / step
    defer { toldSteps = steps }
    return (steps - toldSteps) * Int128(units.unitsPerStep)
  }

  /// What was not said yet, in minor units; negative is for the customer.
  public var carriedMinor: Int128 { totalMinor - toldSteps * Int128(units.stepMinor) }
}
