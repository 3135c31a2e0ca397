public import Postgres
import RedressSQL
public import ServiceCredits

/// A run with the approval that it had; `nil` where it needed none.
public struct ListedRun: Sendable {
  public let runId: Int64
  public let approval: RecordedApproval?

  /// The newest runs, the oldest of them first.
  public static func newest(
    _ count: Int, _ connection: borrowing Connection
  ) throws -> [ListedRun] {
    try connection.rows(.listRuns, [.int64(Int64(count))]) { row in
      let approval = RecordedApproval(
        proposal: row.isNull(2) ? nil : row.id(2), approvedBy: row.isNull(3) ? nil : row.text(3),
        reason: row.isNull(5) ? nil : row.text(5), databaseUser: row.isNull(4) ? "" : row.text(4))
      return ListedRun(runId: try row.int64(0), approval: row.isNull(1) ? nil : approval)
    }
  }
}

/// What a run granted and took back in one currency, both positive.
public struct RunAmount: Sendable {
  public let runId: Int64
  public let granted: MoneyTotal
  public let takenBack: MoneyTotal

  /// Of every run from one on, by run and currency.
  public static func all(
    since runId: Int64, _ connection: borrowing Connection
  ) throws -> [RunAmount] {
    try connection.rows(.runAmounts, [.int64(runId)]) { row in
      let currency = try LedgerColumns.currency(row, 1)
      return RunAmount(
        runId: try row.int64(0), granted: total(row.text(2), currency),
        takenBack: total(row.text(3), currency))
    }
  }

  private static func total(_ minor: String, _ currency: Currency) -> MoneyTotal {
    guard let minor = Int128(minor) else {
      preconditionFailure("a sum of minor units is a whole number")
    }
    return MoneyTotal(totalMinor: minor, currency: currency)
  }
}

/// A proposal that may still be approved.
public struct PendingProposal: Sendable {
  public let digest: [UInt8]
  public let asOf: Instant
  public let months: ClosedRange<BillingMonth>
  public let recordedAt: Instant
  public let runBy: String
  public let policyDigest: [UInt8]
  /// JSON: the limits that were passed, a sentence each.
  public let limits: [UInt8]

  /// Those since the newest run, by time.
  public static func all(_ connection: borrowing Connection) throws -> [PendingProposal] {
    try connection.rows(.pendingProposals) { row in
      let first = BillingMonth(daysSinceUnixEpoch: try row.date(2))
      return PendingProposal(
        digest: row.id(0), asOf: Instant(microseconds: try row.timestamp(1)),
        months: first...max(first, BillingMonth(daysSinceUnixEpoch: try row.date(3))),
        recordedAt: Instant(microseconds: try row.timestamp(4)), runBy: row.text(5),
        policyDigest: row.id(6), limits: row.id(7))
    }
  }
}
