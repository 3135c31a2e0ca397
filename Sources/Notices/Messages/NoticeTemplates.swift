package import Templates

/// The templates of the messages: the built-in ones, or an operator's instead.
package struct NoticeTemplates: Sendable {
  package private(set) var templates: Templates

  /// The built-in templates, as name and content.
  package static let builtIn: [(name: String, content: [UInt8])] = [
    ("initial.html", PackageResources.initial_html),
    ("initial.subject.txt", PackageResources.initial_subject_txt),
    ("initial.txt", PackageResources.initial_txt),
    ("resolved.html", PackageResources.resolved_html),
    ("resolved.subject.txt", PackageResources.resolved_subject_txt),
    ("resolved.txt", PackageResources.resolved_txt),
  ]

  /// The largest size of a template, in bytes.
  package static let largest = 1 << 20

  /// The built-in templates.
  package init() throws(TemplateError) {
    var templates = Templates()
    for (name, content) in NoticeTemplates.builtIn {
      try templates.set(String(decoding: content, as: UTF8.self), named: name)
    }
    self.templates = templates
  }

  /// Replaces built-in templates with an operator's files. Other files are added, to be included.
  /// - Returns: everything that is wrong with the files; empty if they can be used.
  package mutating func replace(_ files: [(name: String, content: [UInt8])]) -> [TemplateProblem] {
    var problems: [TemplateProblem] = []
    func report(_ name: String, _ line: Int, _ column: Int, _ kind: TemplateProblem.Kind) {
      problems.append(TemplateProblem(template: name, line: line, column: column, kind: kind))
    }
    for (name, content) in files {
      guard content.count <= NoticeTemplates.largest else {
        report(name, 1, 1, .tooLarge)
        continue
      }
      guard let source = String(validating: content, as: UTF8.self) else {
        report(name, 1, 1, .notUTF8)
        continue
      }
      do throws(TemplateError) {
        try templates.set(source.replacing("\r\n", with: "\n"), named: name)
      } catch {
        guard case .malformed(_, let line, let column, let text) = error else { continue }
        report(name, line, column, .malformed(text))
      }
    }
    let roots = NoticeTemplates.builtIn.map(\.name)
    // If a gap is wrong, its problem says more than the error of the template library.
    let inGaps = templates.problems(in: roots, names: NoticeTemplates.names)
    problems.removeAll { problem in
      if case .malformed = problem.kind {
        return inGaps.contains { $0.template == problem.template }
      }
      return false
    }
    let reached = templates.reached(from: roots)
    for (name, _) in files where templates.source(of: name) != nil && !reached.contains(name) {
      report(name, 1, 1, .unused(known: roots))
    }
    return problems + inGaps
  }

  /// The names that the gaps of these templates may have.
  package static let names = TemplateNames.section([
    "customer": .text, "customer_id": .text, "time_zone": .text, "run": .text, "sender": .text,
    "incident_count": .text, "is_correction": .flag, "has_credits": .flag,
    "has_post_mortem": .flag, "single": .section(incident), "incidents": .section(incident),
    "totals": .section(["amount": .text, "separator": .text]),
  ])

  private static let incident: [String: TemplateNames] = [
    "incident": .text, "title": .text, "severity": .text, "service": .text, "started": .text,
    "ended": .text, "counted": .text, "is_partial": .flag, "root_cause": .text,
    "next_update": .text,
    "has_done": .flag, "done": .section(["item": .text]), "has_under_way": .flag,
    "under_way": .section(["item": .text]), "credits": .section(credit),
  ]

  private static let credit: [String: TemplateNames] = [
    "amount": .text, "before": .text, "is_withdrawn": .flag, "because": .text,
    "subscription": .text, "service": .text, "plan": .text, "fee": .text, "percent": .text,
    "month": .text, "open": .text, "set_off": .text,
    "balances": .section(["amount": .text]),
    "invoices": .section(["invoice": .text, "amount": .text]),
  ]
}
