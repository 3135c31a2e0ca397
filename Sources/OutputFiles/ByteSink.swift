import Glibc

/// A destination for the bytes of a report.
package protocol ByteSink: ~Copyable {
  /// Lets `body` append bytes.
  mutating func append(_ body: (inout [UInt8]) throws -> Void) throws
}

/// Writes to an open file that the caller owns, such as standard output.
package struct DescriptorSink: ByteSink, ~Copyable {
  private let descriptor: Int32
  private let name: String
  /// Called before any bytes are written.
  private let willWrite: () -> Void
  private var buffer: [UInt8] = []
  private static let bufferBytes = 64 << 10

  package init(descriptor: Int32, name: String, willWrite: @escaping () -> Void = {}) {
    self.willWrite = willWrite
    self.descriptor = descriptor
    self.name = name
  }

  package mutating func append(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&buffer)
    if buffer.count >= DescriptorSink.bufferBytes { try flush() }
  }

  package mutating func flush() throws(FileError) {
    guard !buffer.isEmpty else { return }
    willWrite()
    try writeAll(buffer, to: descriptor, path: name)
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes all bytes.
/// - Parameter path: the file's name in errors.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
  var offset = 0
  while offset < bytes.count {
    let written = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress! + offset, $0.count - offset)
    }
    if written < 0 {
      if errno == EINTR { continue }
      throw FileError(.write, path, errno)
    }
    offset += written
  }
}
