import Synchronization

/// Lets one thread call back a session that another one uses and may be waiting with.
///
/// Whatever the session waits for then fails with the kind `cancelled`, at once and from then on, whether the server
/// answers or not. Who uses the session can only drop it.
public final class Recall: Sendable {
  private let isMade = Atomic<Bool>(false)

  public init() {}

  /// From any thread.
  public func send() {
    isMade.store(true, ordering: .sequentiallyConsistent)
  }

  public var isSent: Bool { isMade.load(ordering: .sequentiallyConsistent) }

  /// How long a wait may go on after the recall.
  static let noticedWithinMilliseconds = 50
}
