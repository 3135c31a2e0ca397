import ServiceCredits

/// What is set off against other credits of the customer.
extension ExplanationWords {
  /// Says that what was set off for a credit adds up to nothing by now.
  func setOffOver(
    _ former: IncidentExplanation.FormerInvoice, of key: IncidentExplanation.LedgerKey
  ) -> String {
    let amount = Money(amountMinor: former.part.amountMinor, currency: key.total.currency).text
    let since = former.givenBack.map { " since \(time($0.asOf)), run \($0.runId)" } ?? ""
    return
      "\(amount) was set off against other credits of the customer and the same the other way round;\(since) the two "
      + "add up to nothing."
  }
}
