import Glibc

/// A folder on the disk.
package enum Folder {
  /// The names of all that is in `folder`.
  package static func names(in folder: String) throws(FileError) -> Set<String> {
    guard let directory = opendir(folder) else { throw FileError(.open, folder, errno) }
    defer { closedir(directory) }
    var names: Set<String> = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.insert(name)
    }
    return names
  }
}
