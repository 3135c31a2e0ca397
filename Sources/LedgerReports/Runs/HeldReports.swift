import CreditLedger
package import OutputFiles
package import Postgres
import ServiceCredits

/// The page and the workbook of a run that is held. They are written while its rows are still there, and appear once they have
/// been taken back.
package struct HeldReports: ~Copyable {
  private let names: FileNames
  private var page: AtomicFile
  private var workbook: AtomicFile

  /// - Parameters:
  ///   - digest: of what the run came to.
  ///   - files: the digests of the CSVs that people read.
  ///   - connection: in the run's transaction.
  package init(
    _ runId: Int64, digest: [UInt8], files: ReportDigests, folder: String, report: LedgerReport,
    _ connection: borrowing Connection
  ) throws {
    let names = FileNames(proposal: digest)
    var reader = LedgerReader(report, inside: connection)
    var page = try AtomicFile(folder: folder, name: names.page)
    let held = LedgerFigures.Held(digest: ProposalName.whole(digest), files: names)
    let bytes = try LedgerPage.bytes(heldRun: runId, held, files, &reader)
    try page.append { $0 += bytes }
    _ = try page.finishContent()
    let workbook = try AtomicFile(folder: folder, name: names.workbook)
    let run = try reader.run(runId)
    try reader.writeWorkbook(
      .run(runId), run, to: workbook,
      notes: [
        ("proposal", ProposalName.whole(digest)),
        ("held", "The run passed a limit. Nothing of this is in the ledger."),
        ("as of", run.asOf.text),
        ("months of the run", "\(run.months.lowerBound.text) to \(run.months.upperBound.text)"),
      ], title: "Credits held as \(ProposalName.short(digest))", hasNumber: false)
    self.names = names
    self.page = page
    self.workbook = workbook
  }

  /// Makes the files appear. What was there of the same proposal stays.
  /// - Returns: their paths.
  package mutating func publish() throws(FileError) -> [String] {
    try page.publish(.leaving)
    try workbook.publish(.leaving)
    try AtomicFile.syncFolder(page.folder)
    return [names.page, names.workbook].map { "\(page.folder)/\($0)" }
  }
}
