import Postgres
import Synchronization

/// A request to stop, from a signal handler's thread to the run's.
public final class Interruption: Sendable {
  /// What comes of a request.
  public enum Outcome: Sendable {
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
  public func request(signal number: Int32) -> Outcome {
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

  func check() throws {
    if let requested { throw RunError.interrupted(signal: requested) }
  }

  /// A connection that a request cancels.
  func connect(_ target: ConnectionTarget) throws -> Connection {
    try check()
    let connection = try Connection(target)
    try watch(connection)
    return connection
  }

  /// Runs `body`, and says that it was interrupted where that is what made a statement fail.
  func translating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PostgresError {
      // A cancelled statement is how an interruption ends.
      try check()
      throw error
    }
  }

  func watch(_ connection: borrowing Connection) throws {
    let canceller = connection.makeCanceller()
    state.withLock { $0.cancellers.append(canceller) }
    try check()
  }

  /// The last moment at which a request is heard.
  func beginCommit() throws {
    try state.withLock { state in
      if let signal = state.signal { throw RunError.interrupted(signal: signal) }
      state.isCommitting = true
    }
  }
}
