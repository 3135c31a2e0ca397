import ResponseProcedures
import ServiceCredits

/// An incident in a few words, and its rows. Times are hours and minutes after noon of Monday, 5
/// October 2026, in UTC: `0:30` is 12:30, `-0:05` is 11:55, `1:00+1us` is a microsecond after one
/// o'clock, `d+2 3:00` is two days later.
struct ComplianceStory {
  static let noon: Int64 = 1_791_201_600_000_000
  static let minute: Int64 = 60_000_000

  var severity = Severity.p0
  /// Severity, start and end of each window; `nil` if it has no end.
  var windows: [(Severity, String, String?)] = []
  var acknowledged: String? = "0:05"
  var resolved: String?
  var asOf = "d+30 0:00"
  var isWidespread = false
  var concernsSecurity = false
  var hasRevenueImpact = false
  /// `team`, `cause`, `status`, `banner`, `social`, `notified ID`, `level N`, `asked ID`, `shared
  /// ID`, each with its time.
  var events: [(String, String)] = []
  var postMortem = AuditedIncident.PostMortem.notBegun
  var items: [(String, String?)] = []
  /// Customers, each with the time that the incident took from it: `0:40` (until the end), or
  /// `0:10-0:40 1:00-2:00`.
  var customers: [(String, String)] = []
  var companion: String?

  static func instant(_ text: String) -> Instant {
    var text = text[...]
    var microseconds = noon
    if let plus = text.firstRange(of: "+1us") {
      microseconds += 1
      text = text[..<plus.lowerBound]
    }
    if text.hasPrefix("d+") {
      let parts = text.dropFirst(2).split(separator: " ")
      microseconds += (Int64(parts[0]) ?? 0) * 1440 * minute
      text = parts[1]
    }
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ":").map { Int64($0) ?? 0 }
    let minutes = parts[0] * 60 + parts[1]
    return Instant(microseconds: microseconds + (isNegative ? -minutes : minutes) * minute)
  }

  private static func interval(_ text: String) -> Interval {
    let parts = text.split(separator: "-")
    return Interval(
      instant(String(parts[0])), instant(parts.count > 1 ? String(parts[1]) : "d+40 0:00"))
  }

  static func text(_ instant: Instant?) -> String {
    guard let instant else { return "-" }
    let micro = instant.microseconds - noon
    let days = micro >= 0 ? micro / (1440 * minute) : 0
    let rest = micro - days * 1440 * minute
    let (minutes, left) = abs(rest).quotientAndRemainder(dividingBy: minute)
    let clock = "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
    return (days > 0 ? "d+\(days) " : "") + (rest < 0 ? "-" : "") + clock
      + (left > 0 ? "+\(left)us" : "")
  }

  private static func event(_ what: String, _ time: String) -> AuditedIncident.Event? {
    let (at, words) = (instant(time), what.split(separator: " "))
    let customer = words.count > 1 ? Array(words[1].utf8) : []
    switch words[0] {
    case "team": return .step(.responseTeam, at: at)
    case "cause": return .step(.rootCauseInvestigation, at: at)
    case "banner": return .step(.inAppBanner, at: at)
    case "social": return .step(.socialMedia, at: at)
    case "status": return .statusUpdate(at: at)
    case "notified": return .notified(customer: customer, at: at)
    case "asked": return .postMortemRequested(customer: customer, at: at)
    case "shared": return .postMortemShared(customer: customer, at: at)
    default:
      return Int32(words[1]).flatMap { EscalationLevel(rawValue: $0) }.map {
        .escalated(to: $0, at: at)
      }
    }
  }

  /// The days of UTC, from two weeks before. The 12th is a holiday.
  static let calendar: BusinessCalendar = {
    let days = (-14...60).map { (day: Int64) -> BusinessCalendar.Day in
      let midnight = noon + (day * 1440 - 720) * minute
      let weekday = (day % 7 + 7) % 7
      return BusinessCalendar.Day(
        start: Instant(microseconds: midnight), isBusinessDay: weekday < 5 && day != 7)
    }
    return BusinessCalendar(days: days)
  }()

  func rows(_ rules: ProcedureRules = promised) -> [RequirementResult] {
    let asOf = ComplianceStory.instant(self.asOf)
    let startedAt = ComplianceStory.instant("0:00")
    let incident = AuditedIncident(
      id: Array("i".utf8), startedAt: startedAt,
      acknowledgedAt: acknowledged.map(ComplianceStory.instant),
      state: resolved.map { .resolved(at: ComplianceStory.instant($0)) } ?? .open,
      history: SeverityHistory(
        severity: severity, startedAt: startedAt,
        windows: windows.map { severity, start, end in
          SeverityWindow(
            severity: severity,
            interval: Interval(
              ComplianceStory.instant(start), end.map(ComplianceStory.instant) ?? .distantFuture))
        }, resolvedAt: resolved.map(ComplianceStory.instant), asOf: asOf),
      quiet: [], isWidespread: isWidespread, concernsSecurity: concernsSecurity,
      hasRevenueImpact: hasRevenueImpact,
      events: events.compactMap { ComplianceStory.event($0.0, $0.1) }, postMortem: postMortem,
      actionItems: items.map {
        AuditedIncident.ActionItem(title: $0.0, completedAt: $0.1.map(ComplianceStory.instant))
      },
      customers: customers.map { id, times in
        AuditedIncident.Customer(
          id: Array(id.utf8),
          affected: times.split(separator: " ").map { ComplianceStory.interval(String($0)) })
      },
      companion: companion.map {
        AuditedIncident.Companion(id: Array("other".utf8), since: ComplianceStory.instant($0))
      })
    return ComplianceCheck(rules: rules, calendar: ComplianceStory.calendar, asOf: asOf).rows(
      for: incident)
  }

  /// `resolution due 4:00 done 3:00 kept 60m`, with the margin in minutes, and the rest in
  /// microseconds.
  static func line(_ row: RequirementResult) -> String {
    var name = row.requirement.rawValue
    if let customer = row.customer { name += " " + String(decoding: customer, as: UTF8.self) }
    if case .trigger(let trigger, _) = row.reason { name += " " + trigger.rawValue }
    for case .needed(let level) in row.evidence { name += " \(level.rawValue)" }
    let margin = row.outcome.marginMicroseconds.map { margin in
      let (minutes, rest) = margin.quotientAndRemainder(dividingBy: minute)
      return " \(minutes)m" + (rest == 0 ? "" : "\(rest)us")
    }
    return "\(name) due \(text(row.outcome.due)) done \(text(row.outcome.done)) "
      + row.outcome.verdict.rawValue + (margin ?? "")
  }

  private static let half = 30 * minute

  static let promised = ProcedureRules(
    targets: BySeverity(
      p0: target(15, 240), p1: target(60, 480), p2: target(240, 1440), p3: target(1440, 10_080)),
    critical: CriticalRules(
      within: Dictionary(uniqueKeysWithValues: CriticalStep.allCases.map { ($0, half) }),
      updateMicroseconds: half),
    escalation: [
      rule(.pastTarget, 0, [4, 3, 2, 2]), rule(.revenueImpact, half, [2, 2, 2, 2]),
      rule(.security, half, [3, 3, 2, 2]), rule(.severalIncidents, half, [3, 2, 2, 2]),
    ].compactMap { $0 },
    postMortem: PostMortemRules(severities: [.p0, .p1], businessDays: 5, shareBusinessDays: 5),
    holidays: [])

  private static func target(_ response: Int64, _ resolution: Int64) -> SeverityTarget {
    SeverityTarget(
      responseMicroseconds: response * minute, resolutionMicroseconds: resolution * minute)
  }

  private static func rule(
    _ trigger: EscalationTrigger, _ within: Int64, _ levels: [Int32]
  ) -> EscalationRule? {
    let levels = levels.compactMap { EscalationLevel(rawValue: $0) }
    return EscalationRule(
      trigger: trigger, withinMicroseconds: within,
      levels: BySeverity(p0: levels[0], p1: levels[1], p2: levels[2], p3: levels[3]))
  }
}
