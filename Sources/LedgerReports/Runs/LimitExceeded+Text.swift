import ServiceCredits

extension LimitExceeded {
  /// `granted 300.00 USD, and the limit is 250.00 USD`.
  package var text: String {
    let amount = "\(isGranted ? "granted" : "taken back") \(total.text)"
    switch kind {
    case .amount(let limitMinor):
      let most = Money(amountMinor: limitMinor, currency: total.currency).text
      return "\(amount), and the limit is \(most)"
    case .share(let share, let feesMicros):
      // Rounded down to whole minor units: a limit must not look larger than it is.
      let currency = total.currency
      let feesMinor = feesMicros / Int128(1_000_000 / currency.minorUnitsPerMajor)
      let fees = MoneyTotal(totalMinor: feesMinor, currency: currency).text
      return
        "\(amount), and the limit is \(share.percentText) % of the monthly fees in force, \(fees)"
    }
  }
}
