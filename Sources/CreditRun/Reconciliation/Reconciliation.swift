package import CreditLedger
import LedgerReports
import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// What becomes of a night's result: a run writes it, a check only reports what is wrong.
protocol ReconciliationSink: ~Copyable {
  mutating func report(_ finding: Finding) throws
  /// Takes a finding that is told after all others.
  mutating func report(_ finding: Finding, after kind: LateFinding) throws
  /// Takes the month before which what is not settled is to be carried forward. Called before the first customer.
  mutating func carryForward(before month: BillingMonth, after newest: CarriedForward?)
  /// Takes the fee of a term in force at the as-of instant, or where a month of the window begins.
  mutating func add(_ fee: FeeInForce)
  /// Takes a customer who is settled.
  mutating func emit(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext
  ) throws
}

/// When a night takes place, as its policy and the server's calendar have it.
package struct ReconciliationPlan {
  package let asOf: Instant
  /// When each version of the policy comes into force.
  package let starts: [Instant]
  package let months: ClosedRange<BillingMonth>
  /// The months that finance has closed.
  package let closed: ClosedMonths
  /// The version in force then says who must approve what, and what becomes of closed months and of what is overcredited.
  /// It is the as-of instant, or that of an earlier run where it is later: going back in time revives no rule that a
  /// later version has made stricter.
  package let controlsAt: Instant
  /// What people have decided about findings.
  package let acceptances: FindingAcceptances

  /// - Parameter decidedUntil: the latest as-of instant of committed runs; `nil` where there is none.
  package init(
    asOf: Instant, starts: [Instant], months: ClosedRange<BillingMonth>,
    closed: ClosedMonths = .none, acceptances: FindingAcceptances = .none,
    decidedUntil: Instant? = nil
  ) {
    self.asOf = asOf
    controlsAt = max(asOf, decidedUntil ?? asOf)
    self.starts = starts
    self.months = months
    self.closed = closed
    self.acceptances = acceptances
  }

  /// Months of which the credits stand, and what would have changed is told.
  package func leftAlone(by policy: CreditPolicy) -> ClosedMonths {
    switch controls(of: policy).lateCorrections {
    case .report: return closed
    case .nextOpenMonth: return .none
    }
  }

  /// Whether what is overcredited is set off.
  func setsOff(by policy: CreditPolicy) -> Bool {
    controls(of: policy).overcredited == .setOff
  }

  /// What people have accepted, where a rewritten past waits for that; else `nil`.
  func heldPast(by policy: CreditPolicy) -> FindingAcceptances? {
    controls(of: policy).rewrittenPast == .hold ? acceptances : nil
  }

  /// What the run may come to without an approval.
  package func limits(of policy: CreditPolicy) -> RunLimits { controls(of: policy).limits }

  /// Whether two persons have to let a run through: by the version whose controls hold, or by the one in force now.
  func asksForTwoPersons(_ policy: CreditPolicy, now: Instant) -> Bool {
    limits(of: policy).twoPersons || version(of: policy, at: now).limits.twoPersons
  }

  /// The version whose controls hold.
  package func controls(of policy: CreditPolicy) -> PolicyVersion {
    version(of: policy, at: controlsAt)
  }

  private func version(of policy: CreditPolicy, at instant: Instant) -> PolicyVersion {
    policy.versions[SourceCatalogue.version(at: instant, starts: starts) ?? 0]
  }
}

/// Reads the source and calculates, customer by customer, whatever becomes of the result.
package struct Reconciliation {
  let request: ReconciliationRequest
  let interruption: Interruption

  package init(request: ReconciliationRequest, interruption: Interruption) {
    self.request = request
    self.interruption = interruption
  }

  // MARK: Before the first customer

  /// - Parameter connection: holds the snapshot.
  /// - Throws: `PolicyErrors` where zones or order of the versions are wrong.
  package func plan(_ connection: borrowing Connection, _ snapshot: Snapshot) throws
    -> ReconciliationPlan
  {
    let asOf = request.asOf ?? snapshot.present
    let starts = try versionStarts(connection)
    // A check goes on where the ledger is not there, or not for this user.
    let canRead = snapshot.contract.violations.allSatisfy {
      ![.ledger, .privileges].contains($0.section)
    }
    return ReconciliationPlan(
      asOf: asOf, starts: starts, months: try window(connection, asOf: asOf, starts: starts),
      closed: canRead ? try ClosedMonths.read(connection) : .none,
      acceptances: canRead ? try FindingAcceptances(connection, asOf: asOf) : .none,
      decidedUntil: canRead ? try ControlsInstant.newest(upTo: .max, connection) : nil)
  }

  /// When each version comes into force. Zones and order are checked on the way.
  package func versionStarts(_ connection: borrowing Connection) throws -> [Instant] {
    let others = request.policy.timeZones.filter { $0 != "UTC" }
    if !others.isEmpty {
      let known = try TimeZoneNames(connection)
      let unknown = Set(others.filter { !known.contains($0) })
      var spellings: [String] = []
      if !unknown.isEmpty {
        try connection.query(RedressSQL.Query.timeZoneSpellings.text) {
          spellings.append(try $0.string(0))
        }
      }
      try request.policy.check(unknownTimeZones: unknown, known: spellings)
    }
    var starts: [Instant] = []
    for version in request.policy.policy.versions {
      try connection.query(
        RedressSQL.Query.versionStart.text,
        [.text(version.timeZone), .text(version.effectiveFrom.text)]
      ) { starts.append(Instant(microseconds: try $0.timestamp(0))) }
    }
    try request.policy.check(startsInForce: starts)
    return starts
  }

  private func window(
    _ connection: borrowing Connection, asOf: Instant, starts: [Instant]
  ) throws -> ClosedRange<BillingMonth> {
    var last = request.lastMonth
    if last == nil {
      let version = SourceCatalogue.version(at: asOf, starts: starts) ?? 0
      try connection.query(
        RedressSQL.Query.monthOf.text,
        [
          .timestamptz(asOf.microseconds), .text(request.policy.policy.versions[version].timeZone),
        ]
      ) { last = BillingMonth(daysSinceUnixEpoch: try $0.date(0)) }
    }
    guard let last else { preconditionFailure("every instant has a month") }
    let first = last.advanced(by: 1 - request.months)
    // A quarter is reconciled whole.
    return request.policy.policy.measuresQuarters ? first.firstOfQuarter...last : first...last
  }

  // MARK: Customers

  /// Reads and checks what every customer shares.
  /// - Parameters:
  ///   - reader: holds the snapshot.
  ///   - open: gives further connections on it.
  func ground(
    _ reader: borrowing Connection, _ plan: ReconciliationPlan,
    open: () throws -> Connection, report: (Finding) throws -> Void
  ) throws -> NightGround {
    var catalogue = try SourceCatalogue(
      connection: reader, policy: request.policy.policy, versionStarts: plan.starts,
      asOf: plan.asOf, report: report)
    try HandlingCheck.run(reader, catalogue: catalogue, report: report)
    if request.assumesResolved { catalogue = catalogue.asIfResolved(catalogue.listedIncidents) }
    return NightGround(
      plan: plan, policy: request.policy.policy, catalogue: catalogue,
      reach: try NightReach(catalogue, plan, reader, open: open))
  }

  /// - Parameter reader: holds the snapshot; others join it.
  /// - Returns: what the customers shared.
  func run(
    _ reader: consuming Connection, _ snapshot: Snapshot, _ plan: ReconciliationPlan,
    sink: inout some ReconciliationSink & ~Copyable, summary: inout RunSummary,
    stages: inout StageClock,
    progress: (Int, Int?) -> Void
  ) throws -> ReconciliationContext {
    func openSession() throws -> Connection { try interruption.connect(request.target) }
    func open() throws -> Connection { try snapshot.another { try openSession() } }
    // The session with the snapshot locks the relations first: it may wait longest.
    let relations = try SourceRelations(
      reader, withClaims: request.policy.policy.readsClaims)
    // Goes on while the others are asked.
    let search = try TransferSearch(open: open)
    let ground = try ground(reader, plan, open: open) { try sink.report($0) }
    let streams = try SourceStreams(
      connection: reader, catalogue: ground.catalogue, scope: .everyone,
      since: ground.reach.earliest, ledger: ground.reach.ledger, relations: relations, open: open)
    let transferred = try ground.transferred(search, connection: reader)
    var night = try ground.context(
      reader, transferred: transferred, keyProbe: KeyProbe(open: openSession))
    sink.carryForward(before: ground.reach.carriedBefore, after: ground.reach.ledger.newest)
    stages.end("catalogue")
    var customers = CustomerPass(plan)
    try customers.run(streams, &night, sink: &sink) { done, rows in
      try interruption.check()
      progress(done, rows)
    }
    try customers.lookUp(night, sink: &sink)
    summary.add(customers.counts)
    try interruption.check()
    stages.end("customers")
    return night
  }
}

/// What every customer of a night shares, once it is read.
struct NightGround {
  let plan: ReconciliationPlan
  let policy: CreditPolicy
  let catalogue: SourceCatalogue
  let reach: NightReach

  /// - Parameters:
  ///   - search: has been begun.
  ///   - connection: inside the snapshot.
  func transferred(
    _ search: consuming TransferSearch, connection: borrowing Connection
  ) throws -> TransferredSubscriptions {
    try TransferredSubscriptions(
      search, connection: connection, catalogue: catalogue, from: reach.ledger.firstMonth,
      window: plan.months, closed: plan.leftAlone(by: policy), since: reach.earliest)
  }

  /// - Parameter connection: inside the snapshot.
  func context(
    _ connection: consuming Connection, transferred: TransferredSubscriptions,
    scope: CustomerScope = .everyone, keyProbe: KeyProbe
  ) throws -> ReconciliationContext {
    try ReconciliationContext(
      connection: connection, catalogue: catalogue, policy: policy, window: plan.months,
      leftAlone: plan.leftAlone(by: policy), setsOff: plan.setsOff(by: policy),
      balance: plan.controls(of: policy).balance,
      heldPast: plan.heldPast(by: policy), reach: reach,
      transferred: transferred, scope: scope, keyProbe: keyProbe)
  }
}
