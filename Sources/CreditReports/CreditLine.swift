public import ServiceCredits

/// One line of the credits file: a revision of a run, or an entitlement of a month.
///
/// Texts are borrowed bytes, valid while the line is written.
public struct CreditLine {
  /// What a credit was decided on. Absent where nothing was left to decide on: the incident was voided, or the
  /// subscription has no term there any more.
  public struct Basis {
    public var serviceId: UnsafeRawBufferPointer
    public var serviceName: UnsafeRawBufferPointer
    public var plan: UnsafeRawBufferPointer
    public var severity: Severity
    public var outage: Interval
    public var tier: CreditTier?
    public var feeMicros: Int64
    public var policyVersion: UnsafeRawBufferPointer

    public init(
      serviceId: UnsafeRawBufferPointer, serviceName: UnsafeRawBufferPointer,
      plan: UnsafeRawBufferPointer, severity: Severity, outage: Interval, tier: CreditTier?,
      feeMicros: Int64, policyVersion: UnsafeRawBufferPointer
    ) {
      self.serviceId = serviceId
      self.serviceName = serviceName
      self.plan = plan
      self.severity = severity
      self.outage = outage
      self.tier = tier
      self.feeMicros = feeMicros
      self.policyVersion = policyVersion
    }
  }

  public var runId: Int64
  /// `nil` for an entitlement, whose lines have no such column.
  public var kind: RevisionKind?
  public var month: BillingMonth
  public var customerId: UnsafeRawBufferPointer
  public var customerName: UnsafeRawBufferPointer
  public var customerTier: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var incidentId: UnsafeRawBufferPointer
  public var incidentTitle: UnsafeRawBufferPointer
  public var basis: Basis?
  public var countedMicroseconds: Int64
  public var percent: BasisPoints
  public var percentBeforeCap: BasisPoints
  public var amount: Money
  /// Empty where no invoice carries any of it.
  public var invoiceId: UnsafeRawBufferPointer
  public var placedMinor: Int64
  public var openMinor: Int64

  public init(
    runId: Int64, kind: RevisionKind?, month: BillingMonth, customerId: UnsafeRawBufferPointer,
    customerName: UnsafeRawBufferPointer, customerTier: UnsafeRawBufferPointer,
    subscriptionId: UnsafeRawBufferPointer, incidentId: UnsafeRawBufferPointer,
    incidentTitle: UnsafeRawBufferPointer, basis: Basis?, countedMicroseconds: Int64,
    percent: BasisPoints, percentBeforeCap: BasisPoints, amount: Money,
    invoiceId: UnsafeRawBufferPointer, placedMinor: Int64, openMinor: Int64
  ) {
    self.runId = runId
    self.kind = kind
    self.month = month
    self.customerId = customerId
    self.customerName = customerName
    self.customerTier = customerTier
    self.subscriptionId = subscriptionId
    self.incidentId = incidentId
    self.incidentTitle = incidentTitle
    self.basis = basis
    self.countedMicroseconds = countedMicroseconds
    self.percent = percent
    self.percentBeforeCap = percentBeforeCap
    self.amount = amount
    self.invoiceId = invoiceId
    self.placedMinor = placedMinor
    self.openMinor = openMinor
  }

  /// The columns, in order.
  public static let columns = [
    "run_id", "kind", "billing_month", "customer_id", "customer_name", "customer_tier",
    "subscription_id", "service_id", "service_name", "plan", "incident_id", "incident_title",
    "severity", "outage_started_at", "outage_ended_at", "counted", "counted_seconds", "tier",
    "percent", "percent_before_cap", "monthly_fee", "currency", "amount", "amount_minor",
    "invoice_id", "placed_minor", "open_minor", "policy_version",
  ]

  /// - Parameter ofMonth: for entitlements, which have no kind.
  public static func appendCSVHeader(ofMonth: Bool = false, to buffer: inout [UInt8]) {
    let columns = ofMonth ? columns.filter { $0 != "kind" } : columns
    buffer.append(contentsOf: columns.joined(separator: ",").utf8)
    buffer.append(contentsOf: "\r\n".utf8)
  }

  /// - Parameter decision: what `appendDecisionCSV` gave for a line of the same decision; `nil` to write it anew.
  public func appendCSV(to buffer: inout [UInt8], decision: UnsafeRawBufferPointer? = nil) {
    var csv = CSVText()
    csv.append(to: &buffer) { appendInteger(runId, to: &$0) }
    switch kind {
    case .grant: csv.append(plain: "grant", to: &buffer)
    case .increase: csv.append(plain: "increase", to: &buffer)
    case .decrease: csv.append(plain: "decrease", to: &buffer)
    case nil: break
    }
    csv.append(to: &buffer) { month.appendText(to: &$0) }
    csv.append(text: customerId, to: &buffer)
    csv.append(text: customerName, to: &buffer)
    csv.append(text: customerTier, to: &buffer)
    csv.append(text: subscriptionId, to: &buffer)
    if let basis {
      csv.append(text: basis.serviceId, to: &buffer)
      csv.append(text: basis.serviceName, to: &buffer)
      csv.append(text: basis.plan, to: &buffer)
    } else {
      for _ in 0..<3 { csv.appendEmpty(to: &buffer) }
    }
    buffer.append(UInt8(ascii: ","))
    if let decision {
      buffer.append(contentsOf: decision)
    } else {
      appendDecisionCSV(to: &buffer)
    }
    if let basis {
      csv.append(to: &buffer) {
        appendDecimal(
          basis.feeMicros, decimals: 6, atLeast: Int(amount.currency.exponent), to: &$0)
      }
    } else {
      csv.appendEmpty(to: &buffer)
    }
    csv.append(to: &buffer) { currency in
      let packed = amount.currency.packedCode
      currency.append(UInt8(truncatingIfNeeded: packed >> 16))
      currency.append(UInt8(truncatingIfNeeded: packed >> 8))
      currency.append(UInt8(truncatingIfNeeded: packed))
    }
    let decimals = Int(amount.currency.exponent)
    csv.append(to: &buffer) {
      appendDecimal(amount.amountMinor, decimals: decimals, atLeast: decimals, to: &$0)
    }
    csv.append(to: &buffer) { appendInteger(amount.amountMinor, to: &$0) }
    csv.append(text: invoiceId, to: &buffer)
    csv.append(to: &buffer) { appendInteger(placedMinor, to: &$0) }
    csv.append(to: &buffer) { appendInteger(openMinor, to: &$0) }
    if let basis {
      csv.append(text: basis.policyVersion, to: &buffer)
    } else {
      csv.appendEmpty(to: &buffer)
    }
    csv.endLine(&buffer)
  }

  /// From incident_id to percent_before_cap: what is the same for every subscription with the same decision.
  public func appendDecisionCSV(to buffer: inout [UInt8]) {
    var csv = CSVText()
    csv.append(text: incidentId, to: &buffer)
    csv.append(text: incidentTitle, to: &buffer)
    if let basis {
      csv.append(to: &buffer) {
        $0.append(UInt8(ascii: "P"))
        $0.append(UInt8(ascii: "0") + basis.severity.rawValue)
      }
      csv.append(to: &buffer) { basis.outage.start.appendText(to: &$0) }
      csv.append(to: &buffer) { basis.outage.end.appendText(to: &$0) }
    } else {
      for _ in 0..<3 { csv.appendEmpty(to: &buffer) }
    }
    csv.append(to: &buffer) { DurationText.appendISO8601(countedMicroseconds, to: &$0) }
    csv.append(to: &buffer) {
      appendDecimal(countedMicroseconds, decimals: 6, atLeast: 0, to: &$0)
    }
    if let tier = basis?.tier {
      csv.append(to: &buffer) { tier.appendWords(to: &$0) }
    } else {
      csv.appendEmpty(to: &buffer)
    }
    csv.append(to: &buffer) { percent.appendPercent(to: &$0) }
    csv.append(to: &buffer) { percentBeforeCap.appendPercent(to: &$0) }
  }
}
