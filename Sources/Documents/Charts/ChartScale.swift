public import ServiceCredits

/// The unit of a chart's numbers.
public struct ChartUnit: Hashable, Sendable {
  /// Written at the axis: `USD`, `% of the monthly fees`, `credits`.
  public let name: String
  /// Values are whole numbers of 10 to the power of minus this; 0 to 6.
  public let decimals: Int
  /// Written after each number: ` %`.
  public let suffix: String

  public init(name: String, decimals: Int = 0, suffix: String = "") {
    precondition((0...6).contains(decimals), "decimals are 0 to 6")
    self.name = name
    self.decimals = decimals
    self.suffix = suffix
  }

  public static func money(_ currency: Currency) -> ChartUnit {
    ChartUnit(name: currency.code, decimals: Int(currency.exponent))
  }

  /// For values in basis points.
  public static func percent(of whole: String) -> ChartUnit {
    ChartUnit(name: whole, decimals: 2, suffix: " %")
  }

  /// The full number. Amounts have all decimals: `1234.50`. Percents have the decimals that they
  /// need.
  public func text(_ value: Int64) -> String {
    var text: [UInt8] = []
    appendDecimal(value, decimals: decimals, atLeast: suffix.isEmpty ? decimals : 0, to: &text)
    return String(decoding: text, as: UTF8.self) + suffix
  }

  /// A short number for an axis that reaches to `highest`: `250`, `1.5 k`, `20 M`.
  func axisLabel(_ value: Int128, highest: Int128) -> String {
    var unitsPerMajor: Int128 = 1
    for _ in 0..<decimals { unitsPerMajor *= 10 }
    var exponent = 0
    var mark = ""
    for (power, name) in [(3, " k"), (6, " M"), (9, " bn"), (12, " tn")] {
      var factor = unitsPerMajor
      for _ in 0..<power { factor *= 10 }
      guard highest >= factor * (power == 3 ? 10 : 1) else { break }
      exponent = power
      mark = name
    }
    var text: [UInt8] = []
    appendDecimal(Int64(clamping: value), decimals: decimals + exponent, atLeast: 0, to: &text)
    return String(decoding: text, as: UTF8.self) + (value == 0 ? "" : mark) + suffix
  }
}

/// A linear axis over whole numbers. The distance between its marks is 1, 2 or 5 times a power of
/// ten.
struct ChartScale {
  let lowest: Int128
  let highest: Int128
  let step: Int128

  /// An axis that includes zero and every value.
  /// - Parameters:
  ///   - steps: the approximate number of marks.
  ///   - finest: the smallest distance between marks; 1 if the values are counts.
  init(_ values: some Sequence<Int64>, steps: Int = 5, finest: Int128 = 1) {
    var low: Int128 = 0
    var high: Int128 = 0
    for value in values {
      low = min(low, Int128(value))
      high = max(high, Int128(value))
    }
    let wanted = max(finest, (high - low + Int128(steps) - 1) / Int128(steps))
    var power: Int128 = 1
    while power * 10 <= wanted { power *= 10 }
    let step = [1, 2, 5, 10].map { power * $0 }.first { $0 >= wanted } ?? power * 10
    self.step = step
    lowest = -((-low + step - 1) / step) * step
    highest = max(lowest + step, (high + step - 1) / step * step)
  }

  var marks: [Int128] {
    (0...Int((highest - lowest) / step)).map { lowest + Int128($0) * step }
  }

  /// The position of `value` on an axis of this length, rounded to the nearest.
  func position(_ value: Int64, length: Int) -> Int {
    position(Int128(value), length: length)
  }

  func position(_ value: Int128, length: Int) -> Int {
    let span = highest - lowest
    return Int(((value - lowest) * Int128(length) * 2 + span) / (span * 2))
  }
}
