package import Postgres
import RedressSQL
package import ServiceCredits

/// A decision to close or reopen months: a row of `redress.month_closing`.
package struct MonthClosing: Sendable {
  package enum Action: String, Sendable {
    /// All months up to `month` are closed.
    case close
    /// `month` and all after it are open again.
    case reopen
  }

  /// Counts from 1.
  package let number: Int64
  package let action: Action
  package let month: BillingMonth
  package let reason: String
  package let decidedAt: Instant
  /// The database user.
  package let decidedBy: String
  /// The newest run then; 0 for none. The decision holds for all later runs.
  package let afterRun: Int64
  /// Of the row and of the digest before it.
  private let digest: [UInt8]

  /// The months that are closed once this was decided.
  package var closed: ClosedMonths {
    ClosedMonths(through: action == .close ? month : month.advanced(by: -1))
  }

  /// Every decision, by number. They are few.
  package static func all(_ connection: borrowing Connection) throws -> [MonthClosing] {
    try connection.rows(.monthClosings) { row in
      MonthClosing(
        number: try row.int64(0), action: row.text(1) == Action.close.rawValue ? .close : .reopen,
        month: BillingMonth(daysSinceUnixEpoch: try row.date(2)), reason: row.text(3),
        decidedAt: Instant(microseconds: try row.timestamp(4)), decidedBy: row.text(5),
        afterRun: try row.int64(6), digest: row.id(7))
    }
  }

  /// Appends a decision.
  /// - Parameter connection: has the run lock.
  package static func append(
    _ action: Action, _ month: BillingMonth, reason: String, after newest: MonthClosing?,
    newestRun: Int64, _ connection: borrowing Connection
  ) throws {
    try connection.query(
      RedressSQL.Query.insertMonthClosing.text,
      [
        .int64((newest?.number ?? 0) + 1), .text(action.rawValue),
        .date(month.daysSinceUnixEpoch), .text(reason), .int64(newestRun),
        newest.map { .bytes($0.digest) } ?? .null,
      ])
  }
}

extension ClosedMonths {
  /// What is closed as the ledger stands.
  package static func read(_ connection: borrowing Connection) throws -> ClosedMonths {
    try MonthClosing.all(connection).last?.closed ?? .none
  }

  /// What was closed for a run.
  /// - Parameter decisions: all, by number.
  package static func forRun(_ runId: Int64, _ decisions: [MonthClosing]) -> ClosedMonths {
    decisions.last { $0.afterRun < runId }?.closed ?? .none
  }
}

/// A row of `redress.month_closing` that differs from its digest, or that another number should
/// stand before.
package struct VerifiedClosing: Sendable {
  package let number: Int64
  package let expectedNumber: Int64
  /// Whether the digest is that of the row.
  package let isAsNoted: Bool

  /// Every one, by number.
  package static func differing(_ connection: borrowing Connection) throws -> [VerifiedClosing] {
    try connection.rows(.verifyMonthClosings) { row in
      VerifiedClosing(
        number: try row.int64(0), expectedNumber: try row.int64(1), isAsNoted: try row.bool(2))
    }
  }
}
