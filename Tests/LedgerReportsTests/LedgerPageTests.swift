import ServiceCredits
import Testing

@testable import Documents
@testable import LedgerReports

/// The texts of a page about its figures, without a browser and without a ledger.
@Suite struct LedgerPageTests {
  @Test(
    arguments: [
      (1, 3, 3333), (2, 3, 6667), (1, 1, 10_000), (0, 5, 0), (1, 20_000, 1), (1, 20_001, 0),
      (-1, 4, -2500), (3, 2, 15_000), (Int128(Int64.max), Int128(Int64.max) * 4, 2500),
    ] as [(Int128, Int128, Int32)])
  func partsAreRounded(part: Int128, whole: Int128, points: Int32) {
    #expect(LedgerPageText.share(part, of: whole)?.value == points)
  }

  @Test func nothingHasNoParts() {
    #expect(LedgerPageText.share(1, of: 0) == nil)
  }

  @Test(
    arguments: [
      (0, 2, "0.00"), (123_450_000, 2, "123.45"), (83_333_333, 2, "83.333333"),
      (-500_000, 0, "-0.5"),
      (Int128(Int64.max) * 1_000_000, 0, "9223372036854775807"),
    ] as [(Int128, Int, String)])
  func feesHaveTheDecimalsTheyNeed(micros: Int128, minimum: Int, text: String) {
    #expect(String(decoding: DecimalText.micros(micros, atLeast: minimum), as: UTF8.self) == text)
  }

  @Test func sectionsOfOthersStandBeforeTheControlTotals() throws {
    let figures = LedgerFigures(.month(BillingMonth(year: 2026, month: 10)))
    let page = LedgerPageText(figures).page(
      more: [PageSection(title: "Another policy", anchor: "simulation")])
    #expect(page.sections.map(\.anchor).suffix(2) == ["simulation", "control"])
    #expect(page.subtitle == "October 2026, as the ledger stands")
    var bytes: [UInt8] = []
    try page.append(to: &bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("<a href=\"#simulation\">Another policy</a>"))
    #expect(text.contains("The ledger has no credits in this month."))
  }

  @Test func aDifferenceOfTheSumsIsNoSecret() {
    var figures = LedgerFigures(.run)
    var total = LedgerFigures.CurrencyTotal(Currency("USD")!)
    total.total.add(100)
    total.kinds[.grant] = .init(rows: 1, amountMinor: 100)
    figures.currencies = [total]
    for (minor, isSame) in [(100, true), (101, false)] as [(Int64, Bool)] {
      figures.ledgerAmounts = [
        .init(
          runsAgo: 0, currency: Currency("USD")!, kind: .grant,
          sum: .init(rows: 1, amountMinor: minor))
      ]
      let control = LedgerPageText(figures).page().sections.last!
      var html = HTMLWriter()
      html.append(control)
      let text = String(decoding: html.bytes, as: UTF8.self)
      #expect(text.contains("with the same result") == isSame)
      #expect(text.contains("Do not use this page") == !isSame)
    }
  }

  @Test func everyFindingSaysWhatToDo() {
    for code in FindingCode.allCases {
      #expect(code.advice.count > 10)
    }
  }
}
