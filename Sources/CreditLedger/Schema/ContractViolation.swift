/// Why a command cannot read its source or its ledger, or why a run cannot write.
public enum ContractViolation: Hashable, Sendable {
  /// The version in libpq's form, 120020 for 12.20. Nothing else was examined.
  case serverTooOld(version: Int)
  /// The database keeps its text in another encoding than UTF-8.
  case serverEncoding(String)
  /// The server is a standby: it replays the changes of another server and accepts no writes.
  case standby

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
  /// The current user may not use the schema `redress` or read the applied migrations.
  case ledgerUnreadable(LedgerRole)
  /// The current user lacks a privilege on a relation of `redress`, `SELECT` or `INSERT`, or
  /// `EXECUTE` on a function.
  case ledgerPrivilege(object: String, privilege: String, LedgerRole)
  /// A policy hides rows of a relation of `redress` from the current user.
  case ledgerRowSecurity(relation: String)

  /// There is no schema `redress_source`.
  case sourceMissing
  /// The current user may not use the schema `redress_source`.
  case sourceUnusable(LedgerRole)
  case relationMissing(relation: String)
  case columnMissing(relation: String, column: String, type: String)
  case columnType(relation: String, column: String, found: String, expected: String)
  /// The current user may not read the column.
  case columnPrivilege(relation: String, column: String, LedgerRole)
  /// The current user may not read any column of the relation.
  case relationPrivilege(relation: String, LedgerRole)
  /// The relation has the right columns, but the server refuses a query that reads no row. The
  /// usual cause is a view whose owner may not read its tables.
  case relationUnusable(relation: String, sqlState: String, message: String)
  /// Policies would hide rows of a table below the relation from `reader`, who is the user or the
  /// owner of a view.
  case rowSecurity(relation: String, table: String, policies: [String], reader: String)
  /// A function in the view of the relation sets `row_security = on` for itself, and reads with the
  /// rights of `reader`.
  case hidingFunction(relation: String, function: String, reader: String)
}

/// The role whose rights a command needs in `redress`.
public enum LedgerRole: String, Hashable, Sendable {
  /// For users who run the nightly job.
  case job = "redress_job"
  /// For users who decide for finance.
  case controller = "redress_controller"
  /// For users who only read.
  case reader = "redress_reader"
}

/// A fact about the source that is no violation, but that the operator must know.
public enum ContractNote: Hashable, Sendable {
  /// The relation contains parts that may differ between sessions, so one session reads the whole
  /// source.
  case oneSession(relation: String, [VolatilePart])
  /// A view converts times with the session's time zone. That is UTC in this program's sessions,
  /// and `zone` in other sessions on this database.
  case sessionZone(relation: String, zone: String, conversions: [String])
  /// Foreign tables below the relation are read through sessions of `server`, a name in SQL. These
  /// sessions leave out rows that policies hide there. `options` are the server's libpq options,
  /// empty if it has none.
  case farRowSecurity(relation: String, server: String, options: String)

  public enum VolatilePart: Hashable, Sendable {
    case foreignTable(String, wrapper: String)
    case function(String)
  }
}

/// The database does not meet the needs of the command. Lists all violations, in the order of the
/// contract.
public struct ContractError: Error, Hashable, Sendable {
  public let violations: [ContractViolation]

  public init(_ violations: [ContractViolation]) { self.violations = violations }
}
