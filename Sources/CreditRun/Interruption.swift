import Postgres
import Synchronization

/// A request to stop, from a signal handler's thread to the run's.
public final class Interruption: Sendable {
  private let signal = Atomic<Int32>(0)
  private let cancellers = Mutex<[Canceller]>([])

  public init() {}

  /// Asks the run to stop and cancels what its connections are waiting for. From any thread.
  public func request(signal number: Int32) {
    signal.store(number, ordering: .sequentiallyConsistent)
    for canceller in cancellers.withLock({ $0 }) { _ = canceller.cancel() }
  }

  /// The signal, once there was one.
  public var requested: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  func check() throws {
    if let requested { throw RunError.interrupted(signal: requested) }
  }

  func watch(_ connection: borrowing Connection) {
    let canceller = connection.makeCanceller()
    cancellers.withLock { $0.append(canceller) }
  }
}
