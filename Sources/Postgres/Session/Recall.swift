import Synchronization

/// Lets one thread end the waits of a session that another thread uses.
///
/// Every wait of the session then fails with the kind `cancelled`, now and later, whether the
/// server answers or not. The session can only be dropped.
public final class Recall: Sendable {
  private let isMade = Atomic<Bool>(false)
  private let outer: Recall?

  /// - Parameter outer: a recall that this one is a part of: what it ends, this one ends too.
  public init(within outer: Recall? = nil) { self.outer = outer }

  /// May be called from any thread.
  public func send() {
    isMade.store(true, ordering: .sequentiallyConsistent)
  }

  public var isSent: Bool {
    isMade.load(ordering: .sequentiallyConsistent) || outer?.isSent ?? false
  }

  /// - Throws: the error of a wait that it ends.
  public func check() throws(PostgresError) {
    if isSent { throw PostgresError(.cancelled, "the session was called back") }
  }

  /// How long a wait may continue after the recall.
  static let noticedWithinMilliseconds = 50
}
