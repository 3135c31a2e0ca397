import Documents
import ServiceCredits

extension PolicyComparison {
  static let columns = [
    "row", "billing_month", "currency", "tier", "plan", "customer_id", "customer_name",
    "recorded", "today_credits", "today", "new_credits", "new", "difference",
  ]

  /// One table. `total` rows hold a month and currency, `tier_and_plan` rows are the parts of the
  /// totals, `gains` and `loses` rows are the customers with the largest differences. Only `total`
  /// rows have `recorded`.
  package var csv: [UInt8] {
    var buffer = Array(PolicyComparison.columns.joined(separator: ",").utf8)
    buffer += Array("\r\n".utf8)
    for total in totals {
      var csv = CSVText()
      csv.append(plain: "total", to: &buffer)
      append(total.month, total.currency, &csv, to: &buffer)
      for _ in 0..<4 { csv.appendEmpty(to: &buffer) }
      csv.append(to: &buffer) { WideAmount.append(total.recordedMinor, total.currency, to: &$0) }
      append(total.pair, total.currency, &csv, to: &buffer)
    }
    for cell in cells {
      var csv = CSVText()
      csv.append(plain: "tier_and_plan", to: &buffer)
      append(cell.month, cell.currency, &csv, to: &buffer)
      csv.append(text: cell.tier.words, to: &buffer)
      (cell.plan ?? Array("(others)".utf8)).withUnsafeBytes { csv.append(text: $0, to: &buffer) }
      for _ in 0..<3 { csv.appendEmpty(to: &buffer) }
      append(cell.pair, cell.currency, &csv, to: &buffer)
    }
    for group in customers {
      append("gains", group.gainMost, group.currency, to: &buffer)
      append("loses", group.loseMost, group.currency, to: &buffer)
    }
    return buffer
  }

  private func append(
    _ month: BillingMonth, _ currency: Currency, _ csv: inout CSVText, to buffer: inout [UInt8]
  ) {
    csv.append(to: &buffer) { month.appendText(to: &$0) }
    csv.append(to: &buffer) { $0 += currency.codeBytes }
  }

  private func append(
    _ pair: Pair, _ currency: Currency, _ csv: inout CSVText, to buffer: inout [UInt8]
  ) {
    csv.append(to: &buffer) { appendInteger(pair.today.credits, to: &$0) }
    csv.append(to: &buffer) { WideAmount.append(pair.today.minor, currency, to: &$0) }
    csv.append(to: &buffer) { appendInteger(pair.new.credits, to: &$0) }
    csv.append(to: &buffer) { WideAmount.append(pair.new.minor, currency, to: &$0) }
    csv.append(to: &buffer) { WideAmount.append(pair.differenceMinor, currency, to: &$0) }
    csv.endLine(&buffer)
  }

  private func append(
    _ row: StaticString, _ customers: [Customer], _ currency: Currency, to buffer: inout [UInt8]
  ) {
    for customer in customers {
      var csv = CSVText()
      csv.append(plain: row, to: &buffer)
      csv.appendEmpty(to: &buffer)
      csv.append(to: &buffer) { $0 += currency.codeBytes }
      for _ in 0..<2 { csv.appendEmpty(to: &buffer) }
      customer.id.withUnsafeBytes { csv.append(text: $0, to: &buffer) }
      customer.name.withUnsafeBytes { csv.append(text: $0, to: &buffer) }
      for _ in 0..<2 { csv.appendEmpty(to: &buffer) }
      csv.append(to: &buffer) { WideAmount.append(customer.todayMinor, currency, to: &$0) }
      csv.appendEmpty(to: &buffer)
      csv.append(to: &buffer) { WideAmount.append(customer.newMinor, currency, to: &$0) }
      csv.append(to: &buffer) { WideAmount.append(customer.differenceMinor, currency, to: &$0) }
      csv.endLine(&buffer)
    }
  }
}
