import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// Lines that runs placed on an invoice that is now no draft or void invoice of the customer in
/// that currency. Usually it is finalized; otherwise it has changed.
package struct ChangedDraft {
  var invoice: ByteSlice
  var currency: Currency
  /// The amount of these credits on the invoice, in minor units.
  var amountMinor: Int64
  /// Position among the customer's invoices, if it is listed in another currency.
  var listed: Int32?
}

extension CustomerReconciliation {
  /// Records a line that a run placed, unless its invoice is still a draft or void.
  ///
  /// Lines that the invoicing system placed are ignored: the source need not list their invoices as
  /// drafts.
  mutating func noteChangedDraft(
    _ line: CustomerRecords.Line, _ currency: Currency, _ listed: Int32?,
    _ records: borrowing CustomerRecords
  ) {
    guard line.isRuns else { return }
    if let listed {
      let invoice = records.invoices[Int(listed)]
      // An invoice with an invalid currency has its own finding.
      guard invoice.open.currency != nil, invoice.open.currency != currency else { return }
      // A void invoice gives its credits back, whatever its currency is now.
      if case .void = invoice.open.state { return }
    }
    add(
      ChangedDraft(
        invoice: line.invoice, currency: currency, amountMinor: -line.amountMinor, listed: listed),
      records)
  }
}

/// Looks up, in batches, the present state of invoices that carry credits and are no longer drafts.
struct ChangedInvoices {
  private struct Question {
    let customer: [UInt8]
    let invoice: [UInt8]
    let carried: Money
  }

  private var questions: [Question] = []
  private static let batch = 4_096

  /// - Parameter report: called with each finding, and whether it was looked up.
  mutating func add(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords,
    night: borrowing ReconciliationContext,
    report: (Finding, Bool) throws -> Void
  ) throws {
    let arena = records.arena
    for carried in pass.changedInvoices where carried.amountMinor > 0 {
      let money = Money(amountMinor: carried.amountMinor, currency: carried.currency)
      let invoice = Array(arena[carried.invoice])
      if let listed = carried.listed {
        let now = String(
          decoding: arena[records.invoices[Int(listed)].currency], as: UTF8.self)
        try report(
          Finding(.invoice(invoice), .invoiceChanged(.currency(now), carried: money)), false)
      } else {
        questions.append(
          Question(customer: Array(arena[records.id]), invoice: invoice, carried: money))
      }
    }
    if questions.count >= ChangedInvoices.batch { try ask(night) { try report($0, true) } }
  }

  mutating func ask(_ night: borrowing ReconciliationContext, report: (Finding) throws -> Void)
    throws
  {
    guard !questions.isEmpty else { return }
    defer { questions.removeAll(keepingCapacity: true) }
    let asked = questions
    var changes = [Finding.InvoiceChange?](repeating: .vanished, count: asked.count)
    try night.connection.preferringIndexes {
      try night.connection.query(
        RedressSQL.Query.invoicesNow.text,
        [.textArray(asked.map { String(decoding: $0.invoice, as: UTF8.self) })]
      ) { row in
        let position = Int(try row.int64(0)) - 1
        let question = asked[position]
        guard changes[position] != nil else { return }
        let isCustomers = row.bytes(1).elementsEqual(question.customer)
        let isCurrencys = row.bytes(2).elementsEqual(question.carried.currency.codeBytes)
        if isCustomers, isCurrencys {
          changes[position] = nil
        } else if isCustomers {
          changes[position] = .currency(
            row.isNull(2) ? nil : String(decoding: row.bytes(2), as: UTF8.self))
        } else if changes[position] == .vanished {
          changes[position] = .customer(
            row.isNull(1) ? nil : Array(row.bytes(1)),
            isVoid: row.bytes(3).elementsEqual("void".utf8))
        }
      }
    }
    for (question, change) in zip(asked, changes) {
      guard let change else { continue }
      try report(
        Finding(.invoice(question.invoice), .invoiceChanged(change, carried: question.carried)))
    }
  }
}
