package import CreditLedger
import Digests
import Documents
import FrozenEvidence
package import LedgerReports
import OutputFiles
import PolicyFiles
import Postgres
import RedressSQL
import ServiceCredits

/// The night: one consistent snapshot is read, calculated customer by customer, and what the ledger lacks is appended
/// in one transaction.
///
/// The transaction that writes takes the run lock first and the snapshot is taken after it, so that everything an
/// earlier run committed is seen. Nothing is visible before COMMIT, and the files appear after it.
package struct NightlyRun: Sendable {
  package private(set) var options: RunOptions
  let interruption: Interruption
  /// Called with what happens, on the thread that runs.
  package var report: @Sendable (RunEvent) -> Void = { _ in }
  /// How long a run that begins again waits for what it has left behind itself.
  private static let ownWaitSeconds = 30.0

  package init(options: RunOptions, interruption: Interruption = Interruption()) {
    self.options = options
    self.interruption = interruption
  }

  /// - Parameter progress: called now and then with the customers done and the rows read.
  package func run(progress: (_ done: Int, _ rows: Int?) -> Void = { _, _ in }) throws -> RunSummary
  {
    try AtomicFile.prepareFolder(options.outputFolder)
    var night = self
    var earlier: Earlier?
    var current: RunTransaction?
    func attempt() throws -> RunSummary {
      current = nil
      return try night.once(after: earlier, begins: { current = $0 }, progress: progress)
    }
    func repeated() throws -> RunSummary {
      try interruption.repeating(attempt) { error in
        earlier = current.map { Earlier(transaction: $0, failure: error) }
        report(.beginsAgain(after: error))
        return true
      }
    }
    do {
      return try repeated()
    } catch let error as ProposalHasOtherMark {
      guard !options.byteOrderMark else { throw RunError.proposalWithoutMark(digest: error.digest) }
      // Like its instant and its months, the mark is the proposal's.
      earlier = current.map { Earlier(transaction: $0, failure: error) }
      night.options.byteOrderMark = true
      report(.takesMark(ofProposal: error.digest))
      return try repeated()
    }
  }

  /// What an attempt that the server broke off may have left behind.
  private struct Earlier {
    let transaction: RunTransaction
    let failure: any Error
  }

  /// - Parameter begins: called with the run's own transaction once it has the lock.
  private func once(
    after earlier: Earlier?, begins: (RunTransaction) -> Void, progress: (Int, Int?) -> Void
  ) throws -> RunSummary {
    let stages = StageClock(report: report)
    let connection = try open()
    var transaction = try examined { try NightlyRun.lock(connection, after: earlier) }
    begins(transaction)
    try examined {
      try RunLock.keepInvoicingOut(connection)
      // From here on others of this program's sessions hold locks.
      try connection.waitForLocks(seconds: Snapshot.furtherWaitSeconds)
      transaction.isDistributed =
        try NightlyRun.requireVisible(connection) || options.expectsNodes
    }
    let reader = try open()
    let snapshot = try Snapshot(reader, needs: .run, nodes: nodes)
    transaction.repeatsSearch = transaction.isDistributed && !snapshot.moment.isProven
    var night = self
    try night.options.request.resolvePolicy(reader)
    return try night.reconcile(
      connection, reader, snapshot, transaction: transaction, stages: stages, progress: progress)
  }

  /// Everything after the policy is known.
  /// - Parameters:
  ///   - connection: has the run lock.
  ///   - reader: holds the snapshot.
  private func reconcile(
    _ connection: consuming Connection, _ reader: consuming Connection, _ snapshot: Snapshot,
    transaction: RunTransaction, stages: StageClock, progress: (Int, Int?) -> Void
  ) throws -> RunSummary {
    var stages = stages
    var summary = RunSummary()
    let pass = Reconciliation(request: options.request, interruption: interruption)
    let plan = try pass.plan(reader, snapshot)
    try checkPolicy(pass, plan, connection)
    try checkInstant(plan.asOf, now: snapshot.present, connection)
    try checkApproval(plan, now: transaction.beganAt, connection)
    try clearStaged(connection)
    let ranges = try ranges(reader, snapshot)
    (summary.runId, summary.ledgerId) = try NightlyRun.nextRun(connection)
    let mark = RunMark(
      ledgerId: summary.ledgerId, runId: summary.runId, beganAt: transaction.beganAt)
    if !options.isDryRun { try settleFolder(connection, mark) }
    summary.asOf = plan.asOf
    summary.months = plan.months
    let posting = RunPosting(asOf: plan.asOf, closed: plan.closed)
    (summary.postedOn, summary.closed) = (posting.day, posting.closed)
    try report(.began(beginning(reader, summary)))
    report(.sees(snapshot.moment))
    stages.end("connect")

    let names = FileNames(runId: summary.runId, isDryRun: options.isDryRun)
    let recall = Recall()
    var output = RunOutput(
      writer: LedgerWriter(connection: connection, heeding: recall),
      creditsFile: try file(names.credits, mark), linesFile: try file(names.invoiceLines, mark),
      findingsFile: try file(names.findings, mark),
      mark: mark, posting: posting, policy: options.request.policy.policy)
    output.acceptances = plan.acceptances
    let decisions = plan.acceptances.decisions
    try output.beginFiles(byteOrderMark: options.byteOrderMark)
    let night: NightResult
    if ranges.count > 1 {
      night = try PartedNight(
        pass: pass, snapshot: snapshot, plan: plan, ranges: ranges, mark: mark,
        folder: options.outputFolder, recall: recall
      ).run(reader, sink: &output, summary: &summary, stages: &stages, progress: progress)
    } else {
      night = NightResult(
        try pass.run(
          reader, snapshot, plan, sink: &output, summary: &summary, stages: &stages,
          progress: progress))
      try output.finish(with: [], told: [])
    }
    return try finish(
      output, night, plan, decisions: decisions, transaction: transaction, summary: summary,
      stages: stages)
  }

  private func file(_ name: String, _ mark: RunMark) throws -> AtomicFile {
    try AtomicFile(
      folder: options.outputFolder, name: name, hiddenName: mark.hiddenName(name))
  }

  // MARK: Before the first customer

  private func open() throws -> Connection {
    try interruption.connect(options.request.target)
  }

  private var nodes: NodeAccess { NodeAccess(options.request.target, interruption) }

  /// Removes what a run in parts has staged that did not come to its end.
  /// - Parameter connection: has the run lock, so that no such run goes on.
  private func clearStaged(_ connection: borrowing Connection) throws {
    guard try StagedParts.areLeft(connection) else { return }
    let other = try open()
    try other.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    try StagedParts.clearAll(other)
    try other.commit()
  }

  /// How the customers are divided; one range where one job does everything.
  private func ranges(
    _ reader: borrowing Connection, _ snapshot: Snapshot
  ) throws -> [CustomerRange] {
    guard options.jobs > 1 else { return [] }
    if snapshot.readsInOneSession {
      report(.usesOneJob(relation: snapshot.contract.oneSessionRelation))
      return []
    }
    return try CustomerRange.dividing(into: options.jobs, reader)
  }

  /// Runs `body`, which calls functions of the ledger before it has been looked at. Where there are none, or they are not
  /// this user's, what is wrong with the database is said as everywhere else.
  private func examined<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PostgresError
      where ["3F000", "42501", "42883", "42P01"].contains(error.sqlState)
    {
      _ = try Snapshot(try open(), needs: .run, nodes: nodes)
      throw error
    }
  }

  /// Begins the writing transaction and takes the run lock.
  /// - Throws: `anotherRunIsActive` where somebody else holds the lock. What this run itself has left behind is waited
  ///   for; where it does not end, why it was left is thrown.
  private static func lock(
    _ connection: borrowing Connection, after earlier: Earlier?
  ) throws -> RunTransaction {
    try RunLock.begin(connection)
    if let earlier {
      let isOver = try earlier.transaction.waitForEnd(connection, seconds: ownWaitSeconds)
      guard isOver else { throw earlier.failure }
    }
    guard let transaction = try RunLock.take(connection) else {
      throw RunError.anotherRunIsActive
    }
    return transaction
  }

  /// Refuses where not all of the last run can be seen: what it granted would be granted again.
  /// - Returns: whether the database is distributed.
  static func requireVisible(_ connection: borrowing Connection) throws -> Bool {
    var isDistributed = false
    try connection.query(RedressSQL.Query.hiddenRun.text) { row in
      if !row.isNull(0) { throw RunError.lastRunHidden(runId: try row.int64(0)) }
      isDistributed = try row.bool(1)
    }
    return isDistributed
  }

  private func beginning(
    _ connection: borrowing Connection, _ summary: RunSummary
  ) throws -> RunBeginning {
    var customerCount: Int?
    if options.countsCustomers {
      try connection.query(RedressSQL.Query.customerCount.text) {
        customerCount = Int(try $0.int64(0))
      }
    }
    return RunBeginning(
      runId: summary.runId, asOf: summary.asOf, months: summary.months, host: connection.host,
      database: connection.database, user: connection.user, customerCount: customerCount,
      policy: options.request.policy, origin: options.request.inForce?.origin ?? .file)
  }

  private static func nextRun(
    _ connection: borrowing Connection
  ) throws -> (runId: Int64, ledgerId: String) {
    var next: (runId: Int64, ledgerId: String) = (0, "")
    try connection.query(RedressSQL.Query.nextRunId.text) { row in
      next = (try row.int64(0), try row.string(1))
    }
    return next
  }

  /// Looks at what is in the folder already: files that must not be written over, and those that an earlier run left
  /// unfinished.
  private func settleFolder(_ connection: borrowing Connection, _ mark: RunMark) throws {
    let folder = options.outputFolder
    let names = try Folder.names(in: folder)
    try EarlierFiles.refuseLaterFiles(names, mark, folder: folder)
    let earlier = EarlierFiles(
      report: LedgerReport(target: options.request.target, interruption: interruption),
      folder: folder,
      tell: { report(.earlierFiles($0)) })
    try earlier.finish(names, ledgerId: mark.ledgerId) { earlier in
      var began: Instant?
      try connection.query(RedressSQL.Query.runBeganAt.text, [.int64(earlier.runId)]) {
        began = Instant(microseconds: try $0.timestamp(0))
      }
      return began == earlier.beganAt
    }
  }

  // MARK: After the last customer

  private func finish(
    _ output: consuming RunOutput, _ night: NightResult, _ plan: ReconciliationPlan,
    decisions: Int32, transaction: RunTransaction, summary: RunSummary, stages: StageClock
  ) throws -> RunSummary {
    var summary = summary
    var stages = stages
    let totals = output.totals
    let checksums = (credits: output.creditsChecksum, lines: output.linesChecksum)
    let months = output.recordedMonths
    var counts = try output.sendAll()
    let carried = output.carryingForward
    let connection = output.writer.takeConnection()
    var files = output.takeFiles()
    stages.end("write")
    let exceeded = totals.exceeded(
      plan.limits(of: options.request.policy.policy),
      after: try DayAmounts(before: summary.runId, on: transaction.beganAt, connection))
    if !night.parts.isEmpty {
      // Also of a held run, whose page and digest are made of the rows.
      try night.move(connection, summary.runId, carried)
      for part in night.parts { counts.add(part.counts) }
      stages.end("move")
    }
    if transaction.repeatsSearch,
      try night.transferred.haveChanged(since: summary.runId, connection)
    {
      throw LedgerError.transferredMeanwhile
    }

    summary.revisions = counts.credits
    summary.lines = counts.lines
    try summary.countFindings(totals, connection)
    summary.currencies = totals.currencies.sorted { $0.currency < $1.currency }
    let digests = try files.finishReports()
    try record(
      connection, summary, evidence: night.evidence.json, usedVersions: night.usedVersions,
      counts: counts, digests: digests, checksums: checksums, carried: carried,
      decisions: decisions)
    try NightlyRun.record(months, connection, runId: summary.runId)
    if !transaction.isDistributed { try NightlyRun.noteVisible(summary.runId, connection) }
    var proposed = try judge(&summary, exceeded, &files, digests, connection)
    if summary.verdict == .committed { try recordApproval(of: summary.runId, connection) }
    try finishTotals(&files, summary, proposed?.files ?? digests, digests, connection)
    try end(connection, summary, transaction, &files)
    stages.end("commit")
    if let digest = proposed?.digest, let proposedFiles = proposed?.files {
      try record(proposal: digest, proposedFiles, of: summary)
    }
    summary.files = try publish(files, of: summary)
    summary.files += try proposed?.reports?.publish() ?? []
    stages.end("files")
    if let staged = night.staged {
      clear(staged)
      stages.end("clear")
    }
    summary.stages = stages.stages
    return summary
  }

  /// Removes what the parts have staged. Nothing depends on it: the next run would do it.
  private func clear(_ staged: StagedParts) {
    do {
      let connection = try Connection(options.request.target)
      try connection.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
      try staged.clear(connection)
      try connection.commit()
    } catch {
      // The run has ended, whatever became of this.
    }
  }

  /// Commits what the run wrote, or takes it back.
  private func end(
    _ connection: consuming Connection, _ summary: RunSummary, _ transaction: RunTransaction,
    _ files: inout RunFiles
  ) throws {
    guard summary.verdict == .committed else { return try connection.rollback() }
    try connection.outliveTheProgram()
    try interruption.beginCommit()
    do {
      try commit(connection, runId: summary.runId, transaction)
    } catch let error as RunError {
      // The next run into the folder finds out, and makes of them what they should be.
      files.leave()
      throw error
    }
  }

  /// Gives the files of a run that has ended their names.
  /// - Returns: their paths.
  private func publish(_ files: consuming RunFiles, of summary: RunSummary) throws -> [String] {
    guard summary.verdict == .committed else {
      return try files.publishProposal(as: FileNames(summary))
    }
    do throws(FileError) {
      return try files.publish(as: FileNames(summary), .keeping)
    } catch {
      throw RunError.committedWithoutFiles(runId: summary.runId, error)
    }
  }

  /// The run's own row and what it was decided on.
  private func record(
    _ connection: borrowing Connection, _ summary: RunSummary, evidence: [UInt8],
    usedVersions: [Int], counts: RunOutput.Counts, digests: ReportDigests,
    checksums: (credits: RowChecksum, lines: RowChecksum), carried: CarryingForward,
    decisions: Int32
  ) throws {
    let digest = SHA256.hash(evidence)
    let policyDigest = SHA256.hash(options.request.policy.bytes)
    try connection.query(
      RedressSQL.Query.insertPolicyFile.text,
      [.bytes(policyDigest.bytes), .bytes(options.request.policy.bytes)])
    try connection.query(
      RedressSQL.Query.insertEvidence.text,
      [
        .textArray([""]), .textArray([digest.hex]),
        .textArray([String(decoding: evidence, as: UTF8.self)]),
      ])
    for position in usedVersions {
      let version = options.request.policy.policy.versions[position]
      try connection.query(
        RedressSQL.Query.insertPolicyVersion.text,
        [
          .text(version.name), .bytes(PolicyFile.digest(of: version).bytes),
          .text(PolicyFile.canonicalText(of: version)), .text(version.effectiveFrom.text),
          .text(version.timeZone), .int64(summary.runId),
        ])
    }
    try connection.query(
      RedressSQL.Query.insertRun.text,
      [
        .int64(summary.runId), .timestamptz(summary.asOf.microseconds),
        .date(summary.months.lowerBound.daysSinceUnixEpoch),
        .date(summary.months.upperBound.daysSinceUnixEpoch),
        .bytes(policyDigest.bytes), .bytes(digest.bytes),
        .text(RedressVersion.current),
        .bool(options.approvesLimits || options.approval != nil),
        .int64(Int64(counts.credits)), .int64(Int64(counts.lines)),
        .int64(Int64(counts.findings)), .int64(Int64(summary.customers)),
        .int64(Int64(summary.subscriptions)), .text(summary.monthlyFeesJSON),
        .bytes(digests.credits.bytes), .bytes(digests.findings.bytes),
        .int64(checksums.credits.value), .int64(checksums.lines.value),
        // The contract asks for precisely these, and no migration begins while a run goes on.
        .int32(Int32(Migrator.knownCount)),
        .date(carried.before.daysSinceUnixEpoch), .int64(carried.count),
        .int64(carried.checksum.value), .int64(carried.runId),
        .date(summary.postedOn.daysSinceUnixEpoch),
        summary.closed.through.map { .date($0.daysSinceUnixEpoch) } ?? .null,
        .int32(decisions),
        .bytes(digests.invoiceLines.bytes), options.byteOrderMark ? .bool(true) : .null,
        .text(summary.limitFeesJSON),
      ])
    try connection.query(RedressSQL.Query.insertRunDigest.text, [.int64(summary.runId)])
  }

  /// In which months the run appended revisions of which incidents.
  private static func record(
    _ months: RecordedMonths, _ connection: borrowing Connection, runId: Int64
  ) throws {
    let pairs = months.pairs
    guard !pairs.isEmpty else { return }
    var (incidents, firsts): ([String], [String]) = ([], [])
    try connection.query(
      RedressSQL.Query.monthsToRecord.text,
      [.textArray(pairs.map(\.incident)), .textArray(pairs.map { "\($0.month.text)-01" })]
    ) { row in
      incidents.append(try row.string(0))
      firsts.append(try row.string(1))
    }
    guard !incidents.isEmpty else { return }
    try connection.query(
      RedressSQL.Query.insertRecordedMonths.text,
      [.textArray(incidents), .textArray(firsts), .int64(runId)])
  }
}
