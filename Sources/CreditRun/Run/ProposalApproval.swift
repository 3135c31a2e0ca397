package import CreditLedger
import FrozenEvidence
import LedgerReports
package import PolicyFiles
package import Postgres
import RedressSQL
import ServiceCredits

/// What a person approves: the proposal that was read, who it is and why.
package struct ProposalApproval: Sendable {
  package let proposal: Proposal
  /// The policy of the proposal.
  package let policy: PolicyDocument
  package let approvedBy: String
  package let reason: String

  /// Finds the proposal.
  /// - Parameter digits: at least the first twelve of its digest in hexadecimal, in lower case.
  /// - Throws: `RunError` where there is no such proposal, or more than one, or where a run was committed by it.
  package init(
    digits: String, approvedBy: String, reason: String, target: ConnectionTarget,
    interruption: Interruption
  ) throws {
    (proposal, policy) = try interruption.reading { _ in
      let connection = try interruption.connect(target)
      _ = try Snapshot(connection, needs: .ledger, nodes: NodeAccess(target, interruption))
      let found = try Proposal.all(beginning: digits, connection)
      guard let proposal = found.first else { throw RunError.noSuchProposal(digits: digits) }
      guard found.count == 1 else {
        throw RunError.severalProposals(
          digits: digits, digests: found.map { ProposalName.whole($0.digest) })
      }
      if let runId = proposal.committedBy {
        throw RunError.proposalUsed(digest: proposal.digest, runId: runId)
      }
      let name = "the policy of proposal \(ProposalName.short(proposal.digest))"
      guard let content = try RecordedRun.policyFile(digest: proposal.policyDigest, connection)
      else { throw RunError.proposalWithoutPolicy(digest: proposal.digest) }
      return (proposal, try PolicyFile.document(bytes: content, name: name, isKept: true))
    }
    self.approvedBy = approvedBy
    self.reason = reason
  }
}

extension NightlyRun {
  /// Refuses a policy that a run may not use.
  /// - Throws: `PolicyRewrite` or `PolicyNotAdopted`, or `RunError` where it is the policy of the approved proposal.
  func checkPolicy(
    _ pass: Reconciliation, _ plan: ReconciliationPlan, _ connection: borrowing Connection
  ) throws {
    do {
      try pass.checkPolicy(connection, plan, isDryRun: options.isDryRun)
    } catch let error as PolicyNotAdopted {
      guard let approval = options.approval, approval.policy.bytes == options.request.policy.bytes
      else { throw error }
      throw RunError.proposalNotAdopted(
        digest: approval.proposal.digest, adoption: error.number)
    }
  }

  /// Refuses a night that is to come. Fees, versions and posting days of then would let through what today's limits hold, and
  /// the latest instant that was decided on decides which controls are in force. The ledger's owner may rehearse it.
  func checkInstant(
    _ asOf: Instant, now: Instant, _ connection: borrowing Connection
  ) throws {
    guard !options.isDryRun, asOf > now else { return }
    var mayRunAhead = false
    try connection.query(RedressSQL.Query.mayRunAhead.text) { mayRunAhead = try $0.bool(0) }
    guard mayRunAhead else { throw RunError.asOfToCome(asOf, now: now) }
  }

  /// Refuses before the work what this user must not let through.
  /// - Parameters:
  ///   - now: by the server's clock.
  ///   - connection: in the run's transaction, so that no other run can use the approval.
  func checkApproval(
    _ plan: ReconciliationPlan, now: Instant, _ connection: borrowing Connection
  ) throws {
    guard !options.isDryRun, options.approval != nil || options.approvesLimits else { return }
    let right = try RecordedApproval.right(connection)
    guard right.mayApprove else { throw RunError.mayNotApprove(user: right.user) }
    let asksForTwo = plan.asksForTwoPersons(options.request.policy.policy, now: now)
    guard let approval = options.approval else {
      // Nobody else has read anything.
      if asksForTwo { throw RunError.twoPersonsForLimits }
      return
    }
    let digest = approval.proposal.digest
    let found = try Proposal.all(beginning: ProposalName.whole(digest), connection)
    guard let proposal = found.first else {
      throw RunError.noSuchProposal(digits: ProposalName.short(digest))
    }
    if let runId = proposal.committedBy {
      throw RunError.proposalUsed(digest: digest, runId: runId)
    }
    if asksForTwo, proposal.runBy.utf8.elementsEqual(right.user.utf8) {
      throw RunError.ownProposal(user: right.user)
    }
  }

  /// Records in the run's transaction who let it through.
  func recordApproval(of runId: Int64, _ connection: borrowing Connection) throws {
    if let approval = options.approval {
      try RecordedApproval.insert(
        runId, proposal: approval.proposal.digest, approvedBy: approval.approvedBy,
        reason: approval.reason, connection)
    } else if options.approvesLimits {
      try RecordedApproval.insert(
        runId, proposal: nil, approvedBy: options.approvedBy, reason: options.approvalReason,
        connection)
    }
  }
}
