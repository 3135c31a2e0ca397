public import ServiceCredits

/// An outage window, as far as it tells how bad an incident was.
public struct SeverityWindow: Hashable, Sendable {
  public let severity: Severity
  /// One that is not closed ends in the distant future.
  public let interval: Interval

  public init(severity: Severity, interval: Interval) {
    self.severity = severity
    self.interval = interval
  }
}

/// How bad an incident was, from its beginning on.
///
/// At each instant it is as bad as the worst of the windows that are going on. Where none is, it is as bad as before:
/// an incident that is not resolved is not over. Before the first window it is as bad as with the first one.
public struct SeverityHistory: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    public let severity: Severity
    public let since: Instant
  }

  /// Never empty; ascending by time, and no two that follow each other have one severity. The last one goes on until
  /// the incident ends.
  public let changes: [Step]

  /// - Parameters:
  ///   - severity: of the incident's own row. It counts where no window is as bad, and then from the beginning.
  ///   - windows: in any order, also such as begin later than `asOf`; empty ones are passed over.
  ///   - resolvedAt: windows that begin later are no part of the incident; `nil` where it is open at `asOf`.
  ///   - asOf: windows that begin later have not come to pass.
  public init(
    severity: Severity, startedAt: Instant, windows: [SeverityWindow], resolvedAt: Instant?,
    asOf: Instant
  ) {
    let windows = windows.filter { !$0.interval.isEmpty }
    let end = min(asOf, resolvedAt ?? asOf)
    let known = windows.filter { $0.interval.start <= end }
    let later = windows.filter { $0.interval.start > asOf }
    // What no window shows, the incident had all along. One that is yet to come explains the row as well.
    if (known + later).allSatisfy({ severity < $0.severity }) {
      changes = [Step(severity: severity, since: startedAt)]
      return
    }
    func isBefore(_ left: SeverityWindow, _ right: SeverityWindow) -> Bool {
      (left.interval.start, left.severity) < (right.interval.start, right.severity)
    }
    // Before any window the row may already tell what is yet to come, and the first window what nobody knew.
    let initial =
      known.min(by: isBefore)?.severity
      ?? max(severity, later.min(by: isBefore)?.severity ?? severity)
    changes = SeverityHistory.sweep(known, from: startedAt, until: end, initial: initial)
  }

  /// The worst window at each instant up to `end`.
  private static func sweep(
    _ windows: [SeverityWindow], from startedAt: Instant, until end: Instant, initial: Severity
  ) -> [Step] {
    var edges: [(at: Instant, severity: Severity, opens: Int)] = []
    for window in windows {
      // One that ended before the incident began counts for the first instant of it.
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

  /// The worst severity so far, and from when the incident first had it.
  public var worst: Step {
    changes.dropFirst().reduce(changes[0]) { $1.severity < $0.severity ? $1 : $0 }
  }

  /// The severity at the end.
  var last: Step { changes[changes.count - 1] }

  /// The stretches of time in which the incident had `severity`, ascending.
  /// - Parameter end: of the incident; the last stretch goes on until then.
  func spans(of severity: Severity, until end: Instant) -> [Interval] {
    changes.indices.filter { changes[$0].severity == severity && changes[$0].since <= end }.map {
      let next = $0 + 1 < changes.count ? changes[$0 + 1].since : end
      return Interval(changes[$0].since, max(changes[$0].since, min(next, end)))
    }
  }
}
