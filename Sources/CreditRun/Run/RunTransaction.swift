import Glibc
import Postgres
import RedressSQL
import ServiceCredits

/// The transaction that writes a run. Other sessions ask the server about it by its number. The
/// process id of a session is not used, because a pooler invents one.
struct RunTransaction {
  let number: Int64
  /// When the transaction began. It identifies the run.
  let beganAt: Instant
  /// Whether it is committed on several nodes, one after the other.
  var isDistributed = false
  /// Whether what was read may be of more than one moment, so that the search for moved subscriptions is repeated.
  var repeatsSearch = false

  /// How many seconds a session may take to end by itself. If only its network connection is
  /// interrupted, it does not notice that and must be ended.
  static let graceSeconds = 3.0

  /// Waits until the transaction has ended. Ends its session after `graceSeconds`.
  /// - Parameter connection: in a transaction in which each statement sees what is committed.
  /// - Returns: whether the transaction has ended within `seconds`.
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

  /// Whether the transaction may still be open. Always `true` on a standby, which cannot know.
  /// - Throws: `PostgresError` if the server cannot be asked.
  func isOpen(_ connection: borrowing Connection) throws -> Bool {
    var isOpen = true
    try connection.query(RedressSQL.Query.transactionIsOpen.text, [.int64(number)]) { row in
      isOpen = try row.bool(0) || row.bool(1)
    }
    return isOpen
  }

  /// Ends the session of the transaction, if it is still open. A role may end its own sessions.
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
