/// Names of accounts as the plain-text formats allow them. Two names never become one.
enum AccountName {
  /// Escapes as `%C3` each byte of what hledger would read otherwise: two spaces end a name, and
  /// several signs begin a comment, a virtual posting or an amount.
  static func hledger(_ name: String) -> String { TagText.escape(name, keeping: ":&'") }

  /// Each part in ASCII letters, digits and dashes, as beancount wants it. What is none of these is
  /// written as two dashes and its bytes in hexadecimal. A part that does not begin with a capital
  /// or a digit gets `X--00` in front: no name has a zero byte.
  static func beancount(_ name: String) -> String {
    let parts = name.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return parts.map { String(decoding: part($0), as: UTF8.self) }.joined(separator: ":")
  }

  private static func part(_ bytes: Substring.UTF8View) -> [UInt8] {
    let bytes = Array(bytes)
    var written: [UInt8] = []
    for (position, byte) in bytes.enumerated() {
      // A dash stays where it cannot be taken for the beginning of two.
      let isDash =
        byte == UInt8(ascii: "-") && position > 0 && position + 1 < bytes.count
        && isPlain(bytes[position + 1])
      if isPlain(byte) || isDash {
        written.append(byte)
      } else {
        written += "--\(TagText.hexadecimal(byte))".utf8
      }
    }
    let first = written.first ?? 0
    let isBeginning =
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    return isBeginning ? written : Array("X--00".utf8) + written
  }

  static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
}

/// Texts of operators in tags and names. Two texts never become one.
enum TagText {
  /// Keeps letters and digits of every script, single spaces inside, and a few signs. Everything
  /// else is `%` and two hexadecimal digits for each byte.
  static func escape(_ text: String, keeping more: String = "") -> String {
    let kept = Set("-_./+\(more)".unicodeScalars)
    let scalars = Array(text.unicodeScalars)
    var escaped = ""
    for (position, scalar) in scalars.enumerated() {
      let isInnerSpace =
        scalar == " " && position > 0 && position + 1 < scalars.count
        && scalars[position - 1] != " " && scalars[position - 1] != ":"
        && scalars[position + 1] != ":"
      if isLetterOrDigit(scalar) || kept.contains(scalar) || isInnerSpace {
        escaped.unicodeScalars.append(scalar)
      } else {
        for byte in String(Character(scalar)).utf8 { escaped += "%\(hexadecimal(byte))" }
      }
    }
    return escaped
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return AccountName.isPlain(UInt8(scalar.value)) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .decimalNumber:
      return true
    default: return false
    }
  }

  /// Two capital digits.
  static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return byte < 16 ? "0\(digits)" : digits
  }
}
