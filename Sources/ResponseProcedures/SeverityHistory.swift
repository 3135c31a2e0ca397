public import ServiceCredits

/// An outage window: its severity and time.
public struct SeverityWindow: Hashable, Sendable {
  public let severity: Severity
  /// A window that is not closed ends in the distant future.
  public let interval: Interval

  public init(severity: Severity, interval: Interval) {
    self.severity = severity
    self.interval = interval
  }
}

/// The severity of an incident over time.
///
/// At each instant it is the worst severity of the current windows. Between windows it stays the
/// same, because an incident that is not resolved is not over. Before the first window it is that
/// of the first window.
public struct SeverityHistory: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    public let severity: Severity
    public let since: Instant
  }

  /// Never empty. Ascending by time, and neighbours differ in severity. The last one lasts until
  /// the incident ends.
  public let changes: [Step]

  /// - Parameters:
  ///   - severity: the severity of the incident's own row. If no window is as bad, it counts for
  ///     the whole incident.
  ///   - windows: in any order. May include windows that begin after `asOf`. Empty ones are
  ///     ignored.
  ///   - resolvedAt: windows that begin later are ignored; `nil` if the incident is open at `asOf`.
  ///   - asOf: windows that begin later have not happened yet.
  public init(
    severity: Severity, startedAt: Instant, windows: [SeverityWindow], resolvedAt: Instant?,
    asOf: Instant
  ) {
    let windows = windows.filter { !$0.interval.isEmpty }
    let end = min(asOf, resolvedAt ?? asOf)
    let known = windows.filter { $0.interval.start <= end }
    let later = windows.filter { $0.interval.start > asOf }
    // No window explains the row's severity, so the incident had it all along. A window after
    // `asOf` can explain it too.
    if (known + later).allSatisfy({ severity < $0.severity }) {
      changes = [Step(severity: severity, since: startedAt)]
      return
    }
    func isBefore(_ left: SeverityWindow, _ right: SeverityWindow) -> Bool {
      (left.interval.start, left.severity) < (right.interval.start, right.severity)
    }
    // Before any window, the row may already have the severity of a later window. The first
    // window's severity may not have been known yet.
    let initial =
      known.min(by: isBefore)?.severity
      ?? max(severity, later.min(by: isBefore)?.severity ?? severity)
    changes = SeverityHistory.sweep(known, from: startedAt, until: end, initial: initial)
  }

  /// The worst severity of the windows at each instant up to `end`.
  private static func sweep(
    _ windows: [SeverityWindow], from startedAt: Instant, until end: Instant, initial: Severity
  ) -> [Step] {
    var edges: [(at: Instant, severity: Severity, opens: Int)] = []
    for window in windows {
      // A window that ended before the incident began counts for its first instant.
      let start = max(window.interval.start, startedAt)
      edges.append((start, window.severity, 1))
      edges.append((max(window.interval.end, start.adding(1)), window.severity, -1))
    }
    edges.sort { $0.at < $1.at }
    var changes = [Step(severity: initial, since: startedAt)]
    var open = BySeverity(p0: 0, p1: 0, p2: 0, p3: 0)
    var next = 0
    while next < edges.count, edges[next].at <= end {
      let at = edges[next].at
      while next < edges.count, edges[next].at == at {
        open[edges[next].severity] += edges[next].opens
        next += 1
      }
      guard let worst = Severity.allCases.first(where: { open[$0] > 0 }),
        worst != changes[changes.count - 1].severity
      else { continue }
      if changes[changes.count - 1].since == at { changes.removeLast() }
      changes.append(Step(severity: worst, since: at))
    }
    return changes
  }

  /// The worst severity so far, and when the incident first had it.
  public var worst: Step {
    changes.dropFirst().reduce(changes[0]) { $1.severity < $0.severity ? $1 : $0 }
  }

  /// The severity at the end.
  var last: Step { changes[changes.count - 1] }

  /// The times in which the incident had `severity`, ascending.
  /// - Parameter end: the end of the incident and of the last interval.
  func spans(of severity: Severity, until end: Instant) -> [Interval] {
    changes.indices.filter { changes[$0].severity == severity && changes[$0].since <= end }.map {
      let next = $0 + 1 < changes.count ? changes[$0 + 1].since : end
      return Interval(changes[$0].since, max(changes[$0].since, min(next, end)))
    }
  }
}
