/// Why the files of a report could not be made.
package enum ReportError: Error, Hashable, Sendable {
  /// A part of the workbook was lost while it was written.
  case workbookIncomplete(path: String)
  /// The folder has files of a run with the same number in another ledger.
  case filesOfAnotherLedger(runId: Int64, path: String)
  /// The folder has files of runs that this ledger does not have yet. `path` is the first file,
  /// `count` the number of all.
  case filesOfLaterRuns(runId: Int64, path: String, count: Int)
}
