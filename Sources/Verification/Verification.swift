package import CreditLedger
import Digests
import FrozenEvidence
import LedgerReports
import PolicyFiles
package import Postgres
import ServiceCredits

/// Checks a whole ledger for an auditor: whether every number follows from its frozen evidence, and
/// whether all rows that belong together exist.
///
/// Reads only the schema `redress`, in one snapshot, and changes nothing. Memory grows with the
/// number of runs and their incidents, not with the number of customers.
package struct Verification: Sendable {
  private let report: LedgerReport
  private let folders: [String]
  private let since: Int64?

  /// - Parameters:
  ///   - folders: folders with the files of the runs, to compare them; empty to check only the
  ///     ledger.
  ///   - since: a run. What it and earlier runs left is taken as verified; `nil` to verify everything.
  package init(
    target: ConnectionTarget, folders: [String], since: Int64? = nil,
    interruption: Interruption = Interruption()
  ) {
    self.since = since
    report = LedgerReport(target: target, interruption: interruption)
    self.folders = folders
  }

  /// - Parameter discrepancy: called for each discrepancy.
  package func run(
    _ discrepancy: @escaping (Discrepancy) throws -> Void
  ) throws -> VerificationSummary {
    try report.interruption.reading { voice in
      // Listed before the snapshot, so that every file belongs to a run that the snapshot sees.
      let filed = try FiledReports(folders: folders)
      let reader = try LedgerReader(report)
      let part = try since.map { run in
        VerifiedPart(since: run, beganAt: try reader.run(run).beganAt)
      }
      let auditor = try LedgerVerifier(reader, report: report, part) { found in
        voice.raise()
        try discrepancy(found)
      }
      try auditor.auditRuns()
      try auditor.auditClosings()
      try auditor.auditLedger()
      try auditor.auditCarriedForward()
      try auditor.auditLimits()
      try auditor.auditApprovals()
      try auditor.auditCreditedTwice()
      try auditor.auditPlacements()
      try auditor.auditAcceptances()
      try auditor.auditSetOff()
      try auditor.auditHandover()
      try auditor.auditReports(filed)
      return auditor.summary
    }
  }
}

/// The state of one verification.
final class LedgerVerifier {
  private(set) var summary = VerificationSummary()
  var reader: LedgerReader
  let report: LedgerReport
  private let discrepancy: (Discrepancy) throws -> Void

  let runs: [VerifiedRun]
  /// What is to be verified; `nil` for everything.
  let part: VerifiedPart?
  /// Everything up to this run is taken as verified.
  var since: Int64 { part?.since ?? 0 }
  /// The runs that are verified.
  var verifiedRuns: [VerifiedRun] { runs.filter { $0.runId > since } }
  private let runsById: [Int64: VerifiedRun]
  /// The frozen versions whose content matches their digest.
  private var versions: [[UInt8]: PolicyVersion] = [:]
  /// The names of all frozen versions.
  private var versionNames: Set<[UInt8]> = []
  /// The run that froze a version first, by the version's name.
  private var firstRuns: [String: Int64] = [:]
  private let findings: VerifiedFindings
  /// Digests of the shared documents whose content matches the digest.
  private var sharedDigests: Set<[UInt8]> = []
  private var changedDigests: Set<[UInt8]> = []
  private var nights: [[UInt8]: EvidenceReplay?] = [:]
  /// The policy files whose content matches their digest, by digest.
  private(set) var policies: [[UInt8]: RecordedPolicy] = [:]
  /// What each run granted and took back, for the limits.
  private var totals: [Int64: RunTotals] = [:]

  /// The documents of the current customer, by digest.
  private var customerDocuments: [[UInt8]: [UInt8]] = [:]
  private var customer: [UInt8]?

  private var revisionCounts: [Int64: Int64] = [:]
  private var lineCounts: [Int64: Int64] = [:]
  private var reportedRuns: Set<String> = []

  init(
    _ reader: consuming LedgerReader, report: LedgerReport, _ part: VerifiedPart? = nil,
    _ discrepancy: @escaping (Discrepancy) throws -> Void
  ) throws {
    let runs = try VerifiedRun.all(reader.connection)
    findings = try VerifiedFindings(reader.connection)
    self.runs = runs
    self.part = part
    runsById = Dictionary(runs.map { ($0.runId, $0) }) { first, _ in first }
    self.reader = reader
    self.report = report
    self.discrepancy = discrepancy
  }

  func add(_ relation: String, _ key: String, _ kind: Discrepancy.Kind) throws {
    summary.discrepancies += 1
    try discrepancy(Discrepancy(relation: relation, key: key, kind: kind))
  }

  func fileWasCompared() { summary.files += 1 }

  // MARK: Runs and policies

  func auditRuns() throws {
    try auditRecords()
    summary.runs = runs.count
    for (index, run) in runs.enumerated() where index > 0 || run.runId != 1 {
      let expected = index == 0 ? 1 : runs[index - 1].runId + 1
      if run.runId != expected {
        try add(
          "run", "\(run.runId)",
          .sequence(column: "run_id", found: run.runId, expected: expected))
      }
    }
    for version in try VerifiedPolicyVersion.all(reader.connection) { try audit(version) }
    try auditPolicyFiles()
    for run in runs {
      let found = findings.counts[run.runId] ?? (0, 0)
      if found.count != run.findings {
        try add(
          "run", "\(run.runId)",
          .count(of: "findings", recorded: run.findings, found: found.count))
      }
      if found.last != found.count {
        try add(
          "finding", "\(run.runId)",
          .sequence(column: "ordinal", found: found.last, expected: found.count))
      }
    }
    for runId in findings.counts.keys.sorted() where runsById[runId] == nil {
      try add("finding", "\(runId)", .unknownRun(runId))
    }
  }

  /// Checks each run's row and the chain of record digests.
  private func auditRecords() throws {
    for record in try VerifiedRecord.differing(reader.connection) {
      let kind: Discrepancy.Kind =
        !record.hasRun
        ? .unknownRun(record.runId) : record.hasDigest ? .recordChanged : .recordMissing
      try add(record.hasRun ? "run" : "run_digest", "\(record.runId)", kind)
    }
  }

  private func audit(_ recorded: VerifiedPolicyVersion) throws {
    versionNames.insert(Array(recorded.name.utf8))
    firstRuns[recorded.name] = recorded.firstRunId
    guard SHA256.hash(recorded.content).bytes == recorded.digest else {
      try add("policy_version", recorded.name, .contentChanged)
      return
    }
    guard
      let version = try? PolicyFile.version(
        canonicalText: recorded.content, name: recorded.name)
    else {
      try add("policy_version", recorded.name, .contentUnreadable)
      return
    }
    func expect(_ column: String, _ found: String, _ expected: String) throws {
      guard !found.utf8.elementsEqual(expected.utf8) else { return }
      try add(
        "policy_version", recorded.name,
        .value(column: column, found: found, expected: expected))
    }
    try expect("version", recorded.name, version.name)
    let day = Instant(microseconds: Int64(recorded.effectiveFrom) * 86_400_000_000)
    try expect(
      "effective_from", String(day.text.prefix { $0 != "T" }), version.effectiveFrom.text)
    try expect("time_zone", recorded.timeZone, version.timeZone)
    if runsById[recorded.firstRunId] == nil {
      try add("policy_version", recorded.name, .unknownRun(recorded.firstRunId))
    }
    versions[Array(recorded.name.utf8)] = version
  }

  /// Checks that each run's policy file exists and that its versions are the same as the frozen
  /// ones.
  private func auditPolicyFiles() throws {
    var files: Set<[UInt8]> = []
    for file in try VerifiedPolicyFile.all(reader.connection) {
      files.insert(file.digest)
      let hex = LedgerVerifier.hex(file.digest)
      guard SHA256.hash(file.content).bytes == file.digest else {
        try add("policy_file", hex, .contentChanged)
        continue
      }
      guard
        let recorded = try RecordedPolicy(content: file.content, name: hex, reader.connection)
      else {
        try add("policy_file", hex, .contentUnreadable)
        continue
      }
      policies[file.digest] = recorded
      for version in recorded.policy.versions {
        guard let frozen = versions[Array(version.name.utf8)],
          PolicyFile.canonicalText(of: frozen) != PolicyFile.canonicalText(of: version),
          runs.contains(where: {
            $0.policyDigest == file.digest && $0.runId >= firstRuns[version.name] ?? .max
          })
        else { continue }
        try add("policy_file", hex, .policyVersionDiffers(version.name))
      }
    }
    for run in runs where !files.contains(run.policyDigest) {
      try add(
        "run", "\(run.runId)", .policyFileMissing(digest: LedgerVerifier.hex(run.policyDigest)))
    }
    try auditAdoptions(files: files)
  }

  /// The evidence of a run, ready to replay; `nil` if it cannot be read. The reason has then been
  /// reported.
  func night(of run: VerifiedRun) throws -> EvidenceReplay? {
    if let known = nights[run.evidenceDigest], known?.isOfRun(at: run.asOf) ?? true {
      return known
    }
    var night: EvidenceReplay?
    if sharedDigests.contains(run.evidenceDigest),
      let content = try RecordedRun.evidence(
        of: "", digest: run.evidenceDigest, reader.connection)
    {
      do throws(EvidenceError) {
        night = try EvidenceReplay(
          try SharedEvidence(json: content), known: versions, asOf: run.asOf)
      } catch {
        // Replaying fails if a version was changed. That has already been reported.
        if versions.count == versionNames.count {
          try add(
            "incident_evidence", LedgerVerifier.hex(run.evidenceDigest),
            .evidenceUnreadable("\(error)"))
        }
      }
    }
    nights[run.evidenceDigest] = .some(night)
    return night
  }

  func add(net: Int128, _ currency: Currency, ofRun runId: Int64) {
    totals[runId, default: RunTotals()].addNet(net, currency)
  }

  /// Whether the policy that the run read wants two persons to let it through.
  func asksForTwoPersons(_ runId: Int64) -> Bool {
    guard let run = runsById[runId], let policy = policies[run.policyDigest] else { return false }
    return policy.version(at: controlsAt(run)).limits.twoPersons
      || policy.version(at: run.startedAt).limits.twoPersons
  }

  /// Checks that a run that exceeded a limit of its policy was approved.
  /// - Source: credit rules, section 10.
  func auditLimits() throws {
    for run in verifiedRuns {
      guard PageQueries.fees(run.monthlyFees) != nil else {
        try add("run", "\(run.runId)", .unreadable(column: "monthly_fees"))
        continue
      }
      guard let fees = PageQueries.fees(run.limitFees) else {
        try add("run", "\(run.runId)", .unreadable(column: "limit_fees"))
        continue
      }
      guard !run.limitsApproved, let policy = policies[run.policyDigest] else { continue }
      var totals = self.totals[run.runId] ?? RunTotals()
      for (currency, micros) in fees { totals.set(limitFeesMicros: micros, currency) }
      for exceeded in totals.exceeded(
        policy.version(at: controlsAt(run)).limits, after: amountsBefore(run))
      {
        try add(
          "run", "\(run.runId)",
          .limitPassed(isGranted: exceeded.isGranted, total: exceeded.total))
      }
    }
  }

  /// The instant by which the controls of a run's policy hold: its own, or that of an earlier run where it is later.
  func controlsAt(_ run: VerifiedRun) -> Instant {
    runs.filter { $0.runId <= run.runId }.map(\.asOf).max() ?? run.asOf
  }

  /// What runs before one granted and took back on the same day in UTC without anybody's approval.
  private func amountsBefore(_ run: VerifiedRun) -> DayAmounts {
    var amounts = DayAmounts()
    for earlier in runs
    where earlier.runId < run.runId && !earlier.limitsApproved
      && earlier.startedAt.utcDay == run.startedAt.utcDay
    {
      for total in totals[earlier.runId]?.currencies ?? [] {
        amounts.add(
          granted: total.grantedMinor, takenBack: total.takenBackMinor, total.currency)
      }
    }
    return amounts
  }

  func run(_ runId: Int64) -> VerifiedRun? { runsById[runId] }

  func version(_ name: UnsafeRawBufferPointer) -> PolicyVersion? { versions[Array(name)] }

  static func hex(_ digest: [UInt8]) -> String {
    SHA256Digest(digest)?.hex ?? "\(digest.count) bytes"
  }

  // MARK: Evidence

  private func audit(
    _ evidence: inout VerifiedEvidence, through customer: UnsafeRawBufferPointer?
  ) throws {
    var changed: [(customer: [UInt8], digest: [UInt8])] = []
    let current = customer.map { Array($0) }
    customerDocuments.removeAll(keepingCapacity: true)
    try evidence.advance(through: customer) { owner, digest, content in
      summary.documents += 1
      guard SHA256.hash(content).bytes == digest else {
        changed.append((Array(owner), digest))
        return
      }
      if owner.isEmpty { sharedDigests.insert(digest) }
      if let current, owner.elementsEqual(current) { customerDocuments[digest] = content }
    }
    for (owner, digest) in changed {
      changedDigests.insert(digest)
      let hex = LedgerVerifier.hex(digest)
      try add(
        "incident_evidence",
        owner.isEmpty ? hex : "\(String(decoding: owner, as: UTF8.self)) / \(hex)",
        .contentChanged)
    }
  }

  /// A document of the current customer; `nil` if it is missing or unreadable. That has then been
  /// reported.
  func customerEvidence(_ digest: [UInt8], key: String) throws -> CustomerEvidence? {
    var content = customerDocuments[digest]
    // A customer with the empty id has its documents under the same key as the shared ones.
    if content == nil, customer?.isEmpty ?? false, sharedDigests.contains(digest) {
      content = try RecordedRun.evidence(of: "", digest: digest, reader.connection)
    }
    if let content {
      do throws(EvidenceError) {
        return try CustomerEvidence(json: content)
      } catch {
        try add(
          "incident_evidence", LedgerVerifier.hex(digest), .evidenceUnreadable("\(error)"))
      }
    } else if !changedDigests.contains(digest) {
      try add("credit", key, .evidenceMissing(digest: LedgerVerifier.hex(digest)))
    }
    return nil
  }

  // MARK: The ledger

  func auditLedger() throws {
    let more = reader.more
    var evidence = try VerifiedEvidence(part) { try more.open() }
    // Shared documents come first: they are stored under the empty id.
    try [UInt8]().withUnsafeBytes { try audit(&evidence, through: $0) }
    for run in verifiedRuns where !sharedDigests.contains(run.evidenceDigest) {
      guard !changedDigests.contains(run.evidenceDigest) else { continue }
      try add(
        "run", "\(run.runId)",
        .evidenceMissing(digest: LedgerVerifier.hex(run.evidenceDigest)))
    }
    var ledger = try VerifiedLedger(part) { try more.open() }
    var subscription = VerifiedSubscription()
    var subscriptionAudit = SubscriptionVerification(self)
    var count = 0
    while try ledger.next(into: &subscription) {
      count += 1
      if count % 1024 == 0 { try report.interruption.check() }
      let id = subscription.arena[subscription.customer]
      if !(customer.map { id.elementsEqual($0) } ?? false) {
        customer = Array(id)
        try audit(&evidence, through: id)
      }
      for revision in subscription.revisions {
        revisionCounts[revision.runId, default: 0] += 1
        try auditClosed(revision, of: subscription)
      }
      for line in subscription.lines {
        guard let runId = line.runId else { continue }
        lineCounts[runId, default: 0] += 1
      }
      summary.revisions += Int64(subscription.revisions.count)
      summary.lines += Int64(subscription.lines.count)
      summary.recomputed += try subscriptionAudit.run(subscription)
    }
    try audit(&evidence, through: nil)
    for run in verifiedRuns {
      let revisions = revisionCounts[run.runId] ?? 0
      if revisions != run.revisions {
        try add(
          "run", "\(run.runId)",
          .count(of: "revisions", recorded: run.revisions, found: revisions))
      }
      let lines = lineCounts[run.runId] ?? 0
      if lines != run.lines {
        try add(
          "run", "\(run.runId)", .count(of: "invoice_lines", recorded: run.lines, found: lines))
      }
      if run.creditsChecksum != (ledger.creditChecksums[run.runId] ?? RowChecksum()).value {
        try add("run", "\(run.runId)", .creditsChanged)
      }
      if run.linesChecksum != (ledger.lineChecksums[run.runId] ?? RowChecksum()).value {
        try add("run", "\(run.runId)", .linesChanged)
      }
    }
  }

  /// Compares the lines that no run wrote with the notes of place_on_invoice and release_invoice.
  /// The server adds up.
  func auditPlacements() throws {
    for found in try VerifiedPlacement.differing(reader.connection) {
      try add(
        "invoice_adjustment", "\(found.customer) / \(found.invoice) / \(found.currency)",
        .linesNotNoted(at: found.placedAt, there: found.lines, noted: found.notedLines))
    }
    for found in try VerifiedPlacementRow.differing(reader.connection) {
      let key = "\(found.customer) / \(found.invoice) / \(found.currency) / \(found.number)"
      if !found.isAsNoted { try add("placement", key, .placementChanged) }
      if found.number != found.expectedNumber {
        try add(
          "placement", key,
          .sequence(
            column: "number", found: Int64(found.number), expected: Int64(found.expectedNumber)))
      }
    }
  }

  /// Checks that no credit of a subscription for an incident went to two customers. The server
  /// compares.
  func auditCreditedTwice() throws {
    for found in try CreditedTwice.all(since: since, reader.connection) {
      try add(
        "credit", "\(found.customer) / \(found.subscription) / \(found.incident)",
        .creditedTwice(customer: found.otherCustomer))
    }
  }

  /// Reports a run that does not exist, once for each relation.
  func checkRun(_ runId: Int64, _ relation: String, _ key: @autoclosure () -> String) throws {
    guard runsById[runId] == nil, reportedRuns.insert("\(relation) \(runId)").inserted else {
      return
    }
    try add(relation, key(), .unknownRun(runId))
  }

  func checkVersion(
    _ name: UnsafeRawBufferPointer, _ key: @autoclosure () -> String
  ) throws {
    guard !versionNames.contains(Array(name)) else { return }
    try add("credit", key(), .unknownPolicyVersion(String(decoding: name, as: UTF8.self)))
  }

  /// Whether a run since `runId` has reported the credit as overcredited.
  func isReported(overcredited key: String, since runId: Int64) -> Bool {
    findings.overcredited[key].map { $0 >= runId } ?? false
  }
}
