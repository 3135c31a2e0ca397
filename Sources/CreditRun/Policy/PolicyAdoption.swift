package import CreditLedger
import Digests
package import PolicyFiles
package import Postgres
package import ServiceCredits

/// Adopts a policy file for a ledger: looks at it, and records it.
///
/// Nothing is recorded where anything is refused. Recording takes the lock of the one run, so that
/// each run is under one policy, and looks at the history again under it.
package struct PolicyAdoption: Sendable {
  private let target: ConnectionTarget
  private let document: PolicyDocument
  private let note: String
  private let restateFrom: BillingMonth?
  /// Plans that are still to be sold.
  private let newPlans: Set<[UInt8]>
  private let asOf: Instant?
  private let interruption: Interruption

  /// - Parameters:
  ///   - note: why; not empty.
  ///   - restateFrom: the first month that may be decided anew; `nil` if none may.
  ///   - newPlans: plans that no term need have.
  ///   - asOf: the instant taken as now; `nil` for the server's clock.
  package init(
    target: ConnectionTarget, document: PolicyDocument, note: String, restateFrom: BillingMonth?,
    newPlans: [String] = [], asOf: Instant? = nil, interruption: Interruption = Interruption()
  ) {
    precondition(!note.isEmpty, "an adoption says why")
    self.target = target
    self.document = document
    self.note = note
    self.restateFrom = restateFrom
    self.newPlans = Set(newPlans.map { Array($0.utf8) })
    self.asOf = asOf
    self.interruption = interruption
  }

  /// What a look at the file and the database has found.
  package struct Examination: Sendable {
    /// What holds until now.
    package let before: PolicyInForce
    /// The policy to compare credits with: what runs have used, where nothing is adopted.
    package let comparedWith: PolicyDocument
    package let difference: PolicyDifference
    /// The months of which the credits stand under the new policy, because they are closed.
    package let closed: ClosedMonths
    /// Whether the source was looked at.
    package let readsSource: Bool
    /// The instant taken as now.
    package let asOf: Instant
    /// The month of `asOf`.
    package let month: BillingMonth

    /// Whether the file is adopted already, byte for byte.
    package var isInForce: Bool {
      if case .adopted = before.origin { difference.isEmpty && isSameFile } else { false }
    }

    fileprivate let isSameFile: Bool
  }

  /// Looks at everything that can be refused. Writes nothing.
  /// - Throws: `PolicyErrors`, `PolicyRewrite` or `AdoptionError`.
  package func examine() throws -> Examination {
    try interruption.reading { _ in try look() }
  }

  private func look() throws -> Examination {
    let connection = try interruption.connect(target)
    let readsSource = try SourceRights.mayRead(connection)
    let snapshot = try Snapshot(
      connection, needs: readsSource ? .reading : .ledger,
      nodes: NodeAccess(target, interruption))
    let before = try PolicyInForce.beforeAdoption(connection)
    let comparedWith =
      try before.adoptions.isEmpty
      ? PolicyInForce.ofReader(nil, connection).document : before.document
    let pass = Reconciliation(
      request: ReconciliationRequest(target: target, policy: document, asOf: asOf, months: 1),
      interruption: interruption)
    let plan = try pass.plan(connection, snapshot)
    let examination = Examination(
      before: before, comparedWith: comparedWith,
      difference: PolicyDifference(from: before.document, to: document),
      closed: plan.leftAlone(by: document.policy), readsSource: readsSource,
      asOf: plan.asOf, month: plan.months.upperBound,
      isSameFile: document.bytes == before.document.bytes)
    guard !examination.isInForce else { return examination }
    try check(pass, plan.starts, before.adoptions, connection)
    if readsSource { try checkPlans(before, connection) }
    return examination
  }

  /// Refuses a file that decides anew what runs have decided, and a month that is given for nothing.
  private func check(
    _ pass: Reconciliation, _ starts: [Instant], _ adoptions: [Adoption],
    _ connection: borrowing Connection
  ) throws {
    let pending = try Restatement.pending(
      adoptions, newestRun: RecordedRun.newest(connection), connection)
    let own = restateFrom.map { [Restatement(from: $0, document)] } ?? []
    let restates = try pass.checkPolicyHistory(
      connection, starts: starts, restatements: pending + own, isAdopted: !adoptions.isEmpty)
    guard restateFrom == nil || restates else { throw AdoptionError.nothingToRestate }
  }

  /// Refuses plans that no term has, unless they are in force already or still to be sold.
  private func checkPlans(_ before: PolicyInForce, _ connection: borrowing Connection) throws {
    let known = Set(
      before.document.policy.versions.flatMap { $0.plans.keys.map { Array($0.utf8) } })
    let unknown = try UnknownPlans.of(document, connection).filter {
      let plan = Array($0.plan.utf8)
      return !known.contains(plan) && !newPlans.contains(plan)
    }
    guard unknown.isEmpty else {
      throw AdoptionError.unknownPlans(unknown, file: document.name)
    }
  }

  /// Records the adoption.
  /// - Throws: as `examine`, and where something has changed since then.
  package func record(_ examination: Examination) throws -> Adoption {
    try interruption.repeating({ try append(examination) }, again: { _ in true })
  }

  private func append(_ examination: Examination) throws -> Adoption {
    let connection = try interruption.connect(target)
    try RunLock.begin(connection)
    do {
      guard try RunLock.take(connection) != nil else { throw AdoptionError.ledgerIsBusy }
      let adoptions = try Adoption.all(connection)
      if let newest = adoptions.last, adoptions != examination.before.adoptions {
        throw AdoptionError.adoptedMeanwhile(number: newest.number, by: newest.adoptedBy)
      }
      let pass = Reconciliation(
        request: ReconciliationRequest(target: target, policy: document, asOf: asOf),
        interruption: interruption)
      try check(pass, try pass.versionStarts(connection), adoptions, connection)
      let adoption = try Adoption.append(
        content: document.bytes, note: note, restateFrom: restateFrom, after: adoptions, connection)
      // A row of the same digest that was there already is not replaced.
      guard try adoption.content(connection) == document.bytes else {
        throw AdoptionError.fileChanged(number: adoption.number)
      }
      try interruption.beginCommit()
      try connection.commit()
      return adoption
    } catch let error as PostgresError where error.sqlState == "42501" {
      throw AdoptionError.notAllowed(user: connection.user)
    }
  }
}
