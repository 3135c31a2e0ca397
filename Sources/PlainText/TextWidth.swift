/// Measures how many terminal columns a text takes.
package enum TextWidth {
  /// Wide characters and emoji take two columns, combining marks none.
  package static func columns(of text: String) -> Int {
    // Nearly every text is ASCII: one column for each byte.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
    return text.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    // Joined emoji are drawn as one.
    if isPicture(character) { return 2 }
    // The widths of a syllable's letters add up.
    return scalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// Whether the character is drawn as an emoji in two columns.
  private static func isPicture(_ character: Character) -> Bool {
    let scalars = character.unicodeScalars
    guard let first = scalars.first, first.properties.isEmoji else { return false }
    // The two letters of a flag.
    if scalars.count == 2, scalars.allSatisfy({ (0x1F1E6...0x1F1FF).contains($0.value) }) {
      return true
    }
    // A variation selector asks for the emoji (U+FE0F) or for the text form (U+FE0E).
    if scalars.contains(where: { $0.value == 0xFE0E }) { return false }
    return first.properties.isEmojiPresentation || scalars.contains { $0.value == 0xFE0F }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch scalar.value {
    // The vowels and final letters of a Hangul syllable share the columns of its first letter.
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
    // Hangul letters, CJK, full-width forms, old scripts of East Asia, emoji.
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x1F300...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
