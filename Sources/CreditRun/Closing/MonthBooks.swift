package import CreditLedger
package import Postgres
import RedressSQL
package import ServiceCredits

/// Why months were neither closed nor reopened.
package enum ClosingError: Error, Sendable {
  /// The month is not over at the instant taken for now.
  case monthIsNotOver(BillingMonth, at: Instant)
  /// No run has taken an instant after the month for now, so not all of it is worked out.
  case monthIsNotSettled(BillingMonth, asOf: Instant?)
  /// The month is closed already, and all before it.
  case alreadyClosed(BillingMonth, through: BillingMonth)
  /// The month is open, and all after it; `through` is the last closed one.
  case notClosed(BillingMonth, through: BillingMonth?)
  case reasonMissing
}

/// Closes months and opens them again.
///
/// Books are closed in order: what is closed is always all months up to one, so that no open month has a
/// closed one after it.
package struct MonthBooks: Sendable {
  private let target: ConnectionTarget
  private let interruption: Interruption

  package init(target: ConnectionTarget, interruption: Interruption = Interruption()) {
    self.target = target
    self.interruption = interruption
  }

  /// What a decision has changed.
  package struct Change: Sendable {
    package let before: ClosedMonths
    package let after: ClosedMonths
  }

  /// Closes all months up to `month`.
  /// - Parameter now: the instant taken for now; `nil` for the server's clock. A later one than that counts as the clock's:
  ///   what is to come is never closed.
  /// - Throws: `ClosingError`, and `RunError.anotherRunIsActive` while a run goes on.
  package func close(
    through month: BillingMonth, reason: String, now: Instant?
  ) throws -> Change {
    try decide(.close, month, reason: reason) { before, settled in
      if let through = before.through, month <= through {
        throw ClosingError.alreadyClosed(month, through: through)
      }
      let now = min(now ?? settled.present, settled.present)
      guard month < now.utcDay.billingMonth else {
        throw ClosingError.monthIsNotOver(month, at: now)
      }
      guard let asOf = settled.asOf, month < asOf.utcDay.billingMonth else {
        throw ClosingError.monthIsNotSettled(month, asOf: settled.asOf)
      }
    }
  }

  /// Opens `month` and all after it.
  /// - Throws: `ClosingError`, and `RunError.anotherRunIsActive` while a run goes on.
  package func reopen(from month: BillingMonth, reason: String) throws -> Change {
    try decide(.reopen, month, reason: reason) { before, _ in
      guard let through = before.through, month <= through else {
        throw ClosingError.notClosed(month, through: before.through)
      }
    }
  }

  /// Every decision, by number.
  package func decisions() throws -> [MonthClosing] {
    try interruption.reading { _ in
      let connection = try interruption.connect(target)
      _ = try Snapshot(connection, needs: .ledger, nodes: NodeAccess(target, interruption))
      return try MonthClosing.all(connection)
    }
  }

  /// How far runs have come.
  private struct Settled {
    var newestRun: Int64 = 0
    var asOf: Instant?
    var present = Instant(microseconds: 0)
  }

  /// - Throws: `ContractError` with what the user's role lacks.
  private func requireRights() throws {
    let connection = try interruption.connect(target)
    _ = try Snapshot(
      connection, needs: [.ledger, .deciding], nodes: NodeAccess(target, interruption))
  }

  private func decide(
    _ action: MonthClosing.Action, _ month: BillingMonth, reason: String,
    _ check: (ClosedMonths, Settled) throws -> Void
  ) throws -> Change {
    guard reason.utf8.contains(where: { $0 > UInt8(ascii: " ") }) else {
      throw ClosingError.reasonMissing
    }
    try requireRights()
    let connection = try interruption.connect(target)
    try RunLock.begin(connection)
    guard try RunLock.take(connection) != nil else { throw RunError.anotherRunIsActive }
    // What is placed is posted on its own day, which may be one of the month's last.
    try RunLock.keepInvoicingOut(connection)
    var settled = Settled()
    try connection.query(RedressSQL.Query.newestSettled.text) { row in
      settled.newestRun = try row.int64(0)
      settled.asOf = try row.isNull(1) ? nil : Instant(microseconds: row.timestamp(1))
      settled.present = Instant(microseconds: try row.timestamp(2))
    }
    let newest = try MonthClosing.all(connection).last
    let before = newest?.closed ?? .none
    try check(before, settled)
    try MonthClosing.append(
      action, month, reason: reason, after: newest, newestRun: settled.newestRun, connection)
    try connection.commit()
    let last = action == .close ? month : month.advanced(by: -1)
    return Change(before: before, after: ClosedMonths(through: last))
  }
}
