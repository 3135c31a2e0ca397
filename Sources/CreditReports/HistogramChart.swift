/// How many there are of each size. Half as wide as others, so that several stand beside each other.
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
  /// Of the sizes.
  public let unit: ChartUnit
  /// What is counted: `credits`.
  public let counted: String
  /// Ascending; each begins where the one before ends.
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

  private static let plotHeight = 1500

  public func height() -> Int { HistogramChart.plotHeight + 820 }

  public func draw(_ svg: inout SVGWriter) {
    let scale = ChartScale(bins.map(\.count), steps: 4)
    let counts = ChartUnit(name: counted)
    let marks = scale.marks.map {
      ChartFrame.width(of: counts.axisLabel($0, highest: scale.highest))
    }
    let left = (marks.max() ?? 0) + 140
    let right = ChartFrame.halfWidth - 150
    let top = 280
    svg.text(x: 0, y: 130, counted, .muted)
    svg.countAxis(
      scale, counts, left: left, right: right, top: top, height: HistogramChart.plotHeight)
    guard !bins.isEmpty else { return }
    let bottom = top + HistogramChart.plotHeight
    let edges = (0...bins.count).map { left + (right - left) * $0 / bins.count }
    let highest = Int128(bins.last?.upper ?? 0)
    var lastLabelEnd = Int.min
    for (number, edge) in edges.enumerated() {
      let value = number < bins.count ? bins[number].lower : bins[number - 1].upper
      let label = unit.axisLabel(Int128(value), highest: min(highest, Int128(value)))
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
