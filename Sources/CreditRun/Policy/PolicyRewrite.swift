import CreditLedger
import Digests
import PolicyFiles
import Postgres
import RedressSQL
package import ServiceCredits

/// How a policy would change decisions of committed runs.
/// - Source: credit rules, section 7.
package struct PolicyRewrite: Error, Sendable {
  package enum Change: Hashable, Sendable {
    /// The version has the same name but other content.
    case otherContent
    /// The policy has no version of this name.
    /// - Parameter takers: the versions that would decide on its incidents.
    case missing(takers: [String])
    /// Another version begins before the runs' as-of instant, and decides on its incidents from
    /// then on.
    case takenOver(by: String, from: Instant)
    /// The version begins before every version that runs had, where none was in force.
    case begins(Instant)
  }

  /// A version that runs have used.
  package struct Conflict: Sendable {
    package let version: String
    package let change: Change
    /// The month that a restatement has to begin with for this to be allowed; `nil` where none helps.
    package let restatable: BillingMonth?
    /// The recorded credits of the version that would be decided again, by currency.
    package let recorded: [(credits: Int64, total: MoneyTotal)]
  }

  /// The name of the policy file, or of the built-in policy.
  package let policy: String
  /// The newest committed run.
  package let runId: Int64
  /// The latest as-of instant of a committed run.
  package let decidedUntil: Instant
  /// One for each version; never empty.
  package let conflicts: [Conflict]
  /// The first month that the policy may decide anew; `nil` if it may none.
  package let restateFrom: BillingMonth?
  /// Whether the ledger has an adopted policy, so that runs take no other file.
  package let isAdopted: Bool
}

/// Months that were recorded and may be decided anew, by versions that were adopted for it.
struct Restatement {
  let from: BillingMonth
  /// The digests of the versions.
  let versions: Set<[UInt8]>

  init(from month: BillingMonth, _ document: PolicyDocument) {
    from = month
    versions = Set(document.policy.versions.map { PolicyFile.digest(of: $0).bytes })
  }

  /// Those of the adoptions that no run has used yet. What a run has used once is its policy, and
  /// later runs have to keep it.
  static func pending(
    _ adoptions: [Adoption], newestRun: Int64, _ connection: borrowing Connection
  ) throws -> [Restatement] {
    try adoptions.filter { $0.afterRun == newestRun }.compactMap { adoption in
      try adoption.restateFrom.map { Restatement(from: $0, try adoption.document(connection)) }
    }
  }

  /// Whether the version may decide from its beginning on.
  func allows(_ version: PolicyVersion) -> Bool {
    version.effectiveFrom.daysSinceUnixEpoch >= from.daysSinceUnixEpoch
      && versions.contains(PolicyFile.digest(of: version).bytes)
  }

  /// Whether the version, which runs have used, is taken back: all that it decides on is in these months, and the file that
  /// was adopted for them has left it out.
  func takesBack(_ version: PolicyVersion) -> Bool {
    version.effectiveFrom.daysSinceUnixEpoch >= from.daysSinceUnixEpoch
      && !versions.contains(PolicyFile.digest(of: version).bytes)
  }
}

extension Reconciliation {
  /// Refuses a policy that a run may not use: one that decides anew what runs have decided, and,
  /// once a policy is adopted, every other file. Who runs the night does not decide what is
  /// promised. A dry run may try another file.
  /// - Throws: `PolicyRewrite` or `PolicyNotAdopted`.
  func checkPolicy(
    _ connection: borrowing Connection, _ plan: ReconciliationPlan, isDryRun: Bool
  ) throws {
    let adoptions = request.inForce?.adoptions ?? []
    try checkPolicyHistory(
      connection, starts: plan.starts,
      restatements: Restatement.pending(
        adoptions, newestRun: RecordedRun.newest(connection), connection),
      isAdopted: !adoptions.isEmpty)
    guard !isDryRun, let adopted = adoptions.last,
      SHA256.hash(request.policy.bytes).bytes != adopted.policyDigest
    else { return }
    throw PolicyNotAdopted(
      file: request.policy.name, number: adopted.number,
      difference: PolicyDifference(
        from: try adopted.document(connection), to: request.policy))
  }

  /// Refuses a policy that changes which version decides, or the content of a version, where
  /// committed runs have decided.
  ///
  /// A version that runs have used must stay in the policy with the same content, and so with the
  /// same beginning, unless a restatement takes it back; then the newest run's policy file does not have it. Its end may not move before the end in the newest run's policy file, or before
  /// the latest as-of instant of a run if that is earlier. Nor may a version begin before all that
  /// runs had. Versions may be added after that, or where a restatement allows it.
  /// - Parameters:
  ///   - starts: when each version comes into force.
  ///   - restatements: those that allow a version to begin earlier, or to be taken back.
  ///   - isAdopted: whether the ledger has an adopted policy.
  /// - Returns: whether a restatement was needed.
  /// - Throws: `PolicyRewrite`.
  @discardableResult
  func checkPolicyHistory(
    _ connection: borrowing Connection, starts: [Instant], restatements: [Restatement],
    isAdopted: Bool
  ) throws -> Bool {
    let used = try Self.usedVersions(connection)
    guard !used.isEmpty else { return false }
    let before = try PolicyBefore(self, connection)
    let versions = request.policy.policy.versions
    func end(of version: Int) -> Instant {
      version + 1 < starts.count ? starts[version + 1] : .distantFuture
    }
    var restates = false
    var conflicts: [PolicyRewrite.Conflict] = []
    func add(
      _ version: String, _ change: PolicyRewrite.Change, from: Instant? = nil,
      restatable: PolicyVersion?
    ) throws {
      conflicts.append(
        try Self.conflict(version, change, from: from, restatable: restatable, connection))
    }
    func isRestated(_ isAllowed: (Restatement) -> Bool) -> Bool {
      guard restatements.contains(where: isAllowed) else { return false }
      restates = true
      return true
    }
    for (name, digest) in used {
      let reach = before?.reach(of: name)
      guard let position = versions.firstIndex(where: { $0.name == name }) else {
        if before?.hasDropped(name) ?? false { continue }
        let recorded = before?.version(name)
        if let recorded, isRestated({ $0.takesBack(recorded) }) { continue }
        let takers = versions.indices.filter {
          reach?.overlaps(Interval(starts[$0], end(of: $0))) ?? false
        }
        try add(name, .missing(takers: takers.map { versions[$0].name }), restatable: recorded)
        continue
      }
      guard digest == PolicyFile.digest(of: versions[position]).bytes else {
        try add(name, .otherContent, restatable: nil)
        continue
      }
      let end = end(of: position)
      if let reach, end < reach.end, !isRestated({ $0.allows(versions[position + 1]) }) {
        try add(
          name, .takenOver(by: versions[position + 1].name, from: end), from: end,
          restatable: versions[position + 1])
      }
    }
    if let before, let first = before.firstStart, starts[0] < min(first, before.decidedUntil),
      !isRestated({ $0.allows(versions[0]) })
    {
      try add(versions[0].name, .begins(starts[0]), restatable: versions[0])
    }
    if conflicts.isEmpty { return restates }
    throw PolicyRewrite(
      policy: request.policy.name, runId: before?.runId ?? 0,
      decidedUntil: before?.decidedUntil ?? .distantPast, conflicts: conflicts,
      restateFrom: restatements.last?.from, isAdopted: isAdopted)
  }

  private static func usedVersions(
    _ connection: borrowing Connection
  ) throws -> [(name: String, digest: [UInt8])] {
    var used: [(name: String, digest: [UInt8])] = []
    try connection.query(RedressSQL.Query.recordedPolicyVersions.text) { row in
      used.append((try row.string(0), row.array(1) ?? []))
    }
    return used
  }

  /// - Parameters:
  ///   - from: from when on the version's incidents would be decided anew; `nil` for all of them.
  ///   - restatable: the version whose beginning a restatement has to reach; `nil` where none helps.
  private static func conflict(
    _ version: String, _ change: PolicyRewrite.Change, from: Instant?, restatable: PolicyVersion?,
    _ connection: borrowing Connection
  ) throws -> PolicyRewrite.Conflict {
    PolicyRewrite.Conflict(
      version: version, change: change, restatable: restatable?.effectiveFrom.billingMonth,
      recorded: try recorded(under: version, from: from, connection))
  }

  private static func recorded(
    under version: String, from: Instant?, _ connection: borrowing Connection
  ) throws -> [(credits: Int64, total: MoneyTotal)] {
    var recorded: [(credits: Int64, total: MoneyTotal)] = []
    try connection.query(
      RedressSQL.Query.recordedUnderVersion.text,
      [.text(version), from.map { .timestamptz($0.microseconds) } ?? .null]
    ) { row in
      guard let currency = Currency(code: row.bytes(0)) else {
        throw LedgerError.unknownCurrency(try row.string(0))
      }
      guard let minor = Int128(try row.string(2)) else {
        preconditionFailure("a sum of minor units is a whole number")
      }
      recorded.append(
        (try row.int64(1), MoneyTotal(totalMinor: minor, currency: currency)))
    }
    return recorded
  }
}

/// The policy of the newest committed run, and the time for which runs have decided.
private struct PolicyBefore {
  let runId: Int64
  let decidedUntil: Instant
  /// When its first version came into force; `nil` if its file can no longer be read.
  private(set) var firstStart: Instant?
  private var reaches: [String: Interval] = [:]
  private var versions: [PolicyVersion] = []

  /// Returns `nil` if no run has been committed.
  init?(_ pass: Reconciliation, _ connection: borrowing Connection) throws {
    guard let newest = try PolicyInUse(connection) else { return nil }
    runId = newest.runId
    decidedUntil = newest.decidedUntil
    var request = pass.request
    // A file that this program no longer accepts must not stop every run.
    guard let document = try? newest.document() else { return }
    request.policy = document
    let starts = try Reconciliation(request: request, interruption: pass.interruption)
      .versionStarts(connection)
    firstStart = starts[0]
    versions = document.policy.versions
    for (position, version) in request.policy.policy.versions.enumerated() {
      let end = position + 1 < starts.count ? starts[position + 1] : .distantFuture
      reaches[version.name] = Interval(
        starts[position], max(starts[position], min(end, decidedUntil)))
    }
  }

  /// Whether the newest run's policy file can be read and has no version of this name, so that a restatement took it back.
  func hasDropped(_ name: String) -> Bool { firstStart != nil && version(name) == nil }

  /// The version of the newest run's policy file; `nil` where it has none of this name.
  func version(_ name: String) -> PolicyVersion? { versions.first { $0.name == name } }

  /// The beginnings of incidents on which runs decided with the version.
  func reach(of version: String) -> Interval? { reaches[version] }
}
