public import Postgres
import RedressSQL

/// A row of `redress.placement` that does not match its digest, or that follows a missing number.
public struct VerifiedPlacementRow: Sendable {
  public let customer: String
  public let invoice: String
  public let currency: String
  public let number: Int32
  public let expectedNumber: Int32
  /// Whether the digest is that of the row.
  public let isAsNoted: Bool

  /// Every one, by its key.
  public static func differing(_ connection: borrowing Connection) throws -> [VerifiedPlacementRow]
  {
    try connection.rows(.verifyPlacementRows) { row in
      VerifiedPlacementRow(
        customer: row.text(0), invoice: row.text(1), currency: row.text(2),
        number: try row.int32(3), expectedNumber: try row.int32(4), isAsNoted: try row.bool(5))
    }
  }
}
