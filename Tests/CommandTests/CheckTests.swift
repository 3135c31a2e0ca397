import FoundationEssentials
import Testing

/// `redress check` reports what would stop a run, and changes nothing.
struct CheckTests {
  /// The output of a check on a database after `statements`.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var statements: [String] = []
    var arguments: [String] = []
    let exitCode: Int32
    /// Each must be a part of the output.
    let contains: [String]

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "everything in order", exitCode: 0,
      contains: [
        "ok       connection", "ok       server      PostgreSQL ", "ok       ledger      ",
        "ok       source      redress_source.customer: customer_id text, name text, ",
        "ok       source      redress_source.action_item: ", "ok       privileges  postgres: ",
        "ok       policy      built-in policy, version outage-response-1: in force from 2025-01-01",
        "ok       data        0 customers, 0 subscriptions: nothing to review",
      ]),
    Case(
      name: "no ledger", statements: ["DROP SCHEMA redress CASCADE"], exitCode: 1,
      contains: [
        "problem  ledger      schema redress: it has not been created", "with `redress migrate`",
        "skipped  privileges", "skipped  data",
      ]),
    Case(
      name: "ledger behind",
      statements: ["DELETE FROM redress.schema_migration WHERE number > 2"], exitCode: 1,
      contains: ["problem  ledger      schema redress: it has version 2"]),
    Case(
      name: "migration edited",
      statements: ["UPDATE redress.schema_migration SET digest = sha256('x') WHERE number = 2"],
      exitCode: 1,
      contains: ["migration 2 (months) was applied with other content"]),
    Case(
      name: "source missing", statements: ["DROP SCHEMA redress_source CASCADE"], exitCode: 1,
      contains: ["problem  source      schema redress_source: it does not exist"]),
    Case(
      name: "everything wrong with the source at once",
      statements: [
        "DROP TABLE redress_source.post_mortem",
        "ALTER TABLE redress_source.outage DROP COLUMN service_id",
        "ALTER TABLE redress_source.invoice ALTER COLUMN amount_due TYPE text",
      ],
      exitCode: 1,
      contains: [
        "redress_source.post_mortem: it does not exist",
        "redress_source.outage.service_id: it does not exist",
        "redress_source.invoice.amount_due: its type is text instead of numeric",
        "Write amount_due::numeric in the view if every value is a plain number in these units.",
        "ok       source      redress_source.customer",
        "skipped  data",
      ]),
    Case(
      name: "a role that may only read",
      arguments: ["--database", "options='-c role=redress_reader'"],
      exitCode: 1,
      contains: [
        "problem  privileges  redress.credit_revision: this user lacks INSERT",
        "problem  privileges  schema redress_source: this user may not use it",
        "skipped  source", "skipped  data",
      ]),
    Case(
      name: "the role of the job", arguments: ["--database", "options='-c role=redress_job'"],
      exitCode: 0, contains: ["ok       privileges"]),
    Case(
      name: "no such database", arguments: ["--database", "dbname=redress_nowhere"], exitCode: 1,
      contains: [
        "problem  connection", "redress_nowhere", "skipped  policy", "skipped  data",
      ]),
    Case(
      name: "a policy file with errors",
      arguments: [
        "--policy",
        Checkout.fixtures.appending(path: "policy-errors/many-at-once.yaml").path(),
      ],
      exitCode: 64,
      contains: [
        "ok       privileges", "problem  policy      ", "many-at-once.yaml:11:14: ",
        "skipped  data",
      ]),
    Case(
      name: "a time zone that the server does not know",
      arguments: [
        "--policy",
        Checkout.fixtures.appending(path: "policy-errors/unknown-time-zone.yaml").path(),
      ],
      exitCode: 64, contains: ["problem  policy      ", "unknown-time-zone.yaml:3:57: "]),
    Case(
      name: "a used version with other content",
      statements: [
        """
        INSERT INTO redress.policy_version
        VALUES ('outage-response-1', sha256('x'), 'x', '2025-01-01', 'UTC', 1)
        """
      ],
      exitCode: 64,
      contains: [
        "problem  policy      version outage-response-1: a committed run has used this version"
      ]),
    Case(
      name: "transactions that only read unless they say otherwise",
      arguments: ["--database", "options='-c default_transaction_read_only=on'"], exitCode: 0,
      contains: ["ok       privileges"]),
    Case(
      name: "a night that would be held",
      statements: ErrorCase.source + [
        "UPDATE redress_source.subscription_term SET valid_from = '2026-10-02Z', valid_to = '2026-10-20Z'"
      ],
      arguments: ["--as-of", "2026-11-01"], exitCode: 4,
      contains: [
        "ok       data        1 customers, 1 subscriptions: nothing to review",
        "problem  data        limits: this run would be held: granted 250.00 USD, and may come to 0.00 USD (50 % of the monthly fees, 0.00 USD)",
      ]),
    Case(
      name: "held and with findings",
      statements: ErrorCase.source + [
        "UPDATE redress_source.subscription_term SET valid_from = '2026-10-02Z', valid_to = '2026-10-20Z'",
        "INSERT INTO redress_source.service VALUES ('T', 'Other')",
        "INSERT INTO redress_source.exclusion VALUES ('X', 'customer_fault', 'S', NULL, '2026-10-02Z', '2026-10-01Z')",
      ],
      arguments: ["--as-of", "2026-11-01"], exitCode: 4,
      contains: ["reversed_window", "this run would be held"]),
    Case(
      name: "a function in a view that names a table without its schema",
      statements: ErrorCase.source + [
        "CREATE TABLE public.zone_of (customer_id text, tz text)",
        """
        CREATE FUNCTION public.tz(c text) RETURNS text LANGUAGE plpgsql STABLE AS
        'BEGIN RETURN (SELECT tz FROM zone_of WHERE customer_id = c); END'
        """,
        "ALTER TABLE redress_source.customer SET SCHEMA public",
        """
        CREATE VIEW redress_source.customer AS
        SELECT customer_id, name, tier, public.tz(customer_id) AS time_zone, email FROM public.customer
        """,
      ],
      exitCode: 1,
      contains: [
        #"problem  data        the database refused a statement: relation "zone_of" does not exist"#,
        "Context: PL/pgSQL function public.tz(text)", "search_path = pg_catalog, pg_temp",
        "ALTER FUNCTION",
      ]),
    Case(
      name: "the same, where the server sees it before it runs",
      statements: [
        "CREATE TABLE public.zone_of (customer_id text, tz text)",
        """
        CREATE FUNCTION public.tz(c text) RETURNS text LANGUAGE sql STABLE AS
        'SELECT tz FROM zone_of WHERE customer_id = c'
        """,
        "ALTER TABLE redress_source.customer SET SCHEMA public",
        """
        CREATE VIEW redress_source.customer AS
        SELECT customer_id, name, tier, public.tz(customer_id) AS time_zone, email FROM public.customer
        """,
      ],
      exitCode: 1,
      contains: [
        #"redress_source.customer: the server refuses to read it: relation "zone_of" does not exist"#,
        "search_path = pg_catalog, pg_temp",
      ]),
    Case(
      name: "a view that casts local times, in a database with a zone of its own",
      statements: [
        "DROP TABLE redress_source.post_mortem",
        "CREATE TABLE public.report (incident_id text, done timestamp)",
        """
        CREATE VIEW redress_source.post_mortem AS
        SELECT incident_id, done::timestamptz AS completed_at FROM public.report
        """,
        "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = %L', current_database(), 'Europe/Berlin'); END$$",
      ],
      exitCode: 0,
      contains: [
        "note     source      redress_source.post_mortem: the view converts times with the session's time zone",
        "and Europe/Berlin for this user's other sessions",
        "started_at AT TIME ZONE 'Europe/Berlin'.",
      ]),
    Case(
      name: "types whose value depends on what is meant",
      statements: [
        "ALTER TABLE redress_source.subscription_term ALTER COLUMN monthly_fee TYPE bigint",
        "ALTER TABLE redress_source.outage ALTER COLUMN started_at TYPE timestamp",
        "ALTER TABLE redress_source.outage ALTER COLUMN ended_at TYPE bigint USING 0",
        "ALTER TABLE redress_source.incident ALTER COLUMN started_at TYPE date",
        "ALTER TABLE redress_source.incident ALTER COLUMN widespread DROP DEFAULT, ALTER COLUMN widespread TYPE integer USING 0",
        "ALTER TABLE redress_source.invoice ALTER COLUMN amount_due TYPE double precision",
        "ALTER TABLE redress_source.invoice ALTER COLUMN issue_on TYPE timestamptz",
        "ALTER TABLE redress_source.service ALTER COLUMN service_id TYPE uuid USING NULL",
        "ALTER TABLE redress_source.incident_event ALTER COLUMN level TYPE smallint",
      ],
      exitCode: 1,
      contains: [
        "Write monthly_fee / 100.0 in the view if it holds cents, or monthly_fee::numeric if it holds whole units.",
        "started_at AT TIME ZONE 'Europe/Berlin', for example. A cast would take its times for UTC.",
        "Write to_timestamp(ended_at) in the view if it counts seconds since 1970, or to_timestamp(ended_at / 1000.0)",
        "(started_at + time '00:00') AT TIME ZONE 'Europe/Berlin'",
        "Write widespread <> 0 in the view",
        "round(amount_due::numeric, 2)", "(issue_on AT TIME ZONE 'Europe/Berlin')::date",
        "Write it as text in the view: service_id::text.", "Write level::integer in the view",
      ]),
    Case(
      name: "a bad row with a hostile id",
      statements: [
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at)
        VALUES (E'a\\u202Eb\\u001B[2J', 'x', 'SEV1', 'open', '2026-10-01+00')
        """
      ],
      exitCode: 3,
      contains: [
        #"problem  data        unknown_severity incident a\u{202e}b\u{1b}[2J: The severity"#,
        "0 customers, 0 subscriptions: 1 finding to review",
      ]),
  ]

  @Test(arguments: cases)
  func check(_ check: Case) async throws {
    try await Slots.shared.with {
      let database = try await SourceDatabase()
      if !check.statements.isEmpty { try await database.psql(check.statements) }
      let finished = try await database.redress(["check"] + check.arguments)
      #expect(finished.exitCode == check.exitCode, "\(finished.output)\(finished.errors)")
      for part in check.contains {
        #expect(finished.output.contains(part), "\(part) is not in\n\(finished.output)")
      }
    }
  }

  /// The check has the same findings as a run, and nothing is changed.
  @Test func findingsAreThoseOfARun() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "bad-rows"))
        let options = ["--as-of", "2026-11-02T00:00:00Z"]
        let before = try await database.rows(CheckTests.activity)
        let checked = try await database.redress(["check", "--format", "jsonl"] + options)
        #expect(checked.exitCode == 3, "\(checked.errors)")
        let after = try await database.rows(CheckTests.activity)
        #expect(before.rows == after.rows)

        let ran = try await database.redress(
          ["run", "--quiet", "--output", folder.path()] + options)
        #expect(ran.exitCode == 3, "\(ran.errors)")
        let file = folder.appending(path: "findings-run-1.csv")
        let findings = try #require(Table(csv: try String(contentsOf: file, encoding: .utf8)))
        let lines = checked.output.split(separator: "\n").filter {
          $0.contains(#""section":"data""#) && !$0.contains(#""code":null"#)
        }
        #expect(lines.count == findings.rows.count)
        for (line, finding) in zip(lines, findings.rows) {
          #expect(line.contains(#""code":"\#(finding[0])""#))
          #expect(line.contains(#""subject":"\#(finding[1]) \#(finding[2])""#))
          #expect(line.contains(#""remedy":"\#(finding[4])""#))
        }
      }
    }
  }

  private static let activity = """
    SELECT (SELECT count(*) FROM redress.run), (SELECT count(*) FROM redress.credit),
      (SELECT count(*) FROM redress.finding), (SELECT count(*) FROM redress.incident_evidence),
      (SELECT count(*) FROM redress.policy_version), (SELECT count(*) FROM redress.invoice_adjustment)
    """
}
