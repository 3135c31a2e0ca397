import ServiceCredits

/// A decimal number of any size that is counted with exactly: `10`, `0.41667`, `9.76`.
enum PolicyDecimal {
  enum Fault: Hashable, Sendable {
    case malformed
    case zero
    /// More digits than products of three such numbers leave room for.
    case digits
  }

  static let mostDigits = 12
  static let mostDecimals = 18

  /// - Returns: more than zero.
  static func read(_ text: some StringProtocol) throws(Unreadable<Fault>) -> Fraction {
    guard isDecimal(text) else { throw Unreadable(fault: .malformed) }
    let parts = text.split(separator: ".")
    let decimals = parts.count == 1 ? "" : withoutTrailingZeros(String(parts[1]))
    guard parts[0].utf8.count <= mostDigits, decimals.utf8.count <= mostDecimals,
      let number = Int128(parts[0] + decimals)
    else { throw Unreadable(fault: .digits) }
    guard number > 0 else { throw Unreadable(fault: .zero) }
    var scale: Int128 = 1
    for _ in decimals.utf8 { scale *= 10 }
    do throws(AmountOutOfRange) {
      return try Fraction(number, over: scale)
    } catch {
      throw Unreadable(fault: .digits)
    }
  }
}

extension PolicyPercent {
  /// - Returns: exactly what is written, 100 for all; more than zero.
  static func readExact(
    _ text: String, atMost limit: Int64?
  ) throws(Unreadable<PercentFault>) -> Fraction {
    guard text.utf8.last == UInt8(ascii: "%"), isDecimal(text.dropLast()) else {
      // Says what is wrong, and guesses what was meant.
      _ = try read(text, atMost: BasisPoints(.max))
      throw Unreadable(fault: .malformed)
    }
    let percent: Fraction
    do throws(Unreadable<PolicyDecimal.Fault>) {
      percent = try PolicyDecimal.read(text.dropLast())
    } catch {
      throw Unreadable(fault: error.fault == .zero ? .zero : .digits)
    }
    if let limit, Fraction(whole: limit).isCertainlyLess(than: percent) {
      throw Unreadable(fault: .above(BasisPoints(Int32(limit * 100))))
    }
    return percent
  }
}

extension Fraction {
  /// Compares numbers of a policy, which are small enough for it.
  fileprivate func isCertainlyLess(than other: Fraction) -> Bool {
    do throws(AmountOutOfRange) {
      return try isLess(than: other)
    } catch {
      return floor < other.floor
    }
  }
}

private func withoutTrailingZeros(_ text: String) -> String {
  var rest = text[...]
  while rest.last == "0" { rest = rest.dropLast() }
  return String(rest)
}
