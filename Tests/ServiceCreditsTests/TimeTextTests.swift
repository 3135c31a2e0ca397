import SeededRandom
import ServiceCredits
import Testing

@Suite struct InstantTextTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"),
    (1, "1970-01-01T00:00:00.000001Z"),
    (1_000_000, "1970-01-01T00:00:01Z"),
    (999_999, "1970-01-01T00:00:00.999999Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
    (86_399_999_999, "1970-01-01T23:59:59.999999Z"),
    (86_400_000_000, "1970-01-02T00:00:00Z"),
    (951_782_400_000_000, "2000-02-29T00:00:00Z"),
    (951_868_800_000_000, "2000-03-01T00:00:00Z"),
    (1_709_164_800_000_000, "2024-02-29T00:00:00Z"),
    (1_791_590_400_000_000, "2026-10-10T00:00:00Z"),
    (1_793_483_999_000_000, "2026-10-31T21:59:59Z"),
    (1_798_761_600_000_000, "2027-01-01T00:00:00Z"),
    (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
    (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
    (7_258_118_399_999_999, "2199-12-31T23:59:59.999999Z"),
    (7_258_118_400_000_000, "2200-01-01T00:00:00Z"),
    (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
  ])
  func printing(microseconds: Int64, text: String) throws {
    #expect(Instant(microseconds: microseconds).text == text)
    #expect(Instant(iso8601: text) == Instant(microseconds: microseconds))
  }

  @Test func outsideOfTime() {
    #expect(Instant.distantFuture.text == "infinity")
    #expect(Instant.distantPast.text == "-infinity")
    #expect(Instant(microseconds: -62_167_219_200_000_000).text == "0000-01-01T00:00:00Z")
    #expect(Instant(microseconds: -62_167_219_200_000_001).text == "-0001-12-31T23:59:59.999999Z")
  }

  @Test(arguments: [
    ("2026-10-10", "2026-10-10T00:00:00Z"),
    ("2026-10-10T02:30Z", "2026-10-10T02:30:00Z"),
    ("2026-10-10 02:30:00Z", "2026-10-10T02:30:00Z"),
    ("2026-10-10T02:30:00.5Z", "2026-10-10T02:30:00.500000Z"),
    ("2026-10-10T02:30:00.000001Z", "2026-10-10T02:30:00.000001Z"),
    ("2026-10-10T02:30:00+01:00", "2026-10-10T01:30:00Z"),
    ("2026-10-10T02:30:00+01", "2026-10-10T01:30:00Z"),
    ("2026-10-10T02:30:00-0330", "2026-10-10T06:00:00Z"),
    ("2026-10-10T02:30:00+14:00", "2026-10-09T12:30:00Z"),
    ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"),
    ("2024-02-29", "2024-02-29T00:00:00Z"),
    ("2000-02-29", "2000-02-29T00:00:00Z"),
    ("1970-01-01T00:30:00+01:00", "1969-12-31T23:30:00Z"),
    ("0001-01-01", "0001-01-01T00:00:00Z"),
  ])
  func reading(text: String, expected: String) {
    #expect(Instant(iso8601: text)?.text == expected)
  }

  @Test(arguments: [
    "", "now", "2026", "2026-10", "2026-1-1", "20261010", "2026-13-01", "2026-00-01", "2026-10-00",
    "2026-10-32", "2026-04-31", "2026-02-29", "2100-02-29", "1900-02-29", "0000-01-01",
    "2026-10-10T", "2026-10-10T02", "2026-10-10T02:30", "2026-10-10T02:30:00",
    "2026-10-10T24:00:00Z",
    "2026-10-10T02:60:00Z", "2026-10-10T02:30:60Z", "2026-10-10T02:30:00.Z",
    "2026-10-10T02:30:00.0000001Z", "2026-10-10T02:30:00z", "2026-10-10T02:30:00ZZ",
    "2026-10-10T02:30:00+24:00", "2026-10-10T02:30:00+01:60", "2026-10-10T02:30:00+1:00",
    "2026-10-10T02:30:00+01:", "2026-10-10T02:30:00 +01:00", " 2026-10-10", "2026-10-10 ",
    "2026-10-10\u{0}", "+2026-10-10", "-2026-10-10", "２０２６-10-10", "2026-10-1０",
    "2026‐10‐10", "10/10/2026", "infinity", "2026-10-10T02:30:00,5Z",
  ])
  func refused(text: String) {
    #expect(Instant(iso8601: text) == nil)
  }

  @Test func printedInstantsAreReadAgain() throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<5000 {
      let instant = Instant(
        microseconds: Int64.random(
          in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random))
      #expect(Instant(iso8601: instant.text) == instant, "seed \(seed): \(instant.text)")
    }
  }

  @Test func printedInstantsSortAsText() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let whole = Int64.random(in: 0...7_258_118_399, using: &random) * 1_000_000
      let later = whole + Int64.random(in: 1...1_000_000_000, using: &random) * 1_000_000
      #expect(
        Instant(microseconds: whole).text < Instant(microseconds: later).text, "seed \(seed)")
    }
  }
}

@Suite struct CalendarTests {
  /// Every day from 1970 to 2199, counted one by one with the rule for leap years.
  @Test func everyDayFrom1970To2199() throws {
    var days: Int32 = 0
    for year in 1970...2199 {
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      for month in 1...12 {
        let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        let billingMonth = BillingMonth(year: year, month: month)
        try #require(billingMonth.daysSinceUnixEpoch == days)
        for day in 1...length {
          let date = try #require(CalendarDate(year: year, month: month, day: day))
          try #require(date.daysSinceUnixEpoch == days)
          try #require(BillingMonth(daysSinceUnixEpoch: days) == billingMonth)
          let midnight = Instant(microseconds: Int64(days) * 86_400_000_000)
          try #require(midnight.text == date.text + "T00:00:00Z")
          days += 1
        }
        try #require(CalendarDate(year: year, month: month, day: length + 1) == nil)
      }
    }
    #expect(days == 84_006)
  }

  @Test(arguments: [
    (1970, 1, 0), (1969, 12, -31), (1970, 2, 31), (2000, 2, 10_988), (2000, 3, 11_017),
    (2100, 3, 47_541), (1, 1, -719_162), (9999, 12, 2_932_866),
  ])
  func monthStarts(year: Int, month: Int, days: Int32) {
    #expect(BillingMonth(year: year, month: month).daysSinceUnixEpoch == days)
    #expect(BillingMonth(daysSinceUnixEpoch: days) == BillingMonth(year: year, month: month))
  }

  @Test(arguments: [
    (2026, 10, 0, "2026-10"), (2026, 10, 3, "2027-01"), (2026, 1, -1, "2025-12"),
    (2026, 12, 1, "2027-01"), (2026, 10, -22, "2024-12"), (999, 1, 0, "0999-01"),
  ])
  func months(year: Int, month: Int, advance: Int, text: String) {
    let result = BillingMonth(year: year, month: month).advanced(by: advance)
    #expect(result.text == text)
    #expect(BillingMonth(year: result.year, month: result.month) == result)
  }

  @Test func order() throws {
    #expect(BillingMonth(year: 2025, month: 12) < BillingMonth(year: 2026, month: 1))
    let date = try #require(CalendarDate(year: 2026, month: 10, day: 9))
    #expect(date < (try #require(CalendarDate(year: 2026, month: 10, day: 10))))
    #expect(date < (try #require(CalendarDate(year: 2026, month: 11, day: 1))))
    #expect(date < (try #require(CalendarDate(year: 2027, month: 1, day: 1))))
    #expect(date.text == "2026-10-09")
    #expect(CalendarDate(year: 0, month: 1, day: 1) == nil)
    #expect(CalendarDate(year: 10_000, month: 1, day: 1) == nil)
    #expect(CalendarDate(year: 2026, month: 0, day: 1) == nil)
    #expect(CalendarDate(year: 2026, month: 13, day: 1) == nil)
    #expect(CalendarDate(year: 2026, month: 1, day: 0) == nil)
  }
}
