import ServiceCredits
import Testing

@testable import PolicyFiles

/// Short policies for tests, and their pieces.
enum PolicySamples {
  static let hour: Int64 = 3_600_000_000

  /// The policy in `text`.
  static func policy(_ text: String) throws -> CreditPolicy {
    try PolicyFile.parse(bytes: Array(text.utf8), name: "policy.yaml")
  }

  /// The only version of a file with one tier and `lines`, which are indented by four spaces here.
  static func version(with lines: String = "") throws -> PolicyVersion {
    let text = """
      versions:
        - version: v
          effective_from: 2025-01-01
          time_zone: UTC
          tiers: [{severity: P0, longer_than: 1h, credit: 10%}]

      """
    let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
    return try #require(try policy(text + indented).versions.first)
  }

  static func tier(_ severity: Severity, _ longerThan: Int64, _ credit: Int32) -> CreditTier {
    CreditTier(severity: severity, longerThanMicroseconds: longerThan, credit: BasisPoints(credit))
  }
}
