import CreditRun
import ServiceCredits

/// Which recorded credits a policy would decide again, by version, and what to do.
struct PolicyRewriteText {
  private let rewrite: PolicyRewrite

  init(_ rewrite: PolicyRewrite) { self.rewrite = rewrite }

  /// `version outage-response-1`
  static func subject(_ conflict: PolicyRewrite.Conflict) -> String {
    "version \(conflict.version)"
  }

  func statement(_ conflict: PolicyRewrite.Conflict) -> String {
    switch conflict.change {
    case .otherContent:
      return "a committed run has used this version with other content"
    case .missing(let takers):
      let taker =
        takers.isEmpty
        ? "no version would decide" : "\(takers.joined(separator: ", ")) would decide"
      return
        "committed runs have used this version, and \(rewrite.policy) does not have it; \(taker) on its incidents. "
        + PolicyRewriteText.stake(conflict, "under it")
    case .takenOver(let other, let from):
      return
        "\(other) takes over from it on \(from.text), and committed runs have decided up to \(rewrite.decidedUntil.text). "
        + PolicyRewriteText.stake(conflict, "under it for outages from then on")
    case .begins(let start):
      return
        "it begins on \(start.text), before every version that runs had, and committed runs have decided up to "
        + "\(rewrite.decidedUntil.text). Months that are recorded would get credits anew"
    }
  }

  func remedy(_ conflict: PolicyRewrite.Conflict) -> String {
    switch conflict.change {
    case .otherContent:
      "Put it back as it was (redress.policy_version has it), and write the change as a new version with a later "
        + "effective_from."
    case .missing:
      complete + " The ledger keeps the one of run "
        + "\(rewrite.runId): psql -XAt -v ON_ERROR_STOP=1 -o FILE.new -c \"SELECT convert_from(content, 'UTF8') FROM "
        + "redress.policy_file JOIN redress.run ON digest = policy_digest WHERE run_id = \(rewrite.runId)\" "
        + "DATABASE && test -s FILE.new && mv FILE.new FILE, where DATABASE is what --database gives."
        + restatement(conflict)
    case .takenOver(let other, _):
      "Give \(other) an effective_from after \(rewrite.decidedUntil.text)."
        + restatement(conflict)
    case .begins:
      "Leave it out." + restatement(conflict)
    }
  }

  /// Where a file with every version has to be put. Once a policy is adopted, a run takes no other file.
  private var complete: String {
    rewrite.isAdopted
      ? "Adopt a policy file that has every version: redress policy adopt FILE --note TEXT."
      : "Adopt a policy file that has every version: redress policy adopt FILE --note TEXT; or give it to each run: redress "
        + "run --policy FILE."
  }

  /// How months that are recorded are decided anew on purpose.
  private func restatement(_ conflict: PolicyRewrite.Conflict) -> String {
    guard let month = conflict.restatable?.text else { return "" }
    if let from = rewrite.restateFrom {
      return
        " --restate-from \(from.text) does not reach back to it: \(month) does, if that is meant."
    }
    return
      " If recorded months are to be decided anew, whoever may adopt policies says from which: redress policy adopt FILE "
      + "--restate-from \(month) --note TEXT"
  }

  private static func stake(_ conflict: PolicyRewrite.Conflict, _ place: String) -> String {
    guard !conflict.recorded.isEmpty else { return "Nothing is recorded \(place)" }
    let amounts = conflict.recorded.map { recorded in
      "\(recorded.total.text) (\(recorded.credits) \(recorded.credits == 1 ? "credit" : "credits"))"
    }
    return "Recorded \(place): \(amounts.joined(separator: ", "))"
  }
}

extension ErrorText {
  init(_ rewrite: PolicyRewrite) {
    let text = PolicyRewriteText(rewrite)
    let sentences = rewrite.conflicts.map { conflict in
      (
        PolicyRewriteText.subject(conflict) + ": " + text.statement(conflict),
        text.remedy(conflict)
      )
    }
    if let (problem, remedy) = sentences.first, sentences.count == 1 {
      self.init("policy \(problem)", remedy)
    } else {
      self.init(
        "the policy would decide anew what committed runs have decided; nothing was calculated",
        details: sentences.map { "\($0.0). \($0.1)" }, "")
    }
  }
}
