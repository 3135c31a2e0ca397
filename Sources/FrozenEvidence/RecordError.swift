/// Why a recorded policy or frozen evidence could not be read.
package enum RecordError: Error, Hashable, Sendable {
  /// `newest` is the number of the newest run; 0 if there is none.
  case noSuchRun(runId: Int64, newest: Int64)
  /// The ledger no longer has the frozen evidence of a run.
  case evidenceMissing(runId: Int64)
  /// The frozen evidence of a run is not in the form that a run writes.
  case evidenceUnreadable(runId: Int64)
  /// The ledger no longer has the policy file that a run read.
  case policyFileMissing(runId: Int64)
  /// The recorded policy file of a run is not a valid policy file.
  case policyFileUnreadable(runId: Int64)
}
