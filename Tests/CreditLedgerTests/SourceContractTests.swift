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
          .ledgerPrivilege(object: "run", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "run_digest", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "credit_revision", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "decision", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "invoice_line", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "policy_version", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "policy_file", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "incident_evidence", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "finding", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "visible_run", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "recorded_month", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "carried_forward", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "proposal", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "staged_credit_revision", privilege: "SELECT", .job),
          .ledgerPrivilege(object: "staged_credit_revision", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "staged_credit_revision", privilege: "DELETE", .job),
          .ledgerPrivilege(object: "staged_decision", privilege: "SELECT", .job),
          .ledgerPrivilege(object: "staged_decision", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "staged_decision", privilege: "DELETE", .job),
          .ledgerPrivilege(object: "staged_invoice_line", privilege: "SELECT", .job),
          .ledgerPrivilege(object: "staged_invoice_line", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "staged_invoice_line", privilege: "DELETE", .job),
          .ledgerPrivilege(object: "staged_carried_forward", privilege: "SELECT", .job),
          .ledgerPrivilege(object: "staged_carried_forward", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "staged_carried_forward", privilege: "DELETE", .job),
          .ledgerPrivilege(object: "staged_evidence", privilege: "SELECT", .job),
          .ledgerPrivilege(object: "staged_evidence", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "staged_evidence", privilege: "DELETE", .job),
          .ledgerPrivilege(object: "try_run_lock()", privilege: "EXECUTE", .job),
          .ledgerPrivilege(object: "keep_invoicing_out()", privilege: "EXECUTE", .job),
          .sourceUnusable(.job),
        ])
      // A user who only reads needs no rights to write.
      #expect(try database.violations(as: "redress_reader", needs: .ledger) == [])
      #expect(
        try database.violations(as: "redress_reader", needs: .reading) == [.sourceUnusable(.reader)]
      )
    }
  }

  @Test("claims may be missing, and are held to the contract where they are there")
  func claims() throws {
    try LedgerDatabase.with { database in
      let connection = try database.connect()
      try connection.execute(
        """
        ALTER TABLE redress_source.claim ALTER COLUMN billing_month TYPE timestamptz;
        ALTER TABLE redress_source.claim DROP COLUMN incident_id;
        """)
      #expect(
        try database.violations(as: "redress_job") == [
          .columnMissing(relation: "claim", column: "incident_id", type: "text"),
          .columnType(
            relation: "claim", column: "billing_month", found: "timestamp with time zone",
            expected: "date"),
        ])
      try connection.execute("DROP TABLE redress_source.claim")
      #expect(try database.violations(as: "redress_job") == [])
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
        REVOKE INSERT ON redress.credit_revision FROM redress_job;
        REVOKE SELECT ON redress.entitlement FROM redress_job;
        REVOKE EXECUTE ON FUNCTION redress.month_start(text, date) FROM redress_job;
        UPDATE redress.schema_migration SET digest = decode(repeat('00', 32), 'hex') WHERE number = 2;
        """)
      let time = "timestamp with time zone"
      #expect(
        try database.violations(as: "redress_job") == [
          .ledgerEdited(number: 2, name: "months"),
          .ledgerPrivilege(object: "entitlement", privilege: "SELECT", .job),
          .ledgerPrivilege(object: "credit_revision", privilege: "INSERT", .job),
          .ledgerPrivilege(object: "month_start(text, date)", privilege: "EXECUTE", .job),
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
          .columnPrivilege(relation: "exclusion", column: "announced_at", .job),
          .relationPrivilege(relation: "invoice", .job),
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
        try database.violations().first
          == .ledgerBehind(version: known - 1, known: known))
      _ = try Migrator(
        migrations: RedressSQL.migrations + [
          RedressSQL.Migration(number: known + 1, name: "later", bytes: Array("SELECT 1".utf8))
        ]
      ).migrate(connection)
      try connection.execute("DROP SCHEMA redress_source")
      #expect(
        try database.violations() == [
          .ledgerAhead(version: known + 1, known: known), .sourceMissing,
        ])
      try connection.execute("CREATE ROLE \(database.name)_nobody")
      defer { try? connection.execute("DROP ROLE \(database.name)_nobody") }
      #expect(
        try database.violations(as: "\(database.name)_nobody") == [
          .ledgerUnreadable(.job), .sourceMissing,
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
      #expect(try database.violations(as: "redress_job") == [])

      // Correct in the catalogue, but its own owner may not read it.
      let broker = "\(database.name)_broker"
      try owner.execute("CREATE ROLE \(broker); GRANT CREATE ON SCHEMA redress_source TO \(broker)")
      defer { try? owner.execute("DROP OWNED BY \(broker) CASCADE; DROP ROLE \(broker)") }
      try owner.execute("ALTER VIEW redress_source.service OWNER TO \(broker)")
      let expected: [ContractViolation] = [
        .relationUnusable(
          relation: "service", sqlState: "42501", message: "permission denied for table service")
      ]
      #expect(try database.violations(as: "redress_job") == expected)
    }
  }

  /// After a refusal the transaction can be used further.
  @Test("inside a transaction", arguments: [false, true])
  func nested(hasLedgerRights: Bool) throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      let role = "\(database.name)_guest"
      // A member that does not inherit has no rights before it takes the role.
      try owner.execute("CREATE ROLE \(role) NOINHERIT IN ROLE redress_job")
      defer { try? owner.execute("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)") }
      if hasLedgerRights {
        try owner.execute("GRANT redress_job TO \(role); ALTER ROLE \(role) INHERIT")
      }
      try owner.execute(
        """
        ALTER TABLE redress_source.service RENAME TO label;
        CREATE VIEW redress_source.service AS SELECT service_id, name FROM redress_source.label;
        CREATE ROLE \(role)_owner; GRANT USAGE, CREATE ON SCHEMA redress_source TO \(role)_owner;
        ALTER VIEW redress_source.service OWNER TO \(role)_owner;
        GRANT SELECT ON redress_source.service TO redress_job;
        """)
      defer { try? owner.execute("DROP OWNED BY \(role)_owner CASCADE; DROP ROLE \(role)_owner") }
      let connection = try database.connect(as: role)
      try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
      let violations = try ContractExamination(connection, needs: .run).violations
      #expect(connection.transactionStatus == .inTransaction)
      #expect(try connection.textRows("SELECT 1") == [["1"]])
      #expect(
        violations
          == (hasLedgerRights
            ? [
              .relationUnusable(
                relation: "service", sqlState: "42501",
                message: "permission denied for table label")
            ] : [.ledgerUnreadable(.job), .sourceUnusable(.job)]))
    }
  }

  @Test("types are compared by what they are, not by how they are written")
  func quotedNames() throws {
    try LedgerDatabase.with { database in
      let connection = try database.connect()
      try connection.execute("SET quote_all_identifiers = on")
      #expect(try ContractExamination(connection, needs: .run).violations == [])
    }
  }

  /// A domain is sent as its base type, so it is accepted like that type.
  @Test("domains")
  func domains() throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      try owner.execute(
        """
        CREATE DOMAIN public.code AS text; CREATE DOMAIN public.short_code AS public.code;
        CREATE DOMAIN public.moment AS timestamptz; CREATE DOMAIN public.price AS numeric(12, 2);
        CREATE DOMAIN public.cents AS bigint; CREATE DOMAIN public.local_time AS timestamp;
        ALTER TABLE redress_source.subscription_term
          ALTER COLUMN plan TYPE public.short_code, ALTER COLUMN monthly_fee TYPE public.price,
          ALTER COLUMN valid_from TYPE public.moment;
        INSERT INTO redress_source.subscription_term VALUES
          ('S', 'C', 'V', 'gold', 12.5, 'USD', '2026-01-01 00:00+00', NULL);
        """)
      #expect(try database.violations() == [])
      var reader = try owner.rowsOut(
        "SELECT plan, monthly_fee, valid_from FROM redress_source.subscription_term")
      #expect(try reader.next())
      #expect(try reader.string(0) == "gold")
      #expect(try reader.numericMicros(1) == .micros(12_500_000))
      #expect(try reader.timestamp(2) == 1_767_225_600_000_000)
      try database.connect().execute(
        """
        ALTER TABLE redress_source.subscription_term
          ALTER COLUMN monthly_fee TYPE public.cents, ALTER COLUMN valid_to TYPE public.local_time;
        """)
      #expect(
        try database.violations() == [
          .columnType(
            relation: "subscription_term", column: "monthly_fee", found: "bigint",
            expected: "numeric"),
          .columnType(
            relation: "subscription_term", column: "valid_to",
            found: "timestamp without time zone", expected: "timestamp with time zone"),
        ])
    }
  }

  @Test("text of other types", arguments: ["name", "character(8)", "public.tier", "bytea", "xml"])
  func notText(type: String) throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      try owner.execute(
        """
        CREATE TYPE public.tier AS ENUM ('gold');
        ALTER TABLE redress_source.customer DROP COLUMN tier;
        ALTER TABLE redress_source.customer ADD COLUMN tier \(type);
        """)
      #expect(
        try database.violations().map { if case .columnType = $0 { true } else { false } } == [true]
      )
    }
  }
}

enum RedressSQLText {
  static var sourceTables: String { String(decoding: RedressSQL.sourceTables, as: UTF8.self) }
}
