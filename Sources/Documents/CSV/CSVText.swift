/// Appends fields of RFC 4180 as bytes.
///
/// Works on bytes, not on characters: a quote followed by a combining mark is a different
/// character, but still a quote.
public struct CSVText {
  /// Ends the previous field of the line. Appends nothing for the first field.
  @usableFromInline var isFirst = true

  public init() {}

  /// The mark by which Excel knows that a file is UTF-8. Belongs before the header.
  public static func appendByteOrderMark(to buffer: inout [UInt8]) {
    buffer += [0xEF, 0xBB, 0xBF]
  }

  @inlinable
  mutating func separate(_ buffer: inout [UInt8]) {
    if isFirst { isFirst = false } else { buffer.append(UInt8(ascii: ",")) }
  }

  /// Appends a text cell. A text that a spreadsheet would run as a formula gets an apostrophe in
  /// front.
  public mutating func append(text: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
    separate(&buffer)
    buffer.append(room: ByteCursor.room(forCell: text)) { $0.put(cell: text) }
  }

  public mutating func append(text: String, to buffer: inout [UInt8]) {
    var text = text
    text.withUTF8 { append(text: UnsafeRawBufferPointer($0), to: &buffer) }
  }

  /// Appends a number, date or code that needs no quoting.
  @inlinable
  public mutating func append(plain: StaticString, to buffer: inout [UInt8]) {
    separate(&buffer)
    buffer.append(
      contentsOf: UnsafeRawBufferPointer(start: plain.utf8Start, count: plain.utf8CodeUnitCount))
  }

  /// Like `append(plain:)`, written by `body`.
  @inlinable
  public mutating func append(
    to buffer: inout [UInt8], plain body: (inout [UInt8]) -> Void
  ) {
    separate(&buffer)
    body(&buffer)
  }

  @inlinable
  public mutating func appendEmpty(to buffer: inout [UInt8]) {
    separate(&buffer)
  }

  @inlinable
  public mutating func endLine(_ buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "\r"))
    buffer.append(UInt8(ascii: "\n"))
    isFirst = true
  }

  static func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    if first == UInt8(ascii: " ") || last == UInt8(ascii: " ") { return true }
    guard text.count >= 8 else {
      for byte in text
      where byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\r")
        || byte == UInt8(ascii: "\n")
      {
        return true
      }
      return false
    }
    // Eight bytes at a time. The last step may overlap the one before it.
    for offset in stride(from: 0, to: text.count - 8, by: 8)
    where mustBeQuoted(text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) {
      return true
    }
    return mustBeQuoted(text.loadUnaligned(fromByteOffset: text.count - 8, as: UInt64.self))
  }

  /// Whether one of eight bytes is a comma, a quote or the end of a line.
  @inline(__always)
  private static func mustBeQuoted(_ word: UInt64) -> Bool {
    // Subtracting 1 from each byte sets the highest bit of a zero byte.
    @inline(__always)
    func zeros(_ word: UInt64) -> UInt64 {
      (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
    let found =
      zeros(word ^ 0x2C2C_2C2C_2C2C_2C2C) | zeros(word ^ 0x2222_2222_2222_2222)
      | zeros(word ^ 0x0D0D_0D0D_0D0D_0D0D) | zeros(word ^ 0x0A0A_0A0A_0A0A_0A0A)
    return found != 0
  }

  /// Whether a spreadsheet would treat the cell as a formula: it begins with `=`, `+`, `-`, `@`,
  /// one of their full-width forms, or a tab or line end, which spreadsheets skip.
  static func startsFormula(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first else { return false }
    switch first {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"),
      UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
      return true
    case 0xEF:
      // U+FF1D, U+FF0B, U+FF0D and U+FF20.
      return text.count >= 3 && text[1] == 0xBC
        && (text[2] == 0x9D || text[2] == 0x8B || text[2] == 0x8D || text[2] == 0xA0)
    default:
      return false
    }
  }
}

/// Appends a whole number.
public func appendInteger(_ value: Int64, to buffer: inout [UInt8]) {
  buffer.append(room: ByteCursor.roomForNumber) { $0.put(integer: value) }
}

public func appendDigits(_ value: UInt64, atLeast width: Int, to buffer: inout [UInt8]) {
  buffer.append(room: max(width, ByteCursor.roomForNumber)) {
    $0.put(digits: value, atLeast: width)
  }
}

/// Appends `value` times 10 to the power of minus `decimals`, with the decimals that it needs and
/// at least `minimum`.
public func appendDecimal(
  _ value: Int64, decimals: Int, atLeast minimum: Int, to buffer: inout [UInt8]
) {
  buffer.append(room: ByteCursor.roomForNumber) {
    $0.put(value, decimals: decimals, atLeast: minimum)
  }
}
