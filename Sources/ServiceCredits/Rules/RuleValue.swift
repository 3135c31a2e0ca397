/// What a rule grants for one step or one unit.
/// - Source: policy language, section 3.
public indirect enum RuleValue: Hashable, Sendable {
  /// A share of the base; 1 is all of it.
  case share(Fraction)
  /// So much of the base as so many days are of the month.
  case days(Fraction)
  /// So much of the base as this time is of the period, in microseconds.
  case time(Int64)
  /// Money in whichever currency the fee has, in major units.
  case amount(Fraction)
  /// Money by currency, in major units. In another currency it grants nothing.
  case amounts([Currency: Fraction])
  case largest([RuleValue])

  /// Whether it is in proportion to the fee.
  var isOfFee: Bool {
    switch self {
    case .share, .days, .time: true
    case .amount, .amounts: false
    case .largest(let values): values.allSatisfy(\.isOfFee)
    }
  }
}

extension RuleValue {
  /// Whether both are said in one way, so that one is the larger whatever the fee and the month.
  func isOfOneForm(with other: RuleValue) -> Bool {
    switch (self, other) {
    case (.share, .share), (.days, .days), (.time, .time), (.amount, .amount): true
    case (.amounts(let own), .amounts(let others)): Set(own.keys) == Set(others.keys)
    default: self == other
    }
  }

  /// Whether it is smaller, in any currency; `false` where the two are not of one form.
  func isLess(than other: RuleValue) -> Bool {
    guard isOfOneForm(with: other) else { return false }
    let pairs: [(Fraction, Fraction)]
    switch (self, other) {
    case (.share(let own), .share(let other)), (.days(let own), .days(let other)),
      (.amount(let own), .amount(let other)):
      pairs = [(own, other)]
    case (.time(let own), .time(let other)): return own < other
    case (.amounts(let own), .amounts(let others)):
      pairs = own.compactMap { currency, amount in others[currency].map { (amount, $0) } }
    default: return false
    }
    do throws(AmountOutOfRange) {
      for (own, other) in pairs where try own.isLess(than: other) { return true }
      return false
    } catch {
      return false
    }
  }
}

/// What a rule's value is a part of.
/// - Source: policy language, section 3.
public struct BaseRule: Hashable, Sendable {
  public enum Fee: Hashable, Sendable {
    /// The full fee of the term in force at the first counted instant.
    case month
    /// What the terms in the period are billed for it.
    case billed
  }

  public var fee = Fee.month
  public var share = Fraction.one
  /// The length of a month in microseconds; `nil` for the calendar's.
  public var monthLength: Int64?
  /// The days of a month; `nil` for the calendar's.
  public var days: Int64?

  public init() {}
}

/// A base at hand: the money, and the period that times and days are compared with.
public struct Base: Sendable {
  /// Minor units.
  let minor: Fraction
  let currency: Currency
  /// Microseconds.
  let length: Fraction
  let days: Fraction

  private var unitsPerMajor: Fraction { Fraction(whole: Int64(currency.minorUnitsPerMajor)) }

  /// A value in minor units, exact.
  func minor(of value: RuleValue) throws(AmountOutOfRange) -> Fraction {
    switch value {
    case .share(let share): return try minor * share
    case .days(let count): return try minor * (try count / days)
    case .time(let microseconds):
      return try minor * (try Fraction(whole: microseconds) / length)
    case .amount(let major): return try major * unitsPerMajor
    case .amounts(let amounts): return try (amounts[currency] ?? .zero) * unitsPerMajor
    case .largest(let values):
      var largest = Fraction.zero
      for value in values { largest = try largest.larger(try minor(of: value)) }
      return largest
    }
  }
}
