import CreditLedger
import Digests
package import PolicyFiles
package import Postgres
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
  }

  /// A version that runs have used.
  package struct Conflict: Sendable {
    package let version: String
    package let change: Change
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
}

extension Reconciliation {
  /// Refuses a policy that changes which version decides, or the content of a version, where
  /// committed runs have decided.
  ///
  /// A version that runs have used must stay in the policy with the same content, and so with the
  /// same beginning. Its end may not move before the end in the newest run's policy file, or before
  /// the latest as-of instant of a run if that is earlier. Versions may be added after that.
  /// - Throws: `PolicyRewrite`.
  func checkPolicyHistory(_ connection: borrowing Connection, _ plan: ReconciliationPlan) throws {
    var used: [(name: String, digest: [UInt8])] = []
    try connection.query(RedressSQL.Query.recordedPolicyVersions.text) { row in
      used.append((try row.string(0), row.array(1) ?? []))
    }
    guard !used.isEmpty else { return }
    let before = try PolicyBefore(self, connection)
    let versions = request.policy.policy.versions
    var conflicts: [PolicyRewrite.Conflict] = []
    func add(
      _ version: String, _ change: PolicyRewrite.Change, from: Instant? = nil
    ) throws {
      conflicts.append(
        PolicyRewrite.Conflict(
          version: version, change: change,
          recorded: try Self.recorded(under: version, from: from, connection)))
    }
    for (name, digest) in used {
      let reach = before?.reach(of: name)
      guard let position = versions.firstIndex(where: { $0.name == name }) else {
        let takers = versions.indices.filter { other in
          reach?.overlaps(Interval(plan.starts[other], plan.end(of: other))) ?? false
        }
        try add(name, .missing(takers: takers.map { versions[$0].name }))
        continue
      }
      guard digest == PolicyFile.digest(of: versions[position]).bytes else {
        try add(name, .otherContent)
        continue
      }
      let end = plan.end(of: position)
      if let reach, end < reach.end {
        try add(name, .takenOver(by: versions[position + 1].name, from: end), from: end)
      }
    }
    guard conflicts.isEmpty else {
      throw PolicyRewrite(
        policy: request.policy.name, runId: before?.runId ?? 0,
        decidedUntil: before?.decidedUntil ?? .distantPast, conflicts: conflicts)
    }
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

extension ReconciliationPlan {
  /// The instant from which the version is no longer in force.
  fileprivate func end(of version: Int) -> Instant {
    version + 1 < starts.count ? starts[version + 1] : .distantFuture
  }
}

/// The policy file of the newest committed run, from the ledger.
package struct PolicyInUse {
  let runId: Int64
  /// The latest as-of instant of all committed runs.
  let decidedUntil: Instant
  private let content: [UInt8]

  /// Returns `nil` if no run has been committed.
  package init?(_ connection: borrowing Connection) throws {
    var newest: (runId: Int64, content: [UInt8], asOf: Instant)?
    try connection.query(RedressSQL.Query.policyInUse.text) { row in
      newest = (
        try row.int64(0), row.array(1) ?? [], Instant(microseconds: try row.timestamp(2))
      )
    }
    guard let newest else { return nil }
    (runId, content, decidedUntil) = newest
  }

  /// - Throws: `PolicyErrors` if this program refuses a file that an earlier version accepted.
  package func document() throws -> PolicyDocument {
    try PolicyFile.document(bytes: content, name: "the policy of run \(runId)")
  }
}

/// The policy of the newest committed run, and the time for which runs have decided.
private struct PolicyBefore {
  let runId: Int64
  let decidedUntil: Instant
  private var reaches: [String: Interval] = [:]

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
    for (position, version) in request.policy.policy.versions.enumerated() {
      let end = position + 1 < starts.count ? starts[position + 1] : .distantFuture
      reaches[version.name] = Interval(
        starts[position], max(starts[position], min(end, decidedUntil)))
    }
  }

  /// The beginnings of incidents on which runs decided with the version.
  func reach(of version: String) -> Interval? { reaches[version] }
}
