public import ServiceCredits

/// A part of the procedures that is looked at by itself.
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

  /// Whether there is one row for each customer. The others are steps that an incident has once.
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

/// What became of a requirement. The target itself is kept.
public enum Outcome: Hashable, Sendable {
  /// Done in time. `due` is `nil` where the promise names none.
  case kept(due: Instant?, done: Instant)
  /// Done, but after it was due.
  case late(due: Instant, done: Instant)
  /// Past due at the instant of the audit, and still to be done.
  case overdue(due: Instant, asOf: Instant)
  /// Something was done and it fell short of what was asked for until `end`, when the incident was over: it cannot be
  /// done any more.
  case fellShort(due: Instant, end: Instant)
  /// Not done and not due yet at the instant of the audit.
  case pending(due: Instant?, asOf: Instant)
  /// It is over, and nothing says whether it was done.
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

  /// What was, or is, left until it was due; negative where it was late. Microseconds. `nil` without a due time, and
  /// where nothing is on record.
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
  /// It had this severity from then on.
  case severity(Severity, since: Instant)
  /// A widespread outage had this severity from then on.
  case widespread(since: Instant)
  /// The customer was affected from then on by an incident that was P0.
  case affected(since: Instant)
  /// The trigger held from then on.
  case trigger(EscalationTrigger, since: Instant)
  /// It was resolved then, and had a severity that a post-mortem is required for.
  case resolved(Severity, at: Instant)
  /// The customer asked then.
  case requested(at: Instant)
}

/// What an outcome rests on.
public enum Evidence: Hashable, Sendable {
  /// Time between two updates, or between the last one and the end, that is too long.
  case gap(Interval)
  /// How many updates there were from the first until the end.
  case updates(Int)
  /// Time between two outage windows. It counts all the same, because the incident was not over.
  case quiet(Interval)
  /// The incident was no P0 any more from then on, and nothing was asked for as of a P0.
  case milder(Severity, since: Instant)
  case needed(EscalationLevel)
  /// A level that was reached; the first record of each, in the order of time.
  case reached(EscalationLevel, at: Instant)
  case companion(incident: [UInt8])
  case completedItem(title: String, at: Instant)
  /// An action item that is not completed, and for how long it has been open: microseconds since the post-mortem was
  /// completed, or else since the incident was resolved.
  case openItem(title: String, ageMicroseconds: Int64)
  /// A post-mortem was begun and is not completed.
  case begun
}

/// What became of one requirement for one incident.
public struct RequirementResult: Hashable, Sendable {
  public let incident: [UInt8]
  /// The worst that the incident had.
  public let severity: Severity
  public let requirement: Requirement
  /// Where there is one row for each customer.
  public let customer: [UInt8]?
  public let reason: Reason
  public let outcome: Outcome
  public let evidence: [Evidence]

  /// Whether it is not done and can still be done: before it is due or afterwards. A step of an incident that is over
  /// cannot, a post-mortem always can.
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
  /// This instant and `microseconds` more, but not more than there is time.
  func adding(_ microseconds: Int64) -> Instant {
    let (sum, overflows) = self.microseconds.addingReportingOverflow(microseconds)
    return overflows ? .distantFuture : Instant(microseconds: sum)
  }

  /// Microseconds from `other` to this instant, but not more than there are numbers.
  func clampedSince(_ other: Instant) -> Int64 {
    let (difference, overflows) = microseconds.subtractingReportingOverflow(other.microseconds)
    return overflows ? (self < other ? .min : .max) : difference
  }
}
