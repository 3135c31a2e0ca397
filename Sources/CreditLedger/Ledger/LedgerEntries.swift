public import Postgres
import RedressSQL
public import ServiceCredits

/// Which revisions a report is about.
public enum LedgerSelection: Hashable, Sendable {
  /// The revisions that one run appended, with the state of their keys at the end of the run.
  case run(Int64)
  /// The newest revision of each key in one billing month, with the present state of the key.
  case month(BillingMonth)
  /// The same as it was at an earlier moment.
  case monthAt(BillingMonth, LedgerMoment)

  /// `nil` for a run.
  public var month: BillingMonth? {
    switch self {
    case .run: nil
    case .month(let month), .monthAt(let month, _): month
    }
  }
}

/// A moment in the life of a ledger.
public struct LedgerMoment: Hashable, Sendable {
  /// The last run that had been committed; 0 for none.
  public let run: Int64
  /// What an invoicing transaction placed that began later is left out.
  public let time: Instant

  /// The moment in which a run ended.
  public init(after run: RecordedRun) {
    self.run = run.runId
    time = run.finishedAt
  }

  /// - Parameter time: `nil` for the present.
  public init(at time: Instant?, _ connection: borrowing Connection) throws {
    var newest = Int64.max
    if let time {
      try connection.query(
        RedressSQL.Query.newestRunAt.text, [.timestamptz(time.microseconds)]
      ) { newest = try $0.int64(0) }
    }
    run = newest
    self.time = time ?? .distantFuture
  }
}

/// A revision with the state of its key. Texts are borrowed bytes, valid until the next revision is
/// read.
public struct LedgerEntry {
  /// The amount of a credit on one invoice, in minor units; less than 0 only for what was set off.
  public struct InvoicePart {
    public var invoiceId: UnsafeRawBufferPointer
    public var placedMinor: Int64
  }

  /// The facts that the revision was decided on.
  public struct Basis {
    public var serviceId: UnsafeRawBufferPointer
    public var plan: UnsafeRawBufferPointer
    public var severity: Severity
    public var outage: Interval
    /// What decided.
    public var clause: RecordedClause
    public var feeMicros: Int64
    public var policyVersion: UnsafeRawBufferPointer
  }

  public var customerId: UnsafeRawBufferPointer
  public var customerName: UnsafeRawBufferPointer
  public var customerTier: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var incidentId: UnsafeRawBufferPointer
  public var runId: Int64
  public var kind: RevisionKind
  public var month: BillingMonth
  public var amount: Money
  public var countedMicroseconds: Int64
  /// `nil` where it is no whole number of basis points.
  public var percent: BasisPoints?
  public var percentBeforeCap: BasisPoints?
  /// `nil` if everything was taken back and no facts were left to decide on.
  public var basis: Basis?
  /// The invoices that carry a part of the credit, in the order of their first lines.
  public var invoices: [InvoicePart]
  /// The entitlement of the key in minor units. Invoices carry `placedMinor` of it.
  public var entitledMinor: Int64
  public var placedMinor: Int64
}

/// The revisions of a report in key order, merged with the invoice lines of their keys.
///
/// Both are read as streams, so that memory does not grow with the ledger.
public struct LedgerEntries: ~Copyable {
  private var credits: CopyReader
  private var lines: CopyReader
  private var hasLine: Bool
  /// The ids of the invoices.
  private let arena = ByteArena()
  private var invoices: [(id: ByteSlice, netMinor: Int64)] = []
  private var carrying: [LedgerEntry.InvoicePart] = []
  private var placedMinor: Int64 = 0

  /// - Parameter open: opens a connection on the report's snapshot; called twice.
  public init(_ selection: LedgerSelection, open: () throws -> Connection) throws {
    let queries: (credits: RedressSQL.Query, lines: RedressSQL.Query) =
      switch selection {
      case .run: (.reportRunCredits, .reportRunLines)
      case .month: (.reportMonthCredits, .reportMonthLines)
      case .monthAt: (.reportMonthCreditsAt, .reportMonthLinesAt)
      }
    let credits = try selection.copy(queries.credits, open: open)
    var lines = try selection.copy(queries.lines, open: open)
    let hasLine = try lines.next()
    self.credits = credits
    self.lines = lines
    self.hasLine = hasLine
  }

  /// Reads the next revision; returns `false` after the last.
  public mutating func next() throws -> Bool {
    guard try credits.next() else { return false }
    try collectLines()
    return true
  }

  /// Adds up the lines of the current revision's key. A report has one revision of a key.
  private mutating func collectLines() throws {
    arena.removeAll()
    invoices.removeAll(keepingCapacity: true)
    placedMinor = 0
    try addLines()
    carrying.removeAll(keepingCapacity: true)
    for invoice in invoices
    where invoice.netMinor < 0
      || (invoice.netMinor > 0 && SetOffInvoice.isMeant(by: arena[invoice.id]))
    {
      carrying.append(
        LedgerEntry.InvoicePart(invoiceId: arena[invoice.id], placedMinor: -invoice.netMinor))
    }
  }

  private mutating func addLines() throws {
    while hasLine {
      let order = try compareLine()
      if order > 0 { return }
      if order == 0 {
        let amountMinor = try lines.int64(ReportedLineColumn.amountMinor)
        let (placed, overflow) = placedMinor.subtractingReportingOverflow(amountMinor)
        guard !overflow, add(amountMinor, to: lines.bytes(ReportedLineColumn.invoiceId)) else {
          throw LedgerError.amountTooLarge(credits)
        }
        placedMinor = placed
      }
      hasLine = try lines.next()
    }
  }

  /// Compares the key of the current line with the key of the current credit.
  private func compareLine() throws -> Int {
    typealias Credit = ReportedCreditColumn
    typealias Line = ReportedLineColumn
    // Customer, subscription and incident come first in both.
    for column in 0..<3 {
      let order = compareBytes(lines.bytes(column), credits.bytes(column))
      if order != 0 { return order }
    }
    let months = (try lines.date(Line.billingMonth), try credits.date(Credit.billingMonth))
    guard months.0 == months.1 else { return months.0 < months.1 ? -1 : 1 }
    return compareBytes(lines.bytes(Line.currency), credits.bytes(Credit.currency))
  }

  /// - Returns: whether the sum fits.
  private mutating func add(_ amountMinor: Int64, to invoice: UnsafeRawBufferPointer) -> Bool {
    for position in invoices.indices
    where compareBytes(arena[invoices[position].id], invoice) == 0 {
      let (net, overflow) = invoices[position].netMinor.addingReportingOverflow(amountMinor)
      invoices[position].netMinor = net
      return !overflow
    }
    invoices.append((arena.append(invoice), amountMinor))
    return true
  }

  /// The current revision.
  /// - Throws: `LedgerError.unreadableCredit` if a column has a value that no run writes.
  public func entry() throws -> LedgerEntry {
    let currency = try LedgerColumns.currency(credits, ReportedCreditColumn.currency)
    guard let kind = LedgerColumns.kind(credits.bytes(ReportedCreditColumn.kind)) else {
      throw unreadable("kind")
    }
    let percentBeforeCap = try credits.percent(ReportedCreditColumn.percentBeforeCapBp)
    return LedgerEntry(
      customerId: credits.bytes(ReportedCreditColumn.customerId),
      customerName: credits.bytes(ReportedCreditColumn.customerName),
      customerTier: credits.bytes(ReportedCreditColumn.customerTier),
      subscriptionId: credits.bytes(ReportedCreditColumn.subscriptionId),
      incidentId: credits.bytes(ReportedCreditColumn.incidentId),
      runId: try credits.int64(ReportedCreditColumn.runId), kind: kind,
      month: BillingMonth(daysSinceUnixEpoch: try credits.date(ReportedCreditColumn.billingMonth)),
      amount: Money(
        amountMinor: try credits.int64(ReportedCreditColumn.amountMinor), currency: currency),
      countedMicroseconds: try credits.int64(ReportedCreditColumn.countedMicroseconds),
      percent: try credits.percent(ReportedCreditColumn.percentBp),
      percentBeforeCap: percentBeforeCap, basis: try basis(percentBeforeCap),
      invoices: carrying,
      entitledMinor: try credits.int64(ReportedCreditColumn.entitledMinor),
      placedMinor: placedMinor)
  }

  private func basis(_ percentBeforeCap: BasisPoints?) throws -> LedgerEntry.Basis? {
    if credits.isNull(ReportedCreditColumn.serviceId) { return nil }
    guard let severity = Severity(code: credits.bytes(ReportedCreditColumn.severity)) else {
      throw unreadable("severity")
    }
    guard let start = try credits.finiteInstant(ReportedCreditColumn.outageStartedAt),
      let end = try credits.finiteInstant(ReportedCreditColumn.outageEndedAt),
      start <= end
    else { throw unreadable("outage_started_at") }
    guard case .micros(let fee) = try credits.numericMicros(ReportedCreditColumn.monthlyFee) else {
      throw unreadable("monthly_fee")
    }
    let clause = RecordedClause(
      severity,
      longerThanMicroseconds: try credits.optionalInt64(
        ReportedCreditColumn.tierLongerThanMicroseconds),
      percentBeforeCap, clause: credits.optionalBytes(ReportedCreditColumn.clause))
    return LedgerEntry.Basis(
      serviceId: credits.bytes(ReportedCreditColumn.serviceId),
      plan: credits.bytes(ReportedCreditColumn.plan), severity: severity,
      outage: Interval(start, end), clause: clause, feeMicros: fee,
      policyVersion: credits.bytes(ReportedCreditColumn.policyVersion))
  }

  private func unreadable(_ column: String) -> LedgerError {
    .unreadableCredit(
      customer: credits.text(ReportedCreditColumn.customerId),
      subscription: credits.text(ReportedCreditColumn.subscriptionId),
      incident: credits.text(ReportedCreditColumn.incidentId),
      column: column)
  }
}

/// The findings of a run, in the order of its report. Texts are borrowed bytes, valid until the
/// next finding is read.
public struct RecordedFindings: ~Copyable {
  private var rows: CopyReader

  public init(runId: Int64, open: () throws -> Connection) throws {
    rows = try LedgerSelection.run(runId).copy(.reportFindings, open: open)
  }

  public mutating func next() throws -> Bool { try rows.next() }

  public var code: UnsafeRawBufferPointer { rows.bytes(0) }
  public var relation: UnsafeRawBufferPointer { rows.bytes(1) }
  public var key: UnsafeRawBufferPointer { rows.bytes(2) }
  public var problem: UnsafeRawBufferPointer { rows.bytes(3) }
  public var remedy: UnsafeRawBufferPointer { rows.bytes(4) }
  /// Who had accepted it; empty for nobody.
  public var acceptedBy: UnsafeRawBufferPointer { rows.bytes(5) }
  /// The last day of the acceptance; empty for no end.
  public var acceptedUntil: UnsafeRawBufferPointer { rows.bytes(6) }
  public var reason: UnsafeRawBufferPointer { rows.bytes(7) }
}

/// An invoice line of a run's file, or of a month. Texts are borrowed bytes, valid until the next
/// line is read.
public struct FiledInvoiceLine {
  public var customerId: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var incidentId: UnsafeRawBufferPointer
  public var month: BillingMonth
  /// Negative reduces the invoice.
  public var amount: Money
  public var number: Int32
  public var invoiceId: UnsafeRawBufferPointer
  /// Whose line it is, in one word.
  public var origin: UnsafeRawBufferPointer
}

/// The invoice lines of a run's file, or of the credits of a month, by credit and then number.
public struct FiledInvoiceLines: ~Copyable {
  private var rows: CopyReader

  /// - Parameter open: opens a connection on the report's snapshot.
  public init(_ selection: LedgerSelection, open: () throws -> Connection) throws {
    let query: RedressSQL.Query =
      switch selection {
      case .run: .reportRunInvoiceLines
      case .month: .reportMonthInvoiceLines
      case .monthAt: .reportMonthInvoiceLinesAt
      }
    rows = try selection.copy(query, open: open)
  }

  /// Reads the next line; returns `false` after the last.
  public mutating func next() throws -> Bool { try rows.next() }

  /// The current line.
  public func line() throws -> FiledInvoiceLine {
    FiledInvoiceLine(
      customerId: rows.bytes(FiledLineColumn.customerId),
      subscriptionId: rows.bytes(FiledLineColumn.subscriptionId),
      incidentId: rows.bytes(FiledLineColumn.incidentId),
      month: BillingMonth(daysSinceUnixEpoch: try rows.date(FiledLineColumn.billingMonth)),
      amount: Money(
        amountMinor: try rows.int64(FiledLineColumn.amountMinor),
        currency: try LedgerColumns.currency(rows, FiledLineColumn.currency)),
      number: try rows.int32(FiledLineColumn.line),
      invoiceId: rows.bytes(FiledLineColumn.invoiceId),
      origin: rows.bytes(FiledLineColumn.origin))
  }
}

extension LedgerSelection {
  /// Opens the stream of a query. Its only parameter is the run or the month.
  func copy(
    _ query: RedressSQL.Query, open: () throws -> Connection
  ) throws -> CopyReader {
    let values =
      switch self {
      case .run(let runId): ["\(runId)"]
      case .month(let month): ["\(month.text)-01"]
      case .monthAt(let month, let moment):
        // The revisions do not depend on the time.
        ["\(month.text)-01", "\(moment.run)"]
          + (query == .reportMonthCreditsAt ? [] : [moment.time.text])
      }
    return try open().copyOut(query, values)
  }
}

/// The ledger's record of one committed run.
public struct RecordedRun: Sendable {
  public let runId: Int64
  public let asOf: Instant
  public let months: ClosedRange<BillingMonth>
  /// SHA-256 of the policy file.
  public let policyDigest: [UInt8]
  /// SHA-256 of the evidence that all customers share.
  public let evidenceDigest: [UInt8]
  /// When its transaction began.
  public let beganAt: Instant
  public let finishedAt: Instant
  public let programVersion: String
  public let schemaVersion: Int32
  public let runBy: String
  public let limitsApproved: Bool
  public let revisions: Int64
  public let invoiceLines: Int64
  public let findings: Int64
  public let customers: Int64
  public let subscriptions: Int64
  /// JSON: `{"USD": "123.450000"}`.
  public let monthlyFees: [UInt8]
  /// SHA-256 of its record; empty if there is none.
  public let recordDigest: [UInt8]
  /// The id of the ledger that it is in.
  public let ledgerId: String
  /// The day on which its revisions and lines are posted.
  public let postedOn: CalendarDate
  /// What was closed for it.
  public let closed: ClosedMonths
  /// Whether its CSVs begin with a byte order mark.
  public let hasByteOrderMark: Bool
  /// What the share of the monthly fees was taken of, in the form of `monthlyFees`; `nil` in old runs, of which
  /// `monthlyFees` is that.
  public var limitFees: [UInt8]?

  /// Returns `nil` if there is no such run.
  public static func find(
    _ runId: Int64, _ connection: borrowing Connection
  ) throws -> RecordedRun? {
    var found: RecordedRun?
    try connection.query(RedressSQL.Query.recordedRun.text, [.int64(runId)]) { row in
      let first = BillingMonth(daysSinceUnixEpoch: try row.date(1))
      let last = BillingMonth(daysSinceUnixEpoch: try row.date(2))
      found = RecordedRun(
        runId: runId, asOf: Instant(microseconds: try row.timestamp(0)),
        months: first...max(first, last), policyDigest: row.id(7), evidenceDigest: row.id(3),
        beganAt: Instant(microseconds: try row.timestamp(4)),
        finishedAt: Instant(microseconds: try row.timestamp(6)), programVersion: row.text(8),
        schemaVersion: try row.int32(17), runBy: row.text(9), limitsApproved: try row.bool(10),
        revisions: try row.int64(11), invoiceLines: try row.int64(12),
        findings: try row.int64(13), customers: try row.int64(14),
        subscriptions: try row.int64(15), monthlyFees: row.id(16), recordDigest: row.id(18),
        ledgerId: try row.string(5),
        postedOn: CalendarDate(daysSinceUnixEpoch: try row.date(19)),
        closed: ClosedMonths(
          through: try row.isNull(20) ? nil : BillingMonth(daysSinceUnixEpoch: row.date(20))),
        hasByteOrderMark: try row.bool(21), limitFees: row.isNull(22) ? nil : row.id(22))
    }
    return found
  }

  /// The newest run that reconciled `month`; `nil` if none has.
  public static func newest(
    reconciling month: BillingMonth, _ connection: borrowing Connection
  ) throws -> RecordedRun? {
    try newestId(reconciling: month, connection).flatMap { try find($0, connection) }
  }

  /// The number of the newest run that reconciled `month`; `nil` if none has.
  public static func newestId(
    reconciling month: BillingMonth, _ connection: borrowing Connection
  ) throws -> Int64? {
    var runId: Int64?
    try connection.query(
      RedressSQL.Query.newestRunOfMonth.text, [.date(month.daysSinceUnixEpoch)]
    ) { runId = try $0.isNull(0) ? nil : $0.int64(0) }
    return runId
  }

  /// The number of the newest run; 0 if there is none.
  public static func newest(_ connection: borrowing Connection) throws -> Int64 {
    var newest: Int64 = 0
    try connection.query(RedressSQL.Query.newestRun.text) { newest = try $0.int64(0) }
    return newest
  }

  /// A frozen document, as bytes; `nil` if there is none with this digest.
  /// - Parameter customer: empty for the document that all customers share.
  public static func evidence(
    of customer: String, digest: [UInt8], _ connection: borrowing Connection
  ) throws -> [UInt8]? {
    var content: [UInt8]?
    try connection.query(
      RedressSQL.Query.evidenceContent.text, [.text(customer), .bytes(digest)]
    ) { content = $0.id(0) }
    return content
  }

  /// The policy file that a run read, as bytes; `nil` if there is none with this digest.
  public static func policyFile(
    digest: [UInt8], _ connection: borrowing Connection
  ) throws -> [UInt8]? {
    var content: [UInt8]?
    try connection.query(RedressSQL.Query.policyFileContent.text, [.bytes(digest)]) {
      content = $0.id(0)
    }
    return content
  }
}
