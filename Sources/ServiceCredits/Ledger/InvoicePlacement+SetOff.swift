/// What is set off: what final invoices carry too much of one credit is taken for another that is open.
///
/// It rests on two reasons, which are looked at each time: the one credit has more on final invoices than is due, and
/// the other is due and on no invoice. Where a reason goes away, as much is undone, whatever the policy says today.
extension InvoicePlacement {
  /// Moves what was set off of a credit to its new month.
  mutating func moveSetOff(from old: Int, to new: Int, _ credits: [PlaceableCredit]) {
    let amountMinor = min(
      setOffMinor[old], placedMinor[old] - credits[old].entitledMinor,
      credits[new].entitledMinor - placedMinor[new])
    guard amountMinor > 0 else { return }
    addSetOff(-amountMinor, to: old)
    addSetOff(amountMinor, to: new)
  }

  /// Undoes what has no reason any more: on both sides as much, so that the sum stays zero. Of several
  /// credits that are set off the newest lose it first.
  mutating func undoSetOffs(_ credits: [PlaceableCredit], _ invoices: [OpenInvoice]) {
    guard setOffMinor.contains(where: { $0 != 0 }) else { return }
    for given in order where setOffMinor[Int(given)] < 0 {
      // Those that have lost their own reason first.
      for losesReason in [true, false] {
        for taken in order.reversed() where setOffMinor[Int(taken)] > 0 {
          let mostMinor =
            losesReason
            ? withoutReasonMinor(Int(taken), credits, invoices) : setOffMinor[Int(taken)]
          undo(
            min(withoutReasonMinor(Int(given), credits, invoices), mostMinor), given: Int(given),
            taken: Int(taken), credits)
        }
      }
    }
    for taken in order.reversed() where setOffMinor[Int(taken)] > 0 {
      for given in order.reversed() where setOffMinor[Int(given)] < 0 {
        undo(
          min(withoutReasonMinor(Int(taken), credits, invoices), -setOffMinor[Int(given)]),
          given: Int(given), taken: Int(taken), credits)
      }
    }
  }

  private mutating func undo(
    _ amountMinor: Int64, given: Int, taken: Int, _ credits: [PlaceableCredit]
  ) {
    guard amountMinor > 0, credits[given].currency == credits[taken].currency else { return }
    addSetOff(amountMinor, to: given)
    addSetOff(-amountMinor, to: taken)
  }

  /// How much of what is set off of a credit has no reason. What of it is on drafts and balances does not count: a decrease
  /// is taken off them first.
  private func withoutReasonMinor(
    _ credit: Int, _ credits: [PlaceableCredit], _ invoices: [OpenInvoice]
  ) -> Int64 {
    var finalMinor: Int64 = 0
    for part in parts
    where part.credit == Int32(credit) && !InvoicePlacement.givesBack(part.invoice, invoices) {
      finalMinor += part.amountMinor
    }
    let aboveMinor = finalMinor - credits[credit].entitledMinor
    return setOffMinor[credit] < 0
      ? max(0, -setOffMinor[credit] - max(0, aboveMinor))
      : max(0, setOffMinor[credit] - max(0, -aboveMinor))
  }

  /// Sets what final invoices carry too much off against open credits of the same currency, the
  /// oldest of each first. By then nothing of an overcredited credit is on a draft.
  mutating func setOff(_ credits: [PlaceableCredit]) {
    for over in order {
      for open in order
      where setOffMinor[Int(open)] >= 0
        && credits[Int(open)].currency == credits[Int(over)].currency
      {
        let amountMinor = min(
          placedMinor[Int(over)] + min(0, setOffMinor[Int(over)])
            - credits[Int(over)].entitledMinor,
          credits[Int(open)].entitledMinor - placedMinor[Int(open)])
        guard amountMinor > 0 else { continue }
        addSetOff(-amountMinor, to: Int(over))
        addSetOff(amountMinor, to: Int(open))
      }
    }
  }

  private mutating func addSetOff(_ amountMinor: Int64, to credit: Int) {
    placedMinor[credit] -= max(0, setOffMinor[credit])
    setOffMinor[credit] += amountMinor
    placedMinor[credit] += max(0, setOffMinor[credit])
  }

  /// One line for each credit of which another amount is set off than before.
  mutating func appendSetOffs() {
    for credit in setOffMinor.indices where setOffMinor[credit] != setOffBeforeMinor[credit] {
      append(
        credit: Int32(credit), invoice: .setOff,
        amountMinor: setOffBeforeMinor[credit] - setOffMinor[credit])
    }
  }
}
