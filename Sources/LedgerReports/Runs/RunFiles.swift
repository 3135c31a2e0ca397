package import CreditLedger
package import Digests
import Documents
import Glibc
package import OutputFiles
import ServiceCredits

/// The names of a run's files.
package struct FileNames: Sendable {
  package let credits: String
  package let invoiceLines: String
  package let findings: String
  package let totals: String
  /// Of a held run, whose rows are not in the ledger to make them of.
  package let page: String
  package let workbook: String

  package var all: [String] { [credits, invoiceLines, findings, totals] }

  private init(_ middle: String) {
    credits = "credits-\(middle).csv"
    invoiceLines = "invoice-lines-\(middle).csv"
    findings = "findings-\(middle).csv"
    totals = "totals-\(middle).json"
    page = "report-\(middle).html"
    workbook = "credits-\(middle).xlsx"
  }

  /// The names for a committed run.
  package init(runId: Int64) {
    self.init("run-\(runId)")
  }

  /// The names to use before it is known how the run ends.
  package init(runId: Int64, isDryRun: Bool) {
    self.init(isDryRun ? "dry-run-\(runId)" : "run-\(runId)")
  }

  package init(_ summary: RunSummary) {
    switch summary.verdict {
    case .committed: self.init("run-\(summary.runId)")
    case .dryRun, .held:
      // The number is that of a later run.
      self.init((summary.isDryRun ? "dry-run-" : "held-") + summary.proposalName)
    }
  }

  /// The names for a run that was held.
  package init(proposal: [UInt8]) {
    self.init("held-\(ProposalName.short(proposal))")
  }
}

extension FileNames {
  /// The number of the run that a file of this name belongs to; `nil` for other names.
  package static func runId(of name: String) -> Int64? {
    for (prefix, suffix) in [
      ("credits-run-", ".csv"), ("findings-run-", ".csv"), ("totals-run-", ".json"),
      ("invoice-lines-run-", ".csv"),
      ("audit-run-", ".csv"),
    ] where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      return Int64(name.dropFirst(prefix.count).dropLast(suffix.count))
    }
    return nil
  }
}

/// The digests of a run's CSVs.
package struct ReportDigests {
  package var credits: SHA256Digest
  package var invoiceLines: SHA256Digest
  package var findings: SHA256Digest

  package init(credits: SHA256Digest, invoiceLines: SHA256Digest, findings: SHA256Digest) {
    self.credits = credits
    self.invoiceLines = invoiceLines
    self.findings = findings
  }
}

/// The files of a run: written, but not yet visible under their names.
package struct RunFiles: ~Copyable {
  private var credits: AtomicFile
  private var invoiceLines: AtomicFile
  private var findings: AtomicFile
  private var totals: AtomicFile?
  /// The credits without the run's number, of a run that may not be committed.
  private var proposed: AtomicFile?
  private var proposedLines: AtomicFile?
  /// Where they are; `nil` where there are none.
  package private(set) var proposedPath: String?
  private let mark: RunMark?

  package init(
    credits: consuming AtomicFile, invoiceLines: consuming AtomicFile,
    findings: consuming AtomicFile, mark: RunMark? = nil
  ) {
    self.credits = credits
    self.invoiceLines = invoiceLines
    self.findings = findings
    self.mark = mark
    totals = nil
    proposed = nil
    proposedLines = nil
  }

  /// Ends the CSVs.
  /// - Returns: their digests.
  package mutating func finishReports() throws -> ReportDigests {
    ReportDigests(
      credits: try credits.finishContent(), invoiceLines: try invoiceLines.finishContent(),
      findings: try findings.finishContent())
  }

  /// Writes the credits and the invoice lines once more, without the run's number, which a later run may have.
  /// - Precondition: the reports are finished.
  /// - Parameter digests: of the reports.
  /// - Returns: the digests of what is proposed.
  package mutating func propose(_ digests: ReportDigests) throws -> ReportDigests {
    let folder = credits.folder
    var file = try AtomicFile(folder: folder, name: "credits-proposed.csv")
    let creditsDigest = try RunFiles.write(&credits, withoutNumberTo: &file)
    proposedPath = file.hiddenPath
    proposed = consume file
    var lines = try AtomicFile(folder: folder, name: "invoice-lines-proposed.csv")
    let linesDigest = try RunFiles.write(&invoiceLines, withoutNumberTo: &lines)
    proposedLines = consume lines
    return ReportDigests(
      credits: creditsDigest, invoiceLines: linesDigest, findings: digests.findings)
  }

  /// The digests that the proposed credits and the findings would have with a byte order mark, or without the one that they
  /// have.
  /// - Precondition: the files are proposed.
  package mutating func digestsWithOtherMark(
    hasMark: Bool
  ) throws -> (credits: SHA256Digest, findings: SHA256Digest) {
    guard var credits = proposed.take() else {
      preconditionFailure("what is compared with a proposal has been proposed")
    }
    let creditsDigest = try RunFiles.digest(&credits, withOtherMark: hasMark)
    proposed = consume credits
    return (creditsDigest, try RunFiles.digest(&findings, withOtherMark: hasMark))
  }

  private static func digest(
    _ file: inout AtomicFile, withOtherMark hasMark: Bool
  ) throws -> SHA256Digest {
    var mark: [UInt8] = []
    CSVText.appendByteOrderMark(to: &mark)
    var hash = SHA256()
    var skipped = hasMark ? mark.count : 0
    if !hasMark { hash.update(mark) }
    try file.forEachPiece { piece in
      let count = min(skipped, piece.count)
      skipped -= count
      hash.update(UnsafeRawBufferPointer(rebasing: piece[count...]))
    }
    return hash.finalize()
  }

  private static func write(
    _ file: inout AtomicFile, withoutNumberTo other: inout AtomicFile
  ) throws -> SHA256Digest {
    var filter = RunNumberFilter()
    try file.forEachPiece { piece in
      try other.append { filter.append(piece, to: &$0) }
    }
    return try other.finishContent()
  }

  /// Writes the totals, which hold the digests of the CSVs.
  ///
  /// Syncs the folder, so that the hidden files survive a power failure. If the power fails after
  /// COMMIT, they tell the next run that files are missing.
  package mutating func finishTotals(_ totals: RunTotalsText, _ digests: ReportDigests) throws {
    let name = FileNames(runId: totals.run.runId).totals
    var file = try AtomicFile(
      folder: credits.folder, name: name, hiddenName: mark?.hiddenName(name))
    try file.append { totals.append(digests, to: &$0) }
    _ = try file.finishContent()
    try AtomicFile.syncFolder(credits.folder)
    self.totals = consume file
  }

  /// Keeps the hidden files for the next run that writes into the folder.
  package mutating func leave() {
    credits.leave()
    invoiceLines.leave()
    findings.leave()
    totals?.leave()
  }

  /// Makes the files appear under `names`.
  /// - Returns: their paths.
  package mutating func publish(
    as names: FileNames, _ rule: AtomicFile.NameRule
  ) throws(FileError) -> [String] {
    let folder = credits.folder
    try credits.publish(as: names.credits, rule)
    try invoiceLines.publish(as: names.invoiceLines, rule)
    try findings.publish(as: names.findings, rule)
    try totals?.publish(as: names.totals, rule)
    try AtomicFile.syncFolder(folder)
    return names.all.map { "\(folder)/\($0)" }
  }

  /// Makes the files of a run that was not committed appear. What was there of the same proposal stays, and its CSVs must
  /// be the same: somebody may be reading them.
  /// - Returns: their paths.
  package mutating func publishProposal(as names: FileNames) throws(FileError) -> [String] {
    let folder = credits.folder
    try proposed?.publish(as: names.credits, .keeping)
    try proposedLines?.publish(as: names.invoiceLines, .keeping)
    try findings.publish(as: names.findings, .keeping)
    // When it was and by whom may differ.
    try totals?.publish(as: names.totals, .leaving)
    try AtomicFile.syncFolder(folder)
    return names.all.map { "\(folder)/\($0)" }
  }
}

/// Empties the first cell, the run's number, of each line of a CSV but the header.
struct RunNumberFilter {
  private var isInNumber = false
  private var isQuoted = false

  /// - Parameter piece: any part of the file; a line may go on in the next.
  mutating func append(_ piece: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
    for byte in piece {
      if isInNumber {
        guard byte == UInt8(ascii: ",") else { continue }
        isInNumber = false
      }
      buffer.append(byte)
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: "\n"), !isQuoted { isInNumber = true }
    }
  }
}

/// The control totals of a run as JSON: its sums, and its row in the ledger. A copy that is kept
/// elsewhere proves both.
package struct RunTotalsText {
  let run: RecordedRun
  let currencies: [RunSummary.CurrencyTotal]
  /// The digest of what the run came to, if it was not committed.
  let proposal: [UInt8]?

  package init(
    _ run: RecordedRun, currencies: [RunSummary.CurrencyTotal], proposal: [UInt8]? = nil
  ) {
    self.run = run
    self.currencies = currencies
    self.proposal = proposal
  }

  package func append(_ digests: ReportDigests, to json: inout [UInt8]) {
    func key(_ name: StaticString, comma: Bool = true) {
      json.append(contentsOf: (comma ? ",\n  " : "\n  ").utf8)
      JSONText.append(key: name, to: &json)
      json.append(UInt8(ascii: " "))
    }
    func text(_ name: StaticString, _ value: String, comma: Bool = true) {
      key(name, comma: comma)
      JSONText.append(string: value, to: &json)
    }
    func number(_ name: StaticString, _ value: Int64) {
      key(name)
      appendInteger(value, to: &json)
    }
    json.append(UInt8(ascii: "{"))
    text("ledger_id", run.ledgerId, comma: false)
    if let proposal {
      text("proposal", ProposalName.whole(proposal))
    } else {
      number("run_id", run.runId)
    }
    text("as_of", run.asOf.text)
    text("month_from", run.months.lowerBound.text)
    text("month_through", run.months.upperBound.text)
    text("posted_on", run.postedOn.text)
    if let last = run.closed.through { text("closed_through", last.text) }
    number("rows", run.revisions)
    number("invoice_lines", run.invoiceLines)
    number("findings", run.findings)
    number("customers", run.customers)
    number("subscriptions", run.subscriptions)
    key("monthly_fees")
    json += run.monthlyFees
    key("limits_approved")
    json.append(contentsOf: (run.limitsApproved ? "true" : "false").utf8)
    text("started_at", run.beganAt.text)
    text("finished_at", run.finishedAt.text)
    text("run_by", run.runBy)
    text("program_version", run.programVersion)
    number("schema_version", Int64(run.schemaVersion))
    key("amounts")
    let moved = currencies.filter { !$0.isUnchanged }
    JSONText.append(array: moved, to: &json) { total, json in append(total, to: &json) }
    key("sha256")
    var named: [(name: String, digest: [UInt8])] = [
      ("credits", digests.credits.bytes), ("invoice_lines", digests.invoiceLines.bytes),
      ("findings", digests.findings.bytes), ("policy", run.policyDigest),
      ("evidence", run.evidenceDigest), ("record", run.recordDigest),
    ]
    // The record of a run that was taken back is of no run.
    if proposal != nil { named.removeLast() }
    json.append(UInt8(ascii: "{"))
    for (position, item) in named.enumerated() {
      let comma = position == 0 ? "\n    " : ",\n    "
      json.append(contentsOf: "\(comma)\"\(item.name)\": \"".utf8)
      json.append(contentsOf: (SHA256Digest(item.digest)?.hex ?? "").utf8)
      json.append(UInt8(ascii: "\""))
    }
    json.append(contentsOf: "}\n}\n".utf8)
  }

  private func append(_ total: RunSummary.CurrencyTotal, to json: inout [UInt8]) {
    json.append(contentsOf: "\n    {\"currency\": \"\(total.currency.code)\"".utf8)
    var net: Int128 = 0
    // Amounts are texts with decimals. Minor units are whole numbers, however long.
    func append(_ minor: Int128) {
      let total = MoneyTotal(totalMinor: minor, currency: total.currency)
      json.append(contentsOf: "\"\(total.decimalText)\", \"amount_minor\": \(minor)".utf8)
    }
    for kind in RevisionKind.allCases {
      let minor = total.amountMinor[kind]
      net += minor
      json.append(contentsOf: ",\n     \"\(kind.rawValue)\": {\"rows\": ".utf8)
      appendInteger(total.rows[kind], to: &json)
      json.append(contentsOf: ", \"amount\": ".utf8)
      append(minor)
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\n     \"net\": {\"amount\": ".utf8)
    append(net)
    json.append(UInt8(ascii: "}"))
    for kind in RevisionKind.allCases where total.lateRows[kind] > 0 {
      json.append(contentsOf: ",\n     \"late_\(kind.rawValue)\": {\"rows\": ".utf8)
      appendInteger(total.lateRows[kind], to: &json)
      json.append(contentsOf: ", \"amount\": ".utf8)
      append(total.lateMinor[kind])
      json.append(UInt8(ascii: "}"))
    }
    for place in PlacementTotals.Place.allCases {
      let sum = total.placement[place]
      json.append(contentsOf: ",\n     \"\(place.rawValue)\": {\"rows\": ".utf8)
      appendInteger(sum.rows, to: &json)
      json.append(contentsOf: ", \"amount\": ".utf8)
      append(sum.amountMinor)
      json.append(UInt8(ascii: "}"))
    }
    // In no other sum: what credits gave back is placed for others.
    for (name, sum) in [("set_off", total.setOff), ("set_off_undone", total.setOffUndone)]
    where sum.rows > 0 {
      json.append(contentsOf: ",\n     \"\(name)\": {\"rows\": ".utf8)
      appendInteger(sum.rows, to: &json)
      json.append(contentsOf: ", \"amount\": ".utf8)
      append(sum.amountMinor)
      json.append(UInt8(ascii: "}"))
    }
    json.append(UInt8(ascii: "}"))
  }
}

extension RunTotalsText {
  /// The ledger that a file of totals belongs to; `nil` if there is no such file, or if it does not
  /// say.
  static func ledgerId(inFile path: String) throws(FileError) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError(.open, path, errno)
    }
    defer { close(descriptor) }
    // The ledger id is the first member.
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
    guard count >= 0 else { throw FileError(.read, path, errno) }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count > 4 && parts[1] == "ledger_id" ? String(parts[3]) : nil
  }
}

extension RunSummary {
  /// The fees by currency in major units: `{"USD":"123.450000"}`.
  package var monthlyFeesJSON: String { feesJSON(\.monthlyFeesMicros) }

  /// What the share of the monthly fees was taken of, in the same form.
  package var limitFeesJSON: String { feesJSON(\.limitFeesMicros) }

  private func feesJSON(_ fees: KeyPath<CurrencyTotal, Int128>) -> String {
    var json: [UInt8] = [UInt8(ascii: "{")]
    for total in currencies where total[keyPath: fees] > 0 {
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      JSONText.append(string: total.currency.codeBytes, to: &json)
      json.append(contentsOf: ":\"".utf8)
      let (whole, micros) = total[keyPath: fees].quotientAndRemainder(dividingBy: 1_000_000)
      // Six decimals as `0.450000`; its first zero is dropped.
      var fraction: [UInt8] = []
      appendDecimal(Int64(micros), decimals: 6, atLeast: 6, to: &fraction)
      json.append(contentsOf: String(whole).utf8)
      json.append(contentsOf: fraction.dropFirst())
      json.append(UInt8(ascii: "\""))
    }
    json.append(UInt8(ascii: "}"))
    return String(decoding: json, as: UTF8.self)
  }
}
