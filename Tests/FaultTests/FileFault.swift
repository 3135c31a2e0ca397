import Glibc

/// A fault of the folder or the files, and what must follow.
struct FileFault: Sendable {
  enum Way: Sendable {
    /// A folder that does not exist, or something that is not a folder.
    case folder(String)
    /// The folder belongs to another user.
    case foreignFolder
    case call(FailingCalls.Call, Int, FailingCalls.Failure)
    /// The folder is removed during COMMIT.
    case vanishingFolder
    /// No file may have any content.
    case noFileSize
  }

  let title: String
  let way: Way
  let code: Int32
  /// Whether the run is in the ledger afterwards.
  let isRecorded: Bool

  static let all: [FileFault] = [
    FileFault(
      title: "The folder does not exist", way: .folder("/nowhere"), code: 1, isRecorded: false),
    FileFault(
      title: "A file is named as the folder", way: .folder("/etc/passwd"), code: 1,
      isRecorded: false),
    FileFault(
      title: "The folder cannot be written to", way: .foreignFolder, code: 1, isRecorded: false),
    FileFault(
      title: "The disk is full", way: .call(.write, 1, .code(ENOSPC)), code: 1, isRecorded: false),
    FileFault(
      title: "The disk is full at the totals", way: .call(.write, 3, .code(ENOSPC)), code: 1,
      isRecorded: false),
    FileFault(
      title: "A file may not grow (`ulimit -f`)", way: .noFileSize, code: 1, isRecorded: false),
    FileFault(
      title: "The program is killed while it writes", way: .call(.write, 2, .killed), code: 137,
      isRecorded: false),
    FileFault(
      title: "The folder cannot be made durable before COMMIT", way: .call(.fsync, 1, .code(EIO)),
      code: 1, isRecorded: false),
    FileFault(
      title: "The first file cannot be made durable", way: .call(.fsync, 2, .code(EIO)), code: 74,
      isRecorded: true),
    FileFault(
      title: "The last file cannot be made durable", way: .call(.fsync, 4, .code(EIO)), code: 74,
      isRecorded: true),
    FileFault(
      title: "The folder cannot be made durable", way: .call(.fsync, 5, .code(EIO)), code: 74,
      isRecorded: true),
    FileFault(
      title: "The first file cannot get its name", way: .call(.link, 1, .code(EIO)), code: 74,
      isRecorded: true),
    FileFault(
      title: "The last file cannot get its name", way: .call(.link, 3, .code(EIO)), code: 74,
      isRecorded: true),
    FileFault(
      title: "The file system has no links, by which a name is taken that nothing has",
      way: .call(.link, 0, .code(EPERM)), code: 3, isRecorded: true),
    FileFault(
      title: "The folder vanishes during the run", way: .vanishingFolder, code: 74,
      isRecorded: true),
    FileFault(
      title: "The program is killed before the first file has its name",
      way: .call(.link, 1, .killed), code: 137, isRecorded: true),
    FileFault(
      title: "The program is killed between two files", way: .call(.link, 2, .killed), code: 137,
      isRecorded: true),
    FileFault(
      title: "The program is killed before the folder is durable", way: .call(.fsync, 5, .killed),
      code: 137, isRecorded: true),
  ]
}
