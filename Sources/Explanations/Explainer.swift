package import CreditLedger
import CreditRun
import Documents
import FrozenEvidence
package import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// What to explain. If several properties are set, all of them must match.
package struct ExplanationQuery: Sendable {
  package var customer: String?
  package var incident: String?
  package var subscription: String?
  package var month: BillingMonth?
  package var invoice: String?
  /// An id of unknown kind, to be looked up.
  package var anyId: String?

  package init(
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
package enum ExplanationError: Error, Hashable, Sendable {
  /// The ledger does not have this id, and the source could not be read.
  case notRecorded(String, kind: FoundId.Kind?)
  /// Several things have this id.
  case ambiguous(String, [FoundId])
  /// The id exists, but does not belong to the customer that was asked for.
  case ofAnotherCustomer(String, kind: FoundId.Kind, customer: String)
  /// The query does not determine a customer.
  case customerNeeded
}

/// The result of a query.
package enum Explained: Sendable {
  case customer(Explanation)
  /// The query names an incident but no customer.
  case incident(IncidentOverview)
}

/// Explains what was credited to one customer and what was not.
///
/// Reads the rows of that customer and the incidents, which all customers share. Writes nothing.
package struct Explainer: Sendable {
  private let target: ConnectionTarget
  private let policy: PolicyDocument?
  private let asOf: Instant?
  private let interruption: Interruption

  /// - Parameters:
  ///   - policy: the policy for today's source; `nil` for the one that is in force.
  ///   - asOf: the instant taken as now; `nil` for the server's clock.
  package init(
    target: ConnectionTarget, policy: PolicyDocument?, asOf: Instant?,
    interruption: Interruption = Interruption()
  ) {
    self.target = target
    self.policy = policy
    self.asOf = asOf
    self.interruption = interruption
  }

  /// - Returns: the explanation, and a clock that knows every time in it.
  package func explain(_ query: ExplanationQuery) throws -> (Explained, LocalClock) {
    try interruption.reading { _ in try look(query) }
  }

  private func open() throws -> Connection {
    try interruption.connect(target)
  }

  private func look(_ query: ExplanationQuery) throws -> (Explained, LocalClock) {
    let connection = try open()
    let readsSource = try SourceRights.mayRead(connection)
    let snapshot = try Snapshot(
      connection, needs: readsSource ? .reading : .ledger, nodes: NodeAccess(target, interruption))
    let lookup = try IdLookup(query, readsSource: readsSource, connection)
    let recorded = try RecordedVersion.all(connection)
    let document = try PolicyInForce.ofReader(policy, connection).document
    let explained: Explained
    switch lookup {
    case .incident(let id):
      explained = .incident(
        try IncidentOverview(
          id, readsSource: readsSource, timeZone: document.timeZone, connection))
    case .customer(let subject) where !readsSource:
      explained = .customer(
        try RecordedExplanations(
          of: subject.customer, recorded: recorded, readsSource: false, connection
        ).explanation(subject, asOf: asOf ?? snapshot.present))
    case .customer(let subject):
      return try look(subject, recorded, document, snapshot, connection)
    }
    return (explained, try Explainer.clock(for: explained, connection))
  }

  /// Explains what is recorded for a customer and what today's source would lead to.
  private func look(
    _ subject: ExplanationScope, _ recorded: [RecordedVersion], _ document: PolicyDocument,
    _ snapshot: Snapshot, _ connection: consuming Connection
  ) throws -> (Explained, LocalClock) {
    let nightly = Reconciliation(
      request: ReconciliationRequest(target: target, policy: document, asOf: asOf),
      interruption: interruption)
    let plan = try nightly.plan(connection, snapshot)

    var findings: [Finding] = []
    let catalogue = try SourceCatalogue(
      connection: connection, policy: document.policy, versionStarts: plan.starts, asOf: plan.asOf
    ) { findings.append($0) }
    var streams = try SourceStreams(
      connection: connection, catalogue: catalogue, scope: .one(subject.customer)
    ) { try snapshot.another { try open() } }
    var records = CustomerRecords()
    var ownFindings: [Finding] = []
    _ = try streams.next(into: &records) { ownFindings.append($0) }
    let transferred = try TransferredSubscriptions(
      connection: connection, catalogue: catalogue, customer: subject.customer)
    var night = try ReconciliationContext(
      connection: connection, catalogue: catalogue, policy: document.policy,
      window: ReconciliationContext.months(of: catalogue) ?? plan.months, transferred: transferred,
      scope: .one(subject.customer))
    let zone = try CustomerZone(of: records, night: &night) { ownFindings.append($0) }
    let ownZone = records.zone.flatMap { name in
      zone.isUnknown ? nil : String(decoding: records.arena[name], as: UTF8.self)
    }
    var pass = CustomerReconciliation(at: FeeMoments(asOf: plan.asOf))
    let traced = try pass.trace(records, zone: zone.number, isParked: zone.isUnknown, night: &night)
    {
      ownFindings.append($0)
    }
    try interruption.check()
    let stories = try CurrentExplanations(
      subject: subject, asOf: plan.asOf, document: document,
      controls: CurrentExplanations.Controls(
        closed: plan.leftAlone(by: document.policy),
        holdsRewrittenPast: plan.controls(of: document.policy).rewrittenPast == .hold),
      recorded: recorded, traced: traced,
      findings: findings, ownFindings: ownFindings, ownZone: ownZone, records: records,
      night: night)
    let explained = Explained.customer(try stories.explanation(records, night))
    return (explained, try Explainer.clock(for: explained, night.connection))
  }

  // MARK: Times

  /// Asks PostgreSQL for the local form of every instant in the explanation.
  private static func clock(
    for explained: Explained, _ connection: borrowing Connection
  ) throws -> LocalClock {
    let asked = LocalClock()
    // A clock records the instants that it is asked for, so one dry writing finds them all.
    let zone: String
    switch explained {
    case .customer(let explanation):
      zone = explanation.customer.timeZone
      let text = ExplanationText(explanation, clock: asked, timeline: .plain)
      _ = (text.text, text.page)
      _ = ExplanationJSON(explanation, clock: asked).bytes
    case .incident(let overview):
      zone = overview.timeZone
      _ = IncidentOverviewText(overview, clock: asked).text
    }
    let clock = LocalClock()
    guard !asked.missing.isEmpty else { return clock }
    try connection.query(
      RedressSQL.Query.localTimes.text,
      [.text(zone), .int64Array(asked.missing.map(\.microseconds).sorted())]
    ) { row in
      clock.add(Instant(microseconds: try row.int64(0)), try row.string(1))
    }
    return clock
  }
}
