import Glibc

/// Lists a folder on the disk.
package enum Folder {
  /// The names of everything in `folder`.
  /// - Throws: `FileError` if the folder cannot be read to its end. A partial list is never
  ///   returned.
  package static func names(in folder: String) throws(FileError) -> Set<String> {
    guard let directory = opendir(folder) else { throw FileError(.read, folder, errno) }
    defer { closedir(directory) }
    var names: Set<String> = []
    errno = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.insert(name)
      errno = 0
    }
    guard errno == 0 else { throw FileError(.read, folder, errno) }
    return names
  }
}
