package import Postgres
import RedressSQL
package import ServiceCredits

/// What is handed to another system by one message, with what is known of it so far.
package struct HandoverLine: Sendable {
  /// The key of a line within its customer and currency.
  package struct Key: Hashable, Sendable {
    package let subscription: [UInt8]
    package let incident: [UInt8]
    package let month: BillingMonth
    package let number: Int32

    package init(subscription: [UInt8], incident: [UInt8], month: BillingMonth, number: Int32) {
      self.subscription = subscription
      self.incident = incident
      self.month = month
      self.number = number
    }
  }

  package enum Answer: String, Sendable, CaseIterable {
    /// Noted before it is sent.
    case begun
    /// The other system has it.
    case sent
    /// The other system will not take it.
    case refused
    /// Nobody knows.
    case unknown
  }

  /// What was noted of a message.
  package struct Noted: Sendable {
    package var entries: Int32 = 0
    package var attempts: Int32 = 0
    /// The newest; `nil` where nothing was noted.
    package var newest: Answer?
    package var isSent = false
    /// The id in the other system, once it is sent.
    package var remoteId: String?
    /// The amount as it was said first.
    package var said: String?
    /// How long ago it was first begun to be sent.
    package var secondsSinceBegun: Int64?
    /// How long ago the newest entry was noted.
    package var secondsSinceNoted: Int64?
  }

  package let customer: [UInt8]
  package let currency: Currency
  /// `nil` of a credit note.
  package let key: Key?
  package let invoice: [UInt8]
  /// Negative is for the customer.
  package let amountMinor: Int64
  /// The run that wrote the line, or the newest that wrote to the invoice; `nil` where none did.
  package let runId: Int64?
  /// The instant that this run took for now.
  package let asOf: Instant?
  package let noted: Noted

  package func messageKey(ledger: String) -> String {
    guard let key else {
      return MessageKey.ofCreditNote(
        invoice: invoice, customer: customer, currency: currency, ledger: ledger)
    }
    return MessageKey.ofLine(key, customer: customer, currency: currency, ledger: ledger)
  }
}

/// The lines of a system's pseudo invoice by customer and currency, in the order in which they were written: what is for
/// the customer first within a run. Later runs append to this order and change nothing of it.
package struct HandoverLines: ~Copyable {
  private var rows: CopyReader

  package init(_ system: BalanceSystem, _ connection: consuming Connection) throws {
    rows = try connection.copyOut(.handoverLines, [BalanceInvoice.id(of: system)])
  }

  /// What finalized invoices carry that were issued on a day or later.
  /// - Parameter issuedFrom: days since 1970-01-01.
  package init(
    creditNotesOf system: BalanceSystem, issuedFrom: CalendarDate,
    _ connection: consuming Connection
  ) throws {
    rows = try connection.copyOut(.handoverInvoices, [issuedFrom.text, system.rawValue])
  }

  package mutating func next() throws -> HandoverLine? {
    typealias Column = HandoverLineColumn
    guard try rows.next() else { return nil }
    var noted = HandoverLine.Noted()
    noted.entries = try rows.int32(Column.entries)
    noted.attempts = try rows.int32(Column.attempts)
    noted.newest = rows.optionalText(Column.newestAnswer.rawValue).flatMap {
      HandoverLine.Answer(rawValue: $0)
    }
    noted.isSent = try rows.bool(Column.isSent)
    noted.remoteId = rows.optionalText(Column.remoteId.rawValue)
    noted.said = rows.optionalText(Column.said.rawValue)
    noted.secondsSinceBegun =
      rows.isNull(Column.secondsSinceBegun) ? nil : try rows.int64(Column.secondsSinceBegun)
    noted.secondsSinceNoted =
      rows.isNull(Column.secondsSinceNoted) ? nil : try rows.int64(Column.secondsSinceNoted)
    let key =
      rows.isNull(Column.line)
      ? nil
      : HandoverLine.Key(
        subscription: rows.id(Column.subscriptionId.rawValue),
        incident: rows.id(Column.incidentId.rawValue),
        month: BillingMonth(daysSinceUnixEpoch: try rows.date(Column.billingMonth)),
        number: try rows.int32(Column.line))
    return HandoverLine(
      customer: rows.id(Column.customerId.rawValue),
      currency: try LedgerColumns.currency(rows, Column.currency), key: key,
      invoice: rows.id(Column.invoiceId.rawValue), amountMinor: try rows.int64(Column.amountMinor),
      runId: rows.isNull(Column.runId) ? nil : try rows.int64(Column.runId),
      asOf: try rows.instant(Column.asOf.rawValue), noted: noted)
  }
}

/// An entry of `redress.handover`.
package struct HandoverEntry: Sendable {
  package let line: HandoverLine
  package let messageKey: String
  package let system: BalanceSystem
  package let entry: Int32
  package let attempt: Int32
  package let answer: HandoverLine.Answer
  package let said: String
  package let remoteId: String?
  package let message: String?

  package init(
    _ line: HandoverLine, messageKey: String, system: BalanceSystem, entry: Int32, attempt: Int32,
    answer: HandoverLine.Answer, said: String, remoteId: String? = nil, message: String? = nil
  ) {
    self.line = line
    self.messageKey = messageKey
    self.system = system
    self.entry = entry
    self.attempt = attempt
    self.answer = answer
    self.said = said
    self.remoteId = remoteId
    self.message = message
  }

  /// Appends it. Who and when are the server's to say.
  package func append(_ connection: borrowing Connection) throws {
    func text(_ bytes: [UInt8]) -> Parameter { .text(String(decoding: bytes, as: UTF8.self)) }
    try connection.query(
      RedressSQL.Query.insertHandover.text,
      [
        text(line.customer), .text(messageKey), .int32(entry), .int32(attempt),
        .text(answer.rawValue), .text(system.rawValue), text(line.invoice),
        .text(line.currency.code), line.key.map { text($0.subscription) } ?? .null,
        line.key.map { text($0.incident) } ?? .null,
        line.key.map { .date($0.month.daysSinceUnixEpoch) } ?? .null,
        line.key.map { .int32($0.number) } ?? .null, .int64(line.amountMinor), .text(said),
        remoteId.map { .text($0) } ?? .null, message.map { .text($0) } ?? .null,
      ])
  }
}
