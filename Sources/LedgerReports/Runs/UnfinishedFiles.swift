import CreditLedger
import FrozenEvidence
import Glibc
import OutputFiles
import ServiceCredits

/// Hidden files that runs of one ledger left in a folder because they were killed: those of one run.
struct UnfinishedFiles: ~Copyable {
  let mark: RunMark
  /// Paths, and the open files that are locked as long as this value is there.
  private let files: [(path: String, descriptor: Int32)]

  /// Takes the hidden files of a run.
  /// - Returns: `nil` where they are not this user's, or where the program that writes them still runs.
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
    // An initializer that fails must have everything by then.
    if !areTaken { return nil }
  }

  deinit {
    for file in files { close(file.descriptor) }
  }

  func remove() {
    for file in files { unlink(file.path) }
  }

  /// The hidden files that are in `folder` for runs of the ledger, oldest run first.
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

/// What became of files of an earlier run.
package enum EarlierFilesEvent: Sendable {
  /// The files of a run that was killed after COMMIT were made from the ledger.
  case finished(runId: Int64, paths: [String])
  /// The same could not be done.
  case stillMissing(runId: Int64, folder: String, any Error)
  /// Hidden files of a run that was never committed are gone.
  case removed(runId: Int64)
  /// A hidden file is another user's, or still being written.
  case left(path: String)
}

/// What a run does about the files of runs before it. Only under the run lock, so that none of them goes on.
package struct EarlierFiles {
  let report: LedgerReport
  let folder: String
  let tell: (EarlierFilesEvent) -> Void

  package init(report: LedgerReport, folder: String, tell: @escaping (EarlierFilesEvent) -> Void) {
    self.report = report
    self.folder = folder
    self.tell = tell
  }

  /// Refuses a folder with files of runs that are not there yet: they are of another ledger, or of runs that a
  /// restored database has lost, and must not be written over.
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

  /// Gives the files of committed runs their names, and removes those of runs that were never committed.
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
