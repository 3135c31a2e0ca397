import Foundation
import ResponseProcedures
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

@Suite struct PolicyValueTests {
  @Test(
    arguments: [
      ("0s", 0), ("1us", 1), ("1ms", 1000), ("500ms", 500_000), ("1s", 1_000_000),
      ("90s", 90_000_000), ("30m", PolicySamples.hour / 2), ("60m", PolicySamples.hour),
      ("1h", PolicySamples.hour), ("1h30m", PolicySamples.hour / 2 * 3),
      ("1h0m", PolicySamples.hour), ("1h90m", PolicySamples.hour / 2 * 5),
      ("4h1us", 4 * PolicySamples.hour + 1), ("2d", 48 * PolicySamples.hour),
      ("1w", 168 * PolicySamples.hour),
      ("1w2d3h4m5s6ms7us", 219 * PolicySamples.hour + 245_006_007),
      ("PT0S", 0), ("PT1H30M", PolicySamples.hour / 2 * 3), ("PT90M", PolicySamples.hour / 2 * 3),
      ("PT0.5S", 500_000),
      ("PT4H0.000001S", 4 * PolicySamples.hour + 1), ("P1D", 24 * PolicySamples.hour),
      ("P1DT12H", 36 * PolicySamples.hour),
      ("P2W", 336 * PolicySamples.hour),
      ("9223372036854775806us", Int64.max - 1),
      ("106751991d", 106_751_991 * 24 * PolicySamples.hour),
      ("PT2562047788H54.775806S", Int64.max - 1),
    ] as [(String, Int64)])
  func durations(text: String, microseconds: Int64) throws {
    #expect(try PolicyDuration.read(text) == microseconds)
    #expect(try PolicyDuration.read(DurationText.short(microseconds)) == microseconds)
    #expect(try PolicyDuration.read(DurationText.iso8601(microseconds)) == microseconds)
  }

  @Test(
    arguments: [
      (0, "0s"), (1, "1us"), (1000, "1ms"), (1001, "1ms1us"), (90_000_000, "1m30s"),
      (PolicySamples.hour, "1h"),
      (24 * PolicySamples.hour, "24h"), (Int64.max - 1, "2562047788h54s775ms806us"),
    ] as [(Int64, String)])
  func canonicalDurations(microseconds: Int64, text: String) {
    #expect(DurationText.short(microseconds) == text)
  }

  @Test(arguments: [
    ("0.01%", 1), ("0.1%", 10), ("0.10%", 10), ("1%", 100), ("6.25%", 625), ("12.5%", 1250),
    ("10.00%", 1000), ("99.99%", 9999), ("100%", 10_000), ("100.0%", 10_000),
  ])
  func percentages(text: String, basisPoints: Int32) throws {
    #expect(try PolicyPercent.read(text, atMost: .whole) == BasisPoints(basisPoints))
  }

  @Test(arguments: [
    ("0", "USD", 0), ("1", "USD", 100), ("1.5", "USD", 150), ("1.00", "USD", 100),
    ("0.01", "USD", 1), ("250000", "USD", 25_000_000), ("100", "JPY", 100), ("0.001", "KWD", 1),
    ("1.2345", "CLF", 12_345), ("92233720368547758.07", "USD", Int64.max),
    ("9223372036854775807", "JPY", Int64.max),
  ])
  func amounts(text: String, code: String, minor: Int64) throws {
    let currency = try #require(Currency(code))
    #expect(try PolicyAmount.read(text, in: currency) == minor)
    #expect(try PolicyAmount.read(PolicyAmount.text(minor, in: currency), in: currency) == minor)
  }

  @Test(arguments: [
    ("tier", "tier"), ("teirs", "tiers"), ("Cap", "cap"), ("timezone", "time_zone"),
    ("time-zone", "time_zone"), ("effective", "effective_from"), ("longer", "longer_than"),
    ("share of monthly fees", "share_of_monthly_fees"), ("p", nil), ("xyz", nil), ("", nil),
    ("e", nil), (String(repeating: "cap", count: 1000), nil),
  ])
  func nearMisses(word: String, expected: String?) {
    #expect(
      NearMiss.nearest(to: word, among: PolicyKey.allNames) == expected)
  }
}
