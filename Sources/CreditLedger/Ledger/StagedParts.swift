public import Postgres
import RedressSQL

/// Parts of a run whose rows are in the staged tables.
///
/// A part writes there in a transaction of its own, and its rows have the number of that transaction. So rows that another
/// run has left behind are never taken for this run's.
public struct StagedParts {
  /// In the order of their customers.
  private let numbers: [String]

  public init(_ numbers: [String]) { self.numbers = numbers }

  private var parameter: Parameter { .textArray(numbers) }

  /// The number of a part.
  /// - Parameter connection: inside the transaction in which the part writes.
  public static func number(_ connection: borrowing Connection) throws -> String {
    guard let number = try connection.rows(.partNumber, [], { $0.text(0) }).first else {
      preconditionFailure("every transaction has a number")
    }
    return number
  }

  /// Moves the rows into the ledger.
  ///
  /// What an ANALYZE found in the staged tables are other rows, or none: the server may take them for empty.
  /// - Parameters:
  ///   - connection: inside the run's transaction, in which the rows of the first part are.
  ///   - credits: how many revisions the parts have staged.
  ///   - lines: how many invoice lines, without those that are the whole of a revision.
  ///   - withCarried: whether what they carry forward is moved.
  /// - Throws: `LedgerError.stagedRowsMissing`.
  public func move(
    into runId: Int64, _ connection: borrowing Connection, credits: Int, lines: Int,
    withCarried: Bool
  ) throws {
    func move(_ query: RedressSQL.Query, _ parameters: [Parameter]) throws -> Int {
      try connection.query(query.text, parameters)
    }
    try connection.joiningWhole {
      _ = try move(.moveDecisions, [.int64(runId), parameter])
      guard try move(.moveCredits, [.int64(runId), parameter]) == credits else {
        throw LedgerError.stagedRowsMissing(relation: "redress.credit_revision")
      }
    }
    guard try move(.moveLines, [parameter]) == lines else {
      throw LedgerError.stagedRowsMissing(relation: "redress.invoice_line")
    }
    _ = try move(.moveEvidence, [parameter])
    if withCarried { _ = try move(.moveCarried, [parameter]) }
  }

  /// Removes the rows from the staged tables.
  /// - Parameter connection: inside a transaction of its own.
  public func clear(_ connection: borrowing Connection) throws {
    try StagedParts.clear(connection, parameter)
  }

  /// Whether an earlier run has left rows there.
  public static func areLeft(_ connection: borrowing Connection) throws -> Bool {
    try connection.rows(.stagedRows, [], { try $0.bool(0) }) == [true]
  }

  /// Removes the rows of all runs.
  /// - Parameter connection: inside a transaction of its own, while another one has the run lock.
  public static func clearAll(_ connection: borrowing Connection) throws {
    try clear(connection, .null)
  }

  private static func clear(
    _ connection: borrowing Connection, _ numbers: Parameter
  ) throws {
    for query in [
      RedressSQL.Query.clearStagedCreditRevision, .clearStagedDecision, .clearStagedInvoiceLine,
      .clearStagedCarriedForward, .clearStagedEvidence,
    ] {
      try connection.query(query.text, [numbers])
    }
  }
}
