package import Postgres
import RedressSQL

/// Whether an amount holds tax.
package enum TaxInAmount: String, Sendable {
  case included, excluded
  /// The source does not say, or says different things.
  case unknown
}

/// What the source says of the amounts of subscriptions or invoices, customer by customer.
///
/// - Source: the optional column `tax` of `redress_source.subscription_term` and `redress_source.invoice`.
package struct HandoverTaxes: ~Copyable {
  package enum Amounts: String, Sendable {
    /// The fees of subscriptions, of which credits are a share.
    case fees = "subscription_term"
    /// The amounts due of invoices.
    case invoices = "invoice"
  }

  private var rows: CopyReader
  private var isAtRow: Bool
  private var customer: [UInt8] = []
  private var ofCustomer: [[UInt8]: TaxInAmount] = [:]

  /// Whether the source says anything.
  package static func areTold(
    of amounts: Amounts, _ connection: borrowing Connection
  ) throws -> Bool {
    var areTold = false
    try connection.query(RedressSQL.Query.sourceTellsTax.text, [.text(amounts.rawValue)]) {
      areTold = try $0.bool(0)
    }
    return areTold
  }

  package init(of amounts: Amounts, _ connection: consuming Connection) throws {
    var rows = try connection.copyOut(
      amounts == .fees ? .handoverFeeTaxes : .handoverInvoiceTaxes, [])
    isAtRow = try rows.next()
    self.rows = rows
  }

  /// - Parameters:
  ///   - id: of the subscription or invoice.
  ///   - owner: its customer; customers are asked for in byte order.
  package mutating func tax(of id: [UInt8], owner: [UInt8]) throws -> TaxInAmount {
    if customer != owner { try move(to: owner) }
    return ofCustomer[id] ?? .unknown
  }

  private mutating func move(to owner: [UInt8]) throws {
    customer = owner
    ofCustomer.removeAll(keepingCapacity: true)
    while isAtRow {
      let found = rows.id(0)
      if owner.lexicographicallyPrecedes(found) { return }
      if found == owner {
        ofCustomer[rows.id(1)] = TaxInAmount(rawValue: try rows.string(2)) ?? .unknown
      }
      isAtRow = try rows.next()
    }
  }
}
