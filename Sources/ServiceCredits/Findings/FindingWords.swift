// Findings as people read them: the code, the key, what is wrong and what to do. All words of findings are here.

extension Finding {
  public var code: FindingCode { fault.code }

  /// What is wrong, with the values seen.
  public var problem: String { fault.words(key).problem }

  /// What to do about it.
  public var remedy: String { fault.words(key).remedy }

  /// All of it on one line, without the code.
  public var sentence: String { "\(relation) \(key.text): \(problem) \(remedy)" }
}

extension FindingKey {
  /// The parts joined with ` / `.
  public var text: String { parts.map(\.value.text).joined(separator: " / ") }
}

extension FindingKey.Value {
  public var text: String {
    switch self {
    case .null: "null"
    case .bytes(let bytes): bytes.isEmpty ? "''" : String(decoding: bytes, as: UTF8.self)
    case .time(let time): time.text
    }
  }
}

extension FindingKey.Relation {
  /// What one row of it is.
  fileprivate var noun: String {
    switch self {
    case .customer: "customer"
    case .service: "service"
    case .subscriptionTerm: "term"
    case .incident: "incident"
    case .outage: "window"
    case .exclusion: "exclusion"
    case .invoice: "invoice"
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
    case .creditOutOfRange, .feeOutOfRange, .dueOutOfRange: .amountOutOfRange
    case .recordWithoutKey: .missingKey
    case .recordOfNothing: .incidentMissing
    case .unknownEventKind, .unknownLevel: .unknownKind
    case .twoPostMortems: .duplicateRow
    case .implausibleRecord, .beforeIncident: .implausibleTime
    case .creditIdsTooLong, .invoiceIdTooLong: .idTooLong
    }
  }

  /// About the row with this key.
  fileprivate func words(_ key: FindingKey) -> FindingWords {
    switch self {
    case .unknownSeverity(let severity): .unknownSeverity(severity, key.relation)
    case .reversedWindow(let end): .reversedWindow(end, key.relation)
    case .windowNotClosed: .windowNotClosed
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
    case .endsAfterAsOf(let end, let asOf): .endsAfterAsOf(end, asOf)
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
    case .creditOutOfRange: .creditOutOfRange
    case .feeOutOfRange: .feeOutOfRange
    case .dueOutOfRange(let currency): .dueOutOfRange(currency)
    case .recordWithoutKey(let column, let isNull): .recordWithoutKey(column, isNull, key.relation)
    case .recordOfNothing(let incident): .recordOfNothing(incident, key.relation)
    case .unknownEventKind(let kind, let meant): .unknownEventKind(kind, meant)
    case .unknownLevel(let level): .unknownLevel(level)
    case .twoPostMortems: .twoPostMortems
    case .implausibleRecord(let column, let time): .implausibleRecord(column, time, key.relation)
    case .beforeIncident(let column, let time, let start): .beforeIncident(column, time, start)
    case .creditIdsTooLong(let customer, let subscription, let incident):
      .creditIdsTooLong(customer, subscription, incident)
    case .invoiceIdTooLong(let bytes, let most): .invoiceIdTooLong(bytes, most)
    }
  }
}

/// What is wrong and what to do, a sentence each.
private struct FindingWords {
  let problem: String
  let remedy: String

  init(_ problem: String, _ remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  typealias Relation = FindingKey.Relation

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func quoted(_ value: String?) -> String { value.map { "'\($0)'" } ?? "null" }

  /// The end of a sentence that says which listed value is most likely meant.
  private static func guess(_ value: String?, _ listed: ListedValues) -> String {
    guard let value, let meant = listed.meant(by: value) else { return "." }
    return "; '\(value)' looks like \(meant)."
  }

  private static func text(_ time: Instant?) -> String { time?.text ?? "null" }
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
    // A finding of terms is about all that a subscription has.
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
    let meant = code.flatMap { Currency(NearMiss.bare($0).uppercased()) }
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

  static func endsAfterAsOf(_ end: Instant, _ asOf: Instant) -> FindingWords {
    FindingWords(
      "The incident is resolved and the window ends at \(end.text), after the as-of instant \(asOf.text).",
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

/// Money.
extension FindingWords {
  static let negativeFee = FindingWords(
    "The monthly fee of the term is negative.", "Set the term's monthly_fee to zero or more.")
  static let feePrecision = FindingWords(
    "The monthly fee of the term has more than 6 decimals.",
    "Round the term's monthly_fee to 6 decimals.")
  static let feeOutOfRange = FindingWords(
    "The monthly fee of the term is missing, no number or too large.",
    "Set the term's monthly_fee to an amount below 9,223,372,036,854.")
  static let creditOutOfRange = FindingWords(
    "The credit does not fit 63 bits of minor units.", "Correct the term's monthly_fee.")

  static func dueOutOfRange(_ currency: Currency) -> FindingWords {
    FindingWords(
      "The amount_due of the invoice is missing, no number or too large.",
      "Set the invoice's amount_due to an amount in \(currency.code).")
  }

  static func overcredited(_ amount: Money) -> FindingWords {
    FindingWords(
      "Finalized invoices carry \(amount.text) more than the customer is entitled to.",
      "Decide whether to claim it back; it is not taken from a finalized invoice.")
  }
}

/// What the ledger knows and the source does not, or cannot have.
extension FindingWords {
  static func invoiceChanged(
    _ change: Finding.InvoiceChange, _ carried: Money
  ) -> FindingWords {
    switch change {
    case .currency(let now):
      FindingWords(
        "The invoice carries credits of \(carried.text), and its currency is \(quoted(now)) now.",
        "Set the currency back, or void the invoice and issue another; the credits stay on it until then."
      )
    case .customer(let now, let isVoid):
      FindingWords(
        "The invoice carries credits of \(carried.text), and its customer is \(quoted(now.map(text))) now.",
        isVoid
          ? "Set the customer back; the invoice is void and gives its credits back once it is the customer's again."
          : "Set the customer back, then void the invoice and issue another where it must change; "
            + "the credits stay on it until then.")
    case .vanished:
      FindingWords(
        "The invoice was a draft when credits of \(carried.text) were placed on it, and the source does not list "
          + "it any more. It counts as finalized.",
        "List the invoice with its status; with the status void it gives its credits back.")
    }
  }

  static func pastRewritten(_ rewriting: Finding.PastRewriting) -> FindingWords {
    let changes = rewriting.changes.map { change in
      switch change {
      case .fee(let was, let now): "the monthly fee was \(was.text) and is \(now.text)"
      case .plan(let was, let now): "the plan was '\(text(was))' and is '\(text(now))'"
      case .service(let was, let now): "the service was '\(text(was))' and is '\(text(now))'"
      case .termEnd(let now): "the term ends at \(now.text), while the incident went on"
      case .currency(let was, let now): "the currency was \(was.code) and is \(now.code)"
      case .customer: "the subscription is another customer's then"
      case .noTerm: "the subscription has no term then any more"
      }
    }
    let minor = rewriting.difference.amountMinor
    let amount = Money(
      amountMinor: Int64(clamping: minor.magnitude), currency: rewriting.difference.currency)
    return FindingWords(
      "Since the credit was recorded, its first instant has been rewritten, and not by the incident: "
        + "\(changes.joined(separator: ", ")). The run "
        + (minor < 0 ? "takes \(amount.text) back." : "adds \(amount.text)."),
      "Where the source knows only the present, end the old term and begin a new one; the next run corrects the credit."
    )
  }

  static let incidentGone = FindingWords(
    "Credits are recorded for this incident and the source no longer has it.",
    "Restore the incident; to take its credits back, restore it with status void.")
  static let subscriptionGone = FindingWords(
    "Credits are recorded for this subscription and the source no longer has it.",
    "Restore its terms; to take the credits back, end its terms before the outage.")
  static let openAgain = FindingWords(
    "The incident is open again; the credits recorded for it stand as they are.",
    "Nothing to do: they are reconciled once it is resolved.")

  static func creditIdsTooLong(
    _ customer: Int, _ subscription: Int, _ incident: Int
  ) -> FindingWords {
    FindingWords(
      "The ids of customer, subscription and incident have \(customer), \(subscription) and "
        + "\(incident) bytes, too many for an index of PostgreSQL, so the credit is not recorded.",
      "Give one of them a shorter id in the source; the next run records the credit.")
  }

  static func invoiceIdTooLong(_ bytes: Int, _ most: Int) -> FindingWords {
    FindingWords(
      "The id of the invoice has \(bytes) bytes, too many for an index of PostgreSQL.",
      "Give the invoice an id of \(most) bytes at most.")
  }
}

extension FindingCode {
  /// What to do about findings of this code, whatever rows they are about.
  public var advice: String {
    switch self {
    case .unknownSeverity: "Give it one of P0 to P3."
    case .reversedWindow: "Correct its beginning or its end."
    case .windowNotClosed: "Close the outage window of a resolved incident."
    case .noOutageScope: "Say with an outage window what the incident touched, or void it."
    case .incidentTimes: "Correct when it began and when it was resolved."
    case .unknownCustomer: "Add the customer, or correct the reference."
    case .unknownService: "Add the service, or correct the reference."
    case .unknownPlan: "Write the plan as the policy file does, or name it there."
    case .unknownTimeZone: "Give an IANA name such as Europe/Berlin, or none."
    case .unknownCurrency: "Give a code of ISO 4217."
    case .negativeFee: "Correct the fee; it cannot be below zero."
    case .feePrecision: "Round the fee to six decimals."
    case .overlappingTerms: "End one term where the next begins."
    case .reversedTerm: "Correct its beginning or its end."
    case .infiniteTime: "Give a real time, or null where it is not known."
    case .noPolicyInForce: "Add a policy version that was in force then."
    case .incidentMissing: "Bring the incident back, or void it; its credits stand until then."
    case .subscriptionMissing: "Bring the subscription back; its credits stand until then."
    case .heldOpen: "Nothing, once the incident is resolved again; until then its credits stand."
    case .overcredited: "Decide whether to claim back what a finalized invoice gave too much."
    case .amountOutOfRange: "Correct the fee; the credit is larger than can be recorded."
    case .missingKey: "Give the row its id; nothing is done with it until then."
    case .missingValue: "Give the row the value that it lacks."
    case .duplicateRow:
      "Make the key unique; a join in a view that matches twice is the usual cause."
    case .unknownStatus: "Give the invoice the status draft, finalized or void."
    case .unknownKind: "Give it a kind that is listed."
    case .implausibleTime: "Correct the time, or set it to null where there is none."
    case .pastRewritten: "End the old term and begin a new one, where a fee or plan has changed."
    case .invoiceChanged:
      "Set the invoice back to the customer and currency that its credits are for; they stay on it until then."
    case .idTooLong: "Give shorter ids to one of customer, subscription and incident."
    }
  }
}
