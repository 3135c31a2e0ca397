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

  fileprivate static func total(_ minor: String, _ currency: Currency) -> MoneyTotal {
    guard let minor = Int128(minor) else {
      preconditionFailure("a sum of minor units is a whole number")
    }
    return MoneyTotal(totalMinor: minor, currency: currency)
  }
}

/// What runs of one day have granted and taken back without anybody's approval, in minor units. Limits count it to
/// what a later run of the day comes to, so that a night in slices passes no limit that it would not pass as a whole.
public struct DayAmounts: Sendable {
  public private(set) var grantedMinor: [Currency: Int128] = [:]
  public private(set) var takenBackMinor: [Currency: Int128] = [:]

  public init() {}

  /// - Parameters:
  ///   - runId: runs before it count.
  ///   - instant: the day in UTC on which they began, by the server's clock.
  public init(
    before runId: Int64, on instant: Instant, _ connection: borrowing Connection
  ) throws {
    let rows = try connection.rows(
      .amountsEarlierThatDay, [.int64(runId), .timestamptz(instant.microseconds)]
    ) { row in
      let currency = try LedgerColumns.currency(row, 0)
      return (RunAmount.total(row.text(1), currency), RunAmount.total(row.text(2), currency))
    }
    for (granted, takenBack) in rows {
      add(granted: granted.totalMinor, takenBack: takenBack.totalMinor, granted.currency)
    }
  }

  public mutating func add(granted: Int128, takenBack: Int128, _ currency: Currency) {
    grantedMinor[currency, default: 0] += granted
    takenBackMinor[currency, default: 0] += takenBack
  }
}

/// The instant by which a policy's controls hold: its limits, two persons, late corrections and set-offs.
public enum ControlsInstant {
  /// The latest instant that a run up to `runId` took for now; `nil` where there is none.
  public static func newest(
    upTo runId: Int64, _ connection: borrowing Connection
  ) throws -> Instant? {
    try connection.rows(.controlsAt, [.int64(runId)]) { row in
      try row.isNull(0) ? nil : Instant(microseconds: row.timestamp(0))
    }.first ?? nil
  }
}

/// A proposal that waits: no run was committed by it, and nothing later has decided on its months.
public struct PendingProposal: Sendable {
  public let digest: [UInt8]
  public let asOf: Instant
  public let months: ClosedRange<BillingMonth>
  public let recordedAt: Instant
  public let runBy: String
  public let policyDigest: [UInt8]
  /// JSON: the limits that were passed, a sentence each.
  public let limits: [UInt8]

  /// All of them, by time.
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
