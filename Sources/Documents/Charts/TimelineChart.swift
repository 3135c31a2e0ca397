public import ServiceCredits

/// Rows of time intervals, such as the windows of incidents. Times are in UTC.
public struct TimelineChart: Chart {
  public struct Bar: Hashable, Sendable {
    public let interval: Interval
    public let severity: Severity

    public init(interval: Interval, severity: Severity) {
      self.interval = interval
      self.severity = severity
    }
  }

  public struct Row: Sendable {
    public let label: String
    public let bars: [Bar]
    /// Written at the right: the cost.
    public let note: String

    public init(label: String, bars: [Bar], note: String) {
      self.label = label
      self.bars = bars
      self.note = note
    }
  }

  public let title: String
  public let summary: String
  /// The time that is drawn; finite.
  public let span: Interval
  public let rows: [Row]

  public init(title: String, summary: String, span: Interval, rows: [Row]) {
    precondition(!span.isEmpty, "a timeline has a length")
    self.title = title
    self.summary = summary
    self.span = span
    self.rows = rows
  }

  private static let pitch = 230
  private static let day: Int64 = 86_400_000_000
  /// The shortest width of a bar, so that every bar can be seen.
  private static let shortest = 40

  private var severities: [Severity] {
    Severity.allCases.filter { severity in
      rows.contains { $0.bars.contains { $0.severity == severity } }
    }
  }

  public func height() -> Int { 260 + rows.count * TimelineChart.pitch + 300 }

  public func draw(_ svg: inout SVGWriter) {
    var x = 0
    for severity in severities {
      svg.rectangle(x: x, y: 20, width: 110, height: 110, .severity(severity))
      svg.text(x: x + 160, y: 115, severity.code, .muted)
      x += 520
    }
    let top = 260
    let bottom = top + rows.count * TimelineChart.pitch
    let labels = LabelColumn(rows.map(\.label), atMost: 1300)
    let notes = LabelColumn(rows.map(\.note), atMost: 2200)
    let left = labels.width
    let length = ChartFrame.width - left - notes.width - 40
    drawDays(&svg, left: left, length: length, top: top, bottom: bottom)
    for (number, row) in rows.enumerated() {
      let y = top + number * TimelineChart.pitch
      svg.text(x: labels.width - 100, y: y + 150, labels.texts[number], .labelEnd)
      for bar in row.bars {
        guard let shown = bar.interval.intersection(span) else { continue }
        let start = left + position(shown.start, length)
        let width = max(TimelineChart.shortest, left + position(shown.end, length) - start)
        svg.rectangle(
          x: min(start, left + length - TimelineChart.shortest), y: y + 40, width: width,
          height: 130, .severity(bar.severity),
          tip: "\(row.label), \(bar.severity.code): \(TimelineChart.text(bar.interval))")
      }
      svg.text(x: left + length + 100, y: y + 150, notes.texts[number], .value)
    }
  }

  private func position(_ instant: Instant, _ length: Int) -> Int {
    Int(
      Int128(instant.since(span.start)) * Int128(length) / Int128(max(1, span.microseconds)))
  }

  private static func text(_ interval: Interval) -> String {
    "\(interval.start.text) to \(interval.end.text)"
  }

  /// Draws a line with the date at each midnight, or at some of them if there are too many.
  private func drawDays(
    _ svg: inout SVGWriter, left: Int, length: Int, top: Int, bottom: Int
  ) {
    let days = max(1, span.microseconds / TimelineChart.day)
    // As many dates as there is room for.
    let dates = max(1, Int64(length / 560))
    let every = max(1, (days + dates - 1) / dates)
    var day = (span.start.microseconds + TimelineChart.day - 1) / TimelineChart.day
    while day * TimelineChart.day <= span.end.microseconds {
      let midnight = Instant(microseconds: day * TimelineChart.day)
      let x = left + position(midnight, length)
      svg.line(x1: x, y1: top, x2: x, y2: bottom, .grid)
      svg.text(x: x, y: bottom + 180, DayText.short(midnight), .middle)
      day += every
    }
    svg.line(x1: left, y1: bottom, x2: left + length, y2: bottom, .axis)
  }
}

/// Writes days and months for people.
package enum DayText {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// `5 Oct`
  package static func short(_ instant: Instant) -> String {
    let text = Array(instant.text.utf8)
    guard text.count >= 10 else { return instant.text }
    let month = Int(text[5] - 48) * 10 + Int(text[6] - 48)
    let day = Int(text[8] - 48) * 10 + Int(text[9] - 48)
    return "\(day) \(months[month - 1])"
  }

  /// `October 2026`
  package static func name(_ month: BillingMonth) -> String {
    "\(monthNames[month.month - 1]) \(month.year)"
  }
}
