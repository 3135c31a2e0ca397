/// The SQL that the program carries with it, byte for byte as in the files of this folder.
public enum RedressSQL {
  /// A step that brings the owned schema from one version to the next.
  public struct Migration: Hashable, Sendable {
    /// Position in the sequence, from 1 without gaps; also the schema's version once it is applied.
    public let number: Int32
    /// The file's name without its number and ending.
    public let name: String
    /// The file's bytes: SQL in UTF-8, any number of statements.
    public let bytes: [UInt8]

    /// `0001_ledger.sql`: the file's name in `sql/migrations`.
    public var fileName: String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_\(name).sql"
    }

    public init(number: Int32, name: String, bytes: [UInt8]) {
      self.number = number
      self.name = name
      self.bytes = bytes
    }
  }

  /// Every migration, in the order in which they are applied.
  public static let migrations: [Migration] = [
    Migration(number: 1, name: "ledger", bytes: PackageResources._001_ledger_sql),
    Migration(
      number: 2, name: "months_and_invoices", bytes: PackageResources._002_months_and_invoices_sql),
    Migration(number: 3, name: "roles", bytes: PackageResources._003_roles_sql),
  ]

  /// The plain source tables, for operators who have no such data elsewhere. SQL in UTF-8, several statements.
  public static var sourceTables: [UInt8] { PackageResources._001_source_tables_sql }

  /// The name of that file in `sql/source`.
  public static let sourceTablesFileName = "0001_source_tables.sql"

  /// One statement of `sql/queries`, by the name of its file.
  public enum Query: String, CaseIterable, Sendable {
    case appliedMigrations = "applied_migrations"
    case migrationLock = "migration_lock"
    case missingLedgerPrivileges = "missing_ledger_privileges"
    case recordMigration = "record_migration"
    case schemaIsThere = "schema_is_there"
    case sourceColumns = "source_columns"
    case sourceRelations = "source_relations"

    /// The statement with its header comment.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes of the file.
    public var bytes: [UInt8] {
      switch self {
      case .appliedMigrations: PackageResources.applied_migrations_sql
      case .migrationLock: PackageResources.migration_lock_sql
      case .missingLedgerPrivileges: PackageResources.missing_ledger_privileges_sql
      case .recordMigration: PackageResources.record_migration_sql
      case .schemaIsThere: PackageResources.schema_is_there_sql
      case .sourceColumns: PackageResources.source_columns_sql
      case .sourceRelations: PackageResources.source_relations_sql
      }
    }
  }
}
