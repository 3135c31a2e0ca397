import Synchronization

/// Lets one thread end the waits of a session that another thread uses.
///
/// Every wait of the session then fails with the kind `cancelled`, now and later, whether the
/// server answers or not. The session can only be dropped.
public final class Recall: Sendable {
  private let isMade = Atomic<Bool>(false)

  public init() {}

  /// May be called from any thread.
  public func send() {
    isMade.store(true, ordering: .sequentiallyConsistent)
  }

  public var isSent: Bool { isMade.load(ordering: .sequentiallyConsistent) }

  /// How long a wait may continue after the recall.
  static let noticedWithinMilliseconds = 50
}
