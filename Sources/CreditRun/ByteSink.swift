import Glibc

/// Where the bytes of a report go.
protocol ByteSink: ~Copyable {
  /// Lets `body` append.
  mutating func append(_ body: (inout [UInt8]) throws -> Void) throws
}

/// An open file that belongs to somebody else, such as standard output.
struct DescriptorSink: ByteSink, ~Copyable {
  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []
  private static let bufferBytes = 64 << 10

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  mutating func append(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&buffer)
    if buffer.count >= DescriptorSink.bufferBytes { try flush() }
  }

  mutating func flush() throws(FileError) {
    var offset = 0
    while offset < buffer.count {
      let written = buffer.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + offset, $0.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(.write, name, errno)
      }
      offset += written
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
