import Glibc
import LedgerReports
import OutputFiles
package import Templates

/// All problems of an operator's templates that cannot be used.
package struct TemplateProblems: Error, Hashable, Sendable {
  /// The folder of the templates.
  package let folder: String
  /// Ordered by file and place.
  package let problems: [TemplateProblem]
}

extension NoticeTemplates {
  /// The built-in templates, with those in a folder replacing them.
  ///
  /// Only files whose names end in `.txt` or `.html` are templates. Hidden files are ignored.
  /// - Throws: `FileError` if the folder or a file cannot be read; `TemplateProblems` if a template
  ///   cannot be used.
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

  /// Writes the built-in templates into a folder, to be edited.
  /// - Returns: their paths.
  /// - Throws: `FileError` if a file cannot be written. If a file exists with other content, the
  ///   code is `EEXIST` and no file is written.
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
