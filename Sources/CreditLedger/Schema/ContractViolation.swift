/// Something that keeps a command from reading its source or its ledger, or a run from writing.
public enum ContractViolation: Hashable, Sendable {
  /// Libpq's number, 120020 for 12.20. Nothing else was looked at.
  case serverTooOld(version: Int)
  /// The database keeps its text in another encoding than UTF-8.
  case serverEncoding(String)
  /// The server replays another one's changes and takes none itself.
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
  /// The current user may not use the schema `redress` or read what is applied there.
  case ledgerUnreadable(LedgerRole)
  /// The current user lacks a privilege on a relation of `redress`, `SELECT` or `INSERT`, or `EXECUTE` on a function.
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
  /// The relation is all it should be and still refuses a query that reads no row: mostly a view whose owner may not
  /// read what it is made of.
  case relationUnusable(relation: String, sqlState: String, message: String)
  /// Policies would hide rows of a table below the relation from `reader`, who is the user or the owner of a view.
  case rowSecurity(relation: String, table: String, policies: [String], reader: String)
  /// A function in the view of the relation sets `row_security = on` for itself, and reads with the rights of `reader`.
  case hidingFunction(relation: String, function: String, reader: String)
  /// The column changes what a row means, and this program does not read it.
  case columnUnread(relation: String, column: String)
}

/// The role whose rights a command needs in `redress`.
public enum LedgerRole: String, Hashable, Sendable {
  /// Of whoever runs the night.
  case job = "redress_job"
  /// Of whoever only reads.
  case reader = "redress_reader"
}

/// Something about the source that is in order and has to be known.
public enum ContractNote: Hashable, Sendable {
  /// What the relation is made of can be another thing for each session, so the whole source is read by one.
  case oneSession(relation: String, [VolatilePart])
  /// A view converts times with the session's time zone, which is UTC here, and `zone` for others on this database.
  case sessionZone(relation: String, zone: String, conversions: [String])
  /// Foreign tables below the relation are read through sessions of `server`, a name in SQL, that leave out what policies
  /// hide there. `options` are the server's libpq options, empty if it has none.
  case farRowSecurity(relation: String, server: String, options: String)

  public enum VolatilePart: Hashable, Sendable {
    case foreignTable(String, wrapper: String)
    case function(String)
  }
}

/// The database is not what the command needs: everything that is wrong, in the order of the contract.
public struct ContractError: Error, Hashable, Sendable {
  public let violations: [ContractViolation]

  public init(_ violations: [ContractViolation]) { self.violations = violations }
}
