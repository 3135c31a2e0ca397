import CLibPQ
import Glibc

/// Makes a connection.
///
/// Uses libpq's polling interface, so that an attempt can time out and the server's first messages
/// can be inspected (see ``HandshakeGuard``).
func connect(_ target: ConnectionTarget) throws(PostgresError) -> OpaquePointer {
  let secrets = try Secrets(of: target)
  var keywords = ["client_encoding", "fallback_application_name"]
  var values = ["UTF8", target.applicationName]
  if let conninfo = target.conninfo, !conninfo.isEmpty {
    // Later keywords win, so the encoding is UTF-8 whatever the string says.
    keywords.insert("dbname", at: 0)
    values.insert(conninfo, at: 0)
  }
  if let server = target.server {
    keywords += ["host", "port", "connect_timeout"]
    values += [server.host, "\(server.port)", "5"]
  }
  let started = withCStrings(keywords) { keywords in
    withCStrings(values) { values in PQconnectStartParams(keywords, values, 1) }
  }
  guard let handle = started else { throw PostgresError(.connection, "out of memory") }
  do throws(PostgresError) {
    try finishConnecting(handle, target)
    return handle
  } catch {
    PQfinish(handle)
    throw secrets.removed(from: error)
  }
}

private func finishConnecting(
  _ handle: OpaquePointer, _ target: ConnectionTarget
) throws(PostgresError) {
  guard PQstatus(handle) != CONNECTION_BAD else { throw failure(handle) }
  let options = EffectiveOptions(handle)
  var handshake = HandshakeGuard()
  let allowed = options.connectTimeoutSeconds
  var deadline = Deadline(seconds: allowed)
  var peer = SocketIdentity(PQsocket(handle))
  var state = PGRES_POLLING_WRITING
  while state != PGRES_POLLING_OK {
    let events: Int32
    switch state {
    case PGRES_POLLING_READING: events = Int32(POLLIN)
    case PGRES_POLLING_WRITING: events = Int32(POLLOUT)
    default: throw failure(handle)
    }
    guard wait(PQsocket(handle), events: events, until: deadline) != 0 else {
      throw PostgresError(
        .timedOut, "no connection to \(place(handle)) within \(allowed) seconds")
    }
    if events == Int32(POLLIN), !target.allowCleartextPassword {
      state = try handshake.poll(handle, until: deadline)
    } else {
      state = PQconnectPoll(handle)
    }
    // libpq tries another address or host, which gets its own time.
    let now = SocketIdentity(PQsocket(handle))
    if now != peer {
      peer = now
      handshake = HandshakeGuard()
      deadline = Deadline(seconds: allowed)
    }
  }
  options.applyKeepalives(to: PQsocket(handle))
}

private func failure(_ handle: OpaquePointer) -> PostgresError {
  let message = oneLine(String(cString: PQerrorMessage(handle)))
  return PostgresError(.connection, message.isEmpty ? "no connection" : message)
}

private func place(_ handle: OpaquePointer) -> String {
  let host = PQhost(handle).map { String(cString: $0) } ?? ""
  let port = PQport(handle).map { String(cString: $0) } ?? ""
  return "\(host.isEmpty ? "the server" : host) port \(port)"
}

private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  let pointers = copies.map { UnsafePointer($0) } + [nil]
  return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}

// MARK: Options

/// The values that follow from the string, the environment and the service file.
private struct EffectiveOptions {
  private var values: [String: String] = [:]

  init(_ handle: OpaquePointer) {
    guard let options = PQconninfo(handle) else { return }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
  }

  /// As libpq reads it: 0 and less mean no limit, 1 means 2. 10 if it is not set.
  var connectTimeoutSeconds: Int {
    guard let text = values["connect_timeout"], !text.isEmpty else { return 10 }
    guard let seconds = Int(text) else { return 10 }
    return seconds <= 0 ? 0 : max(seconds, 2)
  }

  /// A dead server is noticed after 30 s and three unanswered probes, or after 60 s of
  /// unacknowledged data.
  func applyKeepalives(to descriptor: Int32) {
    guard isInternetSocket(descriptor), values["keepalives"] != "0" else { return }
    func set(_ name: String, _ option: Int32, _ value: Int32) {
      // 0 is libpq's default and means the system's default, which is two hours.
      if let text = values[name], !text.isEmpty, text != "0" { return }
      var value = value
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
    set("keepalives_idle", TCP_KEEPIDLE, 30)
    set("keepalives_interval", TCP_KEEPINTVL, 10)
    set("keepalives_count", TCP_KEEPCNT, 3)
    set("tcp_user_timeout", TCP_USER_TIMEOUT, 60_000)
  }
}

func isInternetSocket(_ descriptor: Int32) -> Bool {
  var address = sockaddr_storage()
  var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
  let status = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
  }
  guard status == 0 else { return true }
  return Int32(address.ss_family) == AF_INET || Int32(address.ss_family) == AF_INET6
}

/// Tells a socket from another one that later has the same descriptor.
struct SocketIdentity: Equatable {
  private let device: UInt
  private let inode: UInt

  init(_ descriptor: Int32) {
    var status = stat()
    if descriptor >= 0, fstat(descriptor, &status) == 0 {
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
    } else {
      device = 0
      inode = 0
    }
  }
}

// MARK: Secrets

/// Values that must not be in a message.
private struct Secrets {
  private var values: [String] = []

  /// - Throws: `connectionString` if the string cannot be read. libpq's message may repeat any part
  ///   of the string, so its quotations are left out.
  init(of target: ConnectionTarget) throws(PostgresError) {
    add(PQconndefaults())
    guard let conninfo = target.conninfo, !conninfo.isEmpty else { return }
    if conninfo.hasPrefix("postgres://") || conninfo.hasPrefix("postgresql://") {
      // A password with an unescaped @ would become part of the host's name.
      let authority = conninfo.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
      guard authority.filter({ $0 == "@" }).count <= 1 else {
        throw PostgresError(
          .connectionString, "more than one @ before the database: write %40 for one in a password")
      }
    } else if !conninfo.contains("=") {
      // libpq takes a word without = for a database name.
      return
    }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(conninfo, &message)
    guard options != nil else {
      let text = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      throw PostgresError(.connectionString, Self.withoutQuotations(oneLine(text)))
    }
    add(options)
  }

  private mutating func add(_ options: UnsafeMutablePointer<PQconninfoOption>?) {
    guard let options else { return }
    defer { PQconninfoFree(options) }
    var option = options
    while option.pointee.keyword != nil {
      // libpq marks secret options with *.
      if let mark = option.pointee.dispchar, mark.pointee == CChar(UInt8(ascii: "*")),
        let value = option.pointee.val, value.pointee != 0
      {
        values.append(String(cString: value))
      }
      option += 1
    }
  }

  func removed(from error: PostgresError) -> PostgresError {
    var message = error.message
    for value in values {
      message = String(
        decoding: SecretBytes.masked(Array(value.utf8), in: Array(message.utf8)), as: UTF8.self)
    }
    guard message != error.message else { return error }
    return PostgresError(error.kind, message)
  }

  private static func withoutQuotations(_ text: String) -> String {
    var result = ""
    var isQuoted = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
        result += isQuoted ? "\"***" : "\""
      } else if !isQuoted {
        result.append(character)
      }
    }
    return result
  }
}
