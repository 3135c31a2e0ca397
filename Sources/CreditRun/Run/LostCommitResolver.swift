import CreditLedger
import Glibc
import Postgres
import RedressSQL
import ServiceCredits

/// Asks the server whether a COMMIT succeeded whose answer was lost.
///
/// The server may be restarting, so the question is repeated until it answers. Once the transaction
/// has ended, the answer is final: the row of the run exists, or it never will.
struct LostCommitResolver {
  let target: ConnectionTarget
  let runId: Int64
  let transaction: RunTransaction
  /// How long the question is repeated.
  let seconds: Int

  /// - Returns: whether the run is recorded.
  /// - Throws: `commitUnknown` if the server gives no answer within `seconds`.
  func answer() throws -> Bool {
    let clock = ContinuousClock()
    let start = clock.now
    var pause = Pause()
    repeat {
      do {
        let connection = try Connection(target)
        // Each statement must see what was committed before it, because the row becomes visible
        // before the lock is released.
        try connection.begin(.asking, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
        if try !transaction.isOpen(connection) { return try isRecorded(connection) }
        if clock.now - start > .seconds(RunTransaction.graceSeconds) {
          try transaction.end(connection)
        }
      } catch is PostgresError {
        // Repeats the question: a starting server refuses connections for some time.
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
