public import ServiceCredits

/// An incident with all its records. Nothing in it is later than the instant of the audit, unless
/// stated otherwise.
public struct AuditedIncident: Sendable {
  public enum State: Hashable, Sendable {
    /// Not resolved at the instant of the audit.
    case open
    case resolved(at: Instant)
  }

  /// A recorded action on the incident.
  public enum Event: Hashable, Sendable {
    case step(CriticalStep, at: Instant)
    /// An update of the status page. The first one is also a step.
    case statusUpdate(at: Instant)
    case notified(customer: [UInt8], at: Instant)
    case escalated(to: EscalationLevel, at: Instant)
    case postMortemRequested(customer: [UInt8], at: Instant)
    case postMortemShared(customer: [UInt8], at: Instant)
  }

  public enum PostMortem: Hashable, Sendable {
    case notBegun
    case begun
    case completed(at: Instant)
  }

  public struct ActionItem: Hashable, Sendable {
    public let title: String
    /// `nil` if the item is open.
    public let completedAt: Instant?

    public init(title: String, completedAt: Instant?) {
      self.title = title
      self.completedAt = completedAt
    }
  }

  /// An affected customer of the Enterprise tier.
  public struct Customer: Hashable, Sendable {
    public let id: [UInt8]
    /// The time that the incident took from the customer; never empty. Ascending, without overlaps.
    public let affected: [Interval]

    public init(id: [UInt8], affected: [Interval]) {
      precondition(!affected.isEmpty, "who was affected was affected at some time")
      self.id = id
      self.affected = affected
    }

    /// The first affected instant.
    public var affectedAt: Instant { affected[0].start }

    /// The first affected instant that is in one of `spans`; `nil` if there is none.
    func firstAffected(in spans: [Interval]) -> Instant? {
      affected.lazy.compactMap { interval in
        spans.lazy.compactMap { $0.intersection(interval)?.start }.min()
      }.min()
    }
  }

  /// Another incident on the same service at the same time.
  public struct Companion: Hashable, Sendable {
    public let id: [UInt8]
    /// The first instant that the two share.
    public let since: Instant

    public init(id: [UInt8], since: Instant) {
      self.id = id
      self.since = since
    }
  }

  public let id: [UInt8]
  public let startedAt: Instant
  public let acknowledgedAt: Instant?
  public let state: State
  public let history: SeverityHistory
  /// Times between outage windows when none was going on: the incident was closed and reopened.
  /// Ascending.
  public let quiet: [Interval]
  public let isWidespread: Bool
  public let concernsSecurity: Bool
  public let hasRevenueImpact: Bool
  /// In any order.
  public let events: [Event]
  public let postMortem: PostMortem
  public let actionItems: [ActionItem]
  /// In byte order of their ids.
  public let customers: [Customer]
  /// The first incident that it shared time with.
  public let companion: Companion?

  public init(
    id: [UInt8], startedAt: Instant, acknowledgedAt: Instant?, state: State,
    history: SeverityHistory, quiet: [Interval], isWidespread: Bool, concernsSecurity: Bool,
    hasRevenueImpact: Bool,
    events: [Event], postMortem: PostMortem, actionItems: [ActionItem], customers: [Customer],
    companion: Companion?
  ) {
    self.id = id
    self.startedAt = startedAt
    self.acknowledgedAt = acknowledgedAt
    self.state = state
    self.history = history
    self.quiet = quiet
    self.isWidespread = isWidespread
    self.concernsSecurity = concernsSecurity
    self.hasRevenueImpact = hasRevenueImpact
    self.events = events
    self.postMortem = postMortem
    self.actionItems = actionItems
    self.customers = customers
    self.companion = companion
  }

  /// When the incident ended; the instant of the audit if it is open.
  func end(asOf: Instant) -> Instant {
    switch state {
    case .open: asOf
    case .resolved(let at): at
    }
  }
}
