import Documents
public import ServiceCredits

/// One line of the credits file: a revision of a run, or an entitlement of a month.
///
/// Texts are borrowed bytes. They must stay valid until the line is written.
public struct CreditLine {
  /// The facts that a credit was decided on. A line has none if the incident was voided, if the
  /// subscription has no term at that time any more, or if the credit moved to another month.
  public struct Basis {
    public var serviceId: UnsafeRawBufferPointer
    public var serviceName: UnsafeRawBufferPointer
    public var plan: UnsafeRawBufferPointer
    public var severity: Severity
    public var outage: Interval
    public var decider: CreditDecider
    public var feeMicros: Int64
    public var policyVersion: UnsafeRawBufferPointer

    public init(
      serviceId: UnsafeRawBufferPointer, serviceName: UnsafeRawBufferPointer,
      plan: UnsafeRawBufferPointer, severity: Severity, outage: Interval,
      decider: CreditDecider, feeMicros: Int64, policyVersion: UnsafeRawBufferPointer
    ) {
      self.serviceId = serviceId
      self.serviceName = serviceName
      self.plan = plan
      self.severity = severity
      self.outage = outage
      self.decider = decider
      self.feeMicros = feeMicros
      self.policyVersion = policyVersion
    }
  }

  public var runId: Int64
  /// Whether a workbook tells the number: that of a run which is held belongs to a later one.
  public var hasNumber = true
  /// `nil` for an entitlement: its lines have no such column.
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
  /// `nil` where it is no whole number of basis points.
  public var percent: BasisPoints?
  public var percentBeforeCap: BasisPoints?
  public var amount: Money
  /// Describes the whole credit of the month, and not the one revision.
  public var placement: CreditPlacement
  /// When the revision was posted.
  public var posting: Posting

  /// When a revision is booked.
  public struct Posting: Hashable, Sendable {
    /// The day, whatever month the credit belongs to.
    public var day: CalendarDate
    /// Whether the credit's month was closed by then, so that it is corrected in a later one.
    public var isLate: Bool

    public init(day: CalendarDate, isLate: Bool) {
      self.day = day
      self.isLate = isLate
    }
  }

  public init(
    runId: Int64, kind: RevisionKind?, month: BillingMonth, customerId: UnsafeRawBufferPointer,
    customerName: UnsafeRawBufferPointer, customerTier: UnsafeRawBufferPointer,
    subscriptionId: UnsafeRawBufferPointer, incidentId: UnsafeRawBufferPointer,
    incidentTitle: UnsafeRawBufferPointer, basis: Basis?, countedMicroseconds: Int64,
    percent: BasisPoints?, percentBeforeCap: BasisPoints?, amount: Money,
    placement: CreditPlacement, posting: Posting
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
    self.placement = placement
    self.posting = posting
  }

  /// The columns, in order.
  public static let columns = [
    "run_id", "kind", "billing_month", "customer_id", "customer_name", "customer_tier",
    "subscription_id", "service_id", "service_name", "plan", "incident_id", "incident_title",
    "severity", "outage_started_at", "outage_ended_at", "counted", "counted_seconds", "tier",
    "percent", "percent_before_cap", "monthly_fee", "currency", "amount", "amount_minor",
    "invoice_id", "invoices", "placed", "placed_minor", "open", "open_minor", "overcredited",
    "overcredited_minor", "policy_version", "posted_on", "late_correction",
  ]

  /// - Parameter ofMonth: `true` for entitlements, which have no kind.
  public static func appendCSVHeader(ofMonth: Bool = false, to buffer: inout [UInt8]) {
    let columns = ofMonth ? columns.filter { $0 != "kind" } : columns
    buffer.append(contentsOf: columns.joined(separator: ",").utf8)
    buffer.append(contentsOf: "\r\n".utf8)
  }

  /// The cells that are the same for every line of a decision, already written as CSV. Borrowed
  /// bytes.
  public struct DecisionCells {
    /// The output of `appendMonthCSV`.
    public var month: UnsafeRawBufferPointer
    /// The output of `appendDecisionCSV`.
    public var others: UnsafeRawBufferPointer

    public init(month: UnsafeRawBufferPointer, others: UnsafeRawBufferPointer) {
      self.month = month
      self.others = others
    }
  }

  /// - Parameter decision: the cells of another line of the same decision, to copy; `nil` to write
  ///   them.
  public func appendCSV(to buffer: inout [UInt8], decision: DecisionCells? = nil) {
    buffer.append(room: ByteCursor.roomForNumber + 16) { putRun(&$0) }
    if let decision {
      buffer.append(contentsOf: decision.month)
    } else {
      appendMonthCSV(to: &buffer)
    }
    buffer.append(room: roomForSubscription) { putSubscription(&$0) }
    if let decision {
      buffer.append(contentsOf: decision.others)
    } else {
      appendDecisionCSV(to: &buffer)
    }
    buffer.append(room: roomForAmounts) { putAmounts(&$0) }
  }

  /// Writes run_id and kind, each with a comma after it.
  @inline(__always)
  private func putRun(_ line: inout ByteCursor) {
    line.put(integer: runId)
    line.put(UInt8(ascii: ","))
    switch kind {
    case .grant: line.put("grant,")
    case .increase: line.put("increase,")
    case .decrease: line.put("decrease,")
    case nil: break
    }
  }

  private var roomForSubscription: Int {
    var room = 16 + ByteCursor.room(forCell: customerId) + ByteCursor.room(forCell: customerName)
    room += ByteCursor.room(forCell: customerTier) + ByteCursor.room(forCell: subscriptionId)
    if let basis {
      room += ByteCursor.room(forCell: basis.serviceId)
      room += ByteCursor.room(forCell: basis.serviceName) + ByteCursor.room(forCell: basis.plan)
    }
    return room
  }

  /// Writes the cells from customer_id to plan, with a comma before each and after the last.
  @inline(__always)
  private func putSubscription(_ line: inout ByteCursor) {
    line.put(UInt8(ascii: ","))
    line.put(cell: customerId)
    line.put(UInt8(ascii: ","))
    line.put(cell: customerName)
    line.put(UInt8(ascii: ","))
    line.put(cell: customerTier)
    line.put(UInt8(ascii: ","))
    line.put(cell: subscriptionId)
    line.put(UInt8(ascii: ","))
    guard let basis else {
      line.put(",,,")
      return
    }
    line.put(cell: basis.serviceId)
    line.put(UInt8(ascii: ","))
    line.put(cell: basis.serviceName)
    line.put(UInt8(ascii: ","))
    line.put(cell: basis.plan)
    line.put(UInt8(ascii: ","))
  }

  private var roomForAmounts: Int {
    64 + 10 * ByteCursor.roomForNumber + ByteCursor.room(forCell: placement.invoiceId)
      + (basis.map { ByteCursor.room(forCell: $0.policyVersion) } ?? 0)
  }

  /// Writes the cells from monthly_fee to policy_version, with a comma before each, and the end of
  /// the line.
  @inline(__always)
  private func putAmounts(_ line: inout ByteCursor) {
    line.put(UInt8(ascii: ","))
    let decimals = Int(amount.currency.exponent)
    if let basis { line.put(basis.feeMicros, decimals: 6, atLeast: decimals) }
    line.put(UInt8(ascii: ","))
    let packed = amount.currency.packedCode
    line.put(UInt8(truncatingIfNeeded: packed >> 16))
    line.put(UInt8(truncatingIfNeeded: packed >> 8))
    line.put(UInt8(truncatingIfNeeded: packed))
    line.put(UInt8(ascii: ","))
    put(minor: amount.amountMinor, decimals, &line)
    line.put(UInt8(ascii: ","))
    line.put(cell: placement.invoiceId)
    line.put(UInt8(ascii: ","))
    line.put(integer: Int64(placement.invoices))
    line.put(UInt8(ascii: ","))
    put(minor: placement.placedMinor, decimals, &line)
    line.put(UInt8(ascii: ","))
    put(minor: placement.openMinor, decimals, &line)
    line.put(UInt8(ascii: ","))
    put(minor: placement.overcreditedMinor, decimals, &line)
    line.put(UInt8(ascii: ","))
    if let basis { line.put(cell: basis.policyVersion) }
    line.put(UInt8(ascii: ","))
    put(day: posting.day, &line)
    line.put(UInt8(ascii: ","))
    if posting.isLate { line.put("yes") }
    line.put("\r\n")
  }

  @inline(__always)
  private func put(day: CalendarDate, _ line: inout ByteCursor) {
    line.put(digits: UInt64(day.year), atLeast: 4)
    line.put(UInt8(ascii: "-"))
    line.put(digits: UInt64(day.month), atLeast: 2)
    line.put(UInt8(ascii: "-"))
    line.put(digits: UInt64(day.day), atLeast: 2)
  }

  /// Writes an amount in major and in minor units.
  @inline(__always)
  private func put(minor: Int64, _ decimals: Int, _ line: inout ByteCursor) {
    line.put(minor, decimals: decimals, atLeast: decimals)
    line.put(UInt8(ascii: ","))
    line.put(integer: minor)
  }

  /// Writes billing_month.
  public func appendMonthCSV(to buffer: inout [UInt8]) {
    month.appendText(to: &buffer)
  }

  /// Writes the cells from incident_id to percent_before_cap. They are the same for every
  /// subscription with the same decision.
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
    switch basis?.decider ?? .nothing {
    case .tier(let tier): csv.append(to: &buffer) { tier.appendWords(to: &$0) }
    case .rule(let words): words.withUnsafeBytes { csv.append(text: $0, to: &buffer) }
    case .nothing: csv.appendEmpty(to: &buffer)
    }
    for percent in [percent, percentBeforeCap] {
      if let percent {
        csv.append(to: &buffer) { percent.appendPercent(to: &$0) }
      } else {
        csv.appendEmpty(to: &buffer)
      }
    }
  }
}
