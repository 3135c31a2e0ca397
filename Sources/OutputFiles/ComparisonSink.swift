package import Digests
import Glibc

/// Compares a report with an existing file, without holding either in memory.
package struct ComparisonSink: ByteSink, ~Copyable {
  /// The first difference: the line, from 1, and the byte in the file, from 0.
  package struct Difference: Hashable {
    package var line: Int64
    package var offset: Int64
  }

  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var found: [UInt8]
  private var offset: Int64 = 0
  private var line: Int64 = 1
  private var difference: Difference?
  private var digest: SHA256? = SHA256()
  private static let bufferBytes = 64 << 10

  package init(path: String) throws(FileError) {
    self.path = path
    found = [UInt8](repeating: 0, count: ComparisonSink.bufferBytes)
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, path, errno) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  package mutating func append(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&buffer)
    if buffer.count >= ComparisonSink.bufferBytes { try compare() }
  }

  /// - Returns: the digest of the report, and the first difference, if there is one.
  package mutating func finish() throws(FileError) -> (
    digest: SHA256Digest, difference: Difference?
  ) {
    try compare()
    if difference == nil, try read(1) != 0 { difference = Difference(line: line, offset: offset) }
    guard let digest = digest.take() else { preconditionFailure("the content ends once") }
    return (digest.finalize(), difference)
  }

  private mutating func compare() throws(FileError) {
    buffer.withUnsafeBytes { digest?.update($0) }
    if difference == nil {
      if found.count < buffer.count { found = [UInt8](repeating: 0, count: buffer.count) }
      let count = try read(buffer.count)
      var position = 0
      while position < count, found[position] == buffer[position] {
        if buffer[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
      }
      offset += Int64(position)
      if position < buffer.count { difference = Difference(line: line, offset: offset) }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Fills `found` with `wanted` bytes, or with the rest of the file.
  private mutating func read(_ wanted: Int) throws(FileError) -> Int {
    var count = 0
    while count < wanted {
      let got = found.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + count, wanted - count)
      }
      if got == 0 { break }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        throw FileError(.read, path, errno)
      }
    }
    return count
  }
}
