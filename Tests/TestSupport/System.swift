import Dispatch
import Glibc

/// A system call that failed.
public struct SystemError: Error, CustomStringConvertible {
  public let description: String

  public init(_ what: String, _ code: Int32) {
    description = "\(what): \(String(cString: strerror(code)))"
  }
}

/// A new folder with a short path: the path of a socket can have 107 bytes.
public func temporaryFolder(_ label: String) throws -> String {
  var template = Array("/tmp/redress-\(label)-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", errno) }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Runs `work`, which may block, on a thread of its own.
public func inBackground(_ label: String, _ work: @escaping @Sendable () -> Void) {
  DispatchQueue(label: label).async(execute: work)
}

/// Calls `body` with the address of a Unix socket.
func withAddress<Result>(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = Array(path.utf8)
  precondition(bytes.count < MemoryLayout.size(ofValue: address.sun_path), "the path is too long")
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// Runs a shell command to its end and returns its output.
/// - Throws: an error with the output if the exit code is not 0.
@discardableResult
public func sh(_ command: String) throws -> String {
  guard let output = popen("{ \(command)\n} 2>&1", "r") else { throw SystemError("popen", errno) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = fread(&chunk, 1, chunk.count, output)
    guard count > 0 else { break }
    bytes += chunk[..<count]
  }
  let status = pclose(output)
  let text = String(decoding: bytes, as: UTF8.self)
  guard status == 0 else { throw ShellError(command: command, output: text) }
  return text
}

public struct ShellError: Error, CustomStringConvertible {
  let command: String
  public let output: String
  public var description: String { "\(command): \(output)" }
}
