import ServiceCredits

extension PageCell {
  /// The cell for a terminal or a text file: the same value, digits without gaps.
  public var plainText: String {
    switch self {
    case .none: "-"
    case .text(let text), .code(let text), .link(let text, _), .anchor(let text, _): text
    case .count(let count): String(count)
    case .decimal(let micros, let decimals):
      String(decoding: DecimalText.micros(micros, atLeast: decimals), as: UTF8.self)
    case .amount(let money):
      MoneyTotal(totalMinor: Int128(money.amountMinor), currency: money.currency).decimalText
    case .money(let money): money.text
    case .moneys(let moneys):
      moneys.isEmpty ? "-" : moneys.map(\.text).joined(separator: ", ")
    case .invoices(let invoices):
      invoices.isEmpty
        ? "-"
        : invoices.map { invoices.count > 1 ? "\($0.id) \($0.placed.text)" : $0.id }
          .joined(separator: ", ")
    case .share(let share), .percent(let share): share.percentText + " %"
    case .time(let instant): instant.text
    case .moment(_, let local): local
    case .duration(let microseconds):
      PageCell.plain { appendDuration(microseconds, to: &$0) }
    case .month(let month): month.text
    }
  }

  private static func plain(_ body: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    body(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Appends `3:59:12`, with six decimals if there is a fraction of a second.
func appendDuration(_ microseconds: Int64, to bytes: inout [UInt8]) {
  let (seconds, fraction) = max(0, microseconds).quotientAndRemainder(dividingBy: 1_000_000)
  appendInteger(seconds / 3600, to: &bytes)
  bytes.append(UInt8(ascii: ":"))
  appendDigits(UInt64(seconds / 60 % 60), atLeast: 2, to: &bytes)
  bytes.append(UInt8(ascii: ":"))
  appendDigits(UInt64(seconds % 60), atLeast: 2, to: &bytes)
  if fraction > 0 {
    bytes.append(UInt8(ascii: "."))
    appendDigits(UInt64(fraction), atLeast: 6, to: &bytes)
  }
}
