import ServiceCredits
import TestSupport
import Testing

@testable import Documents
@testable import LedgerReports

/// Workbooks with more lines than one sheet can hold.
struct LedgerWorkbookTests {
  @Test(arguments: [(3, 1), (7, 3)])
  func linesGoOnOnFurtherSheets(lines: Int, sheets: Int) throws {
    let folder = try temporaryFolder("book")
    defer { _ = try? sh("rm -rf '\(folder)'") }
    var book = try LedgerWorkbook(
      path: "\(folder)/book.xlsx", folder: folder, title: "", created: Instant(microseconds: 1),
      ofMonth: false, linesPerSheet: 3)
    let usd = try #require(Currency("USD"))
    for number in 0..<lines {
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      try book.append(
        CreditLine(
          runId: Int64(number), kind: .grant, month: BillingMonth(year: 2026, month: 10),
          customerId: none, customerName: none, customerTier: none, subscriptionId: none,
          incidentId: none, incidentTitle: none, basis: nil, countedMicroseconds: 0, percent: .zero,
          percentBeforeCap: .zero, amount: Money(amountMinor: 1, currency: usd),
          placement: CreditPlacement(
            entitledMinor: 1, placedMinor: 0, invoices: 0, invoiceId: none),
          posting: CreditLine.Posting(day: CalendarDate(daysSinceUnixEpoch: 0), isLate: false)))
    }
    try book.endLines([])
    try book.append([])
    try book.beginFindings()
    try book.endFindings()
    try book.close(about: [("lines", "\(lines)")])

    let found = try Office.sheets(of: "\(folder)/book.xlsx")
    let names = (1...sheets).map { $0 == 1 ? "credits" : "credits \($0)" }
    #expect(Set(found.keys) == Set(names + ["totals", "findings", "notes"]))
    let numbers = names.flatMap { (found[$0] ?? []).dropFirst().map { $0[0].text } }
    #expect(numbers == (0..<lines).map { "\($0)" })
    for name in names { #expect(found[name]?.first?.first?.text == "run_id") }
    let notes = (found["notes"] ?? []).map { $0[0].text }
    #expect(notes.contains("sheets") == (sheets > 1))
  }
}
