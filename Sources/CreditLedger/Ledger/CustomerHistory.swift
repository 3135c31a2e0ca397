public import Postgres
import RedressSQL
public import ServiceCredits

/// The records of one customer in the ledger and on invoices, for an explanation.
public struct CustomerHistory: Sendable {
  public struct Key: Hashable, Sendable {
    public let subscription: [UInt8]
    public let incident: [UInt8]
    public let month: BillingMonth
    public let currency: Currency
  }

  /// A row of `redress.credit` with its run.
  public struct Revision: Sendable {
    /// The facts that the revision was decided on; `nil` if everything was taken back.
    public struct Basis: Sendable {
      public let outage: Interval
      public let severity: Severity
      public let clause: RecordedClause
      public let fee: MonthlyFee
      public let policyVersion: String
      public let serviceId: [UInt8]
      public let plan: String
      public let timeZone: String
    }

    public let runId: Int64
    public let asOf: Instant
    /// The months that the run reconciled.
    public let months: ClosedRange<BillingMonth>
    public let evidenceDigest: [UInt8]
    public let kind: RevisionKind
    public let month: BillingMonth
    public let amountMinor: Int64
    /// `nil` where it is no whole number of basis points.
    public let percent: BasisPoints?
    public let percentBeforeCap: BasisPoints?
    /// What of the whole entitlement is for a measure of the month, and of the quarter.
    public let monthMinor: Int64
    public let quarterMinor: Int64
    public let countedMicroseconds: Int64
    public let basis: Basis?
    public let reason: String?
    /// JSON; `nil` if one term covered everything.
    public let terms: [UInt8]?
    public let customerEvidence: [UInt8]?

    /// What it takes of a cap, or of what a period owes, where its incident is held.
    /// - Parameter total: of all revisions of its key.
    public func held(of total: Int64) -> HeldShare {
      HeldShare(
        month: month, share: percent ?? .zero, first: basis?.outage.start,
        parts: CreditParts(
          outageMinor: max(0, total - monthMinor - quarterMinor), monthMinor: monthMinor,
          quarterMinor: quarterMinor))
    }
  }

  public struct Line: Sendable {
    public let key: Key
    public let invoiceId: String
    public let amountMinor: Int64
    public let status: String
    public let issueOn: String
    /// The run that wrote the line; `nil` if the invoicing system wrote it.
    public let run: (id: Int64, asOf: Instant)?
  }

  public struct Draft: Sendable {
    public let invoiceId: String
    public let currency: String
    public let issueOn: String
  }

  /// In the order of keys.
  public private(set) var keys: [(key: Key, revisions: [Revision])] = []
  public private(set) var lines: [Line] = []
  public private(set) var drafts: [Draft] = []
  /// The name and tier of the newest revision that was read, for a customer whom the source does
  /// not have.
  public private(set) var name = ""
  public private(set) var tier = ""

  /// Whether the source was asked for `drafts`.
  public let knowsDrafts: Bool

  /// - Parameter readsSource: whether to ask the source about invoices.
  public init(
    of customer: String, readsSource: Bool = true, _ connection: borrowing Connection
  ) throws {
    var keys: [(key: Key, revisions: [Revision])] = []
    var (name, tier) = ("", "")
    var lines: [Line] = []
    let query: RedressSQL.Query = readsSource ? .explainLines : .explainRecordedLines
    try connection.preferringIndexes {
      try connection.query(RedressSQL.Query.explainRevisions.text, [.text(customer)]) { row in
        let key = Key(
          subscription: row.id(ExplainedRevisionColumn.subscriptionId),
          incident: row.id(ExplainedRevisionColumn.incidentId),
          month: BillingMonth(
            daysSinceUnixEpoch: try row.date(ExplainedRevisionColumn.billingMonth)),
          currency: try LedgerColumns.currency(row, ExplainedRevisionColumn.currency))
        let revision = try CustomerHistory.revision(row, key, customer: customer)
        if keys.last?.key != key { keys.append((key, [])) }
        keys[keys.count - 1].revisions.append(revision)
        (name, tier) = (
          row.text(ExplainedRevisionColumn.customerName),
          row.text(ExplainedRevisionColumn.customerTier)
        )
      }
      try connection.query(query.text, [.text(customer)]) { row in
        lines.append(
          Line(
            key: Key(
              subscription: row.id(ExplainedLineColumn.subscriptionId),
              incident: row.id(ExplainedLineColumn.incidentId),
              month: BillingMonth(
                daysSinceUnixEpoch: try row.date(ExplainedLineColumn.billingMonth)),
              currency: try LedgerColumns.currency(row, ExplainedLineColumn.currency)),
            invoiceId: row.text(ExplainedLineColumn.invoiceId),
            amountMinor: try row.int64(ExplainedLineColumn.amountMinor),
            status: row.text(ExplainedLineColumn.status),
            issueOn: row.text(ExplainedLineColumn.issueOn),
            run: row.isNull(ExplainedLineColumn.runId)
              ? nil
              : (
                try row.int64(ExplainedLineColumn.runId),
                Instant(microseconds: try row.timestamp(ExplainedLineColumn.asOf))
              )))
      }
    }
    var drafts: [Draft] = []
    if readsSource {
      try connection.query(RedressSQL.Query.explainDrafts.text, [.text(customer)]) { row in
        drafts.append(Draft(invoiceId: row.text(0), currency: row.text(1), issueOn: row.text(2)))
      }
    }
    knowsDrafts = readsSource
    self.keys = keys
    self.lines = lines
    self.drafts = drafts
    self.name = name
    self.tier = tier
  }

  private static func revision(
    _ row: borrowing Row, _ key: Key, customer: String
  ) throws -> Revision {
    func unreadable(_ column: String) -> LedgerError {
      .unreadableCredit(
        customer: customer, subscription: row.text(ExplainedRevisionColumn.subscriptionId),
        incident: row.text(ExplainedRevisionColumn.incidentId), column: column)
    }
    guard let kind = LedgerColumns.kind(row.bytes(ExplainedRevisionColumn.kind)) else {
      throw unreadable("kind")
    }
    if row.isNull(ExplainedRevisionColumn.countedMicroseconds) { throw unreadable("decision") }
    var basis: Revision.Basis?
    if !row.isNull(ExplainedRevisionColumn.serviceId) {
      guard let start = try row.finiteInstant(ExplainedRevisionColumn.outageStartedAt),
        let end = try row.finiteInstant(ExplainedRevisionColumn.outageEndedAt), start <= end
      else { throw unreadable("outage_started_at") }
      guard let severity = Severity(code: row.bytes(ExplainedRevisionColumn.severity)) else {
        throw unreadable("severity")
      }
      guard case .micros(let micros) = try row.numericMicros(ExplainedRevisionColumn.monthlyFee),
        micros >= 0
      else {
        throw unreadable("monthly_fee")
      }
      basis = Revision.Basis(
        outage: Interval(start, end), severity: severity,
        clause: RecordedClause(
          severity,
          longerThanMicroseconds: try row.optionalInt64(
            ExplainedRevisionColumn.tierLongerThanMicroseconds),
          try row.percent(ExplainedRevisionColumn.percentBeforeCapBp),
          clause: row.optionalBytes(ExplainedRevisionColumn.clause)),
        fee: MonthlyFee(micros: micros, currency: key.currency),
        policyVersion: row.text(ExplainedRevisionColumn.policyVersion),
        serviceId: row.id(ExplainedRevisionColumn.serviceId),
        plan: row.text(ExplainedRevisionColumn.plan),
        timeZone: row.text(ExplainedRevisionColumn.timeZone))
    }
    let first = BillingMonth(daysSinceUnixEpoch: try row.date(ExplainedRevisionColumn.monthFrom))
    let last = BillingMonth(daysSinceUnixEpoch: try row.date(ExplainedRevisionColumn.monthThrough))
    return Revision(
      runId: try row.int64(ExplainedRevisionColumn.runId),
      asOf: Instant(microseconds: try row.timestamp(ExplainedRevisionColumn.asOf)),
      months: first...max(first, last),
      evidenceDigest: row.id(ExplainedRevisionColumn.evidenceDigest), kind: kind,
      month: BillingMonth(daysSinceUnixEpoch: try row.date(ExplainedRevisionColumn.billingMonth)),
      amountMinor: try row.int64(ExplainedRevisionColumn.amountMinor),
      percent: try row.percent(ExplainedRevisionColumn.percentBp),
      percentBeforeCap: try row.percent(ExplainedRevisionColumn.percentBeforeCapBp),
      monthMinor: try row.optionalInt64(ExplainedRevisionColumn.monthMinor) ?? 0,
      quarterMinor: try row.optionalInt64(ExplainedRevisionColumn.quarterMinor) ?? 0,
      countedMicroseconds: try row.int64(ExplainedRevisionColumn.countedMicroseconds), basis: basis,
      reason: row.isNull(ExplainedRevisionColumn.reason)
        ? nil : row.text(ExplainedRevisionColumn.reason),
      terms: row.isNull(ExplainedRevisionColumn.terms)
        ? nil : row.id(ExplainedRevisionColumn.terms),
      customerEvidence: row.isNull(ExplainedRevisionColumn.customerEvidence)
        ? nil : row.id(ExplainedRevisionColumn.customerEvidence))
  }
}

/// An outage window of the source, valid or not.
public struct RawWindow: Sendable {
  public let severity: String
  /// `nil` for every service.
  public let serviceId: [UInt8]?
  public let isOwn: Bool
  /// `nil` where null.
  public let start: Instant?
  /// `nil` where null.
  public let end: Instant?

  /// Every window that may concern a customer, by incident.
  public static func read(
    of customer: String, _ connection: borrowing Connection
  ) throws -> [[UInt8]: [RawWindow]] {
    var windows: [[UInt8]: [RawWindow]] = [:]
    try connection.query(RedressSQL.Query.explainWindows.text, [.text(customer)]) { row in
      windows[row.id(0), default: []].append(
        RawWindow(
          severity: row.text(1), serviceId: row.isNull(2) ? nil : row.id(2),
          isOwn: try row.bool(3), start: try row.instant(4), end: try row.instant(5)))
    }
    return windows
  }
}

/// An id that was found, and what it identifies.
public struct FoundId: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case customer, subscription, incident, invoice
  }

  public let kind: Kind
  /// Empty for an incident.
  public let customerId: String

  /// Searches the source, then the ledger.
  /// - Parameter readsSource: whether to search the source.
  public static func find(
    _ id: String, readsSource: Bool = true, _ connection: borrowing Connection
  ) throws -> [FoundId] {
    var found: [FoundId] = []
    let queries: [RedressSQL.Query] = readsSource ? [.findId, .findRecordedId] : [.findInLedger]
    for query in queries where found.isEmpty {
      try connection.query(query.text, [.text(id)]) { row in
        guard let kind = Kind(rawValue: row.text(0)) else { return }
        found.append(FoundId(kind: kind, customerId: row.text(1)))
      }
    }
    return found
  }

  /// Ids of these kinds that are similar to `id`.
  public static func similar(
    to id: String, kinds: [Kind], _ connection: borrowing Connection
  ) throws -> [String] {
    var ids: [String] = []
    try connection.query(
      RedressSQL.Query.similarIds.text, [.text(id), .textArray(kinds.map(\.rawValue))]
    ) { ids.append($0.text(0)) }
    return ids
  }
}

/// Whether the session's user may read the source.
public enum SourceRights {
  /// How long the query waits for a lock on the catalogue.
  private static let lockWaitSeconds = 5

  /// Also returns `true` if relations are missing, so that reading them reports which.
  /// - Parameter connection: outside of a transaction. The answer decides what is read next.
  public static func mayRead(_ connection: borrowing Connection) throws -> Bool {
    var mayRead = true
    try connection.begin(.asking, lockTimeoutSeconds: lockWaitSeconds)
    try connection.query(RedressSQL.Query.mayReadSource.text) { mayRead = try $0.bool(0) }
    try connection.rollback()
    return mayRead
  }
}
