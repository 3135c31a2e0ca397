import Documents
import ServiceCredits

/// What is on which invoice.
extension LedgerPageText {
  /// `nil` where nothing is on an invoice.
  func invoices() -> PageSection? {
    guard !figures.invoiceSums.isEmpty else { return nil }
    let isCut = figures.invoiceSums.reduce(0) { $0 + $1.invoices } > figures.invoices.count
    let sums = PageTable(
      caption: "All invoices",
      columns: [
        .text("Currency"), .number("Invoices"), .number("Lines"), .number("Placed"),
        .number("Minor units"),
      ],
      rows: figures.invoiceSums.map { sum in
        [
          .text(sum.currency.code), .count(sum.invoices), .count(sum.rows),
          LedgerPageText.amount(sum.placed, sum.currency),
          LedgerPageText.minorUnits(sum.placed),
        ]
      })
    let table = PageTable(
      caption: isCut ? "By invoice, the hundred largest of each currency" : "By invoice",
      columns: [.text("Invoice"), .text("Currency"), .number("Lines"), .number("Placed")],
      rows: figures.invoices.map { invoice in
        [
          .code(invoice.invoiceId ?? ""), .text(invoice.currency.code), .count(invoice.rows),
          LedgerPageText.amount(invoice.placed, invoice.currency),
        ]
      })
    return PageSection(
      title: "Invoices", anchor: "invoices",
      introduction: isMonth
        ? "What invoices carry of the credits of this month, by whatever run or by the invoicing system. What is set off is on no invoice; the control totals have it."
        : "What this run put on each invoice, less what it took off again. All of them were drafts when the run saw them. Credits that the run did not change, and that waited for an invoice, are here too. invoice-lines-run-\(figures.run?.runId ?? 0).csv has every line, also of what is set off, which is on no invoice.",
      content: [.table(sums), .table(table)])
  }
}

extension LedgerFigures.OnInvoices {
  fileprivate var placed: PlacementTotals.Sum {
    var sum = PlacementTotals.Sum()
    sum.rows = rows
    sum.amountMinor = placedMinor
    return sum
  }
}
