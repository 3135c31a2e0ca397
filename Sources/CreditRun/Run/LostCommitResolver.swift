import CreditLedger
import Glibc
import Postgres
import RedressSQL
import ServiceCredits

/// Asks the server what became of a COMMIT whose answer was lost.
///
/// The server may be restarting, so it is asked again until it answers. Its answer is final: as long as the transaction
/// goes on nobody knows, and once it does not, the run's row is there or never will be.
struct LostCommitResolver {
  let target: ConnectionTarget
  let runId: Int64
  let transaction: RunTransaction
  /// For how long to go on asking.
  let seconds: Int

  /// - Returns: whether the run is recorded.
  /// - Throws: `commitUnknown` where the server cannot be asked.
  func answer() throws -> Bool {
    let clock = ContinuousClock()
    let start = clock.now
    var pause = Pause()
    repeat {
      do {
        let connection = try Connection(target)
        // Each statement must see what was committed before it: the row comes into sight before the lock is given up.
        try connection.begin(.asking, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
        if try !transaction.isOpen(connection) { return try isRecorded(connection) }
        if clock.now - start > .seconds(RunTransaction.graceSeconds) {
          try transaction.end(connection)
        }
      } catch is PostgresError {
        // Asked again: a server that starts refuses connections for a while.
      }
      pause.sleep()
    } while clock.now - start < .seconds(seconds)
    throw RunError.commitUnknown(runId: runId)
  }

  private func isRecorded(_ connection: borrowing Connection) throws -> Bool {
    var recorded: Instant?
    try connection.query(RedressSQL.Query.runBeganAt.text, [.int64(runId)]) {
      recorded = Instant(microseconds: try $0.timestamp(0))
    }
    return recorded == transaction.beganAt
  }
}
