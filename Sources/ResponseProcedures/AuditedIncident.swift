public import ServiceCredits

/// An incident with everything that is on record for it. Nothing here is later than the instant of the audit, except
/// where it says so.
public struct AuditedIncident: Sendable {
  public enum State: Hashable, Sendable {
    /// Not resolved at the instant of the audit.
    case open
    case resolved(at: Instant)
  }

  /// What was done about it, once.
  public enum Event: Hashable, Sendable {
    case step(CriticalStep, at: Instant)
    /// One update of the status page. The first of them is a step as well.
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
    /// `nil` where it is open.
    public let completedAt: Instant?

    public init(title: String, completedAt: Instant?) {
      self.title = title
      self.completedAt = completedAt
    }
  }

  /// An affected customer of the Enterprise tier.
  public struct Customer: Hashable, Sendable {
    public let id: [UInt8]
    /// The time that the incident took from it; never empty. Ascending, no two overlap.
    public let affected: [Interval]

    public init(id: [UInt8], affected: [Interval]) {
      precondition(!affected.isEmpty, "who was affected was affected at some time")
      self.id = id
      self.affected = affected
    }

    /// The first instant of it.
    public var affectedAt: Instant { affected[0].start }

    /// The first instant of it that lies in one of `spans`; `nil` where none does.
    func firstAffected(in spans: [Interval]) -> Instant? {
      affected.lazy.compactMap { interval in
        spans.lazy.compactMap { $0.intersection(interval)?.start }.min()
      }.min()
    }
  }

  /// Another incident that was going on at the same time on the same service.
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
  /// Between two of its outage windows, where none was going on: it was closed and reopened. Ascending.
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
  /// The first that it shared time with.
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

  /// When it ended, or where the audit's view of it ends.
  func end(asOf: Instant) -> Instant {
    switch state {
    case .open: asOf
    case .resolved(let at): at
    }
  }
}
