import Documents
import PlainText
import ServiceCredits

/// How each part of an incident's time was treated.
struct IncidentTimeline {
  enum Fate: Int, CaseIterable {
    case worst, counted, mild, otherIncident, excluded, outside

    var legend: String {
      switch self {
      case .worst: "counted at P0"
      case .counted: "counted at P1 or milder"
      case .mild: "too mild to count"
      case .otherIncident: "counted under another incident"
      case .excluded: "excluded"
      case .outside: "no subscription"
      }
    }
  }

  /// No part is empty.
  let parts: [(interval: Interval, fate: Fate)]

  init(_ account: IncidentExplanation.Account) {
    var parts: [(interval: Interval, fate: Fate)] = []
    for share in account.shares {
      let fate: Fate =
        switch share.owner {
        case .incident: .otherIncident
        case .otherCustomer: .outside
        case .itself: !share.isCreditable ? .mild : share.severity == .p0 ? .worst : .counted
        }
      parts.append((share.interval, fate))
    }
    for part in account.excluded where part.isHonoured { parts.append((part.interval, .excluded)) }
    for interval in account.outsideTerms { parts.append((interval, .outside)) }
    // The shares already contain the part of another customer's time that counts.
    let shared = IntervalSet(parts.map(\.interval))
    for interval in account.otherCustomers {
      shared.forEachGap(in: interval) { parts.append(($0, .outside)) }
    }
    self.parts = parts.filter { !$0.interval.isEmpty }
  }

  func microseconds(_ fate: Fate) -> Int64 {
    IntervalSet(parts.filter { $0.fate == fate }.map(\.interval)).microseconds
  }

  var used: [Fate] { Fate.allCases.filter { fate in parts.contains { $0.fate == fate } } }

  /// From the first instant to the last; `nil` if there are no parts or if an end is not known.
  var span: Interval? {
    guard let start = parts.map(\.interval.start).min(), let end = parts.map(\.interval.end).max(),
      start != .distantPast, end != .distantFuture, start < end
    else { return nil }
    return Interval(start, end)
  }
}

/// The timeline as a chart, with one row for each treatment.
struct IncidentChart: Chart {
  private let timeline: IncidentTimeline
  private let span: Interval
  private let startText: String
  private let endText: String
  /// The start and end of each part, as text.
  private let texts: [String]
  let summary: String

  init?(_ account: IncidentExplanation.Account, _ words: ExplanationWords) {
    timeline = IncidentTimeline(account)
    guard let span = timeline.span else { return nil }
    self.span = span
    startText = words.time(span.start)
    endText = words.time(span.end)
    texts = timeline.parts.map { words.span($0.interval) }
    let fates = timeline.used.map { [timeline] fate in
      "\(fate.legend): \(ExplanationWords.hours(timeline.microseconds(fate)))"
    }
    summary = "From \(words.span(span)): " + Listed.and(fates) + "."
  }

  private static let top = 60
  private static let pitch = 250
  /// The shortest width of a part, so that every part can be seen.
  private static let shortest = 40

  var title: String { "What became of the time" }

  var numbers: ChartNumbers? {
    let order = timeline.parts.indices.sorted {
      timeline.parts[$0].interval.start < timeline.parts[$1].interval.start
    }
    return ChartNumbers(
      columns: ["What became of it", "From and to"],
      rows: order.map { [timeline.parts[$0].fate.legend, texts[$0]] })
  }

  func height() -> Int { IncidentChart.top + timeline.used.count * IncidentChart.pitch + 260 }

  func draw(_ svg: inout SVGWriter) {
    let used = timeline.used
    let notes = used.map { ExplanationWords.hours(timeline.microseconds($0)) }
    let left = (used.map { ChartFrame.width(of: $0.legend) }.max() ?? 0) + 160
    let right = ChartFrame.width - (notes.map { ChartFrame.width(of: $0) }.max() ?? 0) - 160
    let bottom = IncidentChart.top + used.count * IncidentChart.pitch
    func place(_ instant: Instant) -> Int {
      left
        + Int(
          Int128(instant.since(span.start)) * Int128(right - left) / Int128(span.microseconds))
    }
    for (row, fate) in used.enumerated() {
      let y = IncidentChart.top + row * IncidentChart.pitch
      svg.text(x: left - 100, y: y + 150, fate.legend, .labelEnd)
      for (position, part) in timeline.parts.enumerated() where part.fate == fate {
        let start = place(part.interval.start)
        let width = max(IncidentChart.shortest, place(part.interval.end) - start)
        svg.rectangle(
          x: min(start, right - IncidentChart.shortest), y: y + 40, width: width, height: 140,
          IncidentChart.style(fate), tip: "\(fate.legend): \(texts[position])")
      }
      svg.text(x: right + 100, y: y + 150, notes[row], .value)
    }
    for x in [left, right] { svg.line(x1: x, y1: IncidentChart.top, x2: x, y2: bottom, .grid) }
    svg.line(x1: left, y1: bottom, x2: right, y2: bottom, .axis)
    svg.text(x: left, y: bottom + 180, startText, .muted)
    svg.text(x: right, y: bottom + 180, endText, .end)
  }

  private static func style(_ fate: IncidentTimeline.Fate) -> SVGWriter.Style {
    switch fate {
    case .worst: .severity(.p0)
    case .counted: .severity(.p1)
    case .mild: .severity(.p3)
    case .otherIncident: .series(3)
    case .excluded: .series(0)
    case .outside: .series(4)
    }
  }
}
