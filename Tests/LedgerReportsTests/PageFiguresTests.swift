import Documents
import ServiceCredits
import Testing

@testable import LedgerReports

/// The sums on a page.
@Suite struct PageFiguresTests {
  @Test(
    arguments: [
      (1, 1, 2), (2, 2, 5), (4, 2, 5), (5, 5, 10), (9, 5, 10), (10, 10, 20), (1999, 1000, 2000),
      (2000, 2000, 5000), (Int64.max, 5_000_000_000_000_000_000, 0),
    ] as [(Int64, Int64, Int64)])
  func sizesAreInBinsOfOneTwoFive(amount: Int64, lower: Int64, upper: Int64) {
    let bin = LineTally.bin(of: amount)
    #expect(LineTally.binEdges[bin] == lower)
    #expect((bin + 1 < LineTally.binEdges.count ? LineTally.binEdges[bin + 1] : 0) == upper)
  }

  @Test(arguments: [
    ("enterprise", true), ("Enterprise", true), ("ENTERPRISE", true), ("enterprise ", true),
    (" Enterprise", true), ("enter prise", false), ("enterpris", false), ("", false),
    ("gold", false), ("enterpris\u{E9}", false),
  ])
  func enterpriseIsWrittenInAnyCase(tier: String, isEnterprise: Bool) {
    #expect(Array(tier.utf8).withUnsafeBytes { LineTally.isEnterprise($0) } == isEnterprise)
  }

  @Test func theBestLinesAreTheLargestAndOfEqualsTheFirst() {
    var best = BestLines(limit: 3)
    for (name, rank) in [("a", 5), ("b", 9), ("c", 5), ("d", 1), ("e", 5), ("f", 9), ("g", 2)]
      as [(String, Int64)]
    {
      if best.wants(rank) { best.insert(PageFiguresTests.line(name), rank: rank) }
    }
    #expect(best.lines.map(\.customerId) == ["b", "f", "a"])
  }

  private static func line(_ customer: String) -> LedgerFigures.Line {
    LedgerFigures.Line(
      customerId: customer, customerName: "", subscriptionId: "", incidentId: "",
      month: BillingMonth(year: 2026, month: 10), plan: "", percent: .zero, percentBeforeCap: .zero,
      countedMicroseconds: 0, amount: Money(amountMinor: 0, currency: Currency("USD")!),
      changedMinor: 0, entitledMinor: 0, placedMinor: 0, invoices: [])
  }

  @Test func feesAreReadAsARunWritesThem() throws {
    let fees = try #require(
      PageQueries.fees(
        Array(
          #"{"EUR":"0.450000","JPY":"1278000.000000","USD":"92233720368547758080.000001"}"#.utf8)))
    #expect(fees[Currency("EUR")!] == 450_000)
    #expect(fees[Currency("JPY")!] == 1_278_000_000_000)
    #expect(fees[Currency("USD")!] == 92_233_720_368_547_758_080_000_001)
    #expect(PageQueries.fees(Array("{}".utf8)) == [:])
    for text in [
      "", "[]", #"{"USD":1}"#, #"{"USD":"1.0000001"}"#, #"{"USD":".5"}"#, #"{"USX1":"1"}"#,
    ] {
      #expect(PageQueries.fees(Array(text.utf8)) == nil, "\(text)")
    }
  }
}
