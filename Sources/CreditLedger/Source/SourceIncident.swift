public import ServiceCredits

/// An incident as the source has it, with what the night does with it.
public struct SourceIncident: Sendable {
  /// What happens to its credits.
  public enum Treatment: Hashable, Sendable {
    /// Resolved and sound: its credits are calculated.
    case counted(version: Int)
    /// Void: whatever was recorded is taken back.
    case void
    /// What was recorded stands, and it neither claims time from others nor loses any.
    case held(HoldReason)
  }

  public enum HoldReason: Hashable, Sendable {
    /// Not resolved at the as-of instant.
    case open
    /// Resolved, with no outage window at all.
    case noOutageScope
    /// A bad row, reported under this code.
    case parked(FindingCode)
  }

  public let id: [UInt8]
  public let title: String
  /// Empty where null.
  public let severity: String
  /// Empty where null.
  public let status: String
  /// `nil` where null or infinite.
  public let startedAt: Instant?
  public let acknowledgedAt: Instant?
  public let resolvedAt: Instant?
  public let rootCause: String?
  public let isWidespread: Bool
  public let concernsSecurity: Bool
  public let hasRevenueImpact: Bool
  /// How many outage windows it has, single customers' included.
  public let outageCount: Int64
  /// When its first outage window begins; `nil` without a window, or with an infinite one.
  let firstOutageAt: Instant?
  /// From its first outage window's start to the last one's end; `nil` without a window, or with an infinite one.
  public internal(set) var reach: Interval?
  public internal(set) var treatment: Treatment

  public var name: String { String(decoding: id, as: UTF8.self) }

  public var isCounted: Bool {
    if case .counted = treatment { true } else { false }
  }

  /// - Source: credit rules, section 2: resolved after the as-of instant counts as still open.
  public func isResolved(asOf: Instant) -> Bool {
    status == "resolved" && (resolvedAt.map { $0 <= asOf } ?? true)
  }
}

/// An outage window as the source has it.
public struct SourceOutage: Hashable, Sendable {
  public let incident: IncidentNumber
  public let severity: Severity
  /// Position of the service; `nil` for all.
  public let service: ServiceNumber?
  public let interval: Interval
  /// How much of the service was out, in millionths.
  public let shareMicros: Int64
}

/// An exclusion as the source has it.
public struct SourceExclusion: Sendable {
  public let id: String
  public let exclusion: Exclusion
}

public struct SourceService: Sendable {
  public let id: [UInt8]
  public let name: [UInt8]
}
