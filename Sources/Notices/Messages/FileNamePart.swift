import Digests

/// Turns an id into a part of a file's name.
enum FileNamePart {
  /// A file's name has at most 255 bytes, and it may hold two ids and other text.
  private static let longest = 64

  /// The id itself if it is short and has only letters, digits, dots, hyphens and underscores.
  /// Otherwise its first bytes with other characters replaced, and a digest after a mark that no
  /// other id keeps.
  static func of(_ id: [UInt8]) -> String {
    func isKept(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "._-".utf8.contains(byte) }
    if !id.isEmpty, id.count <= longest, id.allSatisfy(isKept), id.first != UInt8(ascii: ".") {
      return String(decoding: id, as: UTF8.self)
    }
    var hash = SHA256()
    hash.update(id)
    let kept = id.prefix(longest - 25).map { isKept($0) ? $0 : UInt8(ascii: "_") }
    return String(decoding: kept, as: UTF8.self) + "~" + hash.finalize().hex.prefix(24)
  }
}
