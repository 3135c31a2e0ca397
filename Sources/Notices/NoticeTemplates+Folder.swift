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
    for name in try Folder.names(in: folder).sorted()
    where !name.hasPrefix(".") && (name.hasSuffix(".txt") || name.hasSuffix(".html")) {
      files.append(
        (name, try BoundedFile.bytes(of: "\(folder)/\(name)", limit: NoticeTemplates.largest + 1))
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
      let bytes = try BoundedFile.bytes(of: path, limit: NoticeTemplates.largest + 1)
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
