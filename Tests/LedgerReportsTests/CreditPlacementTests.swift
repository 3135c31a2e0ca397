import Documents
import Testing

@testable import LedgerReports

/// The placement of a credit, and the totals of many.
@Suite struct CreditPlacementTests {
  private static let invoice = Array("inv".utf8)

  private static func placement(
    _ entitled: Int64, _ placed: Int64, invoices: Int = 1,
    _ body: (CreditPlacement) -> Void
  ) {
    invoice.withUnsafeBytes {
      body(
        CreditPlacement(
          entitledMinor: entitled, placedMinor: placed, invoices: invoices, invoiceId: $0))
    }
  }

  @Test(
    arguments: [
      (100, 0, 100, 0), (100, 99, 1, 0), (100, 100, 0, 0), (100, 101, 0, 1), (0, 100, 0, 100),
      (0, 0, 0, 0), (.max, 0, .max, 0), (0, .max, 0, .max), (.max, .min, .max, 0),
      (.min, .max, 0, .max),
    ] as [(Int64, Int64, Int64, Int64)])
  func isOpenOrOvercredited(entitled: Int64, placed: Int64, open: Int64, overcredited: Int64) {
    CreditPlacementTests.placement(entitled, placed) {
      #expect($0.openMinor == open)
      #expect($0.overcreditedMinor == overcredited)
    }
  }

  @Test(arguments: [(0, ""), (1, "inv"), (2, ""), (3, "")])
  func namesTheOneInvoice(invoices: Int, id: String) {
    CreditPlacementTests.placement(100, 100, invoices: invoices) {
      #expect(String(decoding: $0.invoiceId, as: UTF8.self) == id)
      #expect($0.invoices == invoices)
    }
  }

  @Test func sumsAreNotSetOffAgainstEachOther() {
    var totals = PlacementTotals()
    for (entitled, placed) in [(100, 0), (0, 100), (70, 70), (0, 0), (50, 20), (.max, 0)]
      as [(Int64, Int64)]
    {
      CreditPlacementTests.placement(entitled, placed) { totals.add($0) }
    }
    #expect(totals[.placed].rows == 3 && totals[.placed].amountMinor == 190)
    #expect(totals[.open].rows == 3 && totals[.open].amountMinor == 130 + Int128(Int64.max))
    #expect(totals[.overcredited].rows == 1 && totals[.overcredited].amountMinor == 100)
  }
}
