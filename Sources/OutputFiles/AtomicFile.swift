package import Digests
package import Glibc
import Synchronization

/// A file operation that failed, with the system's error code.
public struct FileError: Error, Hashable, Sendable {
  public enum Operation: String, Sendable {
    case create, write, sync, rename, open, read
    /// A folder cannot be used for new files.
    case use
  }
  public let operation: Operation
  public let path: String
  public let code: Int32

  /// Whether a file with other content has the name and must not be overwritten.
  public var isNameTaken: Bool { operation == .rename && code == EEXIST }

  /// The system's code for a lack of memory.
  package static let outOfMemory = ENOMEM

  public init(_ operation: Operation, _ path: String, _ code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

/// A file that appears whole under its name or not at all.
///
/// The bytes go to a hidden file in the same folder. `publish` makes them durable and renames the
/// file. Dropping the value removes the hidden file. The name of a run's hidden file says which run
/// it belongs to (see `RunMark`). Other hidden files of killed programs are removed by
/// ``HiddenName/removeAbandoned(in:)``.
package struct AtomicFile: ByteSink, ~Copyable {
  /// What to do if a file has the name already.
  package enum NameRule: Sendable {
    /// The new file replaces it.
    case replacing
    /// It stays, and must have the same content: somebody may have signed it.
    case keeping
    /// It stays, whatever it holds.
    case leaving
  }

  package let folder: String
  package let name: String
  /// The number of bytes written so far.
  private(set) var byteCount: Int64 = 0
  private var digest: SHA256?
  private var buffer: [UInt8] = []
  private var descriptor: Int32
  /// Whether the hidden file is removed with this value.
  private var isTemporary = true

  /// How many bytes the disk was told to write.
  private var handedToDisk: Int64 = 0
  /// Whether the file has no name, and is gone with this value or the program.
  private let isUnnamed: Bool

  private static let bufferBytes = 256 << 10
  private static let writebackBytes: Int64 = 8 << 20
  private static let attempts = 100

  /// The path of the content until it is published, for a library that opens the file itself.
  package let hiddenPath: String

  /// - Parameters:
  ///   - hiddenName: the hidden file's name; `nil` for a unique name.
  ///   - mode: the file's mode, whatever the umask or the mode of an old file is.
  package init(folder: String, name: String, hiddenName: String? = nil, mode: mode_t = 0o640)
    throws(FileError)
  {
    self.folder = folder
    self.name = name
    isUnnamed = false
    digest = SHA256()
    buffer.reserveCapacity(AtomicFile.bufferBytes + 4096)
    let code: Int32
    (hiddenPath, descriptor, code) = AtomicFile.openHidden(folder, name, hiddenName, mode)
    guard descriptor >= 0 else { throw FileError(.create, "\(folder)/\(name)", code) }
    PartialFiles.add(hiddenPath)
    guard fchmod(descriptor, mode) == 0 else { throw FileError(.create, hiddenPath, errno) }
  }

  /// A file without a name, for content that goes into another file of the folder later.
  /// - Parameter name: the other file's name.
  package init(unnamedFor name: String, in folder: String) throws(FileError) {
    self.folder = folder
    self.name = name
    isUnnamed = true
    digest = nil
    buffer.reserveCapacity(AtomicFile.bufferBytes + 4096)
    let code: Int32
    (hiddenPath, descriptor, code) = AtomicFile.openHidden(folder, name, nil, 0o600)
    guard descriptor >= 0 else { throw FileError(.create, "\(folder)/\(name)", code) }
    unlink(hiddenPath)
  }

  /// Appends the whole content of a file without a name.
  package mutating func append(contentOf other: inout AtomicFile) throws {
    try other.forEachPiece { piece in try append { $0 += piece } }
  }

  /// Calls `body` with the content so far, piece by piece, of a file without a name or of one whose content has ended.
  package mutating func forEachPiece(
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    precondition(digest == nil, "a file with a name is read once its content has ended")
    try flush()
    try withUnsafeTemporaryAllocation(byteCount: AtomicFile.bufferBytes, alignment: 16) { piece in
      var position = 0
      while true {
        let count = pread(descriptor, piece.baseAddress!, piece.count, position)
        if count == 0 { return }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw FileError(.read, "\(folder)/\(name)", errno) }
        position += count
        try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      }
    }
  }

  /// Opens the hidden file and locks it until it is closed, so that others can tell a file that is
  /// being written from an abandoned one.
  /// - Returns: a descriptor; on failure, a negative one and the system's code.
  private static func openHidden(
    _ folder: String, _ name: String, _ hiddenName: String?, _ mode: mode_t
  ) -> (path: String, descriptor: Int32, code: Int32) {
    // No other program writes the files of a run, so a file of that name was left by the run
    // itself.
    let existing = hiddenName == nil ? O_EXCL : O_TRUNC
    for _ in 0..<AtomicFile.attempts {
      let path = "\(folder)/\(hiddenName ?? HiddenName.unique(name))"
      let descriptor = open(
        path, O_RDWR | O_CREAT | existing | O_CLOEXEC | O_NOFOLLOW, mode)
      guard descriptor >= 0 else {
        if hiddenName == nil, errno == EEXIST { continue }
        return (path, -1, errno)
      }
      // If the file system has no locks, nobody else can lock the file either.
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
      var status = stat()
      // Between `open` and `flock`, another program may have taken the file for abandoned and
      // removed it.
      if hiddenName != nil || isLocked && fstat(descriptor, &status) == 0 && status.st_nlink > 0 {
        return (path, descriptor, 0)
      }
      unlink(path)
      close(descriptor)
    }
    return ("", -1, EBUSY)
  }

  deinit {
    guard descriptor >= 0 else { return }
    if isTemporary, !isUnnamed { unlink(hiddenPath) }
    close(descriptor)
    PartialFiles.remove(hiddenPath)
  }

  /// Keeps the hidden file when this value is dropped, for a later run.
  package mutating func leave() { isTemporary = false }

  /// Lets `body` append to the file.
  @inline(__always)
  package mutating func append(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&buffer)
    if buffer.count >= AtomicFile.bufferBytes { try flush() }
  }

  /// Ends the content.
  /// - Returns: its SHA-256 digest.
  package mutating func finishContent() throws(FileError) -> SHA256Digest {
    try flush()
    guard let digest = digest.take() else { preconditionFailure("the content ends once") }
    return digest.finalize()
  }

  /// Makes the content durable under `name`.
  /// - Parameter rule: what to do if a file has the name already.
  /// - Throws: `FileError`; its code is `EEXIST` if a file with other content has the name and must
  ///   stay.
  package mutating func publish(as name: String? = nil, _ rule: NameRule) throws(FileError) {
    let path = "\(folder)/\(name ?? self.name)"
    guard fsync(descriptor) == 0 else { throw FileError(.sync, path, errno) }
    switch rule {
    case .replacing:
      guard rename(hiddenPath, path) == 0 else { throw FileError(.rename, path, errno) }
    case .keeping, .leaving:
      let code = FreeName.take(path, for: hiddenPath)
      guard code == 0 || code == EEXIST else { throw FileError(.rename, path, code) }
      if code == EEXIST {
        if rule == .keeping { try FreeName.compare(path, with: hiddenPath) }
        unlink(hiddenPath)
      }
    }
    isTemporary = false
  }

  private mutating func flush() throws(FileError) {
    guard !buffer.isEmpty else { return }
    buffer.withUnsafeBytes { digest?.update($0) }
    try writeAll(buffer, to: descriptor, path: "\(folder)/\(name)")
    byteCount += Int64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
    startWriteback()
  }

  /// Starts to write the content to disk, so that the `fsync` at the end is short. Only a hint, so
  /// errors are ignored.
  private mutating func startWriteback() {
    // What is to be read again stays in memory.
    guard !isUnnamed, byteCount - handedToDisk >= AtomicFile.writebackBytes else { return }
    // Linux starts to write pages that it is told will not be needed again.
    _ = posix_fadvise(
      descriptor, Int(handedToDisk), Int(byteCount - handedToDisk), POSIX_FADV_DONTNEED)
    handedToDisk = byteCount
  }

  /// Checks before the work whether files can appear in the folder, and removes abandoned files.
  /// - Throws: `FileError` if the folder cannot be used.
  package static func prepareFolder(_ folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.use, folder, errno) }
    defer { close(descriptor) }
    // Checks the effective user's rights: those are used to create the files.
    guard faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw FileError(.use, folder, errno)
    }
    HiddenName.removeAbandoned(in: folder)
  }

  /// The folder and the name of a path, once files can appear there.
  /// - Throws: `FileError` if the folder cannot be used.
  package static func prepare(path: String) throws(FileError) -> (folder: String, name: String) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try prepareFolder(folder)
    return (folder, slash.map { String(path[path.index(after: $0)...]) } ?? path)
  }

  /// Makes the names of the files in `folder` durable.
  package static func syncFolder(_ folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, folder, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(.sync, folder, errno) }
  }
}

/// The hidden files of this process that are not published yet, for a program that must end at
/// once.
public enum PartialFiles {
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) {
    paths.withLock { _ = $0.insert(path) }
  }

  static func remove(_ path: String) {
    paths.withLock { _ = $0.remove(path) }
  }

  /// Removes the files from the disk. Call it only before `_exit`: the values that write the files
  /// are not told.
  public static func unlinkAll() {
    paths.withLock { for path in $0 { unlink(path) } }
  }
}
