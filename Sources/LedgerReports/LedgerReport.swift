package import CreditLedger
import Documents
import FrozenEvidence
package import OutputFiles
package import Postgres
package import ServiceCredits

/// The format of the lines of a report.
package enum ReportFormat: String, CaseIterable, Sendable {
  case csv
  case jsonl
}

/// Writes reports about an earlier run or a month. Reads only the ledger.
///
/// The CSVs and the totals of a run are the same bytes as the run wrote, whatever has changed in
/// the source, the ledger and the invoices since.
package struct LedgerReport: Sendable {
  fileprivate let target: ConnectionTarget
  package let interruption: Interruption

  package init(target: ConnectionTarget, interruption: Interruption = Interruption()) {
    self.target = target
    self.interruption = interruption
  }

  /// Writes the files of a run into `folder`. The totals, which hold the digests of the CSVs, are
  /// written only with `csv`.
  /// - Returns: the paths of the files.
  /// - Throws: `RecordError.noSuchRun` if the ledger has no such run; with `csv` also the errors of
  ///   `writeFiles`.
  package func writeRun(_ runId: Int64, format: ReportFormat, folder: String) throws -> [String] {
    try AtomicFile.prepareFolder(folder)
    return try interruption.reading { _ in try writeRunOnce(runId, format, folder) }
  }

  private func writeRunOnce(
    _ runId: Int64, _ format: ReportFormat, _ folder: String
  ) throws -> [String] {
    switch format {
    case .csv:
      let run = try recorded(runId)
      let written = try writeFiles(ofRun: runId, folder: folder)
      // If the run was killed, it left hidden files. They are not needed any more.
      let mark = RunMark(ledgerId: run.ledgerId, runId: runId, beganAt: run.beganAt)
      let hidden = try Folder.names(in: folder).filter { RunMark(hiddenName: $0) == mark }
      UnfinishedFiles(mark, names: hidden.sorted(), in: folder)?.remove()
      return written
    case .jsonl:
      var reader = try LedgerReader(self)
      _ = try reader.run(runId)
      var credits = try AtomicFile(folder: folder, name: "credits-run-\(runId).jsonl")
      var findings = try AtomicFile(folder: folder, name: "findings-run-\(runId).jsonl")
      _ = try reader.append(.run(runId), format: .jsonl, to: &credits)
      _ = try reader.appendFindings(ofRun: runId, format: .jsonl, to: &findings)
      return [try credits.publishAlone(), try findings.publishAlone()]
    }
  }

  private func recorded(_ runId: Int64) throws -> RecordedRun {
    let reader = try LedgerReader(self)
    return try reader.run(runId)
  }

  /// Writes the files that the run itself writes.
  /// - Returns: their paths.
  /// - Throws: `filesOfAnotherLedger` if the folder has the files of a run with this number in
  ///   another ledger; `FileError` with the code `EEXIST` if one of the names is taken by other
  ///   content.
  func writeFiles(ofRun runId: Int64, folder: String) throws -> [String] {
    var reader = try LedgerReader(self)
    let run = try reader.run(runId)
    let names = FileNames(runId: runId)
    if let other = try RunTotalsText.ledgerId(inFile: "\(folder)/\(names.totals)"),
      other != run.ledgerId
    {
      throw ReportError.filesOfAnotherLedger(runId: runId, path: "\(folder)/\(names.totals)")
    }
    var credits = try AtomicFile(folder: folder, name: names.credits)
    var invoiceLines = try AtomicFile(folder: folder, name: names.invoiceLines)
    var findings = try AtomicFile(folder: folder, name: names.findings)
    let totals = try reader.append(
      run, credits: &credits, invoiceLines: &invoiceLines, findings: &findings)
    var files = RunFiles(credits: credits, invoiceLines: invoiceLines, findings: findings)
    try files.finishTotals(totals, try files.finishReports())
    return try files.publish(as: names, .keeping)
  }

  /// Writes the state of a month into `folder`.
  /// - Parameter byteOrderMark: whether a CSV begins with a byte order mark.
  /// - Returns: the file's path.
  package func writeMonth(
    _ month: BillingMonth, format: ReportFormat, folder: String, byteOrderMark: Bool = false
  ) throws -> [String] {
    try AtomicFile.prepareFolder(folder)
    return try interruption.reading { _ in
      var reader = try LedgerReader(self)
      var file = try AtomicFile(folder: folder, name: "credits-\(month.text).\(format.rawValue)")
      if byteOrderMark { try file.append { CSVText.appendByteOrderMark(to: &$0) } }
      _ = try reader.append(.month(month), format: format, to: &file)
      return [try file.publishAlone()]
    }
  }

  /// Writes the credits, and no other file, to an open file.
  /// - Parameters:
  ///   - name: the file's name in errors.
  ///   - byteOrderMark: whether a CSV begins with a byte order mark. That of a run whose files do
  ///     so always begins with one.
  package func write(
    _ selection: LedgerSelection, format: ReportFormat, descriptor: Int32, name: String,
    byteOrderMark: Bool = false
  ) throws {
    try interruption.reading { voice in
      var reader = try LedgerReader(self)
      var isMarked = byteOrderMark
      if case .run(let runId) = selection, try reader.run(runId).hasByteOrderMark {
        isMarked = true
      }
      var sink = DescriptorSink(descriptor: descriptor, name: name, willWrite: voice.raise)
      if isMarked, format == .csv { try sink.append { CSVText.appendByteOrderMark(to: &$0) } }
      _ = try reader.append(selection, format: format, to: &sink)
      try sink.flush()
    }
  }

  func open() throws -> Connection {
    try interruption.connect(target)
  }
}

extension AtomicFile {
  /// Ends the content of a file that is published without others, and makes it appear.
  /// - Returns: its path.
  package mutating func publishAlone(_ rule: NameRule = .replacing) throws -> String {
    _ = try finishContent()
    try publish(rule)
    try AtomicFile.syncFolder(folder)
    return "\(folder)/\(name)"
  }
}

/// Reads one snapshot of the ledger and writes reports from it.
package struct LedgerReader: ~Copyable {
  private let report: LedgerReport
  /// Holds the snapshot. Free for look-ups while other connections stream rows.
  package let connection: Connection
  /// The server's time; `nil` inside a transaction, which is asked about its own run alone.
  package let present: Instant?
  package let more: MoreReaders
  private var names = FrozenNamesByRun()
  private var postings: [Int64: RunPosting] = [:]

  package init(_ report: LedgerReport) throws {
    self.report = report
    let connection = try report.open()
    let snapshot = try Snapshot(
      connection, needs: .ledger, nodes: NodeAccess(report.target, report.interruption))
    present = snapshot.present
    more = MoreReaders { try snapshot.another { try report.open() } }
    self.connection = connection
  }

  /// Reads what a transaction that is still open has written as well.
  /// - Parameter connection: in the transaction. All statements take turns on it.
  init(_ report: LedgerReport, inside connection: borrowing Connection) {
    self.report = report
    present = nil
    let shared = SharedSession(connection)
    more = MoreReaders { shared.connection.shared() }
    self.connection = connection.shared()
  }

  private final class SharedSession {
    let connection: Connection

    init(_ connection: borrowing Connection) { self.connection = connection.shared() }
  }

  /// Opens further connections on the same snapshot.
  package struct MoreReaders {
    private let another: () throws -> Connection

    init(_ another: @escaping () throws -> Connection) { self.another = another }

    package func open() throws -> Connection { try another() }
  }

  /// When a run was posted. Each run is looked up once.
  package mutating func posting(ofRun runId: Int64) throws -> RunPosting {
    if let known = postings[runId] { return known }
    let posting = RunPosting(try run(runId))
    postings[runId] = posting
    return posting
  }

  package func run(_ runId: Int64) throws -> RecordedRun {
    guard let run = try RecordedRun.find(runId, connection) else {
      throw RecordError.noSuchRun(runId: runId, newest: try RecordedRun.newest(connection))
    }
    return run
  }

  /// Writes the CSVs of a run.
  /// - Returns: the run's totals.
  package mutating func append(
    _ run: RecordedRun, credits: inout some ByteSink & ~Copyable,
    invoiceLines: inout some ByteSink & ~Copyable,
    findings: inout some ByteSink & ~Copyable
  ) throws -> RunTotalsText {
    try run.beginCSV(&credits)
    let (_, currencies) = try append(.run(run.runId), format: .csv, to: &credits)
    try run.beginCSV(&invoiceLines)
    try appendInvoiceLines(ofRun: run.runId, to: &invoiceLines)
    try run.beginCSV(&findings)
    _ = try appendFindings(ofRun: run.runId, format: .csv, to: &findings)
    var totals = RunTotals(currencies: currencies)
    try addSetOffs(ofRun: run.runId, to: &totals)
    return RunTotalsText(run, currencies: totals.currencies.sorted { $0.currency < $1.currency })
  }

  /// Writes the CSV of a run's invoice lines.
  /// - Returns: how many there are.
  @discardableResult
  func appendInvoiceLines(
    ofRun runId: Int64, to sink: inout some ByteSink & ~Copyable
  ) throws -> Int64 {
    try sink.append { InvoiceLine.appendCSVHeader(to: &$0) }
    return try forEachInvoiceLine(.run(runId)) { line in
      try sink.append { line.appendCSV(runId: runId, to: &$0) }
    }
  }

  /// Calls `body` with each invoice line of a run's file or of a month. The bytes are valid only
  /// during the call.
  /// - Returns: how many lines there are.
  @discardableResult
  func forEachInvoiceLine(
    _ selection: LedgerSelection, _ body: (InvoiceLine) throws -> Void
  ) throws -> Int64 {
    let more = self.more
    var lines = try FiledInvoiceLines(selection) { try more.open() }
    var count: Int64 = 0
    while try lines.next() {
      count += 1
      if count % 16_384 == 0 { try report.interruption.check() }
      try body(InvoiceLine(try lines.line()))
    }
    return count
  }

  /// Writes the credits of a run or a month. CSV begins with a header.
  /// - Parameter each: called with each line. The entry is valid only during the call.
  /// - Returns: the number of revisions, and the totals ascending by currency.
  mutating func append(
    _ selection: LedgerSelection, format: ReportFormat, to sink: inout some ByteSink & ~Copyable,
    each: (LedgerEntry, FrozenNames) -> Void = { _, _ in }
  ) throws -> (revisions: Int64, currencies: [RunSummary.CurrencyTotal]) {
    let ofMonth = selection.month != nil
    if format == .csv {
      try sink.append { CreditLine.appendCSVHeader(ofMonth: ofMonth, to: &$0) }
    }
    return try appendLines(selection, format: format, to: &sink, each: each)
  }

  /// The same without a header.
  @discardableResult
  mutating func appendLines(
    _ selection: LedgerSelection, format: ReportFormat, to sink: inout some ByteSink & ~Copyable,
    each: (LedgerEntry, FrozenNames) -> Void = { _, _ in }
  ) throws -> (revisions: Int64, currencies: [RunSummary.CurrencyTotal]) {
    var totals = RunTotals()
    let count = try forEachLine(selection) { entry, line, names in
      totals.add(entry.kind, entry.amount, isLate: line.posting.isLate)
      totals.add(line.placement, entry.amount.currency)
      each(entry, names)
      try sink.append { buffer in
        switch format {
        case .csv: line.appendCSV(to: &buffer)
        case .jsonl: line.appendJSONLine(to: &buffer)
        }
      }
    }
    return (count, totals.currencies.sorted { $0.currency < $1.currency })
  }

  /// Calls `body` with each line of a run or a month and the names that belong to it, in key order.
  ///
  /// Leaves out a month's lines that are worth nothing and are on no invoice. The bytes are valid
  /// only during the call.
  /// - Returns: the number of revisions, with those that were left out.
  @discardableResult
  mutating func forEachLine(
    _ selection: LedgerSelection, _ body: (LedgerEntry, CreditLine, FrozenNames) throws -> Void
  ) throws -> Int64 {
    let ofMonth = selection.month != nil
    let more = self.more
    var entries = try LedgerEntries(selection) { try more.open() }
    var count: Int64 = 0
    var runId: Int64?
    var frozen: FrozenNames?
    var posted: RunPosting?
    var clauseWords = ClauseWords()
    while try entries.next() {
      count += 1
      if count % 16_384 == 0 { try report.interruption.check() }
      let entry = try entries.entry()
      // What invoices carry can add up to nothing, where a part of it is set off.
      if ofMonth, entry.entitledMinor == 0, entry.invoices.isEmpty { continue }
      if entry.runId != runId {
        runId = entry.runId
        frozen = try names.names(ofRun: entry.runId, connection)
        posted = try posting(ofRun: entry.runId)
      }
      let line = CreditLine(
        entry, ofMonth: ofMonth, names: frozen!, posting: posted!, clauseWords: &clauseWords)
      try body(entry, line, frozen!)
    }
    try report.interruption.check()
    return count
  }

  /// Writes the findings of a run.
  /// - Returns: how many there are.
  func appendFindings(
    ofRun runId: Int64, format: ReportFormat, to sink: inout some ByteSink & ~Copyable
  ) throws -> Int64 {
    if format == .csv { try sink.append { FindingText.appendCSVHeader(to: &$0) } }
    return try forEachFinding(ofRun: runId) { cells in
      try sink.append { buffer in
        switch format {
        case .csv: FindingText.appendCSV(cells: cells, to: &buffer)
        case .jsonl: FindingText.appendJSONLine(cells: cells, to: &buffer)
        }
      }
    }
  }

  /// Calls `body` with the cells of each finding of a run, in the order of `FindingText.columns`.
  /// The bytes are valid only during the call.
  /// - Returns: how many findings there are.
  @discardableResult
  func forEachFinding(
    ofRun runId: Int64, _ body: ([UnsafeRawBufferPointer]) throws -> Void
  ) throws -> Int64 {
    let more = self.more
    var findings = try RecordedFindings(runId: runId) { try more.open() }
    var count: Int64 = 0
    while try findings.next() {
      count += 1
      try body([
        findings.code, findings.relation, findings.key, findings.problem, findings.remedy,
        findings.acceptedBy, findings.acceptedUntil, findings.reason,
      ])
    }
    return count
  }
}

extension RecordedRun {
  /// Begins a CSV as the run's own begin.
  func beginCSV(_ sink: inout some ByteSink & ~Copyable) throws {
    if hasByteOrderMark { try sink.append { CSVText.appendByteOrderMark(to: &$0) } }
  }
}

extension LedgerEntry {
  /// How much of the credit invoices carry.
  var placement: CreditPlacement {
    CreditPlacement(
      entitledMinor: entitledMinor, placedMinor: placedMinor, invoices: invoices.count,
      invoiceId: invoices.first?.invoiceId ?? UnsafeRawBufferPointer(start: nil, count: 0))
  }
}

extension CreditLine {
  /// - Parameter ofMonth: `true` to show the whole entitlement and not the one revision.
  init(
    _ entry: LedgerEntry, ofMonth: Bool, names: FrozenNames, posting: RunPosting,
    clauseWords: inout ClauseWords
  ) {
    let basis = entry.basis.map { basis in
      Basis(
        serviceId: basis.serviceId, serviceName: names.serviceName(basis.serviceId),
        plan: basis.plan, severity: basis.severity, outage: basis.outage,
        decider: CreditDecider(basis.clause, &clauseWords), feeMicros: basis.feeMicros,
        policyVersion: basis.policyVersion)
    }
    self.init(
      runId: entry.runId, kind: ofMonth ? nil : entry.kind, month: entry.month,
      customerId: entry.customerId, customerName: entry.customerName,
      customerTier: entry.customerTier, subscriptionId: entry.subscriptionId,
      incidentId: entry.incidentId, incidentTitle: names.title(entry.incidentId), basis: basis,
      countedMicroseconds: entry.countedMicroseconds, percent: entry.percent,
      percentBeforeCap: entry.percentBeforeCap,
      amount: ofMonth
        ? Money(amountMinor: entry.entitledMinor, currency: entry.amount.currency) : entry.amount,
      placement: entry.placement, posting: posting.line(of: entry.month))
  }
}
