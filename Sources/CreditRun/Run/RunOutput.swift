import CreditLedger
import Digests
import Documents
import FrozenEvidence
import LedgerReports
import OutputFiles
import Postgres
import ServiceCredits

/// Turns a settled customer into ledger rows, invoice lines and report lines.
struct RunOutput: ReconciliationSink, ~Copyable {
  var writer: LedgerWriter
  var creditsFile: AtomicFile
  private var linesFile: AtomicFile
  /// `nil` of a part, whose findings the run tells.
  private var findingsFile: AtomicFile?
  /// Of a part: its findings but for the late ones.
  private let held: HeldFindings
  private let late: [HeldFindings]
  var totals = RunTotals()
  private(set) var creditsChecksum = RowChecksum()
  private(set) var linesChecksum = RowChecksum()
  var carryingForward = CarryingForward()
  private(set) var recordedMonths = RecordedMonths()
  let mark: RunMark
  private let posting: RunPosting
  var runId: Int64 { mark.runId }

  private let versionNames: [[UInt8]]
  private var decisionTexts = DecisionTexts()
  private var decisions = DecisionNumbers()
  /// Lines that are the whole of a revision, and not written by themselves.
  private var wholeLines = 0
  /// Evidence of single customers that is not sent yet.
  private(set) var evidenceCustomers: [String] = []
  private(set) var evidenceDigests: [String] = []
  private(set) var evidenceContents: [String] = []

  /// - Parameter findingsFile: `nil` of a part of a run.
  init(
    writer: consuming LedgerWriter, creditsFile: consuming AtomicFile,
    linesFile: consuming AtomicFile, findingsFile: consuming AtomicFile?, mark: RunMark,
    posting: RunPosting, policy: CreditPolicy
  ) {
    let folder = creditsFile.folder
    held = HeldFindings(folder: folder)
    late = LateFinding.allCases.map { _ in HeldFindings(folder: folder) }
    self.writer = writer
    self.creditsFile = creditsFile
    self.linesFile = linesFile
    self.findingsFile = findingsFile
    self.mark = mark
    self.posting = posting
    versionNames = policy.versions.map { Array($0.name.utf8) }
  }

  /// Writes the headers of a run's files.
  mutating func beginFiles(byteOrderMark: Bool) throws {
    if byteOrderMark {
      try creditsFile.append { CSVText.appendByteOrderMark(to: &$0) }
      try linesFile.append { CSVText.appendByteOrderMark(to: &$0) }
      try findingsFile?.append { CSVText.appendByteOrderMark(to: &$0) }
    }
    try creditsFile.append { CreditLine.appendCSVHeader(to: &$0) }
    try linesFile.append { InvoiceLine.appendCSVHeader(to: &$0) }
    try findingsFile?.append { FindingText.appendCSVHeader(to: &$0) }
  }

  /// What people have accepted; of the run itself, and of no part.
  var acceptances = FindingAcceptances.none

  mutating func report(_ finding: Finding) throws {
    let told = ToldFinding(finding)
    if findingsFile == nil { try held.add(told) } else { try tell(told) }
  }

  mutating func report(_ finding: Finding, after kind: LateFinding) throws {
    try late[kind.rawValue].add(ToldFinding(finding))
  }

  private mutating func tell(_ finding: ToldFinding) throws {
    let acceptance = acceptances.held.isEmpty ? nil : acceptances.held[finding.identity]
    totals.add(finding.code, isAccepted: acceptance != nil)
    let (rows, runId, ordinal) = (writer.findings, self.runId, totals.findingCount)
    try finding.withCells(acceptance) { cells in
      rows.appendFinding(
        cells: cells.prefix(FindingText.ownColumns), runId: runId, ordinal: ordinal,
        acceptance: acceptance?.number)
      try findingsFile?.append { FindingText.appendCSV(cells: cells, to: &$0) }
    }
    try writer.flushIfFull()
  }

  mutating func add(_ fee: FeeInForce) { totals.add(fee.fee, at: fee.moment) }

  mutating func carryForward(before month: BillingMonth, after newest: CarriedForward?) {
    carryingForward = CarryingForward(before: month, after: newest)
  }

  mutating func emit(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext
  ) throws {
    carryForward(pass, records)
    guard !pass.revisions.isEmpty || !pass.placement.lines.isEmpty else { return }
    var evidence: SHA256Digest?
    if !pass.revisions.isEmpty {
      // Rows tell the zone that decided, unless there is none, or that of a version might be meant.
      let zone =
        night.isZoneAmbiguous || pass.revisions.contains { $0.basis == nil }
        ? records.zone.map { Array(records.arena[$0]) } : nil
      let own = CustomerEvidence(
        records, night, zone: zone, otherCustomers: night.evidenceOfOtherCustomers(pass, records))
      if let own { evidence = try freeze(own.json, of: records) }
    }
    var line = 0
    for position in pass.keys.indices {
      let firstLine = line
      while line < pass.placement.lines.count, pass.placement.lines[line].credit == Int32(position)
      {
        line += 1
      }
      let key = pass.keys[position]
      let newLines = firstLine..<line
      guard key.revision != nil || !newLines.isEmpty else { continue }
      let linesBefore = lastLine(of: key, records)
      let whole = wholeLine(newLines, of: key, pass)
      if whole == nil { emitLines(newLines, of: key, after: linesBefore, pass, records) }
      try fileLines(newLines, of: key, after: linesBefore, pass, records)
      if let revision = key.revision {
        try emitRevision(
          pass.revisions[Int(revision)], of: position,
          linesThrough: linesBefore + Int32(newLines.count), newLines: newLines,
          invoice: whole.map { pass.invoiceId($0.invoice, records) }, evidence, pass, records,
          night: &night)
      }
    }
    pass.forEachNet { totals.addNet($0, $1) }
    pass.forEachSetOff { totals.add(newlySetOffMinor: $0, $1) }
    try writer.flushIfFull()
  }

  private func lastLine(of key: KeyState, _ records: borrowing CustomerRecords) -> Int32 {
    guard let recorded = key.recorded else { return 0 }
    let lines = records.recorded[Int(recorded)]
    return lines.lineCount == 0
      ? 0 : records.lines[Int(lines.firstLine + lines.lineCount - 1)].number
  }

  /// The key's only new line, where it is the whole of its revision: then the revision's row names its invoice.
  private func wholeLine(
    _ newLines: Range<Int>, of key: KeyState, _ pass: borrowing CustomerReconciliation
  ) -> PlacedLine? {
    guard let revision = key.revision, newLines.count == 1 else { return nil }
    let line = pass.placement.lines[newLines.lowerBound]
    return line.amountMinor == -pass.revisions[Int(revision)].revision.amountMinor ? line : nil
  }

  private mutating func emitLines(
    _ range: Range<Int>, of key: KeyState, after number: Int32,
    _ pass: borrowing CustomerReconciliation,
    _ records: borrowing CustomerRecords
  ) {
    let arena = records.arena
    for position in range {
      let line = pass.placement.lines[position]
      writer.lines.appendLine(
        customerId: arena[records.id], subscriptionId: arena[key.subscription],
        incidentId: arena[key.incident], month: key.month, currency: key.currency,
        number: number + Int32(position - range.lowerBound) + 1, runId: runId,
        invoiceId: arena[pass.invoiceId(line.invoice, records)], amountMinor: line.amountMinor)
      linesChecksum.add(row: writer.lines.lastRow)
    }
  }

  /// The lines of a key in the file of invoice lines: the new ones, and of a key that the run revises also those that were
  /// there, so that they add up to what its line of the credits file says is placed.
  private mutating func fileLines(
    _ range: Range<Int>, of key: KeyState, after number: Int32,
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords
  ) throws {
    let (arena, runId) = (records.arena, runId)
    let isRevised = key.revision != nil
    func line(
      _ invoice: ByteSlice, _ amountMinor: Int64, _ number: Int32,
      _ origin: InvoiceLine.Origin
    ) -> InvoiceLine {
      InvoiceLine(
        customerId: arena[records.id], subscriptionId: arena[key.subscription],
        incidentId: arena[key.incident], month: key.month,
        amount: Money(amountMinor: amountMinor, currency: key.currency), number: number,
        invoiceId: arena[invoice], origin: origin.word)
    }
    if isRevised, let recorded = key.recorded {
      let lines = records.recorded[Int(recorded)]
      for position in Int(lines.firstLine)..<Int(lines.firstLine + lines.lineCount) {
        let earlier = records.lines[position]
        let filed = line(earlier.invoice, earlier.amountMinor, earlier.number, .earlier)
        try linesFile.append { filed.appendCSV(runId: runId, to: &$0) }
      }
    }
    for position in range {
      let new = pass.placement.lines[position]
      let filed = line(
        pass.invoiceId(new.invoice, records), new.amountMinor,
        number + Int32(position - range.lowerBound) + 1, isRevised ? .run : .open)
      try linesFile.append { filed.appendCSV(runId: runId, to: &$0) }
    }
  }

  /// A key's revision as a ledger row and as a line of the file.
  private mutating func emitRevision(
    _ pending: PendingRevision, of position: Int, linesThrough: Int32, newLines: Range<Int>,
    invoice: ByteSlice?, _ evidence: SHA256Digest?, _ pass: borrowing CustomerReconciliation,
    _ records: borrowing CustomerRecords, night: inout ReconciliationContext
  ) throws {
    let arena = records.arena
    let key = pass.keys[position]
    let carriers = carryingInvoices(key, newLines, pass, records)
    let placement = CreditPlacement(
      entitledMinor: key.entitledMinor, placedMinor: pass.placement.placedMinor[position],
      invoices: carriers.count, invoiceId: arena[carriers.first])
    let incident = night.mention(arena[key.incident])
    let amount = Money(amountMinor: pending.revision.amountMinor, currency: key.currency)
    recordedMonths.insert(key.month, of: arena[key.incident])
    let posting = self.posting.line(of: key.month)
    addUp(pending.revision.kind, amount, placement, of: key.month, isLate: posting.isLate)
    if invoice != nil { wholeLines += 1 }

    let decision = pending.basis?.decision
    let runId = self.runId
    // A revision that takes everything back grants nothing, whatever it was decided on.
    let takesAll = pending.revision.kind == .decrease && pending.reason != .smaller
    let granted = takesAll || pending.basis == nil ? .zero : pending.basis?.granted
    let parts = takesAll ? .zero : pending.basis?.parts ?? .zero
    try RunOutput.withBasis(of: pending, records, night: night, versionNames) {
      ledger, feeMicros, report in
      let numbered = self.number(
        DecisionRow(
          percentBeforeCap: decision == nil ? .zero : decision?.beforeCap,
          countedMicroseconds: decision?.countedMicroseconds ?? 0, basis: ledger))
      let digest = evidence?.bytes
      (digest ?? []).withUnsafeBytes { digestBytes in
        CreditRow(
          customerId: arena[records.id], subscriptionId: arena[key.subscription],
          incidentId: arena[key.incident], month: key.month, currency: key.currency,
          revision: pending.revision, linesThrough: linesThrough, runId: runId,
          percent: granted, parts: parts,
          firstInstant: ledger == nil ? nil : decision?.counted.first,
          decision: numbered.number,
          feeMicros: feeMicros, billedMicros: ledger == nil ? nil : decision?.award?.billedMicros,
          customerName: arena[records.name],
          customerTier: arena[records.tier], invoiceId: invoice.map { arena[$0] },
          reason: pending.reason?.code, terms: pending.terms.map { arena[$0] },
          customerEvidence: digest == nil ? nil : digestBytes
        ).append(to: writer.credits)
      }
      creditsChecksum.add(credit: writer.credits.lastCredit, decision: numbered.hash)
      let line = CreditLine(
        runId: runId, kind: pending.revision.kind, month: key.month,
        customerId: arena[records.id], customerName: arena[records.name],
        customerTier: arena[records.tier], subscriptionId: arena[key.subscription],
        incidentId: arena[key.incident], incidentTitle: night.incidentTitle(incident),
        basis: report, countedMicroseconds: decision?.countedMicroseconds ?? 0,
        percent: granted, percentBeforeCap: decision == nil ? .zero : decision?.beforeCap,
        amount: amount, placement: placement, posting: posting)
      try file(line, of: pending, rebuilds: night.rebuilds)
    }
    try writer.flushIfFull()
  }

  private mutating func addUp(
    _ kind: RevisionKind, _ amount: Money, _ placement: CreditPlacement, of month: BillingMonth,
    isLate: Bool
  ) {
    totals.add(placement, amount.currency)
    totals.add(kind, amount, isLate: isLate)
    totals.addChange(in: month, amount.currency)
  }

  private mutating func file(
    _ line: CreditLine, of pending: PendingRevision, rebuilds: Int
  ) throws {
    if let texts = shared(pending, line, rebuilds: rebuilds) {
      let cells = decisionTexts.cells(texts)
      try creditsFile.append { line.appendCSV(to: &$0, decision: cells) }
    } else {
      try creditsFile.append { line.appendCSV(to: &$0) }
    }
  }

  /// The number of a decision, which is written where it is new, and its hash.
  private mutating func number(_ decision: DecisionRow) -> (number: Int32, hash: UInt64) {
    let (rows, runId) = (writer.decisions, self.runId)
    return decisions.number(of: decision) { fields, number in
      rows.appendDecision(fields, runId: runId, number: number)
    }
  }

  /// The decision's cells, where the revision is one that every subscription with this decision gets.
  private mutating func shared(
    _ pending: PendingRevision, _ line: CreditLine, rebuilds: Int
  ) -> DecisionTexts.Entry? {
    guard pending.revision.kind != .decrease, let basis = pending.basis,
      let shared = basis.shared, basis.granted == basis.decision.granted
    else { return nil }
    decisionTexts.keep(for: shared, rebuilds: rebuilds)
    if let found = decisionTexts.find(shared) { return found }
    var month: [UInt8] = []
    line.appendMonthCSV(to: &month)
    var others: [UInt8] = []
    line.appendDecisionCSV(to: &others)
    return decisionTexts.add(shared, month: month, others: others)
  }

  private static func withBasis(
    of pending: PendingRevision, _ records: borrowing CustomerRecords,
    night: borrowing ReconciliationContext,
    _ versionNames: [[UInt8]],
    _ body: (DecisionRow.Basis?, _ feeMicros: Int64?, CreditLine.Basis?) throws -> Void
  ) throws {
    guard let basis = pending.basis, let sound = records.terms[Int(basis.term)].sound else {
      try body(nil, nil, nil)
      return
    }
    let arena = records.arena
    let term = records.terms[Int(basis.term)]
    let decision = basis.decision
    let outage = Interval(decision.counted.first, decision.counted.end)
    let award = decision.award
    let clause = award?.clause?.text
    try (clause ?? []).withUnsafeBytes { clauseBytes in
      try versionNames[Int(decision.version)].withUnsafeBytes { version in
        try night.withZoneName(records.zone.map { arena[$0] }, version: decision.version) { zone in
          try body(
            DecisionRow.Basis(
              serviceId: arena[term.serviceId], plan: arena[term.plan],
              severity: decision.severity, outageEnd: outage.end,
              longerThanMicroseconds: decision.tier?.longerThanMicroseconds,
              clause: clause == nil ? nil : clauseBytes,
              downtimeMicroseconds: award?.downtimeMicroseconds,
              periodMicroseconds: award?.periodMicroseconds,
              policyVersion: version, timeZone: zone), sound.fee.micros,
            CreditLine.Basis(
              serviceId: arena[term.serviceId], serviceName: night.serviceName(sound.service),
              plan: arena[term.plan], severity: decision.severity, outage: outage,
              decider: CreditDecider(decision), feeMicros: sound.fee.micros, policyVersion: version)
          )
        }
      }
    }
  }

  /// The invoices that carry a part of the credit once the new lines are there.
  /// - Returns: how many, and the first of them by line.
  private func carryingInvoices(
    _ key: KeyState, _ newLines: Range<Int>, _ pass: borrowing CustomerReconciliation,
    _ records: borrowing CustomerRecords
  ) -> (count: Int, first: ByteSlice) {
    var recordedLines = 0..<0
    if let recorded = key.recorded {
      let lines = records.recorded[Int(recorded)]
      recordedLines = Int(lines.firstLine)..<Int(lines.firstLine + lines.lineCount)
    }
    let count = recordedLines.count + newLines.count
    // Lines are told by their position among the recorded and then the new ones.
    func line(_ position: Int) -> (invoice: ByteSlice, amountMinor: Int64) {
      if position < recordedLines.count {
        let recorded = records.lines[recordedLines.lowerBound + position]
        return (recorded.invoice, recorded.amountMinor)
      }
      let new = pass.placement.lines[newLines.lowerBound + position - recordedLines.count]
      return (pass.invoiceId(new.invoice, records), new.amountMinor)
    }
    var found = (count: 0, first: ByteSlice.empty)
    for position in 0..<count {
      let (invoice, _) = line(position)
      var net: Int64 = 0
      var isFirst = true
      for other in 0..<count {
        let (otherInvoice, amountMinor) = line(other)
        guard records.arena.equal(otherInvoice, invoice) else { continue }
        isFirst = isFirst && other >= position
        net += amountMinor
      }
      // What was set off stands elsewhere than what an invoice carries.
      guard isFirst,
        net < 0 || (net > 0 && SetOffInvoice.isMeant(by: records.arena[invoice]))
      else { continue }
      if found.count == 0 { found.first = invoice }
      found.count += 1
    }
    return found
  }

  struct Counts {
    var credits: Int
    /// Lines that are written by themselves, and those that are the whole of a revision.
    var ownLines: Int
    var wholeLines: Int
    var findings: Int

    var lines: Int { ownLines + wholeLines }

    mutating func add(_ other: Counts) {
      credits += other.credits
      ownLines += other.ownLines
      wholeLines += other.wholeLines
      findings += other.findings
    }
  }

  /// Sends what is left.
  /// - Returns: what this output has written, without the parts.
  mutating func sendAll() throws -> Counts {
    try sendEvidence()
    if findingsFile != nil { settleCarried() }
    try writer.sendAll()
    return Counts(
      credits: writer.creditRows, ownLines: writer.lineRows, wholeLines: wholeLines,
      findings: writer.findingRows)
  }

  /// The files of a run, still without their names.
  consuming func takeFiles() -> RunFiles {
    guard let findings = findingsFile.take() else {
      preconditionFailure("a part has no files of its own")
    }
    return RunFiles(
      credits: creditsFile, invoiceLines: linesFile, findings: findings, mark: mark)
  }

  // MARK: Parts

  /// Takes over what the other parts of the run have found, in their order, and then tells what is late.
  /// - Parameter told: incidents of which it was told that they are gone or open again, and is not told twice.
  mutating func finish(with parts: [FinishedPart], told: Set<[UInt8]>) throws {
    var told = told
    for part in parts {
      try creditsFile.append(contentOf: &part.credits)
      try linesFile.append(contentOf: &part.lines)
      try part.findings.read { if !$0.isOneOf(told) { try tell($0) } }
      told.formUnion(part.trace.reportedIncidents)
      totals.add(amountsOf: part.totals)
      creditsChecksum.add(part.checksums.credits)
      linesChecksum.add(part.checksums.lines)
      carryingForward.add(part.carryingForward)
      recordedMonths.add(part.recordedMonths)
    }
    for kind in LateFinding.allCases {
      for findings in [late[kind.rawValue]] + parts.map({ $0.late[kind.rawValue] }) {
        try findings.read { try tell($0) }
      }
    }
  }

  /// What a part leaves once its rows are staged.
  consuming func finished(
    number: String, counts: Counts, reconciled: ReconciledCounts, trace: NightTrace
  ) -> FinishedPart {
    FinishedPart(
      number: number, counts: counts, reconciled: reconciled, trace: trace, findings: held,
      late: late, totals: totals, checksums: (creditsChecksum, linesChecksum),
      carryingForward: carryingForward, recordedMonths: recordedMonths, credits: creditsFile,
      lines: linesFile)
  }

  // MARK: Evidence

  private mutating func freeze(
    _ content: [UInt8], of records: borrowing CustomerRecords
  ) throws -> SHA256Digest {
    let digest = SHA256.hash(content)
    evidenceCustomers.append(String(decoding: records.arena[records.id], as: UTF8.self))
    evidenceDigests.append(digest.hex)
    evidenceContents.append(String(decoding: content, as: UTF8.self))
    if evidenceContents.count >= RunOutput.evidenceBatch { try sendEvidence() }
    return digest
  }

  private static let evidenceBatch = 256

  mutating func sendEvidence() throws {
    guard !evidenceContents.isEmpty else { return }
    try writer.insertEvidence(
      customers: evidenceCustomers, digests: evidenceDigests, contents: evidenceContents)
    evidenceCustomers.removeAll(keepingCapacity: true)
    evidenceDigests.removeAll(keepingCapacity: true)
    evidenceContents.removeAll(keepingCapacity: true)
  }
}
