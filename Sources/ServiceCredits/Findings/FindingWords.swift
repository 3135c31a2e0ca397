// The text of findings: the code, the key, what is wrong and what to do. All texts of findings are
// in this folder.

extension Finding {
  public var code: FindingCode { fault.code }

  /// What is wrong, with the values seen.
  public var problem: String { fault.words(key).problem }

  /// What to do about it.
  public var remedy: String { fault.words(key).remedy }

  /// Relation, key, problem and remedy on one line, without the code.
  public var sentence: String { "\(relation) \(key.text): \(problem) \(remedy)" }
}

extension FindingKey {
  /// The parts joined with ` / `. Two keys of the same columns are never the same text.
  public var text: String { parts.map(\.value.text).joined(separator: " / ") }
}

extension FindingKey.Value {
  public var text: String {
    switch self {
    case .null: "null"
    case .bytes(let bytes): FindingKey.Value.text(String(decoding: bytes, as: UTF8.self))
    case .time(let time): time.text
    }
  }

  /// An id between quotes where it could be taken for none, for several, or for one between quotes.
  private static func text(_ id: String) -> String {
    let isPlain =
      !id.isEmpty && !id.utf8.elementsEqual("null".utf8)
      && id.utf8.first != UInt8(ascii: "'") && !id.utf8.containsSeparator
    return isPlain
      ? id
      : "'"
        + id.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "''") + "'"
  }
}

extension String.UTF8View {
  /// Whether the bytes of ` / ` are anywhere in the text.
  fileprivate var containsSeparator: Bool {
    var rest = self[...]
    while let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
      let next = index(after: slash)
      if slash > startIndex, self[index(before: slash)] == UInt8(ascii: " "), next < endIndex,
        self[next] == UInt8(ascii: " ")
      {
        return true
      }
      rest = self[next...]
    }
    return false
  }
}

extension FindingKey.Relation {
  /// What one row of the relation is called.
  var noun: String {
    switch self {
    case .customer: "customer"
    case .service: "service"
    case .subscriptionTerm: "term"
    case .incident: "incident"
    case .outage: "window"
    case .exclusion: "exclusion"
    case .invoice: "invoice"
    case .claim: "claim"
    case .incidentEvent: "event"
    case .postMortem: "post-mortem"
    case .actionItem: "action item"
    case .credit: "credit"
    }
  }
}

extension Finding.Fault {
  public var code: FindingCode {
    switch self {
    case .unknownSeverity: .unknownSeverity
    case .reversedWindow: .reversedWindow
    case .windowNotClosed: .windowNotClosed
    case .shareOutOfRange: .shareOutOfRange
    case .noOutageScope: .noOutageScope
    case .noStart, .resolvedBeforeStart, .resolvedWithoutTime: .incidentTimes
    case .missingKey: .missingKey
    case .missingValue: .missingValue
    case .duplicateRow, .doubledService: .duplicateRow
    case .unknownStatus: .unknownStatus
    case .unknownKind: .unknownKind
    case .implausibleTime, .endsAfterAsOf: .implausibleTime
    case .invoiceChanged: .invoiceChanged
    case .pastRewritten: .pastRewritten
    case .unknownCustomer: .unknownCustomer
    case .unknownService: .unknownService
    case .unknownTimeZone: .unknownTimeZone
    case .unknownPlan: .unknownPlan
    case .unknownCurrency: .unknownCurrency
    case .negativeFee: .negativeFee
    case .feePrecision: .feePrecision
    case .overlappingTerms, .overlappingCustomers: .overlappingTerms
    case .reversedTerm: .reversedTerm
    case .infiniteIncident, .infiniteStretch, .infiniteExclusion, .infiniteIssueDay, .infiniteTime:
      .infiniteTime
    case .noPolicyInForce: .noPolicyInForce
    case .windowsOfNothing, .incidentGone: .incidentMissing
    case .subscriptionGone: .subscriptionMissing
    case .unlistedStatus, .openAgain: .heldOpen
    case .overcredited: .overcredited
    case .monthClosed: .monthClosed
    case .creditOutOfRange, .feeOutOfRange, .dueOutOfRange: .amountOutOfRange
    case .claimOfNothing: .missingValue
    case .noFirstOfMonth: .implausibleTime
    case .recordWithoutKey: .missingKey
    case .recordOfNothing: .incidentMissing
    case .unknownEventKind, .unknownLevel: .unknownKind
    case .twoPostMortems: .duplicateRow
    case .implausibleRecord, .beforeIncident: .implausibleTime
    case .creditIdsTooLong, .invoiceIdTooLong: .idTooLong
    case .reservedInvoice: .reservedId
    }
  }

  /// The text of the fault for the row with this key.
  func words(_ key: FindingKey) -> FindingWords {
    switch self {
    case .unknownSeverity(let severity): .unknownSeverity(severity, key.relation)
    case .reversedWindow(let end): .reversedWindow(end, key.relation)
    case .windowNotClosed: .windowNotClosed
    case .shareOutOfRange(let share): .shareOutOfRange(share)
    case .noOutageScope: .noOutageScope
    case .noStart: .noStart
    case .resolvedBeforeStart: .resolvedBeforeStart
    case .resolvedWithoutTime: .resolvedWithoutTime
    case .missingKey(let column): .missingKey(column, key)
    case .missingValue(let column): .missingValue(column, key.relation)
    case .duplicateRow: .duplicateRow(key)
    case .doubledService(let id): .doubledService(id, key.relation)
    case .unknownStatus(let status): .unknownStatus(status)
    case .unknownKind(let kind): .unknownKind(kind)
    case .implausibleTime(let column, let time): .implausibleTime(column, time, key.relation)
    case .endsAfterAsOf(let end, _): .endsAfterAsOf(end)
    case .invoiceChanged(let change, let carried): .invoiceChanged(change, carried)
    case .pastRewritten(let rewriting): .pastRewritten(rewriting)
    case .unknownCustomer(let id): .unknownCustomer(id, key.relation)
    case .unknownService(let id): .unknownService(id, key.relation)
    case .unknownTimeZone(let zone): .unknownTimeZone(zone)
    case .unknownPlan(let plan, let named): .unknownPlan(plan, named)
    case .unknownCurrency(let code): .unknownCurrency(code, key.relation)
    case .negativeFee: .negativeFee
    case .feePrecision: .feePrecision
    case .overlappingTerms(let earlier): .overlappingTerms(earlier)
    case .overlappingCustomers(let earlier): .overlappingCustomers(earlier)
    case .reversedTerm(let end): .reversedTerm(end)
    case .infiniteIncident: .infiniteIncident
    case .infiniteStretch(let start, let end): .infiniteStretch(start, end, key.relation)
    case .infiniteExclusion: .infiniteExclusion
    case .infiniteIssueDay: .infiniteIssueDay
    case .infiniteTime(let column, let time): .infiniteTime(column, time, key.relation)
    case .noPolicyInForce: .noPolicyInForce
    case .windowsOfNothing: .windowsOfNothing(key)
    case .incidentGone: .incidentGone
    case .subscriptionGone: .subscriptionGone
    case .unlistedStatus(let status): .unlistedStatus(status)
    case .openAgain: .openAgain
    case .overcredited(let amount): .overcredited(amount)
    case .monthClosed(let cause, let change): .monthClosed(cause, change)
    case .creditOutOfRange: .creditOutOfRange
    case .feeOutOfRange: .feeOutOfRange
    case .dueOutOfRange(let currency, let isApplied): .dueOutOfRange(currency, isApplied)
    case .claimOfNothing: .claimOfNothing
    case .noFirstOfMonth(let day): .noFirstOfMonth(day)
    case .recordWithoutKey(let column, let isNull): .recordWithoutKey(column, isNull, key.relation)
    case .recordOfNothing(let incident): .recordOfNothing(incident, key.relation)
    case .unknownEventKind(let kind, let meant): .unknownEventKind(kind, meant)
    case .unknownLevel(let level): .unknownLevel(level)
    case .twoPostMortems: .twoPostMortems
    case .implausibleRecord(let column, let time): .implausibleRecord(column, time, key.relation)
    case .beforeIncident(let column, let time, let start): .beforeIncident(column, time, start)
    case .creditIdsTooLong(let owner, let term, let cause): .creditIdsTooLong(owner, term, cause)
    case .invoiceIdTooLong(let bytes, let most): .invoiceIdTooLong(bytes, most)
    case .reservedInvoice(let isBalance): .reservedInvoice(isBalance: isBalance)
    }
  }
}

/// What is wrong and what to do about it.
struct FindingWords {
  let problem: String
  let remedy: String

  init(_ problem: String, _ remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  typealias Relation = FindingKey.Relation

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  static func quoted(_ value: String?) -> String { value.map { "'\($0)'" } ?? "null" }

  /// The end of a sentence that says which listed value is most likely meant.
  static func guess(_ value: String?, _ listed: ListedValues) -> String {
    guard let value, let meant = listed.meant(by: value) else { return "." }
    return "; '\(value)' looks like \(meant)."
  }

  static func text(_ time: Instant?) -> String { time?.text ?? "null" }
}

/// References to other rows, and lists.
extension FindingWords {
  static func unknownSeverity(_ severity: String?, _ relation: Relation) -> FindingWords {
    FindingWords(
      "The severity of \(relation == .outage ? "this window" : "the incident") is \(quoted(severity)).",
      "Set redress_source.\(relation.rawValue).severity to P0, P1, P2 or P3"
        + guess(severity, .severities))
  }

  static func unknownStatus(_ status: String?) -> FindingWords {
    FindingWords(
      "The status of the invoice is \(quoted(status)). Nothing is placed on it, and what it carries stays.",
      "Set redress_source.invoice.status to draft, finalized or void"
        + guess(status, .invoiceStatuses))
  }

  static func unknownKind(_ kind: String?) -> FindingWords {
    FindingWords(
      "The kind of the exclusion is \(quoted(kind)), so it excludes nothing.",
      "Set redress_source.exclusion.kind to scheduled_maintenance, customer_fault or force_majeure"
        + guess(kind, .exclusionKinds))
  }

  static func unknownCustomer(_ id: [UInt8], _ relation: Relation) -> FindingWords {
    // A finding about terms concerns the whole subscription.
    let noun = relation == .subscriptionTerm ? "subscription" : relation.noun
    return FindingWords(
      "The \(noun) is for customer '\(text(id))', who does not exist.",
      "Correct the \(noun)'s customer_id or add the customer.")
  }

  static func unknownService(_ id: [UInt8], _ relation: Relation) -> FindingWords {
    FindingWords(
      id.isEmpty
        ? "The \(relation.noun) has no service_id."
        : "The \(relation.noun) is for service '\(text(id))', which does not exist.",
      "Correct the \(relation.noun)'s service_id or add the service.")
  }

  static func unknownTimeZone(_ zone: String) -> FindingWords {
    FindingWords(
      "The time zone '\(zone)' is unknown to PostgreSQL.",
      "Set the customer's time_zone to an IANA name, or to null for the policy's.")
  }

  static func unknownPlan(_ plan: [UInt8], _ named: String) -> FindingWords {
    FindingWords(
      "The plan of the term is '\(text(plan))'. The policy names no such plan, but it names '\(named)'.",
      "Set redress_source.subscription_term.plan to \(named), or name the other plan in the policy file too."
    )
  }

  static func unknownCurrency(_ code: String?, _ relation: Relation) -> FindingWords {
    let meant = code.flatMap { NearMiss.currency($0) }
    return FindingWords(
      "The currency of the \(relation.noun) is \(quoted(code)).",
      "Set the \(relation.noun)'s currency to a code of ISO 4217 in upper case"
        + (meant.map { "; \(quoted(code)) looks like \($0.code)." } ?? "."))
  }

  static func windowsOfNothing(_ key: FindingKey) -> FindingWords {
    FindingWords(
      "Outage windows name incident \(key.text), which the source does not have.",
      "Add the incident to redress_source.incident or remove its windows.")
  }

  static func unlistedStatus(_ status: String?) -> FindingWords {
    FindingWords(
      "The status is \(quoted(status)), which counts as open; nothing is credited or taken back.",
      "Set redress_source.incident.status to open, resolved or void"
        + guess(status, .incidentStatuses))
  }

  static let noOutageScope = FindingWords(
    "The incident is resolved, its severity earns credits, and no outage window says who was affected.",
    "Add its windows to redress_source.outage, or set its status to void.")

  static func doubledService(_ id: [UInt8], _ relation: Relation) -> FindingWords {
    FindingWords(
      "The \(relation.noun) is for service '\(text(id))', of which there are several rows.",
      "Make service_id unique in redress_source.service.")
  }
}

/// Rows that cannot be told apart, and rows that lack something.
extension FindingWords {
  static func missingKey(_ column: FindingKey.Column, _ key: FindingKey) -> FindingWords {
    let isEmpty = key[column] != nil
    return FindingWords(
      "The \(key.relation.noun) has \(isEmpty ? "an empty" : "no") \(column.rawValue).",
      "Set redress_source.\(key.relation.rawValue).\(column.rawValue), or leave the row out; "
        + "nothing is done with it until then.")
  }

  static func missingValue(_ column: FindingKey.Column, _ relation: Relation) -> FindingWords {
    FindingWords(
      "The \(column.rawValue) of the \(relation.noun) is null.",
      "Set redress_source.\(relation.rawValue).\(column.rawValue).")
  }

  static func duplicateRow(_ key: FindingKey) -> FindingWords {
    let columns = key.parts.map(\.column.rawValue).joined(separator: " and ")
    let consequence =
      switch key.relation {
      case .exclusion: "None of them is applied."
      case .invoice: "Nothing is placed on the invoice, and what it carries stays."
      default: "What depends on them is held: what is recorded stands."
      }
    return FindingWords(
      "Several rows have this \(columns). \(consequence)",
      "Make \(columns) unique in redress_source.\(key.relation.rawValue).")
  }
}

/// Times.
extension FindingWords {
  static func reversedWindow(_ end: Instant, _ relation: Relation) -> FindingWords {
    FindingWords(
      relation == .outage
        ? "The window ends at \(end.text), before it starts."
        : "The exclusion ends before it starts.",
      "Correct started_at and ended_at of the \(relation.noun).")
  }

  static let windowNotClosed = FindingWords(
    "The incident is resolved and the window has no ended_at.",
    "Set the window's ended_at, or reopen the incident.")
  static let noStart = FindingWords(
    "The incident has no started_at.", "Set redress_source.incident.started_at.")
  static let resolvedBeforeStart = FindingWords(
    "The incident is resolved before it started.",
    "Correct started_at and resolved_at of the incident.")
  static let resolvedWithoutTime = FindingWords(
    "The incident is resolved and has no resolved_at.",
    "Set resolved_at, or set the status back to open.")
  static let noPolicyInForce = FindingWords(
    "No version of the policy was in force when it started.",
    "Add a version with an earlier effective_from to the policy file.")

  static func overlappingTerms(_ earlier: Instant) -> FindingWords {
    FindingWords(
      "The term begins before the one from \(earlier.text) ends.",
      "End the earlier term where the later one begins.")
  }

  static func overlappingCustomers(_ earlier: Instant) -> FindingWords {
    FindingWords(
      "The term begins before another customer's, from \(earlier.text), ends.",
      "End the earlier term where the later one begins.")
  }

  static func reversedTerm(_ end: Instant) -> FindingWords {
    FindingWords(
      "The term ends at \(end.text), before it begins.",
      "Correct valid_from and valid_to of the term.")
  }

  static let infiniteIncident = FindingWords(
    "started_at, acknowledged_at or resolved_at is infinite.",
    "Give the incident finite times; resolved_at is null while it is open.")
  static let infiniteExclusion = FindingWords(
    "The exclusion has a time that is infinite or missing.", "Give the exclusion finite times.")
  static let infiniteIssueDay = FindingWords(
    "The invoice has no issue_on, or an infinite one.", "Set the invoice's issue_on to a day.")

  static func infiniteStretch(
    _ start: Instant?, _ end: Instant?, _ relation: Relation
  ) -> FindingWords {
    FindingWords(
      "The \(relation.noun) runs from \(text(start)) to \(text(end)).",
      relation == .subscriptionTerm
        ? "Give the term a finite valid_from; valid_to is null for a term without an end."
        : "Give the \(relation.noun) a finite started_at and ended_at.")
  }

  static func infiniteTime(
    _ column: FindingKey.Column, _ time: Instant?, _ relation: Relation
  ) -> FindingWords {
    FindingWords(
      "Its \(column.rawValue) is \(text(time)).",
      "Give redress_source.\(relation.rawValue).\(column.rawValue) a finite time.")
  }
}

extension FindingWords {
  static func implausibleTime(
    _ column: FindingKey.Column, _ time: Instant, _ relation: Relation
  ) -> FindingWords {
    let remedy =
      switch column {
      case .validTo where time.microseconds > 0:
        "Set valid_to of the term to null where it has no end."
      case .acknowledgedAt, .completedAt, .announcedAt:
        "Correct it, or set it to null where there is no such time yet."
      default: "Correct it."
      }
    return FindingWords(
      "\(column.rawValue) of the \(relation.noun) is \(time.text); a time is between 1970-01-01 and 2200-01-01.",
      remedy)
  }

  /// Does not name the as-of instant, so that every night says the same.
  static func endsAfterAsOf(_ end: Instant) -> FindingWords {
    FindingWords(
      "The incident is resolved and the window ends at \(end.text), after the as-of instant.",
      "Correct the window's ended_at, or reopen the incident.")
  }
}

/// Records of how incidents were handled.
extension FindingWords {
  static func recordWithoutKey(
    _ column: FindingKey.Column, _ isNull: Bool, _ relation: Relation
  ) -> FindingWords {
    FindingWords(
      "The \(column.rawValue) of this \(relation.noun) is \(isNull ? "null" : "empty"), so it is not applied.",
      "Set redress_source.\(relation.rawValue).\(column.rawValue), or leave the row out.")
  }

  static func recordOfNothing(_ incident: [UInt8], _ relation: Relation) -> FindingWords {
    FindingWords(
      "The \(relation.noun) is about incident '\(text(incident))', which the source does not have.",
      "Correct the \(relation.noun)'s incident_id or add the incident.")
  }

  static func unknownEventKind(_ kind: String?, _ meant: String?) -> FindingWords {
    FindingWords(
      kind.map { "The kind of this event is '\($0)', which is not listed, so it is not applied." }
        ?? "The kind of this event is null, so it is not applied.",
      meant.map { "Write \($0)." }
        ?? "Set redress_source.incident_event.kind to response_team_assembled, root_cause_investigation, "
        + "status_page_update, customer_notified, in_app_banner, social_media, escalated, post_mortem_requested or "
        + "post_mortem_shared.")
  }

  static func unknownLevel(_ level: Int32?) -> FindingWords {
    FindingWords(
      "The level of this escalation is \(level.map { String($0) } ?? "null"), so it is not applied.",
      "Set the event's level to 1 (on-call engineer), 2 (team lead), 3 (VP of Engineering) or 4 (CTO)."
    )
  }

  static let twoPostMortems = FindingWords(
    "The incident has two post-mortems or more, so none of them is applied.",
    "Leave one row for each incident in redress_source.post_mortem.")

  static func implausibleRecord(
    _ column: FindingKey.Column, _ time: Instant, _ relation: Relation
  ) -> FindingWords {
    FindingWords(
      "Its \(column.rawValue) is \(time.text), which is not between 1970 and 2200, so it is not applied.",
      "Correct redress_source.\(relation.rawValue).\(column.rawValue).")
  }

  static func beforeIncident(
    _ column: FindingKey.Column, _ time: Instant, _ start: Instant
  ) -> FindingWords {
    FindingWords(
      "Its \(column.rawValue) is \(time.text), before the incident began at \(start.text), so it is not applied.",
      "Correct \(column.rawValue), or the incident's started_at.")
  }
}
