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
  case missingKey = "missing_key"
  case duplicateRow = "duplicate_row"
  case unknownStatus = "unknown_status"
  case unknownKind = "unknown_kind"
  case implausibleTime = "implausible_time"
  case pastRewritten = "past_rewritten"
  case invoiceChanged = "invoice_changed"
  /// Not among those of section 9: null in a column that is no key and is never null.
  case missingValue = "missing_value"
  /// Not among those of section 9: a plan that differs from one of the policy in spelling alone.
  case unknownPlan = "unknown_plan"
  /// Not among those of section 9: the ledger's indexes have no room for such a key.
  case idTooLong = "id_too_long"
}

/// One thing for a person to look at: which row, and what is wrong with it. Both are values; `FindingWords.swift` says
/// them in words.
public struct Finding: Hashable, Sendable {
  /// What is wrong, with the values seen. Which row it is about says the key.
  public enum Fault: Hashable, Sendable {
    /// Of an incident or a window.
    case unknownSeverity(String?)
    /// Of a window or an exclusion.
    case reversedWindow(end: Instant)
    case windowNotClosed
    case noOutageScope
    case noStart
    case resolvedBeforeStart
    case resolvedWithoutTime
    /// An id of any row that is null or empty.
    case missingKey(FindingKey.Column)
    /// Null in a column that is no key.
    case missingValue(FindingKey.Column)
    /// Several rows have one key.
    case duplicateRow
    /// A window is for a service that has several rows.
    case doubledService([UInt8])
    /// Of an invoice; `nil` is null.
    case unknownStatus(String?)
    /// Of an exclusion; `nil` is null.
    case unknownKind(String?)
    /// Before 1970 or after 2200. Of a day, its midnight in UTC.
    case implausibleTime(FindingKey.Column, Instant)
    /// A window of a resolved incident ends after the as-of instant.
    case endsAfterAsOf(end: Instant, asOf: Instant)
    /// An invoice that carries credits of a customer is not what it was.
    case invoiceChanged(InvoiceChange, carried: Money)
    case pastRewritten(PastRewriting)
    /// Of any row that names a customer.
    case unknownCustomer([UInt8])
    /// Of any row that names a service.
    case unknownService([UInt8])
    case unknownTimeZone(String)
    /// Of a term. `named` is the plan of the policy file that differs from it in case or white space alone.
    case unknownPlan([UInt8], named: String)
    /// Of a term or an invoice.
    case unknownCurrency(String?)
    case negativeFee
    case feePrecision
    /// - Parameter earlier: when the other term begins.
    case overlappingTerms(earlier: Instant)
    case overlappingCustomers(earlier: Instant)
    case reversedTerm(end: Instant)
    case infiniteIncident
    /// Of a window or a term, with what was seen; `nil` is null.
    case infiniteStretch(start: Instant?, end: Instant?)
    case infiniteExclusion
    case infiniteIssueDay
    /// Of any row; `nil` is null.
    case infiniteTime(FindingKey.Column, Instant?)
    case noPolicyInForce
    /// Windows name an incident that is not there.
    case windowsOfNothing
    /// Credits are recorded for an incident that is not there any more.
    case incidentGone
    case subscriptionGone
    /// The status of an incident is not listed; `nil` is null.
    case unlistedStatus(String?)
    /// Credits are recorded for an incident that is open again.
    case openAgain
    case overcredited(by: Money)
    case creditOutOfRange
    case feeOutOfRange
    case dueOutOfRange(Currency)
    /// Of a record of how an incident was handled: the column has no value; `isNull` tells null from empty.
    case recordWithoutKey(FindingKey.Column, isNull: Bool)
    /// A record names an incident that is not there.
    case recordOfNothing([UInt8])
    /// Of an event; `nil` is null. `meant` is the kind that another spelling of it is.
    case unknownEventKind(String?, meant: String?)
    /// Of an escalation; `nil` is null.
    case unknownLevel(Int32?)
    case twoPostMortems
    /// A time that nobody can mean, before 1970 or after 2200.
    case implausibleRecord(FindingKey.Column, Instant)
    /// A record is from before the incident that it is about.
    case beforeIncident(FindingKey.Column, Instant, startedAt: Instant)
    /// The lengths of the three ids in bytes.
    case creditIdsTooLong(customer: Int, subscription: Int, incident: Int)
    case invoiceIdTooLong(bytes: Int, most: Int)
  }

  public enum InvoiceChange: Hashable, Sendable {
    /// It is in another currency; `nil` is null.
    case currency(String?)
    /// It is another customer's; `nil` is null.
    case customer([UInt8]?, isVoid: Bool)
    /// The source does not list it any more.
    case vanished
  }

  /// What was recorded of a subscription at a credit's first instant and is otherwise now, while the incident is what it
  /// was.
  public struct PastRewriting: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
      case fee(was: MonthlyFee, now: MonthlyFee)
      case plan(was: [UInt8], now: [UInt8])
      case service(was: [UInt8], now: [UInt8])
      /// The term ends earlier, within the incident's time.
      case termEnd(now: Instant)
      case currency(was: Currency, now: Currency)
      /// The subscription is another customer's.
      case customer
      /// No term covers the instant.
      case noTerm
    }

    /// Never empty.
    public let changes: [Change]
    /// What the run adds to the credit; negative where it takes back.
    public let difference: Money

    public init(_ changes: [Change], difference: Money) {
      precondition(!changes.isEmpty, "a rewritten past has changed in something")
      self.changes = changes
      self.difference = difference
    }
  }

  public let key: FindingKey
  public let fault: Fault

  public init(_ key: FindingKey, _ fault: Fault) {
    self.key = key
    self.fault = fault
  }

  /// The relation that the row is in, without its schema.
  public var relation: String { key.relation.rawValue }
}
