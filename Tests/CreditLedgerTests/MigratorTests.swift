import CreditLedger
import Digests
import Postgres
import RedressSQL
import TestSupport
import Testing

@Suite("Migrator")
struct MigratorTests {
  private static let count = RedressSQL.migrations.count

  @Test("applies everything once, with digests, and nothing the second time")
  func repeatable() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      #expect(try Migrator().appliedCount(connection) == 0)
      let first = try Migrator().migrate(connection)
      #expect(first.applied == RedressSQL.migrations)
      #expect(first.version == Int32(Self.count))
      #expect(first.sourceTables == .notAskedFor)
      let second = try Migrator().migrate(connection)
      #expect(second.applied == [])
      #expect(second.version == first.version)
      #expect(try Migrator().appliedCount(connection) == Self.count)
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', number, name, encode(digest, 'hex'))
          FROM redress.schema_migration ORDER BY number
          """)
          == RedressSQL.migrations.map {
            "\($0.number) \($0.name) \(SHA256.hash($0.bytes).hex)"
          })
    }
  }

  @Test("goes on from where an older program stopped")
  func goesOn() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      let older = Migrator(migrations: Array(RedressSQL.migrations.dropLast()))
      _ = try older.migrate(connection)
      let outcome = try Migrator().migrate(connection)
      #expect(outcome.applied == RedressSQL.migrations.suffix(1))
      guard
        case .unknown(let number, let name, let known)? = failure(of: older, connection)
      else {
        Issue.record("an older program went on with a newer schema")
        return
      }
      #expect(number == Int32(Self.count))
      #expect(name == RedressSQL.migrations.last?.name)
      #expect(known == Int32(Self.count - 1))
    }
  }

  /// If lines are counted while others are added, the count stays wrong for ever.
  @Test("waits for invoicing that has begun, and lets none begin", arguments: [1, 2])
  func waitsForOthers(_ lock: Int) throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      _ = try Migrator(migrations: Array(RedressSQL.migrations.dropLast())).migrate(connection)
      let other = try database.connect()
      // A run takes both locks; invoicing takes the second one, shared.
      let shared = lock == 2 ? "_shared" : ""
      try other.execute("BEGIN; SELECT pg_advisory_xact_lock\(shared)(1380209235, \(lock))")
      let migrating = InBackground {
        try Migrator().migrate(try database.connect()).applied.count
      }
      while try connection.value(
        """
        SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND objid = \(lock) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """) == "0"
      {}
      #expect(
        try connection.value("SELECT max(number)::text FROM redress.schema_migration")
          == "\(Self.count - 1)")
      try other.execute("COMMIT")
      #expect(try migrating.value() == 1)
    }
  }

  @Test("a schema that is up to date is said to be so beside a run")
  func besideARun() throws {
    try LedgerDatabase.with { database in
      let run = try database.connect()
      try run.execute(
        "BEGIN; SELECT pg_advisory_xact_lock(1380209235, 1), pg_advisory_xact_lock(1380209235, 2)")
      #expect(try Migrator().migrate(try database.connect()).applied == [])
    }
  }

  @Test("migrations and their functions work whatever plpgsql is told to complain about")
  func strictFunctions() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      try database.connect().execute(
        """
        ALTER DATABASE \(database.name) SET plpgsql.extra_errors = 'all';
        ALTER DATABASE \(database.name) SET plpgsql.extra_warnings = 'all';
        ALTER DATABASE \(database.name) SET default_transaction_read_only = on;
        ALTER DATABASE \(database.name) SET default_transaction_isolation = serializable
        """)
      let connection = try database.connect()
      #expect(
        try Migrator().migrate(connection, withSourceTables: true).applied.count == Self.count)
      // As other programs call them, without any settings.
      let caller = try database.connect()
      try caller.execute("SET default_transaction_read_only = off")
      #expect(
        try caller.value("SELECT redress.month_start('America/New_York', '2026-10-01')::text")
          .hasPrefix("2026-10-01"))
      try caller.execute(
        """
        SELECT FROM redress.place_on_invoice('n', 'c', 'USD', 10);
        SELECT FROM redress.release_invoice('n')
        """)
      #expect(caller.takeNotices().map(\.message) == [])
    }
  }

  @Test("refuses a recorded migration that was edited")
  func edited() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      var migrations = RedressSQL.migrations
      let last = migrations.removeLast()
      _ = try Migrator(migrations: migrations).migrate(connection)
      migrations[0] = RedressSQL.Migration(
        number: 1, name: migrations[0].name, bytes: migrations[0].bytes + Array("\n".utf8))
      guard
        case .edited(let number, _, let recorded, let carried)? = failure(
          of: Migrator(migrations: migrations + [last]), connection)
      else {
        Issue.record("an edited migration was accepted")
        return
      }
      #expect(number == 1)
      #expect(recorded == SHA256.hash(RedressSQL.migrations[0].bytes))
      #expect(carried == SHA256.hash(migrations[0].bytes))
      #expect(
        try connection.value("SELECT max(number)::text FROM redress.schema_migration")
          == "\(Self.count - 1)")
    }
  }

  @Test("refuses a record with a hole")
  func gap() throws {
    try LedgerDatabase.with { database in
      let connection = try database.connect()
      try connection.execute("DELETE FROM redress.schema_migration WHERE number = 2")
      guard
        case .gap(let missing, let recorded)? = failure(of: Migrator(), connection)
      else {
        Issue.record("a hole was accepted")
        return
      }
      #expect(missing == 2)
      #expect(recorded == 3)
    }
  }

  @Test("a migration that fails leaves nothing of itself and all before it")
  func refused() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      let broken = RedressSQL.Migration(
        number: Int32(Self.count + 1), name: "broken",
        bytes: Array("CREATE TABLE redress.half (id text);\nSELECT 1 / 0;\n".utf8))
      guard
        case .refused(let fileName, let cause)? = failure(
          of: Migrator(migrations: RedressSQL.migrations + [broken]), connection)
      else {
        Issue.record("a broken migration was accepted")
        return
      }
      #expect(fileName == "00\(Self.count + 1)_broken.sql")
      #expect(cause.sqlState == "22012")
      #expect(connection.transactionStatus == .idle)
      #expect(try Migrator().appliedCount(connection) == Self.count)
      #expect(try connection.value("SELECT to_regclass('redress.half')::text") == "∅")
    }
  }

  @Test("several at once apply each migration once")
  func severalAtOnce() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let migrators = (0..<4).map { _ in
        InBackground {
          try Migrator().migrate(try database.connect(), withSourceTables: true)
        }
      }
      let outcomes = try migrators.map { try $0.value() }
      #expect(outcomes.flatMap(\.applied).map(\.number).sorted() == Array(1...Int32(Self.count)))
      #expect(outcomes.filter { $0.sourceTables == .created }.count == 1)
      #expect(outcomes.filter { $0.sourceTables == .alreadyThere }.count == 3)
    }
  }

  @Test("source tables: created when asked for, left alone when there, refused in part")
  func sourceTables() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      _ = try Migrator().migrate(connection)
      #expect(try connection.value("SELECT to_regclass('redress_source.customer')::text") == "∅")
      try connection.execute(
        """
        CREATE VIEW redress_source.customer AS SELECT 'acme' AS customer_id;
        CREATE TABLE redress_source.unrelated (id text);
        """)
      guard
        case .sourceTablesInTheWay(let present, let missing)? = failure(
          of: Migrator(), connection, withSourceTables: true)
      else {
        Issue.record("tables were created beside a view")
        return
      }
      #expect(present == ["customer"])
      #expect(missing == SourceContract.relations.filter { $0 != "customer" })
      try connection.execute("DROP VIEW redress_source.customer")
      #expect(try Migrator().migrate(connection, withSourceTables: true).sourceTables == .created)
      try connection.execute("INSERT INTO redress_source.service VALUES ('mail', 'Mail')")
      #expect(
        try Migrator().migrate(connection, withSourceTables: true).sourceTables == .alreadyThere)
      #expect(try connection.value("SELECT name FROM redress_source.service") == "Mail")
    }
  }

  @Test("a database in another encoding is refused before anything is done")
  func encoding() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let name = database.name + "latin1"
      try database.connect().execute(
        """
        CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'
        """)
      defer { try? database.connect().execute("DROP DATABASE \(name) WITH (FORCE)") }
      let target = ConnectionTarget(
        conninfo: database.database.conninfo + " dbname=\(name)", applicationName: "redress tests")
      let connection = try Connection(target)
      guard
        case .serverEncoding(let encoding)? = failure(of: Migrator(), connection)
      else {
        Issue.record("LATIN1 was accepted")
        return
      }
      #expect(encoding == "LATIN1")
      #expect(try connection.value("SELECT to_regnamespace('redress')::text") == "∅")
      #expect(
        try ContractExamination(connection, needs: .run).violations == [
          .serverEncoding("LATIN1"), .ledgerMissing, .sourceMissing,
        ])
    }
  }

  @Test("no superuser is needed, and a source schema of another owner is left as it is")
  func plainOwner() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let superuser = try database.connect()
      let migrator = "\(database.name)_migrator"
      let other = "\(database.name)_other"
      // The three roles exist since the first migration of this cluster, or the owner may create
      // them.
      try superuser.execute(
        """
        CREATE ROLE \(migrator) CREATEROLE;
        CREATE ROLE \(other);
        GRANT CREATE ON DATABASE \(database.name) TO \(migrator);
        CREATE SCHEMA redress_source AUTHORIZATION \(other);
        COMMENT ON SCHEMA redress_source IS 'ours';
        """)
      defer {
        try? superuser.execute(
          "DROP OWNED BY \(migrator), \(other) CASCADE; DROP ROLE \(migrator), \(other)")
      }
      let connection = try database.connect(as: migrator)
      let outcome = try Migrator().migrate(connection)
      #expect(outcome.applied.count == Self.count)
      #expect(connection.takeNotices().contains { $0.message.contains("redress_source") })
      #expect(
        try superuser.value(
          "SELECT obj_description('redress_source'::regnamespace, 'pg_namespace')") == "ours")
      #expect(
        try database.violations(as: "redress_job") == [.sourceUnusable(.job)])
    }
  }

  private func failure(
    of migrator: Migrator, _ connection: borrowing Connection, withSourceTables: Bool = false
  ) -> MigrationError? {
    do throws(MigrationError) {
      _ = try migrator.migrate(connection, withSourceTables: withSourceTables)
      return nil
    } catch {
      return error
    }
  }
}
