import Postgres
import RedressSQL
import ServiceCredits

/// A query of one month's rows of a ledger table, for several months at once.
///
/// Each month lies together in the table's index, in the order of its credits. So the server merges
/// as many index scans as there are months, and sorts nothing.
struct MonthlyRows {
  private let query: RedressSQL.Query
  private let months: [BillingMonth]
  /// Rows of other months, in the same order.
  private var others: String?

  /// - Parameters:
  ///   - query: its only parameter is the month.
  ///   - months: not empty.
  init(_ query: RedressSQL.Query, of months: [BillingMonth], and others: String? = nil) {
    self.query = query
    self.months = months
    self.others = others
  }

  /// The whole query, in the order of customer, subscription, incident, currency and `last`.
  func text(last: String) -> String {
    var parts = months.map { query.text.replacing("$1", with: "'\($0.text)-01'") }
    if let others { parts.append(others) }
    // Without a month there is no row; the columns are those of any month.
    if parts.isEmpty { parts = [query.text.replacing("$1", with: "NULL")] }
    return """
      SELECT * FROM (\(parts.map { "(\($0))" }.joined(separator: "\nUNION ALL\n"))) AS r
       ORDER BY customer_id, subscription_id, incident_id, currency, \(last)
      """
  }
}
