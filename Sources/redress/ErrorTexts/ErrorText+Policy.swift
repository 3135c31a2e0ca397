import CreditRun
import PlainText
import ServiceCredits

extension ErrorText {
  init(_ error: AdoptionError) {
    switch error {
    case .changed(let number):
      self.init(
        "adoption \(number) in redress.policy_adoption is not as it was recorded, so no policy is in force",
        "The ledger was changed by other hands. Run `redress verify`, and restore the rows that it names."
      )
    case .fileChanged(let number):
      self.init(
        "the policy file of adoption \(number) in redress.policy_file is missing, or another one stands in its place",
        "The ledger was changed by other hands. Run `redress verify`, and restore the row that it names."
      )
    case .unknownPlans(let plans, let file):
      self.init(
        "\(file) names \(plans.count == 1 ? "a plan" : "\(plans.count) plans") that no row of "
          + "redress_source.subscription_term has; nothing was recorded",
        details: plans.map(ErrorText.sentence),
        "Correct the names. Of a plan that is still to be sold, say so: "
          + plans.map { "--new-plan \(ShellWord.quoted($0.plan))" }.joined(separator: " "))
    case .nothingToRestate:
      self.init(
        "no version begins in what runs have decided, so there is nothing to restate; nothing was recorded",
        "Leave --restate-from out.")
    case .notAllowed(let user):
      self.init(
        "the user \(user) may not adopt policies; nothing was recorded",
        "Adopting is for members of redress_controller. As a role that may grant it: GRANT redress_controller TO "
          + "\(ErrorText.identifier(user));")
    case .ledgerIsBusy:
      self.init(
        "a run is active on this database; nothing was recorded",
        "Wait for it, and adopt the policy again.")
    case .adoptedMeanwhile(let number, let user):
      self.init(
        "\(user) has adopted policy \(number) in the meantime; nothing was recorded",
        "Look at it with `redress policy history`, then adopt this one again.")
    }
  }

  init(_ error: PolicyNotAdopted) {
    let difference = error.difference
    var details: [String] = []
    func add(_ versions: [PolicyVersion], _ words: String) {
      guard !versions.isEmpty else { return }
      details.append("\(words): \(Listed.and(versions.map { Printable.oneLine($0.name) }))")
    }
    add(difference.changed, "With other content than adopted")
    add(difference.gone, "Adopted and not in the file")
    add(difference.added, "In the file and not adopted")
    if difference.isEmpty {
      details.append("The versions are the same; what stands beside them is not.")
    }
    self.init(
      "\(error.file) is not the policy that is adopted for this ledger (number \(error.number)); nothing was calculated",
      details: details,
      "Run without --policy, or have the file adopted by a member of redress_controller: redress policy adopt "
        + "\(ShellWord.quoted(error.file)) --note TEXT. To see what it would do: redress run --dry-run, or redress simulate."
    )
  }

  /// `plan "platnum" of version acme-2026; did you mean "platinum"?`
  static func sentence(_ plan: AdoptionError.UnknownPlan) -> String {
    "plan \(Quoted.text(plan.plan)) of version \(Quoted.bare(plan.version))"
      + (plan.nearMiss.map { "; did you mean \(Quoted.text($0))?" } ?? "")
  }

  /// A name as SQL writes it.
  private static func identifier(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
  }
}
