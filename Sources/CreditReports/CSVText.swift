/// Fields of RFC 4180, appended as bytes.
///
/// Everything is decided on bytes, never on characters: a combining mark after a quote must not hide it.
public struct CSVText {
  /// Ends the previous field of the same line; the first call of a line adds nothing.
  @usableFromInline var isFirst = true

  public init() {}

  @inlinable
  mutating func separate(_ buffer: inout [UInt8]) {
    if isFirst { isFirst = false } else { buffer.append(UInt8(ascii: ",")) }
  }

  /// A text cell. What a spreadsheet would run as a formula gets an apostrophe in front.
  @inlinable
  public mutating func append(text: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
    separate(&buffer)
    let isFormula = CSVText.startsFormula(text)
    if CSVText.needsQuotes(text) {
      buffer.append(UInt8(ascii: "\""))
      if isFormula { buffer.append(UInt8(ascii: "'")) }
      for byte in text {
        if byte == UInt8(ascii: "\"") { buffer.append(byte) }
        buffer.append(byte)
      }
      buffer.append(UInt8(ascii: "\""))
    } else {
      if isFormula { buffer.append(UInt8(ascii: "'")) }
      buffer.append(contentsOf: text)
    }
  }

  public mutating func append(text: String, to buffer: inout [UInt8]) {
    var text = text
    text.withUTF8 { append(text: UnsafeRawBufferPointer($0), to: &buffer) }
  }

  /// A number, date or code of ours: nothing in it needs quoting.
  @inlinable
  public mutating func append(plain: StaticString, to buffer: inout [UInt8]) {
    separate(&buffer)
    buffer.append(
      contentsOf: UnsafeRawBufferPointer(start: plain.utf8Start, count: plain.utf8CodeUnitCount))
  }

  /// As `append(plain:)`, written by `body`.
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

  @usableFromInline
  static func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    if first == UInt8(ascii: " ") || last == UInt8(ascii: " ") { return true }
    for byte in text
    where byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\r")
      || byte == UInt8(ascii: "\n")
    {
      return true
    }
    return false
  }

  /// Whether a spreadsheet would take the cell for a formula: `=`, `+`, `-`, `@`, their full-width forms, and control
  /// characters that are skipped before one.
  @usableFromInline
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
@inlinable
public func appendInteger(_ value: Int64, to buffer: inout [UInt8]) {
  if value < 0 { buffer.append(UInt8(ascii: "-")) }
  appendDigits(value.magnitude, atLeast: 1, to: &buffer)
}

@inlinable
public func appendDigits(_ value: UInt64, atLeast width: Int, to buffer: inout [UInt8]) {
  withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
    var position = 20
    var rest = value
    repeat {
      position -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    while 20 - position < width {
      position -= 1
      digits[position] = UInt8(ascii: "0")
    }
    buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: digits[position...]))
  }
}

/// Appends `value` of 10 to the power of minus `decimals`, with the decimals it needs and at least `minimum`.
@inlinable
public func appendDecimal(
  _ value: Int64, decimals: Int, atLeast minimum: Int, to buffer: inout [UInt8]
) {
  if value < 0 { buffer.append(UInt8(ascii: "-")) }
  var scale: UInt64 = 1
  for _ in 0..<decimals { scale *= 10 }
  var (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: scale)
  appendDigits(whole, atLeast: 1, to: &buffer)
  var shown = decimals
  while shown > minimum, fraction % 10 == 0 {
    fraction /= 10
    shown -= 1
  }
  if shown > 0 {
    buffer.append(UInt8(ascii: "."))
    appendDigits(fraction, atLeast: shown, to: &buffer)
  }
  whole = 0
}
