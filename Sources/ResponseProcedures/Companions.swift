public import ServiceCredits

/// A time interval in which an incident affected a service.
public struct TouchedService: Hashable, Sendable {
  /// The position of the incident.
  public let incident: Int32
  /// The position of the service; `nil` for all services.
  public let service: Int32?
  public let interval: Interval

  public init(incident: Int32, service: Int32?, interval: Interval) {
    self.incident = incident
    self.service = service
    self.interval = interval
  }
}

/// Finds for each incident the first other incident on the same service at the same time.
///
/// An incident counts only during its outage windows. Time between two windows of a reopened
/// incident does not count.
public enum Companions {
  /// - Parameters:
  ///   - windows: in any order; empty ones are ignored.
  ///   - count: how many incidents there are.
  /// - Returns: the companions by position of the incident. If several begin to share time at the
  ///   same instant, the one with the smallest position.
  public static func first(
    among windows: [TouchedService], count: Int
  ) -> [(incident: Int32, since: Instant)?] {
    var found = [(incident: Int32, since: Instant)?](repeating: nil, count: count)
    func note(_ incident: Int32, _ other: Int32, _ since: Instant) {
      if let known = found[Int(incident)], (known.since, known.incident) <= (since, other) {
        return
      }
      found[Int(incident)] = (other, since)
    }
    let sorted = windows.filter { !$0.interval.isEmpty }.sorted {
      $0.interval.start < $1.interval.start
    }
    for (position, window) in sorted.enumerated() {
      for other in sorted[(position + 1)...] {
        if other.interval.start >= window.interval.end { break }
        guard other.incident != window.incident,
          other.service == nil || window.service == nil || other.service == window.service
        else { continue }
        note(window.incident, other.incident, other.interval.start)
        note(other.incident, window.incident, other.interval.start)
      }
    }
    return found
  }
}
