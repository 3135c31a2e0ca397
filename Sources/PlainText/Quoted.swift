/// Writes texts of a file into errors: on one line, cut if long, with invisible characters escaped.
package enum Quoted {
  /// Between double quotes.
  package static func text(_ text: String) -> String {
    "\"\(bare(text, escapingQuotes: true))\""
  }

  /// Without quotes.
  package static func bare(_ text: String, escapingQuotes: Bool = false) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(longest) {
      if escapingQuotes, scalar == "\"" || scalar == "\\" {
        shown += "\\"
        shown.unicodeScalars.append(scalar)
      } else if isInvisible(scalar) {
        shown += escape(scalar.value)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return text.unicodeScalars.dropFirst(longest).isEmpty ? shown : shown + "…"
  }

  /// `U+200B`
  package static func codePoint(_ code: UInt32) -> String {
    "U+" + hexadecimal(code, digits: 4)
  }

  /// The escape that YAML has for a character between double quotes: `\n`, `\u200B`, `\U000E0001`.
  package static func escape(_ code: UInt32) -> String {
    switch code {
    case 0x09: "\\t"
    case 0x0A: "\\n"
    case 0x0D: "\\r"
    case ...0xFF: "\\x" + hexadecimal(code, digits: 2)
    case ...0xFFFF: "\\u" + hexadecimal(code, digits: 4)
    default: "\\U" + hexadecimal(code, digits: 8)
    }
  }

  /// Whether the character is invisible, looks like a space, or changes the order of others.
  /// Joiners are not escaped: some scripts need them.
  package static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x20, 0x7F...0xA0, 0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E,
      0x2060...0x206F,
      0xFEFF, 0xFFF9...0xFFFB, 0xFFFE, 0xFFFF, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }

  private static let longest = 60

  private static func hexadecimal(_ code: UInt32, digits: Int) -> String {
    let text = String(code, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
