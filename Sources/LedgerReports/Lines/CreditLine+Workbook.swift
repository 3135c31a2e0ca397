import ServiceCredits
public import Workbooks

extension CreditLine {
  /// The columns of the CSV, with their widths. The headings of times say that they are in UTC.
  public static func sheetColumns(ofMonth: Bool) -> [SheetColumn] {
    columns.filter { !ofMonth || $0 != "kind" }.map { name in
      switch name {
      case "outage_started_at", "outage_ended_at": SheetColumn("\(name) (UTC)", width: 22)
      case "customer_name", "incident_title": SheetColumn(name, width: 30)
      case "tier": SheetColumn(name, width: 27)
      case "customer_id", "subscription_id", "service_name", "policy_version":
        SheetColumn(name, width: 18)
      case "percent_before_cap": SheetColumn(name, width: 19)
      case "run_id", "severity", "percent", "currency", "invoices": SheetColumn(name, width: 10)
      default: SheetColumn(name, width: 15)
      }
    }
  }

  /// Appends the line as a row. Ids, names and codes are texts; amounts and lengths are numbers;
  /// months and times are dates.
  public func append(to book: inout Workbook) throws(WorkbookError) {
    if hasNumber { try book.append(runId) } else { book.appendEmpty() }
    if let kind { try book.append(text: kind.rawValue) }
    try book.append(month: month.daysSinceUnixEpoch) { month.appendText(to: &$0) }
    try book.append(text: customerId)
    try book.append(text: customerName)
    try book.append(text: customerTier)
    try book.append(text: subscriptionId)
    try book.append(text: basis?.serviceId ?? .empty)
    try book.append(text: basis?.serviceName ?? .empty)
    try book.append(text: basis?.plan ?? .empty)
    try appendDecision(to: &book)
    let decimals = Int(amount.currency.exponent)
    if let basis {
      let fee = Fraction(basis.feeMicros, decimals: 6, atLeast: decimals)
      try book.append(fee.value, decimals: fee.decimals, grouped: true)
    } else {
      book.appendEmpty()
    }
    try book.append(text: amount.currency.code)
    try append(minor: amount.amountMinor, to: &book)
    try book.append(text: placement.invoiceId)
    try book.append(Int64(placement.invoices))
    try append(minor: placement.placedMinor, to: &book)
    try append(minor: placement.openMinor, to: &book)
    try append(minor: placement.overcreditedMinor, to: &book)
    try book.append(text: basis?.policyVersion ?? .empty)
    try book.append(text: posting.day.text)
    try book.append(text: posting.isLate ? "yes" : "")
    try book.endRow()
  }

  /// Appends an amount in major and in minor units.
  private func append(minor: Int64, to book: inout Workbook) throws(WorkbookError) {
    try book.append(minor, decimals: Int(amount.currency.exponent), grouped: true)
    try book.append(minor)
  }

  /// Appends the cells from incident_id to percent_before_cap.
  private func appendDecision(to book: inout Workbook) throws(WorkbookError) {
    try book.append(text: incidentId)
    try book.append(text: incidentTitle)
    if let basis {
      try book.append(text: basis.severity.code)
      for instant in [basis.outage.start, basis.outage.end] {
        try book.append(instant: instant.microseconds) { instant.appendText(to: &$0) }
      }
    } else {
      for _ in 0..<3 { book.appendEmpty() }
    }
    book.append(duration: countedMicroseconds)
    let seconds = Fraction(countedMicroseconds, decimals: 6, atLeast: 0)
    try book.append(seconds.value, decimals: seconds.decimals)
    try book.append(text: basis?.decider.words ?? "")
    for percent in [percent, percentBeforeCap] {
      if let percent { book.append(basisPoints: percent.value) } else { book.appendEmpty() }
    }
  }
}

/// A decimal number without trailing zeros.
private struct Fraction {
  private(set) var value: Int64
  private(set) var decimals: Int

  init(_ value: Int64, decimals: Int, atLeast minimum: Int) {
    self.value = value
    self.decimals = decimals
    while self.decimals > minimum, self.value % 10 == 0 {
      self.value /= 10
      self.decimals -= 1
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate static var empty: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: nil, count: 0)
  }
}
