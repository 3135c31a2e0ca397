package import CreditLedger
import Documents
import FrozenEvidence
import Postgres
import ServiceCredits

/// The newest runs of a ledger, and the proposals that wait to be approved.
package struct RunList: Sendable {
  package struct Run: Sendable {
    package let run: RecordedRun
    /// The policy version in force at the run's as-of instant; `nil` if its file cannot be read.
    package let policyVersion: String?
    /// Ascending by currency.
    package let amounts: [RunAmount]
    package let approval: RecordedApproval?
    package var files: FileNames { FileNames(runId: run.runId) }
  }

  package struct Waiting: Sendable {
    package let proposal: PendingProposal
    package let policyVersion: String?
    /// The limits that were passed, a sentence each.
    package let limits: [String]
    package var files: FileNames { FileNames(proposal: proposal.digest) }
  }

  /// The oldest first.
  package private(set) var runs: [Run] = []
  package private(set) var waiting: [Waiting] = []

  /// - Parameter count: how many runs are listed.
  package init(_ report: LedgerReport, last count: Int) throws {
    self = try report.interruption.reading { _ in
      let reader = try LedgerReader(report)
      return try RunList(reader.connection, last: count)
    }
  }

  private init(_ connection: borrowing Connection, last count: Int) throws {
    var policies: [[UInt8]: RecordedPolicy?] = [:]
    func version(
      _ digest: [UInt8], at asOf: Instant, _ connection: borrowing Connection
    ) throws -> String? {
      if policies[digest] == nil {
        let content = try RecordedRun.policyFile(digest: digest, connection)
        policies[digest] = .some(
          try content.flatMap { try RecordedPolicy(content: $0, name: "policy", connection) })
      }
      return policies[digest]??.version(at: asOf).name
    }
    let listed = try ListedRun.newest(count, connection)
    let amounts = Dictionary(
      grouping: try RunAmount.all(since: listed.first?.runId ?? 0, connection), by: \.runId)
    for entry in listed {
      guard let run = try RecordedRun.find(entry.runId, connection) else { continue }
      runs.append(
        Run(
          run: run, policyVersion: try version(run.policyDigest, at: run.asOf, connection),
          amounts: amounts[entry.runId] ?? [], approval: entry.approval))
    }
    for proposal in try PendingProposal.all(connection) {
      waiting.append(
        Waiting(
          proposal: proposal,
          policyVersion: try version(proposal.policyDigest, at: proposal.asOf, connection),
          limits: RunList.sentences(proposal.limits)))
    }
  }

  private static func sentences(_ json: [UInt8]) -> [String] {
    let values = (try? JSONValue(json))?.array ?? []
    return values.compactMap { $0.string.map { String(decoding: $0, as: UTF8.self) } }
  }
}

extension LedgerReport {
  /// The number of the newest run.
  /// - Throws: `RecordError.noSuchRun` where none is committed.
  package func newestRun() throws -> Int64 {
    try interruption.reading { _ in
      let reader = try LedgerReader(self)
      let newest = try RecordedRun.newest(reader.connection)
      guard newest > 0 else { throw RecordError.noSuchRun(runId: 1, newest: 0) }
      return newest
    }
  }
}
