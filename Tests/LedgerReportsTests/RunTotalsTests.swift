import Digests
import ServiceCredits
import Testing

@testable import CreditLedger
@testable import LedgerReports

@Suite struct RunTotalsTests {
  /// Each fee fits 64 bits, but not their sum. A run over ten million terms in rupiah comes near
  /// it.
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
    totals.addNet(Int128(Int64.max), dollar)
    let limits = RunLimits(shareOfMonthlyFees: .whole, granted: [:], takenBack: [:])
    #expect(totals.exceeded(limits).count == 1)
  }

  /// Each credit fits 64 bits, but no two of them together.
  @Test func amountsOfAllCreditsAreSummedWide() throws {
    let dollar = try #require(Currency("USD"))
    var totals = RunTotals()
    for _ in 0..<3 {
      totals.add(.grant, Money(amountMinor: .max, currency: dollar))
      totals.addNet(Int128(Int64.max), dollar)
      totals.add(.decrease, Money(amountMinor: -.max, currency: dollar))
      totals.addNet(-Int128(Int64.max), dollar)
    }
    totals.addNet(Int128(Int64.min), dollar)
    let text = RunTotalsText(try RunTotalsTests.run(), currencies: totals.currencies)
    var json: [UInt8] = []
    text.append(
      ReportDigests(
        credits: SHA256.hash([]), invoiceLines: SHA256.hash([]), findings: SHA256.hash([])),
      to: &json)
    let found = String(decoding: json, as: UTF8.self)
    #expect(
      found.contains(
        #""grant": {"rows": 3, "amount": "276701161105643274.21", "amount_minor": 27670116110564327421}"#
      ), "\(found)")
    #expect(found.contains(#""net": {"amount": "0.00", "amount_minor": 0}"#), "\(found)")
    let limits = RunLimits(
      shareOfMonthlyFees: nil, granted: [dollar: .max], takenBack: [dollar: .max])
    #expect(
      totals.exceeded(limits).map(\.total.text) == [
        "276701161105643274.21 USD", "368934881474191032.29 USD",
      ])
  }

  private static func run() throws -> RecordedRun {
    let month = BillingMonth(index: 0)
    return RecordedRun(
      runId: 1, asOf: Instant(microseconds: 0), months: month...month, policyDigest: [],
      evidenceDigest: [], beganAt: Instant(microseconds: 0), finishedAt: Instant(microseconds: 0),
      programVersion: "", schemaVersion: 1, runBy: "", limitsApproved: false, revisions: 6,
      invoiceLines: 0, findings: 0, customers: 0, subscriptions: 0, monthlyFees: Array("{}".utf8),
      recordDigest: [], ledgerId: "", postedOn: CalendarDate(daysSinceUnixEpoch: 0), closed: .none,
      hasByteOrderMark: false)
  }

  /// Just under, at and just over half of 2,000 dollars.
  @Test(arguments: [(99_999, 0), (100_000, 0), (100_001, 1)])
  func shareOfFees(grantedMinor: Int64, exceeded: Int) throws {
    let dollar = try #require(Currency("USD"))
    var totals = RunTotals()
    for _ in 0..<2 { totals.add(MonthlyFee(micros: 1_000_000_000, currency: dollar)) }
    totals.addNet(Int128(grantedMinor), dollar)
    totals.addNet(-99_999, dollar)
    let limits = RunLimits(
      shareOfMonthlyFees: BasisPoints(5000), granted: [:], takenBack: [:])
    #expect(totals.exceeded(limits).count == exceeded)
  }

  /// The larger of the fees at the as-of instant and at the beginning of the earliest month with a change. For a month before
  /// the window it is the window's first.
  @Test(arguments: [(6, 900), (7, 900), (8, 300), (9, 200)])
  func feesOfTheShare(changedMonth: Int, dollars: Int128) throws {
    let dollar = try #require(Currency("USD"))
    var totals = RunTotals()
    totals.add(MonthlyFee(micros: 200_000_000, currency: dollar))
    for (month, fee) in [(8, 300), (7, 900), (9, 100)] as [(Int, Int64)] {
      totals.add(
        MonthlyFee(micros: fee * 1_000_000, currency: dollar),
        at: .beginning(of: BillingMonth(year: 2026, month: month)))
    }
    #expect(totals.currencies[0].limitFeesMicros == 200_000_000, "nothing has changed")
    totals.addChange(in: BillingMonth(year: 2026, month: 9), dollar)
    totals.addChange(in: BillingMonth(year: 2026, month: changedMonth), dollar)
    #expect(totals.currencies[0].limitFeesMicros == dollars * 1_000_000)
  }

  /// Parts of a run add up to the same.
  @Test func feesOfParts() throws {
    let dollar = try #require(Currency("USD"))
    let (july, august) = (BillingMonth(year: 2026, month: 7), BillingMonth(year: 2026, month: 8))
    var whole = RunTotals()
    for month in [august, july] {
      var part = RunTotals()
      for _ in 0..<2 {
        part.add(MonthlyFee(micros: 5, currency: dollar), at: .beginning(of: july))
      }
      part.addChange(in: month, dollar)
      whole.add(amountsOf: part)
    }
    #expect(whole.currencies[0].limitFeesMicros == 20)
    #expect(whole.currencies[0].earliestChange == july)
  }

  /// Just at and just over the floor; amounts hold all the same.
  @Test(arguments: [(100_000, 0), (100_001, 1)])
  func floor(grantedMinor: Int64, exceeded: Int) throws {
    let yen = try #require(Currency("JPY"))
    var totals = RunTotals()
    totals.addNet(Int128(grantedMinor), yen)
    let share = RunLimits(
      shareOfMonthlyFees: .whole, granted: [:], takenBack: [:], floor: [yen: 100_000])
    #expect(totals.exceeded(share).count == exceeded)
    let amount = RunLimits(
      shareOfMonthlyFees: nil, granted: [yen: 10], takenBack: [:], floor: [yen: 100_000])
    #expect(totals.exceeded(amount).count == 1)
  }
}
