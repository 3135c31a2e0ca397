package import Digests
import Glibc

/// Reads a CSV of RFC 4180 record by record.
package struct CSVRecords: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var digest: SHA256? = SHA256()
  private var piece: [UInt8] = []
  private var position = 0

  private static let pieceBytes = 256 << 10

  /// - Returns: `nil` if there is no such file.
  package init?(path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    let code = errno
    self.path = path
    self.descriptor = descriptor
    guard descriptor >= 0 else {
      if code == ENOENT { return nil }
      throw FileError(.open, path, code)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The cells of the next record, without their quotes; `nil` after the last.
  package mutating func next() throws(FileError) -> [[UInt8]]? {
    var cells: [[UInt8]] = []
    var cell: [UInt8] = []
    var (isQuoted, hasQuote) = (false, false)
    var hasBytes = false
    while let byte = try nextByte() {
      hasBytes = true
      switch byte {
      case UInt8(ascii: "\""):
        // Two quotes in a quoted cell stand for one: the second opens it again.
        if !isQuoted, hasQuote { cell.append(byte) }
        hasQuote = true
        isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted:
        cells.append(cell)
        cell = []
        hasQuote = false
      case UInt8(ascii: "\r") where !isQuoted: break
      case UInt8(ascii: "\n") where !isQuoted: return cells + [cell]
      default: cell.append(byte)
      }
    }
    return hasBytes ? cells + [cell] : nil
  }

  /// The digest of the whole file.
  /// - Precondition: it was read to its end.
  package mutating func finish() -> SHA256Digest {
    guard let digest = digest.take() else { preconditionFailure("a file has one digest") }
    return digest.finalize()
  }

  private mutating func nextByte() throws(FileError) -> UInt8? {
    if position == piece.count {
      try fill()
      if piece.isEmpty { return nil }
    }
    defer { position += 1 }
    return piece[position]
  }

  private mutating func fill() throws(FileError) {
    var bytes = [UInt8](repeating: 0, count: CSVRecords.pieceBytes)
    var count: Int
    repeat {
      count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw FileError(.read, path, errno) }
    bytes.removeLast(bytes.count - count)
    bytes.withUnsafeBytes { digest?.update($0) }
    piece = bytes
    position = 0
  }
}
