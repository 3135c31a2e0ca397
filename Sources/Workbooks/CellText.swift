/// Encodes texts for cells.
enum CellText {
  /// The most characters that a cell holds.
  static let most = 32_767

  /// Encodes UTF-8 for the library, with a zero byte at its end.
  ///
  /// Characters that XML cannot hold, and carriage returns, which XML would change, become
  /// `_xHHHH_`. If the text itself contains such a sequence, its first byte is escaped. So readers
  /// get every text back unchanged.
  /// - Returns: whether the text was too long and has been cut.
  static func encode(_ text: UnsafeRawBufferPointer, into cell: inout [CChar]) -> Bool {
    cell.removeAll(keepingCapacity: true)
    var characters = 0
    // The longest prefix of the cell that leaves room for the mark of a cut.
    var lastFit = 0
    var position = 0
    while position < text.count {
      let byte = text[position]
      let length = sequenceLength(byte)
      let isEscaped = needsEscape(text, position)
      if characters < most { lastFit = cell.count }
      characters += isEscaped ? 7 : (length == 4 ? 2 : 1)
      if characters > most { return cut(&cell, at: lastFit) }
      if isEscaped {
        escape(
          length == 3 ? 0xFF00 | UInt16(0xC0 | text[position + 2] & 0x3F) : UInt16(byte),
          into: &cell)
      } else {
        for offset in position..<min(position + length, text.count) {
          cell.append(CChar(bitPattern: text[offset]))
        }
      }
      position += length
    }
    cell.append(0)
    return false
  }

  private static func cut(_ cell: inout [CChar], at end: Int) -> Bool {
    cell.removeSubrange(end...)
    for byte in "…".utf8 { cell.append(CChar(bitPattern: byte)) }
    cell.append(0)
    return true
  }

  private static func sequenceLength(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0x80..<0xE0: 2
    case 0xE0..<0xF0: 3
    default: 4
    }
  }

  /// Control characters except tab and line feed, U+FFFE and U+FFFF, and the start of text that
  /// looks like an escape.
  private static func needsEscape(_ text: UnsafeRawBufferPointer, _ position: Int) -> Bool {
    switch text[position] {
    case 0x09, 0x0A: false
    case 0..<0x20: true
    case 0xEF:
      position + 2 < text.count && text[position + 1] == 0xBF && text[position + 2] >= 0xBE
    case UInt8(ascii: "_"): isEscape(text, position)
    default: false
    }
  }

  /// `_x`, hexadecimal digits, `_`. The standard has four digits; LibreOffice accepts other numbers
  /// of them too.
  private static func isEscape(_ text: UnsafeRawBufferPointer, _ position: Int) -> Bool {
    guard position + 1 < text.count, text[position + 1] == UInt8(ascii: "x") else { return false }
    let behind = text[(position + 2)...].firstIndex { !isHexadecimal($0) }
    return behind.map { text[$0] == UInt8(ascii: "_") } ?? false
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
      UInt8(ascii: "a")...UInt8(ascii: "f"):
      true
    default: false
    }
  }

  private static func escape(_ unit: UInt16, into cell: inout [CChar]) {
    cell.append(CChar(UInt8(ascii: "_")))
    cell.append(CChar(UInt8(ascii: "x")))
    for shift in [12, 8, 4, 0] {
      let digit = UInt8(unit >> UInt16(shift) & 15)
      cell.append(CChar(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10))
    }
    cell.append(CChar(UInt8(ascii: "_")))
  }

  /// `value` times 10 to the power of minus `decimals`, with all its digits.
  static func decimal(_ value: Int128, decimals: Int) -> String {
    var digits = String(value.magnitude)
    if decimals > 0 {
      digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -decimals))
    }
    return (value < 0 ? "-" : "") + digits
  }
}
