import Glibc
import LedgerReports
import OutputFiles
package import Templates

/// An operator's templates that cannot be used: everything that is wrong with them.
package struct TemplateProblems: Error, Hashable, Sendable {
  /// The folder they are in.
  package let folder: String
  /// By file and place.
  package let problems: [TemplateProblem]
}

extension NoticeTemplates {
  /// The built-in templates with those of a folder in their places.
  ///
  /// Files whose names do not end in `.txt` or `.html` are none, and hidden ones are not looked at.
  /// - Throws: `FileError` where the folder or a file cannot be read; `TemplateProblems`.
  package static func load(folder: String?) throws -> NoticeTemplates {
    var templates = try NoticeTemplates()
    guard let folder else { return templates }
    var files: [(name: String, content: [UInt8])] = []
    for name in try FolderContent.names(in: folder).sorted()
    where !name.hasPrefix(".") && (name.hasSuffix(".txt") || name.hasSuffix(".html")) {
      files.append(
        (name, try FolderContent.bytes(of: "\(folder)/\(name)", limit: NoticeTemplates.largest + 1))
      )
    }
    let problems = templates.replace(files)
    guard problems.isEmpty else { throw TemplateProblems(folder: folder, problems: problems) }
    return templates
  }

  /// Writes the built-in templates into a folder, for somebody to edit.
  /// - Returns: their paths.
  /// - Throws: `FileError` where one cannot be written. A file that is there already stays as it is, and none is
  ///   written.
  package static func write(into folder: String) throws -> [String] {
    try AtomicFile.prepareFolder(folder)
    for (name, content) in builtIn {
      let path = "\(folder)/\(name)"
      guard access(path, F_OK) == 0 else { continue }
      let bytes = try FolderContent.bytes(of: path, limit: NoticeTemplates.largest + 1)
      guard bytes == content else { throw FileError(.create, path, EEXIST) }
    }
    var paths: [String] = []
    for (name, content) in builtIn {
      var file = try AtomicFile(folder: folder, name: name, mode: 0o644)
      try file.append { $0.append(contentsOf: content) }
      paths.append(try file.publishAlone())
    }
    return paths
  }
}

private enum FolderContent {
  /// The names of what is in a folder, in no order.
  static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw FileError(.read, folder, errno) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
      errno = 0
    }
    guard errno == 0 else { throw FileError(.read, folder, errno) }
    return names
  }

  /// The first `limit` bytes of a file.
  static func bytes(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    // A pipe that nobody writes to would hold the program for ever.
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
