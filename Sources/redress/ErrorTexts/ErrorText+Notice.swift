import CreditRun
import Documents
import Notices
import PlainText
import ServiceCredits
import Templates

/// The problems of an operator's templates, in the form that editors understand.
struct TemplateProblemsText {
  let text: String
  let lines: [String]

  init(_ error: TemplateProblems) {
    lines = error.problems.map { problem in
      let place = "\(error.folder)/\(problem.template):\(problem.line):\(problem.column)"
      return Printable.oneLine(
        "\(place): \(TemplateProblemsText.sentence(problem.kind, of: problem.template))")
    }
    text = lines.map { $0 + "\n" }.joined()
  }

  private static func sentence(
    _ kind: TemplateProblem.Kind, of name: String
  ) -> String {
    switch kind {
    case .unknownName(let name, let known):
      "there is no value '\(name)' here. "
        + (NearMiss.nearest(to: name, among: known).map { "Did you mean '\($0)'?" }
          ?? "There are \(known.joined(separator: ", ")).")
    case .notAText(let name):
      "'\(name)' is no text to be shown. Write {{#\(name)}}…{{/\(name)}} around what depends on it."
    case .unknownTemplate(let name, let known):
      "there is no template '\(name)'. "
        + (NearMiss.nearest(to: name, among: known).map { "Did you mean '\($0)'?" }
          ?? "Put it into the same folder.")
    case .includesItself(let name):
      "'\(name)' would include itself without end. Remove this gap."
    case .notClosed(let name): "{{#\(name)}} is not closed. Write {{/\(name)}} where it ends."
    case .closesNothing(let name, let open?):
      "{{/\(name)}} stands where '\(open)' is open. Close that first, with {{/\(open)}}."
    case .closesNothing(let name, nil): "{{/\(name)}} closes nothing. Remove it."
    case .unfinishedGap: "'{{' begins a gap that does not end. Write '}}' after its name."
    case .notHere(let mark) where mark == "{" || mark == "&":
      "a gap with '\(mark)' would not be escaped. Write {{name}}."
    case .notHere(let mark):
      "a gap with '\(mark)' has no meaning here. There are {{name}}, {{#name}}, {{^name}}, {{/name}}, {{> file}} "
        + "and {{! comment}}."
    case .malformed(let text): "this is no Mustache template (\(text))."
    case .notUTF8: "the file is not in UTF-8. Save it in UTF-8."
    case .tooLarge: "the file is larger than a template can be, 1 MiB."
    case .unused(let known):
      "no message is made of this file, and no template includes it. "
        + (NearMiss.nearest(to: name, among: known).map { "Did you mean '\($0)'?" }
          ?? "Call it \(known.joined(separator: ", ")), or give it another ending.")
    }
  }
}

extension ErrorText {
  init(_ error: NoticeError) {
    switch error {
    case .noSuchIncident(let id, let nearMiss):
      self.init(
        "there is no incident '\(id)'",
        nearMiss.map { "Did you mean '\($0)'?" }
          ?? "Ids are compared byte for byte with redress_source.incident.")
    case .notOpen(let id, let resolvedAt):
      self.init(
        "incident '\(id)' was resolved" + (resolvedAt.map { " at \($0.text)" } ?? "")
          + ", and an initial notice is for one that goes on",
        "Use --resolved, or --as-of with an earlier time.")
    case .notResolved(let id):
      self.init(
        "incident '\(id)' is not resolved",
        "Use --initial, or set its status and resolved_at in redress_source.incident.")
    case .void(let id):
      self.init(
        "incident '\(id)' is void: nobody was affected",
        "redress notices --run tells customers of credits that were taken back.")
    case .parked(let id, let findings):
      self.init(
        "incident '\(id)' is parked until its data is corrected",
        details: findings.map(\.sentence), "")
    case .noWindows(let id):
      self.init(
        "no outage window says whom incident '\(id)' affects",
        "Add its windows to redress_source.outage; one that goes on has no ended_at.")
    case .noPolicyInForce(let id):
      self.init(
        "no version of the policy was in force when incident '\(id)' started",
        "Add a version with an earlier effective_from to the policy file, and name it with --policy."
      )
    }
  }
}
