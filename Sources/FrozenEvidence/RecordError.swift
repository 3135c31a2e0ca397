/// Why what a run recorded could not be read.
package enum RecordError: Error, Hashable, Sendable {
  /// The newest run's number; 0 where there is none.
  case noSuchRun(runId: Int64, newest: Int64)
  /// The ledger does not hold the frozen evidence of a run any more.
  case evidenceMissing(runId: Int64)
  /// The frozen evidence of a run is not what a run writes.
  case evidenceUnreadable(runId: Int64)
  /// The ledger does not hold the policy file that a run read any more.
  case policyFileMissing(runId: Int64)
  /// The policy file that a run read is none.
  case policyFileUnreadable(runId: Int64)
}
