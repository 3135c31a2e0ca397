import Dispatch
import Glibc
import Synchronization

/// A proxy between libpq and a server's Unix socket. It reads the messages of protocol 3 and asks a
/// watcher before and after each message whether to go on.
///
/// On one connection, the messages come in the same order every time. A program with one thread
/// opens its connections in the same order. So connection, sender and ordinal identify a message in
/// every run. Only the order of messages of different connections can change.
public final class ProtocolProxy: Sendable {
  public enum Sender: String, Hashable, Sendable {
    case program, server
  }

  public enum Moment: String, Hashable, Sendable, CaseIterable {
    case before, after
  }

  /// One message of either side.
  public struct Message: Hashable, Sendable, CustomStringConvertible {
    /// The session's number, from 0. Sessions that only send a cancellation are not counted.
    public let connection: Int
    public let sender: Sender
    /// The number of the message among those of this sender on this connection, from 0.
    public let ordinal: Int
    /// The protocol's letter; `^` for the first message, which has no letter.
    public let kind: Character
    /// The statement of a query, the tag of a completed command, or the state of a ready session
    /// (`I` outside a transaction); otherwise empty.
    public let text: String

    public var description: String {
      let text =
        text.isEmpty
        ? "" : " \(text.prefix(40).split(whereSeparator: \.isNewline).joined(separator: " "))"
      return "connection \(connection), \(sender) message \(ordinal) (\(kind)\(text))"
    }

    /// Whether it is the same message of another run. The text is not compared.
    public func isSame(as other: Message) -> Bool {
      connection == other.connection && sender == other.sender && ordinal == other.ordinal
    }
  }

  /// What to do with the connection.
  public enum Verdict: Sendable {
    case goOn
    /// Both sides see the end of the stream. A message that was not passed on yet is not passed on.
    case closeConnection
    case closeEverything
    /// Nothing is passed on any more. The server notices when the program gives up.
    case stall
    /// Nothing is passed on any more, and the server never notices.
    case partition
  }

  public typealias Watcher = @Sendable (Message, Moment) -> Verdict

  /// The value for `PGHOST`.
  public let folder: String
  private let upstream: String
  private let listener: Int32
  private let watcher: Watcher
  private let state = Mutex(State())
  /// Held while the watcher works, so that messages have an order.
  private let gate = Mutex(())

  /// One for each direction of a connection that is still passing on messages.
  private let pumps = DispatchGroup()

  private struct State {
    var sessions = 0
    var pairs: [Pair] = []
    var backends: [Int: Int32] = [:]
    var isStopped = false
  }

  /// - Parameter server: the folder of the server's socket, port 5432.
  public init(server: String, watcher: @escaping Watcher) throws {
    folder = try temporaryFolder("proxy")
    upstream = "\(server)/.s.PGSQL.5432"
    self.watcher = watcher
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0, withAddress("\(folder)/.s.PGSQL.5432", { bind(listener, $0, $1) }) == 0,
      listen(listener, 64) == 0
    else { throw SystemError("listen", errno) }
    inBackground("proxy") { [self] in accept() }
  }

  /// Waits until all messages of an ended program are passed on and the watcher has finished.
  public func drain() {
    pumps.wait()
  }

  /// Ends every connection and the listener.
  public func stop() {
    let pairs = state.withLock { state in
      state.isStopped = true
      return state.pairs
    }
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    for pair in pairs { pair.shut() }
    unlink("\(folder)/.s.PGSQL.5432")
    rmdir(folder)
  }

  /// The server's process of a session; `nil` until the server has sent it.
  public func backend(of connection: Int) -> Int32? {
    state.withLock { $0.backends[connection] }
  }

  private func accept() {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      _ = fcntl(client, F_SETFD, FD_CLOEXEC)
      let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard withAddress(upstream, { connect(server, $0, $1) }) == 0 else {
        close(client)
        close(server)
        continue
      }
      let pair = Pair(client: client, server: server)
      let isStopped = state.withLock { state in
        state.pairs.append(pair)
        return state.isStopped
      }
      if isStopped { pair.shut() }
      for sender in [Sender.program, .server] {
        pumps.enter()
        inBackground("proxy, \(sender.rawValue)") { [self] in
          pump(pair, sender)
          if sender == .program || !pair.isIsolated { pumps.leave() }
        }
      }
    }
  }

  private func pump(_ pair: Pair, _ sender: Sender) {
    let source = sender == .program ? pair.client : pair.server
    let target = sender == .program ? pair.server : pair.client
    var pending: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var ordinal = 0
    reading: while true {
      let count = read(source, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      if pair.isStalled { continue }
      pending += chunk[..<count]
      var start = 0
      while let message = next(&start, in: pending, sender, ordinal, pair) {
        ordinal += 1
        if pair.isStalled { break }
        guard pass(message, pending[message.range], to: target, pair) else { break reading }
      }
      pending.removeFirst(start)
    }
    if sender == .server || !pair.isIsolated { pair.shut() }
    pair.leave()
  }

  private struct Framed {
    let range: Range<Int>
    /// `nil` if the watcher is not asked about it.
    let message: Message?
  }

  private func next(
    _ start: inout Int, in bytes: [UInt8], _ sender: Sender, _ ordinal: Int, _ pair: Pair
  ) -> Framed? {
    func number(_ offset: Int) -> Int {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let isFirst = sender == .program && ordinal == 0
    let head = isFirst ? 0 : 1
    guard bytes.count - start >= head + 4 else { return nil }
    let end = start + head + number(start + head)
    guard end <= bytes.count else { return nil }
    let range = start..<end
    start = end
    if isFirst {
      // 80877102 is a request to cancel another session's statement.
      guard bytes.count >= 8, number(range.lowerBound + 4) != 80_877_102 else {
        return Framed(range: range, message: nil)
      }
      pair.session = state.withLock { state in
        state.sessions += 1
        return state.sessions - 1
      }
    }
    guard let session = pair.session else { return Framed(range: range, message: nil) }
    let kind = isFirst ? Character("^") : Character(UnicodeScalar(bytes[range.lowerBound]))
    var text = ""
    switch (sender, kind) {
    case (.server, "Z"):
      text = String(decoding: bytes[(range.lowerBound + 5)..<end], as: UTF8.self)
    case (.program, "Q"), (.server, "C"):
      text = String(decoding: bytes[(range.lowerBound + 5)..<(end - 1)], as: UTF8.self)
    case (.program, "P"):
      let body = bytes[(range.lowerBound + 5)..<end].drop { $0 != 0 }.dropFirst()
      text = String(decoding: body.prefix { $0 != 0 }, as: UTF8.self)
    case (.server, "K"):
      let backend = Int32(number(range.lowerBound + 5))
      state.withLock { $0.backends[session] = backend }
    default: break
    }
    return Framed(
      range: range,
      message: Message(
        connection: session, sender: sender, ordinal: ordinal, kind: kind, text: text))
  }

  /// - Returns: whether the connection continues.
  private func pass(
    _ framed: Framed, _ bytes: ArraySlice<UInt8>, to target: Int32, _ pair: Pair
  ) -> Bool {
    guard let message = framed.message else { return send(bytes, to: target) }
    guard obey(ask(message, .before), pair) else { return pair.isStalled }
    guard send(bytes, to: target) else { return false }
    return obey(ask(message, .after), pair) || pair.isStalled
  }

  private func ask(_ message: Message, _ moment: Moment) -> Verdict {
    gate.withLock { _ in watcher(message, moment) }
  }

  /// - Returns: whether messages are still passed on.
  private func obey(_ verdict: Verdict, _ pair: Pair) -> Bool {
    switch verdict {
    case .goOn: return true
    case .stall:
      pair.stall()
      return false
    case .partition:
      pair.stall()
      if pair.isolate() { pumps.leave() }
      return false
    case .closeConnection:
      pair.shut()
      return false
    case .closeEverything:
      for pair in state.withLock({ $0.pairs }) { pair.shut() }
      return false
    }
  }

  private func send(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = Glibc.send(
          target, bytes.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        offset += count
      }
      return true
    }
  }

  /// The two sockets of a connection. They are closed when both directions have ended.
  private final class Pair: Sendable {
    let client: Int32
    let server: Int32
    private let state = Mutex(State())

    private struct State {
      var session: Int?
      var isStalled = false
      var isIsolated = false
      /// That have not ended.
      var directions = 2
    }

    init(client: Int32, server: Int32) {
      self.client = client
      self.server = server
    }

    var session: Int? {
      get { state.withLock { $0.session } }
      set { state.withLock { $0.session = newValue } }
    }

    var isStalled: Bool { state.withLock { $0.isStalled } }

    func stall() { state.withLock { $0.isStalled = true } }

    var isIsolated: Bool { state.withLock { $0.isIsolated } }

    /// - Returns: whether it was not isolated before.
    func isolate() -> Bool {
      state.withLock { state in
        defer { state.isIsolated = true }
        return !state.isIsolated
      }
    }

    func shut() {
      state.withLock { state in
        guard state.directions > 0 else { return }
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
      }
    }

    func leave() {
      state.withLock { state in
        state.directions -= 1
        guard state.directions == 0 else { return }
        close(client)
        close(server)
      }
    }
  }
}
