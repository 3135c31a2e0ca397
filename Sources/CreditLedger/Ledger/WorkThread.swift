import Glibc
import Synchronization

/// A thread that does one thing.
public final class WorkThread {
  /// `nil` once it is done, so that nothing that it uses is kept by it.
  private var body: (() -> Void)?
  private let hasEnded = Atomic<Bool>(false)
  private var thread = pthread_t()
  private var isJoined = false

  /// - Parameter body: may use what its caller uses only where both read, or until ``join()``.
  /// - Throws: `LedgerError.noThread`.
  public init(_ body: @escaping () -> Void) throws(LedgerError) {
    self.body = body
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { context in
        let work = Unmanaged<WorkThread>.fromOpaque(context!).takeRetainedValue()
        work.body?()
        work.body = nil
        work.hasEnded.store(true, ordering: .releasing)
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      isJoined = true
      throw .noThread(code: status)
    }
  }

  public var isOver: Bool { hasEnded.load(ordering: .acquiring) }

  /// Waits for the end.
  public func join() {
    guard !isJoined else { return }
    pthread_join(thread, nil)
    isJoined = true
  }

  deinit {
    precondition(isJoined, "a thread is waited for")
  }
}
