public import ServiceCredits

/// A time interval in which an incident affected a service.
public struct TouchedService: Hashable, Sendable {
  /// The position of the incident.
  public let incident: IncidentNumber
  /// The position of the service; `nil` for all services.
  public let service: ServiceNumber?
  public let interval: Interval

  public init(incident: IncidentNumber, service: ServiceNumber?, interval: Interval) {
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
  ) -> [(incident: IncidentNumber, since: Instant)?] {
    var found = [(incident: IncidentNumber, since: Instant)?](repeating: nil, count: count)
    func note(_ incident: IncidentNumber, _ other: IncidentNumber, _ since: Instant) {
      if let known = found[incident.index], (known.since, known.incident) <= (since, other) {
        return
      }
      found[incident.index] = (other, since)
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
