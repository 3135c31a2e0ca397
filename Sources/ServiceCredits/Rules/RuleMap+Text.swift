// The one form in which rules are written, on one line each. Reading it gives an equal rule.

extension RuleMap {
  /// `{kind: multiple, of: downtime, times: 10}`
  public var text: String {
    "{\(entries.map { "\($0.name): \($0.content.text)" }.joined(separator: ", "))}"
  }
}

extension RuleContent {
  var text: String {
    switch self {
    case .duration(let microseconds): DurationText.short(microseconds)
    case .percent(let percent): "\(percent.decimalText())%"
    case .number(let number): number.decimalText()
    case .count(let count): String(count)
    case .word(let word): word
    case .value(let value): value.text
    case .map(let map): map.text
    case .list(let maps): "[\(maps.map(\.text).joined(separator: ", "))]"
    }
  }
}

extension RuleValue {
  /// As a policy file has it: `10%`, `2d`, `{amount: 9.76}`.
  public var text: String {
    switch self {
    case .share(let share): "\(share.decimalText(movingPoint: 2))%"
    case .days(let days): "\(days.decimalText())d"
    case .time(let microseconds): DurationText.short(microseconds)
    case .amount(let major): "{amount: \(major.decimalText())}"
    case .amounts(let amounts): "{amount: {\(RuleValue.listed(amounts) { "\($0): \($1)" })}}"
    case .largest(let values): "{largest: [\(values.map(\.text).joined(separator: ", "))]}"
    }
  }

  /// The amounts by code of the currency.
  static func listed(
    _ amounts: [Currency: Fraction], separator: String = ", ",
    _ text: (_ code: String, _ amount: String) -> String
  ) -> String {
    amounts.sorted { $0.key < $1.key }.map { text($0.key.code, $0.value.decimalText()) }
      .joined(separator: separator)
  }
}

extension DurationText {
  private static let units: [(name: String, microseconds: Int64)] = [
    ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1),
  ]

  /// The form that a policy is written in: `1h30m`, `1us`, `0s`. Hours are not converted to days.
  /// - Parameter microseconds: not negative.
  public static func short(_ microseconds: Int64) -> String {
    var text = ""
    var rest = microseconds
    for (name, length) in units where rest >= length {
      text += "\(rest / length)\(name)"
      rest %= length
    }
    return text.isEmpty ? "0s" : text
  }
}

extension Fraction {
  /// The number as a decimal: `99.95`, `0.1`, `10`.
  ///
  /// What a policy says was read from decimals, so the digits end. Of another number the first forty
  /// decimals are written.
  /// - Parameter places: how far the point is moved to the right: with 2, a share becomes a
  ///   percentage.
  /// - Precondition: not negative.
  public func decimalText(movingPoint places: Int = 0) -> String {
    precondition(numerator >= 0, "a policy has no negative number")
    var (whole, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    var digits = String(whole)
    var decimals = ""
    while decimals.utf8.count < 40, rest != 0 || decimals.utf8.count < places {
      (whole, rest) = (rest * 10).quotientAndRemainder(dividingBy: denominator)
      decimals += String(whole)
    }
    digits += decimals.prefix(places)
    decimals = String(decimals.dropFirst(places))
    let leading = digits.prefix { $0 == "0" }.count
    digits = String(digits.dropFirst(min(leading, digits.utf8.count - 1)))
    return decimals.isEmpty ? digits : "\(digits).\(decimals)"
  }
}
