public import Postgres
import RedressSQL
public import ServiceCredits

/// What was told of a finding. A decision is about precisely that: where a run says something else
/// of the same row, nobody has accepted it.
public struct FindingIdentity: Hashable, Sendable {
  public let code: [UInt8]
  /// The relation that the row is in, without its schema.
  public let relation: [UInt8]
  public let key: [UInt8]
  /// What is wrong, with the values seen.
  public let problem: [UInt8]

  public init(code: [UInt8], relation: [UInt8], key: [UInt8], problem: [UInt8]) {
    self.code = code
    self.relation = relation
    self.key = key
    self.problem = problem
  }
}

/// A decision that a finding needs nobody any more.
public struct FindingAcceptance: Hashable, Sendable {
  /// The decision's number in `finding_acceptance`.
  public let number: Int32
  public let acceptedBy: [UInt8]
  /// The last day (in UTC) as of which it holds, in days since 1970; `nil` for no end.
  public let untilDay: Int32?
  public let reason: [UInt8]

  /// The last day as `2026-12-31`; empty for no end.
  public var untilText: String {
    untilDay.map { CalendarDate(daysSinceUnixEpoch: $0).text } ?? ""
  }

  /// Whether it holds for a run as of `instant`.
  public func holds(asOf instant: Instant) -> Bool {
    untilDay.map { FindingAcceptance.holds(throughDay: $0, asOf: instant) } ?? true
  }

  /// Whether a run as of `instant` is not later than a last day.
  /// - Parameter day: in days since 1970.
  public static func holds(throughDay day: Int32, asOf instant: Instant) -> Bool {
    // The first instant after the last day.
    instant.microseconds < (Int64(day) + 1) * 86_400_000_000
  }
}

/// The acceptances that hold, by finding.
public struct FindingAcceptances: Sendable {
  /// How many decisions there are; they count from 1 without gaps.
  public let decisions: Int32
  public let held: [FindingIdentity: FindingAcceptance]

  /// Reads what was decided until now. There are few decisions: each was typed by a person.
  /// - Parameters:
  ///   - instant: the as-of instant of a run; `nil` for acceptances whose last day is over as well.
  public init(_ connection: borrowing Connection, asOf instant: Instant?) throws {
    var held: [FindingIdentity: FindingAcceptance] = [:]
    var decisions: Int32 = 0
    try connection.query(RedressSQL.Query.acceptances.text) { row in
      // The newest of all decisions is also the newest of its finding.
      decisions = max(decisions, try row.int32(0))
      guard try row.bool(1) else { return }
      let acceptance = FindingAcceptance(
        number: try row.int32(0), acceptedBy: Array(row.bytes(8)),
        untilDay: row.isNull(7) ? nil : try row.date(7), reason: Array(row.bytes(6)))
      guard instant.map(acceptance.holds) ?? true else { return }
      held[
        FindingIdentity(
          code: Array(row.bytes(2)), relation: Array(row.bytes(3)), key: Array(row.bytes(4)),
          problem: Array(row.bytes(5)))] = acceptance
    }
    self.decisions = decisions
    self.held = held
  }

  /// Nobody has accepted anything.
  public static let none = FindingAcceptances()

  private init() {
    decisions = 0
    held = [:]
  }
}
