package import ServiceCredits

/// A chart as inline SVG.
///
/// Colours are classes; the page's style gives them values for light and for dark. Colour is never
/// the only difference: each bar has its number, each series its name and place.
public protocol Chart: Sendable {
  /// The heading.
  var title: String { get }
  /// A description for readers who cannot see the chart. One or two sentences.
  var summary: String { get }
  /// Whether the chart is half as wide as `ChartFrame.width`.
  var isHalfWide: Bool { get }
  /// The numbers as a table; `nil` if a table next to the chart shows them.
  var numbers: ChartNumbers? { get }
  func height() -> Int
  func draw(_ svg: inout SVGWriter)
}

extension Chart {
  public var isHalfWide: Bool { false }
  public var numbers: ChartNumbers? { nil }
}

/// The numbers of a chart as text.
public struct ChartNumbers: Sendable {
  public let columns: [String]
  public let rows: [[String]]

  public init(columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }
}

/// Lengths are tenths of a drawing unit. A unit is about one pixel.
package enum ChartFrame {
  package static let width = 7200
  static let halfWidth = 3600

  /// The approximate width of a label in a wide font at 12 units. No font is read.
  package static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar {
    case " ": return 40
    case "i", "j", "l", "t", "f", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", "/":
      return 50
    case "m", "w", "M", "W", "@", "%": return 118
    case "&", "<", ">", "=", "+", "…": return 105
    case "0"..."9": return 77
    case "A"..."Z": return 92
    default: break
    }
    if isMark(scalar) { return 0 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60,
      0x1F000...0x1FAFF, 0x20000...0x3FFFD:
      return 170
    default: return 77
    }
  }

  /// Whether the character takes no width of its own.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: true
    default: false
    }
  }

  /// As much of the beginning of `text` as fits, with an ellipsis if it is cut. Keeps at most three
  /// marks on a letter.
  static func fitted(_ text: String, width limit: Int) -> String {
    var kept = String.UnicodeScalarView()
    var room = limit
    var marks = 0
    for scalar in text.unicodeScalars {
      marks = isMark(scalar) ? marks + 1 : 0
      if marks > 3 { continue }
      room -= width(of: scalar)
      kept.append(scalar)
      if room < 0 || kept.count > 64 { break }
    }
    if room >= 0, kept.count <= 64 { return String(kept) }
    room -= width(of: "…")
    while room < 0 || kept.count > 64, let last = kept.popLast() { room += width(of: last) }
    return String(kept) + "…"
  }
}

/// Writes the content of one drawing.
public struct SVGWriter {
  var html: HTMLWriter

  /// A class that the page's style defines.
  package struct Style {
    let name: StaticString

    package static let axis = Style(name: "axis")
    package static let grid = Style(name: "grid")
    static let label = Style(name: "lab")
    package static let muted = Style(name: "mut")
    package static let value = Style(name: "val")
    static let middle = Style(name: "mut mid")
    package static let end = Style(name: "mut end")
    package static let labelEnd = Style(name: "lab end")

    /// The style of the n-th series, from 0. The seventh is the same as the first.
    package static func series(_ number: Int) -> Style {
      let names: [StaticString] = ["s1", "s2", "s3", "s4", "s5", "s6"]
      return Style(name: names[number % names.count])
    }

    static func lineSeries(_ number: Int) -> Style {
      let names: [StaticString] = ["l1", "l2", "l3", "l4", "l5", "l6"]
      return Style(name: names[number % names.count])
    }

    package static func severity(_ severity: Severity) -> Style {
      let names: [StaticString] = ["p0", "p1", "p2", "p3"]
      return Style(name: names[Int(severity.rawValue)])
    }
  }

  mutating func attribute(_ name: StaticString, _ tenths: Int) {
    html.raw(" ")
    html.raw(name)
    html.raw("=\"")
    html.plain { appendDecimal(Int64(tenths), decimals: 1, atLeast: 0, to: &$0) }
    html.raw("\"")
  }

  private mutating func style(_ style: Style) {
    html.raw(" class=\"")
    html.raw(style.name)
    html.raw("\"")
  }

  /// - Parameter tip: the text that is shown while the pointer is over it.
  package mutating func rectangle(
    x: Int, y: Int, width: Int, height: Int, _ style: Style, tip: String? = nil
  ) {
    html.raw("<rect")
    attribute("x", x)
    attribute("y", y)
    attribute("width", width)
    attribute("height", height)
    self.style(style)
    guard let tip else {
      html.raw("/>")
      return
    }
    html.raw("><title>")
    html.text(tip)
    html.raw("</title></rect>")
  }

  package mutating func line(x1: Int, y1: Int, x2: Int, y2: Int, _ style: Style) {
    html.raw("<line")
    attribute("x1", x1)
    attribute("y1", y1)
    attribute("x2", x2)
    attribute("y2", y2)
    self.style(style)
    html.raw("/>")
  }

  mutating func circle(x: Int, y: Int, radius: Int, _ style: Style, tip: String) {
    html.raw("<circle")
    attribute("cx", x)
    attribute("cy", y)
    attribute("r", radius)
    self.style(style)
    html.raw("><title>")
    html.text(tip)
    html.raw("</title></circle>")
  }

  mutating func path(_ points: [(x: Int, y: Int)], _ style: Style) {
    html.raw("<path d=\"")
    for (number, point) in points.enumerated() {
      html.raw(number == 0 ? "M" : "L")
      html.plain { appendDecimal(Int64(point.x), decimals: 1, atLeast: 0, to: &$0) }
      html.raw(" ")
      html.plain { appendDecimal(Int64(point.y), decimals: 1, atLeast: 0, to: &$0) }
    }
    html.raw("\"")
    self.style(style)
    html.raw("/>")
  }

  /// - Parameter y: the base line.
  package mutating func text(x: Int, y: Int, _ text: String, _ style: Style) {
    html.raw("<text")
    attribute("x", x)
    attribute("y", y)
    self.style(style)
    html.raw(">")
    html.text(text)
    html.raw("</text>")
  }

  /// Writes the names of series with their colours, in one or more rows.
  /// - Returns: the height of the rows.
  @discardableResult
  mutating func legend(_ names: [String], x: Int, y: Int, width: Int) -> Int {
    var left = x
    var top = y
    for (number, name) in names.enumerated() {
      let shown = ChartFrame.fitted(name, width: 2400)
      let needed = 160 + ChartFrame.width(of: shown) + 200
      if left > x, left + needed > x + width {
        left = x
        top += 200
      }
      rectangle(x: left, y: top + 20, width: 110, height: 110, .series(number))
      text(x: left + 160, y: top + 115, shown, .muted)
      left += needed
    }
    return names.isEmpty ? 0 : top - y + 200
  }

  /// The height of `legend`.
  static func legendHeight(_ names: [String], width: Int) -> Int {
    var writer = SVGWriter(html: HTMLWriter())
    return writer.legend(names, x: 0, y: 0, width: width)
  }

  /// Draws vertical grid lines with their values below, and the unit.
  mutating func valueAxis(
    _ scale: ChartScale, _ unit: ChartUnit, left: Int, length: Int, top: Int, bottom: Int
  ) {
    for mark in scale.marks {
      let x = left + scale.position(mark, length: length)
      line(x1: x, y1: top, x2: x, y2: bottom, mark == 0 ? .axis : .grid)
      text(x: x, y: bottom + 160, unit.axisLabel(mark, highest: scale.highest), .middle)
    }
    text(x: left + length, y: bottom + 340, unit.name, .end)
  }

  /// Draws horizontal grid lines with their values to the left.
  mutating func countAxis(
    _ scale: ChartScale, _ unit: ChartUnit, left: Int, right: Int, top: Int, height: Int
  ) {
    for mark in scale.marks {
      let y = top + height - scale.position(mark, length: height)
      line(x1: left, y1: y, x2: right, y2: y, mark == 0 ? .axis : .grid)
      text(x: left - 80, y: y + 40, unit.axisLabel(mark, highest: scale.highest), .end)
    }
  }
}

extension HTMLWriter {
  /// Appends the chart as a figure with its heading, its drawing and its numbers, if it has them.
  public mutating func append(_ chart: any Chart) {
    let id = nextId()
    raw("<figure")
    raw(chart.isHalfWide ? " class=\"half\"" : "")
    raw("><figcaption>")
    text(chart.title)
    raw("</figcaption><div class=\"draw\" role=\"group\" tabindex=\"0\" aria-labelledby=\"t")
    integer(id)
    raw("\"><svg role=\"img\" aria-labelledby=\"t")
    integer(id)
    raw(" d")
    integer(id)
    raw("\" viewBox=\"0 0 ")
    integer((chart.isHalfWide ? ChartFrame.halfWidth : ChartFrame.width) / 10)
    raw(" ")
    integer((chart.height() + 9) / 10)
    raw("\"><title id=\"t")
    integer(id)
    raw("\">")
    text(chart.title)
    raw("</title><desc id=\"d")
    integer(id)
    raw("\">")
    text(chart.summary)
    raw("</desc>")
    var svg = SVGWriter(html: self)
    chart.draw(&svg)
    self = svg.html
    raw("</svg></div>")
    if let numbers = chart.numbers { append(numbers, of: chart.title) }
    raw("</figure>\n")
  }

  private mutating func append(_ numbers: ChartNumbers, of title: String) {
    raw("<details><summary>The numbers</summary><table><caption>")
    text(title)
    raw("</caption><thead><tr>")
    for (index, column) in numbers.columns.enumerated() {
      raw(index == 0 ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">")
      text(column)
      raw("</th>")
    }
    raw("</tr></thead><tbody>")
    for row in numbers.rows {
      raw("<tr>")
      for (index, cell) in row.enumerated() {
        raw(index == 0 ? "<th scope=\"row\"><bdi>" : "<td class=\"n\"><bdi>")
        text(cell)
        raw(index == 0 ? "</bdi></th>" : "</bdi></td>")
      }
      raw("</tr>")
    }
    raw("</tbody></table></details>")
  }
}
