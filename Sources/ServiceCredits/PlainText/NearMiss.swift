/// Finds the known word that a misspelt word most likely stands for.
public enum NearMiss {
  /// Returns the word of `known` that is nearest to `word`, or `nil` if none is near enough.
  ///
  /// Upper and lower case are equal, and so are a space, a hyphen and an underscore. One letter in
  /// four may be wrong, but at most three. A word of three letters may have one wrong letter. A
  /// transposition counts as one. A word of four or more letters also matches if it is the
  /// beginning or the end of exactly one known word. If two known words are equally near, the first
  /// one is returned.
  public static func nearest(to word: String, among known: [String]) -> String? {
    let letters = folded(word)
    guard !letters.isEmpty, letters.count <= longestWord else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in known {
      let distance = distance(letters, folded(candidate))
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    // With two letters, one wrong letter makes a different word.
    let tolerance = letters.count < 3 ? 0 : max(1, min(3, letters.count / 4))
    if let best, best.distance <= tolerance { return best.word }
    let holding = known.filter { candidate in
      let other = folded(candidate)
      return letters.count >= 4 && (other.starts(with: letters) || other.ends(with: letters))
    }
    return holding.count == 1 ? holding.first : nil
  }

  /// `word` without white space and in lower case (ASCII only). Words with the same result look the
  /// same to a reader.
  public static func bare(_ word: String) -> String {
    String(decoding: word.utf8.compactMap(bare), as: UTF8.self)
  }

  /// The currency whose code differs from `code` only in case or white space. One wrong letter of
  /// three makes another currency, so nothing else is guessed.
  public static func currency(_ code: String) -> Currency? { Currency(bare(code).uppercased()) }

  /// The byte in lower case; `nil` for white space.
  public static func bare(_ byte: UInt8) -> UInt8? {
    switch byte {
    case ...UInt8(ascii: " "): nil
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
    default: byte
    }
  }

  /// Longer words are not compared, because the comparison would take too much time.
  private static let longestWord = 64

  private static func folded(_ word: String) -> [UInt8] {
    word.utf8.prefix(longestWord + 1).map { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
      case UInt8(ascii: " "), UInt8(ascii: "-"): UInt8(ascii: "_")
      default: byte
      }
    }
  }

  /// The number of insertions, deletions, substitutions and transpositions of adjacent letters that
  /// turn one word into the other. No part of a word is edited twice. `left` is not empty.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      for column in 0..<right.count {
        let isSame = left[row - 1] == right[column]
        var steps = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
        if row > 1, column > 0, left[row - 1] == right[column - 1], left[row - 2] == right[column] {
          steps = min(steps, beforeLast[column - 1] + 1)
        }
        current.append(steps)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}

extension [UInt8] {
  fileprivate func ends(with other: [UInt8]) -> Bool {
    count >= other.count && suffix(other.count).elementsEqual(other)
  }
}
