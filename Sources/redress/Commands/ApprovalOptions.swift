import ArgumentParser
import CreditLedger
import CreditRun
import LedgerReports
import Postgres

/// How a person lets a run through past the limits of the policy.
struct ApprovalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Commit the run only if it comes to this proposal of a held run.",
      discussion:
        "At least the first 12 digits of its digest, as the names of its files have them. Instant, months and policy are those of the proposal unless they are given. Needs --approved-by, --reason, and a user with the roles redress_job and redress_controller.",
      valueName: "digest"),
    transform: { try ApprovalOptions.digits($0) })
  var approve: String?

  @Flag(
    help:
      "For a first load: let the run through past the limits, whatever it comes to. Needs --approved-by, --reason and redress_controller too, and is recorded as such."
  )
  var approveLimits = false

  @Option(help: ArgumentHelp("Who approves; it is recorded.", valueName: "name"))
  var approvedBy: String?

  @Option(help: ArgumentHelp("Why; it is recorded.", valueName: "text"))
  var reason: String?

  /// What stands for the name and the reason in the commands that are printed. A ledger keeps neither for ever.
  static let placeholders = (name: "YOUR NAME", reason: "WHY IT IS RIGHT")

  func validate() throws {
    guard approve == nil || !approveLimits else {
      throw ValidationError("--approve and --approve-limits contradict each other.")
    }
    for (name, text) in [("--approved-by", approvedBy), ("--reason", reason)] {
      if let text, text.allSatisfy(\.isWhitespace) {
        throw ValidationError("\(name) says nothing.")
      }
      guard text != ApprovalOptions.placeholders.name, text != ApprovalOptions.placeholders.reason
      else {
        throw ValidationError(
          "\(name) is recorded for ever: give your own words for \(text ?? "").")
      }
      let approval =
        approve != nil ? "--approve" : approveLimits ? "--approve-limits" : nil
      guard approval != nil || text == nil else {
        throw ValidationError("\(name) belongs to --approve or --approve-limits.")
      }
      if let approval, text == nil {
        throw ValidationError("\(approval) needs \(name): it is recorded with the run.")
      }
    }
  }

  private static func digits(_ text: String) throws -> String {
    let digits = text.lowercased()
    guard (ProposalName.digits...64).contains(digits.utf8.count),
      digits.allSatisfy({ $0.isASCII && $0.isHexDigit })
    else {
      throw ValidationError(
        "A proposal is named by at least the first \(ProposalName.digits) of the 64 hexadecimal digits of its digest."
      )
    }
    return digits
  }

  /// The proposal that is approved; `nil` if none is.
  func proposal(
    _ target: ConnectionTarget, _ interruption: Interruption
  ) throws -> ProposalApproval? {
    guard let approve, let approvedBy, let reason else { return nil }
    return try ProposalApproval(
      digits: approve, approvedBy: approvedBy, reason: reason, target: target,
      interruption: interruption)
  }
}
