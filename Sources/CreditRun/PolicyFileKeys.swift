/// Every key that a policy file may have, spelt as in the file.
public enum PolicyKey: String, CaseIterable, Hashable, Sendable {
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

  static let ofFile: [PolicyKey] = [.versions]
  static let ofVersion: [PolicyKey] = [
    .version, .effectiveFrom, .timeZone, .tiers, .cap, .overlap, .rounding, .exclude, .minimum,
    .plans, .limits,
  ]
  static let ofPlan: [PolicyKey] = [.tiers, .cap]
  static let ofTier: [PolicyKey] = [.severity, .longerThan, .credit]
  static let ofExclusion: [PolicyKey] = [.kind, .announced]
  static let ofLimits: [PolicyKey] = [.shareOfMonthlyFees, .granted, .takenBack]

  /// What the value must be.
  var kind: PolicyNodeKind {
    switch self {
    case .versions, .tiers, .exclude: .list
    case .plans, .limits, .minimum, .granted, .takenBack: .map
    default: .text
    }
  }

  /// A line that is right.
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
    }
  }

  /// Where the key belongs, in words.
  var home: String {
    if PolicyKey.ofTier.contains(self) { return "a tier" }
    if PolicyKey.ofExclusion.contains(self) { return "an entry of exclude" }
    if PolicyKey.ofLimits.contains(self) { return "limits" }
    if PolicyKey.ofPlan.contains(self) { return "a version or a plan" }
    return self == .versions ? "the top of the file" : "a version"
  }
}
