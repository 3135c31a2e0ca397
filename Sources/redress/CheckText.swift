import CreditLedger
import CreditReports
import CreditRun
import Postgres
import ServiceCredits

/// What a check prints about one thing.
struct CheckLine {
  enum Status: String {
    case ok, problem, skipped
  }

  let section: CheckSection
  let status: Status
  /// What it is about: a relation, a row's key, a place in the policy file.
  var subject = ""
  /// What is so, or what is wrong.
  let statement: String
  /// What to do about a problem.
  var remedy = ""
  /// Of a finding.
  var code = ""

  /// `ok       source      redress_source.customer: …`; what to do stands below what is wrong.
  var text: String {
    let head = CheckLine.padded(status.rawValue, 9) + CheckLine.padded(section.rawValue, 12)
    let indentation = String(repeating: " ", count: 21)
    var text = head
    if !code.isEmpty { text += PlainText.oneLine(code) + " " }
    if !subject.isEmpty { text += PlainText.oneLine(subject) + ": " }
    text += PlainText.oneLine(statement) + "\n"
    if !remedy.isEmpty { text += indentation + PlainText.oneLine(remedy) + "\n" }
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
      return ok(
        database, "connected as \(user)\(isEncrypted ? ", encrypted" : "")")
    case .server(let version, let encoding):
      return ok("PostgreSQL \(CheckText.version(version))", "encoding \(encoding)")
    case .ledger(let version):
      return ok("schema redress", "version \(version), the one that this program needs")
    case .relation(let name, let columns):
      let list = columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
      return ok("redress_source.\(name)", list)
    case .privileges(let user):
      return ok(user, "may read the source, and read and append to the ledger")
    case .policy(let name, let versions, let starts):
      return zip(versions, starts).flatMap { version, start in
        ok(
          "\(name), version \(version.name)",
          "in force from \(version.effectiveFrom.text) in \(version.timeZone), which is \(start.text)"
        )
      }
    case .data(let summary, let findings):
      let scope =
        "\(summary.customers) customers, \(summary.subscriptions) subscriptions"
      return findings == 0
        ? ok(scope, "nothing to review")
        : [
          CheckLine(
            section: section, status: .problem, subject: scope,
            statement: findings == 1 ? "1 finding to review" : "\(findings) findings to review")
        ]
    case .notConnected(let error):
      return problem(
        "", error.description,
        "Check --database or the PG* variables, and that the server runs and lets this user in.")
    case .violation(let violation):
      let text = CheckText.text(violation)
      return problem(text.subject, text.statement, text.remedy)
    case .policyErrors(let errors):
      return lines(errors)
    case .frozenVersionChanged(let name):
      return problem(
        "version \(name)", "a committed run has used this version with other content",
        "Give the changed version a name and an effective_from of its own; keep the old one as it was."
      )
    case .finding(let finding):
      return [
        CheckLine(
          section: section, status: .problem, subject: "\(finding.relation) \(finding.key.text)",
          statement: finding.problem, remedy: finding.remedy, code: finding.code.rawValue)
      ]
    case .skipped(let section):
      return [
        CheckLine(
          section: section, status: .skipped,
          statement: "not looked at before what is wrong elsewhere is put right")
      ]
    }
  }

  /// `15.18` for 150018.
  private static func version(_ number: Int) -> String {
    "\(number / 10_000).\(number % 10_000)"
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

  private typealias Text = (subject: String, statement: String, remedy: String)

  private static func text(_ violation: ContractViolation) -> Text {
    switch violation {
    case .serverTooOld(let version):
      (
        "PostgreSQL \(CheckText.version(version))", "the server is older than PostgreSQL 13",
        "Use a server of version 13 or later."
      )
    case .serverEncoding(let encoding):
      (
        "encoding \(encoding)", "the database keeps its text in another encoding than UTF8",
        "Create the database with ENCODING 'UTF8'."
      )
    case .ledgerMissing, .ledgerBehind, .ledgerAhead, .ledgerEdited, .ledgerGap,
      .ledgerUnreadable, .ledgerPrivilege:
      ledgerText(violation)
    case .sourceMissing, .sourceUnusable, .relationMissing, .columnMissing, .columnType,
      .columnPrivilege, .relationPrivilege, .relationUnusable:
      sourceText(violation)
    }
  }

  private static func ledgerText(_ violation: ContractViolation) -> Text {
    switch violation {
    case .ledgerMissing:
      ("schema redress", "it has not been created", "Run `redress migrate` as its future owner.")
    case .ledgerBehind(let version, let known):
      (
        "schema redress", "it has version \(version), and this program needs \(known)",
        "Run `redress migrate` as its owner."
      )
    case .ledgerAhead(let version, let known):
      (
        "schema redress", "it has version \(version), and this program knows \(known) at most",
        "Use the newer redress that has migrated it."
      )
    case .ledgerEdited(let number, let name):
      (
        "schema redress", "migration \(number) (\(name)) was applied with other content",
        "Use the redress that has migrated it; an applied migration is never changed."
      )
    case .ledgerGap(let missing):
      (
        "schema redress", "migration \(missing) is not recorded, though a later one is",
        "Restore redress.schema_migration from a backup."
      )
    case .ledgerUnreadable:
      (
        "schema redress", "this user may not read it",
        "As its owner: GRANT redress_job TO this user."
      )
    case .ledgerPrivilege(let relation, let privilege):
      (
        "redress.\(relation)", "this user lacks \(privilege)",
        "As its owner: GRANT redress_job TO this user."
      )
    default: preconditionFailure("not about the ledger")
    }
  }

  private static func sourceText(_ violation: ContractViolation) -> Text {
    switch violation {
    case .sourceMissing:
      (
        "schema redress_source", "it does not exist",
        "Create it with views over your own tables, or run `redress migrate --with-source-tables`."
      )
    case .sourceUnusable:
      (
        "schema redress_source", "this user may not use it",
        "As its owner: GRANT USAGE ON SCHEMA redress_source TO redress_job."
      )
    case .relationMissing(let relation):
      (
        "redress_source.\(relation)", "it does not exist",
        "Create a view or table of this name; one without rows will do where there is no such data."
      )
    case .columnMissing(let relation, let column, let type):
      (
        "redress_source.\(relation).\(column)", "it does not exist",
        "Add a column of this name and type \(type)."
      )
    case .columnType(let relation, let column, let found, let expected):
      (
        "redress_source.\(relation).\(column)", "its type is \(found) instead of \(expected)",
        "Cast it in the view: \(column)::\(expected)."
      )
    case .columnPrivilege(let relation, let column):
      (
        "redress_source.\(relation).\(column)", "this user may not read it",
        "As its owner: GRANT SELECT ON redress_source.\(relation) TO redress_job."
      )
    case .relationPrivilege(let relation):
      (
        "redress_source.\(relation)", "this user may not read it",
        "As its owner: GRANT SELECT ON redress_source.\(relation) TO redress_job."
      )
    case .relationUnusable(let relation, let sqlState, let message):
      (
        "redress_source.\(relation)", "the server refuses to read it: \(message) (\(sqlState))",
        "Correct the view; its owner needs SELECT on what it is made of."
      )
    default: preconditionFailure("not about the source")
    }
  }
}
