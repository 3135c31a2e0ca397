import CreditLedger
import Digests
package import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// How a policy would decide anew what committed runs have decided.
/// - Source: credit rules, section 7.
package struct PolicyRewrite: Error, Sendable {
  package enum Change: Hashable, Sendable {
    /// The version has the same name and other content.
    case otherContent
    /// The policy has no version of this name.
    /// - Parameter takers: the versions that would decide on its incidents.
    case missing(takers: [String])
    /// Another version begins before the runs' as-of instant, and decides on its incidents from then on.
    case takenOver(by: String, from: Instant)
  }

  /// A version that runs have used.
  package struct Conflict: Sendable {
    package let version: String
    package let change: Change
    /// What is recorded under the version, of the incidents that would be decided anew; by currency.
    package let recorded: [(credits: Int64, total: MoneyTotal)]
  }

  /// The policy's name: that of the file, or the built-in one.
  package let policy: String
  /// The newest committed run.
  package let runId: Int64
  /// The latest as-of instant of a committed run.
  package let decidedUntil: Instant
  /// By version; never empty.
  package let conflicts: [Conflict]
}

extension Reconciliation {
  /// Refuses a policy that changes which version decides, or what it says, where committed runs have decided.
  ///
  /// A version that runs have used stays in the policy with the same content, and so with the same beginning. It also
  /// keeps its end, as the policy file of the newest run has it, as far as an as-of instant of a run has reached:
  /// versions may be added after that.
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
  /// When the version goes out of force.
  fileprivate func end(of version: Int) -> Instant {
    version + 1 < starts.count ? starts[version + 1] : .distantFuture
  }
}

/// The policy file of the newest committed run, as the ledger holds it.
package struct PolicyInUse {
  let runId: Int64
  /// The latest as-of instant of all committed runs.
  let decidedUntil: Instant
  private let content: [UInt8]

  /// `nil` where nothing has been committed.
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

  /// - Throws: `PolicyErrors` where this program refuses what an earlier one has accepted.
  package func document() throws -> PolicyDocument {
    try PolicyFile.document(bytes: content, name: "the policy of run \(runId)")
  }
}

/// The policy of the newest committed run, and how far runs have decided.
private struct PolicyBefore {
  let runId: Int64
  let decidedUntil: Instant
  private var reaches: [String: Interval] = [:]

  /// `nil` where nothing has been committed.
  init?(_ pass: Reconciliation, _ connection: borrowing Connection) throws {
    guard let newest = try PolicyInUse(connection) else { return nil }
    runId = newest.runId
    decidedUntil = newest.decidedUntil
    var request = pass.request
    // A reader that has become stricter since then must not keep every run from beginning.
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

  /// The incidents that the version decides on, as far as runs have decided.
  func reach(of version: String) -> Interval? { reaches[version] }
}
