import Postgres
import RedressSQL
import ServiceCredits

/// The columns that a query returns, by position, so that code reads columns by name.
///
/// The cases are the names in the query's header comment, in the same order; a test compares them.
/// For a new column, add a name to the header and a case here.
protocol QueryColumn: RawRepresentable<Int>, CaseIterable {
  /// The queries that return exactly these columns.
  static var queries: [RedressSQL.Query] { get }
}

/// The columns of a revision that the reconciliation reads.
enum StreamedCreditColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, currency, revision, amountMinor, billingMonth
  case percentBp, monthMinor, quarterMinor, outageStartedAt, linesThrough, invoiceId

  static var queries: [RedressSQL.Query] { [.streamCredits, .streamCreditsEarlier] }
}

/// The columns of an invoice line that the reconciliation reads.
enum StreamedLineColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, currency, line, invoiceId, amountMinor, isRuns
  case billingMonth

  static var queries: [RedressSQL.Query] { [.streamLines, .streamLinesEarlier] }
}

/// A revision in a report of a run or a month.
enum ReportedCreditColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, currency, revision, runId, kind, billingMonth
  case amountMinor, entitledMinor, linesThrough, percentBp, percentBeforeCapBp
  case countedMicroseconds, outageStartedAt, outageEndedAt, tierLongerThanMicroseconds, clause
  case severity, monthlyFee, policyVersion, serviceId, plan, customerName, customerTier

  static var queries: [RedressSQL.Query] { [.reportRunCredits, .reportMonthCredits] }
}

/// An invoice line of a report.
enum ReportedLineColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, billingMonth, currency, invoiceId, amountMinor

  static var queries: [RedressSQL.Query] { [.reportRunLines, .reportMonthLines] }
}

/// An invoice line in the file of a run, or of a month.
enum FiledLineColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, billingMonth, currency, line, invoiceId
  case amountMinor, origin

  static var queries: [RedressSQL.Query] { [.reportRunInvoiceLines, .reportMonthInvoiceLines] }
}

/// A revision of a journal.
enum JournalCreditColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, billingMonth, currency, revision, runId
  case amountMinor, linesThrough, serviceId, plan, policyVersion, customerTier

  static var queries: [RedressSQL.Query] { [.journalCredits] }
}

/// An invoice line of a journal.
enum JournalLineColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, billingMonth, currency, line, runId, placedOn
  case amountMinor, isBalance

  static var queries: [RedressSQL.Query] { [.journalLines] }
}

/// A line of a system's pseudo invoice, or what a finalized invoice carries, with what was noted of its message.
enum HandoverLineColumn: Int, QueryColumn {
  case customerId, currency, subscriptionId, incidentId, billingMonth, line, invoiceId
  case amountMinor, runId, asOf, entries, attempts, newestAnswer, isSent, remoteId, said
  case secondsSinceBegun, secondsSinceNoted

  static var queries: [RedressSQL.Query] { [.handoverLines] }
}

/// A revision of one customer, with its run.
enum ExplainedRevisionColumn: Int, QueryColumn {
  case subscriptionId, incidentId, currency, revision, runId, kind, billingMonth, amountMinor
  case percentBp, monthMinor, quarterMinor, percentBeforeCapBp, countedMicroseconds
  case outageStartedAt, outageEndedAt
  case tierLongerThanMicroseconds, clause, downtimeMicroseconds, periodMicroseconds, severity
  case monthlyFee, policyVersion, serviceId, plan, timeZone, reason, terms, customerEvidence, asOf,
    evidenceDigest, customerName
  case customerTier, monthFrom, monthThrough

  static var queries: [RedressSQL.Query] { [.explainRevisions] }
}

/// An invoice line of one customer. Also of `explain_recorded_lines.sql`.
enum ExplainedLineColumn: Int, QueryColumn {
  case subscriptionId, incidentId, billingMonth, currency, invoiceId, amountMinor, status, issueOn
  case runId, asOf

  static var queries: [RedressSQL.Query] { [.explainLines] }
}

/// A credit in a notice to a customer. Also of `notice_customer_credits.sql`.
enum NoticedCreditColumn: Int, QueryColumn {
  case customerId, customerName, email, incidentId, subscriptionId, currency, kind, amountMinor
  case entitledMinor, billingMonth, percentBp, countedMicroseconds, outageStartedAt
  case outageEndedAt, severity, monthlyFee, serviceId, plan, timeZone, reason, invoices

  static var queries: [RedressSQL.Query] { [.noticeCredits] }
}

/// An invoice line, with the columns of `copy_lines.sql`.
enum VerifiedLineColumn: Int, QueryColumn {
  case customerId, subscriptionId, incidentId, billingMonth, currency, line, runId, invoiceId
  case amountMinor

  static var queries: [RedressSQL.Query] { [.verifyLines, .verifyLinesSince] }
}

extension BinaryColumns where Self: ~Copyable {
  /// A percent; `nil` where it is no whole number of basis points.
  func percent(_ column: some QueryColumn) throws(PostgresError) -> BasisPoints? {
    isNull(column) ? nil : BasisPoints(try int32(column))
  }

  func optionalInt64(_ column: some QueryColumn) throws(PostgresError) -> Int64? {
    isNull(column) ? nil : try int64(column)
  }

  func optionalBytes(_ column: some QueryColumn) -> UnsafeRawBufferPointer? {
    isNull(column) ? nil : bytes(column)
  }

  @inline(__always)
  func isNull(_ column: some QueryColumn) -> Bool {
    isNull(column.rawValue)
  }

  @inline(__always)
  func bytes(_ column: some QueryColumn) -> UnsafeRawBufferPointer {
    bytes(column.rawValue)
  }

  @inline(__always)
  func text(_ column: some QueryColumn) -> String {
    text(column.rawValue)
  }

  @inline(__always)
  func id(_ column: some QueryColumn) -> [UInt8] {
    id(column.rawValue)
  }

  @inline(__always)
  func bool(_ column: some QueryColumn) throws(PostgresError) -> Bool {
    try bool(column.rawValue)
  }

  @inline(__always)
  func int32(_ column: some QueryColumn) throws(PostgresError) -> Int32 {
    try int32(column.rawValue)
  }

  @inline(__always)
  func int64(_ column: some QueryColumn) throws(PostgresError) -> Int64 {
    try int64(column.rawValue)
  }

  @inline(__always)
  func date(_ column: some QueryColumn) throws(PostgresError) -> Int32 {
    try date(column.rawValue)
  }

  @inline(__always)
  func timestamp(_ column: some QueryColumn) throws(PostgresError) -> Int64 {
    try timestamp(column.rawValue)
  }

  @inline(__always)
  func instant(_ column: some QueryColumn) throws(PostgresError) -> Instant? {
    try instant(column.rawValue)
  }

  @inline(__always)
  func finiteInstant(_ column: some QueryColumn) throws(PostgresError) -> Instant? {
    try finiteInstant(column.rawValue)
  }

  @inline(__always)
  func numericMicros(_ column: some QueryColumn) throws(PostgresError) -> NumericValue {
    try numericMicros(column.rawValue)
  }
}
