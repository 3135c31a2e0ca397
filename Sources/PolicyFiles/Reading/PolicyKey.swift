/// Every key of a policy file, spelled as in the file.
package enum PolicyKey: String, CaseIterable, Hashable, Sendable {
  case versions
  case version
  case effectiveFrom = "effective_from"
  case timeZone = "time_zone"
  case tiers
  case cap
  case overlap
  case rounding
  case exclude
  case minimum
  case plans
  case limits
  case severity
  case longerThan = "longer_than"
  case credit
  case kind
  case announced
  case shareOfMonthlyFees = "share_of_monthly_fees"
  case granted
  case takenBack = "taken_back"
  // The procedures
  case procedures
  case targets
  case respond
  case resolve
  case duringP0 = "during_p0"
  case responseTeam = "response_team"
  case rootCauseInvestigation = "root_cause_investigation"
  case firstStatusUpdate = "first_status_update"
  case statusUpdatesEvery = "status_updates_every"
  case customersNotified = "customers_notified"
  case inAppBanner = "in_app_banner"
  case socialMedia = "social_media"
  case resolutionMessage = "resolution_message"
  case escalation
  case trigger
  case within
  case p0 = "P0"
  case p1 = "P1"
  case p2 = "P2"
  case p3 = "P3"
  case postMortem = "post_mortem"
  case severities
  case businessDays = "business_days"
  case shareBusinessDays = "share_business_days"
  case holidays

  static let ofFile: [PolicyKey] = [.versions]
  static let ofVersion: [PolicyKey] = [
    .version, .effectiveFrom, .timeZone, .tiers, .cap, .overlap, .rounding, .exclude, .minimum,
    .plans, .limits, .procedures,
  ]
  static let ofPlan: [PolicyKey] = [.tiers, .cap]
  static let ofTier: [PolicyKey] = [.severity, .longerThan, .credit]
  static let ofExclusion: [PolicyKey] = [.kind, .announced]
  static let ofLimits: [PolicyKey] = [.shareOfMonthlyFees, .granted, .takenBack]
  static let ofProcedures: [PolicyKey] = [
    .targets, .duringP0, .escalation, .postMortem, .holidays,
  ]
  static let ofTarget: [PolicyKey] = [.severity, .respond, .resolve]
  static let ofDuringP0: [PolicyKey] = [
    .responseTeam, .rootCauseInvestigation, .firstStatusUpdate, .statusUpdatesEvery,
    .customersNotified, .inAppBanner, .socialMedia, .resolutionMessage,
  ]
  static let ofEscalation: [PolicyKey] = [.trigger, .within, .p0, .p1, .p2, .p3]
  static let ofPostMortem: [PolicyKey] = [.severities, .businessDays, .shareBusinessDays]

  /// The kind that the value must have.
  var kind: PolicyNodeKind {
    switch self {
    case .versions, .tiers, .exclude, .targets, .escalation, .severities, .holidays: .list
    case .procedures, .duringP0, .postMortem: .map
    case .plans, .limits, .minimum, .granted, .takenBack: .map
    default: .text
    }
  }

  /// An example of a correct line.
  var example: String {
    switch self {
    case .versions: "versions: [{version: outage-response-1, effective_from: 2025-01-01, …}]"
    case .version: "version: outage-response-2"
    case .effectiveFrom: "effective_from: 2025-01-01"
    case .timeZone: "time_zone: Europe/Berlin"
    case .tiers: "tiers: [{severity: P0, longer_than: 1h, credit: 10%}]"
    case .cap: "cap: 100%"
    case .overlap: "overlap: count_once"
    case .rounding: "rounding: half_up"
    case .exclude: "exclude: [{kind: scheduled_maintenance, announced: 24h}]"
    case .minimum: "minimum: {USD: 1.00}"
    case .plans: "plans: {platinum: {cap: 60%}}"
    case .limits: "limits: {share_of_monthly_fees: 50%}"
    case .severity: "severity: P0"
    case .longerThan: "longer_than: 1h30m"
    case .credit: "credit: 10%"
    case .kind: "kind: scheduled_maintenance"
    case .announced: "announced: 24h"
    case .shareOfMonthlyFees: "share_of_monthly_fees: 50%"
    case .granted: "granted: {USD: 250000}"
    case .takenBack: "taken_back: {USD: 50000}"
    case .procedures: "procedures: {holidays: [2026-12-25]}"
    case .targets: "targets: [{severity: P0, respond: 15m, resolve: 4h}]"
    case .respond: "respond: 15m"
    case .resolve: "resolve: 4h"
    case .duringP0: "during_p0: {status_updates_every: 30m}"
    case .responseTeam: "response_team: 30m"
    case .rootCauseInvestigation: "root_cause_investigation: 30m"
    case .firstStatusUpdate: "first_status_update: 30m"
    case .statusUpdatesEvery: "status_updates_every: 30m"
    case .customersNotified: "customers_notified: 30m"
    case .inAppBanner: "in_app_banner: 30m"
    case .socialMedia: "social_media: 30m"
    case .resolutionMessage: "resolution_message: 30m"
    case .escalation: "escalation: [{trigger: past_target, within: 0s, P0: 4, P1: 3, P2: 2, P3: 2}]"
    case .trigger: "trigger: past_target"
    case .within: "within: 30m"
    case .p0: "P0: 4"
    case .p1: "P1: 3"
    case .p2: "P2: 2"
    case .p3: "P3: 2"
    case .postMortem: "post_mortem: {severities: [P0, P1], business_days: 5}"
    case .severities: "severities: [P0, P1]"
    case .businessDays: "business_days: 5"
    case .shareBusinessDays: "share_business_days: 5"
    case .holidays: "holidays: [2026-12-25, 2027-01-01]"
    }
  }

  /// The part of the file that the key belongs to, in words.
  var home: String {
    if PolicyKey.ofTier.contains(self) { return "a tier" }
    if PolicyKey.ofExclusion.contains(self) { return "an entry of exclude" }
    if PolicyKey.ofLimits.contains(self) { return "limits" }
    if PolicyKey.ofProcedures.contains(self) { return "procedures" }
    if PolicyKey.ofTarget.contains(self) { return "an entry of targets" }
    if PolicyKey.ofDuringP0.contains(self) { return "during_p0" }
    if PolicyKey.ofEscalation.contains(self) { return "an entry of escalation" }
    if PolicyKey.ofPostMortem.contains(self) { return "post_mortem" }
    if PolicyKey.ofPlan.contains(self) { return "a version or a plan" }
    return self == .versions ? "the top of the file" : "a version"
  }
}
