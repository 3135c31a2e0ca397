import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// The locks of the one transaction that may decide: a run, and whoever closes months or adopts a policy.
enum RunLock {
  /// How long invoicing transactions that have begun are waited for.
  static let waitSeconds = 60

  /// Begins the writing transaction, whatever default_transaction_read_only says.
  static func begin(_ connection: borrowing Connection) throws {
    do throws(PostgresError) {
      try connection.begin(.writing, lockTimeoutSeconds: waitSeconds)
    } catch {
      throw error.sqlState == "0A000" ? ContractError([.standby]) : error
    }
  }

  /// Takes the run lock, which lasts until the transaction ends.
  /// - Returns: the transaction; `nil` where somebody else holds the lock.
  static func take(_ connection: borrowing Connection) throws -> RunTransaction? {
    var transaction: RunTransaction?
    try connection.query(RedressSQL.Query.tryRunLock.text) { row in
      guard try row.bool(0) else { return }
      transaction = RunTransaction(
        number: try row.int64(2), beganAt: Instant(microseconds: try row.timestamp(1)))
    }
    return transaction
  }

  /// Waits for invoicing transactions that have begun, and lets no other begin.
  /// - Throws: `RunError.invoicingIsBusy`.
  static func keepInvoicingOut(_ connection: borrowing Connection) throws {
    do {
      try connection.query(RedressSQL.Query.placementLock.text)
    } catch let error as PostgresError where error.sqlState == "55P03" {
      throw RunError.invoicingIsBusy(waitedSeconds: waitSeconds)
    }
  }
}
