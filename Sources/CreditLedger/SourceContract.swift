public import Postgres
internal import RedressSQL

/// Something that keeps a run from reading its source or writing its ledger.
public enum ContractViolation: Hashable, Sendable {
  /// Libpq's number, 120020 for 12.20. Nothing else was looked at.
  case serverTooOld(version: Int)
  /// The database keeps its text in another encoding than UTF-8.
  case serverEncoding(String)

  /// No migration has been applied.
  case ledgerMissing
  /// Migrations are left to apply.
  case ledgerBehind(version: Int32, known: Int32)
  /// A newer program has migrated the database.
  case ledgerAhead(version: Int32, known: Int32)
  /// A migration was applied with other bytes than this program carries.
  case ledgerEdited(number: Int32, name: String)
  /// A migration is recorded though an earlier one is not.
  case ledgerGap(missing: Int32)
  /// The current user may not use the schema `redress` or read what is applied there.
  case ledgerUnreadable
  /// The current user lacks a privilege on a relation of `redress` that a run needs: `SELECT` or `INSERT`.
  case ledgerPrivilege(relation: String, privilege: String)

  /// There is no schema `redress_source`.
  case sourceMissing
  /// The current user may not use the schema `redress_source`.
  case sourceUnusable
  case relationMissing(relation: String)
  case columnMissing(relation: String, column: String, type: String)
  case columnType(relation: String, column: String, found: String, expected: String)
  /// The current user may not read the column.
  case columnPrivilege(relation: String, column: String)
  /// The current user may not read any column of the relation.
  case relationPrivilege(relation: String)
  /// The relation is all it should be and still refuses a query that reads no row: mostly a view whose owner may not
  /// read what it is made of.
  case relationUnusable(relation: String, sqlState: String, message: String)
}

/// What the operator's side of the data contract has to look like, and whether it does.
public enum SourceContract {
  public struct Column: Hashable, Sendable {
    public let relation: String
    public let name: String
    /// As `format_type` writes it.
    public let type: String
  }

  /// The ten relations of `redress_source`, in the order of the contract.
  public static let relations: [String] = shapes.map(\.relation)

  /// Every column of every relation, in the order of the contract.
  public static let columns: [Column] = shapes.flatMap { shape in
    shape.columns.map { Column(relation: shape.relation, name: $0.0, type: $0.1) }
  }

  private static let text = "text"
  private static let time = "timestamp with time zone"

  private static var shapes: [(relation: String, columns: [(String, String)])] {
    [
      (
        "customer",
        [
          ("customer_id", text), ("name", text), ("tier", text), ("time_zone", text),
          ("email", text),
        ]
      ),
      ("service", [("service_id", text), ("name", text)]),
      (
        "subscription_term",
        [
          ("subscription_id", text), ("customer_id", text), ("service_id", text), ("plan", text),
          ("monthly_fee", "numeric"), ("currency", text), ("valid_from", time), ("valid_to", time),
        ]
      ),
      (
        "incident",
        [
          ("incident_id", text), ("title", text), ("severity", text), ("status", text),
          ("started_at", time), ("acknowledged_at", time), ("resolved_at", time),
          ("root_cause", text), ("widespread", "boolean"), ("security", "boolean"),
          ("revenue_impact", "boolean"),
        ]
      ),
      (
        "outage",
        [
          ("incident_id", text), ("severity", text), ("service_id", text), ("customer_id", text),
          ("started_at", time), ("ended_at", time),
        ]
      ),
      (
        "exclusion",
        [
          ("exclusion_id", text), ("kind", text), ("service_id", text), ("customer_id", text),
          ("started_at", time), ("ended_at", time), ("announced_at", time),
        ]
      ),
      (
        "invoice",
        [
          ("invoice_id", text), ("customer_id", text), ("currency", text), ("status", text),
          ("issue_on", "date"), ("amount_due", "numeric"),
        ]
      ),
      (
        "incident_event",
        [
          ("incident_id", text), ("occurred_at", time), ("kind", text), ("customer_id", text),
          ("level", "integer"), ("note", text),
        ]
      ),
      ("post_mortem", [("incident_id", text), ("completed_at", time)]),
      ("action_item", [("incident_id", text), ("title", text), ("completed_at", time)]),
    ]
  }

  /// What a run needs in `redress`.
  public static let ledgerPrivileges: [(relation: String, privilege: String)] =
    [
      "run", "credit", "invoice_adjustment", "policy_version", "policy_file", "incident_evidence",
      "finding",
    ]
    .flatMap { [($0, "SELECT"), ($0, "INSERT")] } + [
      ("entitlement", "SELECT"), ("ledger", "SELECT"),
    ]

  /// Compares server, ledger and source with what a run of the current user needs. Changes nothing.
  ///
  /// - Returns: everything that is wrong, in the order of the contract; empty where a run can begin.
  /// - Throws: what keeps the check itself from ending, such as a lost connection.
  public static func check(
    _ connection: borrowing Connection
  ) throws(PostgresError) -> [ContractViolation] {
    guard connection.serverVersion >= Migrator.oldestServerVersion else {
      return [.serverTooOld(version: connection.serverVersion)]
    }
    var violations: [ContractViolation] = []
    let encoding = connection.parameterStatus("server_encoding") ?? "unknown"
    if encoding != "UTF8" { violations.append(.serverEncoding(encoding)) }
    violations += try ledgerViolations(connection)
    violations += try sourceViolations(connection)
    return violations
  }

  private static func ledgerViolations(
    _ connection: borrowing Connection
  ) throws(PostgresError) -> [ContractViolation] {
    var violations: [ContractViolation] = []
    do throws(MigrationError) {
      let known = Int32(RedressSQL.migrations.count)
      let applied = Int32(try Migrator().appliedCount(connection))
      if applied == 0 { return [.ledgerMissing] }
      if applied < known { violations.append(.ledgerBehind(version: applied, known: known)) }
    } catch {
      switch error {
      case .edited(let number, let name, _, _):
        violations.append(.ledgerEdited(number: number, name: name))
      case .unknown(let number, _, let known):
        violations.append(.ledgerAhead(version: number, known: known))
      case .gap(let missing, _):
        violations.append(.ledgerGap(missing: missing))
      case .postgres(let error) where error.sqlState == "42501":
        return [.ledgerUnreadable]
      case .postgres(let error):
        throw error
      case .serverTooOld, .serverEncoding, .refused, .ledgerIsBusy, .sourceTablesInTheWay:
        preconditionFailure("reading what is applied does not throw \(error)")
      }
    }
    violations += try connection.rows(
      .missingLedgerPrivileges,
      [
        .textArray(ledgerPrivileges.map(\.relation)), .textArray(ledgerPrivileges.map(\.privilege)),
      ]
    ) { row in
      ContractViolation.ledgerPrivilege(
        relation: try row.string(0), privilege: try row.string(1))
    }
    return violations
  }

  /// What the catalogue says about one expected column.
  private struct Found {
    let schemaIsUsable: Bool?
    let relationExists: Bool
    let columnExists: Bool
    let type: String
    let isReadable: Bool
  }

  private static func sourceViolations(
    _ connection: borrowing Connection
  ) throws(PostgresError) -> [ContractViolation] {
    let found = try connection.rows(
      .sourceColumns,
      [.textArray(columns.map(\.relation)), .textArray(columns.map(\.name))]
    ) { row in
      Found(
        schemaIsUsable: row.isNull(0) ? nil : try row.bool(0), relationExists: try row.bool(1),
        columnExists: try row.bool(2), type: row.isNull(3) ? "" : try row.string(3),
        isReadable: try row.bool(4))
    }
    precondition(found.count == columns.count, "one row for each column")
    guard let schemaIsUsable = found.first?.schemaIsUsable else { return [.sourceMissing] }
    guard schemaIsUsable else { return [.sourceUnusable] }

    var violations: [ContractViolation] = []
    for relation in relations {
      let pairs = zip(columns, found).filter { $0.0.relation == relation }
      guard pairs.contains(where: { $0.1.relationExists }) else {
        violations.append(.relationMissing(relation: relation))
        continue
      }
      var ofRelation: [ContractViolation] = []
      let isClosed = pairs.allSatisfy { !$0.1.columnExists || !$0.1.isReadable }
      if isClosed, pairs.contains(where: { $0.1.columnExists }) {
        ofRelation.append(.relationPrivilege(relation: relation))
      }
      for (column, found) in pairs {
        guard found.columnExists else {
          ofRelation.append(
            .columnMissing(relation: relation, column: column.name, type: column.type))
          continue
        }
        if found.type != column.type {
          ofRelation.append(
            .columnType(
              relation: relation, column: column.name, found: found.type, expected: column.type))
        }
        if !found.isReadable, !isClosed {
          ofRelation.append(.columnPrivilege(relation: relation, column: column.name))
        }
      }
      if ofRelation.isEmpty, let violation = try trial(connection, relation) {
        ofRelation.append(violation)
      }
      violations += ofRelation
    }
    return violations
  }

  /// Asks the relation for no rows, which makes the server check the privileges below a view as well.
  private static func trial(
    _ connection: borrowing Connection, _ relation: String
  ) throws(PostgresError) -> ContractViolation? {
    let names = columns.filter { $0.relation == relation }.map(\.name).joined(separator: ", ")
    let isNested = connection.transactionStatus == .inTransaction
    if isNested { try connection.execute("SAVEPOINT source_trial") }
    do throws(PostgresError) {
      try connection.execute(
        "SELECT \(names) FROM redress_source.\(relation) LIMIT 0", name: "trial of \(relation)")
      if isNested { try connection.execute("RELEASE SAVEPOINT source_trial") }
      return nil
    } catch {
      guard error.kind == .server else { throw error }
      if isNested { try connection.execute("ROLLBACK TO SAVEPOINT source_trial") }
      return .relationUnusable(
        relation: relation, sqlState: error.sqlState ?? "", message: error.message)
    }
  }
}
