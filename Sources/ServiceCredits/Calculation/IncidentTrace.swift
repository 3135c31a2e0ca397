/// A stretch in which an incident affected a subscription at one severity. It may belong to another
/// incident, and it may earn no credit.
/// - Source: credit rules, section 3, steps 1 to 4.
public struct TouchedTime: Hashable, Sendable {
  public let incident: IncidentNumber
  public let severity: Severity
  /// Never empty.
  public let interval: Interval
}

/// What happened to one incident's time for one subscription, step by step. Explanations are made
/// from it.
/// - Source: credit rules, section 3.
public struct IncidentTrace: Hashable, Sendable {
  /// Time within a window and a term that an exclusion covers.
  public struct Excluded: Hashable, Sendable {
    public let exclusion: Exclusion
    public let interval: Interval
    /// Whether the policy excludes the time. If not, it counts as if there were no exclusion.
    public let isHonoured: Bool
  }

  /// A stretch that the incident covers at one severity, and the incident that it belongs to.
  public struct Share: Hashable, Sendable {
    public let incident: IncidentNumber
    public let interval: Interval
    /// The incident's worst severity in it.
    public let severity: Severity
    /// The incident that the stretch belongs to.
    public let owner: IncidentNumber
    /// Whether time at this severity can earn a credit at all.
    public let isCreditable: Bool

    /// Whether the stretch is part of the incident's counted time.
    public var isCounted: Bool { owner == incident && isCreditable }
  }

  public let incident: IncidentNumber
  /// Position of the policy version.
  public let version: Int
  /// The windows that apply to some term, not clipped, ascending by start.
  public let windows: [Outage]
  /// The parts of `windows` in which the subscription had no term that they apply to.
  public let outsideTerms: IntervalSet
  /// Ascending by start.
  public let excluded: [Excluded]
  /// Ascending by start.
  public let shares: [Share]
  /// By month; empty if no creditable time is left. Tiers decide once about an incident.
  public let decisions: [CreditDecision]

  /// - Parameter month: `nil` for the first.
  public func decision(_ month: BillingMonth?) -> CreditDecision? {
    guard let month else { return decisions.first }
    return decisions.first { $0.month == month }
  }

  /// Joins adjacent shares that differ only in their time.
  static func merged(_ shares: [Share]) -> [Share] {
    var result: [Share] = []
    for share in shares {
      if let last = result.last, last.interval.end == share.interval.start,
        last.severity == share.severity, last.owner == share.owner
      {
        result[result.count - 1] = Share(
          incident: share.incident, interval: Interval(last.interval.start, share.interval.end),
          severity: share.severity, owner: share.owner, isCreditable: share.isCreditable)
      } else {
        result.append(share)
      }
    }
    return result
  }
}
