public import Postgres
import RedressSQL
public import ServiceCredits

/// A run as a journal needs it.
public struct PostedRun: Sendable {
  public let runId: Int64
  /// The day on which its revisions and lines are posted, in days since 1970-01-01.
  public let postedOn: Int32
  /// SHA-256 of the policy file that it read.
  public let policyDigest: [UInt8]

  /// Every run, by number.
  public static func all(_ connection: borrowing Connection) throws -> [PostedRun] {
    var runs: [PostedRun] = []
    try connection.query(RedressSQL.Query.journalRuns.text) { row in
      runs.append(
        PostedRun(runId: try row.int64(0), postedOn: try row.date(1), policyDigest: row.id(2)))
    }
    return runs
  }
}

/// A credit with everything that was ever written of it. Texts are numbers in `JournalRows.texts`.
public struct JournalledCredit {
  /// What a revision was decided on.
  public struct Basis: Hashable, Sendable {
    public var service: Int32
    public var plan: Int32
    public var policyVersion: Int32
    public var customerTier: Int32

    public init(service: Int32, plan: Int32, policyVersion: Int32, customerTier: Int32) {
      self.service = service
      self.plan = plan
      self.policyVersion = policyVersion
      self.customerTier = customerTier
    }
  }

  public struct Revision: Sendable {
    public var runId: Int64
    public var amountMinor: Int64
    /// How many lines the credit had when the run was over.
    public var linesThrough: Int32
    /// `nil` where everything was taken back and nothing was left to decide on.
    public var basis: Basis?

    public init(runId: Int64, amountMinor: Int64, linesThrough: Int32, basis: Basis?) {
      self.runId = runId
      self.amountMinor = amountMinor
      self.linesThrough = linesThrough
      self.basis = basis
    }
  }

  /// Who wrote a line.
  public enum Writer: Hashable, Sendable {
    case run(Int64)
    /// The invoicing system, on this day in UTC, in days since 1970-01-01.
    case invoicing(day: Int32)
  }

  public struct Line: Sendable {
    public var number: Int32
    public var writer: Writer
    /// Negative reduces the invoice.
    public var amountMinor: Int64
    /// Whether it stands for what is handed to a balance in another system.
    public var isBalance: Bool

    public init(number: Int32, writer: Writer, amountMinor: Int64, isBalance: Bool = false) {
      self.number = number
      self.isBalance = isBalance
      self.writer = writer
      self.amountMinor = amountMinor
    }
  }

  public var month: BillingMonth
  public var currency: Currency
  public var revisions: [Revision]
  public var lines: [Line]

  public init(
    month: BillingMonth, currency: Currency, revisions: [Revision] = [], lines: [Line] = []
  ) {
    self.month = month
    self.currency = currency
    self.revisions = revisions
    self.lines = lines
  }
}

/// The credits of which something is posted, each whole, in the order of their keys.
///
/// Revisions and lines are read as two streams. Memory does not grow with the number of credits.
public struct JournalRows: ~Copyable {
  private var credits: CopyReader
  private var lines: CopyReader
  private var hasCredit: Bool
  private var hasLine: Bool
  /// Customer, subscription and incident of the current credit.
  private var ids: [[UInt8]] = []
  /// The services, plans, policy versions and tiers.
  public let texts = ByteTable()

  /// - Parameters:
  ///   - runs: the runs whose rows are posted.
  ///   - days: the days on which rows of the invoicing system are, in days since 1970-01-01.
  ///   - open: opens a connection on one snapshot; called twice.
  public init(
    runs: [Int64], days: Range<Int32>, open: () throws -> Connection
  ) throws {
    func instant(_ day: Int32) -> String {
      Instant(microseconds: Int64(day) * 86_400_000_000).text
    }
    let values = [
      "{\(runs.map { String($0) }.joined(separator: ","))}", instant(days.lowerBound),
      instant(days.upperBound),
    ]
    var credits = try open().copyOut(.journalCredits, values)
    var lines = try open().copyOut(.journalLines, values)
    let (hasCredit, hasLine) = (try credits.next(), try lines.next())
    self.credits = credits
    self.lines = lines
    self.hasCredit = hasCredit
    self.hasLine = hasLine
  }

  /// The next credit; `nil` after the last.
  public mutating func next() throws -> JournalledCredit? {
    guard hasCredit else {
      if hasLine { throw lineWithoutCredit }
      return nil
    }
    ids = (0..<3).map { credits.id($0) }
    var credit = JournalledCredit(
      month: try month(credits), currency: try LedgerColumns.currency(credits, 4))
    while hasCredit, try isCurrent(credits, credit) {
      credit.revisions.append(try revision())
      hasCredit = try credits.next()
    }
    while hasLine, try isCurrent(lines, credit) {
      credit.lines.append(try line())
      hasLine = try lines.next()
    }
    return credit
  }

  // Both queries begin with the five columns of the key.

  private func month(_ rows: borrowing CopyReader) throws -> BillingMonth {
    BillingMonth(daysSinceUnixEpoch: try rows.date(3))
  }

  private func isCurrent(
    _ rows: borrowing CopyReader, _ credit: JournalledCredit
  ) throws -> Bool {
    for (column, id) in ids.enumerated() where !rows.bytes(column).elementsEqual(id) {
      return false
    }
    return try month(rows) == credit.month
      && LedgerColumns.currency(rows, 4) == credit.currency
  }

  private func revision() throws -> JournalledCredit.Revision {
    typealias Column = JournalCreditColumn
    var basis: JournalledCredit.Basis?
    if !credits.isNull(Column.serviceId) {
      basis = JournalledCredit.Basis(
        service: texts.insert(credits.bytes(Column.serviceId)),
        plan: texts.insert(credits.bytes(Column.plan)),
        policyVersion: texts.insert(credits.bytes(Column.policyVersion)),
        customerTier: texts.insert(credits.bytes(Column.customerTier)))
    }
    return JournalledCredit.Revision(
      runId: try credits.int64(Column.runId), amountMinor: try credits.int64(Column.amountMinor),
      linesThrough: try credits.int32(Column.linesThrough), basis: basis)
  }

  private func line() throws -> JournalledCredit.Line {
    typealias Column = JournalLineColumn
    let writer: JournalledCredit.Writer =
      lines.isNull(Column.runId)
      ? .invoicing(day: try lines.date(Column.placedOn)) : .run(try lines.int64(Column.runId))
    return JournalledCredit.Line(
      number: try lines.int32(Column.line), writer: writer,
      amountMinor: try lines.int64(Column.amountMinor), isBalance: try lines.bool(Column.isBalance))
  }

  private var lineWithoutCredit: LedgerError {
    .unreadableCredit(
      customer: lines.text(0), subscription: lines.text(1), incident: lines.text(2),
      column: "line")
  }
}
