import Testing

@testable import redress

struct ProgressBarTests {
  private func bar(
    of all: Int? = 1_000_000, _ environment: [String: String] = ["LANG": "C", "NO_COLOR": "1"]
  ) -> ProgressBar {
    var bar = ProgressBar(style: ProgressBar.Style { environment[$0] })
    bar.customerCount = all
    return bar
  }

  @Test(arguments: [
    (
      100,
      " 42 % ###############..................... 420,000 of 1,000,000 customers, 84,000 rows/s, 0:14 left"
    ),
    (80, " 42 % ######.......... 420,000 of 1,000,000 customers, 84,000 rows/s, 0:14 left"),
    (60, " 42 % ###########................. 0:14 left, 84,000 rows/s"),
    (40, " 42 % ###..... 0:14 left, 84,000 rows/s"),
    (32, " 42 % ######......... 0:14 left"),
    (20, " 42 % #####......."),
    (5, "42 %"),
    (3, "42"),
    (1, ""),
  ])
  func fitsTheWidth(_ width: Int, _ expected: String) {
    let line = bar().line(customers: 420_000, rows: 840_000, milliseconds: 10_000, width: width)
    #expect(line.count <= max(0, width - 1), "\(line)")
    #expect(line.drop { $0 == " " } == expected.drop { $0 == " " }, "\(line)")
  }

  @Test func countsWithoutATotal() {
    let line = bar(of: nil).line(customers: 2048, rows: 5000, milliseconds: 2000, width: 80)
    #expect(line == "2,048 customers, 2,500 rows/s")
  }

  @Test(arguments: [
    (0, 0, "  0 %"), (1_000_000, 5, "100 %"), (2_000_000, 0, "100 %"),
  ])
  func endsAreCalm(_ customers: Int, _ milliseconds: Int, _ percent: String) {
    let line = bar().line(
      customers: customers, rows: 0, milliseconds: milliseconds, width: 80)
    #expect(line.hasPrefix(percent))
    #expect(!line.contains("left"))
  }

  @Test func longTimesHaveHours() {
    let line = bar().line(customers: 1000, rows: 0, milliseconds: 10_000, width: 120)
    #expect(line.hasSuffix("2:46:30 left"), "\(line)")
  }

  @Test func blocksAndColourAreForWhoHasThem() {
    let plain = bar().line(customers: 500_000, rows: 0, milliseconds: 0, width: 80)
    #expect(plain.unicodeScalars.allSatisfy { $0.isASCII && $0 != "\u{1B}" })
    let rich = bar(["LC_ALL": "", "LC_CTYPE": "de_DE.UTF-8", "NO_COLOR": ""])
      .line(customers: 500_000, rows: 0, milliseconds: 0, width: 80)
    #expect(rich.contains("\u{1B}[32m█") && rich.contains("\u{1B}[0m░"))
  }

  private func bar(_ environment: [String: String]) -> ProgressBar {
    bar(of: 1_000_000, environment)
  }
}
