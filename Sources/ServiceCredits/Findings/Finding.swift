/// What is wrong with a source row, or what a person must check.
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
  /// Not in section 9: the share of an outage window that was out.
  case shareOutOfRange = "share_out_of_range"
  /// Not in section 9: null in a column that is not a key and must not be null.
  case missingValue = "missing_value"
  /// Not in section 9: a plan that differs only in spelling from a plan of the policy.
  case unknownPlan = "unknown_plan"
  /// Not in section 9: a credit of a closed month that would have changed.
  case monthClosed = "month_closed"
  /// Not in section 9: the id is one that the ledger uses itself.
  case reservedId = "reserved_id"
  /// Not in section 9: the key is too long for an index of the ledger.
  case idTooLong = "id_too_long"
}

/// One problem for a person to check: the row and what is wrong with it. `FindingWords.swift` turns
/// it into text.
public struct Finding: Hashable, Sendable {
  /// What is wrong, with the values seen. `key` identifies the row.
  public enum Fault: Hashable, Sendable {
    /// Of an incident or a window.
    case unknownSeverity(String?)
    /// Of a window or an exclusion.
    case reversedWindow(end: Instant)
    case windowNotClosed
    /// The share of a window is no number above 0 and at most 1 with at most six decimals.
    case shareOutOfRange([UInt8])
    case noOutageScope
    case noStart
    case resolvedBeforeStart
    case resolvedWithoutTime
    /// The id of a row is null or empty.
    case missingKey(FindingKey.Column)
    /// Null in a column that is not a key.
    case missingValue(FindingKey.Column)
    /// Several rows have the same key.
    case duplicateRow
    /// A window is for a service that has several rows.
    case doubledService([UInt8])
    /// Of an invoice; `nil` is null.
    case unknownStatus(String?)
    /// Of an exclusion; `nil` is null.
    case unknownKind(String?)
    /// Before 1970 or after 2200. For a day, midnight in UTC.
    case implausibleTime(FindingKey.Column, Instant)
    /// A window of a resolved incident ends after the as-of instant.
    case endsAfterAsOf(end: Instant, asOf: Instant)
    /// An invoice that carries credits of a customer has changed.
    case invoiceChanged(InvoiceChange, carried: Money)
    case pastRewritten(PastRewriting)
    /// Of any row that names a customer.
    case unknownCustomer([UInt8])
    /// Of any row that names a service.
    case unknownService([UInt8])
    case unknownTimeZone(String)
    /// Of a term. `named` is the plan of the policy file that differs only in case or white space.
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
    /// Of a window or a term; `nil` is null.
    case infiniteStretch(start: Instant?, end: Instant?)
    case infiniteExclusion
    case infiniteIssueDay
    /// Of any row; `nil` is null.
    case infiniteTime(FindingKey.Column, Instant?)
    case noPolicyInForce
    /// Windows name an incident that the source does not have.
    case windowsOfNothing
    /// Credits are recorded for an incident that the source no longer has.
    case incidentGone
    case subscriptionGone
    /// The status of an incident is not listed; `nil` is null.
    case unlistedStatus(String?)
    /// Credits are recorded for an incident that is open again.
    case openAgain
    case overcredited(by: Money)
    /// A credit stands that would have changed by this amount, which is not zero.
    case monthClosed(ClosedCause, Money)
    case creditOutOfRange
    case feeOutOfRange
    /// The amount due of an invoice, or what is taken off it already.
    case dueOutOfRange(Currency, isApplied: Bool = false)
    /// A key column of a record of how an incident was handled has no value; `isNull` is `false` if
    /// it is empty.
    case recordWithoutKey(FindingKey.Column, isNull: Bool)
    /// A record names an incident that the source does not have.
    case recordOfNothing([UInt8])
    /// Of an event; `nil` is null. `meant` is the listed kind that it most likely stands for.
    case unknownEventKind(String?, meant: String?)
    /// Of an escalation; `nil` is null.
    case unknownLevel(Int32?)
    case twoPostMortems
    /// A time before 1970 or after 2200.
    case implausibleRecord(FindingKey.Column, Instant)
    /// A record's time is before the start of its incident.
    case beforeIncident(FindingKey.Column, Instant, startedAt: Instant)
    /// An invoice has the id of `SetOffInvoice`, or one like those of `BalanceInvoice`.
    case reservedInvoice(isBalance: Bool)
    /// A claim names neither an incident nor a month.
    case claimOfNothing
    /// A claim is for a month, and the day that stands for it is not the first of one.
    case noFirstOfMonth(String)
    /// The lengths of the three ids in bytes.
    case creditIdsTooLong(customer: Int, subscription: Int, incident: Int)
    case invoiceIdTooLong(bytes: Int, most: Int)
  }

  /// Why a credit stands as it is because of a closed month.
  public enum ClosedCause: Hashable, Sendable {
    /// Its own month is closed.
    case itsMonth
    /// It would change with one of the same subscription and incident in a closed month, and in the other
    /// direction: one of both alone would be paid twice, or lost.
    case anotherMonth
    /// A measure of its quarter would change, of which a month is closed.
    case itsQuarter
  }

  public enum InvoiceChange: Hashable, Sendable {
    /// The invoice is in another currency; `nil` is null.
    case currency(String?)
    /// The invoice is another customer's; `nil` is null.
    case customer([UInt8]?, isVoid: Bool)
    /// The source no longer lists the invoice.
    case vanished
  }

  /// Recorded facts of a subscription at a credit's first instant that the source now tells
  /// differently, although the incident has not changed.
  public struct PastRewriting: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
      case fee(was: MonthlyFee, now: MonthlyFee)
      /// What the terms are billed for the measured period.
      case billed(was: MonthlyFee, now: MonthlyFee)
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
    /// What the credit changes by; negative if money is taken back.
    public let difference: Money
    /// What waits until the finding is accepted; `nil` where the credit is changed.
    public let waiting: Waiting?

    /// A person accepts precisely this. So it tells everything that the decision lets through, and once.
    public struct Waiting: Hashable, Sendable {
      /// The number that the credit's next revision would have. An acceptance is used up with it.
      public let revision: Int32
      /// What waits with it: the same subscription and incident in other months and currencies.
      public let beside: [Beside]

      public init(revision: Int32, beside: [Beside] = []) {
        self.revision = revision
        self.beside = beside
      }
    }

    public struct Beside: Hashable, Sendable {
      public let month: BillingMonth
      /// What that credit would change by; negative if money is taken back.
      public let change: Money

      public init(month: BillingMonth, change: Money) {
        self.month = month
        self.change = change
      }
    }

    public init(_ changes: [Change], difference: Money, waiting: Waiting? = nil) {
      precondition(!changes.isEmpty, "a rewritten past has changed in something")
      self.changes = changes
      self.difference = difference
      self.waiting = waiting
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
