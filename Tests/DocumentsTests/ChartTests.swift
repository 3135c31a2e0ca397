import ServiceCredits
import Testing

@testable import Documents

/// Scales, labels and positions in charts.
@Suite struct ChartTests {
  @Test(
    arguments: [
      ([], [0, 1]),
      ([0], [0, 1]),
      ([1], [0, 1]),
      ([4], [0, 1, 2, 3, 4]),
      ([5], [0, 1, 2, 3, 4, 5]),
      ([6], [0, 2, 4, 6]),
      ([10], [0, 2, 4, 6, 8, 10]),
      ([11], [0, 5, 10, 15]),
      ([999], [0, 200, 400, 600, 800, 1000]),
      ([-1, 9], [-2, 0, 2, 4, 6, 8, 10]),
      ([-30], [-30, -20, -10, 0]),
      ([-5, -4], [-5, -4, -3, -2, -1, 0]),
    ] as [([Int64], [Int128])])
  func marksAreRoundAndHoldEveryValue(values: [Int64], marks: [Int128]) {
    #expect(ChartScale(values).marks == marks)
  }

  @Test func theLargestAmountsHaveAScale() {
    let scale = ChartScale([Int64.min, Int64.max])
    #expect(scale.lowest <= Int128(Int64.min) && scale.highest >= Int128(Int64.max))
    #expect(scale.marks.count < 12)
    #expect(scale.position(Int64.min, length: 1000) >= 0)
    #expect(scale.position(Int64.max, length: 1000) <= 1000)
  }

  @Test(arguments: [(0, 0), (1, 100), (5, 500), (10, 1000)] as [(Int64, Int)])
  func positionsAreProportional(value: Int64, position: Int) {
    #expect(ChartScale([10]).position(value, length: 1000) == position)
  }

  @Test(
    arguments: [
      ("USD", 0, "0.00"), ("USD", 5, "0.05"), ("USD", 123_450, "1234.50"), ("USD", -1, "-0.01"),
      ("JPY", 18_000, "18000"), ("KWD", 161_152, "161.152"), ("UYW", 1, "0.0001"),
      ("USD", Int64.max, "92233720368547758.07"), ("USD", Int64.min, "-92233720368547758.08"),
    ] as [(String, Int64, String)])
  func amountsHaveTheirCurrencysDecimals(code: String, minor: Int64, text: String) throws {
    #expect(ChartUnit.money(try #require(Currency(code))).text(minor) == text)
  }

  @Test(arguments: [(0, "0 %"), (2500, "25 %"), (1250, "12.5 %"), (1, "0.01 %"), (-50, "-0.5 %")])
  func percentsHaveTheDecimalsTheyNeed(points: Int64, text: String) {
    #expect(ChartUnit.percent(of: "fees").text(points) == text)
  }

  @Test(
    arguments: [
      (0, 1000, "0"), (1000, 1000, "10"), (150, 1000, "1.5"), (999_900, 999_900, "9999"),
      (1_000_000, 1_000_000, "10 k"), (250_000, 1_000_000, "2.5 k"),
      (150_000_000, 200_000_000, "1.5 M"), (100_000_000_000, 100_000_000_000, "1 bn"),
    ] as [(Int128, Int128, String)])
  func axisLabelsAreShort(value: Int128, highest: Int128, label: String) {
    #expect(ChartUnit(name: "USD", decimals: 2).axisLabel(value, highest: highest) == label)
  }

  @Test func barsAreAsLongAsTheirNumbersAndInsideTheDrawing() {
    let chart = BarChart(
      title: "t", summary: "s", unit: ChartUnit(name: "u"),
      bars: [
        .init(label: "none", value: 0), .init(label: "half", value: 50),
        .init(label: "whole", value: 100), .init(label: "less", value: -100),
      ])
    let rectangles = ChartTests.rectangles(in: chart)
    #expect(rectangles.count == 4)
    #expect(rectangles[0].width == 0)
    #expect(abs(rectangles[1].width * 2 - rectangles[2].width) <= 1)
    // Rounding may change a width by a tenth of a unit.
    #expect(abs(rectangles[2].width - rectangles[3].width) <= 1)
    #expect(rectangles[3].x + rectangles[3].width == rectangles[2].x)
    for rectangle in rectangles {
      #expect(rectangle.x >= 0 && rectangle.x + rectangle.width <= ChartFrame.width)
      #expect(rectangle.y >= 0 && rectangle.y + rectangle.height <= chart.height())
    }
  }

  @Test func everyChartKeepsInsideItsFrame() {
    let long = String(repeating: "W", count: 500)
    let hour: Int64 = 3_600_000_000
    func interval(_ from: Int64, _ to: Int64) -> Interval {
      Interval(Instant(microseconds: from * hour), Instant(microseconds: to * hour))
    }
    let charts: [any Chart] = [
      BarChart(
        title: "t", summary: "s", unit: .percent(of: long),
        bars: [.init(label: long, value: .max), .init(label: "", value: .min)]),
      GroupedBarChart(
        title: "t", summary: "s", unit: ChartUnit(name: "u"),
        series: Array(repeating: long, count: 9),
        groups: [.init(label: long, values: Array(repeating: 7, count: 9))]),
      HistogramChart(
        title: "t", summary: "s", unit: ChartUnit(name: "u", decimals: 2), counted: "credits",
        bins: [.init(lower: 0, upper: 100, count: .max), .init(lower: 100, upper: 200, count: 0)]),
      TimelineChart(
        title: "t", summary: "s", span: interval(0, 24),
        rows: [
          .init(
            label: long,
            bars: [
              .init(interval: interval(-5, 2), severity: .p0),
              .init(interval: interval(23, 99), severity: .p3),
              .init(interval: interval(24, 30), severity: .p1),
            ], note: long)
        ]),
      LineChart(
        title: "t", summary: "s", unit: ChartUnit(name: "u"), pointName: "run",
        points: ["1", long, "3"], series: [.init(name: long, values: [.min, nil, .max])]),
    ]
    for chart in charts {
      let rectangles = ChartTests.rectangles(in: chart)
      let width = chart.isHalfWide ? ChartFrame.halfWidth : ChartFrame.width
      for rectangle in rectangles {
        #expect(rectangle.x >= 0 && rectangle.x + rectangle.width <= width, "\(chart)")
        #expect(rectangle.y >= 0 && rectangle.y + rectangle.height <= chart.height(), "\(chart)")
      }
    }
  }

  @Test func aTimelineShowsWhatIsInItsSpanAndNothingTooShortToSee() {
    func at(_ hours: Int64) -> Instant { Instant(microseconds: hours * 3_600_000_000) }
    let chart = TimelineChart(
      title: "t", summary: "s", span: Interval(at(0), at(10)),
      rows: [
        .init(
          label: "a",
          bars: [
            .init(interval: Interval(at(0), at(5)), severity: .p0),
            .init(
              interval: Interval(at(2), Instant(microseconds: at(2).microseconds + 1)),
              severity: .p0),
            .init(interval: Interval(at(10), at(12)), severity: .p0),
            .init(interval: Interval(at(-4), at(0)), severity: .p0),
          ], note: "")
      ])
    // The first is the key to the colours; the last two are outside.
    let bars = ChartTests.rectangles(in: chart).dropFirst()
    #expect(bars.count == 2)
    #expect(bars.first!.width > 1000 && bars.last!.width == 40)
  }

  @Test(arguments: [
    ("short", 1000, "short"), ("", 1000, ""),
    ("a name that is far too long", 900, "a name that…"),
    ("日本日本日本日本", 620, "日本日…"),
  ])
  func namesAreCutToFit(name: String, width: Int, shown: String) {
    let fitted = ChartFrame.fitted(name, width: width)
    #expect(fitted == shown)
  }

  /// A name of one letter with a thousand marks is one `Character` and is still cut.
  @Test func marksOnALetterAreCutToo() {
    let name = "a" + String(repeating: "\u{301}", count: 1000) + "b"
    let fitted = ChartFrame.fitted(name, width: 1000)
    #expect(Array(fitted.unicodeScalars) == ["a", "\u{301}", "\u{301}", "\u{301}", "b"])
  }

  struct Rectangle {
    var x = 0, y = 0, width = 0, height = 0
  }

  /// The drawn rectangles, in tenths.
  static func rectangles(in chart: any Chart) -> [Rectangle] {
    var svg = SVGWriter(html: HTMLWriter())
    chart.draw(&svg)
    let text = String(decoding: svg.html.bytes, as: UTF8.self)
    return text.split(separator: "<").filter { $0.hasPrefix("rect ") }.map { tag in
      var rectangle = Rectangle()
      for (name, path) in [
        ("x", \Rectangle.x), ("y", \.y), ("width", \.width), ("height", \.height),
      ] as [(String, WritableKeyPath<Rectangle, Int>)] {
        guard let attribute = tag.split(separator: " ").first(where: { $0.hasPrefix("\(name)=\"") })
        else { continue }
        let digits = attribute.dropFirst(name.count + 2).prefix { $0 != "\"" }
        let parts = digits.split(separator: ".")
        let sign = digits.hasPrefix("-") ? -1 : 1
        rectangle[keyPath: path] =
          (Int(parts[0]) ?? 0) * 10 + (parts.count > 1 ? sign * (Int(parts[1]) ?? 0) : 0)
      }
      return rectangle
    }
  }
}
