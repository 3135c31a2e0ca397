public import Digests
public import Postgres
public import RedressSQL

/// Why the schema could not be examined or migrated.
public enum MigrationError: Error, Sendable {
  /// An error of the server or of the connection, outside of a migration's own statements.
  case postgres(PostgresError)
  /// The server is older than the oldest supported version; `version` is in libpq's form, 120020
  /// for 12.20.
  case serverTooOld(version: Int)
  /// The database keeps its text in another encoding than UTF-8.
  case serverEncoding(String)
  /// The server is a standby: it replays the changes of another server and accepts no writes.
  case standby
  /// The file of an applied migration has different bytes than when it was applied.
  case edited(number: Int32, recordedName: String, recorded: SHA256Digest, carried: SHA256Digest)
  /// A newer program has migrated this database. Its schema may have another meaning.
  case unknown(number: Int32, recordedName: String, newestKnown: Int32)
  /// A migration is recorded though an earlier one is not.
  case gap(missing: Int32, recorded: Int32)
  /// The server refused a migration, which was rolled back. `PostgresError.position` counts
  /// characters of the file.
  case refused(fileName: String, PostgresError)
  /// A run or a transaction of the invoicing system held its lock for longer than a migration
  /// waits.
  case ledgerIsBusy(waitedSeconds: Int)
  /// Some source relations exist and others do not, so the plain tables were not created.
  case sourceTablesInTheWay(present: [String], missing: [String])
  /// The ledger was to be distributed, and the database has no extension citus.
  case citusMissing
  /// The ledger was to be distributed, and this is not the node that distributes.
  case notCoordinator
  /// The server refused to distribute a table.
  case notDistributed(table: String, PostgresError)
}

/// Brings the owned schema to the version that this program carries.
///
/// Each migration runs in its own transaction, which also records it with the SHA-256 digest of its
/// bytes. Two migrators take turns: each transaction takes an advisory lock and then reads what is
/// recorded. A migration takes the locks of runs and of invoicing, so it waits until they have
/// ended.
public struct Migrator: Sendable {
  /// The oldest supported server version, in libpq's form.
  public static let oldestServerVersion = 130_000

  /// How many migrations this program carries.
  public static var knownCount: Int { RedressSQL.migrations.count }

  /// How long a migration waits for a run, for invoicing, or for a session that uses what it
  /// changes.
  private static let lockWaitSeconds = 60

  public enum SourceTables: Hashable, Sendable {
    case notAskedFor
    case created
    /// All of the relations exist, as tables or views; nothing was touched.
    case alreadyThere
  }

  public struct Report: Sendable {
    /// What this call applied, in order; empty if everything was applied already.
    public var applied: [RedressSQL.Migration] = []
    /// The number of the newest applied migration.
    public var version: Int32 = 0
    public var sourceTables = SourceTables.notAskedFor
    /// What this call distributed.
    public var distributed: [String] = []
  }

  /// A row of `redress.schema_migration`.
  struct Recorded: Hashable, Sendable {
    let number: Int32
    let name: String
    let digest: SHA256Digest
  }

  private let migrations: [RedressSQL.Migration]

  /// - Parameter migrations: numbered from 1 without gaps.
  public init(migrations: [RedressSQL.Migration] = RedressSQL.migrations) {
    for (index, migration) in migrations.enumerated() {
      precondition(Int(migration.number) == index + 1, "migrations are numbered from 1")
    }
    self.migrations = migrations
  }

  /// Applies what is not applied yet. Safe to repeat.
  ///
  /// - Parameters:
  ///   - withSourceTables: whether to create the plain tables of `redress_source` as well.
  ///   - distributed: whether to distribute the tables over the nodes of the database afterwards.
  /// - Throws: `MigrationError`. Migrations before the failing one stay applied.
  public func migrate(
    _ connection: borrowing Connection, withSourceTables: Bool = false, distributed: Bool = false
  ) throws(MigrationError) -> Report {
    guard connection.serverVersion >= Migrator.oldestServerVersion else {
      throw .serverTooOld(version: connection.serverVersion)
    }
    let encoding = connection.parameterStatus("server_encoding") ?? "unknown"
    guard encoding == "UTF8" else { throw .serverEncoding(encoding) }
    if distributed { try requireCoordinator(connection) }

    var report = Report()
    while let applied = try applyNext(connection) {
      report.applied.append(applied)
    }
    report.version = migrations.last?.number ?? 0
    if withSourceTables {
      report.sourceTables = try createSourceTables(connection)
    }
    if distributed {
      report.distributed = try distribute(connection, withSourceTables: withSourceTables)
    }
    return report
  }

  /// What is recorded, checked against what this program carries.
  ///
  /// - Returns: how many migrations are applied; they are the first ones.
  /// - Throws: `edited`, `unknown`, `gap` or `postgres`.
  public func appliedCount(_ connection: borrowing Connection) throws(MigrationError) -> Int {
    try check(recorded: recorded(connection))
  }

  private func applyNext(
    _ connection: borrowing Connection
  ) throws(MigrationError) -> RedressSQL.Migration? {
    try inTransaction(connection) { (connection) throws(MigrationError) in
      let count = try check(recorded: recorded(connection))
      guard count < migrations.count else { return nil }
      let migration = migrations[count]
      try keepOthersOut(connection)
      do throws(PostgresError) {
        try connection.execute(
          String(decoding: migration.bytes, as: UTF8.self), name: migration.fileName)
      } catch {
        throw .refused(fileName: migration.fileName, error)
      }
      _ = try rows(
        connection, .recordMigration,
        [
          .int32(migration.number), .text(migration.name),
          .bytes(SHA256.hash(migration.bytes).bytes),
        ]
      ) { _ in }
      return migration
    }
  }

  /// Waits until running runs and invoicing sessions have ended. Takes the locks in the same order
  /// as a run, to avoid deadlocks.
  func keepOthersOut(_ connection: borrowing Connection) throws(MigrationError) {
    do throws(PostgresError) {
      _ = try connection.rows(.runLock) { _ in }
      _ = try connection.rows(.invoicingLock) { _ in }
      if try connection.rows(.hasLedgerLocks, [], { try $0.bool(0) }) == [true] {
        _ = try connection.rows(.placementLock) { _ in }
      }
    } catch {
      guard error.sqlState == "55P03" else { throw .postgres(error) }
      throw .ledgerIsBusy(waitedSeconds: Migrator.lockWaitSeconds)
    }
  }

  private func createSourceTables(
    _ connection: borrowing Connection
  ) throws(MigrationError) -> SourceTables {
    try inTransaction(connection) { (connection) throws(MigrationError) in
      let wanted = SourceContract.relations
      let present = try rows(connection, .sourceRelations, [.textArray(wanted)]) { row in
        try row.string(0)
      }
      guard present.isEmpty else {
        let missing = wanted.filter { !present.contains($0) }
        guard missing.isEmpty else {
          throw .sourceTablesInTheWay(present: present, missing: missing)
        }
        return .alreadyThere
      }
      do throws(PostgresError) {
        try connection.execute(
          String(decoding: RedressSQL.sourceTables, as: UTF8.self), name: "source tables")
      } catch {
        throw .refused(fileName: RedressSQL.sourceTablesFileName, error)
      }
      return .created
    }
  }

  /// Runs `body` while no other migrator is at work, and commits what it did.
  func inTransaction<Result>(
    _ connection: borrowing Connection,
    _ body: (borrowing Connection) throws(MigrationError) -> Result
  ) throws(MigrationError) -> Result {
    do throws(PostgresError) {
      try connection.begin(.writing, lockTimeoutSeconds: Migrator.lockWaitSeconds)
    } catch {
      // "cannot set transaction read-write mode during recovery"
      throw error.sqlState == "0A000" ? .standby : .postgres(error)
    }
    do throws(MigrationError) {
      _ = try rows(connection, .migrationLock) { _ in }
      let result = try body(connection)
      do throws(PostgresError) {
        try connection.commit()
      } catch {
        throw .postgres(error)
      }
      return result
    } catch {
      // The first error is the one to report; a connection that cannot roll back is lost anyway.
      try? connection.rollback()
      throw error
    }
  }

  private func recorded(
    _ connection: borrowing Connection
  ) throws(MigrationError) -> [Recorded] {
    let isThere = try rows(connection, .schemaIsThere) { row in try row.bool(0) }
    guard isThere == [true] else { return [] }
    return try rows(connection, .appliedMigrations) { row in
      guard let digest = SHA256Digest(Array(row.bytes(2))) else {
        preconditionFailure("a CHECK keeps digests at 32 bytes")
      }
      return Recorded(number: try row.int32(0), name: try row.string(1), digest: digest)
    }
  }

  private func check(recorded: [Recorded]) throws(MigrationError) -> Int {
    for (index, row) in recorded.enumerated() {
      guard row.number <= Int32(migrations.count) else {
        throw .unknown(
          number: row.number, recordedName: row.name, newestKnown: Int32(migrations.count))
      }
      guard Int(row.number) == index + 1 else {
        throw .gap(missing: Int32(index + 1), recorded: row.number)
      }
      let carried = SHA256.hash(migrations[index].bytes)
      guard carried == row.digest else {
        throw .edited(
          number: row.number, recordedName: row.name, recorded: row.digest, carried: carried)
      }
    }
    return recorded.count
  }

  func rows<Value>(
    _ connection: borrowing Connection, _ query: RedressSQL.Query, _ parameters: [Parameter] = [],
    _ read: (borrowing Row) throws -> Value
  ) throws(MigrationError) -> [Value] {
    do throws(PostgresError) {
      return try connection.rows(query, parameters, read)
    } catch {
      throw .postgres(error)
    }
  }
}

extension Connection {
  /// All rows of one of the program's own queries, each turned into a value.
  func rows<Value>(
    _ query: RedressSQL.Query, _ parameters: [Parameter] = [],
    _ read: (borrowing Row) throws -> Value
  ) throws(PostgresError) -> [Value] {
    var values: [Value] = []
    do {
      try self.query(query.text, parameters, name: query.rawValue) { row in
        values.append(try read(row))
      }
    } catch let error as PostgresError {
      throw error
    } catch {
      preconditionFailure("only PostgresError is thrown here: \(error)")
    }
    return values
  }
}
