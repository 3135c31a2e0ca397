import CreditLedger
import LedgerReports
import ServiceCredits

extension LedgerVerifier {
  /// Checks who let which run through, and what was proposed.
  func auditApprovals() throws {
    for proposal in try VerifiedProposal.differing(reader.connection) {
      let key = ProposalName.whole(proposal.digest)
      if !proposal.isOwn { try add("proposal", key, .decisionOfPersonChanged) }
      if !proposal.hasPolicy {
        try add(
          "proposal", key, .policyFileMissing(digest: ProposalName.whole(proposal.policyDigest)))
      }
    }
    for approval in try VerifiedApproval.all(reader.connection) {
      try audit(approval)
    }
  }

  private func audit(_ approval: VerifiedApproval) throws {
    let key = "\(approval.runId)"
    guard approval.hasApproval else { return try add("run", key, .approvalMissing) }
    guard approval.hasRun else { return try add("approval", key, .unknownRun(approval.runId)) }
    if !approval.isOwn { try add("approval", key, .decisionOfPersonChanged) }
    if !approval.isMarked { try add("approval", key, .approvalUnused) }
    if let digest = approval.proposal {
      if approval.proposedBy == nil {
        try add("approval", key, .proposalMissing(digest: ProposalName.whole(digest)))
      } else if !approval.isAsProposed {
        try add("approval", key, .notAsProposed(digest: ProposalName.whole(digest)))
      }
    }
    let isAlone = approval.proposal == nil || approval.proposedBy == approval.databaseUser
    if isAlone, asksForTwoPersons(approval.runId) {
      try add("approval", key, .approvedAlone(user: approval.databaseUser))
    }
  }
}
