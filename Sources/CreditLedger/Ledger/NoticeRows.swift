public import Postgres
import RedressSQL
public import ServiceCredits

/// A revision for an Enterprise customer, with the facts for the notice. Texts are borrowed bytes,
/// valid until the next row is read.
public struct NoticeRow {
  public var customerId: UnsafeRawBufferPointer
  public var customerName: UnsafeRawBufferPointer
  /// The present email in the source; `nil` if there is none.
  public var email: String?
  public var incidentId: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var kind: RevisionKind
  public var amount: Money
  /// The key's entitlement in minor units: at the end of the run, or now in `read`.
  public var entitledMinor: Int64
  public var month: BillingMonth
  public var percent: BasisPoints?
  public var countedMicroseconds: Int64
  /// The basis of the newest revision that has one.
  public var basis: Basis
  public var reason: String?
  /// JSON; `nil` if no invoice carries a part of the credit.
  public var invoices: [UInt8]?

  public struct Basis {
    public var outage: Interval
    public var severity: Severity
    public var feeMicros: Int64
    public var serviceId: UnsafeRawBufferPointer
    public var plan: UnsafeRawBufferPointer
    public var timeZone: String
  }
}

/// The revisions of a run for Enterprise customers, in the order of customer, incident,
/// subscription, currency and revision, as a stream.
public struct NoticeRows: ~Copyable {
  private var rows: CopyReader

  public init(runId: Int64, open: () throws -> Connection) throws {
    rows = try LedgerSelection.run(runId).copy(.noticeCredits, open: open)
  }

  public mutating func next() throws -> Bool { try rows.next() }

  /// - Throws: `LedgerError.unreadableCredit` if a column has a value that no run writes.
  public func row() throws -> NoticeRow { try NoticeRow(rows) }
}

extension NoticeRow {
  /// The columns in the order of `notice_credits.sql`.
  init(_ row: borrowing some BinaryColumns & ~Copyable) throws {
    func unreadable(_ column: String) -> LedgerError {
      .unreadableCredit(
        customer: row.text(NoticedCreditColumn.customerId),
        subscription: row.text(NoticedCreditColumn.subscriptionId),
        incident: row.text(NoticedCreditColumn.incidentId), column: column)
    }
    guard let kind = LedgerColumns.kind(row.bytes(NoticedCreditColumn.kind)) else {
      throw unreadable("kind")
    }
    guard let start = try row.finiteInstant(NoticedCreditColumn.outageStartedAt),
      let end = try row.finiteInstant(NoticedCreditColumn.outageEndedAt), start <= end
    else { throw unreadable("outage_started_at") }
    guard let severity = Severity(code: row.bytes(NoticedCreditColumn.severity)) else {
      throw unreadable("severity")
    }
    guard case .micros(let fee) = try row.numericMicros(NoticedCreditColumn.monthlyFee), fee >= 0
    else {
      throw unreadable("monthly_fee")
    }
    self.init(
      customerId: row.bytes(NoticedCreditColumn.customerId),
      customerName: row.bytes(NoticedCreditColumn.customerName),
      email: row.isNull(NoticedCreditColumn.email) ? nil : row.text(NoticedCreditColumn.email),
      incidentId: row.bytes(NoticedCreditColumn.incidentId),
      subscriptionId: row.bytes(NoticedCreditColumn.subscriptionId), kind: kind,
      amount: Money(
        amountMinor: try row.int64(NoticedCreditColumn.amountMinor),
        currency: try LedgerColumns.currency(row, NoticedCreditColumn.currency)),
      entitledMinor: try row.int64(NoticedCreditColumn.entitledMinor),
      month: BillingMonth(daysSinceUnixEpoch: try row.date(NoticedCreditColumn.billingMonth)),
      percent: try row.percent(NoticedCreditColumn.percentBp),
      countedMicroseconds: try row.int64(NoticedCreditColumn.countedMicroseconds),
      basis: Basis(
        outage: Interval(start, end), severity: severity, feeMicros: fee,
        serviceId: row.bytes(NoticedCreditColumn.serviceId),
        plan: row.bytes(NoticedCreditColumn.plan), timeZone: row.text(NoticedCreditColumn.timeZone)),
      reason: row.isNull(NoticedCreditColumn.reason) ? nil : row.text(NoticedCreditColumn.reason),
      invoices: row.array(NoticedCreditColumn.invoices.rawValue))
  }

  /// One customer's present credits for an incident; of each credit the newest revision. Bytes of a
  /// row are valid during `body`.
  public static func read(
    ofCustomer customer: [UInt8], incident: [UInt8], _ connection: borrowing Connection,
    row body: (NoticeRow) throws -> Void
  ) throws {
    try connection.query(
      RedressSQL.Query.noticeCustomerCredits.text,
      [
        .text(String(decoding: customer, as: UTF8.self)),
        .text(String(decoding: incident, as: UTF8.self)),
      ]
    ) { try body(try NoticeRow($0)) }
  }
}

/// An incident for notices, as the source has it now.
public struct NoticeIncident: Sendable {
  public let id: [UInt8]
  public let title: String
  public let severity: Severity?
  public let status: String
  public let startedAt: Instant?
  public let resolvedAt: Instant?
  public let rootCause: String?
  /// JSON lists; `nil` if there is nothing to list.
  public let done: [UInt8]?
  public let underWay: [UInt8]?

  /// Reads those of the incidents that the source has.
  public static func read(
    _ ids: [[UInt8]], _ connection: borrowing Connection
  ) throws -> [NoticeIncident] {
    var incidents: [NoticeIncident] = []
    try connection.query(
      RedressSQL.Query.noticeIncidents.text,
      [.textArray(ids.map { String(decoding: $0, as: UTF8.self) })]
    ) { row in
      incidents.append(
        NoticeIncident(
          id: row.id(0), title: row.text(1), severity: Severity(code: row.bytes(2)),
          status: row.text(3), startedAt: try row.finiteInstant(4),
          resolvedAt: try row.finiteInstant(5), rootCause: row.isNull(6) ? nil : row.text(6),
          done: row.array(7), underWay: row.array(8)))
    }
    return incidents
  }

  /// The ids of the incidents that a run was the first to record a credit for, in byte order.
  public static func firstRecorded(
    byRun runId: Int64, _ connection: borrowing Connection
  ) throws -> [[UInt8]] {
    var ids: [[UInt8]] = []
    try connection.query(RedressSQL.Query.noticeNewIncidents.text, [.int64(runId)]) {
      ids.append($0.id(0))
    }
    return ids
  }
}
