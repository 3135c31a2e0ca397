import CreditLedger
import Documents
import FrozenEvidence
import ServiceCredits

/// The incidents of a page: those that its lines name, and those in the run's evidence that overlap
/// the page's months.
struct IncidentFigures {
  private let evidence: SharedEvidence?
  private let tally: LineTally
  private let ofMonth: Bool
  /// More rows do not help the reader. The incidents with the most credits stay.
  private static let shown = 400

  init(evidence: SharedEvidence?, tally: LineTally, ofMonth: Bool) {
    self.evidence = evidence
    self.tally = tally
    self.ofMonth = ofMonth
  }

  func fill(_ figures: inout LedgerFigures) {
    let span = IncidentFigures.span(figures)
    var incidents: [LedgerFigures.Incident] = []
    var named: Set<Int32> = []
    for frozen in evidence?.incidents ?? [] {
      let number = frozen.id.withUnsafeBytes { tally.incidents.find($0) }
      // An id that occurs twice was parked. One row is enough.
      if let number, !named.insert(number).inserted { continue }
      let incident = incident(frozen, number)
      let isInSpan = span.map { span in incident.windows.contains { $0.interval.overlaps(span) } }
      if number != nil || isInSpan ?? false { incidents.append(incident) }
    }
    for number in 0..<Int32(tally.incidents.count) where !named.contains(number) {
      let (credits, cost) = tally.cost(ofIncident: number)
      incidents.append(
        LedgerFigures.Incident(
          incidentId: tally.incidents.text(Int(number)), title: tally.incidentTitles[Int(number)],
          severity: "", status: "", treatment: "not among the incidents of that night",
          windows: creditable(number, .p3), credits: credits, cost: cost))
    }
    if incidents.count > IncidentFigures.shown {
      incidents = Array(
        incidents.enumerated().sorted {
          ($1.element.credits, $0.offset) < ($0.element.credits, $1.offset)
        }.prefix(IncidentFigures.shown).map(\.element))
    }
    func start(_ incident: LedgerFigures.Incident) -> Instant {
      incident.windows.map(\.interval.start).min() ?? .distantFuture
    }
    figures.incidents = incidents.enumerated().sorted {
      (start($0.element), $0.offset) < (start($1.element), $1.offset)
    }.map(\.element)
    figures.span = IncidentFigures.drawn(figures.incidents, within: span)
  }

  private func incident(
    _ frozen: SharedEvidence.Incident, _ number: Int32?
  ) -> LedgerFigures.Incident {
    let (credits, cost) = number.map { tally.cost(ofIncident: $0) } ?? (0, [])
    var windows = frozen.windows.filter { !$0.interval.isEmpty }.map {
      TimelineChart.Bar(interval: $0.interval, severity: $0.severity)
    }
    let severity = Severity(code: Array(frozen.severity.utf8)) ?? .p3
    // The shared evidence has no windows of single customers. Shows the creditable time of the
    // lines instead.
    if windows.isEmpty, let number { windows = creditable(number, severity) }
    if windows.isEmpty, let start = frozen.startedAt, let end = frozen.resolvedAt, start < end {
      windows = [TimelineChart.Bar(interval: Interval(start, end), severity: severity)]
    }
    // Several services may be out at the same time; that is drawn once.
    windows = Array(Set(windows)).sorted {
      ($0.severity.rawValue, $0.interval.start, $0.interval.end)
        > ($1.severity.rawValue, $1.interval.start, $1.interval.end)
    }
    return LedgerFigures.Incident(
      incidentId: String(decoding: frozen.id, as: UTF8.self), title: frozen.title,
      severity: frozen.severity, status: frozen.status,
      treatment: words(frozen.treatment, credits: credits), windows: windows,
      credits: credits, cost: cost)
  }

  private func creditable(_ number: Int32, _ severity: Severity) -> [TimelineChart.Bar] {
    guard let span = tally.incidentSpans[Int(number)] else { return [] }
    return [TimelineChart.Bar(interval: span, severity: severity)]
  }

  private func words(_ treatment: IncidentTreatment, credits: Int64) -> String {
    switch treatment {
    case .counted: credits > 0 ? "credited" : ofMonth ? "no credit" : "nothing new"
    case .void: credits == 0 ? "void" : "void, taken back"
    case .open: "still open"
    case .noOutageScope: "held: no outage window"
    case .parked(let code): "held: \(code)"
    }
  }

  /// The months that the page is about, and a day on either side for zones other than UTC.
  private static func span(_ figures: LedgerFigures) -> Interval? {
    let months: ClosedRange<BillingMonth>
    switch figures.subject {
    case .month(let month): months = month...month
    case .run:
      guard let run = figures.run else { return nil }
      months = run.months
    }
    let day: Int64 = 86_400_000_000
    func instant(_ month: BillingMonth, _ days: Int64) -> Instant {
      Instant(microseconds: (Int64(month.daysSinceUnixEpoch) + days) * day)
    }
    return Interval(
      instant(months.lowerBound, -1), instant(months.upperBound.advanced(by: 1), 1))
  }

  /// From the midnight before the first window to the midnight after the last, within `span`.
  ///
  /// An incident that began before `span` does not move the start. One that was open for a year
  /// would leave no room for the others.
  private static func drawn(
    _ incidents: [LedgerFigures.Incident], within span: Interval?
  ) -> Interval? {
    guard let span else { return nil }
    let windows = incidents.flatMap { $0.windows.map(\.interval) }.filter { $0.overlaps(span) }
    let begun = windows.filter { span.contains($0.start) }
    let shown = (begun.isEmpty ? windows : begun).compactMap { $0.intersection(span) }
    guard let start = shown.map(\.start.microseconds).min(),
      let end = shown.map(\.end.microseconds).max()
    else { return nil }
    let day: Int64 = 86_400_000_000
    // The division rounds towards zero, so before 1970 an end can be off by a day.
    return Interval(
      Instant(microseconds: start / day * day), Instant(microseconds: (end / day + 1) * day))
  }
}
