import Glibc

/// The names of hidden files that do not belong to a run: reports, pages and messages.
package enum HiddenName {
  private static let ending = ".partial"
  private static let digits = 16

  /// A unique name, so that several programs can write the same file:
  /// `.credits-2026-10.csv.redress-0f3a….partial`.
  static func unique(_ name: String) -> String {
    let hex = String(UInt64.random(in: .min ... .max), radix: 16)
    let padding = String(repeating: "0", count: digits - hex.count)
    return ".\(name).redress-\(padding)\(hex)\(ending)"
  }

  static func isOne(_ name: String) -> Bool {
    guard name.hasPrefix("."), name.hasSuffix(ending) else { return false }
    let parts = name.dropLast(ending.utf8.count).split(
      separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 2, let last = parts.last, last.hasPrefix("redress-") else { return false }
    let number = last.dropFirst("redress-".utf8.count)
    return number.utf8.count == digits && number.allSatisfy { $0.isHexDigit && !$0.isUppercase }
  }

  /// Whether a program is writing one of the files `names`, under one of the hidden names `marked`
  /// or under a unique name.
  ///
  /// A hidden file that cannot be opened counts as being written.
  package static func isAnyWritten(for names: [String], marked: [String], in folder: String) -> Bool
  {
    let marked = Set(marked)
    let hidden = ((try? Folder.names(in: folder)) ?? []).filter { hidden in
      marked.contains(hidden)
        || isOne(hidden) && names.contains { hidden.hasPrefix(".\($0).redress-") }
    }
    return hidden.contains { name in
      let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { return errno != ENOENT }
      defer { close(descriptor) }
      return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }
  }

  /// Removes hidden files of this user in `folder` that no program is writing any more. Files that
  /// cannot be opened stay.
  static func removeAbandoned(in folder: String) {
    guard let names = try? Folder.names(in: folder) else { return }
    for name in names where isOne(name) {
      let path = "\(folder)/\(name)"
      let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0
      else { continue }
      unlink(path)
    }
  }
}

/// Gives a file a name that nothing else has.
enum FreeName {
  /// - Returns: 0, or the system's code; `EEXIST` if the name is taken.
  static func take(_ path: String, for hiddenPath: String) -> Int32 {
    if link(hiddenPath, path) == 0 {
      unlink(hiddenPath)
      return 0
    }
    guard [EPERM, EMLINK, ENOSYS, ENOTSUP].contains(errno) else { return errno }
    // Without hard links (FAT, some network folders), an empty file claims the name and the content
    // replaces it at once.
    let claim = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard claim >= 0 else { return errno }
    close(claim)
    guard rename(hiddenPath, path) != 0 else { return 0 }
    let code = errno
    unlink(path)
    return code
  }

  /// Compares an existing file with the one that should have its name.
  /// - Throws: `FileError` with the code `EEXIST` if the content differs, `EISDIR` if it is a
  ///   folder.
  static func compare(_ path: String, with hiddenPath: String) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError(.rename, path, EEXIST) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError(.rename, path, EISDIR) }
    guard status.st_mode & S_IFMT == S_IFREG, hasSameContent(path, hiddenPath) else {
      throw FileError(.rename, path, EEXIST)
    }
  }

  private static func hasSameContent(_ first: String, _ second: String) -> Bool {
    let files = [first, second].map { (path: String) in
      open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    defer { for file in files where file >= 0 { close(file) } }
    guard files.allSatisfy({ $0 >= 0 }) else { return false }
    var buffers = files.map { _ in [UInt8](repeating: 0, count: 64 << 10) }
    while true {
      guard let count = fill(&buffers[0], from: files[0]),
        let other = fill(&buffers[1], from: files[1]), count == other,
        buffers[0][..<count] == buffers[1][..<count]
      else { return false }
      if count == 0 { return true }
    }
  }

  /// Reads until the buffer is full or the file ends.
  /// - Returns: the number of bytes; `nil` if the file cannot be read.
  private static func fill(_ buffer: inout [UInt8], from descriptor: Int32) -> Int? {
    var count = 0
    while count < buffer.count {
      let got = buffer.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + count, $0.count - count)
      }
      if got == 0 { break }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        return nil
      }
    }
    return count
  }
}
