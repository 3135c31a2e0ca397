/// A JSON document as a tree.
///
/// Strings are bytes, as ids are; they are not checked to be UTF-8. Numbers stay as text, so that
/// no decimal becomes a binary fraction.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number([UInt8])
  case string([UInt8])
  case array([JSONValue])
  /// In the order of the text.
  case object([Member])

  public struct Member: Hashable, Sendable {
    public let name: [UInt8]
    public let value: JSONValue

    package init(name: [UInt8], value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The text is not JSON.
  public struct SyntaxError: Error, Hashable, Sendable {
    /// The position of the byte at which reading stopped, from 0.
    public let offset: Int
  }

  /// - Throws: `SyntaxError` if `text` is not one JSON value (RFC 8259) or is nested more than 64
  ///   levels deep.
  public init(_ text: [UInt8]) throws(SyntaxError) {
    var reader = Reader(text: text)
    self = try reader.document()
  }

  /// The value of the first member with this name; `nil` if there is none or if this is not an
  /// object.
  public subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.elementsEqual(name.utf8) }?.value
  }

  public var string: [UInt8]? {
    if case .string(let bytes) = self { bytes } else { nil }
  }

  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }
}

private struct Reader {
  let text: [UInt8]
  var position = 0
  static let deepest = 64

  init(text: [UInt8]) {
    self.text = text
  }

  mutating func document() throws(JSONValue.SyntaxError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == text.count else { throw failure }
    return value
  }

  private var failure: JSONValue.SyntaxError { JSONValue.SyntaxError(offset: position) }

  private var byte: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ expected: UInt8) -> Bool {
    guard byte == expected else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
    guard depth < Reader.deepest else { throw failure }
    skipSpace()
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(JSONValue.SyntaxError) -> JSONValue {
    for expected in word.utf8 { guard take(expected) else { throw failure } }
    return value
  }

  private mutating func object(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard byte == UInt8(ascii: "\"") else { throw failure }
      let name = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure }
      members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw failure }
    }
  }

  private mutating func array(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(values) }
      guard take(UInt8(ascii: ",")) else { throw failure }
    }
  }

  private mutating func number() throws(JSONValue.SyntaxError) -> [UInt8] {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return Array(text[start..<position])
  }

  private mutating func digits() throws(JSONValue.SyntaxError) {
    let start = position
    while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw failure }
  }

  private mutating func string() throws(JSONValue.SyntaxError) -> [UInt8] {
    position += 1
    var bytes: [UInt8] = []
    while let byte {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return bytes
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      case 0..<0x20: throw failure
      default: bytes.append(byte)
      }
    }
    throw failure
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(JSONValue.SyntaxError) {
    guard let byte else { throw failure }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if (0xD800..<0xDC00).contains(code) {
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure }
        let low = try fourDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw failure }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure }
      bytes.append(contentsOf: UTF8.encode(scalar)!)
    default: throw failure
    }
  }

  private mutating func fourDigits() throws(JSONValue.SyntaxError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = byte.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw failure
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
