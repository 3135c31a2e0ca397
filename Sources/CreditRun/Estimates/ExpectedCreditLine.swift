import Documents
import ServiceCredits

/// A line of the CSV of estimates.
enum ExpectedCreditLine {
  private static let columns = [
    "customer_id", "customer_name", "subscription_id", "incident_id", "incident", "billing_month",
    "currency", "estimate", "estimate_minor", "recorded", "recorded_minor",
  ]

  static func appendHeader(to buffer: inout [UInt8]) {
    buffer += "\(columns.joined(separator: ","))\r\n".utf8
  }

  static func append(_ credit: ExpectedCredit, to buffer: inout [UInt8]) {
    var csv = CSVText()
    for id in [
      credit.customerId, credit.customerName, credit.subscriptionId, credit.incidentId,
    ] {
      id.withUnsafeBytes { csv.append(text: $0, to: &buffer) }
    }
    csv.append(text: credit.isOpen ? "open" : "resolved", to: &buffer)
    csv.append(to: &buffer) { credit.month.appendText(to: &$0) }
    csv.append(text: credit.change.currency.code, to: &buffer)
    let decimals = Int(credit.change.currency.exponent)
    for minor in [credit.change.amountMinor, credit.recordedMinor] {
      csv.append(to: &buffer) {
        appendDecimal(minor, decimals: decimals, atLeast: decimals, to: &$0)
      }
      csv.append(to: &buffer) { appendInteger(minor, to: &$0) }
    }
    csv.endLine(&buffer)
  }
}
