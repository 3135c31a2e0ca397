package import CreditLedger
import PolicyFiles
package import Postgres
import ServiceCredits

/// The policies of a ledger, in the order in which they were first used or adopted.
package struct PolicyHistory: Sendable {
  package struct Entry: Sendable {
    /// `nil` for a file that runs used before anything was adopted.
    package let adoption: Adoption?
    /// SHA-256 of the file.
    package let digest: [UInt8]
    /// The names of its versions; `nil` if the file is missing or not valid.
    package let versions: [String]?
    /// The numbers of the runs that used it, ascending.
    package let runs: [Int64]
  }

  package let entries: [Entry]

  package static func read(
    target: ConnectionTarget, interruption: Interruption
  ) throws -> PolicyHistory {
    try interruption.reading { _ in
      let connection = try interruption.connect(target)
      _ = try Snapshot(connection, needs: .ledger, nodes: NodeAccess(target, interruption))
      return try PolicyHistory(connection)
    }
  }

  private init(_ connection: borrowing Connection) throws {
    let adoptions = try Adoption.all(connection)
    let used = try RecordedRun.policyDigests(connection)
    var entries: [Entry] = []
    func add(_ adoption: Adoption?, _ digest: [UInt8], _ runs: [Int64]) throws {
      let content = try RecordedRun.policyFile(digest: digest, connection)
      let policy = content.flatMap { content in
        try? PolicyFile.parse(bytes: content, name: "policy file", isKept: true)
      }
      entries.append(
        Entry(
          adoption: adoption, digest: digest, versions: policy?.versions.map(\.name), runs: runs))
    }
    let firstAdopted = adoptions.first?.afterRun ?? .max
    let before = used.prefix { $0.runId <= firstAdopted }
    var seen: [[UInt8]] = []
    for run in before where !seen.contains(run.digest) { seen.append(run.digest) }
    for digest in seen {
      try add(nil, digest, before.filter { $0.digest == digest }.map(\.runId))
    }
    for (position, adoption) in adoptions.enumerated() {
      let last = position + 1 < adoptions.count ? adoptions[position + 1].afterRun : .max
      let runs = used.map(\.runId).filter { $0 > adoption.afterRun && $0 <= last }
      try add(adoption, adoption.policyDigest, runs)
    }
    self.entries = entries
  }
}
