package import CreditLedger
package import LedgerReports
package import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// The parts of a check, in order.
package enum CheckSection: String, CaseIterable, Sendable {
  case connection, server, ledger, source, privileges, policy, data
}

/// One result of a check.
package enum CheckEvent: Sendable {
  case connected(database: String, user: String, isEncrypted: Bool)
  /// The version in libpq's form, and the encoding of the database.
  case server(version: Int, encoding: String)
  /// The database is distributed.
  case cluster(ClusterExamination)
  /// The owned schema is at the version that this program carries.
  case ledger(version: Int)
  case relation(name: String, columns: [SourceContract.Column])
  case privileges(user: String)
  /// A fact about the source that is no violation, but that the operator must know.
  case note(ContractNote)
  case policy(name: String, versions: [PolicyVersion], starts: [Instant])
  /// Where the policy of a run without a policy file comes from.
  case policyOrigin(PolicyInForce.Origin)
  /// Plans that the policy names and no term of the source has.
  case unknownPlans([AdoptionError.UnknownPlan])
  /// The calculation succeeded. Findings that somebody has accepted are counted apart.
  case data(summary: RunSummary, findings: Int, accepted: Int)
  /// A run would be held.
  case held([LimitExceeded])

  case notConnected(PostgresError)
  case violation(ContractViolation)
  case policyErrors(PolicyErrors)
  /// The policy would change decisions of committed runs.
  case policyRewrite(PolicyRewrite)
  /// Another policy is adopted than the file that was given.
  case policyNotAdopted(PolicyNotAdopted)
  /// What is adopted cannot be used.
  case adoption(AdoptionError)
  case finding(Finding)
  /// The server refused a statement of the calculation.
  case refused(PostgresError)
  /// The section cannot be checked until an earlier problem is corrected.
  case skipped(CheckSection)

  package var section: CheckSection {
    switch self {
    case .connected, .notConnected: .connection
    case .server, .cluster: .server
    case .ledger: .ledger
    case .relation, .note: .source
    case .privileges: .privileges
    case .policy, .policyOrigin, .unknownPlans, .policyErrors, .policyRewrite, .policyNotAdopted,
      .adoption:
      .policy
    case .data, .held, .finding, .refused: .data
    case .violation(let violation): violation.section
    case .skipped(let section): section
    }
  }
}

extension ContractViolation {
  var section: CheckSection {
    switch self {
    case .serverTooOld, .serverEncoding, .standby: .server
    case .ledgerMissing, .ledgerBehind, .ledgerAhead, .ledgerEdited, .ledgerGap: .ledger
    case .sourceMissing, .relationMissing, .columnMissing, .columnType, .relationUnusable:
      .source
    case .ledgerUnreadable, .ledgerPrivilege, .ledgerRowSecurity, .sourceUnusable,
      .columnPrivilege, .relationPrivilege, .rowSecurity, .hidingFunction:
      .privileges
    }
  }

  /// The source relation of the violation.
  var relation: String? {
    switch self {
    case .relationMissing(let relation), .columnMissing(let relation, _, _),
      .columnType(let relation, _, _, _), .columnPrivilege(let relation, _, _),
      .relationPrivilege(let relation, _), .relationUnusable(let relation, _, _),
      .rowSecurity(let relation, _, _, _),
      .hidingFunction(let relation, _, _):
      relation
    default: nil
    }
  }
}

/// Reports everything that a run of the same user, on the same database and with the same policy,
/// would fail on or report as a finding. Changes nothing: it reads in one read-only transaction.
package struct ReadinessCheck {
  /// What was found, the most serious first.
  package struct Result: Sendable {
    package internal(set) var violatesContract = false
    package internal(set) var hasPolicyErrors = false
    package internal(set) var isHeld = false
    /// Without those that somebody has accepted.
    package internal(set) var findings = 0
    /// What the night would come to; `nil` where it could not be calculated.
    package internal(set) var night: WouldBeNight?
  }

  private var request: ReconciliationRequest
  private let policyErrors: PolicyErrors?
  private let interruption: Interruption
  /// Called in the snapshot of the night, before it is calculated; again where the check begins again.
  package var inspect:
    (borrowing Connection, ReconciliationRequest, ReconciliationPlan) throws -> Void = { _, _, _ in
    }

  /// - Parameters:
  ///   - request: what the run would reconcile.
  ///   - policyErrors: what is wrong with a policy file that could not be read. The policy of
  ///     `request` is then a substitute.
  package init(
    request: ReconciliationRequest, policyErrors: PolicyErrors?,
    interruption: Interruption = Interruption()
  ) {
    self.request = request
    self.policyErrors = policyErrors
    self.interruption = interruption
  }

  /// - Parameter report: called for each result, section by section.
  package func run(report: @escaping (CheckEvent) throws -> Void) throws -> Result {
    try interruption.reading { voice in
      let events = HeldEvents(report, voice)
      do {
        let result = try look { try events.add($0) }
        try events.tell()
        return result
      } catch  where !Interruption.isRepeatable(error) {
        try events.tell()
        throw error
      }
    }
  }

  private func look(_ report: @escaping (CheckEvent) throws -> Void) throws -> Result {
    var result = Result()
    let connection: Connection
    do {
      connection = try interruption.connect(request.target)
    } catch let error as PostgresError {
      result.violatesContract = true
      try report(.notConnected(error))
      for section in [.server, .ledger, .source, .privileges] as [CheckSection] {
        try report(.skipped(section))
      }
      if let policyErrors {
        result.hasPolicyErrors = true
        try report(.policyErrors(policyErrors))
      } else {
        try report(.skipped(.policy))
      }
      try report(.skipped(.data))
      return result
    }
    try report(
      .connected(
        database: connection.database, user: connection.user, isEncrypted: connection.isEncrypted))
    let snapshot = try Snapshot(
      examining: connection, needs: .run, nodes: NodeAccess(request.target, interruption))
    let violations = snapshot.contract.violations
    result.violatesContract = !violations.isEmpty
    let cluster = try ClusterExamination(connection, moment: snapshot.moment)
    if let cluster, !cluster.isUsable { result.violatesContract = true }
    try reportContract(snapshot.contract, cluster, connection, report)
    var check = self
    let plan = try check.lookAtPolicy(connection, snapshot, violations, &result, report)
    guard let plan, !result.violatesContract else {
      try report(.skipped(.data))
      return result
    }
    return try check.calculate(connection, snapshot, plan, result, report)
  }

  /// Calculates the night that a run would.
  private func calculate(
    _ connection: consuming Connection, _ snapshot: Snapshot, _ plan: ReconciliationPlan,
    _ result: Result, _ report: @escaping (CheckEvent) throws -> Void
  ) throws -> Result {
    var result = result
    var summary = RunSummary()
    var stages = StageClock()
    var sink = CheckSink(acceptances: plan.acceptances, report: report)
    let earlier = try DayAmounts(before: .max, on: snapshot.present, connection)
    do {
      try inspect(connection, request, plan)
      _ = try Reconciliation(request: request, interruption: interruption).run(
        connection, snapshot, plan, sink: &sink, summary: &summary, stages: &stages,
        progress: { _, _ in })
    } catch let error as PostgresError where error.kind == .server && !error.isRetrySafe {
      result.violatesContract = true
      try report(.refused(error))
      return result
    }
    result.findings = Int(sink.totals.findingCount)
    try report(.data(summary: summary, findings: result.findings, accepted: sink.accepted))
    let exceeded = sink.totals.exceeded(plan.limits(of: request.policy.policy), after: earlier)
    result.isHeld = !exceeded.isEmpty
    if result.isHeld { try report(.held(exceeded)) }
    result.night = sink.night(summary, exceeded)
    return result
  }

  private func reportContract(
    _ contract: ContractExamination, _ cluster: ClusterExamination?,
    _ connection: borrowing Connection,
    _ report: (CheckEvent) throws -> Void
  ) throws {
    let violations = contract.violations
    func found(_ section: CheckSection) -> [ContractViolation] {
      violations.filter { $0.section == section }
    }
    for violation in found(.server) { try report(.violation(violation)) }
    if found(.server).isEmpty {
      try report(
        .server(
          version: connection.serverVersion,
          encoding: connection.parameterStatus("server_encoding") ?? "unknown"))
    }
    if let cluster { try report(.cluster(cluster)) }
    if violations.contains(where: { if case .serverTooOld = $0 { true } else { false } }) {
      for section in [.ledger, .source, .privileges] as [CheckSection] {
        try report(.skipped(section))
      }
      return
    }
    for violation in found(.ledger) { try report(.violation(violation)) }
    if found(.ledger).isEmpty {
      if violations.contains(where: { if case .ledgerUnreadable = $0 { true } else { false } }) {
        try report(.skipped(.ledger))
      } else {
        try report(.ledger(version: RedressSQL.migrations.count))
      }
    }
    try reportSource(violations, optional: contract.optionalRelations, report)
    for note in contract.notes { try report(.note(note)) }
    for violation in found(.privileges) { try report(.violation(violation)) }
    guard found(.privileges).isEmpty else { return }
    // Privileges cannot be checked on missing objects.
    if violations.contains(.ledgerMissing) || violations.contains(.sourceMissing) {
      try report(.skipped(.privileges))
    } else {
      try report(.privileges(user: connection.user))
    }
  }

  private func reportSource(
    _ violations: [ContractViolation], optional: [String],
    _ report: (CheckEvent) throws -> Void
  ) throws {
    if violations.contains(.sourceMissing) {
      try report(.violation(.sourceMissing))
      return
    }
    if violations.contains(where: { if case .sourceUnusable = $0 { true } else { false } }) {
      try report(.skipped(.source))
      return
    }
    for relation in SourceContract.relations + optional {
      let ofRelation = violations.filter { $0.relation == relation }
      for violation in ofRelation where violation.section == .source {
        try report(.violation(violation))
      }
      if !ofRelation.contains(where: { $0.section == .source }) {
        try report(
          .relation(
            name: relation, columns: SourceContract.columns.filter { $0.relation == relation }))
      }
    }
  }

  /// - Returns: the run's plan, or `nil` if the policy has errors.
  private mutating func lookAtPolicy(
    _ connection: borrowing Connection, _ snapshot: Snapshot, _ violations: [ContractViolation],
    _ result: inout Result, _ report: (CheckEvent) throws -> Void
  ) throws -> ReconciliationPlan? {
    if let policyErrors {
      result.hasPolicyErrors = true
      try report(.policyErrors(policyErrors))
      return nil
    }
    // What is adopted, and the history, are in the ledger, which must exist and be readable.
    let hasLedger = !violations.contains { [.ledger, .privileges].contains($0.section) }
    do {
      if hasLedger { try request.resolvePolicy(connection) }
      let pass = Reconciliation(request: request, interruption: interruption)
      let plan = try pass.plan(connection, snapshot)
      if hasLedger { try pass.checkPolicy(connection, plan, isDryRun: false) }
      if let origin = request.inForce?.origin { try report(.policyOrigin(origin)) }
      try report(
        .policy(
          name: request.policy.name, versions: request.policy.policy.versions,
          starts: plan.starts))
      if violations.isEmpty {
        let unknown = try UnknownPlans.of(request.policy, connection)
        if !unknown.isEmpty { try report(.unknownPlans(unknown)) }
      }
      return plan
    } catch let error as PostgresError where error.kind == .server && !error.isRetrySafe {
      // A view that can be read and gives an error.
      result.violatesContract = true
      try report(.refused(error))
      return nil
    } catch let error as PolicyErrors {
      try report(.policyErrors(error))
    } catch let error as PolicyRewrite {
      try report(.policyRewrite(error))
    } catch let error as PolicyNotAdopted {
      try report(.policyNotAdopted(error))
    } catch let error as AdoptionError {
      try report(.adoption(error))
    }
    result.hasPolicyErrors = true
    return nil
  }
}

/// Holds the results of a check until it may no longer begin again. They are reported before the
/// first result of the data section, or at the end.
private final class HeldEvents {
  private let report: (CheckEvent) throws -> Void
  private let voice: Voice
  private var events: [CheckEvent] = []

  init(_ report: @escaping (CheckEvent) throws -> Void, _ voice: Voice) {
    self.report = report
    self.voice = voice
  }

  func add(_ event: CheckEvent) throws {
    events.append(event)
    if event.section == .data { try tell() }
  }

  func tell() throws {
    voice.raise()
    let told = events
    events = []
    for event in told { try report(event) }
  }
}

/// Reports findings. Of the revisions it only adds up the totals for the limits.
private struct CheckSink: ReconciliationSink, ~Copyable {
  private let acceptances: FindingAcceptances
  let report: (CheckEvent) throws -> Void
  private(set) var totals = RunTotals()
  private(set) var accepted = 0
  private var night = WouldBeNight()

  init(acceptances: FindingAcceptances, report: @escaping (CheckEvent) throws -> Void) {
    self.acceptances = acceptances
    self.report = report
  }

  mutating func report(_ finding: Finding) throws {
    if !acceptances.held.isEmpty, acceptances.held[ToldFinding(finding).identity] != nil {
      accepted += 1
      return
    }
    totals.add(finding)
    try report(.finding(finding))
  }

  mutating func report(_ finding: Finding, after kind: LateFinding) throws { try report(finding) }

  // A check writes nothing.
  mutating func carryForward(before month: BillingMonth, after newest: CarriedForward?) {}

  mutating func add(_ fee: FeeInForce) { totals.add(fee.fee, at: fee.moment) }

  mutating func emit(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext
  ) throws {
    for key in pass.keys where key.revision != nil { totals.addChange(in: key.month, key.currency) }
    pass.forEachNet { totals.addNet($0, $1) }
    self.night.add(pass, records, night: night)
  }

  func night(_ summary: RunSummary, _ exceeded: [LimitExceeded]) -> WouldBeNight {
    var night = night
    night.totals = totals
    night.exceeded = exceeded
    (night.customers, night.subscriptions) = (summary.customers, summary.subscriptions)
    return night
  }
}
