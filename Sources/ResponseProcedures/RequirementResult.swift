public import ServiceCredits

/// A part of the procedures that gets its own verdict.
public enum Requirement: String, CaseIterable, Hashable, Sendable {
  case response
  case resolution
  case responseTeam = "response_team"
  case rootCauseInvestigation = "root_cause_investigation"
  case firstStatusUpdate = "first_status_update"
  case statusUpdates = "status_updates"
  case customerNotified = "customer_notified"
  case inAppBanner = "in_app_banner"
  case socialMedia = "social_media"
  case escalation
  case resolutionMessage = "resolution_message"
  case postMortem = "post_mortem"
  case postMortemShared = "post_mortem_shared"
  case actionItems = "action_items"

  /// Whether there is a row for each customer. Other requirements have one row for each incident.
  public var isPerCustomer: Bool {
    switch self {
    case .customerNotified, .resolutionMessage, .postMortemShared: true
    default: false
    }
  }
}

public enum Verdict: String, CaseIterable, Hashable, Sendable {
  case kept
  case missed
  case pending
  case noRecord = "no_record"
}

/// The outcome of a requirement, with its times.
public enum Outcome: Hashable, Sendable {
  /// Done in time. `due` is `nil` if the promise has no time limit.
  case kept(due: Instant?, done: Instant)
  /// Done, but after it was due.
  case late(due: Instant, done: Instant)
  /// Past due at the instant of the audit, and can still be done.
  case overdue(due: Instant, asOf: Instant)
  /// Something was done, but less than required, until the incident was over at `end`. It can no
  /// longer be done.
  case fellShort(due: Instant, end: Instant)
  /// Not done and not due yet at the instant of the audit.
  case pending(due: Instant?, asOf: Instant)
  /// The incident is over, and no record says whether it was done.
  case noRecord(due: Instant?)

  public var verdict: Verdict {
    switch self {
    case .kept: .kept
    case .late, .overdue, .fellShort: .missed
    case .pending: .pending
    case .noRecord: .noRecord
    }
  }

  public var due: Instant? {
    switch self {
    case .kept(let due, _), .pending(let due, _), .noRecord(let due): due
    case .late(let due, _), .overdue(let due, _), .fellShort(let due, _): due
    }
  }

  public var done: Instant? {
    switch self {
    case .kept(_, let done), .late(_, let done): done
    case .overdue, .fellShort, .pending, .noRecord: nil
    }
  }

  /// The time that was or is left until it was due, in microseconds; negative if late. `nil`
  /// without a due time or without a record.
  public var marginMicroseconds: Int64? {
    switch self {
    case .kept(let due, let done): due?.clampedSince(done)
    case .late(let due, let done): due.clampedSince(done)
    case .overdue(let due, let asOf): due.clampedSince(asOf)
    case .fellShort(let due, let end): due.clampedSince(end)
    case .pending(let due, let asOf): due?.clampedSince(asOf)
    case .noRecord: nil
    }
  }
}

/// Why a requirement applies to an incident.
public enum Reason: Hashable, Sendable {
  /// The incident had this severity since then.
  case severity(Severity, since: Instant)
  /// A widespread outage had this severity since then.
  case widespread(since: Instant)
  /// The customer was affected since then by an incident that was a P0.
  case affected(since: Instant)
  /// The trigger held since then.
  case trigger(EscalationTrigger, since: Instant)
  /// The incident was resolved then, and had a severity that requires a post-mortem.
  case resolved(Severity, at: Instant)
  /// The customer asked then.
  case requested(at: Instant)
}

/// A fact that an outcome is based on.
public enum Evidence: Hashable, Sendable {
  /// A time that is too long, between two updates or between the last update and the end.
  case gap(Interval)
  /// How many updates there were until the end.
  case updates(Int)
  /// A time between two outage windows. It counts, because the incident was not over.
  case quiet(Interval)
  /// The incident was milder than P0 since then, so nothing more was required.
  case milder(Severity, since: Instant)
  case needed(EscalationLevel)
  /// A level that was reached. Has the first record of each level, in the order of time.
  case reached(EscalationLevel, at: Instant)
  case companion(incident: [UInt8])
  case completedItem(title: String, at: Instant)
  /// An action item that is not completed, and its age: microseconds since the post-mortem was
  /// completed, or since the incident was resolved if it was not.
  case openItem(title: String, ageMicroseconds: Int64)
  /// A post-mortem was begun but is not completed.
  case begun
}

/// The verdict on one requirement for one incident.
public struct RequirementResult: Hashable, Sendable {
  public let incident: [UInt8]
  /// The worst severity that the incident had.
  public let severity: Severity
  public let requirement: Requirement
  /// `nil` if the requirement is not for each customer.
  public let customer: [UInt8]?
  public let reason: Reason
  public let outcome: Outcome
  public let evidence: [Evidence]

  /// Whether it was not done but still can be, before it is due or later. Steps of an incident that
  /// is over cannot be done any more; a post-mortem always can.
  public var isStillToDo: Bool {
    switch outcome {
    case .overdue, .pending: true
    case .noRecord: requirement == .postMortem
    case .kept, .late, .fellShort: false
    }
  }

  /// Whether it is past due and can still be done.
  public var isOverdue: Bool {
    if case .pending = outcome { false } else { isStillToDo }
  }
}

extension Instant {
  /// This instant plus `microseconds`; `distantFuture` if that overflows.
  func adding(_ microseconds: Int64) -> Instant {
    let (sum, overflows) = self.microseconds.addingReportingOverflow(microseconds)
    return overflows ? .distantFuture : Instant(microseconds: sum)
  }

  /// Microseconds from `other` to this instant, limited to `Int64`.
  func clampedSince(_ other: Instant) -> Int64 {
    let (difference, overflows) = microseconds.subtractingReportingOverflow(other.microseconds)
    return overflows ? (self < other ? .min : .max) : difference
  }
}
