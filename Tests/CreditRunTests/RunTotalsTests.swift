import ServiceCredits
import Testing

@testable import CreditRun

@Suite struct RunTotalsTests {
  /// Each fee fits, their sum does not fit 64 bits: a run over ten million terms in rupiah comes near it.
  @Test func feesOfAllTermsAreSummedWide() throws {
    let dollar = try #require(Currency("USD"))
    let dinar = try #require(Currency("KWD"))
    var totals = RunTotals()
    for _ in 0..<3 { totals.add(MonthlyFee(micros: .max, currency: dollar)) }
    totals.add(MonthlyFee(micros: 1_000_001, currency: dinar))
    var summary = RunSummary()
    summary.currencies = totals.currencies
    #expect(
      summary.monthlyFeesJSON == #"{"USD":"27670116110564.327421","KWD":"1.000001"}"#)

    totals.add(.grant, Money(amountMinor: .max, currency: dollar))
    totals.addNet(.max, dollar)
    let limits = RunLimits(shareOfMonthlyFees: .whole, granted: [:], takenBack: [:])
    #expect(totals.exceeded(limits).count == 1)
  }

  /// Just under, at and just over half of 2,000 dollars.
  @Test(arguments: [(99_999, 0), (100_000, 0), (100_001, 1)])
  func shareOfFees(grantedMinor: Int64, exceeded: Int) throws {
    let dollar = try #require(Currency("USD"))
    var totals = RunTotals()
    for _ in 0..<2 { totals.add(MonthlyFee(micros: 1_000_000_000, currency: dollar)) }
    totals.addNet(grantedMinor, dollar)
    totals.addNet(-99_999, dollar)
    let limits = RunLimits(
      shareOfMonthlyFees: BasisPoints(5000), granted: [:], takenBack: [:])
    #expect(totals.exceeded(limits).count == exceeded)
  }
}
