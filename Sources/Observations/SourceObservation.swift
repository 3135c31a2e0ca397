package import CreditLedger
package import Postgres
import RedressSQL

/// Why the present was not observed.
package enum ObservationError: Error, Sendable {
  /// The source has none of the relations that show the present.
  case nothingToObserve
  /// Observations cannot be appended by this database user.
  case mayNotObserve(PostgresError)
}

/// What one observation of a relation has found.
package struct Observed: Hashable, Sendable {
  package enum Outcome: String, Hashable, Sendable {
    case changed, gone, back
    /// The row was left out.
    case missingKey = "missing_key"
    case duplicateRow = "duplicate_row"
    case missingValue = "missing_value"
    case invalidValue = "invalid_value"

    package var isFault: Bool {
      switch self {
      case .changed, .gone, .back: false
      case .missingKey, .duplicateRow, .missingValue, .invalidValue: true
      }
    }
  }

  package struct Row: Hashable, Sendable {
    package let outcome: Outcome
    /// Empty for rows without a key.
    package let key: String
    /// As it was observed before; empty where it was not there.
    package let was: String
    package let now: String
    /// Rows of the source.
    package let count: Int64
  }

  /// Without its schema.
  package let relation: String
  /// What differs from before, and what could not be observed, by key.
  package fileprivate(set) var rows: [Row] = []
  /// Rows of the source.
  package fileprivate(set) var shown: Int64 = 0
  /// Of the source's rows those that were seen for the first time.
  package fileprivate(set) var new: Int64 = 0
  /// How many were there before; 0 where that is not counted.
  package fileprivate(set) var known: Int64 = 0
  /// How many are gone, where those are too many to believe it: then nothing was appended.
  package fileprivate(set) var refusedGone: Int64?

  package var hasFaults: Bool { rows.contains { $0.outcome.isFault } }
}

/// Keeps a history of what a source shows that knows only the present.
///
/// - Source: `redress_source.present_term` and `redress_source.present_severity`, of which either may be missing.
package struct SourceObservation: Sendable {
  private let target: ConnectionTarget
  private let interruption: Interruption

  package init(target: ConnectionTarget, interruption: Interruption) {
    self.target = target
    self.interruption = interruption
  }

  /// Compares the present with the newest observations and appends what is different, all in one transaction. Rows that
  /// cannot be observed are told, and leave what was observed before.
  /// - Parameter mostGone: how many subscriptions may be gone; `nil` for a tenth, or ten, and not all.
  /// - Throws: `ObservationError`, `ContractError`.
  package func observe(mostGone: Int64?) throws -> [Observed] {
    let connection = try interruption.connect(target)
    do {
      try connection.begin(.writing, lockTimeoutSeconds: SourceObservation.lockWaitSeconds)
      try ContractExamination(connection, needs: .ledger).enforce()
      let relations = try ContractExamination.presentRelations(connection)
      guard !relations.isEmpty else { throw ObservationError.nothingToObserve }
      try connection.query(RedressSQL.Query.observationLock.text) { _ in }
      let observed = try relations.map { relation in
        try interruption.check()
        return relation == SourceObservation.terms
          ? try SourceObservation.observe(
            relation, .observeTerms, [mostGone.map { .int64($0) } ?? .null], connection)
          : try SourceObservation.observe(relation, .observeSeverities, [], connection)
      }
      try connection.commit()
      return observed
    } catch let error as PostgresError where error.sqlState == "42501" {
      throw ObservationError.mayNotObserve(error)
    }
  }

  private static let terms = "present_term"
  /// Another observation may be at work.
  private static let lockWaitSeconds = 60

  private static func observe(
    _ relation: String, _ query: RedressSQL.Query, _ parameters: [Parameter],
    _ connection: borrowing Connection
  ) throws -> Observed {
    var observed = Observed(relation: relation)
    try connection.query(query.text, parameters) { row in
      let (outcome, count) = (try row.string(0), try row.int64(4))
      switch outcome {
      case "shown": observed.shown = count
      case "known": observed.known = count
      case "new": observed.new = count
      case "refused": observed.refusedGone = count
      default:
        guard let outcome = Observed.Outcome(rawValue: outcome) else {
          preconditionFailure("\(query) returns \(outcome)")
        }
        observed.rows.append(
          Observed.Row(
            outcome: outcome, key: try row.string(1), was: try row.string(2),
            now: try row.string(3), count: count))
      }
    }
    return observed
  }
}
