import Glibc

/// Writes the file that a metrics collector reads.
public enum MetricsFile {
  /// Checks before the work whether a file can appear at the path.
  /// - Throws: `FileError` if it cannot.
  public static func check(path: String) throws(FileError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw FileError(.create, path, EISDIR)
    }
    try AtomicFile.prepareFolder(folder(of: path))
  }

  /// Replaces the file at `path` with what `body` appends.
  public static func replace(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    let folder = MetricsFile.folder(of: path)
    let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    // Readable for all: the collector is another user.
    var file = try AtomicFile(folder: folder, name: name, mode: 0o644)
    try file.append { body(&$0) }
    _ = try file.finishContent()
    try file.publish(.replacing)
    try AtomicFile.syncFolder(folder)
  }

  /// The file's text, at most 1 MiB; empty if it cannot be read.
  package static func contents(of path: String) -> String {
    let bytes = (try? BoundedFile.bytes(of: path, limit: 1 << 20)) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
