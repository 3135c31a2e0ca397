import CLibPQ
import Glibc
import Synchronization

/// Cancels the running statement of the session that it was made from, from any thread.
///
/// It opens its own connection, and may outlive the session.
public final class Canceller: Sendable {
  /// libpq's `PGcancel` is only read after it is made, so any thread may use it.
  private nonisolated(unsafe) let request: OpaquePointer?

  init(_ pointer: OpaquePointer?) {
    request = pointer
  }

  deinit {
    PQfreeCancel(request)
  }

  /// Asks the server to cancel, and waits until it has accepted the request.
  ///
  /// If the statement ends because of it, the statement's caller gets an error of kind `cancelled`.
  /// - Parameter timeoutSeconds: when to stop waiting. The request may still arrive later.
  /// - Returns: nil, or why the request could not be sent.
  @discardableResult
  public func cancel(timeoutSeconds: Int = 10) -> String? {
    guard request != nil else { return "there is no session" }
    // On a thread, because libpq waits without a limit for a server that accepts the connection and
    // stays silent.
    let attempt = Attempt(self)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(attempt)
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Attempt>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return "no thread could be started"
    }
    pthread_detach(thread)
    return attempt.wait(seconds: timeoutSeconds)
  }

  fileprivate func send() -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      buffer.initialize(repeating: 0)
      if PQcancel(request, buffer.baseAddress, 256) == 1 { return nil }
      return oneLine(String(cString: buffer.baseAddress!))
    }
  }
}

/// One cancellation on its own thread. A socket pair signals the end.
private final class Attempt: Sendable {
  private let canceller: Canceller
  private let failure = Mutex<String?>(nil)
  private let readEnd: Int32
  private let writeEnd: Int32

  init(_ canceller: Canceller) {
    self.canceller = canceller
    var ends: [Int32] = [-1, -1]
    _ = socketpair(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    if readEnd >= 0 { close(readEnd) }
    if writeEnd >= 0 { close(writeEnd) }
  }

  func run() {
    let outcome = canceller.send()
    failure.withLock { $0 = outcome }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  func wait(seconds: Int) -> String? {
    guard readEnd >= 0 else { return "no socket pair could be made" }
    let ready = Postgres.wait(readEnd, events: Int32(POLLIN), until: Deadline(seconds: seconds))
    guard ready != 0 else { return "the server did not answer within \(seconds) seconds" }
    return failure.withLock { $0 }
  }
}
