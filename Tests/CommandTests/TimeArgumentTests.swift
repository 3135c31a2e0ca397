import ArgumentParser
import ServiceCredits
import Testing

@testable import redress

/// Thursday, 5 November 2026, 23:59:59.999999 UTC.
private let now = Instant(iso8601: "2026-11-05T23:59:59.999999Z")!

struct MonthArgumentTests {
  @Test(arguments: [
    ("2026-10", "2026-10"), ("0001-01", "0001-01"), ("9999-12", "9999-12"),
    ("this-month", "2026-11"), ("last-month", "2026-10"), ("Last-Month", "2026-10"),
    ("today", "2026-11"), ("yesterday", "2026-11"),
  ])
  func isRead(_ text: String, _ expected: String) throws {
    #expect(try MonthArgument(parsing: text, now: now).month.text == expected)
  }

  @Test func yesterdayMayBeInTheMonthBefore() throws {
    let first = Instant(iso8601: "2026-11-01T00:00:00Z")!
    #expect(try MonthArgument(parsing: "yesterday", now: first).month.text == "2026-10")
  }

  @Test func lastMonthOfJanuaryIsDecember() throws {
    let january = Instant(iso8601: "2026-01-31T12:00:00Z")!
    #expect(try MonthArgument(parsing: "last-month", now: january).month.text == "2025-12")
  }

  @Test(arguments: [
    ("2026/10", "2026-10"), ("10/2026", "2026-10"), ("2026.1", "2026-01"), ("Oct-2026", "2026-10"),
    ("october 2026", "2026-10"), ("sept 2026", "2026-09"), ("202610", "2026-10"),
    ("2026-10-05", "2026-10"), ("lastmonth", "last-month"), ("last_month", "last-month"),
    ("2026-13", nil), ("2026-00", nil), ("", nil), ("-", nil), ("26-10", nil), ("0000-10", nil),
    ("２０２６-10", nil), ("2026-1０", nil),
  ])
  func isGuessed(_ text: String, _ meant: String?) throws {
    let error = #expect(throws: ValidationError.self) {
      try MonthArgument(parsing: text, now: now)
    }
    let message = try #require(error?.message)
    #expect(message.contains("2026-10"))
    #expect(message.hasSuffix(meant.map { " Did you mean \($0)?" } ?? "UTC."), "\(message)")
  }
}

struct InstantArgumentTests {
  @Test(arguments: [
    ("2026-11-05", "2026-11-05T00:00:00Z"),
    ("2026-11-05T02:00:00Z", "2026-11-05T02:00:00Z"), ("2026-11", "2026-11-01T00:00:00Z"),
    ("2026-11-05 02:00Z", "2026-11-05T02:00:00Z"),
    ("2026-11-05T02:00:00.5+01:00", "2026-11-05T01:00:00.500000Z"),
    ("today", "2026-11-05T00:00:00Z"), ("yesterday", "2026-11-04T00:00:00Z"), ("now", nil),
  ])
  func isRead(_ text: String, _ expected: String?) throws {
    #expect(try InstantArgument(parsing: text, now: now).instant?.text == expected)
  }

  @Test(arguments: [
    ("yesteday", "yesterday"), ("2026-11-05T02:00:00", "2026-11-05T02:00:00Z"),
    ("2026-11-05t02:00:00z", "2026-11-05T02:00:00Z"), ("2026/11/05", "2026-11-05"),
    ("2026-02-30", nil), ("tomorrow", nil), ("", nil), ("1762300800", nil),
    ("2026-11-05T24:00:00Z", nil),
  ])
  func isGuessed(_ text: String, _ meant: String?) throws {
    let error = #expect(throws: ValidationError.self) {
      try InstantArgument(parsing: text, now: now)
    }
    let message = try #require(error?.message)
    #expect(message.contains("2026-11-05T02:00:00Z"))
    #expect(message.hasSuffix(meant.map { " Did you mean \($0)?" } ?? "work too."), "\(message)")
  }
}
