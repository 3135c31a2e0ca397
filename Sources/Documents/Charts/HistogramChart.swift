/// Counts by size. Half as wide as other charts, so that two can stand side by side.
public struct HistogramChart: Chart {
  /// Sizes from `lower` to below `upper`.
  public struct Bin: Hashable, Sendable {
    public let lower: Int64
    public let upper: Int64
    public let count: Int64

    public init(lower: Int64, upper: Int64, count: Int64) {
      self.lower = lower
      self.upper = upper
      self.count = count
    }
  }

  public let title: String
  public let summary: String
  /// The unit of the sizes.
  public let unit: ChartUnit
  /// What is counted, such as `credits`.
  public let counted: String
  /// Ascending. Each bin begins where the one before it ends.
  public let bins: [Bin]

  public init(
    title: String, summary: String, unit: ChartUnit, counted: String, bins: [Bin]
  ) {
    self.title = title
    self.summary = summary
    self.unit = unit
    self.counted = counted
    self.bins = bins
  }

  public var isHalfWide: Bool { true }

  public var numbers: ChartNumbers? {
    ChartNumbers(
      columns: [unit.name, counted], rows: bins.map { [text($0), String($0.count)] })
  }

  private func text(_ bin: Bin) -> String {
    "\(unit.text(bin.lower)) to below \(unit.text(bin.upper))"
  }

  /// The label of the edge where this bin begins. `bins.count` is the right edge of the last bin.
  private func edgeLabel(_ number: Int) -> String {
    guard let last = bins.last else { return "" }
    let value = Int128(number < bins.count ? bins[number].lower : last.upper)
    return unit.axisLabel(value, highest: value)
  }

  private static let plotHeight = 1500

  public func height() -> Int { HistogramChart.plotHeight + 820 }

  public func draw(_ svg: inout SVGWriter) {
    let scale = ChartScale(bins.map(\.count), steps: 4)
    let counts = ChartUnit(name: counted)
    let marks = scale.marks.map {
      ChartFrame.width(of: counts.axisLabel($0, highest: scale.highest))
    }
    let left = (marks.max() ?? 0) + 140
    // Half of the last edge's label extends to the right of the edge.
    let right = ChartFrame.halfWidth - 100 - ChartFrame.width(of: edgeLabel(bins.count)) / 2
    let top = 280
    svg.text(x: 0, y: 130, counted, .muted)
    svg.countAxis(
      scale, counts, left: left, right: right, top: top, height: HistogramChart.plotHeight)
    guard !bins.isEmpty else { return }
    let bottom = top + HistogramChart.plotHeight
    let edges = (0...bins.count).map { left + (right - left) * $0 / bins.count }
    var lastLabelEnd = Int.min
    for (number, edge) in edges.enumerated() {
      let label = edgeLabel(number)
      let half = ChartFrame.width(of: label) / 2
      guard edge - half > lastLabelEnd + 60 else { continue }
      svg.text(x: edge, y: bottom + 170, label, .middle)
      lastLabelEnd = edge + half
    }
    svg.text(x: right, y: bottom + 360, unit.name, .end)
    for (number, bin) in bins.enumerated() where bin.count > 0 {
      let height = max(10, scale.position(bin.count, length: HistogramChart.plotHeight))
      svg.rectangle(
        x: edges[number] + 10, y: bottom - height,
        width: max(20, edges[number + 1] - edges[number] - 20), height: height, .series(0),
        tip: "\(text(bin)): \(bin.count) \(counted)")
    }
  }
}
