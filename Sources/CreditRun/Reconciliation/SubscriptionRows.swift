package import CreditLedger

/// What a customer's records hold about one subscription: terms, what is recorded, or both.
package struct SubscriptionRows {
  var id: ByteSlice
  var terms: Range<Int>
  var recorded: Range<Int>
}

extension CustomerReconciliation {
  /// The next subscription's rows; both positions move behind them. `nil` at the end of both.
  package func nextPart(
    _ records: borrowing CustomerRecords, _ term: inout Int, _ recorded: inout Int
  ) -> SubscriptionRows? {
    guard term < records.terms.count || recorded < records.recorded.count else { return nil }
    let subscription = nextSubscription(records, term, recorded)
    let firstTerm = term
    while term < records.terms.count,
      records.arena.equal(records.terms[term].subscription, subscription)
    {
      term += 1
    }
    let firstRecorded = recorded
    while recorded < records.recorded.count,
      records.arena.equal(records.recorded[recorded].subscription, subscription)
    {
      recorded += 1
    }
    return SubscriptionRows(
      id: subscription, terms: firstTerm..<term, recorded: firstRecorded..<recorded)
  }

  private func nextSubscription(
    _ records: borrowing CustomerRecords, _ term: Int, _ recorded: Int
  ) -> ByteSlice {
    guard term < records.terms.count else { return records.recorded[recorded].subscription }
    guard recorded < records.recorded.count else { return records.terms[term].subscription }
    let order = compareBytes(
      records.arena[records.terms[term].subscription],
      records.arena[records.recorded[recorded].subscription])
    return order <= 0
      ? records.terms[term].subscription : records.recorded[recorded].subscription
  }
}
