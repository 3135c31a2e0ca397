public import Postgres
import RedressSQL
public import ServiceCredits

/// All ledger rows of one subscription of one customer.
public struct VerifiedSubscription: ~Copyable {
  /// A row of `redress.credit_revision` with its decision. A value that is `nil` or empty is null in
  /// the ledger, or not one that a run writes.
  public struct Revision {
    public var incident: ByteSlice
    public var currency: ByteSlice
    public var number: Int32
    public var runId: Int64
    public var month: BillingMonth
    /// Whether the decision that it refers to is there.
    public var hasDecision: Bool
    public var amountMinor: Int64
    public var linesThrough: Int32
    public var percent: BasisPoints?
    public var percentBeforeCap: BasisPoints?
    public var monthMinor: Int64?
    public var quarterMinor: Int64?
    public var billedMicros: Int64?
    public var clause: ByteSlice?
    public var downtimeMicroseconds: Int64?
    public var periodMicroseconds: Int64?
    public var countedMicroseconds: Int64
    public var startedAt: Instant?
    public var endedAt: Instant?
    public var longerThanMicroseconds: Int64?
    public var severity: Severity?
    public var feeMicros: Int64?
    public var policyVersion: ByteSlice
    /// `nil` if the revision has no basis.
    public var service: ByteSlice?
    public var plan: ByteSlice
    public var zone: ByteSlice
    public var reason: ByteSlice
    /// JSON.
    public var terms: ByteSlice?
    /// SHA-256.
    public var customerEvidence: ByteSlice?

    public var kind: RevisionKind { RevisionKind(number: number, amountMinor: amountMinor) }
  }

  /// A row of `redress.invoice_adjustment`.
  public struct Line {
    public var incident: ByteSlice
    public var currency: ByteSlice
    public var number: Int32
    /// `nil` if the invoicing system wrote the line.
    public var runId: Int64?
    public var invoice: ByteSlice
    public var amountMinor: Int64
    public var month: BillingMonth
  }

  public let arena = ByteArena()
  public internal(set) var customer = ByteSlice.empty
  public internal(set) var subscription = ByteSlice.empty
  /// By incident, month, currency, number.
  public internal(set) var revisions: [Revision] = []
  /// By incident, month, currency, number.
  public internal(set) var lines: [Line] = []

  public init() {}

  mutating func begin(_ row: borrowing CopyReader) {
    arena.removeAll()
    customer = arena.append(row.bytes(0))
    subscription = arena.append(row.bytes(1))
    revisions.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }

  /// Puts the rows in order. The months came side by side, and the lines from two tables.
  mutating func sort() {
    let arena = self.arena
    func order(_ a: ByteSlice, _ b: ByteSlice) -> Int { compareBytes(arena[a], arena[b]) }
    func isBefore(
      _ a: (ByteSlice, BillingMonth, ByteSlice, Int32),
      _ b: (ByteSlice, BillingMonth, ByteSlice, Int32)
    ) -> Bool {
      let incidents = order(a.0, b.0)
      if incidents != 0 { return incidents < 0 }
      if a.1 != b.1 { return a.1 < b.1 }
      let currencies = order(a.2, b.2)
      return currencies != 0 ? currencies < 0 : a.3 < b.3
    }
    if revisions.count > 1 {
      revisions.sort {
        isBefore(
          ($0.incident, $0.month, $0.currency, $0.number),
          ($1.incident, $1.month, $1.currency, $1.number))
      }
    }
    if lines.count > 1 {
      lines.sort {
        isBefore(
          ($0.incident, $0.month, $0.currency, $0.number),
          ($1.incident, $1.month, $1.currency, $1.number))
      }
    }
  }

  func holds(_ row: borrowing CopyReader) -> Bool {
    compareBytes(arena[customer], row.bytes(0)) == 0
      && compareBytes(arena[subscription], row.bytes(1)) == 0
  }
}

/// The whole ledger, one subscription at a time, in byte order. Memory is bounded by the largest
/// subscription.
public struct VerifiedLedger: ~Copyable {
  private var credits: CopyReader
  private var lines: CopyReader
  private var hasCredit: Bool
  private var hasLine: Bool
  /// The checksum of each run's rows read so far.
  public private(set) var creditChecksums: [Int64: RowChecksum] = [:]
  public private(set) var lineChecksums: [Int64: RowChecksum] = [:]

  /// - Parameters:
  ///   - part: what was written after a run; `nil` for everything.
  ///   - open: opens a connection on the audit's snapshot; called twice.
  public init(_ part: VerifiedPart? = nil, open: () throws -> Connection) throws {
    let connection = try open()
    let months = try connection.rows(.verifyMonths) {
      BillingMonth(daysSinceUnixEpoch: try $0.date(0))
    }
    func rows(
      _ all: RedressSQL.Query, _ some: RedressSQL.Query, _ connection: consuming Connection
    ) throws -> CopyReader {
      try connection.readByIndex()
      if let part { return try connection.copyOut(some, part.values) }
      return try connection.rowsOut(
        MonthlyRows(all, of: months).text(last: all == .verifyCredits ? "revision" : "line"),
        name: all.rawValue)
    }
    var credits = try rows(.verifyCredits, .verifyCreditsSince, connection)
    var lines = try rows(.verifyLines, .verifyLinesSince, try open())
    let hasCredit = try credits.next()
    let hasLine = try lines.next()
    self.credits = credits
    self.lines = lines
    self.hasCredit = hasCredit
    self.hasLine = hasLine
  }

  /// Reads the next subscription into `subscription`; returns `false` at the end.
  public mutating func next(into subscription: inout VerifiedSubscription) throws -> Bool {
    guard hasCredit || hasLine else { return false }
    if hasCredit, !hasLine || isCreditFirst() {
      subscription.begin(credits)
    } else {
      subscription.begin(lines)
    }
    let arena = subscription.arena
    while hasCredit, subscription.holds(credits) {
      let revision = try revision(arena)
      creditChecksums[revision.runId, default: RowChecksum()].add(
        credit: credits.fields(0..<CreditRow.ownColumns),
        decision: RowChecksum.hash(decision: credits.fields(CreditRow.decisionColumns)))
      subscription.revisions.append(revision)
      if !credits.isNull(CreditRow.Column.invoiceId) {
        subscription.lines.append(
          VerifiedSubscription.Line(
            incident: revision.incident, currency: revision.currency,
            number: revision.linesThrough, runId: revision.runId,
            invoice: arena.append(credits.bytes(CreditRow.Column.invoiceId)),
            amountMinor: -revision.amountMinor, month: revision.month))
      }
      hasCredit = try credits.next()
    }
    while hasLine, subscription.holds(lines) {
      let runId =
        lines.isNull(VerifiedLineColumn.runId) ? nil : try lines.int64(VerifiedLineColumn.runId)
      if let runId { lineChecksums[runId, default: RowChecksum()].add(row: lines.row) }
      subscription.lines.append(
        VerifiedSubscription.Line(
          incident: arena.append(lines.bytes(VerifiedLineColumn.incidentId)),
          currency: arena.append(lines.bytes(VerifiedLineColumn.currency)),
          number: try lines.int32(VerifiedLineColumn.line), runId: runId,
          invoice: arena.append(lines.bytes(VerifiedLineColumn.invoiceId)),
          amountMinor: try lines.int64(VerifiedLineColumn.amountMinor),
          month: BillingMonth(
            daysSinceUnixEpoch: try lines.date(VerifiedLineColumn.billingMonth))))
      hasLine = try lines.next()
    }
    subscription.sort()
    return true
  }

  private func isCreditFirst() -> Bool {
    let order = compareBytes(credits.bytes(0), lines.bytes(0))
    return order != 0 ? order < 0 : compareBytes(credits.bytes(1), lines.bytes(1)) <= 0
  }

  private func revision(_ arena: ByteArena) throws -> VerifiedSubscription.Revision {
    typealias Column = CreditRow.Column
    func bytes(_ column: Column) -> ByteSlice {
      arena.append(credits.bytes(column))
    }
    func optional(_ column: Column) -> ByteSlice? { credits.isNull(column) ? nil : bytes(column) }
    func micros(_ column: Column) throws -> Int64? {
      guard !credits.isNull(column), case .micros(let micros) = try credits.numericMicros(column)
      else { return nil }
      return micros
    }
    let hasDecision = !credits.isNull(Column.countedMicroseconds)
    return VerifiedSubscription.Revision(
      incident: bytes(.incidentId), currency: bytes(.currency),
      number: try credits.int32(Column.revision),
      runId: try credits.int64(Column.runId),
      month: BillingMonth(daysSinceUnixEpoch: try credits.date(Column.billingMonth)),
      hasDecision: hasDecision, amountMinor: try credits.int64(Column.amountMinor),
      linesThrough: try credits.int32(Column.linesThrough),
      percent: try credits.percent(Column.percentBp),
      percentBeforeCap: try credits.percent(Column.percentBeforeCapBp),
      monthMinor: try credits.optionalInt64(Column.monthMinor),
      quarterMinor: try credits.optionalInt64(Column.quarterMinor),
      billedMicros: try micros(.billedFee), clause: optional(.clause),
      downtimeMicroseconds: try credits.optionalInt64(Column.downtimeMicroseconds),
      periodMicroseconds: try credits.optionalInt64(Column.periodMicroseconds),
      countedMicroseconds: hasDecision ? try credits.int64(Column.countedMicroseconds) : 0,
      startedAt: try credits.instant(Column.outageStartedAt),
      endedAt: try credits.instant(Column.outageEndedAt),
      longerThanMicroseconds: try credits.optionalInt64(Column.tierLongerThanMicroseconds),
      severity: Severity(code: credits.bytes(Column.severity)),
      feeMicros: try micros(.monthlyFee),
      policyVersion: bytes(.policyVersion), service: optional(.serviceId), plan: bytes(.plan),
      zone: bytes(.timeZone), reason: bytes(.reason), terms: optional(.terms),
      customerEvidence: optional(.customerEvidence))
  }
}

/// All frozen documents, in byte order of their customers.
public struct VerifiedEvidence: ~Copyable {
  private var rows: CopyReader
  private var hasRow: Bool

  /// - Parameter part: what was written after a run; `nil` for everything.
  public init(_ part: VerifiedPart? = nil, open: () throws -> Connection) throws {
    var rows = try open().copyOut(
      part == nil ? .verifyEvidence : .verifyEvidenceSince, part.map { ["\($0.since)"] } ?? [])
    let hasRow = try rows.next()
    self.rows = rows
    self.hasRow = hasRow
  }

  /// Calls `body` with every document up to those of `customer`, inclusive; with all that are left
  /// if it is `nil`. Borrowed bytes are valid during `body`.
  public mutating func advance(
    through customer: UnsafeRawBufferPointer?,
    _ body: (_ customer: UnsafeRawBufferPointer, _ digest: [UInt8], _ content: [UInt8]) -> Void
  ) throws {
    while hasRow, customer.map({ compareBytes(rows.bytes(0), $0) <= 0 }) ?? true {
      body(rows.bytes(0), rows.id(1), rows.id(2))
      hasRow = try rows.next()
    }
  }
}

/// A row of `redress.run`, to be verified.
public struct VerifiedRun: Sendable {
  public let runId: Int64
  public let asOf: Instant
  public let startedAt: Instant
  public let months: ClosedRange<BillingMonth>
  public let policyDigest: [UInt8]
  public let evidenceDigest: [UInt8]
  public let limitsApproved: Bool
  public let revisions: Int64
  public let lines: Int64
  public let findings: Int64
  /// JSON: what the share of the monthly fees was taken of.
  public let limitFees: [UInt8]
  /// JSON.
  public let monthlyFees: [UInt8]
  public let creditsDigest: [UInt8]
  public let findingsDigest: [UInt8]
  public let creditsChecksum: Int64
  public let linesChecksum: Int64
  /// How many credits of earlier months it carried forward.
  public let carried: Int64
  public let carriedChecksum: Int64
  /// The run whose rows they are.
  public let carriedBy: Int64
  /// The day on which its revisions and lines are posted.
  public let postedOn: CalendarDate
  /// What was closed for it.
  public let closed: ClosedMonths
  /// Empty of a run from before there was such a file.
  public let invoiceLinesDigest: [UInt8]

  /// Every run, by number.
  public static func all(_ connection: borrowing Connection) throws -> [VerifiedRun] {
    try connection.rows(.verifyRuns) { row in
      let first = BillingMonth(daysSinceUnixEpoch: try row.date(1))
      return VerifiedRun(
        runId: try row.int64(0), asOf: Instant(microseconds: try row.timestamp(12)),
        startedAt: Instant(microseconds: try row.timestamp(23)),
        months: first...max(first, BillingMonth(daysSinceUnixEpoch: try row.date(2))),
        policyDigest: row.id(7), evidenceDigest: row.id(3), limitsApproved: try row.bool(13),
        revisions: try row.int64(4), lines: try row.int64(5), findings: try row.int64(6),
        limitFees: row.isNull(22) ? row.id(14) : row.id(22), monthlyFees: row.id(14),
        creditsDigest: row.id(8), findingsDigest: row.id(9),
        creditsChecksum: try row.int64(10), linesChecksum: try row.int64(11),
        carried: try row.int64(16), carriedChecksum: try row.int64(17),
        carriedBy: try row.int64(18),
        postedOn: CalendarDate(daysSinceUnixEpoch: try row.date(19)),
        closed: ClosedMonths(
          through: try row.isNull(20) ? nil : BillingMonth(daysSinceUnixEpoch: row.date(20))),
        invoiceLinesDigest: row.id(21))
    }
  }
}

/// What the newest run should have carried forward and did not.
public struct NotCarried: Sendable {
  /// Customer, subscription, incident, month and currency.
  public let key: [String]

  /// Every one, by key.
  public static func all(_ connection: borrowing Connection) throws -> [NotCarried] {
    try connection.rows(.verifyNotCarried) { row in
      NotCarried(key: (0..<5).map { row.text($0) })
    }
  }
}

/// A month of an incident in which `redress.recorded_month` and `redress.credit` differ.
public struct VerifiedMonth: Sendable {
  public let incident: String
  public let month: BillingMonth
  /// `nil` where `recorded_month` lacks it.
  public let notedRun: Int64?
  /// The first run with a revision in it; `nil` where there is none.
  public let run: Int64?

  /// Every one, by incident and month.
  /// - Parameter since: the run after which to begin.
  public static func differing(
    since: Int64, _ connection: borrowing Connection
  ) throws -> [VerifiedMonth] {
    try connection.rows(.verifyRecordedMonths, [.int64(since)]) { row in
      VerifiedMonth(
        incident: row.text(0), month: BillingMonth(daysSinceUnixEpoch: try row.date(1)),
        notedRun: row.isNull(2) ? nil : try row.int64(2),
        run: row.isNull(3) ? nil : try row.int64(3))
    }
  }
}

/// What runs have carried forward, summed up by run.
public struct VerifiedCarried: Sendable {
  public private(set) var counts: [Int64: Int64] = [:]
  public private(set) var checksums: [Int64: RowChecksum] = [:]

  /// - Parameters:
  ///   - since: the run after which to begin.
  ///   - open: gives a connection on the audit's snapshot.
  public init(since: Int64, open: () throws -> Connection) throws {
    var rows = try open().copyOut(.verifyCarried, ["\(since)"])
    while try rows.next() {
      let runId = try rows.int64(5)
      counts[runId, default: 0] += 1
      checksums[runId, default: RowChecksum()].add(carriedRow: rows.row)
    }
  }
}

/// A row of `redress.policy_version`.
public struct VerifiedPolicyVersion: Sendable {
  public let name: String
  public let digest: [UInt8]
  public let content: [UInt8]
  /// Days since 1970-01-01.
  public let effectiveFrom: Int32
  public let timeZone: String
  public let firstRunId: Int64

  /// Every version, by its first day.
  public static func all(_ connection: borrowing Connection) throws -> [VerifiedPolicyVersion] {
    try connection.rows(.verifyPolicyVersions) { row in
      VerifiedPolicyVersion(
        name: row.text(0), digest: row.id(1), content: row.id(2),
        effectiveFrom: try row.date(3), timeZone: row.text(4), firstRunId: try row.int64(5))
    }
  }
}

/// Lines of the invoicing system, of one time on one invoice, that differ from what its functions
/// noted.
public struct VerifiedPlacement: Sendable {
  public let customer: String
  public let invoice: String
  public let currency: String
  public let placedAt: String
  public let lines: Int64
  public let notedLines: Int64

  /// Every one, by customer, invoice and currency.
  public static func differing(_ connection: borrowing Connection) throws -> [VerifiedPlacement] {
    try connection.rows(.verifyPlacements) { row in
      VerifiedPlacement(
        customer: row.text(0), invoice: row.text(1), currency: row.text(2), placedAt: row.text(3),
        lines: try row.int64(4), notedLines: try row.int64(5))
    }
  }
}

/// A row of `redress.policy_file`.
public struct VerifiedPolicyFile: Sendable {
  public let digest: [UInt8]
  public let content: [UInt8]

  /// Every file, by digest.
  public static func all(_ connection: borrowing Connection) throws -> [VerifiedPolicyFile] {
    try connection.rows(.verifyPolicyFiles) { row in
      VerifiedPolicyFile(digest: row.id(0), content: row.id(1))
    }
  }
}

/// Counts of the findings of all runs.
public struct VerifiedFindings: Sendable {
  /// By run: the number of findings, and the ordinal of the last.
  public let counts: [Int64: (count: Int64, last: Int64)]
  /// The newest run that reported a credit as overcredited, by the finding's key.
  public let overcredited: [String: Int64]

  public init(_ connection: borrowing Connection) throws {
    var counts: [Int64: (count: Int64, last: Int64)] = [:]
    _ = try connection.rows(.verifyFindings) { row in
      counts[try row.int64(0)] = (try row.int64(1), Int64(try row.int32(2)))
    }
    var overcredited: [String: Int64] = [:]
    _ = try connection.rows(.verifyOvercredited) { row in
      overcredited[row.text(0)] = try row.int64(1)
    }
    self.counts = counts
    self.overcredited = overcredited
  }
}

extension Connection {
  /// A stream of one of the program's own queries.
  consuming func copyOut(
    _ query: RedressSQL.Query, _ values: [String] = []
  ) throws(PostgresError) -> CopyReader {
    try rowsOut(query.text, values, name: query.rawValue)
  }
}
