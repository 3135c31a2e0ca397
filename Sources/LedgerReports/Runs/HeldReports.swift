import CreditLedger
package import OutputFiles
package import Postgres
import ServiceCredits

/// The page and the workbook of a run that is held. They are written while its rows are still there, and appear once they have
/// been taken back.
package struct HeldReports: ~Copyable {
  private let names: FileNames
  /// `nil` where sums are too large for a page.
  private var page: AtomicFile?
  private var workbook: AtomicFile

  /// - Parameters:
  ///   - digest: of what the run came to.
  ///   - files: the digests of the CSVs that people read.
  ///   - connection: in the run's transaction.
  package init(
    _ runId: Int64, digest: [UInt8], files: ReportDigests, currencies: [RunSummary.CurrencyTotal],
    folder: String, report: LedgerReport, _ connection: borrowing Connection
  ) throws {
    let names = FileNames(proposal: digest)
    var reader = LedgerReader(report, inside: connection)
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
    let held = LedgerFigures.Held(digest: ProposalName.whole(digest), files: names)
    let page =
      currencies.allSatisfy(\.fitsPage)
      ? try HeldReports.page(of: runId, held, files, folder: folder, &reader, connection) : nil
    self.names = names
    self.page = page
    self.workbook = workbook
  }

  /// - Returns: `nil` where sums of earlier runs are too large for a page.
  private static func page(
    of runId: Int64, _ held: LedgerFigures.Held, _ files: ReportDigests, folder: String,
    _ reader: inout LedgerReader, _ connection: borrowing Connection
  ) throws -> AtomicFile? {
    let bytes: [UInt8]
    do {
      bytes = try connection.savepoint {
        try LedgerPage.bytes(heldRun: runId, held, files, &reader)
      }
    } catch let error as PostgresError where error.sqlState == "22003" {
      return nil
    }
    var file = try AtomicFile(folder: folder, name: held.files.page)
    try file.append { $0 += bytes }
    _ = try file.finishContent()
    return file
  }

  /// Makes the files appear. What was there of the same proposal stays.
  /// - Returns: their paths.
  package mutating func publish() throws(FileError) -> [String] {
    let hasPage = page != nil
    try page?.publish(.leaving)
    try workbook.publish(.leaving)
    try AtomicFile.syncFolder(workbook.folder)
    return ((hasPage ? [names.page] : []) + [names.workbook]).map { "\(workbook.folder)/\($0)" }
  }
}

extension RunSummary.CurrencyTotal {
  /// Whether every sum that a page adds up fits 64 bits.
  fileprivate var fitsPage: Bool {
    let sums =
      RevisionKind.allCases.map { amountMinor[$0].magnitude }
      + PlacementTotals.Place.allCases.map { placement[$0].amountMinor.magnitude }
    return sums.reduce(0, +) <= UInt128(Int64.max)
  }
}
