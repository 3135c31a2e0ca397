package import Postgres
import RedressSQL
package import ServiceCredits

/// A credit of which invoices carry less than the customer is entitled to.
package struct OpenCredit: Sendable {
  package let customerId: String
  package let customerName: String
  package let subscriptionId: String
  package let incidentId: String
  package let month: BillingMonth
  package let currency: Currency
  /// The run that granted it.
  package let firstRun: Int64
  /// Amounts in minor units.
  package let entitledMinor: Int64
  package let placedMinor: Int64

  package var openMinor: Int64 { entitledMinor - placedMinor }
}

/// The open credits of all months, by customer, currency and the run that granted them. Read as a
/// stream.
package struct OpenCredits: ~Copyable {
  private var rows: CopyReader

  /// - Parameter open: opens a connection on the report's snapshot; called once.
  package init(_ moment: LedgerMoment, open: () throws -> Connection) throws {
    rows = try open().copyOut(.reportOpenCredits, ["\(moment.run)", moment.time.text])
  }

  package mutating func next() throws -> OpenCredit? {
    guard try rows.next() else { return nil }
    return OpenCredit(
      customerId: rows.text(0), customerName: rows.text(5), subscriptionId: rows.text(1),
      incidentId: rows.text(2),
      month: BillingMonth(daysSinceUnixEpoch: try rows.date(3)),
      currency: try LedgerColumns.currency(rows, 4), firstRun: try rows.int64(6),
      entitledMinor: try rows.int64(7), placedMinor: try rows.int64(8))
  }
}
