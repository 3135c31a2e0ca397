import CreditLedger
import Documents
import LedgerReports
import PlainText
import ServiceCredits

/// What `redress runs` prints.
struct RunListText {
  private let list: RunList

  init(_ list: RunList) { self.list = list }

  var text: String {
    var lines: [String] = []
    if list.runs.isEmpty { lines.append("No run has been committed.") } else { lines += runs }
    if !list.waiting.isEmpty { lines += ["", "Held, and waiting to be approved:"] + waiting }
    return lines.map { $0 + "\n" }.joined()
  }

  private var runs: [String] {
    var table = TextTable([
      ">run", "written", "as of", "months", "policy", "granted", "taken back", "approval", "files",
    ])
    for entry in list.runs {
      let run = entry.run
      table.append([
        "\(run.runId)", RunListText.time(run.finishedAt), RunListText.time(run.asOf),
        RunListText.months(run.months), entry.policyVersion ?? "?",
        RunListText.amounts(entry.amounts.map(\.granted)),
        RunListText.amounts(entry.amounts.map(\.takenBack)),
        RunListText.approval(entry), entry.files.all.joined(separator: ", "),
      ])
    }
    return table.lines
  }

  private var waiting: [String] {
    var table = TextTable([
      "proposal", "recorded", "as of", "months", "policy", "run by", "files",
    ])
    for entry in list.waiting {
      let name = ProposalName.short(entry.proposal.digest)
      table.append(
        [
          name, RunListText.time(entry.proposal.recordedAt), RunListText.time(entry.proposal.asOf),
          RunListText.months(entry.proposal.months), entry.policyVersion ?? "?",
          entry.proposal.runBy,
          (entry.files.all + [entry.files.page, entry.files.workbook]).joined(separator: ", "),
        ],
        notes: entry.limits + [
          "redress run --approve \(name) --approved-by '\(ApprovalOptions.placeholders.name)' "
            + "--reason '\(ApprovalOptions.placeholders.reason)'"
        ])
    }
    return table.lines
  }

  // MARK: Cells

  private static func time(_ instant: Instant) -> String {
    // `2026-11-02T04:30`: seconds are in the JSON.
    String(instant.text.prefix(16)) + "Z"
  }

  private static func months(_ months: ClosedRange<BillingMonth>) -> String {
    months.lowerBound == months.upperBound
      ? months.lowerBound.text : "\(months.lowerBound.text) to \(months.upperBound.text)"
  }

  private static func amounts(_ totals: [MoneyTotal]) -> String {
    let moved = totals.filter { $0.totalMinor != 0 }
    return moved.isEmpty ? "-" : moved.map(\.text).joined(separator: ", ")
  }

  private static func approval(_ entry: RunList.Run) -> String {
    guard let approval = entry.approval else {
      // Of before approvals were recorded.
      return entry.run.limitsApproved ? "limits" : "-"
    }
    let who = approval.approvedBy ?? approval.databaseUser
    return approval.proposal.map { "\(ProposalName.short($0)) by \(who)" } ?? "limits, by \(who)"
  }

  // MARK: JSON

  /// A line for each run and each proposal.
  var json: String {
    var buffer: [UInt8] = []
    for entry in list.runs { append(entry, to: &buffer) }
    for entry in list.waiting { append(entry, to: &buffer) }
    return String(decoding: buffer, as: UTF8.self)
  }

  private func append(_ entry: RunList.Run, to buffer: inout [UInt8]) {
    let run = entry.run
    var object = JSONObject(&buffer)
    object.append("run_id", integer: run.runId, to: &buffer)
    object.append("finished_at", text: run.finishedAt.text, to: &buffer)
    object.append("run_by", text: run.runBy, to: &buffer)
    append(run.asOf, run.months, entry.policyVersion, &object, to: &buffer)
    object.append("policy_sha256", text: ProposalName.whole(run.policyDigest), to: &buffer)
    object.append("rows", integer: run.revisions, to: &buffer)
    object.append("invoice_lines", integer: run.invoiceLines, to: &buffer)
    object.append("findings", integer: run.findings, to: &buffer)
    object.append("amounts", list: &buffer) { buffer in
      JSONText.append(array: entry.amounts, to: &buffer) { amount, buffer in
        var object = JSONObject(&buffer)
        object.append("currency", text: amount.granted.currency.code, to: &buffer)
        object.append("granted", text: amount.granted.decimalText, to: &buffer)
        object.append("taken_back", text: amount.takenBack.decimalText, to: &buffer)
        object.end(&buffer)
      }
    }
    object.append("limits_approved", isTrue: run.limitsApproved, to: &buffer)
    if let approval = entry.approval {
      object.append("proposal", optional: approval.proposal.map(ProposalName.whole), to: &buffer)
      object.append("approved_by", optional: approval.approvedBy, to: &buffer)
      object.append("approved_as", text: approval.databaseUser, to: &buffer)
      object.append("reason", optional: approval.reason, to: &buffer)
    }
    append(entry.files.all, &object, to: &buffer)
  }

  private func append(_ entry: RunList.Waiting, to buffer: inout [UInt8]) {
    var object = JSONObject(&buffer)
    object.append("proposal", text: ProposalName.whole(entry.proposal.digest), to: &buffer)
    object.append("recorded_at", text: entry.proposal.recordedAt.text, to: &buffer)
    object.append("run_by", text: entry.proposal.runBy, to: &buffer)
    append(entry.proposal.asOf, entry.proposal.months, entry.policyVersion, &object, to: &buffer)
    object.append("limits", list: &buffer) { buffer in
      JSONText.append(array: entry.limits, to: &buffer) { JSONText.append(string: $0, to: &$1) }
    }
    append(entry.files.all + [entry.files.page, entry.files.workbook], &object, to: &buffer)
  }

  private func append(
    _ asOf: Instant, _ months: ClosedRange<BillingMonth>, _ policy: String?,
    _ object: inout JSONObject, to buffer: inout [UInt8]
  ) {
    object.append("as_of", text: asOf.text, to: &buffer)
    object.append("month_from", text: months.lowerBound.text, to: &buffer)
    object.append("month_through", text: months.upperBound.text, to: &buffer)
    object.append("policy_version", optional: policy, to: &buffer)
  }

  private func append(_ files: [String], _ object: inout JSONObject, to buffer: inout [UInt8]) {
    object.append("files", list: &buffer) { buffer in
      JSONText.append(array: files, to: &buffer) { JSONText.append(string: $0, to: &$1) }
    }
    object.end(&buffer)
    buffer.append(UInt8(ascii: "\n"))
  }
}

extension JSONObject {
  /// Appends what `body` writes, a list.
  fileprivate mutating func append(
    _ name: String, list buffer: inout [UInt8], _ body: (inout [UInt8]) -> Void
  ) {
    append(name, to: &buffer) { _ in }
    // A list stands without the quotes of a text.
    buffer.removeLast(2)
    body(&buffer)
  }

  fileprivate mutating func append(
    _ name: String, optional text: String?, to buffer: inout [UInt8]
  ) {
    if let text {
      append(name, text: text, to: &buffer)
    } else {
      appendNull(name, to: &buffer)
    }
  }
}
