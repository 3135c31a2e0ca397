import CreditLedger
import Glibc
import ServiceCredits

/// What a hidden file of a run says by its name: whose it is.
///
/// The number alone does not, because the runs of every ledger count from 1, and a database that was restored from a
/// backup counts the same numbers again.
struct RunMark: Hashable, Comparable {
  let ledgerId: String
  let runId: Int64
  let beganAt: Instant

  /// `.credits-run-41.0b65….1795401000000000.partial`
  func hiddenName(_ name: String) -> String {
    let stem = name.prefix { $0 != "." }
    return ".\(stem).\(ledgerId).\(beganAt.microseconds).partial"
  }

  init(ledgerId: String, runId: Int64, beganAt: Instant) {
    self.ledgerId = ledgerId
    self.runId = runId
    self.beganAt = beganAt
  }

  /// `nil` for a name that no run gives.
  init?(hiddenName: String) {
    let parts = hiddenName.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[4] == "partial",
      let number = parts[1].lastIndex(of: "-"), let runId = Int64(parts[1][number...].dropFirst()),
      let beganAt = Int64(parts[3]), runId > 0
    else { return nil }
    self.init(
      ledgerId: String(parts[2]), runId: runId, beganAt: Instant(microseconds: beganAt))
  }

  static func < (first: RunMark, second: RunMark) -> Bool {
    (first.runId, first.beganAt, first.ledgerId) < (second.runId, second.beganAt, second.ledgerId)
  }
}

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

/// What a run does about the files of runs before it. Only under the run lock, so that none of them goes on.
struct EarlierFiles {
  let report: LedgerReport
  let folder: String
  let tell: (RunEvent) -> Void

  /// Refuses a folder with files of runs that are not there yet: they are of another ledger, or of runs that a
  /// restored database has lost, and must not be written over.
  static func refuseLaterFiles(_ names: Set<String>, _ mark: RunMark, folder: String) throws {
    let later = names.compactMap { name in
      FileNames.runId(of: name).flatMap { $0 >= mark.runId ? ($0, name) : nil }
    }.filter { isFile("\(folder)/\($0.1)") }.sorted { $0 < $1 }
    if let (_, name) = later.first {
      throw RunError.filesOfLaterRuns(
        runId: mark.runId, path: "\(folder)/\(name)", count: later.count)
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  /// Gives the files of committed runs their names, and removes those of runs that were never committed.
  /// - Parameter isRecorded: whether the run is in the ledger.
  func finish(
    _ names: Set<String>, ledgerId: String, isRecorded: (RunMark) throws -> Bool
  ) throws {
    for (mark, names) in UnfinishedFiles.marks(ofLedger: ledgerId, names: names) {
      guard let files = UnfinishedFiles(mark, names: names, in: folder) else {
        tell(.leftUnfinished(path: "\(folder)/\(names[0])"))
        continue
      }
      guard try isRecorded(mark) else {
        files.remove()
        tell(.removedUnfinished(runId: mark.runId))
        continue
      }
      do {
        let written = try report.writeFiles(ofRun: mark.runId, folder: folder)
        files.remove()
        tell(.finishedFiles(runId: mark.runId, paths: written))
      } catch let error as FileError {
        tell(.filesStillMissing(runId: mark.runId, folder: folder, error))
      } catch let error as LedgerError {
        tell(.filesStillMissing(runId: mark.runId, folder: folder, error))
      } catch let error as ReportError {
        tell(.filesStillMissing(runId: mark.runId, folder: folder, error))
      }
    }
  }
}
