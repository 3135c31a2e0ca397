public import Postgres
import RedressSQL

/// A run whose record does not match its digest, or of which one of the two is missing.
public struct VerifiedRecord: Sendable {
  public let runId: Int64
  public let hasRun: Bool
  public let hasDigest: Bool

  /// Every one, by run.
  public static func differing(_ connection: borrowing Connection) throws -> [VerifiedRecord] {
    try connection.rows(.verifyRecords) { row in
      VerifiedRecord(
        runId: try row.int64(0), hasRun: try row.bool(1), hasDigest: try row.bool(2))
    }
  }
}
