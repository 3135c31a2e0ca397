import ServiceCredits
import Testing

@testable import Documents

/// The bytes of a page: no text of a row becomes markup, and numbers are those of the CSV.
@Suite struct PageTests {
  static let hostile = [
    "</script><script>alert(1)</script>",
    "\"\u{301} onload=\"alert(1)",
    ">\u{338}<\u{20D2}img src=x onerror=alert(1)>",
    "'\u{300} autofocus onfocus='alert(1)",
    "</title></style></svg></table><h1>x",
    "{{title}}{{{script}}}", "&lt;b&gt;", "\u{202E}drowssap\u{2066}", "=HYPERLINK(\"x\")",
    "a\u{0}b\u{1}c", "--><!--", "]]>",
  ]

  @Test(arguments: hostile)
  func nothingOfAValueIsMarkup(value: String) throws {
    let plain = try PageTests.page(value: String(repeating: "x", count: value.utf8.count))
    let page = try PageTests.page(value: value)
    // The page has as many tags and quotes as with a harmless value, so none come from the value.
    for mark in "<>\"'`".utf8 {
      #expect(page.count { $0 == mark } == plain.count { $0 == mark })
    }
    #expect(!page.contains(0) && !page.contains(1))
  }

  static func page(value: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let table = PageTable(
      caption: value, columns: [.text(value), .text("b")],
      rows: [[.text(value), .code(value)]], totals: [[.text(value), .none]])
    let charts: [any Chart] = [
      BarChart(
        title: value, summary: value, unit: ChartUnit(name: value),
        bars: [.init(label: value, value: 1)]),
      GroupedBarChart(
        title: value, summary: value, unit: ChartUnit(name: value), series: [value],
        groups: [.init(label: value, values: [1])]),
      LineChart(
        title: value, summary: value, unit: ChartUnit(name: value), pointName: value,
        points: [value], series: [.init(name: value, values: [1])]),
      TimelineChart(
        title: value, summary: value,
        span: Interval(Instant(microseconds: 0), Instant(microseconds: 9)),
        rows: [.init(label: value, bars: [], note: value)]),
    ]
    try Page(
      title: value, subtitle: value, facts: [(value, value)],
      sections: [
        PageSection(
          title: value, anchor: "a", introduction: value,
          content: [
            .heading(value), .paragraph(value), .notice(value), .list([value]),
            .figures([
              PageFigure(label: value, value: .text(value), details: [(value, .code(value))])
            ]),
            .table(table), .charts(charts),
          ])
      ]
    ).append(to: &bytes)
    return bytes
  }

  @Test(arguments: [
    (PageCell.amount(Money(amountMinor: 0, currency: Currency("USD")!)), "0.00"),
    (.amount(Money(amountMinor: 5, currency: Currency("USD")!)), "0.05"),
    (.amount(Money(amountMinor: 99_999, currency: Currency("USD")!)), "999.99"),
    (.amount(Money(amountMinor: 100_000, currency: Currency("USD")!)), "1|000.00"),
    (.amount(Money(amountMinor: -123_456_789, currency: Currency("USD")!)), "-1|234|567.89"),
    (.amount(Money(amountMinor: 123_456, currency: Currency("JPY")!)), "123|456"),
    (.amount(Money(amountMinor: 1_234_567, currency: Currency("KWD")!)), "1|234.567"),
    (.amount(Money(amountMinor: .min, currency: Currency("JPY")!)), "-9|223|372|036|854|775|808"),
    (.count(12), "12"), (.count(1_340_000), "1|340|000"),
    (.duration(14_352_000_000), "3:59:12"), (.duration(14_400_000_001), "4:00:00.000001"),
    (.duration(0), "0:00:00"),
  ])
  func numbersAreThoseOfTheCSV(cell: PageCell, shown: String) {
    var html = HTMLWriter()
    html.append(cell)
    let text = String(decoding: html.bytes, as: UTF8.self)
      .split(separator: "<span class=\"g\">", omittingEmptySubsequences: false).joined(
        separator: "|"
      )
      .split(separator: "</span>", omittingEmptySubsequences: false).joined()
    #expect(text == shown)
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func base64IsThatOfTheStandard(text: String, encoded: String) {
    #expect(String(decoding: Base64.encoded(Array(text.utf8)), as: UTF8.self) == encoded)
  }

  @Test func whatThePageAllowsIsWhatItHolds() throws {
    let text = String(decoding: try PageTests.page(value: "x"), as: UTF8.self)
    #expect(text.hasPrefix("<!DOCTYPE html>\n"))
    #expect(text.contains("default-src 'none'; style-src 'sha256-"))
    // A style attribute would be refused by the page's own rules.
    #expect(!text.contains(" style=") && !text.contains(" onclick="))
    #expect(!text.contains("http://") && !text.contains("https://"))
  }
}
