package import Postgres
import RedressSQL
package import ServiceCredits

/// An entry of `redress.handover`, to be verified.
package struct NotedHandover: Sendable {
  package let customer: [UInt8]
  package let messageKey: String
  package let entry: Int32
  package let answer: String
  package let system: String
  package let invoice: [UInt8]
  package let currency: Currency
  /// `nil` of a credit note.
  package let key: HandoverLine.Key?
  package let amountMinor: Int64
  package let said: String
  /// Whether the digest is that of the row.
  package let isAsNoted: Bool

  /// The key that the message must have.
  package func expectedKey(ledger: String) -> String {
    guard let key else {
      return MessageKey.ofCreditNote(
        invoice: invoice, customer: customer, currency: currency, ledger: ledger)
    }
    return MessageKey.ofLine(key, customer: customer, currency: currency, ledger: ledger)
  }

  /// Calls `body` with every entry, message by message.
  package static func readAll(
    _ connection: consuming Connection, _ body: (NotedHandover) throws -> Void
  ) throws {
    var rows = try connection.copyOut(.handoverEntries)
    while try rows.next() {
      let key =
        rows.isNull(11)
        ? nil
        : HandoverLine.Key(
          subscription: rows.id(8), incident: rows.id(9),
          month: BillingMonth(daysSinceUnixEpoch: try rows.date(10)), number: try rows.int32(11))
      try body(
        NotedHandover(
          customer: rows.id(0), messageKey: rows.text(1), entry: try rows.int32(2),
          answer: rows.text(4), system: rows.text(5),
          invoice: rows.id(6), currency: try LedgerColumns.currency(rows, 7), key: key,
          amountMinor: try rows.int64(12), said: rows.text(13),
          isAsNoted: try rows.bool(14)))
    }
  }
}

/// An entry whose message stands for nothing of its amount.
package struct StrayHandover: Sendable {
  package let customer: String
  package let messageKey: String
  package let entry: Int32
  package let amountMinor: Int64
  /// What is there; `nil` for nothing.
  package let foundMinor: Int64?

  package static func all(_ connection: borrowing Connection) throws -> [StrayHandover] {
    try connection.rows(.handoverStray) { row in
      StrayHandover(
        customer: row.text(0), messageKey: row.text(1), entry: try row.int32(2),
        amountMinor: try row.int64(5), foundMinor: row.isNull(6) ? nil : try row.int64(6))
    }
  }
}

/// What tells this ledger from others.
package enum LedgerIdentity {
  /// - Returns: the ledger's id; empty where its row is missing.
  package static func id(_ connection: borrowing Connection) throws -> String {
    try connection.rows(.ledgerId) { $0.text(0) }.first ?? ""
  }
}
