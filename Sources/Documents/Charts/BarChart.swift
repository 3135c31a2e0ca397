/// Horizontal bars that start at zero, each with its number. Negative bars extend to the left.
public struct BarChart: Chart {
  public struct Bar: Sendable {
    public let label: String
    public let value: Int64

    public init(label: String, value: Int64) {
      self.label = label
      self.value = value
    }
  }

  public let title: String
  public let summary: String
  public let unit: ChartUnit
  public let bars: [Bar]
  public let numbers: ChartNumbers?

  /// - Parameter hasTable: whether a table next to the chart shows its numbers.
  public init(
    title: String, summary: String, unit: ChartUnit, bars: [Bar], hasTable: Bool = false
  ) {
    self.title = title
    self.summary = summary
    self.unit = unit
    self.bars = bars
    numbers =
      hasTable
      ? nil
      : ChartNumbers(
        columns: ["", unit.name], rows: bars.map { [$0.label, unit.text($0.value)] })
  }

  private static let pitch = 300
  private static let thickness = 180

  public func height() -> Int { bars.count * BarChart.pitch + 480 }

  public func draw(_ svg: inout SVGWriter) {
    let labels = LabelColumn(bars.map(\.label))
    let values = bars.map { ChartFrame.width(of: unit.text($0.value)) }.max() ?? 0
    let length = ChartFrame.width - labels.width - values - 260
    let scale = ChartScale(bars.map(\.value), finest: 1)
    let bottom = bars.count * BarChart.pitch + 60
    svg.valueAxis(
      scale, unit, left: labels.width, length: length, top: 20, bottom: bottom)
    let zero = labels.width + scale.position(Int64(0), length: length)
    for (number, bar) in bars.enumerated() {
      let top = 60 + number * BarChart.pitch
      svg.text(x: labels.width - 100, y: top + 140, labels.texts[number], .labelEnd)
      let end = labels.width + scale.position(bar.value, length: length)
      svg.rectangle(
        x: min(zero, end), y: top, width: max(abs(end - zero), bar.value == 0 ? 0 : 10),
        height: BarChart.thickness, .series(0), tip: "\(bar.label): \(unit.text(bar.value))")
      svg.text(x: max(zero, end) + 80, y: top + 140, unit.text(bar.value), .value)
    }
  }
}

/// The column of labels to the left of the bars.
struct LabelColumn {
  let texts: [String]
  let width: Int

  init(_ labels: [String], atMost limit: Int = 2000) {
    texts = labels.map { ChartFrame.fitted($0, width: limit) }
    width = min(limit, texts.map { ChartFrame.width(of: $0) }.max() ?? 0) + 160
  }
}

/// For each group, one bar for every series, below each other in the order of the legend.
public struct GroupedBarChart: Chart {
  public struct Group: Sendable {
    public let label: String
    /// One value for each series; `nil` if the group has none.
    public let values: [Int64?]

    public init(label: String, values: [Int64?]) {
      self.label = label
      self.values = values
    }
  }

  public let title: String
  public let summary: String
  public let unit: ChartUnit
  public let series: [String]
  public let groups: [Group]
  public let numbers: ChartNumbers?

  /// - Parameter hasTable: whether a table next to the chart shows its numbers.
  public init(
    title: String, summary: String, unit: ChartUnit, series: [String], groups: [Group],
    hasTable: Bool = false
  ) {
    precondition(groups.allSatisfy { $0.values.count == series.count }, "a value for each series")
    self.title = title
    self.summary = summary
    self.unit = unit
    self.series = series
    self.groups = groups
    numbers =
      hasTable
      ? nil
      : ChartNumbers(
        columns: [""] + series,
        rows: groups.map { group in
          [group.label] + group.values.map { value in value.map { unit.text($0) } ?? "" }
        })
  }

  private static let pitch = 170
  private static let thickness = 130
  private static let gap = 130

  private func rows(_ group: Group) -> Int { max(1, group.values.count { $0 != nil }) }

  private var plotHeight: Int {
    groups.reduce(60) { $0 + rows($1) * GroupedBarChart.pitch + GroupedBarChart.gap }
  }

  private var legendHeight: Int {
    SVGWriter.legendHeight(series, width: ChartFrame.width)
  }

  public func height() -> Int { legendHeight + 80 + plotHeight + 420 }

  public func draw(_ svg: inout SVGWriter) {
    let top = 80 + svg.legend(series, x: 0, y: 0, width: ChartFrame.width)
    let labels = LabelColumn(groups.map(\.label))
    let all = groups.flatMap { $0.values.compactMap { $0 } }
    let values = all.map { ChartFrame.width(of: unit.text($0)) }.max() ?? 0
    let length = ChartFrame.width - labels.width - values - 260
    let scale = ChartScale(all)
    svg.valueAxis(
      scale, unit, left: labels.width, length: length, top: top, bottom: top + plotHeight)
    let zero = labels.width + scale.position(Int64(0), length: length)
    var y = top + 60
    for (number, group) in groups.enumerated() {
      let height = rows(group) * GroupedBarChart.pitch
      svg.text(x: labels.width - 100, y: y + height / 2 + 25, labels.texts[number], .labelEnd)
      for (series, value) in group.values.enumerated() {
        guard let value else { continue }
        let end = labels.width + scale.position(value, length: length)
        svg.rectangle(
          x: min(zero, end), y: y, width: max(abs(end - zero), value == 0 ? 0 : 10),
          height: GroupedBarChart.thickness, .series(series),
          tip: "\(group.label), \(self.series[series]): \(unit.text(value))")
        svg.text(x: max(zero, end) + 80, y: y + 110, unit.text(value), .value)
        y += GroupedBarChart.pitch
      }
      if group.values.allSatisfy({ $0 == nil }) { y += GroupedBarChart.pitch }
      y += GroupedBarChart.gap
    }
  }
}
