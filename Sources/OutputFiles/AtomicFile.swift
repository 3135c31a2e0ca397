package import Digests
package import Glibc
import Synchronization

/// A file operation that failed, with what the system said.
public struct FileError: Error, Hashable, Sendable {
  public enum Operation: String, Sendable {
    case create, write, sync, rename, open, read
    /// A folder in which files are to appear.
    case use
  }
  public let operation: Operation
  public let path: String
  public let code: Int32

  /// Whether a file of that name is there that must not be written over, with other content.
  public var isNameTaken: Bool { operation == .rename && code == EEXIST }

  /// The system's code for want of memory.
  package static let outOfMemory = ENOMEM

  public init(_ operation: Operation, _ path: String, _ code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

/// A file that appears whole under its name or not at all.
///
/// The bytes go to a hidden file beside it, which no other program shares; `publish` makes them durable and gives them
/// their name. Dropping the value removes the hidden file. What the hidden files of runs are called says whose they are
/// (see `RunMark`), and what a killed program left of others is removed by ``HiddenName/removeAbandoned(in:)``.
package struct AtomicFile: ByteSink, ~Copyable {
  /// What becomes of a file that has the name already.
  package enum NameRule: Sendable {
    /// The new file takes its place.
    case replacing
    /// It stays, and must have the same content: what somebody may have signed is never written over.
    case keeping
  }

  package let folder: String
  package let name: String
  /// Bytes written so far.
  private(set) var byteCount: Int64 = 0
  private var digest: SHA256?
  private var buffer: [UInt8] = []
  private var descriptor: Int32
  /// Whether the hidden file goes with this value.
  private var isTemporary = true

  /// Up to where the disk was told to write.
  private var handedToDisk: Int64 = 0

  private static let bufferBytes = 256 << 10
  private static let writebackBytes: Int64 = 8 << 20
  private static let attempts = 100

  /// Where the content is until it is published, for a library that opens the file itself.
  package let hiddenPath: String

  /// - Parameters:
  ///   - hiddenName: of the hidden file; `nil` for a name that no other program has.
  ///   - mode: who may read it, whatever the umask or an old file's mode says.
  package init(folder: String, name: String, hiddenName: String? = nil, mode: mode_t = 0o640)
    throws(FileError)
  {
    self.folder = folder
    self.name = name
    digest = SHA256()
    buffer.reserveCapacity(AtomicFile.bufferBytes + 4096)
    let code: Int32
    (hiddenPath, descriptor, code) = AtomicFile.openHidden(folder, name, hiddenName, mode)
    guard descriptor >= 0 else { throw FileError(.create, "\(folder)/\(name)", code) }
    PartialFiles.add(hiddenPath)
    guard fchmod(descriptor, mode) == 0 else { throw FileError(.create, hiddenPath, errno) }
  }

  /// Opens the hidden file and locks it until the end of the program, so that others can tell a file that is being
  /// written from one that was left.
  /// - Returns: a descriptor below zero with the system's code where that cannot be done.
  private static func openHidden(
    _ folder: String, _ name: String, _ hiddenName: String?, _ mode: mode_t
  ) -> (path: String, descriptor: Int32, code: Int32) {
    // Nobody else makes the files of a run; one of that name is what the run itself left.
    let existing = hiddenName == nil ? O_EXCL : O_TRUNC
    for _ in 0..<AtomicFile.attempts {
      let path = "\(folder)/\(hiddenName ?? HiddenName.unique(name))"
      let descriptor = open(
        path, O_WRONLY | O_CREAT | existing | O_CLOEXEC | O_NOFOLLOW, mode)
      guard descriptor >= 0 else {
        if hiddenName == nil, errno == EEXIST { continue }
        return (path, -1, errno)
      }
      // A file system that knows no locks is no reason to fail: then nobody else gets one either.
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
      var status = stat()
      // Who clears up may have come between the two calls and taken it for one that was left.
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
    if isTemporary { unlink(hiddenPath) }
    close(descriptor)
    PartialFiles.remove(hiddenPath)
  }

  /// Lets the hidden file stay when this value is dropped, for a later run to find.
  package mutating func leave() { isTemporary = false }

  /// Lets `body` append to the file.
  @inline(__always)
  package mutating func append(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&buffer)
    if buffer.count >= AtomicFile.bufferBytes { try flush() }
  }

  /// Ends the content and gives its SHA-256.
  package mutating func finishContent() throws(FileError) -> SHA256Digest {
    try flush()
    guard let digest = digest.take() else { preconditionFailure("the content ends once") }
    return digest.finalize()
  }

  /// Makes the content durable under `name`.
  /// - Parameter rule: what becomes of a file that has the name already.
  /// - Throws: the code `EEXIST` where there is a file that must stay, with other content.
  package mutating func publish(as name: String? = nil, _ rule: NameRule) throws(FileError) {
    let path = "\(folder)/\(name ?? self.name)"
    guard fsync(descriptor) == 0 else { throw FileError(.sync, path, errno) }
    switch rule {
    case .replacing:
      guard rename(hiddenPath, path) == 0 else { throw FileError(.rename, path, errno) }
    case .keeping:
      let code = FreeName.take(path, for: hiddenPath)
      guard code == 0 || code == EEXIST else { throw FileError(.rename, path, code) }
      if code == EEXIST {
        try FreeName.compare(path, with: hiddenPath)
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

  /// Lets the disk begin with what is there, so that the `fsync` at the end does not wait for all of it. A hint: what
  /// comes of it does not matter.
  private mutating func startWriteback() {
    guard byteCount - handedToDisk >= AtomicFile.writebackBytes else { return }
    // Linux starts to write the pages that it is told will not be needed again.
    _ = posix_fadvise(
      descriptor, Int(handedToDisk), Int(byteCount - handedToDisk), POSIX_FADV_DONTNEED)
    handedToDisk = byteCount
  }

  /// Refuses a folder in which no file can appear, before any work is done for it, and clears away what killed
  /// programs left in it.
  package static func prepareFolder(_ folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.use, folder, errno) }
    defer { close(descriptor) }
    // With the rights that the files will be made with, not those of who called.
    guard faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw FileError(.use, folder, errno)
    }
    HiddenName.removeAbandoned(in: folder)
  }

  /// Makes durable which files are in `folder`, and under which names.
  package static func syncFolder(_ folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, folder, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(.sync, folder, errno) }
  }
}

/// The hidden files of this process that are not under their names yet, for a program that must end at once.
public enum PartialFiles {
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) {
    paths.withLock { _ = $0.insert(path) }
  }

  static func remove(_ path: String) {
    paths.withLock { _ = $0.remove(path) }
  }

  /// Removes them from the disk. Only for who calls `_exit` next: the values that write them do not notice.
  public static func unlinkAll() {
    paths.withLock { for path in $0 { unlink(path) } }
  }
}
