package import Postgres
import Synchronization

/// A command was told to stop.
public struct Interrupted: Error, Hashable, Sendable {
  public let signal: Int32

  public init(signal: Int32) { self.signal = signal }
}

/// A request to stop, from a signal handler's thread to the run's.
public final class Interruption: Sendable {
  /// What comes of a request.
  public enum Response: Sendable {
    /// The run stops as soon as its connections have answered.
    case stopping
    /// There is no connection yet, and so nothing to bring to an end.
    case nothingBegun
    /// COMMIT is on its way; the run goes on and brings its files to their names.
    case tooLate
  }

  private struct State {
    var signal: Int32?
    var isCommitting = false
    var cancellers: [Canceller] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// Asks the run to stop and cancels what its connections are waiting for. From any thread, and again as long as
  /// the run has not ended: a statement may begin just after its connection was told.
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

  /// The signal, once there was one.
  public var requested: Int32? {
    state.withLock { $0.signal }
  }

  package func check() throws {
    if let requested { throw Interrupted(signal: requested) }
  }

  /// A connection that a request cancels.
  package func connect(_ target: ConnectionTarget) throws -> Connection {
    try check()
    let connection = try Connection(target)
    try watch(connection)
    return connection
  }

  /// Runs `body`, and says that it was interrupted where that is what made a statement fail.
  /// - Throws: what `body` throws; of the schema's errors what the server said, like everywhere else.
  private func translating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch MigrationError.postgres(let error) {
      try check()
      throw error
    } catch let error as PostgresError {
      // A cancelled statement is how an interruption ends.
      try check()
      throw error
    } catch let error as ReadingError {
      try check()
      throw error
    }
  }

  /// How often something that the server broke off in favour of another transaction is tried.
  private static let attempts = 3

  /// Runs `body`, and runs it again where the server broke it off in favour of another transaction.
  /// - Parameter again: called before it is; tells whether it may be.
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

  /// Runs `body`, which reads and writes nothing into the database, and runs it again where the server broke it off in
  /// favour of another transaction and nothing was told yet.
  package func reading<Result>(_ body: (Voice) throws -> Result) throws -> Result {
    let voice = Voice()
    do {
      return try repeating({ try body(voice) }, again: { _ in !voice.isRaised })
    } catch let error as PostgresError where error.isRetrySafe && voice.isRaised {
      throw ReadingError.brokenOff(error)
    }
  }

  /// Whether the same work may succeed if it is done again from its start, and nothing of it was done.
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

  /// The server has refused to commit, and so requests are heard again.
  package func commitRefused() {
    state.withLock { $0.isCommitting = false }
  }

  /// The last moment at which a request is heard.
  package func beginCommit() throws {
    try state.withLock { state in
      if let signal = state.signal { throw Interrupted(signal: signal) }
      state.isCommitting = true
    }
  }
}

/// Whether a part of what is read was told already, so that it cannot be told anew.
package final class Voice {
  private(set) var isRaised = false

  /// Before anything is told.
  package func raise() { isRaised = true }
}
