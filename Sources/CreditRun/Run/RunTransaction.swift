import Glibc
import Postgres
import RedressSQL
import ServiceCredits

/// The transaction that writes a run, as other sessions can ask the server about it: by its own number. The process
/// behind a session does not do, because a pooler makes one up.
struct RunTransaction {
  let number: Int64
  /// When it began, by which the run can be recognised.
  let beganAt: Instant
  /// Whether it is committed on several nodes, one after the other.
  var isDistributed = false

  /// For how long a session may take to end by itself. It does not notice where only the way to it is interrupted.
  static let graceSeconds = 3.0

  /// Waits until the transaction is over. After a while its session is ended.
  /// - Parameter connection: in a transaction that sees with each statement what is committed.
  /// - Returns: whether it is over after `seconds`.
  func waitForEnd(_ connection: borrowing Connection, seconds: Double) throws -> Bool {
    let clock = ContinuousClock()
    let start = clock.now
    var pause = Pause()
    while try isOpen(connection) {
      let waited = clock.now - start
      guard waited < .seconds(seconds) else { return false }
      if waited > .seconds(RunTransaction.graceSeconds) { try end(connection) }
      pause.sleep()
    }
    return true
  }

  /// - Throws: `PostgresError` where the server cannot tell, a standby among them.
  func isOpen(_ connection: borrowing Connection) throws -> Bool {
    var isOpen = true
    try connection.query(RedressSQL.Query.transactionIsOpen.text, [.int64(number)]) { row in
      isOpen = try row.bool(0) || row.bool(1)
    }
    return isOpen
  }

  /// Ends the session that the transaction goes on in, where that is allowed. It is the same role's.
  func end(_ connection: borrowing Connection) throws {
    try connection.query(RedressSQL.Query.endTransaction.text, [.int64(number)])
  }
}

/// A wait that grows from 20 ms to a second.
struct Pause {
  private var microseconds: UInt32 = 20_000

  mutating func sleep() {
    usleep(microseconds)
    microseconds = min(microseconds * 2, 1_000_000)
  }
}
