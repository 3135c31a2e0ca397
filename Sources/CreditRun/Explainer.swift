public import CreditLedger
public import CreditReports
public import Postgres
import RedressSQL
public import ServiceCredits

/// What an explanation is asked for. Where several are given, all of them must hold.
public struct ExplanationQuery: Sendable {
  public var customer: String?
  public var incident: String?
  public var subscription: String?
  public var month: BillingMonth?
  public var invoice: String?
  /// An id of any kind, to be looked up.
  public var anyId: String?

  public init(
    customer: String? = nil, incident: String? = nil, subscription: String? = nil,
    month: BillingMonth? = nil, invoice: String? = nil, anyId: String? = nil
  ) {
    self.customer = customer
    self.incident = incident
    self.subscription = subscription
    self.month = month
    self.invoice = invoice
    self.anyId = anyId
  }
}

/// Why nothing could be explained.
public enum ExplanationError: Error, Hashable, Sendable {
  /// Nothing has this id.
  /// - Parameter kind: what it was said to be; `nil` where it might have been anything.
  case noSuchId(String, kind: FoundId.Kind?, nearMiss: String?)
  /// The id is that of several things.
  case ambiguous(String, [FoundId])
  /// Both exist, and have nothing to do with each other.
  case belongsElsewhere(String, kind: FoundId.Kind, customer: String)
  /// Nothing says whose credits are meant.
  case customerNeeded
  /// An incident touches many customers; one must be named.
  case incidentNeedsCustomer(String, title: String, recorded: [RecordedTotal])
}

/// What is recorded for an incident over all customers, in one currency.
public struct RecordedTotal: Hashable, Sendable {
  public let customers: Int64
  public let credits: Int64
  public let amount: Money
}

/// Tells what was or was not credited to one customer, and why.
///
/// Reads the rows of that customer, and the incidents, which all customers share. Writes nothing.
public struct Explainer: Sendable {
  private let target: ConnectionTarget
  private let policy: PolicyDocument?
  private let asOf: Instant?
  private let interruption: Interruption

  /// - Parameters:
  ///   - policy: what today's source is judged by; `nil` for the versions that runs have used, or the built-in policy
  ///     where there are none.
  ///   - asOf: the instant taken for now; `nil` for the server's clock.
  public init(
    target: ConnectionTarget, policy: PolicyDocument?, asOf: Instant?,
    interruption: Interruption = Interruption()
  ) {
    self.target = target
    self.policy = policy
    self.asOf = asOf
    self.interruption = interruption
  }

  /// - Returns: the explanation, and the clock that knows all its times.
  public func explain(_ query: ExplanationQuery) throws -> (Explanation, LocalClock) {
    do {
      return try look(query)
    } catch let error as PostgresError {
      // A cancelled statement is how an interruption ends.
      try interruption.check()
      throw error
    }
  }

  private func open() throws -> Connection {
    let connection = try Connection(target)
    try interruption.watch(connection)
    return connection
  }

  private func look(_ query: ExplanationQuery) throws -> (Explanation, LocalClock) {
    let connection = try open()
    let snapshot = try Snapshot(connection)
    let subject = try ExplanationSubject(query, connection)
    let recorded = try RecordedVersion.all(connection)
    let document = try policy ?? RecordedVersion.document(of: recorded)
    let nightly = NightlyPass(
      options: RunOptions(target: target, policy: document, asOf: asOf, outputFolder: "."),
      interruption: interruption)
    let plan = try nightly.plan(connection, snapshot)

    var findings: [Finding] = []
    let catalogue = try SourceCatalogue(
      connection: connection, policy: document.policy, versionStarts: plan.starts, asOf: plan.asOf
    ) { findings.append($0) }
    var streams = try SourceStreams(
      connection: connection, catalogue: catalogue, scope: .one(subject.customer)
    ) {
      let connection = try open()
      try snapshot.join(connection)
      return connection
    }
    var records = CustomerRecords()
    var ownFindings: [Finding] = []
    _ = try streams.next(into: &records) { ownFindings.append($0) }
    let moved = try MovedSubscriptions(
      connection: connection, catalogue: catalogue, customer: subject.customer)
    var night = try Night(
      connection: connection, catalogue: catalogue, policy: document.policy,
      window: Night.months(of: catalogue) ?? plan.months, moved: moved,
      scope: .one(subject.customer))
    var zone: Int32?
    var ownZone: String?
    var isParked = false
    if let name = records.zone {
      zone = try night.zoneNumber(records.arena[name])
      if zone != nil {
        ownZone = String(decoding: records.arena[name], as: UTF8.self)
      } else {
        isParked = true
        ownFindings.append(NightlyPass.unknownZone(name, records))
      }
    }
    var pass = CustomerPass(asOf: plan.asOf)
    let traced = try pass.trace(records, zone: zone, isParked: isParked, night: &night) {
      ownFindings.append($0)
    }
    try interruption.check()
    let stories = try CustomerStories(
      subject: subject, asOf: plan.asOf, document: document, recorded: recorded, traced: traced,
      findings: findings, ownFindings: ownFindings, ownZone: ownZone, records: records,
      night: night)
    let explanation = try stories.explanation(records, night)
    let clock = try Explainer.clock(for: explanation, night.connection)
    return (explanation, clock)
  }

  // MARK: Times

  /// Asks PostgreSQL how every instant of the explanation is written where the customer is.
  private static func clock(
    for explanation: Explanation, _ connection: borrowing Connection
  ) throws -> LocalClock {
    let asked = LocalClock()
    // Writing it once finds every instant that writing it needs.
    _ = ExplanationText(explanation, clock: asked, timeline: .plain).text
    _ = ExplanationJSON(explanation, clock: asked).bytes
    let clock = LocalClock()
    guard !asked.missing.isEmpty else { return clock }
    try connection.query(
      RedressSQL.Query.localTimes.text,
      [
        .text(explanation.customer.timeZone),
        .int64Array(asked.missing.map(\.microseconds).sorted()),
      ]
    ) { row in
      clock.add(Instant(microseconds: try row.int64(0)), try row.string(1))
    }
    return clock
  }
}

/// Whose credits, and which of them.
struct ExplanationSubject {
  let customer: String
  let incident: String?
  let subscription: String?
  let month: BillingMonth?
  let invoice: String?

  init(_ query: ExplanationQuery, _ connection: borrowing Connection) throws {
    var query = query
    if let id = query.anyId { try ExplanationSubject.take(id, into: &query, connection) }
    for (id, kind) in [
      (query.customer, .customer), (query.subscription, .subscription), (query.invoice, .invoice),
      (query.incident, .incident),
    ] as [(String?, FoundId.Kind)] {
      guard let id else { continue }
      try ExplanationSubject.check(id, kind, &query, connection)
    }
    guard let customer = query.customer else {
      guard let incident = query.incident else { throw ExplanationError.customerNeeded }
      throw try ExplanationSubject.needsCustomer(incident, connection)
    }
    self.customer = customer
    incident = query.incident
    subscription = query.subscription
    month = query.month
    invoice = query.invoice
  }

  /// Looks up what the id is the id of.
  private static func take(
    _ id: String, into query: inout ExplanationQuery, _ connection: borrowing Connection
  ) throws {
    var found = try FoundId.find(id, connection)
    if let customer = query.customer {
      found = found.filter { $0.customerId.isEmpty || $0.customerId == customer }
    }
    guard let only = found.first else {
      throw ExplanationError.noSuchId(
        id, kind: nil,
        nearMiss: NearMiss.nearest(
          to: id, among: try FoundId.similar(to: id, kinds: FoundId.Kind.allCases, connection)))
    }
    guard found.count == 1 else { throw ExplanationError.ambiguous(id, found) }
    switch only.kind {
    case .customer: query.customer = id
    case .subscription: query.subscription = id
    case .incident: query.incident = id
    case .invoice: query.invoice = id
    }
  }

  /// Makes sure that the id exists and is the customer's, who becomes known by it.
  private static func check(
    _ id: String, _ kind: FoundId.Kind, _ query: inout ExplanationQuery,
    _ connection: borrowing Connection
  ) throws {
    let found = try FoundId.find(id, connection).filter { $0.kind == kind }
    guard !found.isEmpty else {
      throw ExplanationError.noSuchId(
        id, kind: kind,
        nearMiss: NearMiss.nearest(
          to: id, among: try FoundId.similar(to: id, kinds: [kind], connection)))
    }
    guard kind == .subscription || kind == .invoice else { return }
    if let customer = query.customer {
      guard found.contains(where: { $0.customerId == customer }) else {
        throw ExplanationError.belongsElsewhere(id, kind: kind, customer: found[0].customerId)
      }
    } else {
      guard found.count == 1 else { throw ExplanationError.ambiguous(id, found) }
      query.customer = found[0].customerId
    }
  }

  private static func needsCustomer(
    _ incident: String, _ connection: borrowing Connection
  ) throws -> ExplanationError {
    var totals: [RecordedTotal] = []
    try connection.query(RedressSQL.Query.explainIncidentTotals.text, [.text(incident)]) { row in
      guard let currency = Currency(try row.string(0)) else { return }
      totals.append(
        RecordedTotal(
          customers: try row.int64(1), credits: try row.int64(2),
          amount: Money(amountMinor: try row.int64(3), currency: currency)))
    }
    var title = ""
    try connection.query(RedressSQL.Query.explainIncidentTitle.text, [.text(incident)]) {
      title = try $0.string(0)
    }
    return .incidentNeedsCustomer(incident, title: title, recorded: totals)
  }
}
