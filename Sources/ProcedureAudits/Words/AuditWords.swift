import Documents
import ResponseProcedures
import ServiceCredits

/// The words of an audit.
struct AuditWords {
  /// Writes an instant as text.
  let time: (Instant) -> String

  static func requirement(_ requirement: Requirement) -> String {
    switch requirement {
    case .response: "response"
    case .resolution: "resolution"
    case .responseTeam: "response team assembled"
    case .rootCauseInvestigation: "root cause investigation begun"
    case .firstStatusUpdate: "first status page update"
    case .statusUpdates: "status page kept up to date"
    case .customerNotified: "customer notified"
    case .inAppBanner: "in-app banner"
    case .socialMedia: "social media"
    case .escalation: "escalation"
    case .resolutionMessage: "customer told that it is over"
    case .postMortem: "post-mortem"
    case .postMortemShared: "post-mortem shared"
    case .actionItems: "action items"
    }
  }

  static func verdict(_ verdict: Verdict) -> String {
    switch verdict {
    case .kept: "kept"
    case .missed: "MISSED"
    case .pending: "pending"
    case .noRecord: "no record"
    }
  }

  static func trigger(_ trigger: EscalationTrigger) -> String {
    switch trigger {
    case .pastTarget: "past the resolution target"
    case .revenueImpact: "Enterprise revenue impact"
    case .security: "security"
    case .severalIncidents: "several incidents at once"
    }
  }

  static func level(_ level: EscalationLevel) -> String {
    switch level {
    case .onCallEngineer: "level 1 (on-call engineer)"
    case .teamLead: "level 2 (team lead)"
    case .vicePresident: "level 3 (VP of Engineering)"
    case .chiefTechnologyOfficer: "level 4 (CTO)"
    }
  }

  /// The requirement. For an escalation, also the trigger.
  static func label(_ step: ScoredStep) -> String {
    let requirement = requirement(step.requirement)
    return step.trigger.map { "\(requirement): \(trigger($0))" } ?? requirement
  }

  func reason(_ reason: Reason) -> String {
    switch reason {
    case .severity(let severity, let since): "\(severity.code) since \(time(since))"
    case .widespread(let since): "widespread P0 since \(time(since))"
    case .affected(let since): "affected by a P0 since \(time(since))"
    case .trigger(let trigger, let since): "\(AuditWords.trigger(trigger)) since \(time(since))"
    case .resolved(let severity, let at): "\(severity.code) resolved at \(time(at))"
    case .requested(let at): "requested at \(time(at))"
    }
  }

  func evidence(_ evidence: Evidence) -> String {
    switch evidence {
    case .gap(let gap):
      "no update from \(time(gap.start)) to \(time(gap.end)), \(AuditWords.length(gap.microseconds))"
    case .updates(let count):
      count == 0 ? "no update on record" : count == 1 ? "1 update" : "\(count) updates"
    case .quiet(let quiet):
      "no outage window from \(time(quiet.start)) to \(time(quiet.end)), "
        + AuditWords.length(quiet.microseconds)
    case .needed(let level): "asks for \(AuditWords.level(level))"
    case .reached(let level, let at): "\(AuditWords.level(level)) reached at \(time(at))"
    case .milder(let severity, let since): "\(severity.code) from \(time(since)) on"
    case .companion(let incident): "together with \(String(decoding: incident, as: UTF8.self))"
    case .completedItem(let title, let at): "done at \(time(at)): \(title)"
    case .openItem(let title, let age): "open for \(AuditWords.length(max(0, age))): \(title)"
    case .begun: "begun and not completed"
    }
  }

  /// The evidence that the outcome of a row is based on.
  func basis(_ row: RequirementResult) -> [String] {
    row.evidence.map(evidence)
  }

  /// `18 min late`, `7 min to spare`, `due in 3 h 20 min`; empty if there is no margin.
  static func margin(_ outcome: Outcome) -> String {
    guard let margin = outcome.marginMicroseconds else { return "" }
    if outcome.verdict == .pending { return "due in \(length(margin))" }
    return spare(margin)
  }

  static func spare(_ margin: Int64) -> String {
    if margin == 0 { return "exactly on time" }
    // `-Int64.min` would overflow.
    return margin < 0 ? "\(length(-max(margin, -.max))) late" : "\(length(margin)) to spare"
  }

  /// The two largest units; the rest is cut off: `2 d 3 h`, `1 h 05 min`, `35 min 10 s`, `1 µs`.
  static func length(_ microseconds: Int64) -> String {
    let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
    func join(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
      small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }
    if days > 0 { return join(days, "d", hours, "h") }
    if hours > 0 { return join(hours, "h", minutes, "min") }
    if minutes > 0 { return join(minutes, "min", seconds % 60, "s") }
    if seconds > 0 || fraction == 0 { return "\(seconds) s" }
    return fraction % 1000 == 0 ? "\(fraction / 1000) ms" : "\(fraction) µs"
  }

  static func margin(_ margin: ScoreMargin?) -> String {
    switch margin {
    case .microseconds(let margin): spare(margin)
    case .noRecord: verdict(.noRecord)
    case nil: "-"
    }
  }

  /// The kept share in hundredths of a percent, rounded down, so that 100 % means all; `nil` if
  /// nothing was due.
  static func share(_ score: Score) -> BasisPoints? {
    guard score.applicable > 0 else { return nil }
    return BasisPoints(Int32(Int64(score.kept) * 10_000 / Int64(score.applicable)))
  }

  /// The kept share with two decimals, as on the page: `83.63 %`.
  static func rate(_ score: Score) -> String {
    guard let share = share(score) else { return "-" }
    var text: [UInt8] = []
    appendDecimal(Int64(share.value), decimals: 2, atLeast: 2, to: &text)
    return String(decoding: text, as: UTF8.self) + " %"
  }

  /// `90 of 117 kept, 76.92 %; 20 missed, 4 without a record, 5 pending`.
  static func counts(_ score: Score) -> String {
    let rate = score.applicable > 0 ? ", \(rate(score))" : ""
    return "\(score.kept) of \(score.applicable) kept\(rate); \(score.missed) missed, "
      + "\(score.noRecord) without a record, \(score.pending) pending"
  }

  static let noRecordMeaning =
    "No record: the incident is over, and nothing says whether it was done. It counts as not kept."

  /// `outage-response-1, times in UTC: P0 answered within 15 min and resolved within 4 h; P1 …`.
  static func promise(_ policy: VerifiedPolicy) -> String {
    let targets = Severity.allCases.map { severity in
      let target = policy.rules.targets[severity]
      return "\(severity.code) \(length(target.responseMicroseconds)), "
        + length(target.resolutionMicroseconds)
    }
    return "\(policy.version), times in \(policy.timeZone). Answered and resolved within: "
      + targets.joined(separator: "; ") + "."
  }
}
