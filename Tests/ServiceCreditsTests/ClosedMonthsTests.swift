import ServiceCredits
import Testing

@Suite struct ClosedMonthsTests {
  private static let september = BillingMonth(year: 2026, month: 9)
  private static let closed = ClosedMonths(through: september)

  @Test func allMonthsUpToOneAreClosed() {
    #expect(Self.closed.contains(Self.september))
    #expect(Self.closed.contains(BillingMonth(year: 1900, month: 1)))
    #expect(!Self.closed.contains(Self.september.advanced(by: 1)))
    #expect(!ClosedMonths.none.contains(BillingMonth(year: 1900, month: 1)))
  }

  @Test(arguments: [
    // The day, and where it is posted.
    ("2026-08-01", "2026-10-01"), ("2026-09-30", "2026-10-01"), ("2026-10-01", "2026-10-01"),
    ("2026-10-31", "2026-10-31"), ("2027-02-28", "2027-02-28"),
  ])
  func nothingIsPostedInAClosedMonth(day: String, posted: String) throws {
    let instant = try #require(Instant(iso8601: day + "T23:59:59.999999Z"))
    #expect(instant.utcDay.text == day)
    #expect(Self.closed.postingDay(instant.utcDay).text == posted)
    #expect(ClosedMonths.none.postingDay(instant.utcDay).text == day)
  }

  @Test func theYearEndsInAnOpenMonthOfTheNext() throws {
    let closed = ClosedMonths(through: BillingMonth(year: 2026, month: 12))
    let day = try #require(CalendarDate(year: 2026, month: 12, day: 31))
    #expect(closed.postingDay(day).text == "2027-01-01")
  }

  /// The first closed month of a quarter closes it, however open the others are.
  @Test(arguments: [(6, false), (7, true), (8, true), (9, true)])
  func aMonthClosesItsQuarter(through month: Int, isClosed: Bool) {
    let closed = ClosedMonths(through: BillingMonth(year: 2026, month: month))
    #expect(closed.closesQuarter(of: Self.september) == isClosed)
    #expect(!closed.closesQuarter(of: BillingMonth(year: 2026, month: 10)))
  }

  @Test func daysBefore1970AreDaysToo() {
    #expect(Instant(microseconds: -1).utcDay.text == "1969-12-31")
    #expect(Instant(microseconds: 0).utcDay.text == "1970-01-01")
    for days in [-1, 0, 59, 20_000] as [Int32] {
      #expect(CalendarDate(daysSinceUnixEpoch: days).daysSinceUnixEpoch == days)
    }
  }
}
