import CreditLedger
import Digests
import Glibc

extension LedgerAuditor {
  /// Makes the report of each run again, and compares it with what the run noted of it, and with its files in
  /// `folder`. A run that has none of its files there was filed elsewhere; one that has some of them misses the others.
  func auditReports(in folder: String?) throws {
    let names = try folder.map { try FileNames.all(in: $0) } ?? []
    for run in runs {
      let files = FileNames(runId: run.runId)
      let expected = [files.credits, files.findings, files.totals]
      let present = expected.filter { names.contains($0) }
      for name in expected where !present.isEmpty && !names.contains(name) {
        try add("file", name, .fileMissing)
      }
      try compare(run, files, present: Set(present), folder: folder ?? "")
    }
    for name in names.sorted() {
      guard let runId = FileNames.runId(of: name), run(runId) == nil else { continue }
      try add("file", name, .fileOfUnknownRun)
    }
  }

  private func compare(
    _ run: AuditedRun, _ files: FileNames, present: Set<String>, folder: String
  ) throws {
    func path(_ name: String) -> String {
      present.contains(name) ? "\(folder)/\(name)" : "/dev/null"
    }
    do {
      var credits = try ComparisonSink(path: path(files.credits))
      var findings = try ComparisonSink(path: path(files.findings))
      let totals = try reader.append(
        try reader.run(run.runId), credits: &credits, findings: &findings)
      let madeCredits = try credits.finish()
      let madeFindings = try findings.finish()
      if madeCredits.digest.bytes != run.creditsDigest {
        try add("run", "\(run.runId)", .reportChanged("credits"))
      }
      if madeFindings.digest.bytes != run.findingsDigest {
        try add("run", "\(run.runId)", .reportChanged("findings"))
      }
      var sink = try ComparisonSink(path: path(files.totals))
      try sink.append { buffer in
        totals.append(
          ReportDigests(credits: madeCredits.digest, findings: madeFindings.digest), to: &buffer)
      }
      let madeTotals = try sink.finish()
      for (name, made) in [
        (files.credits, madeCredits), (files.findings, madeFindings), (files.totals, madeTotals),
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
    } catch is ReportError {
      try add("file", files.credits, .fileNotMade)
    }
  }
}
