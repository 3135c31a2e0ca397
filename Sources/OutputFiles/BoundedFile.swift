import Glibc

/// Reads only the beginning of a file.
package enum BoundedFile {
  /// The first `limit` bytes of a file.
  package static func bytes(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait forever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(.open, path, errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count < limit {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.read, path, errno)
      }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return Array(bytes.prefix(limit))
  }
}
