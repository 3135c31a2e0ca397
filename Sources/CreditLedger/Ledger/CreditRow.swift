public import Postgres
import RedressSQL
public import ServiceCredits

/// One row of `redress.credit_revision`. Texts are borrowed bytes and must stay valid until the row
/// is written.
public struct CreditRow {
  public var customerId: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var incidentId: UnsafeRawBufferPointer
  public var month: BillingMonth
  public var currency: Currency
  public var revision: Revision
  public var linesThrough: Int32
  public var runId: Int64
  /// The percentage granted; 0 where all was taken back, `nil` where it is no whole number of basis points.
  public var percent: BasisPoints?
  /// What of the whole entitlement is for which measure.
  public var parts: CreditParts
  /// `nil` if the revision has no basis.
  public var firstInstant: Instant?
  /// The number of the run's decision.
  public var decision: Int32
  /// `nil` if the revision has no basis.
  public var feeMicros: Int64?
  /// `nil` where the monthly fee is the base.
  public var billedMicros: Int64?
  public var customerName: UnsafeRawBufferPointer
  public var customerTier: UnsafeRawBufferPointer
  /// The invoice that all of the revision is on; `nil` if the run's lines are written by themselves.
  public var invoiceId: UnsafeRawBufferPointer?
  public var reason: StaticString?
  /// JSON; `nil` if one term covered everything.
  public var terms: UnsafeRawBufferPointer?
  /// SHA-256; `nil` if there is no evidence for this customer only.
  public var customerEvidence: UnsafeRawBufferPointer?

  public init(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, month: BillingMonth, currency: Currency,
    revision: Revision, linesThrough: Int32, runId: Int64, percent: BasisPoints?,
    parts: CreditParts, firstInstant: Instant?, decision: Int32, feeMicros: Int64?,
    billedMicros: Int64?,
    customerName: UnsafeRawBufferPointer, customerTier: UnsafeRawBufferPointer,
    invoiceId: UnsafeRawBufferPointer?, reason: StaticString?, terms: UnsafeRawBufferPointer?,
    customerEvidence: UnsafeRawBufferPointer?
  ) {
    self.customerId = customerId
    self.subscriptionId = subscriptionId
    self.incidentId = incidentId
    self.month = month
    self.currency = currency
    self.revision = revision
    self.linesThrough = linesThrough
    self.runId = runId
    self.percent = percent
    self.parts = parts
    self.firstInstant = firstInstant
    self.decision = decision
    self.feeMicros = feeMicros
    self.billedMicros = billedMicros
    self.customerName = customerName
    self.customerTier = customerTier
    self.invoiceId = invoiceId
    self.reason = reason
    self.terms = terms
    self.customerEvidence = customerEvidence
  }

  /// The columns before the decision's number.
  static let ownColumns = 21
  static let decisionColumns = 22..<34

  /// Writes the row in the column order of `copy_credits.sql`.
  public func append(to rows: CopyRowBuffer) {
    rows.beginRow(columns: CreditRow.ownColumns + 1)
    rows.append(text: customerId)
    rows.append(text: subscriptionId)
    rows.append(text: incidentId)
    rows.append(date: month.daysSinceUnixEpoch)
    rows.append(currency: currency)
    rows.append(int32: revision.number)
    rows.append(int32: linesThrough)
    rows.append(int64: runId)
    rows.append(int64: revision.amountMinor)
    rows.append(percent: percent)
    rows.append(part: parts.monthMinor)
    rows.append(part: parts.quarterMinor)
    if let firstInstant {
      rows.append(timestamp: firstInstant.microseconds)
    } else {
      rows.appendNull()
    }
    for micros in [feeMicros, billedMicros] {
      if let micros {
        rows.append(numericMicros: micros, minimumDecimals: Int(currency.exponent))
      } else {
        rows.appendNull()
      }
    }
    rows.append(text: customerName)
    rows.append(text: customerTier)
    if let invoiceId { rows.append(text: invoiceId) } else { rows.appendNull() }
    if let reason { rows.append(static: reason) } else { rows.appendNull() }
    if let terms { rows.append(text: terms) } else { rows.appendNull() }
    if let customerEvidence { rows.append(bytea: customerEvidence) } else { rows.appendNull() }
    rows.append(int32: decision)
  }

  /// The columns of `verify_credits.sql`: those of `copy_credits.sql`, then the decision's.
  enum Column: Int, QueryColumn {
    case customerId, subscriptionId, incidentId, billingMonth, currency, revision, linesThrough
    case runId, amountMinor, percentBp, monthMinor, quarterMinor, outageStartedAt, monthlyFee
    case billedFee, customerName, customerTier
    case invoiceId, reason, terms, customerEvidence, decision
    case percentBeforeCapBp, countedMicroseconds, outageEndedAt
    case tierLongerThanMicroseconds, clause, downtimeMicroseconds, periodMicroseconds, severity
    case policyVersion, serviceId, plan, timeZone

    static var queries: [RedressSQL.Query] { [.verifyCredits, .verifyCreditsSince] }
  }
}

/// What revisions are decided on: one row of `redress.decision`, without its run and number. Texts
/// are borrowed bytes.
public struct DecisionRow {
  public struct Basis {
    public var serviceId: UnsafeRawBufferPointer
    public var plan: UnsafeRawBufferPointer
    public var severity: Severity
    public var outageEnd: Instant
    public var longerThanMicroseconds: Int64?
    /// One line of the policy language; `nil` where a tier decided, or no rule pays.
    public var clause: UnsafeRawBufferPointer?
    /// Of a rule that measures a period.
    public var downtimeMicroseconds: Int64?
    public var periodMicroseconds: Int64?
    public var policyVersion: UnsafeRawBufferPointer
    public var timeZone: UnsafeRawBufferPointer

    public init(
      serviceId: UnsafeRawBufferPointer, plan: UnsafeRawBufferPointer, severity: Severity,
      outageEnd: Instant, longerThanMicroseconds: Int64?, clause: UnsafeRawBufferPointer?,
      downtimeMicroseconds: Int64?, periodMicroseconds: Int64?,
      policyVersion: UnsafeRawBufferPointer, timeZone: UnsafeRawBufferPointer
    ) {
      self.serviceId = serviceId
      self.plan = plan
      self.severity = severity
      self.outageEnd = outageEnd
      self.longerThanMicroseconds = longerThanMicroseconds
      self.clause = clause
      self.downtimeMicroseconds = downtimeMicroseconds
      self.periodMicroseconds = periodMicroseconds
      self.policyVersion = policyVersion
      self.timeZone = timeZone
    }
  }

  /// `nil` where it is no whole number of basis points.
  public var percentBeforeCap: BasisPoints?
  public var countedMicroseconds: Int64
  /// `nil` if everything was taken back.
  public var basis: Basis?

  public init(percentBeforeCap: BasisPoints?, countedMicroseconds: Int64, basis: Basis?) {
    self.percentBeforeCap = percentBeforeCap
    self.countedMicroseconds = countedMicroseconds
    self.basis = basis
  }

  static let columns = 12

  /// Writes the columns of `copy_decisions.sql` that follow the number.
  func append(to rows: CopyRowBuffer) {
    rows.append(percent: percentBeforeCap)
    rows.append(int64: countedMicroseconds)
    guard let basis else {
      for _ in 0..<10 { rows.appendNull() }
      return
    }
    rows.append(timestamp: basis.outageEnd.microseconds)
    rows.append(optional: basis.longerThanMicroseconds)
    if let clause = basis.clause { rows.append(text: clause) } else { rows.appendNull() }
    rows.append(optional: basis.downtimeMicroseconds)
    rows.append(optional: basis.periodMicroseconds)
    rows.append(severity: basis.severity)
    rows.append(text: basis.policyVersion)
    rows.append(text: basis.serviceId)
    rows.append(text: basis.plan)
    rows.append(text: basis.timeZone)
  }
}

/// Numbers the decisions of a run, each content once.
///
/// After ``limit`` different ones the table begins again, so that memory is bounded where nearly
/// every credit has a decision of its own. A content may have a second number then.
public struct DecisionNumbers: ~Copyable {
  private static let limit = 1 << 16

  private let scratch = CopyRowBuffer(capacity: 256)
  private var known = ByteTable()
  /// Of each decision in `known`.
  private var hashes: [UInt64] = []
  /// The number before those in `known`.
  private var base: Int32 = 0

  public init() {}

  /// The number of a decision, and its hash for the checksum of its revisions.
  /// - Parameter new: called with the encoded columns of a decision that is new, and its number.
  public mutating func number(
    of decision: DecisionRow, new: (UnsafeRawBufferPointer, Int32) -> Void
  ) -> (number: Int32, hash: UInt64) {
    if known.count >= DecisionNumbers.limit {
      base += Int32(known.count)
      known = ByteTable()
      hashes.removeAll(keepingCapacity: true)
    }
    scratch.removeAll()
    scratch.beginRow(columns: DecisionRow.columns)
    decision.append(to: scratch)
    // Without the two bytes of the number of columns.
    let fields = UnsafeRawBufferPointer(rebasing: scratch.lastRow.dropFirst(2))
    let position = Int(known.insert(fields))
    let number = base + Int32(position) + 1
    if position == hashes.count {
      hashes.append(RowChecksum.hash(decision: fields))
      new(fields, number)
    }
    return (number, hashes[position])
  }
}

extension CopyRowBuffer {
  /// One row of `redress.decision`, in the column order of `copy_decisions.sql`.
  /// - Parameter fields: the encoded columns after the number.
  public func appendDecision(
    _ fields: UnsafeRawBufferPointer, runId: Int64, number: Int32
  ) {
    beginRow(columns: 2 + DecisionRow.columns)
    append(int64: runId)
    append(int32: number)
    append(fields: fields, columns: DecisionRow.columns)
  }

  /// The last row of `copy_credits.sql` without the number of its columns and its last one, the decision's number.
  public var lastCredit: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: lastRow.dropFirst(2).dropLast(8))
  }

  /// One row of `redress.invoice_line`, in the column order of `copy_lines.sql`.
  public func appendLine(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, month: BillingMonth, currency: Currency, number: Int32,
    runId: Int64, invoiceId: UnsafeRawBufferPointer, amountMinor: Int64
  ) {
    beginRow(columns: 9)
    append(text: customerId)
    append(text: subscriptionId)
    append(text: incidentId)
    append(date: month.daysSinceUnixEpoch)
    append(currency: currency)
    append(int32: number)
    append(int64: runId)
    append(text: invoiceId)
    append(int64: amountMinor)
  }

  /// One row of `redress.finding`, in the column order of `copy_findings.sql`.
  /// - Parameters:
  ///   - cells: code, relation, key, what is wrong and what to do.
  ///   - acceptance: the number of the decision that accepts it; `nil` for none.
  public func appendFinding(
    cells: some Collection<UnsafeRawBufferPointer>, runId: Int64, ordinal: Int32, acceptance: Int32?
  ) {
    beginRow(columns: 3 + cells.count)
    append(int64: runId)
    append(int32: ordinal)
    for cell in cells { append(text: cell) }
    if let acceptance { append(int32: acceptance) } else { appendNull() }
  }

  func append(currency: Currency) {
    let packed = currency.packedCode
    Swift.withUnsafeBytes(
      of: (
        UInt8(truncatingIfNeeded: packed >> 16), UInt8(truncatingIfNeeded: packed >> 8),
        UInt8(truncatingIfNeeded: packed)
      )
    ) { append(text: $0) }
  }

  func append(percent: BasisPoints?) {
    if let percent { append(int32: percent.value) } else { appendNull() }
  }

  func append(optional value: Int64?) {
    if let value { append(int64: value) } else { appendNull() }
  }

  /// What of a credit is for a measure of a period; null for nothing.
  func append(part minor: Int64) { append(optional: minor == 0 ? nil : minor) }

  func append(severity: Severity) {
    Swift.withUnsafeBytes(of: (UInt8(ascii: "P"), UInt8(ascii: "0") + severity.rawValue)) {
      append(text: $0)
    }
  }

  func append(static text: StaticString) {
    append(
      text: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
