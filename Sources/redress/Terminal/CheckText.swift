import CreditLedger
import CreditRun
import Documents
import LedgerReports
import PlainText
import PolicyFiles
import Postgres
import ServiceCredits

/// One result of a check.
struct CheckLine {
  enum Status: String {
    case ok, note, problem, skipped
  }

  let section: CheckSection
  let status: Status
  /// A relation, a row's key, or a place in the policy file.
  var subject = ""
  /// What was found.
  let statement: String
  /// What to do about a problem.
  var remedy = ""
  /// The finding's code, if it is a finding.
  var code = ""

  /// `ok       source      redress_source.customer: …`. The remedy is on the next line.
  var text: String {
    let head = CheckLine.padded(status.rawValue, 9) + CheckLine.padded(section.rawValue, 12)
    let indentation = String(repeating: " ", count: 21)
    var text = head
    if !code.isEmpty { text += Printable.oneLine(code) + " " }
    if !subject.isEmpty { text += Printable.oneLine(subject) + ": " }
    text += Printable.oneLine(statement) + "\n"
    if !remedy.isEmpty { text += indentation + Printable.oneLine(remedy) + "\n" }
    return text
  }

  var json: String {
    var buffer: [UInt8] = []
    var object = JSONObject(&buffer)
    object.append("section", text: section.rawValue, to: &buffer)
    object.append("status", text: status.rawValue, to: &buffer)
    object.append("code", text: code, to: &buffer)
    object.append("subject", text: subject, to: &buffer)
    object.append("statement", text: statement, to: &buffer)
    object.append("remedy", text: remedy, to: &buffer)
    object.end(&buffer)
    return String(decoding: buffer, as: UTF8.self) + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
}

enum CheckText {
  static func lines(_ event: CheckEvent) -> [CheckLine] {
    let section = event.section
    func ok(_ subject: String, _ statement: String) -> [CheckLine] {
      [CheckLine(section: section, status: .ok, subject: subject, statement: statement)]
    }
    func problem(_ subject: String, _ statement: String, _ remedy: String) -> [CheckLine] {
      [
        CheckLine(
          section: section, status: .problem, subject: subject, statement: statement,
          remedy: remedy)
      ]
    }
    switch event {
    case .connected(let database, let user, let isEncrypted):
      return ok(database, "connected as \(user)\(isEncrypted ? ", encrypted" : "")")
    case .server(let version, let encoding):
      return ok("PostgreSQL \(ContractText.version(version))", "encoding \(encoding)")
    case .cluster(let cluster): return lines(cluster, in: section)
    case .ledger(let version):
      return ok("schema redress", "version \(version), the one that this program needs")
    case .relation(let name, let columns):
      let list = columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
      return ok("redress_source.\(name)", list)
    case .privileges(let user):
      return ok(user, "may read the source, and read and append to the ledger")
    case .policy, .policyOrigin, .unknownPlans, .policyErrors, .policyRewrite, .policyNotAdopted,
      .adoption:
      return policyLines(event)
    case .data(let summary, let findings, let accepted):
      let scope = "\(summary.customers) customers, \(summary.subscriptions) subscriptions"
      let settled = accepted == 0 ? "" : ", \(accepted) accepted"
      return findings == 0
        ? ok(scope, "nothing to review" + settled)
        : problem(scope, CheckText.toReview(findings) + settled, "")
    case .held(let limits):
      return problem(
        "limits", "this run would be held: " + limits.map(\.text).joined(separator: "; "),
        "Find out why so much changes. If it is right, approve it when the run is held.")
    case .note(let note): return [line(note, in: section)]
    case .notConnected(let error), .refused(let error):
      let text = ErrorText(error)
      return problem("", statement(of: text), text.remedy)
    case .violation(let violation):
      let text = ContractText(violation)
      return problem(text.subject, text.statement, text.remedy)
    case .finding(let finding): return [line(finding, in: section)]
    case .skipped(let section):
      return [
        CheckLine(
          section: section, status: .skipped,
          statement: "not looked at before what is wrong elsewhere is put right")
      ]
    }
  }

  private static func toReview(_ findings: Int) -> String {
    findings == 1 ? "1 finding to review" : "\(findings) findings to review"
  }

  /// What is said of the policy.
  private static func policyLines(_ event: CheckEvent) -> [CheckLine] {
    let section = event.section
    func problem(_ subject: String, _ text: ErrorText) -> [CheckLine] {
      [
        CheckLine(
          section: section, status: .problem, subject: subject, statement: statement(of: text),
          remedy: text.remedy)
      ]
    }
    switch event {
    case .policy(let name, let versions, let starts):
      return zip(versions, starts).map { version, start in
        CheckLine(
          section: section, status: .ok, subject: "\(name), version \(version.name)",
          statement:
            "in force from \(version.effectiveFrom.text) in \(version.timeZone), which is \(start.text)"
        )
      }
    case .policyOrigin(let origin): return line(origin, in: section).map { [$0] } ?? []
    case .unknownPlans(let plans): return plans.map { line($0, in: section) }
    case .policyErrors(let errors): return lines(errors)
    case .policyRewrite(let rewrite): return lines(rewrite, in: section)
    case .policyNotAdopted(let error): return problem(error.file, ErrorText(error))
    case .adoption(let error): return problem("redress.policy_adoption", ErrorText(error))
    default: preconditionFailure("not about the policy")
    }
  }

  /// Where the policy comes from; `nil` if the user has given it.
  private static func line(
    _ origin: PolicyInForce.Origin, in section: CheckSection
  ) -> CheckLine? {
    switch origin {
    case .file, .run: nil
    case .adopted(let adoption):
      CheckLine(
        section: section, status: .ok, subject: "adopted policy \(adoption.number)",
        statement:
          "adopted on \(adoption.adoptedAt.text) by \(adoption.adoptedBy): \(adoption.note)"
      )
    case .builtIn:
      CheckLine(
        section: section, status: .note, subject: "built-in policy",
        statement:
          "nothing is adopted, so runs use the built-in policy unless --policy names a file",
        remedy: "If it is not what you promise: redress policy adopt FILE --note TEXT")
    }
  }

  private static func line(
    _ plan: AdoptionError.UnknownPlan, in section: CheckSection
  ) -> CheckLine {
    CheckLine(
      section: section, status: .note, subject: "redress_source.subscription_term",
      statement: "no row has the \(ErrorText.sentence(plan))",
      remedy: "Customers of a plan that is misspelt here get the terms of all others.")
  }

  private static func lines(_ rewrite: PolicyRewrite, in section: CheckSection) -> [CheckLine] {
    let text = PolicyRewriteText(rewrite)
    return rewrite.conflicts.map { conflict in
      CheckLine(
        section: section, status: .problem, subject: PolicyRewriteText.subject(conflict),
        statement: text.statement(conflict), remedy: text.remedy(conflict))
    }
  }

  private static func statement(of text: ErrorText) -> String {
    ([text.problem] + text.details).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
      .joined(separator: ". ")
  }

  private static func line(_ finding: Finding, in section: CheckSection) -> CheckLine {
    CheckLine(
      section: section, status: .problem, subject: "\(finding.relation) \(finding.key.text)",
      statement: finding.problem, remedy: finding.remedy, code: finding.code.rawValue)
  }

  private static func line(_ note: ContractNote, in section: CheckSection) -> CheckLine {
    let text = ContractText(note)
    return CheckLine(
      section: section, status: .note, subject: text.subject, statement: text.statement,
      remedy: text.remedy)
  }

  private static func lines(_ errors: PolicyErrors) -> [CheckLine] {
    var lines = errors.errors.map { placed in
      let text = placed.sentences
      let place = placed.place == .wholeFile ? "" : ":\(placed.place.line):\(placed.place.column)"
      return CheckLine(
        section: .policy, status: .problem, subject: errors.file + place,
        statement: text.problem, remedy: text.remedy)
    }
    if errors.omittedCount > 0 {
      lines.append(
        CheckLine(
          section: .policy, status: .problem, subject: errors.file,
          statement: "\(errors.omittedCount) more errors are not shown"))
    }
    return lines
  }
}
