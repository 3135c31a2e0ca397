public import ServiceCredits

/// How fast an incident of one severity must be answered and resolved.
/// - Source: the outage response procedures, severity levels.
public struct SeverityTarget: Hashable, Sendable {
  /// From when the incident had the severity until it is acknowledged. Microseconds.
  public let responseMicroseconds: Int64
  /// From when the incident had the severity until it is resolved. Microseconds.
  public let resolutionMicroseconds: Int64

  public init(responseMicroseconds: Int64, resolutionMicroseconds: Int64) {
    self.responseMicroseconds = responseMicroseconds
    self.resolutionMicroseconds = resolutionMicroseconds
  }
}

/// One value for each severity.
public struct BySeverity<Value: Hashable & Sendable>: Hashable, Sendable {
  public var p0: Value
  public var p1: Value
  public var p2: Value
  public var p3: Value

  public init(p0: Value, p1: Value, p2: Value, p3: Value) {
    self.p0 = p0
    self.p1 = p1
    self.p2 = p2
    self.p3 = p3
  }

  public subscript(_ severity: Severity) -> Value {
    get {
      switch severity {
      case .p0: p0
      case .p1: p1
      case .p2: p2
      case .p3: p3
      }
    }
    set {
      switch severity {
      case .p0: p0 = newValue
      case .p1: p1 = newValue
      case .p2: p2 = newValue
      case .p3: p3 = newValue
      }
    }
  }
}

/// A step that is done once in a P0, recorded in `incident_event`.
public enum CriticalStep: String, CaseIterable, Hashable, Sendable {
  case responseTeam = "response_team"
  case rootCauseInvestigation = "root_cause_investigation"
  case firstStatusUpdate = "first_status_update"
  case customersNotified = "customers_notified"
  case inAppBanner = "in_app_banner"
  case socialMedia = "social_media"
  /// Each customer who had to be notified is told that the incident is over.
  case resolutionMessage = "resolution_message"
}

/// The steps during a P0 and their time limits: microseconds since the incident was a P0. For the
/// resolution message, since it was resolved. A step that is not here is not required.
/// - Source: the outage response procedures, during a P0.
public struct CriticalRules: Hashable, Sendable {
  public let within: [CriticalStep: Int64]
  /// The longest time allowed between two updates of the status page; `nil` for no limit.
  public let updateMicroseconds: Int64?

  public init(within: [CriticalStep: Int64], updateMicroseconds: Int64?) {
    self.within = within
    self.updateMicroseconds = updateMicroseconds
  }
}

/// A level of the escalation path.
/// - Source: the outage response procedures, escalation.
public enum EscalationLevel: Int32, CaseIterable, Hashable, Comparable, Sendable {
  case onCallEngineer = 1
  case teamLead = 2
  case vicePresident = 3
  /// The CTO; only for P0.
  case chiefTechnologyOfficer = 4

  public static func < (left: EscalationLevel, right: EscalationLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What makes an escalation necessary.
public enum EscalationTrigger: String, CaseIterable, Hashable, Sendable {
  case pastTarget = "past_target"
  case revenueImpact = "revenue_impact"
  case security
  case severalIncidents = "several_incidents"
}

/// The level that a trigger requires, and how soon.
public struct EscalationRule: Hashable, Sendable {
  public let trigger: EscalationTrigger
  /// Microseconds from the trigger until the level is reached.
  public let withinMicroseconds: Int64
  public let levels: BySeverity<EscalationLevel>

  /// - Returns: `nil` if the fourth level is required for another severity than P0.
  public init?(
    trigger: EscalationTrigger, withinMicroseconds: Int64, levels: BySeverity<EscalationLevel>
  ) {
    let milder = [levels.p1, levels.p2, levels.p3]
    guard !milder.contains(.chiefTechnologyOfficer) else { return nil }
    self.trigger = trigger
    self.withinMicroseconds = withinMicroseconds
    self.levels = levels
  }
}

/// What must be done after an incident.
/// - Source: the outage response procedures, after the incident.
public struct PostMortemRules: Hashable, Sendable {
  public let severities: Set<Severity>
  /// Business days from the resolution until the post-mortem is completed; at least 1.
  public let businessDays: Int
  /// Business days until it is shared, from the customer's request or from the resolution,
  /// whichever is later; at least 1.
  public let shareBusinessDays: Int

  public init(severities: Set<Severity>, businessDays: Int, shareBusinessDays: Int) {
    self.severities = severities
    self.businessDays = businessDays
    self.shareBusinessDays = shareBusinessDays
  }
}

/// The procedures that a policy version promises.
public struct ProcedureRules: Hashable, Sendable {
  public let targets: BySeverity<SeverityTarget>
  public let critical: CriticalRules
  /// At most one for each trigger.
  public let escalation: [EscalationRule]
  public let postMortem: PostMortemRules
  /// Days that are not business days, besides Saturdays and Sundays; ascending, each once.
  public let holidays: [CalendarDate]

  public init(
    targets: BySeverity<SeverityTarget>, critical: CriticalRules, escalation: [EscalationRule],
    postMortem: PostMortemRules, holidays: [CalendarDate]
  ) {
    self.targets = targets
    self.critical = critical
    self.escalation = escalation
    self.postMortem = postMortem
    self.holidays = Set(holidays).sorted()
  }
}
