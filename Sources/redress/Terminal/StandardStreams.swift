import CreditRun
import Glibc
import OutputFiles

enum StandardError {
  static var isTerminal: Bool { isatty(2) == 1 }

  static func write(_ text: String) {
    _ = writeAll(text, to: 2)
  }
}

enum StandardOutput {
  /// Writes all of the text.
  /// - Throws: `FileError`, so that a full disk does not look like success.
  static func write(_ text: String) throws(FileError) {
    let code = writeAll(text, to: 1)
    guard code == 0 else { throw FileError(.write, "standard output", code) }
  }
}

/// - Returns: 0, or the error number.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var offset = 0
    while offset < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      offset += written
    }
    return 0
  }
}

enum StandardStreams {
  /// Makes sure that descriptors 0 to 2 are open. If the caller closed them, the next file or
  /// database connection would get their numbers and would receive the program's messages.
  static func reserve() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
      // Open only for the other direction, so that using it is still an error.
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
  }
}
