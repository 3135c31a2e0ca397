public import Postgres
import RedressSQL

/// A credit that two customers have for the same time of one subscription.
public struct CreditedTwice: Sendable {
  public let customer: String
  public let otherCustomer: String
  public let subscription: String
  public let incident: String

  /// Every one, by customer, subscription and incident.
  /// - Parameter since: the run after which one of the two was written.
  public static func all(
    since: Int64, _ connection: borrowing Connection
  ) throws -> [CreditedTwice] {
    try connection.rows(.verifyCreditedTwice, [.int64(since)]) { row in
      CreditedTwice(
        customer: row.text(0), otherCustomer: row.text(1), subscription: row.text(2),
        incident: row.text(3))
    }
  }
}
