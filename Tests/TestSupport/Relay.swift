import Glibc
import Synchronization

/// A relay between libpq and a server that can stall, cut or record the connection.
///
/// Listens on a port of 127.0.0.1 or on a Unix socket, and passes everything on to the server's
/// Unix socket.
public final class Relay: Sendable {
  public enum Listening: Sendable {
    case tcp, unixSocket
  }

  private let listener: Int32
  private let serverSocket: String
  /// The port, if it listens on TCP.
  public let port: Int
  /// The folder to use as host, if it listens on a Unix socket.
  public let folder: String

  private let isStalled = Atomic<Bool>(false)
  private let isCut = Atomic<Bool>(false)
  private let isClosed = Atomic<Bool>(false)
  private let fromClient = Mutex<[UInt8]>([])

  public init(_ listening: Listening) throws {
    try TestServer.require()
    serverSocket = "\(TestServer.host)/.s.PGSQL.\(TestServer.port)"
    switch listening {
    case .tcp:
      (listener, port) = try listenOnLoopback()
      folder = ""
    case .unixSocket:
      folder = try temporaryFolder()
      port = 5432
      listener = try unixSocket("\(folder)/.s.PGSQL.5432", bind)
      guard listen(listener, 16) == 0 else { throw SocketError.failed("listen", errno) }
    }
    try startThread { [self] in accept() }
  }

  deinit {
    close(listener)
  }

  /// The host and port for a connection string.
  public var place: String {
    folder.isEmpty ? "host=127.0.0.1 port=\(port)" : "host='\(folder)' port=5432"
  }

  /// Stops passing bytes on. Neither side is told.
  public func stall() { isStalled.store(true, ordering: .relaxed) }

  /// Passes the held bytes on again.
  public func resume() { isStalled.store(false, ordering: .relaxed) }

  /// Closes all connections. New ones are closed at once.
  public func cut() { isCut.store(true, ordering: .relaxed) }

  /// Ends its threads and removes its folder.
  public func stop() {
    isClosed.store(true, ordering: .relaxed)
    guard !folder.isEmpty else { return }
    unlink("\(folder)/.s.PGSQL.5432")
    rmdir(folder)
  }

  /// Everything that the clients have sent so far.
  public var sentByClients: [UInt8] { fromClient.withLock { $0 } }

  private func accept() {
    while !isClosed.load(ordering: .relaxed) {
      guard isReadable(listener, milliseconds: 20) else { continue }
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { continue }
      try? startThread { [self] in serve(client) }
    }
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    guard let server = try? unixSocket(serverSocket, connect) else { return }
    defer { close(server) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !isClosed.load(ordering: .relaxed), !isCut.load(ordering: .relaxed) {
      if isStalled.load(ordering: .relaxed) {
        usleep(10_000)
        continue
      }
      var requests = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: server, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&requests, 2, 20) > 0 else { continue }
      if isStalled.load(ordering: .relaxed) { continue }
      for (from, to) in [(client, server), (server, client)] {
        guard requests[from == client ? 0 : 1].revents != 0 else { continue }
        let count = recv(from, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        if from == client { fromClient.withLock { $0 += buffer[..<count] } }
        var sent = 0
        while sent < count {
          let part = buffer[sent..<count].withUnsafeBytes {
            send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
          }
          guard part > 0 else { return }
          sent += part
        }
      }
    }
  }
}

/// A server that sends fixed answers, one after each message of the client.
public final class ScriptedServer: Sendable {
  public let port: Int
  private let listener: Int32
  private let answers: [[UInt8]]
  private let received = Mutex<[UInt8]>([])
  private let isClosed = Atomic<Bool>(false)

  public init(answers: [[UInt8]]) throws {
    self.answers = answers
    (listener, port) = try listenOnLoopback()
    try startThread { [self] in run() }
  }

  deinit {
    close(listener)
  }

  public func stop() { isClosed.store(true, ordering: .relaxed) }

  /// Everything that clients have sent.
  public var heard: [UInt8] { received.withLock { $0 } }

  private func run() {
    while !isClosed.load(ordering: .relaxed) {
      guard isReadable(listener, milliseconds: 20) else { continue }
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { continue }
      serve(client)
      close(client)
    }
  }

  private func serve(_ client: Int32) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var rest = answers[...]
    while !isClosed.load(ordering: .relaxed) {
      guard isReadable(client, milliseconds: 20) else { continue }
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      received.withLock { $0 += buffer[..<count] }
      guard let answer = rest.popFirst() else { continue }
      // Byte by byte, so that no reader can rely on whole messages.
      for byte in answer {
        var byte = byte
        guard send(client, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return }
      }
    }
  }
}

public enum SocketError: Error {
  case failed(String, Int32)
}

private func listenOnLoopback() throws -> (Int32, Int) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { throw SocketError.failed("socket", errno) }
  var on: Int32 = 1
  setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) + listen(descriptor, 16) + getsockname(descriptor, $0, &size)
    }
  }
  guard status == 0 else { throw SocketError.failed("bind", errno) }
  return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

private func unixSocket(
  _ path: String, _ action: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32
) throws -> Int32 {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { throw SocketError.failed("socket", errno) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
    throw SocketError.failed("path too long", ENAMETOOLONG)
  }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let status = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      action(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard status == 0 else {
    let code = errno
    close(descriptor)
    throw SocketError.failed(path, code)
  }
  return descriptor
}

/// A new folder that only this user can enter.
public func temporaryFolder() throws -> String {
  var template = Array("/tmp/redress-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw SocketError.failed("mkdtemp", errno) }
  return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
}

private func isReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&request, 1, milliseconds) > 0
}

/// Runs `body` on a new thread. For code that blocks, which Swift's own threads must not do.
public func startThread(_ body: @escaping @Sendable () -> Void) throws {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let context = Unmanaged.passRetained(Box(body))
  let status = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, context.toOpaque())
  guard status == 0 else {
    context.release()
    throw SocketError.failed("pthread_create", status)
  }
  pthread_detach(thread)
}
