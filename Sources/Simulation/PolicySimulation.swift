package import CreditLedger
import CreditRun
import Documents
import LedgerReports
package import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// What to simulate.
package struct SimulationOptions: Sendable {
  package var target: ConnectionTarget
  package var new: PolicyDocument
  /// The policy to compare with; `nil` for the one that is in force.
  package var today: PolicyDocument?
  /// Whether each version of the new policy holds from its own date on, as in a run. If not, a
  /// newest version that today's policy does not have counts as in force from the beginning of that.
  package var followsDates: Bool
  /// The instant taken as now; `nil` for the server's clock.
  package var asOf: Instant?
  /// The last billing month; `nil` for the month of `asOf` in today's time zone.
  package var lastMonth: BillingMonth?
  /// At least 1.
  package var months: Int

  package init(
    target: ConnectionTarget, new: PolicyDocument, today: PolicyDocument? = nil,
    followsDates: Bool = false, asOf: Instant? = nil, lastMonth: BillingMonth? = nil,
    months: Int = 1
  ) {
    precondition(months >= 1, "a simulation is about at least one month")
    self.target = target
    self.new = new
    self.today = today
    self.followsDates = followsDates
    self.asOf = asOf
    self.lastMonth = lastMonth
    self.months = months
  }
}

/// Calculates the credits of some months under two policies, from one snapshot, with the calculator
/// of the run.
///
/// Uses read-only transactions and does not take the run's lock, so it can work beside a run.
/// Calculates each customer under one policy, then under the other, and keeps only sums.
package struct PolicySimulation: Sendable {
  private let options: SimulationOptions
  private let interruption: Interruption

  package init(options: SimulationOptions, interruption: Interruption = Interruption()) {
    self.options = options
    self.interruption = interruption
  }

  package func run() throws -> PolicyComparison {
    try interruption.reading { _ in try compare() }
  }

  private func open() throws -> Connection {
    try interruption.connect(options.target)
  }

  private var nodes: NodeAccess { NodeAccess(options.target, interruption) }

  private func pass(
    _ policy: PolicyDocument, asOf: Instant?, lastMonth: BillingMonth?
  ) -> Reconciliation {
    Reconciliation(
      request: ReconciliationRequest(
        target: options.target, policy: policy, asOf: asOf, lastMonth: lastMonth,
        months: options.months),
      interruption: interruption)
  }

  private func compare() throws -> PolicyComparison {
    let connection = try open()
    let snapshot = try Snapshot(connection, needs: .reading, nodes: nodes)
    func another() throws -> Connection {
      try snapshot.another { try open() }
    }

    let today = try PolicyInForce.ofReader(options.today, connection).document
    let isTimeless = !options.followsDates && PolicySimulation.isNewestNew(options.new, today)
    let new = isTimeless ? options.new.newestVersionAlone : options.new
    let plan = try pass(today, asOf: options.asOf, lastMonth: options.lastMonth)
      .plan(connection, snapshot)
    let newPlan = ReconciliationPlan(
      asOf: plan.asOf, starts: try newStarts(beside: plan, isTimeless: isTimeless, connection),
      months: plan.months, decidedUntil: plan.controlsAt)

    var comparison = PolicyComparison(
      asOf: plan.asOf, months: plan.months,
      today: PolicyComparison.Policy(
        source: today.name, versions: today.policy.versions.map(\.name), isTimeless: false),
      new: PolicyComparison.Policy(
        source: new.name, versions: new.policy.versions.map(\.name), isTimeless: isTimeless))
    var (found, foundNew) = (RunTotals(), RunTotals())
    let catalogue = try SourceCatalogue(
      connection: connection, policy: today.policy, versionStarts: plan.starts, asOf: plan.asOf
    ) { found.add($0) }
    let newCatalogue = try SourceCatalogue(
      connection: connection, policy: new.policy, versionStarts: newPlan.starts, asOf: plan.asOf
    ) { foundNew.add($0) }
    let streams = try SourceStreams(
      connection: connection, catalogue: catalogue, comparedWith: newCatalogue,
      withInvoices: false, open: another)
    let transferred = try TransferredSubscriptions(
      TransferSearch(open: another), connection: connection, catalogue: catalogue)
    let newMoved =
      PolicySide.countAlike(catalogue, newCatalogue)
      ? transferred
      : try TransferredSubscriptions(
        TransferSearch(open: another), connection: connection, catalogue: newCatalogue)
    var right = try PolicySide(
      new, newPlan,
      ReconciliationContext(
        connection: another(), catalogue: newCatalogue, policy: new.policy, window: plan.months,
        transferred: newMoved), found: foundNew)
    var left = try PolicySide(
      today, plan,
      ReconciliationContext(
        connection: connection, catalogue: catalogue, policy: today.policy, window: plan.months,
        transferred: transferred), found: found)
    var tally = ComparisonTally()
    try calculate(streams, &left, &right, &tally, plan.months)
    tally.fill(&comparison)
    comparison.findingsToday = left.totals.findings
    comparison.findingsNew = right.totals.findings
    comparison.limits =
      left.limits(comparison.totals, \.today, isNew: false)
      + right.limits(comparison.totals, \.new, isNew: true)
    return comparison
  }

  /// When each version of the new policy comes into force, or the newest alone. That is not before
  /// today's policy begins, unless it says so itself: what nobody was promised then is no difference.
  private func newStarts(
    beside plan: ReconciliationPlan, isTimeless: Bool, _ connection: borrowing Connection
  ) throws -> [Instant] {
    let starts = try pass(options.new, asOf: plan.asOf, lastMonth: plan.months.upperBound)
      .versionStarts(connection)
    return isTimeless ? [min(starts[starts.count - 1], plan.starts[0])] : starts
  }

  /// Whether the newest version is something to try. What holds today already holds from its own
  /// day on, so that a policy beside itself differs in nothing.
  private static func isNewestNew(_ new: PolicyDocument, _ today: PolicyDocument) -> Bool {
    guard let newest = new.policy.versions.last else { return false }
    let digest = PolicyFile.digest(of: newest)
    return !today.policy.versions.contains { PolicyFile.digest(of: $0) == digest }
  }

  private func calculate(
    _ streams: consuming SourceStreams, _ left: inout PolicySide, _ right: inout PolicySide,
    _ tally: inout ComparisonTally, _ months: ClosedRange<BillingMonth>
  ) throws {
    var streams = consume streams
    var records = CustomerRecords()
    var done = 0
    while true {
      let isThere = try streams.next(into: &records) { finding in
        left.totals.add(finding)
        right.totals.add(finding)
      }
      guard isThere else { break }
      try left.calculate(records, isNew: false, into: &tally)
      try right.calculate(records, isNew: true, into: &tally)
      for recorded in records.recorded where months.contains(recorded.credit.month) {
        tally.addRecorded(recorded.credit.amountMinor, recorded.currency, recorded.credit.month)
      }
      tally.endCustomer(records.arena[records.id], name: records.arena[records.name])
      done += 1
      if done % 1024 == 0 { try interruption.check() }
    }
    try interruption.check()
  }
}

/// One of the two policies, with its own calculation over the shared source.
private struct PolicySide: ~Copyable {
  /// The findings and the monthly fees.
  var totals: RunTotals
  var night: ReconciliationContext
  private var pass: CustomerReconciliation
  private let plan: ReconciliationPlan
  private let policy: CreditPolicy

  /// - Parameter found: the findings about the incidents.
  init(
    _ document: PolicyDocument, _ plan: ReconciliationPlan,
    _ night: consuming ReconciliationContext, found: RunTotals
  ) {
    totals = found
    self.night = night
    pass = CustomerReconciliation(at: FeeMoments(asOf: plan.asOf, window: plan.months))
    self.plan = plan
    policy = document.policy
  }

  /// Whether both policies count and hold the same incidents. If so, they need the same data about
  /// subscriptions with several customers, and one slow query is enough.
  static func countAlike(_ left: SourceCatalogue, _ right: SourceCatalogue) -> Bool {
    func isHeld(_ incident: SourceIncident) -> Bool {
      if case .held = incident.treatment { true } else { false }
    }
    return zip(left.incidents, right.incidents).allSatisfy {
      $0.isCounted == $1.isCounted && isHeld($0) == isHeld($1)
    }
  }

  mutating func calculate(
    _ records: borrowing CustomerRecords, isNew: Bool, into tally: inout ComparisonTally
  ) throws {
    var found: [Finding] = []
    let zone = try CustomerZone(of: records, night: &night) { found.append($0) }
    let arena = records.arena
    try pass.decide(records, zone: zone.number, isParked: zone.isUnknown, night: &night) {
      found.append($0)
    } _: { decision, term, amount in
      tally.add(decision, plan: arena[records.terms[term].plan], amount, isNew: isNew)
    }
    for finding in found { totals.add(finding) }
    for fee in pass.feesInForce { totals.add(fee.fee, at: fee.moment) }
  }

  /// The limits that a run of these months on an empty ledger would exceed.
  func limits(
    _ months: [PolicyComparison.MonthTotal],
    _ side: KeyPath<PolicyComparison.Pair, PolicyComparison.Side>, isNew: Bool
  ) -> [PolicyComparison.Limit] {
    var granted: [Currency: Int128] = [:]
    for month in months { granted[month.currency, default: 0] += month.pair[keyPath: side].minor }
    var totals = self.totals
    for (currency, minor) in granted { totals.addNet(minor, currency) }
    for month in months where month.pair[keyPath: side].minor != 0 {
      totals.addChange(in: month.month, month.currency)
    }
    return totals.exceeded(plan.limits(of: policy)).map {
      PolicyComparison.Limit(isNew: isNew, sentence: $0.text)
    }
  }
}
