import ServiceCredits
import Testing

@Suite struct WordingTests {
  static let second: Int64 = 1_000_000
  static let hour: Int64 = 3600 * second

  @Test(arguments: [
    (0, "PT0S", "0 seconds"),
    (1, "PT0.000001S", "1 microsecond"),
    (999, "PT0.000999S", "999 microseconds"),
    (1000, "PT0.001S", "1 millisecond"),
    (500_000, "PT0.5S", "500 milliseconds"),
    (999_999, "PT0.999999S", "999999 microseconds"),
    (second, "PT1S", "1 second"),
    (59 * second, "PT59S", "59 seconds"),
    (60 * second, "PT1M", "1 minute"),
    (90 * second, "PT1M30S", "1 minute 30 seconds"),
    (hour - 1, "PT59M59.999999S", "59 minutes 59 seconds 999999 microseconds"),
    (hour, "PT1H", "1 hour"),
    (hour + 1, "PT1H0.000001S", "1 hour 1 microsecond"),
    (hour + 1800 * second, "PT1H30M", "1 hour 30 minutes"),
    (4 * hour - 48 * second, "PT3H59M12S", "3 hours 59 minutes 12 seconds"),
    (4 * hour + 1, "PT4H0.000001S", "4 hours 1 microsecond"),
    (4 * hour + second, "PT4H1S", "4 hours 1 second"),
    (24 * hour, "PT24H", "24 hours"),
    (720 * hour, "PT720H", "720 hours"),
    (Int64.max, "PT2562047788H54.775807S", "2562047788 hours 54 seconds 775807 microseconds"),
  ])
  func durations(microseconds: Int64, iso8601: String, words: String) {
    #expect(DurationText.iso8601(microseconds) == iso8601)
    #expect(DurationText.words(microseconds) == words)
  }

  @Test(arguments: [
    (0, "0"), (1, "0.01"), (10, "0.1"), (50, "0.5"), (100, "1"), (625, "6.25"), (1000, "10"),
    (1250, "12.5"), (2500, "25"), (9999, "99.99"), (10_000, "100"), (-625, "-6.25"),
    (Int32.max, "21474836.47"), (Int32.min, "-21474836.48"),
  ])
  func percentages(basisPoints: Int32, text: String) {
    #expect(BasisPoints(basisPoints).percentText == text)
  }

  @Test func tiers() {
    let tier = CreditTier(
      severity: .p0, longerThanMicroseconds: 4 * WordingTests.hour, credit: BasisPoints(2500))
    #expect(tier.words == "P0 longer than 4 hours: 25 %")
    let odd = CreditTier(
      severity: .p3, longerThanMicroseconds: 90 * WordingTests.second, credit: BasisPoints(625))
    #expect(odd.words == "P3 longer than 1 minute 30 seconds: 6.25 %")
  }

  @Test func textsAreAppended() {
    var text = Array("for ".utf8)
    DurationText.appendWords(60 * WordingTests.second, to: &text)
    text.append(contentsOf: " (".utf8)
    DurationText.appendISO8601(60 * WordingTests.second, to: &text)
    text.append(contentsOf: ")".utf8)
    #expect(String(decoding: text, as: UTF8.self) == "for 1 minute (PT1M)")
  }
}
