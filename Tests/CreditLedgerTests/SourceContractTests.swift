import CreditLedger
import Postgres
import RedressSQL
import Testing

@Suite("Source contract")
struct SourceContractTests {
  @Test("the plain tables fulfil it, for the job and for nobody else")
  func plainTables() throws {
    try LedgerDatabase.with { database in
      #expect(try database.violations(as: "redress_job") == [])
      let reader = try database.violations(as: "redress_reader")
      #expect(
        reader == [
          .ledgerPrivilege(relation: "run", privilege: "INSERT"),
          .ledgerPrivilege(relation: "run_digest", privilege: "INSERT"),
          .ledgerPrivilege(relation: "credit", privilege: "INSERT"),
          .ledgerPrivilege(relation: "invoice_adjustment", privilege: "INSERT"),
          .ledgerPrivilege(relation: "policy_version", privilege: "INSERT"),
          .ledgerPrivilege(relation: "policy_file", privilege: "INSERT"),
          .ledgerPrivilege(relation: "incident_evidence", privilege: "INSERT"),
          .ledgerPrivilege(relation: "finding", privilege: "INSERT"), .sourceUnusable,
        ])
    }
  }

  @Test("an empty database")
  func empty() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let violations = try database.violations()
      #expect(violations == [.ledgerMissing, .sourceMissing])
    }
  }

  @Test("everything that is wrong is said at once")
  func everything() throws {
    try LedgerDatabase.with { database in
      try database.connect().execute(
        """
        DROP TABLE redress_source.service;
        ALTER TABLE redress_source.customer DROP COLUMN email;
        ALTER TABLE redress_source.customer ALTER COLUMN customer_id TYPE bigint USING 1;
        ALTER TABLE redress_source.subscription_term ALTER COLUMN monthly_fee TYPE double precision;
        ALTER TABLE redress_source.incident ALTER COLUMN started_at TYPE timestamp;
        ALTER TABLE redress_source.incident ALTER COLUMN title TYPE text[] USING ARRAY[title];
        REVOKE SELECT ON redress_source.invoice FROM redress_job;
        REVOKE SELECT ON redress_source.exclusion FROM redress_job;
        GRANT SELECT (exclusion_id, kind, service_id, customer_id, started_at, ended_at)
          ON redress_source.exclusion TO redress_job;
        REVOKE INSERT ON redress.credit FROM redress_job;
        REVOKE SELECT ON redress.entitlement FROM redress_job;
        UPDATE redress.schema_migration SET digest = decode(repeat('00', 32), 'hex') WHERE number = 2;
        """)
      let time = "timestamp with time zone"
      #expect(
        try database.violations(as: "redress_job") == [
          .ledgerEdited(number: 2, name: "months_and_invoices"),
          .ledgerPrivilege(relation: "credit", privilege: "INSERT"),
          .ledgerPrivilege(relation: "entitlement", privilege: "SELECT"),
          .columnType(
            relation: "customer", column: "customer_id", found: "bigint", expected: "text"),
          .columnMissing(relation: "customer", column: "email", type: "text"),
          .relationMissing(relation: "service"),
          .columnType(
            relation: "subscription_term", column: "monthly_fee", found: "double precision",
            expected: "numeric"),
          .columnType(relation: "incident", column: "title", found: "text[]", expected: "text"),
          .columnType(
            relation: "incident", column: "started_at", found: "timestamp without time zone",
            expected: time),
          .columnPrivilege(relation: "exclusion", column: "announced_at"),
          .relationPrivilege(relation: "invoice"),
        ])
    }
  }

  @Test("the version of the ledger")
  func version() throws {
    try LedgerDatabase.with(isMigrated: false) { database in
      let connection = try database.connect()
      let known = Int32(RedressSQL.migrations.count)
      _ = try Migrator(migrations: Array(RedressSQL.migrations.dropLast())).migrate(connection)
      #expect(
        try SourceContract.check(connection).first
          == .ledgerBehind(version: known - 1, known: known))
      _ = try Migrator(
        migrations: RedressSQL.migrations + [
          RedressSQL.Migration(number: known + 1, name: "later", bytes: Array("SELECT 1".utf8))
        ]
      ).migrate(connection)
      try connection.execute("DROP SCHEMA redress_source")
      #expect(
        try SourceContract.check(connection) == [
          .ledgerAhead(version: known + 1, known: known), .sourceMissing,
        ])
      try connection.execute("CREATE ROLE \(database.name)_nobody")
      defer { try? connection.execute("DROP ROLE \(database.name)_nobody") }
      #expect(
        try database.violations(as: "\(database.name)_nobody") == [
          .ledgerUnreadable, .sourceMissing,
        ])
    }
  }

  @Test("views over tables with other ids, names and types")
  func views() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let owner = try database.connect()
      try owner.execute(RedressSQLText.sourceTables)
      try owner.execute(
        """
        CREATE DOMAIN public.plan_name AS varchar(20);
        CREATE TABLE public.service (id uuid, label varchar(40));
        CREATE TABLE public.clients (id bigint, name public.plan_name, added timestamptz);
        DROP TABLE redress_source.service, redress_source.customer;
        CREATE VIEW redress_source.service AS
          SELECT id::text AS service_id, label AS name FROM public.service;
        CREATE VIEW redress_source.customer AS
          SELECT id::text AS customer_id, name, name AS tier, NULL::text AS time_zone,
            NULL::text AS email, added
          FROM public.clients;
        GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO redress_job;
        """)
      let job = try database.connect(as: "redress_job")
      #expect(try SourceContract.check(job) == [])

      // As good as it looks in the catalogue, and still closed to its own owner.
      let broker = "\(database.name)_broker"
      try owner.execute("CREATE ROLE \(broker); GRANT CREATE ON SCHEMA redress_source TO \(broker)")
      defer { try? owner.execute("DROP OWNED BY \(broker) CASCADE; DROP ROLE \(broker)") }
      try owner.execute("ALTER VIEW redress_source.service OWNER TO \(broker)")
      let expected: [ContractViolation] = [
        .relationUnusable(
          relation: "service", sqlState: "42501", message: "permission denied for table service")
      ]
      #expect(try SourceContract.check(job) == expected)
      try job.execute("BEGIN")
      #expect(try SourceContract.check(job) == expected)
      #expect(job.transactionStatus == .inTransaction)
      try job.execute("COMMIT")
    }
  }
}

enum RedressSQLText {
  static var sourceTables: String { String(decoding: RedressSQL.sourceTables, as: UTF8.self) }
}
