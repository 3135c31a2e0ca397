import Glibc
import Postgres

/// Passwords in connection strings and in the environment, which must not be shown.
///
/// The PostgreSQL module keeps them out of its own errors. This is for all other texts that may
/// repeat an argument, mainly the parser's messages.
struct Secrets {
  private let values: [String]

  /// The secrets of this process.
  static let known = Secrets(
    arguments: CommandLine.arguments,
    environment: (["PGPASSWORD", "PGSSLPASSWORD"] as [String]).compactMap { name in
      getenv(name).map { String(cString: $0) }
    })

  init(arguments: [String], environment: [String] = []) {
    var values = Set(environment)
    for argument in arguments { values.formUnion(Secrets.passwords(in: argument)) }
    // Longer ones first, because they may contain shorter ones.
    self.values = values.filter { !$0.isEmpty }.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
  }

  func removed(from text: String) -> String {
    var bytes = Array(text.utf8)
    for value in values {
      bytes = SecretBytes.masked(Array(value.utf8), in: bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether `argument` looks like a connection string with a password.
  static func isSecret(_ argument: String) -> Bool {
    !passwords(in: argument).isEmpty
  }

  // MARK: Where passwords stand

  /// Everything in `text` that libpq could take for a password, even if the string is malformed.
  static func passwords(in text: String) -> [String] {
    assigned(in: text) + inAuthority(of: text)
  }

  /// The values of `password=` and `sslpassword=`, quoted or not, in strings and in the query of a
  /// URI.
  private static func assigned(in text: String) -> [String] {
    let bytes = Array(text.utf8)
    let lowercase = bytes.map { (65...90).contains($0) ? $0 + 32 : $0 }
    let name = Array("password".utf8)
    var found: [String] = []
    var position = 0
    while position + name.count <= bytes.count {
      guard lowercase[position...].starts(with: name) else {
        position += 1
        continue
      }
      position += name.count
      var index = position
      while index < bytes.count, isSpace(bytes[index]) { index += 1 }
      guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { continue }
      index += 1
      while index < bytes.count, isSpace(bytes[index]) { index += 1 }
      let quoted = index < bytes.count && bytes[index] == UInt8(ascii: "'")
      if quoted { index += 1 }
      var value: [UInt8] = []
      var raw: [UInt8] = []
      while index < bytes.count {
        let byte = bytes[index]
        if quoted ? byte == UInt8(ascii: "'") : isSpace(byte) || byte == UInt8(ascii: "&") { break }
        raw.append(byte)
        if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
          index += 1
          raw.append(bytes[index])
        }
        value.append(bytes[index])
        index += 1
      }
      found += forms(raw) + forms(value)
      position = index
    }
    return found
  }

  /// The password of `scheme://user:password@host`.
  private static func inAuthority(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    guard let mark = firstIndex(of: Array("://".utf8), in: bytes) else { return [] }
    let rest = bytes[(mark + 3)...]
    // The last @, because the password may contain an unescaped @ or a slash.
    guard let at = rest.lastIndex(of: UInt8(ascii: "@")),
      let colon = rest[..<at].firstIndex(of: UInt8(ascii: ":"))
    else { return [] }
    return forms(Array(rest[(colon + 1)..<at]))
  }

  /// The text as it is, and with %-escapes decoded.
  private static func forms(_ bytes: [UInt8]) -> [String] {
    guard !bytes.isEmpty else { return [] }
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let byte = UInt8(
          String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
      {
        decoded.append(byte)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    let forms = [String(decoding: bytes, as: UTF8.self)]
    return decoded == bytes ? forms : forms + [String(decoding: decoded, as: UTF8.self)]
  }

  private static func firstIndex(of part: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= part.count else { return nil }
    return (0...(bytes.count - part.count)).first { bytes[$0...].starts(with: part) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

/// Hides arguments from the process list, where everybody can read them.
enum ProcessTitle {
  /// Overwrites every argument that contains a password, and every value of `--database`, in the
  /// memory that the process list shows. ``CommandLine/arguments`` keeps them.
  static func hideSecrets() {
    // The standard library copies the arguments when they are first used.
    let arguments = CommandLine.arguments
    var isDatabase = false
    for index in 1..<max(1, Int(CommandLine.argc)) where index < arguments.count {
      guard let pointer = CommandLine.unsafeArgv[index] else { continue }
      let argument = arguments[index]
      if isDatabase || Secrets.isSecret(argument) || argument.hasPrefix("--database=") {
        let kept = argument.hasPrefix("--database=") ? "--database=".utf8.count : 0
        let length = strlen(pointer)
        memset(pointer + kept, Int32(UInt8(ascii: "x")), max(0, length - kept))
      }
      isDatabase = argument == "--database"
    }
  }
}
