import Documents
import Glibc
import LedgerReports
import PlainText
import ServiceCredits

/// What a verification prints about one thing that differs.
package struct DiscrepancyText {
  let discrepancy: Discrepancy

  package init(_ discrepancy: Discrepancy) { self.discrepancy = discrepancy }

  package var text: String {
    "differs  " + Printable.oneLine("\(discrepancy.relation) \(discrepancy.key): \(statement)")
      + "\n"
  }

  package var json: String {
    var buffer: [UInt8] = []
    var object = JSONObject(&buffer)
    object.append("relation", text: discrepancy.relation, to: &buffer)
    object.append("key", text: discrepancy.key, to: &buffer)
    object.append("difference", text: statement, to: &buffer)
    object.end(&buffer)
    return String(decoding: buffer, as: UTF8.self) + "\n"
  }

  private var statement: String {
    switch discrepancy.kind {
    case .value(let column, let found, let expected):
      "\(column) is \(found) and should be \(expected)"
    case .sequence(let column, let found, let expected):
      "\(column) is \(found) where \(expected) should follow"
    case .count(let what, let recorded, let found):
      "the run recorded \(recorded) \(what), and there are \(found)"
    case .unknownRun(let runId): "there is no run \(runId)"
    case .unknownPolicyVersion(let name): "there is no policy version \(name)"
    case .decisionMissing: "the decision that it refers to is not there"
    case .evidenceMissing(let digest): "there is no frozen evidence \(digest)"
    case .contentChanged: "the content is not the one that its digest was made of"
    case .contentUnreadable: "the content is not what a run writes"
    case .unreadable(let column): "\(column) holds what no run writes"
    case .reportChanged(let what): "the ledger makes other \(what) of the run than it reported"
    case .linesChanged: "the run's invoice lines are not the ones that it wrote"
    case .carriedChanged: "the credits that the run carried forward are not the ones that it wrote"
    case .notCarried: "it is not settled, and the newest run has not carried it forward"
    case .monthDiffers(let month, let noted, let run):
      "\(month.text) has its first revision in \(run.map { "run \($0)" } ?? "no run"), and the note says "
        + (noted.map { "run \($0)" } ?? "nothing")
    case .creditsChanged: "the run's rows of credit are not the ones that it wrote"
    case .recordChanged:
      "its row, or what it was made with, is not what was digested when it was made"
    case .recordMissing: "there is no digest of its record"
    case .decisionOfPersonChanged: "the row is not the one that was written when it was decided"
    case .approvalMissing: "the run was let through past its limits, and no approval says by whom"
    case .approvalUnused: "the run says that nobody had to let it through"
    case .proposalMissing(let digest): "there is no proposal \(digest)"
    case .notAsProposed(let digest):
      "the run has another policy, other months or other counts than proposal \(digest)"
    case .approvedAlone(let user):
      "the policy asks for two persons, and \(user) alone made the run and approved it"
    case .placementChanged: "the row is not the one that place_on_invoice or release_invoice wrote"
    case .closingChanged: "the row is not the one that redress close or redress reopen wrote"
    case .closedMonthChanged(let through):
      "its month was closed for the run, which was up to \(through.text), and the policy does not book it later"
    case .setOffDiffers(let currency, let minor):
      "what is set off in \(currency) adds up to \(minor) minor units instead of zero"
    case .lineOfMessageMissing(let minor, let found?):
      "the message is of \(minor) minor units, and what it stands for is of \(found)"
    case .lineOfMessageMissing(let minor, nil):
      "the message is of \(minor) minor units, and nothing that it stands for is there"
    case .acceptanceChanged: "the row is not the decision that was noted"
    case .evidenceUnreadable(let error):
      "what was frozen with it cannot be put together again: \(error)"
    case .limitPassed(let isGranted, let total):
      "it \(isGranted ? "granted" : "took back") \(total.text), which is past the limit of its policy, "
        + "and limits_approved is false"
    case .creditedTwice(let customer):
      "customer \(customer) has the credit of the same subscription, incident and time"
    case .linesNotNoted(let time, let there, let noted) where there == noted:
      "the lines of \(time) are not the ones that place_on_invoice or release_invoice wrote"
    case .linesNotNoted(let time, let there, let noted):
      "place_on_invoice and release_invoice wrote \(noted) lines at \(time), and there are \(there)"
    case .policyFileMissing(let digest): "the policy file \(digest) is not there"
    case .otherPolicy(let number):
      "the run read another policy than adoption \(number), which was in force"
    case .policyVersionDiffers(let name): "its version \(name) is other than the frozen one"
    case .lineWithoutCredit: "there are invoice lines and no credit"
    case .givenBack(let invoice, let minor):
      "invoice \(invoice) has given back \(minor) minor units more than it carried"
    case .overcredited(let placed, let entitled):
      "invoices carry \(placed) minor units of \(entitled), and no run has reported it"
    case .capExceeded(let month, let percent, let cap):
      "\(month.text) adds up to \(percent.percentText) %, above the cap of \(cap.percentText) %"
    case .file(let line, let offset):
      "line \(line) (byte \(offset)) is not what the ledger makes of the run"
    case .filesMissing: "its files are missing: none of them is in the folder"
    case .fileMissing: "the run's other files are there, and this one is not"
    case .fileUnreadable(let code): "it cannot be read: \(String(cString: strerror(code)))"
    case .fileOfUnknownRun: "the ledger has no such run"
    case .fileNotMade: "the ledger cannot make the run's files any more"
    }
  }

  package static func text(_ summary: VerificationSummary) -> String {
    var parts = [
      "verified \(summary.runs) runs, \(summary.revisions) revisions (\(summary.recomputed) worked "
        + "out again), \(summary.lines) invoice lines, \(summary.documents) frozen documents"
    ]
    if summary.files > 0 { parts.append("\(summary.files) files") }
    let end = summary.discrepancies == 0 ? "everything agrees" : "\(summary.discrepancies) differ"
    return parts.joined(separator: ", ") + ": " + end + "\n"
  }

  package static func json(_ summary: VerificationSummary) -> String {
    var buffer: [UInt8] = []
    var object = JSONObject(&buffer)
    object.append("runs", integer: Int64(summary.runs), to: &buffer)
    object.append("revisions", integer: summary.revisions, to: &buffer)
    object.append("recomputed", integer: summary.recomputed, to: &buffer)
    object.append("invoice_lines", integer: summary.lines, to: &buffer)
    object.append("documents", integer: summary.documents, to: &buffer)
    object.append("files", integer: Int64(summary.files), to: &buffer)
    object.append("differences", integer: summary.discrepancies, to: &buffer)
    object.end(&buffer)
    return String(decoding: buffer, as: UTF8.self) + "\n"
  }
}
