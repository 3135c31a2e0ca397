import FindingReviews
import PlainText
import ServiceCredits

extension ErrorText {
  init(_ error: FindingReviewError) {
    switch error {
    case .noRun:
      self.init(
        "the ledger has no run yet, so nothing was found", "Make the first one: redress run.")
    case .noSuchFinding(let code, let key, let relation, let runId, let nearMiss):
      let place = relation.map { " in \($0)" } ?? ""
      self.init(
        "run \(runId) has no finding \(code.rawValue) with the key '\(key)'\(place)",
        nearMiss.map { "Did you mean \(ShellWord.quoted($0))?" }
          ?? "These are there: redress findings --code \(code.rawValue)")
    case .notAccepted(let code, let key, let relation, let nearMiss):
      let place = relation.map { " in \($0)" } ?? ""
      self.init(
        "nobody has accepted a finding \(code.rawValue) with the key '\(key)'\(place)",
        nearMiss.map { "Did you mean \(ShellWord.quoted($0))?" }
          ?? "These are accepted: redress findings --accepted")
    case .severalKeys(let code, let key, let keys):
      self.init(
        "findings \(code.rawValue) with several keys read '\(key)' without their quotes",
        details: keys.map { ShellWord.quoted($0) }, "Give one of these, with its quotes.")
    case .severalRelations(let code, let key, let relations):
      self.init(
        "rows of \(Listed.and(relations)) have findings \(code.rawValue) with the key '\(key)'",
        "Say which with --relation \(relations[0]).")
    case .isOver(let until, let asOf):
      self.init(
        "the newest run was as of \(asOf.text), and --until \(until) is over by then",
        "Give a later day, or leave --until out.")
    case .changedMeanwhile(let error):
      self.init(
        "it is no longer as it was read: \(ErrorText.message(error))",
        "See what is open now: redress findings.")
    case .mayNotDecide(let error):
      self.init(
        "this database user may not decide about findings: \(ErrorText.message(error))",
        "As the owner of the schema redress: GRANT redress_controller TO this user.")
    }
  }
}
