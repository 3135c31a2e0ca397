package import Postgres
import Synchronization

/// A signal asked the command to stop.
public struct Interrupted: Error, Hashable, Sendable {
  public let signal: Int32

  public init(signal: Int32) { self.signal = signal }
}

/// Passes a request to stop from a signal handler's thread to the run's thread.
public final class Interruption: Sendable {
  /// What follows from a request.
  public enum Response: Sendable {
    /// The run stops as soon as its connections have answered.
    case stopping
    /// There is no connection yet, so there is nothing to end.
    case nothingBegun
    /// COMMIT has been sent. The run continues and gives its files their names.
    case tooLate
  }

  private struct State {
    var signal: Int32?
    var isCommitting = false
    var cancellers: [Canceller] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// Asks the run to stop and cancels what its connections are waiting for. May be called from any
  /// thread. Call again until the run has ended, because a statement may begin just after a
  /// cancellation.
  @discardableResult
  public func request(signal number: Int32) -> Response {
    let cancellers = state.withLock { state -> [Canceller]? in
      guard !state.isCommitting else { return nil }
      if state.signal == nil { state.signal = number }
      return state.cancellers
    }
    guard let cancellers else { return .tooLate }
    for canceller in cancellers { canceller.cancel(timeoutSeconds: 1) }
    return cancellers.isEmpty ? .nothingBegun : .stopping
  }

  /// The signal; `nil` if there was no request.
  public var requested: Int32? {
    state.withLock { $0.signal }
  }

  package func check() throws {
    if let requested { throw Interrupted(signal: requested) }
  }

  /// Opens a connection that a request cancels.
  package func connect(_ target: ConnectionTarget) throws -> Connection {
    try check()
    let connection = try Connection(target)
    try watch(connection)
    return connection
  }

  /// Runs `body` and translates its errors.
  /// - Throws: `Interrupted` if a request made a statement fail, else the error of `body`. Of
  ///   `MigrationError.postgres` the server's error is thrown.
  private func translating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch MigrationError.postgres(let error) {
      try check()
      throw error
    } catch let error as PostgresError {
      // A request cancels the statement, so this error may come from it.
      try check()
      throw error
    } catch let error as ReadingError {
      try check()
      throw error
    }
  }

  /// How often work is tried that the server cancels in favour of another transaction.
  private static let attempts = 3

  /// Runs `body`. Runs it again if the server cancelled it in favour of another transaction.
  /// - Parameter again: called before each repetition; returns whether it is allowed.
  package func repeating<Result>(
    _ body: () throws -> Result, again: (any Error) -> Bool
  ) throws -> Result {
    for _ in 1..<Interruption.attempts {
      do {
        return try translating(body)
      } catch  where Interruption.isRepeatable(error) && requested == nil && again(error) {
        continue
      }
    }
    return try translating(body)
  }

  /// Runs `body`, which only reads from the database. Runs it again if the server cancelled it in
  /// favour of another transaction and nothing was reported yet.
  package func reading<Result>(_ body: (Voice) throws -> Result) throws -> Result {
    let voice = Voice()
    do {
      return try repeating({ try body(voice) }, again: { _ in !voice.isRaised })
    } catch let error as PostgresError where error.isRetrySafe && voice.isRaised {
      throw ReadingError.brokenOff(error)
    }
  }

  /// Whether the same work may succeed if it is repeated from its start. True only if none of it
  /// took effect.
  package static func isRepeatable(_ error: any Error) -> Bool {
    switch error {
    case let error as PostgresError: error.isRetrySafe
    case LedgerError.rewritten, LedgerError.transferredMeanwhile: true
    default: false
    }
  }

  func watch(_ connection: borrowing Connection) throws {
    let canceller = connection.makeCanceller()
    state.withLock { $0.cancellers.append(canceller) }
    try check()
  }

  /// The server refused to commit, so a request takes effect again.
  package func commitRefused() {
    state.withLock { $0.isCommitting = false }
  }

  /// Begins the commit. Later requests have no effect.
  /// - Throws: `Interrupted` if there was a request.
  package func beginCommit() throws {
    try state.withLock { state in
      if let signal = state.signal { throw Interrupted(signal: signal) }
      state.isCommitting = true
    }
  }
}

/// Whether a part of the result was reported already. It cannot be reported again then.
package final class Voice {
  private(set) var isRaised = false

  /// Call before anything is reported.
  package func raise() { isRaised = true }
}
