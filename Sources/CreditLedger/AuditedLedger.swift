public import Postgres
import RedressSQL
public import ServiceCredits

/// All that the ledger holds about one subscription of one customer.
public struct AuditedSubscription: ~Copyable {
  /// A row of `redress.credit`. What is `nil` or empty is null, or not what a run writes.
  public struct Revision {
    public var incident: ByteSlice
    public var currency: ByteSlice
    public var number: Int32
    public var runId: Int64
    public var kind: RevisionKind?
    public var month: BillingMonth
    public var amountMinor: Int64
    public var linesThrough: Int32
    public var percent: BasisPoints
    public var percentBeforeCap: BasisPoints
    public var countedMicroseconds: Int64
    public var startedAt: Instant?
    public var endedAt: Instant?
    public var longerThanMicroseconds: Int64?
    public var severity: Severity?
    public var feeMicros: Int64?
    public var policyVersion: ByteSlice
    /// `nil` where the revision has no basis.
    public var service: ByteSlice?
    public var plan: ByteSlice
    public var zone: ByteSlice
    public var reason: ByteSlice
    /// JSON.
    public var terms: ByteSlice?
    /// SHA-256.
    public var customerEvidence: ByteSlice?
  }

  /// A row of `redress.invoice_adjustment`.
  public struct Line {
    public var incident: ByteSlice
    public var currency: ByteSlice
    public var number: Int32
    /// `nil` where the invoicing system wrote it.
    public var runId: Int64?
    public var invoice: ByteSlice
    public var amountMinor: Int64
  }

  public let arena = ByteArena()
  public internal(set) var customer = ByteSlice.empty
  public internal(set) var subscription = ByteSlice.empty
  /// By incident, currency, number.
  public internal(set) var revisions: [Revision] = []
  /// By incident, currency, number.
  public internal(set) var lines: [Line] = []

  public init() {}

  mutating func begin(_ row: borrowing CopyReader) {
    arena.removeAll()
    customer = arena.append(row.bytes(0))
    subscription = arena.append(row.bytes(1))
    revisions.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }

  func holds(_ row: borrowing CopyReader) -> Bool {
    compareBytes(arena[customer], row.bytes(0)) == 0
      && compareBytes(arena[subscription], row.bytes(1)) == 0
  }
}

/// The whole ledger, subscription by subscription, in byte order. Memory is bounded by the largest subscription.
public struct AuditedLedger: ~Copyable {
  private var credits: CopyReader
  private var lines: CopyReader
  private var hasCredit: Bool
  private var hasLine: Bool

  /// - Parameter open: gives a connection on the audit's snapshot; called twice.
  public init(open: () throws -> Connection) throws {
    var credits = try open().copyOut(.verifyCredits)
    var lines = try open().copyOut(.verifyLines)
    let hasCredit = try credits.next()
    let hasLine = try lines.next()
    self.credits = credits
    self.lines = lines
    self.hasCredit = hasCredit
    self.hasLine = hasLine
  }

  /// Fills `subscription` with the next one; `false` at the end.
  public mutating func next(into subscription: inout AuditedSubscription) throws -> Bool {
    guard hasCredit || hasLine else { return false }
    if hasCredit, !hasLine || isCreditFirst() {
      subscription.begin(credits)
    } else {
      subscription.begin(lines)
    }
    while hasCredit, subscription.holds(credits) {
      subscription.revisions.append(try revision(subscription.arena))
      hasCredit = try credits.next()
    }
    while hasLine, subscription.holds(lines) {
      let arena = subscription.arena
      subscription.lines.append(
        AuditedSubscription.Line(
          incident: arena.append(lines.bytes(2)), currency: arena.append(lines.bytes(3)),
          number: try lines.int32(4), runId: lines.isNull(5) ? nil : try lines.int64(5),
          invoice: arena.append(lines.bytes(6)), amountMinor: try lines.int64(7)))
      hasLine = try lines.next()
    }
    return true
  }

  private func isCreditFirst() -> Bool {
    let order = compareBytes(credits.bytes(0), lines.bytes(0))
    return order != 0 ? order < 0 : compareBytes(credits.bytes(1), lines.bytes(1)) <= 0
  }

  private func revision(_ arena: ByteArena) throws -> AuditedSubscription.Revision {
    var feeMicros: Int64?
    if !credits.isNull(17), case .micros(let micros) = try credits.numericMicros(17) {
      feeMicros = micros
    }
    func optional(_ column: Int) -> ByteSlice? {
      credits.isNull(column) ? nil : arena.append(credits.bytes(column))
    }
    return AuditedSubscription.Revision(
      incident: arena.append(credits.bytes(2)), currency: arena.append(credits.bytes(3)),
      number: try credits.int32(4), runId: try credits.int64(5),
      kind: LedgerColumns.kind(credits.bytes(6)),
      month: BillingMonth(daysSinceUnixEpoch: try credits.date(7)),
      amountMinor: try credits.int64(8), linesThrough: try credits.int32(9),
      percent: BasisPoints(try credits.int32(10)),
      percentBeforeCap: BasisPoints(try credits.int32(11)),
      countedMicroseconds: try credits.int64(12), startedAt: try credits.instant(13),
      endedAt: try credits.instant(14),
      longerThanMicroseconds: credits.isNull(15) ? nil : try credits.int64(15),
      severity: Severity(code: credits.bytes(16)), feeMicros: feeMicros,
      policyVersion: arena.append(credits.bytes(18)), service: optional(19),
      plan: arena.append(credits.bytes(20)), zone: arena.append(credits.bytes(21)),
      reason: arena.append(credits.bytes(22)), terms: optional(23),
      customerEvidence: optional(24))
  }
}

/// Every frozen document, in byte order of the customer it concerns.
public struct AuditedEvidence: ~Copyable {
  private var rows: CopyReader
  private var hasRow: Bool

  public init(open: () throws -> Connection) throws {
    var rows = try open().copyOut(.verifyEvidence)
    let hasRow = try rows.next()
    self.rows = rows
    self.hasRow = hasRow
  }

  /// Hands over every document up to and including those of `customer`; all that are left where it is `nil`.
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

/// A row of `redress.run`, for whoever counts after it.
public struct AuditedRun: Sendable {
  public let runId: Int64
  public let months: ClosedRange<BillingMonth>
  public let evidenceDigest: [UInt8]
  public let revisions: Int64
  public let lines: Int64
  public let findings: Int64
  public let policyDigest: [UInt8]
  /// What was noted of the report and of the lines; `nil` in runs from before it was.
  public let noted: Noted?

  public struct Noted: Sendable {
    public let creditsDigest: [UInt8]
    public let findingsDigest: [UInt8]
    public let linesChecksum: Int64
  }

  /// Every run, by number.
  public static func all(_ connection: borrowing Connection) throws -> [AuditedRun] {
    try connection.rows(.verifyRuns) { row in
      let first = BillingMonth(daysSinceUnixEpoch: try row.date(1))
      return AuditedRun(
        runId: try row.int64(0),
        months: first...max(first, BillingMonth(daysSinceUnixEpoch: try row.date(2))),
        evidenceDigest: row.id(3), revisions: try row.int64(4), lines: try row.int64(5),
        findings: try row.int64(6), policyDigest: row.id(7),
        noted: row.isNull(8) || row.isNull(9) || row.isNull(10)
          ? nil
          : Noted(
            creditsDigest: row.id(8), findingsDigest: row.id(9), linesChecksum: try row.int64(10)))
    }
  }
}

/// A row of `redress.policy_version`.
public struct AuditedPolicyVersion: Sendable {
  public let name: String
  public let digest: [UInt8]
  public let content: [UInt8]
  /// Days since 1970-01-01.
  public let effectiveFrom: Int32
  public let timeZone: String
  public let firstRunId: Int64

  /// Every version, by its first day.
  public static func all(_ connection: borrowing Connection) throws -> [AuditedPolicyVersion] {
    try connection.rows(.verifyPolicyVersions) { row in
      AuditedPolicyVersion(
        name: row.text(0), digest: row.id(1), content: row.id(2),
        effectiveFrom: try row.date(3), timeZone: row.text(4), firstRunId: try row.int64(5))
    }
  }
}

/// Lines of the invoicing system, of one time on one invoice, that its functions did not note as they are.
public struct AuditedPlacement: Sendable {
  public let customer: String
  public let invoice: String
  public let currency: String
  public let placedAt: String
  public let lines: Int64
  public let notedLines: Int64

  /// Every one, by customer, invoice and currency.
  public static func differing(_ connection: borrowing Connection) throws -> [AuditedPlacement] {
    try connection.rows(.verifyPlacements) { row in
      AuditedPlacement(
        customer: row.text(0), invoice: row.text(1), currency: row.text(2), placedAt: row.text(3),
        lines: try row.int64(4), notedLines: try row.int64(5))
    }
  }
}

/// A row of `redress.policy_file`.
public struct AuditedPolicyFile: Sendable {
  public let digest: [UInt8]
  public let content: [UInt8]

  /// Every file, by digest.
  public static func all(_ connection: borrowing Connection) throws -> [AuditedPolicyFile] {
    try connection.rows(.verifyPolicyFiles) { row in
      AuditedPolicyFile(digest: row.id(0), content: row.id(1))
    }
  }
}

/// What the findings of all runs come to.
public struct AuditedFindings: Sendable {
  /// By run: how many there are, and the number of the last.
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
  consuming func copyOut(_ query: RedressSQL.Query) throws(PostgresError) -> CopyReader {
    try rowsOut(query.text, name: query.rawValue)
  }
}
