import HTTPClient
package import ServiceCredits

/// Where messages are sent to.
package struct RemoteAddress: Sendable {
  /// Without a slash at its end.
  let base: String
  let isLoopback: Bool

  /// - Parameter text: `https://api.stripe.com`. Without a password, and with `http` only to this machine.
  /// - Throws: `HandoverError.badAddress`.
  package init(_ text: String) throws(HandoverError) {
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[1].isEmpty, !parts[2].isEmpty,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw .badAddress(.noURL) }
    let scheme = parts[0].lowercased()
    guard scheme == "https:" || scheme == "http:" else { throw .badAddress(.notHTTP) }
    let authority = parts[2]
    guard !authority.contains("@") else { throw .badAddress(.hasPassword) }
    guard !text.contains("?"), !text.contains("#") else { throw .badAddress(.hasQuery) }
    let host =
      authority.first == "["
      ? String(authority.dropFirst().prefix { $0 != "]" })
      : String(authority.prefix { $0 != ":" })
    isLoopback = host == "127.0.0.1" || host == "localhost" || host == "::1"
    guard scheme == "https:" || isLoopback else { throw .badAddress(.plainHTTP) }
    base = text.last == "/" ? String(text.dropLast()) : text
  }
}

/// What the other system knows us by. It is never written anywhere.
package struct RemoteSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let headers: [(name: String, value: String)]
  private let values: [String]

  package static let none = RemoteSecret(headers: [], values: [])

  private init(headers: [(name: String, value: String)], values: [String]) {
    self.headers = headers
    self.values = values
  }

  /// - Parameter bytes: a key on one line, which is sent as `Authorization: Bearer`; or headers, one a line.
  /// - Throws: `HandoverError.badSecret`.
  package init(_ bytes: [UInt8], for system: BalanceSystem) throws(HandoverError) {
    guard let text = String(validating: bytes, as: UTF8.self),
      text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\r" || (0x20...0x7E) ~= $0.value })
    else { throw .badSecret(system, .unreadable) }
    let lines = text.split(whereSeparator: \.isNewline).map { RemoteSecret.trimmed($0) }
      .filter { !$0.isEmpty }
    guard let first = lines.first else { throw .badSecret(system, .empty) }
    if lines.count == 1, !first.contains(":") {
      guard system != .killbill else { throw .badSecret(system, .headersExpected) }
      self.init(headers: [("Authorization", "Bearer \(first)")], values: [first])
      return
    }
    var headers: [(name: String, value: String)] = []
    var values: [String] = []
    for (number, line) in lines.enumerated() {
      let parts = line.split(separator: ":", maxSplits: 1).map { RemoteSecret.trimmed($0) }
      guard parts.count == 2, !parts[0].contains(" "), !parts[1].isEmpty else {
        throw .badSecret(system, .badHeader(line: number + 1))
      }
      headers.append((parts[0], parts[1]))
      values.append(parts[1])
      values += parts[1].split(separator: " ").dropFirst().map(String.init)
    }
    self.init(headers: headers, values: values.sorted { $0.utf8.count > $1.utf8.count })
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }

  /// The request with the secret, as it is sent.
  func request(_ request: HandoverRequest, to address: RemoteAddress) -> HTTPRequest {
    HTTPRequest(
      method: request.method, url: address.base + request.path,
      headers: request.headers.map { ($0.name, $0.value) } + headers, body: Array(request.body.utf8)
    )
  }

  /// The text without the secret, where the other system repeats it.
  func removed(from text: String) -> String {
    values.filter { $0.utf8.count >= 4 }.reduce(text) { $0.replacing($1, with: "***") }
  }

  package var description: String { "***" }
  package var debugDescription: String { "***" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
