public import Postgres
import RedressSQL
public import ServiceCredits

/// One row of `redress.credit`. Texts are borrowed bytes and must stay valid until the row is
/// written.
public struct CreditRow {
  public struct Basis {
    public var serviceId: UnsafeRawBufferPointer
    public var plan: UnsafeRawBufferPointer
    public var severity: Severity
    public var outage: Interval
    public var longerThanMicroseconds: Int64?
    public var feeMicros: Int64
    public var policyVersion: UnsafeRawBufferPointer
    public var timeZone: UnsafeRawBufferPointer

    public init(
      serviceId: UnsafeRawBufferPointer, plan: UnsafeRawBufferPointer, severity: Severity,
      outage: Interval, longerThanMicroseconds: Int64?, feeMicros: Int64,
      policyVersion: UnsafeRawBufferPointer, timeZone: UnsafeRawBufferPointer
    ) {
      self.serviceId = serviceId
      self.plan = plan
      self.severity = severity
      self.outage = outage
      self.longerThanMicroseconds = longerThanMicroseconds
      self.feeMicros = feeMicros
      self.policyVersion = policyVersion
      self.timeZone = timeZone
    }
  }

  public var customerId: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var incidentId: UnsafeRawBufferPointer
  public var currency: Currency
  public var revision: Revision
  public var percent: BasisPoints
  public var percentBeforeCap: BasisPoints
  public var linesThrough: Int32
  public var runId: Int64
  public var countedMicroseconds: Int64
  public var basis: Basis?
  public var customerName: UnsafeRawBufferPointer
  public var customerTier: UnsafeRawBufferPointer
  public var reason: StaticString?
  /// JSON; `nil` if one term covered everything.
  public var terms: UnsafeRawBufferPointer?
  /// SHA-256; `nil` if there is no evidence for this customer only.
  public var customerEvidence: UnsafeRawBufferPointer?

  public init(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, currency: Currency, revision: Revision,
    percent: BasisPoints, percentBeforeCap: BasisPoints, linesThrough: Int32, runId: Int64,
    countedMicroseconds: Int64, basis: Basis?, customerName: UnsafeRawBufferPointer,
    customerTier: UnsafeRawBufferPointer, reason: StaticString?, terms: UnsafeRawBufferPointer?,
    customerEvidence: UnsafeRawBufferPointer?
  ) {
    self.customerId = customerId
    self.subscriptionId = subscriptionId
    self.incidentId = incidentId
    self.currency = currency
    self.revision = revision
    self.percent = percent
    self.percentBeforeCap = percentBeforeCap
    self.linesThrough = linesThrough
    self.runId = runId
    self.countedMicroseconds = countedMicroseconds
    self.basis = basis
    self.customerName = customerName
    self.customerTier = customerTier
    self.reason = reason
    self.terms = terms
    self.customerEvidence = customerEvidence
  }

  /// Writes the row in the column order of `copy_credits.sql`.
  /// - Parameter decision: the result of `decisionFields` for a row of the same decision; `nil` to
  ///   encode the fields.
  public func append(to rows: CopyRowBuffer, decision: UnsafeRawBufferPointer? = nil) {
    rows.beginRow(columns: 17 + CreditRow.decisionColumns)
    rows.append(text: customerId)
    rows.append(text: subscriptionId)
    rows.append(currency: currency)
    rows.append(int32: revision.number)
    rows.append(int32: linesThrough)
    rows.append(int64: runId)
    rows.append(int64: revision.amountMinor)
    rows.append(kind: revision.kind)
    if let basis {
      rows.append(numericMicros: basis.feeMicros, minimumDecimals: Int(currency.exponent))
      rows.append(text: basis.serviceId)
      rows.append(text: basis.plan)
      rows.append(text: customerName)
      rows.append(text: customerTier)
      rows.append(text: basis.timeZone)
    } else {
      for _ in 0..<3 { rows.appendNull() }
      rows.append(text: customerName)
      rows.append(text: customerTier)
      rows.appendNull()
    }
    if let reason { rows.append(static: reason) } else { rows.appendNull() }
    if let terms { rows.append(text: terms) } else { rows.appendNull() }
    if let customerEvidence { rows.append(bytea: customerEvidence) } else { rows.appendNull() }
    if let decision {
      rows.append(fields: decision, columns: CreditRow.decisionColumns)
    } else {
      appendDecision(to: rows)
    }
  }

  /// The fields that are the same for every subscription with the same decision, encoded.
  public func decisionFields() -> [UInt8] {
    let row = CopyRowBuffer(capacity: 256)
    row.beginRow(columns: CreditRow.decisionColumns)
    appendDecision(to: row)
    // Drops the two bytes of the number of columns.
    return row.withUnsafeBytes { Array($0.dropFirst(2)) }
  }

  private static let decisionColumns = 10

  /// The columns of `copy_credits.sql` and `verify_credits.sql`.
  enum Column: Int, QueryColumn {
    case customerId, subscriptionId, currency, revision, linesThrough, runId, amountMinor, kind
    case monthlyFee, serviceId, plan, customerName, customerTier, timeZone, reason, terms
    case customerEvidence
    // The same for every row of one decision.
    case incidentId, percentBp, percentBeforeCapBp, billingMonth, countedMicroseconds
    case outageStartedAt, outageEndedAt, tierLongerThanMicroseconds, severity, policyVersion

    static var queries: [RedressSQL.Query] { [.verifyCredits, .verifyCreditsSince] }
  }

  private func appendDecision(to rows: CopyRowBuffer) {
    rows.append(text: incidentId)
    rows.append(int32: percent.value)
    rows.append(int32: percentBeforeCap.value)
    rows.append(date: revision.month.daysSinceUnixEpoch)
    rows.append(int64: countedMicroseconds)
    guard let basis else {
      for _ in 0..<5 { rows.appendNull() }
      return
    }
    rows.append(timestamp: basis.outage.start.microseconds)
    rows.append(timestamp: basis.outage.end.microseconds)
    if let longerThan = basis.longerThanMicroseconds {
      rows.append(int64: longerThan)
    } else {
      rows.appendNull()
    }
    rows.append(severity: basis.severity)
    rows.append(text: basis.policyVersion)
  }
}

extension CopyRowBuffer {
  /// One row of `redress.invoice_adjustment`, in the column order of `copy_lines.sql`.
  public func appendLine(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, currency: Currency, number: Int32, runId: Int64,
    invoiceId: UnsafeRawBufferPointer, amountMinor: Int64, month: BillingMonth
  ) {
    beginRow(columns: 9)
    append(text: customerId)
    append(text: subscriptionId)
    append(text: incidentId)
    append(currency: currency)
    append(int32: number)
    append(int64: runId)
    append(text: invoiceId)
    append(int64: amountMinor)
    append(date: month.daysSinceUnixEpoch)
  }

  /// One row of `redress.finding`, in the column order of `copy_findings.sql`.
  public func append(_ finding: Finding, runId: Int64, ordinal: Int32) {
    beginRow(columns: 7)
    append(int64: runId)
    append(int32: ordinal)
    append(text: finding.code.rawValue)
    append(text: finding.relation)
    append(text: finding.key.text)
    append(text: finding.problem)
    append(text: finding.remedy)
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

  func append(severity: Severity) {
    Swift.withUnsafeBytes(of: (UInt8(ascii: "P"), UInt8(ascii: "0") + severity.rawValue)) {
      append(text: $0)
    }
  }

  func append(kind: RevisionKind) {
    switch kind {
    case .grant: append(static: "grant")
    case .increase: append(static: "increase")
    case .decrease: append(static: "decrease")
    }
  }

  func append(static text: StaticString) {
    append(
      text: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
