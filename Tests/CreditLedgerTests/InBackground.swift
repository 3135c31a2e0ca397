import Dispatch
import Synchronization

/// Work on a thread of its own, which may block: a second session beside the test's.
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

  /// Waits for the work to end. Once only.
  func value() throws -> Value {
    isDone.wait()
    guard let outcome = result.withLock({ $0 }) else { preconditionFailure("the work is over") }
    return try outcome.get()
  }
}
