import CreditLedger
import Glibc
import Postgres
import RedressSQL
import ServiceCredits

/// Asks the server what became of a COMMIT whose answer was lost.
///
/// The server may be restarting, so it is asked again until it answers. Its answer is final: as long as the old session
/// holds the run lock its transaction is not over, and once it does not, the run's row is there or never will be.
struct CommitQuestion {
  let target: ConnectionTarget
  let runId: Int64
  /// The time that the run's row carries.
  let beganAt: Instant
  /// The server's process behind the session that was lost.
  let backend: Int32
  /// For how long to go on asking.
  let seconds: Int

  /// How long the old session may take to end by itself. It does not notice where only the way to it is interrupted.
  private static let graceSeconds = 3.0

  /// - Returns: the connection that the answer came over where the run is recorded; `nil` where it is not.
  /// - Throws: `commitUnknown` where the server cannot be asked.
  func answer() throws -> Connection? {
    let clock = ContinuousClock()
    let start = clock.now
    var pauseMicroseconds: UInt32 = 20_000
    repeat {
      do {
        let connection = try Connection(target)
        let isPatient = clock.now - start < .seconds(CommitQuestion.graceSeconds)
        if try isOver(connection, isPatient: isPatient) {
          guard try isRecorded(connection) else { return nil }
          return connection
        }
      } catch is PostgresError {
        // Asked again: a server that starts refuses connections for a while.
      }
      usleep(pauseMicroseconds)
      pauseMicroseconds = min(pauseMicroseconds * 2, 1_000_000)
    } while clock.now - start < .seconds(seconds)
    throw RunError.commitUnknown(runId: runId)
  }

  private func isOver(_ connection: borrowing Connection, isPatient: Bool) throws -> Bool {
    var isHeld = true
    try connection.query(RedressSQL.Query.runLockHolder.text, [.int32(backend)]) {
      isHeld = try $0.bool(0)
    }
    if isHeld, !isPatient {
      try connection.query(RedressSQL.Query.endSession.text, [.int32(backend)])
    }
    return !isHeld
  }

  private func isRecorded(_ connection: borrowing Connection) throws -> Bool {
    var recorded: Instant?
    try connection.query(RedressSQL.Query.runBeganAt.text, [.int64(runId)]) {
      recorded = Instant(microseconds: try $0.timestamp(0))
    }
    return recorded == beganAt
  }
}
