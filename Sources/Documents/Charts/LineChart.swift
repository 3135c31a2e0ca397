/// Lines over a horizontal axis of named points in order, such as runs or months.
public struct LineChart: Chart {
  public struct Series: Sendable {
    public let name: String
    /// One value for each point; `nil` if a point has none.
    public let values: [Int64?]

    public init(name: String, values: [Int64?]) {
      self.name = name
      self.values = values
    }
  }

  public let title: String
  public let summary: String
  public let unit: ChartUnit
  /// What a point is, such as `run`.
  public let pointName: String
  public let points: [String]
  public let series: [Series]
  public let isHalfWide: Bool

  public init(
    title: String, summary: String, unit: ChartUnit, pointName: String, points: [String],
    series: [Series], isHalfWide: Bool = false
  ) {
    precondition(series.allSatisfy { $0.values.count == points.count }, "a value for each point")
    self.title = title
    self.summary = summary
    self.unit = unit
    self.pointName = pointName
    self.points = points
    self.series = series
    self.isHalfWide = isHalfWide
  }

  public var numbers: ChartNumbers? {
    ChartNumbers(
      columns: [pointName] + series.map { "\($0.name), \(unit.name)" },
      rows: points.indices.map { point in
        [points[point]] + series.map { $0.values[point].map { unit.text($0) } ?? "" }
      })
  }

  private static let plotHeight = 1600
  private var width: Int { isHalfWide ? ChartFrame.halfWidth : ChartFrame.width }
  private var names: [String] { series.count > 1 ? series.map(\.name) : [] }

  public func height() -> Int {
    SVGWriter.legendHeight(names, width: width) + LineChart.plotHeight + 840
  }

  public func draw(_ svg: inout SVGWriter) {
    let top = 280 + svg.legend(names, x: 0, y: 0, width: width)
    let scale = ChartScale(series.flatMap { $0.values.compactMap { $0 } })
    let marks = scale.marks.map {
      ChartFrame.width(of: unit.axisLabel($0, highest: scale.highest))
    }
    let left = (marks.max() ?? 0) + 180
    let right = width - 250
    svg.text(x: 0, y: top - 140, unit.name, .muted)
    svg.countAxis(scale, unit, left: left, right: right, top: top, height: LineChart.plotHeight)
    let bottom = top + LineChart.plotHeight
    // A single point is drawn in the middle.
    func x(_ point: Int) -> Int {
      points.count < 2
        ? (left + right) / 2 : left + 100 + (right - left - 100) * point / (points.count - 1)
    }
    var lastLabelEnd = Int.min
    for (point, name) in points.enumerated() {
      let label = ChartFrame.fitted(name, width: 1200)
      let half = ChartFrame.width(of: label) / 2
      guard x(point) - half > lastLabelEnd + 100 else { continue }
      svg.text(x: x(point), y: bottom + 180, label, .middle)
      lastLabelEnd = x(point) + half
    }
    svg.text(x: right, y: bottom + 370, pointName, .end)
    for (number, line) in series.enumerated() {
      let drawn = line.values.enumerated().compactMap { point, value in
        value.map {
          (
            x: x(point),
            y: bottom - scale.position($0, length: LineChart.plotHeight)
          )
        }
      }
      if drawn.count > 1 { svg.path(drawn, .lineSeries(number)) }
      for (point, value) in line.values.enumerated() {
        guard let value else { continue }
        svg.circle(
          x: x(point), y: bottom - scale.position(value, length: LineChart.plotHeight), radius: 35,
          .series(number),
          tip: "\(pointName) \(points[point]), \(line.name): \(unit.text(value))")
      }
    }
  }
}
