/// Something in the source that may mean that it is mapped wrongly. The raw value is what the queries call it.
package enum SourceSign: String, CaseIterable, Sendable {
  case follows
  case placedDraft = "placed_draft"
  case presentOnly = "present_only"
  case trialPlan = "trial_plan"
  case feeZero = "fee_zero"
  case shortTerm = "short_term"
  case periodPlan = "period_plan"
  case feeFactor = "fee_factor"
  case currencyFactor = "currency_factor"
  case feeFraction = "fee_fraction"
  case currencyUnknown = "currency_unknown"
  case planMissing = "plan_missing"
  case customerMissing = "customer_missing"
  case serviceMissing = "service_missing"
  case idBeginnings = "id_beginnings"
  case sameEmail = "same_email"
  case sameName = "same_name"
  case testCustomer = "test_customer"
  case unlisted
  case customerName = "customer_name"
  case serviceName = "service_name"
  case incidentTitle = "incident_title"
  case noDrafts = "no_drafts"
  case noSubscription = "no_subscription"
  case feeDecimals = "fee_decimals"
  case emailMissing = "email_missing"
  case zoneMissing = "zone_missing"

  /// Whether it is only to be known, because it is no mistake by itself.
  package var isNote: Bool {
    switch self {
    case .noDrafts, .noSubscription, .feeDecimals, .emailMissing, .zoneMissing: true
    default: false
    }
  }
}

/// A sign that was seen.
package struct SeenSign: Sendable {
  package let sign: SourceSign
  /// How often, in units of `SourceSign.unit`.
  package let total: Int64
  /// The first ones, by their keys. A cell is `nil` where the source has nothing.
  package private(set) var examples: [[String?]] = []
  /// Whether it is only to be known.
  package let isNote: Bool

  /// - Parameter isAnswered: whether the policy says already what becomes of it.
  package init(_ sign: SourceSign, total: Int64, isAnswered: Bool = false) {
    self.sign = sign
    self.total = total
    isNote = sign.isNote || isAnswered
  }

  mutating func add(_ cells: [String?]) { examples.append(cells) }
}
