import Testing

@testable import CreditRun
@testable import Documents

struct RunMetricsTests {
  @Test(arguments: [
    ("plain", "plain", "plain"),
    ("a\"b", "a\\\"b", "a\"b"),
    ("a\\b", "a\\\\b", "a\\\\b"),
    ("a\nb", "a\\nb", "a\\nb"),
    // A combining mark does not hide the quote before it.
    ("\"\u{301}", "\\\"\u{301}", "\"\u{301}"),
    ("é 日本", "é 日本", "é 日本"),
  ])
  func isEscaped(_ value: String, _ label: String, _ help: String) {
    func escaped(isLabel: Bool) -> String {
      var bytes: [UInt8] = []
      PrometheusText.append(escaped: value, isLabel: isLabel, to: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(escaped(isLabel: true).unicodeScalars.elementsEqual(label.unicodeScalars))
    #expect(escaped(isLabel: false).unicodeScalars.elementsEqual(help.unicodeScalars))
  }

  @Test(arguments: [
    ("", 0),
    ("redress_last_success_timestamp_seconds 1795429989\n", 1_795_429_989),
    (
      "# HELP redress_last_success_timestamp_seconds 5\nredress_last_success_timestamp_seconds 7\n",
      7
    ),
    ("redress_last_success_timestamp_seconds\n", 0),
    ("redress_last_success_timestamp_seconds -1\n", 0),
    ("redress_last_success_timestamp_seconds 1.5e9\n", 0),
    ("redress_last_success_timestamp_seconds{a=\"b\"} 7\n", 0),
    ("redress_last_success_timestamp_seconds_old 7\n", 0),
    ("redress_last_success_timestamp_seconds 17", 17),
  ])
  func lastSuccessIsReadBack(_ text: String, _ expected: Int64) {
    #expect(RunMetrics.lastSuccess(in: text) == expected)
  }

  @Test(arguments: [
    (Int64(0), 0, "0"), (5, 2, "0.05"), (-12345, 2, "-123.45"), (-1, 3, "-0.001"), (7, 0, "7"),
  ])
  func numbersAreExact(_ value: Int64, _ decimals: Int, _ expected: String) {
    #expect(
      String(decoding: PrometheusText.Number(value, decimals: decimals).bytes, as: UTF8.self)
        == expected)
  }

  @Test func aFailedRunTellsThatItFailed() {
    var metrics = RunMetrics(isDryRun: true)
    metrics.endedAt = 1_795_429_989
    metrics.exitCode = 1
    metrics.stages = [("connect", 0.0000014)]
    var bytes: [UInt8] = []
    metrics.append(to: &bytes, lastSuccess: 17)
    let samples = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    #expect(
      samples == [
        "redress_last_success_timestamp_seconds 17",
        "redress_last_run_timestamp_seconds 1795429989",
        "redress_run_exit_code 1",
        "redress_run_held 0",
        "redress_run_dry_run 1",
        "redress_run_duration_seconds{stage=\"connect\"} 0.000001",
      ])
  }
}
