import CreditLedger
import Postgres
import TestSupport
import Testing

/// The parts of the source's views: what hides rows, what differs between sessions, and what
/// depends on the session's time zone.
@Suite("Source makeup")
struct SourceMakeupTests {
  // MARK: Row level security

  /// The role that reads the table of a view, and whether a policy hides rows from it.
  struct Policy: Sendable, CustomTestStringConvertible {
    let name: String
    /// `JOB` reads; `VIEW` owns the view; `TABLE` owns the table, whose policy shows one row of
    /// two.
    let statements: String
    /// The role from which rows are hidden; `nil` if it sees all.
    let hiddenFrom: String?

    var testDescription: String { name }
  }

  static let policies = [
    Policy(
      name: "a table of the source",
      statements:
        "ALTER TABLE public.line SET SCHEMA redress_source; ALTER TABLE redress_source.line RENAME TO service",
      hiddenFrom: "JOB"),
    Policy(
      name: "below a view of another owner",
      statements:
        "CREATE VIEW redress_source.service AS SELECT * FROM public.line; ALTER VIEW redress_source.service OWNER TO VIEW",
      hiddenFrom: "VIEW"),
    Policy(
      name: "below a view in a view",
      statements: """
        CREATE VIEW public.between AS SELECT * FROM public.line; ALTER VIEW public.between OWNER TO VIEW;
        CREATE VIEW redress_source.service AS SELECT * FROM public.between;
        """,
      hiddenFrom: "VIEW"),
    Policy(
      name: "below a view that reads with its user's rights",
      statements: """
        CREATE VIEW redress_source.service WITH (security_invoker = on) AS SELECT * FROM public.line;
        ALTER VIEW redress_source.service OWNER TO TABLE
        """,
      hiddenFrom: "JOB"),
    Policy(
      name: "below a view of the table's owner",
      statements:
        "CREATE VIEW redress_source.service AS SELECT * FROM public.line; ALTER VIEW redress_source.service OWNER TO TABLE",
      hiddenFrom: nil),
    Policy(
      name: "forced on the table's owner",
      statements: """
        ALTER TABLE public.line FORCE ROW LEVEL SECURITY;
        CREATE VIEW redress_source.service AS SELECT * FROM public.line; ALTER VIEW redress_source.service OWNER TO TABLE
        """,
      hiddenFrom: "TABLE"),
    Policy(
      name: "below a view of a role that policies do not hold",
      statements: """
        ALTER ROLE VIEW BYPASSRLS;
        CREATE VIEW redress_source.service AS SELECT * FROM public.line; ALTER VIEW redress_source.service OWNER TO VIEW
        """,
      hiddenFrom: nil),
  ]

  @Test("row level security", arguments: policies)
  func rowSecurity(policy: Policy) throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      func role(_ name: String) -> String { "\(database.name)_\(name.lowercased())" }
      func filled(_ text: String) -> String {
        var text = text
        for name in ["JOB", "VIEW", "TABLE"] {
          text = text.replacing("TO \(name)", with: "TO \(role(name))")
            .replacing("ROLE \(name)", with: "ROLE \(role(name))")
        }
        return text
      }
      let names = ["JOB", "VIEW", "TABLE"].map { role($0) }
      for name in names { try owner.execute("CREATE ROLE \(name)") }
      defer {
        for name in names { try? owner.execute("DROP OWNED BY \(name) CASCADE; DROP ROLE \(name)") }
      }
      try owner.execute(
        """
        GRANT redress_job TO \(role("JOB"));
        DROP TABLE redress_source.service;
        CREATE TABLE public.line (service_id text, name text);
        INSERT INTO public.line VALUES ('S', 'Service'), ('T', 'Other');
        ALTER TABLE public.line ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenants ON public.line USING (service_id = 'S');
        CREATE POLICY also ON public.line USING (false);
        GRANT USAGE, CREATE ON SCHEMA redress_source, public TO \(names.joined(separator: ", "));
        ALTER TABLE public.line OWNER TO \(role("TABLE"));
        GRANT SELECT ON public.line TO \(names.joined(separator: ", "));
        """)
      // A superuser, who owns everything without another owner, sees all rows.
      try owner.execute(filled(policy.statements))
      try owner.execute("GRANT SELECT ON redress_source.service TO redress_job")
      let moved = policy.name == "a table of the source"
      let hidden = policy.hiddenFrom.map { reader -> [ContractViolation] in
        [
          .rowSecurity(
            relation: "service", table: moved ? "redress_source.service" : "public.line",
            policies: ["also", "tenants"], reader: role(reader))
        ]
      }
      #expect(try database.violations(as: role("JOB")) == hidden ?? [])
      let job = try database.connect(as: role("JOB"))
      try job.begin(.reading(), lockTimeoutSeconds: 5)
      #expect(
        try job.refusal("SELECT name FROM redress_source.service")
          == (policy.hiddenFrom == nil ? nil : "42501"))
    }
  }

  @Test("row level security of the ledger")
  func ledgerRowSecurity() throws {
    try LedgerDatabase.with { database in
      try database.connect().execute(
        """
        ALTER TABLE redress.credit_revision ENABLE ROW LEVEL SECURITY;
        CREATE POLICY everybody ON redress.credit_revision USING (true);
        """)
      #expect(
        try database.violations(as: "redress_job")
          == [.ledgerRowSecurity(relation: "credit_revision")])
      #expect(try database.violations() == [])
    }
  }

  // MARK: One moment

  /// A relation, and its parts that may differ between sessions.
  struct Makeup: Sendable, CustomTestStringConvertible {
    let name: String
    let statements: String
    let parts: [ContractNote.VolatilePart]

    var testDescription: String { name }
  }

  static let makeups = [
    Makeup(name: "a plain view", statements: view("SELECT * FROM public.line"), parts: []),
    Makeup(
      name: "a stable function",
      statements: """
        CREATE FUNCTION public.label(id text) RETURNS text LANGUAGE sql STABLE AS $$SELECT 'x'$$;
        \(view("SELECT service_id, public.label(service_id) AS name FROM public.line WHERE now() > '2026-01-01'"))
        """, parts: []),
    Makeup(
      name: "a volatile function of PostgreSQL, in a view below",
      statements: """
        CREATE VIEW public.between AS SELECT l.* FROM public.line AS l, LATERAL (SELECT pg_sleep(0)) AS s;
        \(view("SELECT * FROM public.between"))
        """, parts: [.function("pg_sleep(double precision)")]),
    Makeup(
      name: "a function that says nothing of itself",
      statements: """
        CREATE FUNCTION public.label(id text) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$;
        \(view("SELECT service_id, public.label(service_id) AS name FROM public.line"))
        """, parts: [.function("public.label(text)")]),
    Makeup(
      name: "a volatile function in a materialized view, which has been read",
      statements: """
        CREATE MATERIALIZED VIEW public.stored AS SELECT service_id, name || random() AS name FROM public.line;
        \(view("SELECT * FROM public.stored"))
        """, parts: []),
    Makeup(
      name: "foreign tables, one of them a partition",
      statements: """
        CREATE EXTENSION postgres_fdw;
        CREATE EXTENSION file_fdw;
        CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'nowhere');
        CREATE SERVER disk FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE public.file (service_id text, name text) SERVER disk
          OPTIONS (filename '/dev/null');
        CREATE TABLE public.parts (service_id text, name text) PARTITION BY LIST (service_id);
        CREATE FOREIGN TABLE public.far PARTITION OF public.parts FOR VALUES IN ('far') SERVER far;
        CREATE TABLE public.near PARTITION OF public.parts DEFAULT;
        \(view("SELECT * FROM public.near UNION ALL SELECT * FROM public.file UNION ALL SELECT * FROM public.parts WHERE service_id = 'S'"))
        """,
      parts: [
        .foreignTable("public.far", wrapper: "postgres_fdw"),
        .foreignTable("public.file", wrapper: "file_fdw"),
      ]),
    Makeup(
      name: "a sample",
      statements: view("SELECT * FROM public.line TABLESAMPLE bernoulli (50)"),
      parts: [.function("bernoulli(internal)")]),
  ]

  private static func view(_ query: String) -> String {
    "CREATE VIEW redress_source.service AS \(query)"
  }

  @Test("what sessions would see differently", arguments: makeups)
  func makeup(makeup: Makeup) throws {
    try LedgerDatabase.with { database in
      try database.connect().execute(
        """
        ALTER TABLE redress_source.service SET SCHEMA public; ALTER TABLE public.service RENAME TO line;
        \(makeup.statements)
        """)
      let connection = try database.connect()
      try connection.begin(.reading(), lockTimeoutSeconds: 5)
      let examination = try ContractExamination(connection, needs: .reading)
      #expect(examination.violations == [])
      var notes: [ContractNote] =
        makeup.parts.isEmpty ? [] : [.oneSession(relation: "service", makeup.parts)]
      if makeup.parts.contains(.foreignTable("public.far", wrapper: "postgres_fdw")) {
        notes.append(.farRowSecurity(relation: "service", server: "far", options: ""))
      }
      #expect(examination.notes == notes)
      #expect(examination.needsOneSession == !makeup.parts.isEmpty)
    }
  }

  // MARK: What would be left out in silence

  /// The options of a foreign server, and whether its sessions may filter rows.
  static let farOptions: [(options: String?, mayFilter: Bool)] = [
    (nil, true),
    ("-c search_path=far", true),
    ("-c row_security=off", false),
    ("--row-security=OFF -c search_path=far", false),
    ("-c row_security=on", true),
    ("-c row_security=off -c row_security=on", true),
    ("-c row_security=on -c row_security=off", false),
  ]

  @Test("row security on a foreign server", arguments: farOptions)
  func farRowSecurity(options: String?, mayFilter: Bool) throws {
    try LedgerDatabase.with { database in
      let clause = options.map { ", options '\($0)'" } ?? ""
      try database.connect().execute(
        """
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER "Far away" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'nowhere'\(clause));
        CREATE USER MAPPING FOR CURRENT_USER SERVER "Far away";
        DROP TABLE redress_source.service;
        CREATE FOREIGN TABLE public.far (service_id text, name text) SERVER "Far away";
        CREATE VIEW redress_source.service AS SELECT * FROM public.far;
        """)
      let examination = try ContractExamination(database.connect(), needs: .reading)
      let expected = ContractNote.farRowSecurity(
        relation: "service", server: "\"Far away\"", options: options ?? "")
      #expect(examination.notes.contains(expected) == mayFilter)
    }
  }

  @Test("a function that sets row_security for itself, unless it reads with the rights to see all")
  func hidingFunction() throws {
    try LedgerDatabase.with { database in
      let job = "\(database.name)_job"
      let owner = try database.connect()
      try owner.execute("CREATE ROLE \(job)")
      defer { try? owner.execute("DROP OWNED BY \(job) CASCADE; DROP ROLE \(job)") }
      try owner.execute(
        """
        GRANT redress_job TO \(job);
        DROP TABLE redress_source.service;
        CREATE FUNCTION public.services() RETURNS TABLE (service_id text, name text) LANGUAGE sql STABLE
          SET row_security = on AS $$SELECT 'S', 'Service'$$;
        CREATE VIEW redress_source.service AS SELECT * FROM public.services();
        GRANT USAGE ON SCHEMA redress_source TO \(job);
        GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO \(job);
        """)
      let seesAll = try database.connect()
      #expect(try ContractExamination(seesAll, needs: .reading).violations == [])
      let connection = try database.connect()
      try connection.execute("SET ROLE \(job)")
      try connection.begin(.reading(), lockTimeoutSeconds: 5)
      #expect(
        try ContractExamination(connection, needs: .reading).violations == [
          .hidingFunction(relation: "service", function: "public.services()", reader: job)
        ])
    }
  }

  @Test(
    "a column that need not be there has its type where it is",
    arguments: [("outage", "share"), ("invoice", "applied_credit")],
    [("numeric", true), ("numeric(3,2)", true), ("double precision", false)])
  func optionalColumn(column: (relation: String, name: String), type: (String, isSound: Bool))
    throws
  {
    try LedgerDatabase.with { database in
      try database.connect().execute(
        "ALTER TABLE redress_source.\(column.relation) ADD COLUMN \(column.name) \(type.0)")
      #expect(
        try ContractExamination(database.connect(), needs: .reading).violations
          == (type.isSound
            ? []
            : [
              .columnType(
                relation: column.relation, column: column.name, found: type.0, expected: "numeric")
            ]))
    }
  }

  // MARK: Time zones

  static let conversions: [(expression: String, conversion: String?)] = [
    ("local::timestamptz", "timestamp to timestamptz"),
    ("local::date::timestamptz", "date to timestamptz"),
    ("(local::text)::timestamptz", "text to timestamptz"),
    ("date_trunc('day', fixed)", "date_trunc(text, timestamptz)"),
    ("to_timestamp(local::text, 'YYYY-MM-DD')", "to_timestamp(text, text)"),
    ("local AT TIME ZONE 'Europe/Berlin'", nil),
    ("to_timestamp(1790000000)", nil),
    ("fixed", nil),
    ("fixed + interval '1 hour'", nil),
  ]

  @Test("conversions with the session's time zone", arguments: conversions)
  func sessionZone(expression: String, conversion: String?) throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      try owner.execute(
        """
        DROP TABLE redress_source.post_mortem;
        CREATE TABLE public.report (incident_id text, local timestamp, fixed timestamptz);
        CREATE VIEW redress_source.post_mortem AS
          SELECT incident_id, \(expression) AS completed_at FROM public.report;
        ALTER DATABASE \(database.name) SET TimeZone = 'Etc/UTC';
        """)
      #expect(try ContractExamination(database.connect(), needs: .reading).notes == [])
      try owner.execute("ALTER DATABASE \(database.name) SET TimeZone = 'Europe/Berlin'")
      let notes = try ContractExamination(database.connect(), needs: .reading).notes
      #expect(
        notes
          == (conversion.map {
            [.sessionZone(relation: "post_mortem", zone: "Europe/Berlin", conversions: [$0])]
          } ?? []))
    }
  }
}
