import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// A policy version that runs have used, with when it comes into force.
struct RecordedVersion {
  let version: PolicyVersion
  let start: Instant
  let firstRunId: Int64
}

extension RecordedVersion {
  /// Every version that a run has used, in the order in which they come into force.
  static func all(_ connection: borrowing Connection) throws -> [RecordedVersion] {
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

  /// The recorded versions as one policy; the built-in policy where there are none.
  static func document(of recorded: [RecordedVersion]) throws -> PolicyDocument {
    guard !recorded.isEmpty else { return PolicyFile.builtInDocument }
    let heading = "versions:\n"
    let bodies = recorded.map {
      PolicyFile.canonicalText(of: $0.version).dropFirst(heading.count)
    }
    return try PolicyFile.document(
      bytes: Array((heading + bodies.joined()).utf8), name: "the policy that runs have used")
  }
}
