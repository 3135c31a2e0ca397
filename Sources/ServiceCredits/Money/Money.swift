/// A computed amount that does not fit `Int64` minor units.
public struct AmountOutOfRange: Error, Hashable, Sendable {
  public init() {}
}

/// Hundredths of a percent: 10 % is 1000, 100 % is 10,000.
public struct BasisPoints: Hashable, Comparable, Sendable {
  public var value: Int32

  @inlinable
  public init(_ value: Int32) {
    self.value = value
  }

  public static let zero = BasisPoints(0)
  /// 100 %.
  public static let whole = BasisPoints(10_000)

  @inlinable
  public static func < (left: BasisPoints, right: BasisPoints) -> Bool {
    left.value < right.value
  }
}

/// How an exact amount is rounded to whole minor units. There is no default: the policy names the
/// rule.
///
/// | exact | halfUp | halfEven | up | down |
/// | --- | --- | --- | --- | --- |
/// | 0.5 | 1 | 0 | 1 | 0 |
/// | 1.5 | 2 | 2 | 2 | 1 |
/// | 1.2 | 1 | 1 | 2 | 1 |
/// | -0.5 | -1 | 0 | -1 | 0 |
///
/// All four rules round the magnitude, so that an amount and its reversal are rounded alike.
/// - Source: credit rules, section 6.
public enum RoundingRule: String, CaseIterable, Hashable, Sendable {
  case halfUp = "half_up"
  case halfEven = "half_even"
  case up
  case down

  /// `numerator / denominator`, rounded to a whole number.
  ///
  /// - Parameter denominator: positive.
  /// - Throws: `AmountOutOfRange` if the result does not fit `Int64`.
  @inlinable
  public func divide(_ numerator: Int128, by denominator: Int128) throws(AmountOutOfRange) -> Int64
  {
    precondition(denominator > 0, "a denominator is positive")
    let (quotient, remainder) = numerator.magnitude.quotientAndRemainder(
      dividingBy: denominator.magnitude)
    let twice = remainder * 2
    let roundsAway: Bool
    switch self {
    case .halfUp: roundsAway = twice >= denominator.magnitude
    case .halfEven:
      roundsAway =
        twice > denominator.magnitude || (twice == denominator.magnitude && quotient % 2 == 1)
    case .up: roundsAway = remainder > 0
    case .down: roundsAway = false
    }
    let magnitude = quotient + (roundsAway ? 1 : 0)
    guard magnitude <= UInt128(Int64.max) else { throw AmountOutOfRange() }
    return numerator < 0 ? -Int64(magnitude) : Int64(magnitude)
  }
}

/// A currency of ISO 4217 with the number of decimals of its minor unit.
public struct Currency: Hashable, Comparable, Sendable {
  /// The three letters, the first in the most significant byte, so that numeric order is byte
  /// order.
  public let packedCode: UInt32
  /// Decimals of the minor unit: JPY 0, USD 2, KWD 3.
  public let exponent: UInt8

  @usableFromInline
  init(packedCode: UInt32, exponent: UInt8) {
    self.packedCode = packedCode
    self.exponent = exponent
  }

  /// The currency with this code in upper case; `nil` if ISO 4217 has no such code. The bytes are
  /// read during the call only.
  public init?(code: UnsafeRawBufferPointer) {
    guard code.count == 3 else { return nil }
    self.init(code[0], code[1], code[2])
  }

  public init?(_ code: String) {
    let bytes = Array(code.utf8)
    guard bytes.count == 3 else { return nil }
    self.init(bytes[0], bytes[1], bytes[2])
  }

  private init?(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    guard let index = Currency.index(first, second, third) else { return nil }
    let exponent = Currency.exponents[index]
    guard exponent != Currency.none else { return nil }
    self.init(
      packedCode: UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third), exponent: exponent)
  }

  /// The position of a code in the table; `nil` unless it is three capital letters.
  private static func index(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int? {
    let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard letters ~= first, letters ~= second, letters ~= third else { return nil }
    let base = Int(letters.lowerBound)
    return ((Int(first) - base) * 26 + Int(second) - base) * 26 + Int(third) - base
  }

  private static let none: UInt8 = .max

  /// The three letters.
  public var code: String {
    String(decoding: codeBytes, as: UTF8.self)
  }

  public var codeBytes: [UInt8] {
    [UInt8(packedCode >> 16 & 0xFF), UInt8(packedCode >> 8 & 0xFF), UInt8(packedCode & 0xFF)]
  }

  /// How many minor units make one major unit: 1, 100, 1000 or 10,000.
  @inlinable public var minorUnitsPerMajor: Int64 {
    switch exponent {
    case 0: 1
    case 2: 100
    case 3: 1000
    default: 10_000
    }
  }

  @inlinable
  public static func < (left: Currency, right: Currency) -> Bool {
    left.packedCode < right.packedCode
  }

  /// Decimals of every active code with a minor unit, from ISO 4217 list one. Codes without a minor
  /// unit (gold, SDR, test codes) cannot be the currency of an invoice.
  private static let exponents: [UInt8] = {
    let listed: [(UInt8, String)] = [
      (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
      (
        2,
        """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE \
        CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
        HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR \
        MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK \
        SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD \
        XCD XCG YER ZAR ZMW ZWG
        """
      ),
      (3, "BHD IQD JOD KWD LYD OMR TND"),
      (4, "CLF UYW"),
    ]
    var table = [UInt8](repeating: none, count: 26 * 26 * 26)
    for (exponent, codes) in listed {
      for code in codes.split(separator: " ") {
        let letters = Array(code.utf8)
        if let index = index(letters[0], letters[1], letters[2]) { table[index] = exponent }
      }
    }
    return table
  }()
}

/// An amount in whole minor units of a currency. Signed; zero is allowed.
public struct Money: Hashable, Sendable {
  public var amountMinor: Int64
  public var currency: Currency

  @inlinable
  public init(amountMinor: Int64, currency: Currency) {
    self.amountMinor = amountMinor
    self.currency = currency
  }
}

extension Money {
  /// For a sentence: `1234.50 USD`.
  public var text: String {
    MoneyTotal(totalMinor: Int128(amountMinor), currency: currency).text
  }
}

/// A sum of many amounts. It may not fit `Int64`, even if each amount does.
public struct MoneyTotal: Hashable, Sendable {
  /// In minor units.
  public var totalMinor: Int128
  public var currency: Currency

  public init(totalMinor: Int128, currency: Currency) {
    self.totalMinor = totalMinor
    self.currency = currency
  }

  /// In major units with the currency's decimals: `1234.50`.
  public var decimalText: String {
    let digits = Int(currency.exponent)
    var text = String(totalMinor.magnitude)
    if digits > 0 {
      text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
      text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
    }
    return (totalMinor < 0 ? "-" : "") + text
  }

  /// For a sentence: `1234.50 USD`.
  public var text: String { decimalText + " " + currency.code }
}

/// A monthly fee, exact to six decimals of the major unit: 83.333333 USD is 83,333,333 micros.
public struct MonthlyFee: Hashable, Sendable {
  /// Millionths of the major unit; never negative.
  public let micros: Int64
  public let currency: Currency

  @inlinable
  public init(micros: Int64, currency: Currency) {
    precondition(micros >= 0, "a fee is not negative")
    self.micros = micros
    self.currency = currency
  }

  /// For a sentence, with at least the currency's decimals: `50.00 USD`, `83.333333 USD`.
  public var text: String {
    let digits = String(micros % 1_000_000)
    var decimals = Substring(String(repeating: "0", count: 6 - digits.count) + digits)
    while decimals.count > Int(currency.exponent), decimals.last == "0" { decimals.removeLast() }
    return "\(micros / 1_000_000)\(decimals.isEmpty ? "" : ".")\(decimals) \(currency.code)"
  }

  /// The share `rate` of this fee.
  ///
  /// The product is calculated in `Int128`, which cannot overflow, and is rounded once.
  /// - Parameter rounding: the policy's rule. There is no default, so that no caller forgets it.
  /// - Throws: `AmountOutOfRange` if the result does not fit `Int64` minor units.
  /// - Source: credit rules, section 6.
  /// - Example: 10.05 USD at 1000 bp, `.halfUp`, is 1.01 USD.
  @inlinable
  public func portion(
    _ rate: BasisPoints, rounding: RoundingRule
  ) throws(AmountOutOfRange) -> Money {
    // micros x bp / 10^4 is micros; micros x minor-per-major / 10^6 is minor units.
    let product = Int128(micros) * Int128(rate.value) * Int128(currency.minorUnitsPerMajor)
    return Money(
      amountMinor: try rounding.divide(product, by: 10_000_000_000), currency: currency)
  }
}
