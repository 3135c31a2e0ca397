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
    var sibling: Int32 = 0
    for position in keys.indices {
      let key = keys[position]
      if position > 0, !isSibling(key, keys[position - 1], records) { sibling += 1 }
      credits.append(
        PlaceableCredit(
          currency: key.currency, entitledMinor: key.entitledMinor, month: key.month,
          firstInstant: key.firstInstant, sibling: sibling))
      if let recorded = key.recorded {
        collectCarried(
          records.recorded[Int(recorded)], credit: Int32(position),
          isWatched: isWatched(position, records, night), records)
      }
    }
    placement.place(
      credits: credits, invoices: invoices, carried: carried, setsOff: night.setsOff,
      balance: night.balance)
    for over in placement.overcredited {
      let key = keys[Int(over.credit)]
      try report(key.overcredited(by: over.amountMinor, records))
    }
  }

  /// Whether the month of a key, or of another month's key of the same credit, is reconciled, so that its invoices are
  /// looked at. A line that was re-booked stands under both.
  private func isWatched(
    _ position: Int, _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext
  ) -> Bool {
    if night.window.contains(keys[position].month) { return true }
    for step in [-1, 1] {
      var other = position + step
      while keys.indices.contains(other), isSibling(keys[other], keys[position], records) {
        if night.window.contains(keys[other].month) { return true }
        other += step
      }
    }
    return false
  }

  /// Whether two keys are of one subscription and incident.
  func isSibling(
    _ one: KeyState, _ other: KeyState, _ records: borrowing CustomerRecords
  ) -> Bool {
    records.arena.equal(one.incident, other.incident)
      && records.arena.equal(one.subscription, other.subscription)
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
      let isSetOff = SetOffInvoice.isMeant(by: records.arena[line.invoice])
      let balance = BalanceInvoice.system(of: records.arena[line.invoice])
      let listed = openInvoice(line.invoice, records)
      if isWatched, !isSetOff, balance == nil {
        noteChangedDraft(line, recorded.currency, listed, records)
      }
      let found = carried[first...].firstIndex { part in
        switch part.invoice {
        case .listed(let other): other == listed
        case .settled(let other):
          records.arena.equal(records.lines[Int(other)].invoice, line.invoice)
        case .setOff: isSetOff
        case .balance(let other): other == balance
        }
      }
      if let found {
        carried[found].amountMinor -= line.amountMinor
      } else {
        carried.append(
          CarriedPart(
            credit: credit,
            invoice: isSetOff
              ? .setOff
              : balance.map { .balance($0) } ?? listed.map { .listed($0) }
                ?? .settled(line: Int32(position)),
            amountMinor: -line.amountMinor))
      }
    }
  }

  /// The id of an invoice that carries credits.
  func invoiceId(_ invoice: CarryingInvoice, _ records: borrowing CustomerRecords) -> ByteSlice {
    switch invoice {
    case .listed(let position): records.invoices[Int(position)].id
    case .settled(let line): records.lines[Int(line)].invoice
    case .setOff: records.arena.append(SetOffInvoice.bytes)
    case .balance(let system):
      Array(BalanceInvoice.id(of: system).utf8).withUnsafeBytes { records.arena.append($0) }
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
