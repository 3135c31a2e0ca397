import PlainText
import ServiceCredits

extension NamedFinding {
  /// What is meant among the findings of the code. A key that agrees byte for byte comes first; then one that is shown like
  /// this in a list; then one that is like this without the quotes around its ids.
  /// - Throws: `FindingReviewError.severalKeys`, so that nobody settles another finding than the one that was read.
  func meant<Found>(
    among found: [Found], relation: (Found) -> String, key: (Found) -> String
  ) throws(FindingReviewError) -> [Found] {
    let found = found.filter { candidate in
      self.relation.map { relation(candidate).utf8.elementsEqual($0.rawValue.utf8) } ?? true
    }
    let exact = found.filter { key($0).utf8.elementsEqual(self.key.utf8) }
    if !exact.isEmpty { return exact }
    let named = NamedFinding.withoutQuotes(self.key)
    let like = found.filter { candidate in
      let shown = Printable.oneLine(key(candidate))
      return shown.utf8.elementsEqual(self.key.utf8)
        || [key(candidate), shown].map(NamedFinding.withoutQuotes).contains {
          $0.utf8.elementsEqual(named.utf8) || $0.utf8.elementsEqual(self.key.utf8)
        }
    }
    let keys = Set(like.map { Array(key($0).utf8) })
    guard keys.count <= 1 else {
      throw .severalKeys(
        code: code, key: self.key,
        keys: keys.map { String(decoding: $0, as: UTF8.self) }.sorted())
    }
    return like
  }

  /// The key that is nearest, without quotes; `nil` where none is near.
  func nearMiss(among keys: [String]) -> String? {
    let bare = keys.map(NamedFinding.withoutQuotes)
    if let nearest = NearMiss.nearest(to: NamedFinding.withoutQuotes(key), among: bare) {
      return nearest
    }
    // Keys of several ids can be too long to be compared letter by letter.
    let parts = NamedFinding.parts(of: key)
    let near = keys.filter { candidate in
      let others = NamedFinding.parts(of: candidate)
      return others.count == parts.count && parts.count > 1
        && zip(others, parts).count { $0 != $1 } == 1
    }
    if let first = near.first { return NamedFinding.withoutQuotes(first) }
    let holding = Set(keys).filter { NamedFinding.parts(of: $0).contains(key) }
    return holding.count == 1 ? holding.first.map(NamedFinding.withoutQuotes) : nil
  }

  /// The ids of a key joined with ` / `, without the quotes around them.
  static func withoutQuotes(_ key: String) -> String {
    parts(of: key).joined(separator: " / ")
  }

  /// The ids of a key as `FindingKey.text` writes them.
  private static func parts(of key: String) -> [String] {
    let quote = UInt8(ascii: "'")
    let separator = Array(" / ".utf8)
    let bytes = Array(key.utf8)
    var parts: [String] = []
    var part: [UInt8] = []
    var position = 0
    var isQuoted = false
    func isSeparator(_ position: Int) -> Bool { bytes[position...].starts(with: separator) }
    while position < bytes.count {
      let isBeginning =
        position == 0 || position >= 3 && !isQuoted && part.isEmpty && isSeparator(position - 3)
      if bytes[position] == quote, isBeginning, !isQuoted {
        isQuoted = true
      } else if bytes[position] == quote, isQuoted {
        if position + 1 < bytes.count, bytes[position + 1] == quote {
          part.append(quote)
          position += 1
        } else {
          isQuoted = false
        }
      } else if !isQuoted, isSeparator(position) {
        parts.append(String(decoding: part, as: UTF8.self))
        part = []
        position += separator.count - 1
      } else {
        part.append(bytes[position])
      }
      position += 1
    }
    return parts + [String(decoding: part, as: UTF8.self)]
  }
}
