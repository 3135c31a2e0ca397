import ServiceCredits

extension LimitExceeded {
  /// `granted 300.00 USD, and may come to 250.00 USD`; after other runs of the day `granted 200.00 USD, 300.00 USD with
  /// what earlier runs of the day granted, and may come to 250.00 USD`.
  package var text: String {
    let verb = isGranted ? "granted" : "taken back"
    return "\(verb) \(total.text)\(earlierText), and may come to \(mostText)"
  }

  private var earlierText: String {
    guard earlierMinor > 0 else { return "" }
    let sum = MoneyTotal(totalMinor: total.totalMinor + earlierMinor, currency: total.currency)
    return ", \(sum.text) with what earlier runs of the day \(isGranted ? "granted" : "took back")"
  }

  private var mostText: String {
    switch kind {
    case .amount(let limitMinor):
      Money(amountMinor: limitMinor, currency: total.currency).text
    case .share(let share, let feesMicros):
      "\(text(feesMicros * Int128(share.value) / 10_000)) "
        + "(\(share.percentText) % of the monthly fees, \(text(feesMicros)))"
    }
  }

  /// Rounded down to whole minor units: a limit must not look larger than it is.
  private func text(_ micros: Int128) -> String {
    let minor = micros / Int128(1_000_000 / total.currency.minorUnitsPerMajor)
    return MoneyTotal(totalMinor: minor, currency: total.currency).text
  }
}
