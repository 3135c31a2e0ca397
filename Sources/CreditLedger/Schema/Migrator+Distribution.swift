import Postgres
import RedressSQL

/// Distributing the ledger over the nodes of a database with the extension citus.
///
/// The tables that grow with the customers are distributed by them, all alike, so that what belongs to a customer is on
/// one node. The small ones stay on the coordinator: as reference tables they would ask a run for the right to change
/// rows. Of these, every node sees the two that `place_on_invoice` needs.
extension Migrator {
  /// Each is distributed like the first one. Of the evidence, what all customers share has an empty customer_id: a
  /// document a run, on whichever node that is.
  static let distributedTables = [
    "redress.credit_revision", "redress.invoice_line", "redress.incident_evidence",
    "redress.placement", "redress.handover", "redress.carried_forward",
    "redress.staged_credit_revision",
    "redress.staged_invoice_line", "redress.staged_evidence", "redress.staged_carried_forward",
  ]
  /// Whole on every node, because what is distributed is joined with them.
  static let copiedTables = [
    "redress.decision", "redress.recorded_month", "redress.staged_decision",
  ]
  static let visibleTables = ["redress.ledger", "redress.run", "redress.visible_run"]
  static let distributedSourceTables = [
    "redress_source.customer", "redress_source.subscription_term", "redress_source.invoice",
    "redress_source.claim",
  ]

  /// Distributes what is not distributed yet. Safe to repeat.
  ///
  /// - Parameter withSourceTables: whether the plain source tables are distributed as well; views are left as they are.
  /// - Returns: the tables that this call distributed.
  func distribute(
    _ connection: borrowing Connection, withSourceTables: Bool
  ) throws(MigrationError) -> [String] {
    var done: [String] = []
    for table in Self.distributedTables {
      let like = table == Self.distributedTables[0] ? "none" : Self.distributedTables[0]
      done += try distribute(table, .distributeTable, [.text(table), .text(like)], connection)
    }
    for table in Self.copiedTables {
      done += try distribute(table, .copyTableEverywhere, [.text(table)], connection)
    }
    for table in Self.visibleTables {
      done += try distribute(table, .showTableEverywhere, [.text(table)], connection)
    }
    if withSourceTables {
      let relations = SourceContract.relations + SourceContract.optionalRelations
      for relation in relations.map({ "redress_source.\($0)" }) {
        done +=
          try Self.distributedSourceTables.contains(relation)
          ? distribute(
            relation, .distributeTable, [.text(relation), .text(Self.distributedTables[0])],
            connection)
          : distribute(relation, .copyTableEverywhere, [.text(relation)], connection)
      }
    }
    if !done.isEmpty { try replaceFunctions(connection) }
    try makeCommitHold(connection)
    return done
  }

  /// - Throws: `citusMissing` or `notCoordinator`.
  func requireCoordinator(_ connection: borrowing Connection) throws(MigrationError) {
    guard try !rows(connection, .citusVersion, [], { try $0.string(0) }).isEmpty else {
      throw .citusMissing
    }
    guard try rows(connection, .isCoordinator, [], { try $0.bool(0) }) == [true] else {
      throw .notCoordinator
    }
  }

  /// - Returns: the table, or nothing where it is distributed already, or no table.
  private func distribute(
    _ table: String, _ query: RedressSQL.Query, _ parameters: [Parameter],
    _ connection: borrowing Connection
  ) throws(MigrationError) -> [String] {
    try inTransaction(connection) { (connection) throws(MigrationError) in
      let isLeft = try rows(connection, .undistributedTables, [.textArray([table])]) { _ in true }
      guard isLeft == [true] else { return [] }
      try keepOthersOut(connection)
      do throws(PostgresError) {
        _ = try connection.rows(query, parameters) { _ in }
      } catch {
        throw .notDistributed(table: table, error)
      }
      return [table]
    }
  }

  /// Every node gets it, because the schema is on every node. Who has been granted it keeps it.
  private func makeCommitHold(_ connection: borrowing Connection) throws(MigrationError) {
    try inTransaction(connection) { (connection) throws(MigrationError) in
      do throws(PostgresError) {
        try connection.execute(
          String(decoding: RedressSQL.holdCommits, as: UTF8.self),
          name: RedressSQL.holdCommitsFileName)
      } catch {
        throw .notDistributed(table: "redress.hold_commits", error)
      }
    }
  }

  /// Other nodes get a function when it is made or replaced, and not before the tables that it reads are theirs.
  private func replaceFunctions(_ connection: borrowing Connection) throws(MigrationError) {
    _ = try inTransaction(connection) { (connection) throws(MigrationError) in
      for definition in try rows(connection, .functionDefinitions, [], { try $0.string(0) }) {
        do throws(PostgresError) {
          try connection.execute(definition, name: "CREATE OR REPLACE FUNCTION")
        } catch {
          throw .notDistributed(table: "the functions of redress", error)
        }
      }
      return true
    }
  }
}
