import CreditLedger
import FrozenEvidence
import Glibc
import OutputFiles
import ServiceCredits

/// The hidden files of one run that was killed, open and locked.
struct UnfinishedFiles: ~Copyable {
  let mark: RunMark
  /// The files stay open and locked as long as this value exists.
  private let files: [(path: String, descriptor: Int32)]

  /// Opens and locks the hidden files of a run.
  /// - Returns: `nil` if a file is not this user's, or if the program that writes it still runs.
  init?(_ mark: RunMark, names: [String], in folder: String) {
    var files: [(path: String, descriptor: Int32)] = []
    var areTaken = true
    for name in names {
      let path = "\(folder)/\(name)"
      let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else {
        areTaken = false
        break
      }
      files.append((path, descriptor))
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0
      else {
        areTaken = false
        break
      }
    }
    self.mark = mark
    self.files = files
    // A failing initializer of a noncopyable type must set every property first.
    if !areTaken { return nil }
  }

  deinit {
    for file in files { close(file.descriptor) }
  }

  func remove() {
    for file in files { unlink(file.path) }
  }

  /// Groups the hidden files of the ledger's runs by run, oldest run first.
  static func marks(
    ofLedger ledgerId: String, names: Set<String>
  ) -> [(mark: RunMark, names: [String])] {
    var found: [RunMark: [String]] = [:]
    for name in names {
      guard let mark = RunMark(hiddenName: name), mark.ledgerId == ledgerId else { continue }
      found[mark, default: []].append(name)
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
  }
}

/// What was done about files of an earlier run.
package enum EarlierFilesEvent: Sendable {
  /// The run was killed after COMMIT. Its files were written from the ledger.
  case finished(runId: Int64, paths: [String])
  /// The run was killed after COMMIT, and its files could not be written.
  case stillMissing(runId: Int64, folder: String, any Error)
  /// The hidden files of a run that was never committed were removed.
  case removed(runId: Int64)
  /// The hidden file belongs to another user, or is still being written.
  case left(path: String)
}

/// Completes or removes the files of earlier runs. Needs the run lock, so that none of those runs
/// is still going on.
package struct EarlierFiles {
  let report: LedgerReport
  let folder: String
  let tell: (EarlierFilesEvent) -> Void

  package init(report: LedgerReport, folder: String, tell: @escaping (EarlierFilesEvent) -> Void) {
    self.report = report
    self.folder = folder
    self.tell = tell
  }

  /// Refuses a folder with files of runs that the ledger does not have yet. They belong to another
  /// ledger, or to runs that a restored database has lost, and must not be overwritten.
  /// - Throws: `ReportError.filesOfLaterRuns`.
  package static func refuseLaterFiles(_ names: Set<String>, _ mark: RunMark, folder: String) throws
  {
    let later = names.compactMap { name in
      FileNames.runId(of: name).flatMap { $0 >= mark.runId ? ($0, name) : nil }
    }.filter { isFile("\(folder)/\($0.1)") }.sorted { $0 < $1 }
    if let (_, name) = later.first {
      throw ReportError.filesOfLaterRuns(
        runId: mark.runId, path: "\(folder)/\(name)", count: later.count)
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  /// Writes the files of committed runs, and removes the files of runs that were never committed.
  /// - Parameter isRecorded: whether the run is in the ledger.
  package func finish(
    _ names: Set<String>, ledgerId: String, isRecorded: (RunMark) throws -> Bool
  ) throws {
    for (mark, names) in UnfinishedFiles.marks(ofLedger: ledgerId, names: names) {
      guard let files = UnfinishedFiles(mark, names: names, in: folder) else {
        tell(.left(path: "\(folder)/\(names[0])"))
        continue
      }
      guard try isRecorded(mark) else {
        files.remove()
        tell(.removed(runId: mark.runId))
        continue
      }
      do {
        let written = try report.writeFiles(ofRun: mark.runId, folder: folder)
        files.remove()
        tell(.finished(runId: mark.runId, paths: written))
      } catch let error as FileError {
        tell(.stillMissing(runId: mark.runId, folder: folder, error))
      } catch let error as LedgerError {
        tell(.stillMissing(runId: mark.runId, folder: folder, error))
      } catch let error as RecordError {
        tell(.stillMissing(runId: mark.runId, folder: folder, error))
      } catch let error as ReportError {
        tell(.stillMissing(runId: mark.runId, folder: folder, error))
      }
    }
  }
}
