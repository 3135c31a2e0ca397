import Dispatch
import Synchronization

/// Runs work on its own thread, where it may block: a second session next to the test's.
final class InBackground<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ work: @escaping @Sendable () throws -> Value) {
    let thread = DispatchQueue(label: "second session")
    thread.async { [self] in
      let outcome = Result { try work() }
      result.withLock { $0 = outcome }
      isDone.signal()
    }
  }

  /// Waits for the work to end and returns its result. Call it once only.
  func value() throws -> Value {
    isDone.wait()
    guard let outcome = result.withLock({ $0 }) else { preconditionFailure("the work is over") }
    return try outcome.get()
  }
}
