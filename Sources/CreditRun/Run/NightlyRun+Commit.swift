import CreditLedger
import Postgres
import RedressSQL

extension NightlyRun {
  /// Commits, and looks whether every node has.
  /// - Throws: `commitUnknown` or `committedHidden` where the files have to wait for the next run.
  func commit(
    _ connection: consuming Connection, runId: Int64, _ transaction: RunTransaction
  ) throws {
    try commitOrAsk(connection, runId: runId, transaction)
    if transaction.isDistributed, !isVisible(runId) {
      throw RunError.committedHidden(runId: runId)
    }
  }

  /// Commits. Where the answer is lost, the server is asked whether the run is there.
  private func commitOrAsk(
    _ connection: consuming Connection, runId: Int64, _ transaction: RunTransaction
  ) throws {
    let failure: PostgresError
    do throws(PostgresError) {
      try connection.commit()
      return
    } catch {
      guard !connection.isUsable else {
        interruption.commitRefused()
        throw error
      }
      failure = error
    }
    // Closed, so that the server may notice and end what it has not committed.
    NightlyRun.close(connection)
    let question = LostCommitResolver(
      target: options.request.target, runId: runId, transaction: transaction,
      seconds: options.askingSeconds)
    guard try question.answer() else { throw failure }
  }

  private static func close(_ connection: consuming Connection) {}

  /// Whether every row of the run that is committed can be seen; then that is noted. What keeps the server from answering
  /// may keep a node from committing, so no answer is none.
  private func isVisible(_ runId: Int64) -> Bool {
    do {
      let connection = try Connection(options.request.target)
      try RunLock.begin(connection)
      _ = try NightlyRun.requireVisible(connection)
      try NightlyRun.noteVisible(runId, connection)
      try connection.commit()
      return true
    } catch {
      return false
    }
  }

  static func noteVisible(_ runId: Int64, _ connection: borrowing Connection) throws {
    try connection.query(RedressSQL.Query.insertVisibleRun.text, [.int64(runId)])
  }
}
