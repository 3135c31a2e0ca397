/// The row that a finding is about: its relation and the values of its key. Keys are compared by
/// these values, not by their text, because an id that contains ` / ` looks like two ids.
public struct FindingKey: Hashable, Sendable {
  /// The name of the relation without its schema.
  public enum Relation: String, CaseIterable, Hashable, Sendable {
    case customer
    case service
    case subscriptionTerm = "subscription_term"
    case incident
    case outage
    case exclusion
    case invoice
    case claim
    case incidentEvent = "incident_event"
    case postMortem = "post_mortem"
    case actionItem = "action_item"
    /// A relation of the ledger; all others are relations of the source.
    case credit
  }

  public enum Column: String, Hashable, Sendable {
    case customer = "customer_id"
    case service = "service_id"
    case subscription = "subscription_id"
    case incident = "incident_id"
    case billingMonth = "billing_month"
    case exclusion = "exclusion_id"
    case invoice = "invoice_id"
    case currency
    case kind
    case title
    case name
    case plan
    case tier
    case validFrom = "valid_from"
    case validTo = "valid_to"
    case startedAt = "started_at"
    case endedAt = "ended_at"
    case announcedAt = "announced_at"
    case acknowledgedAt = "acknowledged_at"
    case resolvedAt = "resolved_at"
    case issueOn = "issue_on"
    case occurredAt = "occurred_at"
    case completedAt = "completed_at"
    case claimedAt = "claimed_at"
  }

  public enum Value: Hashable, Sendable {
    case null
    /// An id or another text, in UTF-8.
    case bytes([UInt8])
    case time(Instant)
  }

  public struct Part: Hashable, Sendable {
    public let column: Column
    public let value: Value

    public init(_ column: Column, _ value: Value) {
      self.column = column
      self.value = value
    }

    /// - Parameter bytes: `nil` if the column is null.
    public init(_ column: Column, _ bytes: [UInt8]?) {
      self.init(column, bytes.map { .bytes($0) } ?? .null)
    }

    /// - Parameter time: `nil` if the column is null.
    public init(_ column: Column, _ time: Instant?) {
      self.init(column, time.map { .time($0) } ?? .null)
    }
  }

  public let relation: Relation
  public let parts: [Part]

  public init(_ relation: Relation, _ parts: [Part]) {
    self.relation = relation
    self.parts = parts
  }

  /// The bytes in `column`; `nil` if the key has no such column, or if it holds null or a time.
  public subscript(_ column: Column) -> [UInt8]? {
    for part in parts where part.column == column {
      if case .bytes(let bytes) = part.value { return bytes }
    }
    return nil
  }

  /// Whether the row is that of the incident or one of its outage windows.
  public func concerns(incident: [UInt8]) -> Bool {
    (relation == .incident || relation == .outage) && self[.incident] == incident
  }
}

extension FindingKey {
  /// A row whose id is null or empty; `others` are further columns that identify the row.
  public static func keyless(
    _ relation: Relation, _ column: Column, _ id: [UInt8]?, _ others: [Part]
  ) -> FindingKey {
    FindingKey(relation, [Part(column, id)] + others)
  }

  public static func customer(_ id: [UInt8]) -> FindingKey {
    FindingKey(.customer, [Part(.customer, id)])
  }

  /// All terms of a subscription.
  public static func subscription(_ id: [UInt8]) -> FindingKey {
    FindingKey(.subscriptionTerm, [Part(.subscription, id)])
  }

  /// - Parameter start: the term's valid_from; `nil` is null.
  public static func term(_ subscription: [UInt8], from start: Instant?) -> FindingKey {
    FindingKey(
      .subscriptionTerm, [Part(.subscription, subscription), Part(.validFrom, start)])
  }

  /// The credit of a subscription for an incident.
  public static func subscription(_ id: [UInt8], incident: [UInt8]) -> FindingKey {
    FindingKey(.subscriptionTerm, [Part(.subscription, id), Part(.incident, incident)])
  }

  /// A credit that the ledger does not have yet.
  public static func subscription(
    _ id: [UInt8], customer: [UInt8], incident: [UInt8]
  ) -> FindingKey {
    FindingKey(
      .subscriptionTerm,
      [Part(.customer, customer), Part(.subscription, id), Part(.incident, incident)])
  }

  public static func service(_ id: [UInt8]) -> FindingKey {
    FindingKey(.service, [Part(.service, id)])
  }

  public static func incident(_ id: [UInt8]) -> FindingKey {
    FindingKey(.incident, [Part(.incident, id)])
  }

  /// - Parameter start: the window's started_at; `nil` is null.
  public static func window(_ incident: [UInt8], from start: Instant?) -> FindingKey {
    FindingKey(.outage, [Part(.incident, incident), Part(.startedAt, start)])
  }

  /// All windows of an incident.
  public static func windows(_ incident: [UInt8]) -> FindingKey {
    FindingKey(.outage, [Part(.incident, incident)])
  }

  /// An event of an incident. Columns that are null are left out, except incident_id.
  public static func event(
    _ incident: [UInt8]?, at time: Instant?, kind: [UInt8]?, customer: [UInt8]?
  ) -> FindingKey {
    var parts = [Part(.incident, incident)]
    if let time { parts.append(Part(.occurredAt, time)) }
    if let kind { parts.append(Part(.kind, kind)) }
    if let customer { parts.append(Part(.customer, customer)) }
    return FindingKey(.incidentEvent, parts)
  }

  public static func postMortem(_ incident: [UInt8]?) -> FindingKey {
    FindingKey(.postMortem, [Part(.incident, incident)])
  }

  public static func actionItem(_ incident: [UInt8]?, title: [UInt8]?) -> FindingKey {
    FindingKey(.actionItem, [Part(.incident, incident), Part(.title, title)])
  }

  public static func exclusion(_ id: [UInt8]) -> FindingKey {
    FindingKey(.exclusion, [Part(.exclusion, id)])
  }

  public static func invoice(_ id: [UInt8]) -> FindingKey {
    FindingKey(.invoice, [Part(.invoice, id)])
  }

  public static func credit(
    customer: [UInt8], subscription: [UInt8], incident: [UInt8], month: BillingMonth,
    currency: Currency
  ) -> FindingKey {
    FindingKey(
      .credit,
      [
        Part(.customer, customer), Part(.subscription, subscription), Part(.incident, incident),
        Part(.billingMonth, Array(month.text.utf8)), Part(.currency, Array(currency.code.utf8)),
      ])
  }
}
