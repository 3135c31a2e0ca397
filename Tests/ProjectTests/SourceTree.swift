import Glibc

/// The files of this package, for tests of its rules.
enum SourceTree {
  /// The package's folder, from where this file was compiled.
  static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  struct File: Sendable {
    /// Relative to the package's folder.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  }

  /// All files with this ending below `folder`, sorted by path.
  static func files(in folder: String, ending: String) -> [File] {
    var found: [File] = []
    for name in names(in: "\(root)/\(folder)") {
      let path = "\(folder)/\(name)"
      if isFolder("\(root)/\(path)") {
        if !name.hasPrefix(".") { found += files(in: path, ending: ending) }
      } else if name.hasSuffix(ending) {
        found.append(File(path: path, text: read("\(root)/\(path)")))
      }
    }
    return found
  }

  static func names(in folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func read(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
