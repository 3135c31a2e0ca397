import Digests

/// An id as a part of a file's name.
enum FileNamePart {
  /// A name has 255 bytes at most, of which another part and what stands around take some.
  private static let longest = 64

  /// The id itself where it is short and of letters, digits, dots, hyphens and underscores; else what can be kept of
  /// it, and a digest after a mark that no other name has.
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
