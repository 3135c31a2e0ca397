/// How many columns a text takes on a terminal.
package enum TextWidth {
  /// Wide characters and pictures take two columns, and marks that join others none.
  package static func columns(of text: String) -> Int {
    // Nearly every text is ASCII, in which each byte is a column.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
    return text.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    // However many are joined into one picture, it is one.
    if isPicture(character) { return 2 }
    // A syllable of several letters is as wide as they are together.
    return scalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// Whether the character is drawn as one picture in two columns.
  private static func isPicture(_ character: Character) -> Bool {
    let scalars = character.unicodeScalars
    guard let first = scalars.first, first.properties.isEmoji else { return false }
    // Two letters of a flag.
    if scalars.count == 2, scalars.allSatisfy({ (0x1F1E6...0x1F1FF).contains($0.value) }) {
      return true
    }
    // What follows may ask for the picture (a heart) or for the sign (a watch).
    if scalars.contains(where: { $0.value == 0xFE0E }) { return false }
    return first.properties.isEmojiPresentation || scalars.contains { $0.value == 0xFE0F }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch scalar.value {
    // The vowels and final letters of a Hangul syllable stand in the columns of its first letter.
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
    // Hangul letters, CJK, full-width forms, old scripts of East Asia, pictures.
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x1F300...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
