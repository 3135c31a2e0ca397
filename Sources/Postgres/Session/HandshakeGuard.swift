import CLibPQ
import Glibc

/// Inspects what the server sends until it has accepted the user, so that a password is never sent
/// in clear text over a network.
///
/// On an unencrypted connection that is not a Unix socket, the bytes are taken from the socket
/// before libpq reads them. Only inspected bytes reach libpq: for one step, a socket pair replaces
/// the connection, and libpq's answer is then sent on. So the server cannot slip in a request. An
/// encrypted connection is not inspected: `sslmode` is there to require TLS with a verified
/// certificate.
struct HandshakeGuard {
  /// How many bytes of the current message are still to come.
  private var restOfMessage = 0

  /// Does one `PQconnectPoll` for a connection that has bytes to read.
  mutating func poll(
    _ handle: OpaquePointer, until deadline: Deadline
  ) throws(PostgresError) -> PostgresPollingStatusType {
    let descriptor = PQsocket(handle)
    guard descriptor >= 0, PQsslInUse(handle) == 0, PQgssEncInUse(handle) == 0,
      isInternetSocket(descriptor)
    else {
      return PQconnectPoll(handle)
    }
    switch PQstatus(handle) {
    case CONNECTION_SSL_STARTUP, CONNECTION_GSS_STARTUP:
      // One byte says whether the connection will be encrypted. If not, libpq must not read beyond
      // that byte.
      var answer: UInt8 = 0
      guard recv(descriptor, &answer, 1, Int32(MSG_PEEK)) == 1,
        answer == UInt8(ascii: "N")
      else { return PQconnectPoll(handle) }
      return try pass(1, handle)
    case CONNECTION_OK, CONNECTION_BAD, CONNECTION_STARTED, CONNECTION_MADE, CONNECTION_AUTH_OK:
      return PQconnectPoll(handle)
    default:
      return try pollAuthentication(handle, descriptor, until: deadline)
    }
  }

  private mutating func pollAuthentication(
    _ handle: OpaquePointer, _ descriptor: Int32, until deadline: Deadline
  ) throws(PostgresError) -> PostgresPollingStatusType {
    var seen = 0
    while true {
      var bytes = [UInt8](repeating: 0, count: 1 << 14)
      let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_PEEK))
      // libpq reports the end of the stream and errors.
      guard count > 0 else { return PQconnectPoll(handle) }
      let vetted = try vet(bytes[..<count])
      if vetted > 0 { return try pass(vetted, handle) }
      // The rest of the message has not arrived yet.
      guard !deadline.hasPassed else {
        throw PostgresError(.timedOut, "the server did not finish its first message")
      }
      if count == seen { usleep(2_000) }
      seen = count
    }
  }

  /// How many of `bytes` may be passed on: whole messages, and the available part of a message
  /// whose start was inspected.
  private mutating func vet(_ bytes: ArraySlice<UInt8>) throws(PostgresError) -> Int {
    var position = 0
    func number(at offset: Int) -> Int {
      bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + 4)]
        .reduce(0) { $0 << 8 | Int($1) }
    }
    while position < bytes.count {
      if restOfMessage > 0 {
        let part = min(restOfMessage, bytes.count - position)
        restOfMessage -= part
        position += part
        continue
      }
      guard bytes.count - position >= 5 else { break }
      let kind = bytes[bytes.startIndex + position]
      let length = number(at: position + 1)
      if kind == UInt8(ascii: "R") {
        guard bytes.count - position >= 9 else { break }
        guard (8...65_536).contains(length) else {
          throw PostgresError(.protocolViolation, "an authentication request of \(length) bytes")
        }
        if number(at: position + 5) == 3 {
          throw PostgresError(
            .insecureAuthentication,
            "the server asks for the password in clear text on a connection that is not encrypted")
        }
      } else if kind == UInt8(ascii: "E"), length >= 30_000 {
        // Servers before PostgreSQL 7.4 send a text here. libpq reports it and reads no further.
        return bytes.count
      }
      guard length >= 4, length <= 1 << 30 else {
        throw PostgresError(.protocolViolation, "a first message of \(length) bytes")
      }
      restOfMessage = 1 + length
    }
    return position
  }

  /// Passes the first `count` bytes of the socket to libpq, and lets it take its next step with
  /// only those.
  private func pass(
    _ count: Int, _ handle: OpaquePointer
  ) throws(PostgresError) -> PostgresPollingStatusType {
    let descriptor = PQsocket(handle)
    var bytes = [UInt8](repeating: 0, count: count)
    guard recv(descriptor, &bytes, count, 0) == count else {
      throw PostgresError(.connection, "the server closed the connection")
    }
    var pair: [Int32] = [-1, -1]
    let type =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
      throw PostgresError(.connection, "no socket pair could be made")
    }
    defer { close(pair[1]) }
    let real = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard real >= 0, Glibc.send(pair[1], bytes, count, Int32(MSG_NOSIGNAL)) == count,
      replace(descriptor, pair[0])
    else {
      close(pair[0])
      if real >= 0 { close(real) }
      throw PostgresError(.connection, "the connection could not be looked into")
    }
    let standIn = SocketIdentity(descriptor)
    close(pair[0])
    defer { close(real) }

    let state = PQconnectPoll(handle)

    // Sends libpq's answer to the server. If libpq gave the connection up, its descriptor may be
    // another socket by now.
    guard PQsocket(handle) == descriptor, SocketIdentity(descriptor) == standIn else {
      return state
    }
    var answer = [UInt8](repeating: 0, count: 1 << 14)
    var isSent = true
    while isSent {
      let size = recv(pair[1], &answer, answer.count, 0)
      guard size > 0 else { break }
      isSent = Glibc.send(real, answer, size, Int32(MSG_NOSIGNAL)) == size
    }
    guard replace(descriptor, real), isSent else {
      throw PostgresError(.connection, "the answer to the server could not be sent")
    }
    return state
  }
}

/// Makes `descriptor` refer to what `other` refers to.
private func replace(_ descriptor: Int32, _ other: Int32) -> Bool {
  dup2(other, descriptor) == descriptor && fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
}
