package import OutputFiles
package import ServiceCredits

/// Why a run failed, or why its outcome is incomplete or unknown.
package enum RunError: Error, Sendable {
  /// Another run holds the lock.
  case anotherRunIsActive
  /// An invoicing transaction kept its lock for longer than a run waits.
  case invoicingIsBusy(waitedSeconds: Int)
  /// Rows of the last run cannot be seen yet, because a node has not committed them.
  case lastRunHidden(runId: Int64)
  /// The run is committed, but not on every node yet; its files wait for the next run.
  case committedHidden(runId: Int64)
  /// The run is committed, but its files could not be written.
  case committedWithoutFiles(runId: Int64, FileError)
  /// The answer to COMMIT was lost, and the server could not be asked for it.
  case commitUnknown(runId: Int64)

  /// The as-of instant is to come by the server's clock, and the user is not the ledger's owner.
  case asOfToCome(Instant, now: Instant)
  /// No held run has left a proposal whose digest begins like this.
  case noSuchProposal(digits: String)
  /// Several have.
  case severalProposals(digits: String, digests: [String])
  /// A run was committed by the proposal.
  case proposalUsed(digest: [UInt8], runId: Int64)
  /// The policy file of the proposal is not in the ledger.
  case proposalWithoutPolicy(digest: [UInt8])
  /// The proposal was held under another policy than the one that is adopted by now.
  case proposalNotAdopted(digest: [UInt8], adoption: Int64)
  /// The proposal was held without a byte order mark in its CSVs, and the run was told to write one.
  case proposalWithoutMark(digest: [UInt8])
  /// The user has no right to record an approval.
  case mayNotApprove(user: String)
  /// The policy asks for two persons, and the user's own run has left the proposal.
  case ownProposal(user: String)
  /// The policy asks for two persons, and `--approve-limits` is one.
  case twoPersonsForLimits
}
