public import Postgres
import RedressSQL

/// What is wrong with the decisions about findings, and with findings that are told as accepted.
public struct VerifiedAcceptances: Sendable {
  /// Decisions that are not as they were noted, or out of order.
  public let decisions: [(number: Int32, isAsNoted: Bool, expected: Int32)]
  /// Runs that saw more decisions than there are.
  public let runs: [(runId: Int64, seen: Int64, found: Int64)]
  /// Findings that are told otherwise than was decided; 0 is not accepted.
  public let findings: [(runId: Int64, ordinal: Int32, found: Int32, expected: Int32)]

  public init(_ connection: borrowing Connection) throws {
    decisions = try connection.rows(.verifyAcceptances) { row in
      (try row.int32(0), try row.bool(1), try row.int32(2))
    }
    runs = try connection.rows(.verifyAcceptancesSeen) { row in
      (try row.int64(0), try row.int64(1), try row.int64(2))
    }
    findings = try connection.rows(.verifyAcceptedFindings) { row in
      (try row.int64(0), try row.int32(1), try row.int32(2), try row.int32(3))
    }
  }
}

/// Lines of a run on the pseudo invoice for set-offs that do not add up to zero.
public struct UnevenSetOff: Sendable {
  public let customer: String
  public let currency: String
  public let runId: Int64
  /// The sum in minor units, in decimal digits.
  public let amountMinor: String

  public static func all(_ connection: borrowing Connection) throws -> [UnevenSetOff] {
    try connection.rows(.verifySetOff) { row in
      UnevenSetOff(
        customer: row.text(0), currency: row.text(1), runId: try row.int64(2),
        amountMinor: row.text(3))
    }
  }
}
