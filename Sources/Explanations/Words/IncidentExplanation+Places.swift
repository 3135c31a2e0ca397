import ServiceCredits

extension IncidentExplanation.InvoicePart {
  /// `invoice IN-1`, or the balance that it stands for.
  var place: String {
    BalanceInvoice.system(of: invoiceId.utf8).map { "the customer's balance in \($0.words)" }
      ?? "invoice \(invoiceId)"
  }

  /// `draft invoice IN-1 of 2026-11-05`, or the balance that it stands for.
  var words: String {
    guard BalanceInvoice.system(of: invoiceId.utf8) == nil else { return place }
    let day = issueOn.isEmpty ? "" : " of \(issueOn)"
    let state = status.isEmpty ? "" : "\(status) "
    return "\(state)\(place)\(day)"
  }
}
