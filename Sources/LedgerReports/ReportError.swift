/// Why the files of a report could not be made.
package enum ReportError: Error, Hashable, Sendable {
  /// A part of the workbook was lost on its way to the disk.
  case workbookIncomplete(path: String)
  /// In the folder are files of a run of that number in another ledger.
  case filesOfAnotherLedger(runId: Int64, path: String)
  /// The folder has files of runs that this ledger does not have yet: the first of them, and how many.
  case filesOfLaterRuns(runId: Int64, path: String, count: Int)
}
