/// What is wrong with a source row, or needs a person's eye.
/// - Source: credit rules, section 9.
public enum FindingCode: String, CaseIterable, Hashable, Sendable {
  case unknownSeverity = "unknown_severity"
  case reversedWindow = "reversed_window"
  case windowNotClosed = "window_not_closed"
  case noOutageScope = "no_outage_scope"
  case incidentTimes = "incident_times"
  case unknownCustomer = "unknown_customer"
  case unknownService = "unknown_service"
  case unknownTimeZone = "unknown_time_zone"
  case unknownCurrency = "unknown_currency"
  case negativeFee = "negative_fee"
  case feePrecision = "fee_precision"
  case overlappingTerms = "overlapping_terms"
  case reversedTerm = "reversed_term"
  case infiniteTime = "infinite_time"
  case noPolicyInForce = "no_policy_in_force"
  case incidentMissing = "incident_missing"
  case subscriptionMissing = "subscription_missing"
  case heldOpen = "held_open"
  case overcredited = "overcredited"
  case amountOutOfRange = "amount_out_of_range"
  /// Not among those of section 9: the ledger's indexes have no room for such a key.
  case idTooLong = "id_too_long"
}

/// One thing for a person to look at: where it is, what is wrong, what to do.
public struct Finding: Hashable, Sendable {
  public let code: FindingCode
  /// The relation that the row is in, without its schema: `incident`, `subscription_term`, `credit`.
  public let relation: String
  /// The row's key, its parts joined with ` / ` where there are several.
  public let key: String
  /// What is wrong, with the values seen. One sentence.
  public let problem: String
  /// What to do about it. One sentence.
  public let remedy: String

  public init(code: FindingCode, relation: String, key: String, problem: String, remedy: String) {
    self.code = code
    self.relation = relation
    self.key = key
    self.problem = problem
    self.remedy = remedy
  }
}
