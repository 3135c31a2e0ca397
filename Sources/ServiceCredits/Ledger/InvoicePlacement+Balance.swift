/// Credits that go to the customers' balances in another system.
extension InvoicePlacement {
  /// Places all that is open, the oldest first.
  mutating func placeOnBalance(_ credits: [PlaceableCredit], of system: BalanceSystem) {
    for credit in order {
      let open = credits[Int(credit)].entitledMinor - placedMinor[Int(credit)]
      guard open > 0 else { continue }
      append(credit: credit, invoice: .balance(system), amountMinor: -open)
      placedMinor[Int(credit)] += open
    }
  }

  /// Takes back what is left of decreases after the open parts and the drafts, from whichever balance has it.
  mutating func takeBackFromBalances(_ credits: [PlaceableCredit]) {
    for position in parts.indices {
      guard case .balance = parts[position].invoice else { continue }
      let credit = Int(parts[position].credit)
      let amountMinor = min(
        placedMinor[credit] - credits[credit].entitledMinor, parts[position].amountMinor)
      guard amountMinor > 0 else { continue }
      parts[position].amountMinor -= amountMinor
      placedMinor[credit] -= amountMinor
      append(
        credit: parts[position].credit, invoice: parts[position].invoice, amountMinor: amountMinor)
    }
  }
}
