import CreditLedger
import Postgres
import ServiceCredits

/// How far back a night looks: which incidents it calculates, and what it reads of the source and of the ledger.
struct NightReach {
  let atHand: IncidentsAtHand
  let ledger: LedgerReach
  /// Terms, windows and exclusions that ended before it are not read: they are neither reconciled nor in force, and nothing
  /// that is read of the ledger belongs to them.
  let earliest: Instant

  /// - Parameters:
  ///   - connection: inside the night's snapshot.
  ///   - open: gives further connections on it.
  init(
    _ catalogue: borrowing SourceCatalogue, _ plan: ReconciliationPlan,
    _ connection: borrowing Connection, open: () throws -> Connection
  ) throws {
    atHand = try IncidentsAtHand(catalogue, window: plan.months, connection)
    ledger = try LedgerReach(
      from: atHand.firstMonth, incidents: atHand.reconciledIds(catalogue), connection, open: open)
    // No time zone is further than a day from UTC.
    let dayBefore = Int64(ledger.firstMonth.daysSinceUnixEpoch) - 1
    earliest = min(
      atHand.reach.start, plan.asOf, Instant(microseconds: dayBefore * 86_400_000_000))
  }

  /// Everything, for questions that do not reconcile.
  init(_ catalogue: borrowing SourceCatalogue, window: ClosedRange<BillingMonth>) {
    atHand = IncidentsAtHand(catalogue, window: window, recorded: [])
    ledger = .whole
    earliest = .distantPast
  }

  /// What is not settled of months before this one is carried forward. A night of old months leaves it where later nights
  /// have put it.
  var carriedBefore: BillingMonth {
    max(atHand.firstMonth, ledger.newest?.before ?? atHand.firstMonth)
  }
}
