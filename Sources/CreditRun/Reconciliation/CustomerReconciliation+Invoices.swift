import CreditLedger
import ServiceCredits

/// Where the credits of the customer at hand go.
extension CustomerReconciliation {
  mutating func place(
    _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    credits.removeAll(keepingCapacity: true)
    invoices.removeAll(keepingCapacity: true)
    carried.removeAll(keepingCapacity: true)
    for invoice in 0..<records.invoices.count { invoices.append(records.invoices[invoice].open) }
    for position in keys.indices {
      let key = keys[position]
      credits.append(
        PlaceableCredit(
          currency: key.currency, entitledMinor: key.entitledMinor, month: key.month,
          firstInstant: key.firstInstant))
      if let recorded = key.recorded {
        collectCarried(
          records.recorded[Int(recorded)], credit: Int32(position),
          isWatched: night.window.contains(key.month), records)
      }
    }
    placement.place(credits: credits, invoices: invoices, carried: carried)
    for over in placement.overcredited {
      let key = keys[Int(over.credit)]
      try report(key.overcredited(by: over.amountMinor, records))
    }
  }

  /// Nets the key's lines by invoice.
  /// - Parameter isWatched: whether the credit's month is reconciled, so that its invoices are looked at.
  mutating func collectCarried(
    _ recorded: CustomerRecords.Recorded, credit: Int32, isWatched: Bool,
    _ records: borrowing CustomerRecords
  ) {
    let first = carried.count
    let lines = Int(recorded.firstLine)..<Int(recorded.firstLine + recorded.lineCount)
    for position in lines {
      let line = records.lines[position]
      let invoice = openInvoice(line.invoice, records)
      if isWatched { noteChangedDraft(line, recorded.currency, invoice, records) }
      var isMerged = false
      for part in first..<carried.count where carried[part].invoice == invoice {
        carried[part] = CarriedPart(
          credit: credit, invoice: invoice,
          amountMinor: carried[part].amountMinor - line.amountMinor)
        isMerged = true
      }
      if !isMerged {
        carried.append(
          CarriedPart(credit: credit, invoice: invoice, amountMinor: -line.amountMinor))
      }
    }
  }

  mutating func add(_ carried: ChangedDraft, _ records: borrowing CustomerRecords) {
    for position in changedInvoices.indices
    where changedInvoices[position].currency == carried.currency
      && records.arena.equal(changedInvoices[position].invoice, carried.invoice)
    {
      changedInvoices[position].amountMinor += carried.amountMinor
      return
    }
    changedInvoices.append(carried)
  }

  mutating func append(_ possible: PossibleRewriting) { rewritings.append(possible) }

  func openInvoice(_ id: ByteSlice, _ records: borrowing CustomerRecords) -> Int32? {
    for position in 0..<records.invoices.count
    where records.arena.equal(records.invoices[position].id, id) {
      return Int32(position)
    }
    return nil
  }
}
