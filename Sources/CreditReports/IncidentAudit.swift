public import ResponseProcedures
public import ServiceCredits

/// One incident with what was kept and missed of the procedures, and what it takes to show that.
public struct IncidentAudit: Sendable {
  public let id: [UInt8]
  public let title: String
  public let startedAt: Instant
  /// `nil` where it is open at the instant of the audit.
  public let resolvedAt: Instant?
  /// The worst that it had.
  public let severity: Severity
  /// In which it began, in the policy's time zone.
  public let month: BillingMonth
  /// Of the policy version that it is judged by.
  public let timeZone: String
  /// In the order of the procedure.
  public let rows: [AuditRow]
  /// Of the customers that `rows` name.
  public let customerNames: [[UInt8]: String]

  public init(
    id: [UInt8], title: String, startedAt: Instant, resolvedAt: Instant?, severity: Severity,
    month: BillingMonth, timeZone: String, rows: [AuditRow], customerNames: [[UInt8]: String]
  ) {
    self.id = id
    self.title = title
    self.startedAt = startedAt
    self.resolvedAt = resolvedAt
    self.severity = severity
    self.month = month
    self.timeZone = timeZone
    self.rows = rows
    self.customerNames = customerNames
  }

  /// The same with the rows of one customer and those of nobody in particular.
  public func rows(of customer: String) -> IncidentAudit {
    IncidentAudit(
      id: id, title: title, startedAt: startedAt, resolvedAt: resolvedAt, severity: severity,
      month: month, timeZone: timeZone,
      rows: rows.filter { $0.customer?.elementsEqual(customer.utf8) ?? true },
      customerNames: customerNames)
  }

  public var name: String { String(decoding: id, as: UTF8.self) }
}

/// What an audit looked at, and what came of it as a whole.
public struct AuditSummary: Sendable {
  /// An incident that nothing is said about.
  public enum Omission: Hashable, Sendable {
    case void
    /// A bad row, reported under this code.
    case parked(FindingCode)
  }

  public let asOf: Instant
  /// The months whose incidents are listed.
  public let months: ClosedRange<BillingMonth>
  /// The months that the scorecard compares, up to the last of `months`.
  public let trend: ClosedRange<BillingMonth>
  /// The only incidents that were asked for; empty where the months say which.
  public let asked: [String]
  public let timeZone: String
  public internal(set) var scorecard = Scorecard()
  /// Of the listed incidents, by requirement and severity, whatever their months.
  public internal(set) var listed = Scorecard()
  public internal(set) var incidents = 0
  /// How many rows of the listed incidents are past due and still not done.
  public internal(set) var overdue = 0
  public var omissions: [(incident: String, Omission)] = []
  /// Other bad rows that were met on the way, by code.
  public var findings: [FindingCode: Int] = [:]

  public init(
    asOf: Instant, months: ClosedRange<BillingMonth>, trend: ClosedRange<BillingMonth>,
    asked: [String], timeZone: String
  ) {
    self.asOf = asOf
    self.months = months
    self.trend = trend
    self.asked = asked
    self.timeZone = timeZone
  }

  public mutating func add(_ audit: IncidentAudit) {
    for row in audit.rows {
      if trend.contains(audit.month) { scorecard.add(row, month: audit.month) }
      guard isListed(audit) else { continue }
      listed.add(row, month: audit.month)
      if case .overdue(_, asOf) = row.outcome { overdue += 1 }
    }
    if isListed(audit) { incidents += 1 }
  }

  /// Whether the incident is one of those that were asked for, and not one for the trend alone.
  public func isListed(_ audit: IncidentAudit) -> Bool {
    asked.isEmpty
      ? months.contains(audit.month) : asked.contains { $0.utf8.elementsEqual(audit.id) }
  }

  /// Of all that is listed.
  public var total: Score { listed.total { _ in true } }
}
