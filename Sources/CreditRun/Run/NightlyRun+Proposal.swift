import CreditLedger
import Digests
import Documents
import LedgerReports
import OutputFiles
import PolicyFiles
import Postgres
import RedressSQL
import ServiceCredits

/// What a run came to that is not, or not without more, to be committed.
struct ProposedNight: ~Copyable {
  let digest: [UInt8]
  /// Of the CSVs without the run's number.
  let files: ReportDigests
  /// `nil` of a run that will not be held, and of a dry run.
  var reports: HeldReports?

  init(digest: [UInt8], files: ReportDigests) {
    self.digest = digest
    self.files = files
  }
}

/// The CSVs of an approved run are those of its proposal but for the byte order mark, which only one of them has.
struct ProposalHasOtherMark: Error {
  /// The proposal.
  let digest: [UInt8]
}

extension NightlyRun {
  /// Decides what becomes of the run.
  /// - Parameter connection: in the run's transaction, with all of its rows.
  /// - Returns: what it came to; `nil` where nobody has to know.
  func judge(
    _ summary: inout RunSummary, _ exceeded: [LimitExceeded], _ files: inout RunFiles,
    _ digests: ReportDigests, _ connection: borrowing Connection
  ) throws -> ProposedNight? {
    let isFree = exceeded.isEmpty || options.approvesLimits
    summary.isDryRun = options.isDryRun
    guard options.isDryRun || options.approval != nil || !isFree else { return nil }
    var proposed = try propose(&files, summary, digests, connection)
    summary.proposal = proposed.digest
    try checkMark(proposed, &files)
    summary.difference = try difference(proposed, files, summary)
    let isApproved = options.approval.map { $0.proposal.digest == proposed.digest } ?? isFree
    if !isApproved {
      summary.verdict = .held(exceeded)
    } else if options.isDryRun {
      summary.verdict = .dryRun
    }
    if !isApproved, !options.isDryRun {
      proposed.reports = try HeldReports(
        summary.runId, digest: proposed.digest, files: proposed.files,
        currencies: summary.currencies, folder: options.outputFolder,
        report: LedgerReport(target: options.request.target, interruption: interruption),
        connection)
    }
    return proposed
  }

  /// Compares the CSVs of an approved run with those of the proposal in the byte order mark alone.
  /// - Throws: `ProposalHasOtherMark`.
  private func checkMark(
    _ proposed: borrowing ProposedNight, _ files: inout RunFiles
  ) throws {
    guard let proposal = options.approval?.proposal, proposal.digest != proposed.digest else {
      return
    }
    let other = try files.digestsWithOtherMark(hasMark: options.byteOrderMark)
    if other.credits.bytes == proposal.creditsDigest
      || other.findings.bytes == proposal.findingsDigest
    {
      throw ProposalHasOtherMark(digest: proposal.digest)
    }
  }

  /// Writes the totals, those of a proposal where the run is not committed.
  func finishTotals(
    _ files: inout RunFiles, _ summary: RunSummary, _ proposed: ReportDigests,
    _ digests: ReportDigests, _ connection: borrowing Connection
  ) throws {
    guard let recorded = try RecordedRun.find(summary.runId, connection) else {
      preconditionFailure("the run's own row has just been written")
    }
    let isCommitted = summary.verdict == .committed
    try files.finishTotals(
      RunTotalsText(
        recorded, currencies: summary.currencies, proposal: isCommitted ? nil : summary.proposal),
      isCommitted ? digests : proposed)
  }

  /// Works out the digest of what the run came to, from its files and its rows.
  ///
  /// It depends neither on the run's number, nor on the clock, nor on the number of parts. Revisions and lines are counted
  /// for each credit, so what was committed once never comes to the same digest again.
  /// - Parameter connection: in the run's transaction, with all of its rows.
  func propose(
    _ files: inout RunFiles, _ summary: RunSummary, _ digests: ReportDigests,
    _ connection: borrowing Connection
  ) throws -> ProposedNight {
    let proposed = try files.propose(digests)
    var hash = SHA256()
    let heading = [
      "redress proposal 1", "policy \(SHA256.hash(options.request.policy.bytes).hex)",
      "months \(summary.months.lowerBound.text) \(summary.months.upperBound.text)",
      "credits \(proposed.credits.hex)", "findings \(proposed.findings.hex)",
    ]
    hash.update(Array(heading.map { $0 + "\n" }.joined().utf8))
    for query in [RedressSQL.Query.proposedCredits, .proposedLines] {
      hash.update(Array("\(query.rawValue)\n".utf8))
      var rows = try connection.shared().rowsOut(
        query.text, ["\(summary.runId)"], name: query.rawValue)
      while try rows.next() { hash.update(rows.row) }
      _ = try rows.finish()
    }
    return ProposedNight(digest: hash.finalize().bytes, files: proposed)
  }

  /// How what an approved run came to differs from the proposal; `nil` where it is the same.
  func difference(
    _ proposed: borrowing ProposedNight, _ files: borrowing RunFiles, _ summary: RunSummary
  ) throws -> ProposalDifference? {
    guard let proposal = options.approval?.proposal, proposal.digest != proposed.digest,
      let made = files.proposedPath
    else { return nil }
    let name = FileNames(proposal: proposal.digest).credits
    return try ProposalDifference(
      approved: proposal.digest, file: "\(options.outputFolder)/\(name)",
      digest: proposal.creditsDigest, madePath: made,
      findingsDiffer: proposal.findingsDigest != proposed.files.findings.bytes,
      policyDiffers: proposal.policyDigest != SHA256.hash(options.request.policy.bytes).bytes,
      monthsDiffer: proposal.months != summary.months)
  }

  /// Records a proposal after its run was taken back, in a transaction of its own.
  func record(
    proposal digest: [UInt8], _ files: ReportDigests, of summary: RunSummary
  ) throws {
    guard case .held(let exceeded) = summary.verdict, !summary.isDryRun else { return }
    let connection = try interruption.connect(options.request.target)
    try connection.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    let policy = options.request.policy.bytes
    let policyDigest = SHA256.hash(policy).bytes
    try connection.query(
      RedressSQL.Query.insertPolicyFile.text, [.bytes(policyDigest), .bytes(policy)])
    try ProposalRow(
      digest: digest, asOf: summary.asOf, months: summary.months, policyDigest: policyDigest,
      creditsDigest: files.credits.bytes, findingsDigest: files.findings.bytes,
      revisions: Int64(summary.revisions), lines: Int64(summary.lines),
      findings: Int64(summary.findingCount), amounts: summary.amountsJSON,
      limits: NightlyRun.json(exceeded.map(\.text)), programVersion: RedressVersion.current
    ).insert(connection)
    try connection.commit()
  }

  private static func json(_ texts: [String]) -> String {
    var json: [UInt8] = []
    JSONText.append(array: texts, to: &json) { JSONText.append(string: $0, to: &$1) }
    return String(decoding: json, as: UTF8.self)
  }
}
