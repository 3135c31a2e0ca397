import CreditLedger
import Documents
import FrozenEvidence
import Postgres
import RedressSQL
import ServiceCredits

/// A customer, and which of the customer's credits to explain.
struct ExplanationScope {
  let customer: String
  let incident: String?
  let subscription: String?
  let month: BillingMonth?
  let invoice: String?

  /// Whether a story was asked for.
  /// - Parameter otherMonths: the months to look at if the story names none.
  func wants(
    _ story: IncidentExplanation, otherMonths: () throws -> Set<BillingMonth>
  ) rethrows -> Bool {
    if let invoice {
      // An invoice that carried the credit before counts too.
      let wasOnIt = story.ledger.contains { key in
        (key.invoices.map(\.invoiceId) + key.formerInvoices.map(\.part.invoiceId)).contains {
          $0.utf8.elementsEqual(invoice.utf8)
        }
      }
      guard wasOnIt else { return false }
    }
    guard let month else { return true }
    var months = Set(story.ledger.flatMap { $0.revisions.map(\.month) })
    if let decision = story.account?.decision { months.insert(decision.month) }
    if case .credited(_, let month) = story.answer { months.insert(month) }
    if months.isEmpty { months = try otherMonths() }
    return months.contains(month)
  }
}

/// The meaning of a query, after its ids are looked up.
enum IdLookup {
  case customer(ExplanationScope)
  /// The query names an incident but no customer.
  case incident(String)

  init(
    _ query: ExplanationQuery, readsSource: Bool, _ connection: borrowing Connection
  ) throws {
    var query = query
    if let id = query.anyId {
      try IdLookup.take(id, into: &query, readsSource: readsSource, connection)
    }
    for (id, kind) in [
      (query.customer, .customer), (query.subscription, .subscription), (query.invoice, .invoice),
      (query.incident, .incident),
    ] as [(String?, FoundId.Kind)] {
      guard let id else { continue }
      try IdLookup.check(id, kind, &query, readsSource: readsSource, connection)
    }
    if let customer = query.customer {
      self = .customer(
        ExplanationScope(
          customer: customer, incident: query.incident, subscription: query.subscription,
          month: query.month, invoice: query.invoice))
    } else {
      guard let incident = query.incident else { throw ExplanationError.customerNeeded }
      self = .incident(incident)
    }
  }

  /// Finds out what kind of thing the id belongs to, and sets that property of the query.
  private static func take(
    _ id: String, into query: inout ExplanationQuery, readsSource: Bool,
    _ connection: borrowing Connection
  ) throws {
    var found = try FoundId.find(id, readsSource: readsSource, connection)
    if let customer = query.customer {
      found = found.filter { $0.customerId.isEmpty || $0.customerId == customer }
    }
    guard let only = found.first else {
      throw try nothing(id, nil, readsSource: readsSource, connection)
    }
    guard found.count == 1 else { throw ExplanationError.ambiguous(id, found) }
    switch only.kind {
    case .customer: query.customer = id
    case .subscription: query.subscription = id
    case .incident: query.incident = id
    case .invoice: query.invoice = id
    }
  }

  /// Checks that the id exists and belongs to the customer. If the query has no customer, sets it.
  private static func check(
    _ id: String, _ kind: FoundId.Kind, _ query: inout ExplanationQuery, readsSource: Bool,
    _ connection: borrowing Connection
  ) throws {
    let found = try FoundId.find(id, readsSource: readsSource, connection).filter {
      $0.kind == kind
    }
    guard !found.isEmpty else {
      throw try nothing(id, kind, readsSource: readsSource, connection)
    }
    guard kind == .subscription || kind == .invoice else { return }
    if let customer = query.customer {
      guard found.contains(where: { $0.customerId == customer }) else {
        throw ExplanationError.ofAnotherCustomer(id, kind: kind, customer: found[0].customerId)
      }
    } else {
      guard found.count == 1 else { throw ExplanationError.ambiguous(id, found) }
      query.customer = found[0].customerId
    }
  }

  private static func nothing(
    _ id: String, _ kind: FoundId.Kind?, readsSource: Bool, _ connection: borrowing Connection
  ) throws -> any Error {
    guard readsSource else { return ExplanationError.notRecorded(id, kind: kind) }
    let kinds = kind.map { [$0] } ?? FoundId.Kind.allCases
    return NoSuchId(
      id, kind: kind,
      nearMiss: NearMiss.nearest(
        to: id, among: try FoundId.similar(to: id, kinds: kinds, connection)))
  }
}

extension RecordedExplanations {
  /// Explains what is recorded for a customer, without the source.
  func explanation(_ subject: ExplanationScope, asOf: Instant) -> Explanation {
    var stories: [(story: IncidentExplanation, start: Instant)] = []
    var told: Set<[[UInt8]]> = []
    for (key, revisions) in history.keys {
      // Rules give an incident a credit in each of several months, and each is a story of its own.
      let isOfRule = revisions.contains { revision in
        if case .rule? = revision.basis?.clause { true } else { false }
      }
      let month = isOfRule ? key.month : nil
      guard subject.subscription.map({ Array($0.utf8) == key.subscription }) ?? true,
        subject.incident.map({ Array($0.utf8) == key.incident }) ?? true,
        told.insert([key.subscription, key.incident, Array((month?.text ?? "").utf8)]).inserted,
        let story = story(
          key.incident, key.subscription, services: services(of: key.subscription), month: month),
        subject.wants(story, otherMonths: { [] })
      else { continue }
      let start = (story.account?.windows ?? story.windows).compactMap(\.start).min()
      stories.append((story, start ?? .distantPast))
    }
    stories.sort { $0.start < $1.start }
    let newest = history.keys.flatMap(\.revisions).filter { $0.basis != nil }
      .max { $0.runId < $1.runId }
    return Explanation(
      customer: Explanation.Customer(
        id: subject.customer, name: history.name, tier: history.tier,
        timeZone: newest?.basis?.timeZone ?? "UTC", hasOwnZone: true),
      policyName: "the policy that runs have used", asOf: asOf, stories: stories.map(\.story),
      findings: [], sourceWasRead: false)
  }
}

extension IncidentOverview {
  /// - Parameter timeZone: the time zone in which times are written.
  init(
    _ id: String, readsSource: Bool, timeZone: String, _ connection: borrowing Connection
  ) throws {
    var totals: [Total] = []
    var anyCustomer: String?
    try connection.query(RedressSQL.Query.explainIncidentTotals.text, [.text(id)]) { row in
      guard let currency = Currency(try row.string(0)), let totalMinor = Int128(try row.string(3))
      else { return }
      totals.append(
        Total(
          customers: try row.int64(1), credits: try row.int64(2),
          amount: MoneyTotal(totalMinor: totalMinor, currency: currency)))
      anyCustomer = anyCustomer ?? row.optionalText(4)
    }
    self.init(
      id: id, title: "", severity: "", status: "", rootCause: nil, timeZone: timeZone,
      windows: [], totals: totals, anyCustomer: anyCustomer, sourceWasRead: readsSource)
    var isKnown = false
    if readsSource {
      try connection.query(RedressSQL.Query.explainIncident.text, [.text(id)]) { row in
        isKnown = true
        title = row.optionalText(0) ?? ""
        severity = row.optionalText(1) ?? ""
        status = row.optionalText(2) ?? ""
        rootCause = row.optionalText(3)
      }
      try connection.query(RedressSQL.Query.explainIncidentWindows.text, [.text(id)]) { row in
        windows.append(
          Window(
            severity: row.optionalText(0) ?? "", serviceName: row.optionalText(1),
            customers: try row.int64(2),
            start: row.isNull(3) ? nil : Instant(microseconds: try row.timestamp(3)),
            end: row.isNull(4) ? nil : Instant(microseconds: try row.timestamp(4))))
      }
    }
    if !isKnown { try takeFrozen(connection) }
  }

  /// Takes what the newest run that recorded something for the incident knew about it.
  private mutating func takeFrozen(_ connection: borrowing Connection) throws {
    var digest: [UInt8]?
    try connection.query(RedressSQL.Query.explainIncidentRun.text, [.text(id)]) {
      digest = $0.array(1)
    }
    guard let digest,
      let evidence = try RecordedRun.evidence(of: "", digest: digest, connection),
      let shared = try? SharedEvidence(json: evidence),
      let incident = shared.incident(Array(id.utf8))
    else { return }
    title = incident.title
    rootCause = incident.rootCause
    status = incident.treatment == .counted ? "resolved" : incident.treatment.code
    windows = incident.windows.map { window in
      Window(
        severity: window.severity.code,
        serviceName: window.service.map { service in
          shared.serviceName(service)
        }, customers: 0, start: window.interval.start, end: window.interval.end)
    }
  }
}

extension BinaryColumns where Self: ~Copyable {
  /// Returns `nil` for null. Replaces bytes that are not UTF-8.
  fileprivate func optionalText(_ column: Int) -> String? {
    isNull(column) ? nil : String(decoding: bytes(column), as: UTF8.self)
  }
}
