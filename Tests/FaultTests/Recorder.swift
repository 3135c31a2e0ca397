import Synchronization
import TestSupport

/// The messages that a proxy saw, in an order that is the same every time.
final class Recorder: Sendable {
  private let seen = Mutex<[ProtocolProxy.Message]>([])

  func add(_ message: ProtocolProxy.Message) {
    seen.withLock { $0.append(message) }
  }

  var messages: [ProtocolProxy.Message] {
    seen.withLock { $0 }.sorted {
      ($0.connection, $0.sender.rawValue, $0.ordinal)
        < ($1.connection, $1.sender.rawValue, $1.ordinal)
    }
  }
}
