package import CreditLedger
package import PolicyFiles
package import Postgres
import RedressSQL
package import ServiceCredits

/// A policy version that runs have used, with the instant from which it is in force.
package struct RecordedVersion {
  package let version: PolicyVersion
  let start: Instant
  let firstRunId: Int64
}

extension RecordedVersion {
  /// Every version that a run has used, in the order in which they came into force.
  package static func all(_ connection: borrowing Connection) throws -> [RecordedVersion] {
    var versions: [(PolicyVersion, Int64)] = []
    try connection.query(RedressSQL.Query.explainVersions.text) { row in
      let version = try PolicyFile.version(
        canonicalText: row.array(0) ?? [], name: "redress.policy_version")
      versions.append((version, try row.int64(1)))
    }
    var recorded: [RecordedVersion] = []
    for (version, firstRunId) in versions {
      try connection.query(
        RedressSQL.Query.versionStart.text,
        [.text(version.timeZone), .text(version.effectiveFrom.text)]
      ) { row in
        recorded.append(
          RecordedVersion(
            version: version, start: Instant(microseconds: try row.timestamp(0)),
            firstRunId: firstRunId))
      }
    }
    return recorded.sorted { $0.start < $1.start }
  }

  /// The recorded versions as one policy; the built-in policy if there are none.
  package static func document(of recorded: [RecordedVersion]) throws -> PolicyDocument {
    guard !recorded.isEmpty else { return PolicyFile.builtInDocument }
    let heading = "versions:\n"
    let bodies = recorded.map {
      PolicyFile.canonicalText(of: $0.version).dropFirst(heading.count)
    }
    return try PolicyFile.document(
      bytes: Array((heading + bodies.joined()).utf8), name: "the policy that runs have used",
      isKept: true)
  }
}

/// The policy that a run read, with the instant from which each version is in force.
package struct RecordedPolicy {
  package let policy: CreditPolicy
  /// The first instant of each version.
  let starts: [Instant]

  /// - Returns: `nil` if the bytes are not a valid policy file.
  package init?(content: [UInt8], name: String, _ connection: borrowing Connection) throws {
    guard let policy = try? PolicyFile.parse(bytes: content, name: name, isKept: true)
    else { return nil }
    var starts: [Instant] = []
    for version in policy.versions {
      try connection.query(
        RedressSQL.Query.versionStart.text,
        [.text(version.timeZone), .text(version.effectiveFrom.text)]
      ) { starts.append(Instant(microseconds: try $0.timestamp(0))) }
    }
    self.policy = policy
    self.starts = starts
  }

  /// The version whose limits hold for a run: the one in force at its as-of instant, else the
  /// first.
  /// - Source: credit rules, section 10.
  package func version(at asOf: Instant) -> PolicyVersion {
    policy.versions[SourceCatalogue.version(at: asOf, starts: starts) ?? 0]
  }

  /// The policy that a run read.
  /// - Throws: `RecordError` if its file is missing or not valid.
  package static func of(
    _ run: RecordedRun, _ connection: borrowing Connection
  ) throws -> RecordedPolicy {
    guard let content = try RecordedRun.policyFile(digest: run.policyDigest, connection) else {
      throw RecordError.policyFileMissing(runId: run.runId)
    }
    guard
      let policy = try RecordedPolicy(
        content: content, name: "policy file of run \(run.runId)", connection)
    else { throw RecordError.policyFileUnreadable(runId: run.runId) }
    return policy
  }
}
