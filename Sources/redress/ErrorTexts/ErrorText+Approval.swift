import CreditRun
import LedgerReports

extension ErrorText {
  /// Why a run cannot be approved.
  init(approval error: RunError) {
    switch error {
    case .noSuchProposal(let digits):
      self.init(
        "no held run has left a proposal \(digits) in this database; nothing was calculated",
        "`redress runs` lists the proposals that wait.")
    case .severalProposals(let digits, let digests):
      self.init(
        "\(digits) begins the digest of \(digests.count) proposals; nothing was calculated",
        details: digests, "Give more of the digits.")
    case .proposalUsed(let digest, let runId):
      self.init(
        "proposal \(ProposalName.short(digest)) was approved before, and run \(runId) is what came of it; nothing was "
          + "calculated",
        "An approval holds once. See what it wrote with: redress report --run \(runId)")
    case .proposalWithoutPolicy(let digest):
      self.init(
        "the policy file of proposal \(ProposalName.short(digest)) is not in redress.policy_file",
        "The ledger was changed by other hands. Run `redress verify`.")
    case .proposalNotAdopted(let digest, let number):
      self.init(
        "proposal \(ProposalName.short(digest)) was held under another policy than the one that is adopted for this ledger "
          + "(number \(number)); nothing was calculated",
        "Run without --approve and --policy, read what that comes to, and approve it if it is held. `redress policy history` "
          + "says what was adopted.")
    case .proposalWithoutMark(let digest):
      self.init(
        "proposal \(ProposalName.short(digest)) was held without --csv-bom, and its digest is of files without the mark; "
          + "nothing was written",
        "Leave --csv-bom out. `redress report --csv-bom` makes files with it.")
    case .mayNotApprove(let user):
      self.init(
        "user \(user) may not approve; nothing was calculated",
        "Approving is the right of a role of its own: GRANT redress_controller TO this user.")
    case .ownProposal(let user):
      self.init(
        "the policy asks for two persons, and the proposal is of a run of the same user \(user); nothing was calculated",
        "Let another database user approve it, one with the roles redress_job and redress_controller."
      )
    case .twoPersonsForLimits:
      self.init(
        "the policy asks for two persons, and --approve-limits is one; nothing was calculated",
        "Run without it. The run is held, and another database user can approve the proposal.")
    default: preconditionFailure("every other error has its text elsewhere")
    }
  }
}
