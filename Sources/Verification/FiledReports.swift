import CreditLedger
import Digests
import FrozenEvidence
import Glibc
import LedgerReports
import OutputFiles
import Postgres

/// The names of the files in the folders, listed before the ledger is read. A file that is listed
/// belongs to a run that committed before.
struct FiledReports {
  let folders: [(path: String, names: Set<String>)]

  init(folders: [String]) throws(FileError) {
    var found: [(path: String, names: Set<String>)] = []
    for folder in folders { found.append((folder, try Folder.names(in: folder))) }
    self.folders = found
  }
}

extension LedgerVerifier {
  /// How long to wait for files that are about to get their names.
  private static let patienceSeconds = 60

  /// Writes the report of each run again, and compares it with the digests in the run's row and
  /// with the files. If folders are given, each file of a run must be in one of them.
  func auditReports(_ filed: FiledReports) throws {
    let folders = filed.folders.map(\.path)
    for run in verifiedRuns {
      let files = FileNames(runId: run.runId)
      let missing = folders.isEmpty ? [] : try missingFiles(of: run, in: folders)
      if missing.count == files.all.count {
        try add("run", "\(run.runId)", .filesMissing)
      } else {
        for name in missing { try add("file", name, .fileMissing) }
      }
      var isNoteCompared = false
      for folder in folders {
        let present = files.all.filter { LedgerVerifier.isThere("\(folder)/\($0)") }
        guard !present.isEmpty else { continue }
        try compare(
          run, files, present: Set(present), folder: folder, withNote: !isNoteCompared)
        isNoteCompared = true
      }
      if !isNoteCompared { try compare(run, files, present: [], folder: "", withNote: true) }
    }
    for (_, names) in filed.folders {
      for name in names.sorted() {
        guard let runId = FileNames.runId(of: name), run(runId) == nil else { continue }
        try add("file", name, .fileOfUnknownRun)
      }
    }
  }

  private static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The files of a run that are in none of the folders. Waits if a run that has just committed, or
  /// a report, may be about to give the files their names.
  private func missingFiles(of run: VerifiedRun, in folders: [String]) throws -> [String] {
    func missing() -> [String] {
      FileNames(runId: run.runId).all.filter { name in
        !folders.contains { LedgerVerifier.isThere("\($0)/\(name)") }
      }
    }
    guard !missing().isEmpty else { return [] }
    let recorded = try reader.run(run.runId)
    let mark = RunMark(
      ledgerId: recorded.ledgerId, runId: run.runId, beganAt: recorded.beganAt)
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(LedgerVerifier.patienceSeconds) {
      let names = missing()
      guard !names.isEmpty else { return [] }
      let isOnItsWay = folders.contains { folder in
        HiddenName.isAnyWritten(
          for: names, marked: names.map { mark.hiddenName($0) }, in: folder)
      }
      guard isOnItsWay else { break }
      try report.interruption.check()
      usleep(20_000)
    }
    return missing()
  }

  private func compare(
    _ run: VerifiedRun, _ files: FileNames, present: Set<String>, folder: String, withNote: Bool
  ) throws {
    func path(_ name: String) -> String {
      present.contains(name) ? "\(folder)/\(name)" : "/dev/null"
    }
    do {
      var credits = try ComparisonSink(path: path(files.credits))
      var lines = try ComparisonSink(path: path(files.invoiceLines))
      var findings = try ComparisonSink(path: path(files.findings))
      let totals = try reader.append(
        try reader.run(run.runId), credits: &credits, invoiceLines: &lines, findings: &findings)
      let madeCredits = try credits.finish()
      let madeLines = try lines.finish()
      let madeFindings = try findings.finish()
      if withNote {
        if madeCredits.digest.bytes != run.creditsDigest {
          try add("run", "\(run.runId)", .reportChanged("credits"))
        }
        if !run.invoiceLinesDigest.isEmpty, madeLines.digest.bytes != run.invoiceLinesDigest {
          try add("run", "\(run.runId)", .reportChanged("invoice lines"))
        }
        if madeFindings.digest.bytes != run.findingsDigest {
          try add("run", "\(run.runId)", .reportChanged("findings"))
        }
      }
      var sink = try ComparisonSink(path: path(files.totals))
      try sink.append { buffer in
        totals.append(
          ReportDigests(
            credits: madeCredits.digest, invoiceLines: madeLines.digest,
            findings: madeFindings.digest), to: &buffer)
      }
      let madeTotals = try sink.finish()
      for (name, made) in [
        (files.credits, madeCredits), (files.invoiceLines, madeLines),
        (files.findings, madeFindings), (files.totals, madeTotals),
      ] where present.contains(name) {
        fileWasCompared()
        if let difference = made.difference {
          try add("file", name, .file(line: difference.line, offset: difference.offset))
        }
      }
    } catch let error as FileError where error.path.hasPrefix(folder) {
      let name = String(error.path.dropFirst(folder.count + 1))
      try add("file", name, .fileUnreadable(code: error.code))
    } catch is LedgerError {
      try add("file", files.credits, .fileNotMade)
    } catch let error as PostgresError where error.kind == .decoding {
      // A value that no run writes, such as null for a number.
      try add("file", files.credits, .fileNotMade)
    } catch is RecordError {
      try add("file", files.credits, .fileNotMade)
    }
  }
}
