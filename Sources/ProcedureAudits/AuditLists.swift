import CreditLedger
import ResponseProcedures
import ServiceCredits

/// The lists of an audit: its incidents, and its rows by verdict. The text and the page show the
/// same lists.
package struct AuditLists {
  /// One requirement of one incident, as texts.
  struct Row {
    let incident: String
    let title: String
    /// The incident's number, from 1.
    let number: Int
    let row: RequirementResult
    /// With the customer, if the requirement has one.
    let label: String
    let due: String
    let done: String
    let margin: String
    let basis: [String]
  }

  struct Incident {
    let id: String
    let title: String
    let severity: Severity
    let startedAt: Instant
    let began: String
    /// The length in microseconds; `nil` if the incident is open.
    let length: Int64?
    let customers: Int
    let score: Score
    /// The score of the rows without a customer, and of those with one.
    let stepScore: Score
    let customerScore: Score
  }

  /// The most rows of a verdict that are listed; the CSV has all of them.
  static let mostRows = 500

  /// Times in this zone are written without its name.
  private let timeZone: String
  private(set) var incidents: [Incident] = []
  private var rows: [Verdict: [Row]] = [:]
  private var overdueRows: [Row] = []

  /// - Parameter timeZone: the audit's time zone. Times in another zone are written with the zone's
  ///   name.
  init(timeZone: String) {
    self.timeZone = timeZone
  }

  /// - Parameter audit: incidents must come in the order of time.
  mutating func add(_ audit: IncidentAudit, _ clock: LocalClock) {
    let words = AuditWords { [timeZone] instant in
      audit.policy.timeZone == timeZone
        ? clock.text(instant) : "\(clock.text(instant)) \(audit.policy.timeZone)"
    }
    var scores = (steps: Score(), customers: Score())
    for row in audit.rows {
      if row.requirement.isPerCustomer {
        scores.customers.add(row.outcome)
      } else {
        scores.steps.add(row.outcome)
      }
    }
    incidents.append(
      Incident(
        id: audit.name, title: audit.title, severity: audit.severity, startedAt: audit.startedAt,
        began: words.time(audit.startedAt),
        length: audit.resolvedAt.map { max(0, $0.microseconds - audit.startedAt.microseconds) },
        customers: audit.customers, score: scores.steps + scores.customers,
        stepScore: scores.steps, customerScore: scores.customers))
    for row in audit.rows {
      let verdict = row.outcome.verdict
      let isRoom = rows[verdict, default: []].count < AuditLists.mostRows
      let isOverdue = row.isOverdue && overdueRows.count < AuditLists.mostRows
      guard isRoom || isOverdue else { continue }
      let told = told(row, of: audit, words)
      if isRoom { rows[verdict, default: []].append(told) }
      if isOverdue { overdueRows.append(told) }
    }
  }

  private func told(_ row: RequirementResult, of audit: IncidentAudit, _ words: AuditWords) -> Row {
    let label = AuditWords.label(ScoredStep(of: row))
    return Row(
      incident: audit.name, title: audit.title, number: incidents.count, row: row,
      label: row.customer.map { "\(label): \(audit.customerLabel($0))" } ?? label,
      due: row.outcome.due.map(words.time) ?? "", done: AuditLists.done(row, words),
      margin: AuditWords.margin(row.outcome), basis: words.basis(row))
  }

  /// When it was done. If it was not, whether it still can be.
  static func done(_ row: RequirementResult, _ words: AuditWords) -> String {
    switch row.outcome {
    case .kept(_, let done), .late(_, let done): words.time(done)
    case .fellShort: "never"
    case .overdue: "not yet"
    case .pending: ""
    case .noRecord: row.isStillToDo ? "not yet" : ""
    }
  }

  func rows(_ verdict: Verdict) -> [Row] { rows[verdict, default: []] }

  /// The rows that are past due and can still be done, the longest overdue first.
  var overdue: [Row] {
    overdueRows.enumerated().sorted { left, right in
      let (first, second) = (left.element.row.outcome.due, right.element.row.outcome.due)
      return (first ?? .distantFuture, left.offset) < (second ?? .distantFuture, right.offset)
    }.map(\.element)
  }
}
