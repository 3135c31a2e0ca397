package import CreditLedger
import Digests
package import Documents
import FrozenEvidence
import OutputFiles
package import Postgres
import RedressSQL
import ServiceCredits

/// A run or a month as a page for people in finance. Reads only the ledger: the same ledger gives
/// the same bytes.
///
/// The page adds up the lines of the CSV in one pass, so its sums and the digest it shows are those
/// of the file. Memory grows with the number of plans, services and incidents, but not with the
/// number of credits.
package struct LedgerPage: Sendable {
  private let report: LedgerReport

  package init(target: ConnectionTarget, interruption: Interruption = Interruption()) {
    report = LedgerReport(target: target, interruption: interruption)
  }

  /// Writes the page into `folder`.
  /// - Parameter more: sections of other modules. They come before the control totals.
  /// - Returns: the file's path.
  package func write(
    _ selection: LedgerSelection, folder: String, more: [PageSection] = []
  ) throws -> [String] {
    let name =
      switch selection {
      case .run(let runId): "report-run-\(runId).html"
      case .month(let month), .monthAt(let month, _): "report-\(month.text).html"
      }
    // First, so that a folder that cannot be used is reported before the work.
    try AtomicFile.prepareFolder(folder)
    let page = try bytes(selection, more: more)
    var file = try AtomicFile(folder: folder, name: name)
    try file.append { $0 += page }
    return [try file.publishAlone()]
  }

  /// Writes the page to an open file.
  /// - Parameter name: the file's name in errors.
  package func write(
    _ selection: LedgerSelection, descriptor: Int32, name: String, more: [PageSection] = []
  ) throws {
    let page = try bytes(selection, more: more)
    var sink = DescriptorSink(descriptor: descriptor, name: name)
    try sink.append { $0 += page }
    try sink.flush()
  }

  /// The page of a run that is held, from the transaction that has its rows.
  static func bytes(
    heldRun runId: Int64, _ held: LedgerFigures.Held, _ digests: ReportDigests,
    _ reader: inout LedgerReader
  ) throws -> [UInt8] {
    var figures = try reader.figures(.run(runId))
    figures.held = held
    figures.creditsDigest = digests.credits.hex
    var bytes: [UInt8] = []
    try LedgerPageText(figures).page().append(to: &bytes)
    return bytes
  }

  private func bytes(_ selection: LedgerSelection, more: [PageSection]) throws -> [UInt8] {
    let figures = try report.interruption.reading { _ in
      var reader = try LedgerReader(report)
      return try reader.figures(selection)
    }
    var bytes: [UInt8] = []
    try LedgerPageText(figures).page(more: more).append(to: &bytes)
    return bytes
  }
}

/// Computes the digest of a CSV without keeping its content.
struct DigestSink: ByteSink, ~Copyable {
  private var digest: SHA256? = SHA256()
  private var buffer: [UInt8] = []
  private static let bufferBytes = 256 << 10

  @inline(__always)
  mutating func append(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&buffer)
    if buffer.count >= DigestSink.bufferBytes { update() }
  }

  private mutating func update() {
    buffer.withUnsafeBytes { digest?.update($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  mutating func finalize() -> SHA256Digest {
    update()
    guard let digest = digest.take() else { preconditionFailure("the content ends once") }
    return digest.finalize()
  }
}

extension LedgerReader {
  /// Reads and adds up everything that the page of a run or a month shows.
  mutating func figures(_ selection: LedgerSelection) throws -> LedgerFigures {
    var figures: LedgerFigures
    let runId: Int64
    switch selection {
    case .run(let number):
      figures = LedgerFigures(.run)
      runId = try run(number).runId
    case .month(let month), .monthAt(let month, _):
      figures = LedgerFigures(.month(month))
      runId = try RecordedRun.newestId(reconciling: month, connection) ?? 0
    }
    let recorded = try RecordedRun.find(runId, connection)
    figures.run = recorded.map { LedgerFigures.Run($0) }
    figures.previous = try RecordedRun.find(runId - 1, connection).map { LedgerFigures.Run($0) }
    let evidence = try recorded?.sharedEvidence(connection)

    var ofMonth = false
    if case .month = selection { ofMonth = true }
    var tally = LineTally(ofMonth: ofMonth)
    var credits = DigestSink()
    if !ofMonth { try recorded?.beginCSV(&credits) }
    let closed = ofMonth ? .none : recorded?.closed ?? .none
    _ = try append(selection, format: .csv, to: &credits) { entry, names in
      tally.add(entry, names: names)
      if closed.contains(entry.month) { figures.run?.lateCorrections += 1 }
    }
    tally.finish()
    figures.creditsDigest = credits.finalize().hex
    tally.fill(&figures)
    IncidentFigures(evidence: evidence, tally: tally, ofMonth: ofMonth).fill(&figures)

    if figures.run != nil {
      var findings = DigestSink()
      try recorded?.beginCSV(&findings)
      _ = try appendFindings(ofRun: runId, format: .csv, to: &findings)
      figures.findingsDigest = findings.finalize().hex
      try PageQueries.fillFindings(&figures, runId, connection)
    }
    try PageQueries.fill(&figures, selection, connection)
    if !ofMonth, let recorded {
      var lines = DigestSink()
      try recorded.beginCSV(&lines)
      figures.invoiceLines = try appendInvoiceLines(ofRun: runId, to: &lines)
      figures.invoiceLinesDigest = lines.finalize().hex
      let policy = try RecordedPolicy.of(recorded, connection)
      let controlsAt = try ControlsInstant.newest(upTo: recorded.runId, connection)
      PageLimits.fill(
        &figures, policy.version(at: controlsAt ?? recorded.asOf),
        after: try DayAmounts(before: recorded.runId, on: recorded.beganAt, connection))
      figures.approval = try RecordedApproval.find(recorded.runId, connection)
    }
    return figures
  }
}
