import FoundationEssentials
import Testing

/// A way to make the program fail, and its output: `fixtures/errors/NAME.txt`.
struct ErrorCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Run by the owner before the command. `THIS` means the database's name.
  var sql: [String] = []
  /// Files in the folder of the case.
  var files: [String: String] = [:]
  /// Commands that must succeed before.
  var before: [[String]] = []
  /// `FOLDER` means the case's own folder, which exists.
  let arguments: [String]
  var environment: [String: String] = [:]
  /// Standard output, if not a pipe: `/dev/full`, or `-` for closed.
  var output: String?

  var testDescription: String { name }

  init(
    _ name: String, _ arguments: String..., sql: [String] = [], files: [String: String] = [:],
    before: [[String]] = [], environment: [String: String] = [:], output: String? = nil
  ) {
    self.name = name
    self.arguments = arguments
    self.sql = sql
    self.files = files
    self.before = before
    self.environment = environment
    self.output = output
  }

  /// One customer with 1000.00 USD a month, and a P0 of five hours.
  static let source = [
    "INSERT INTO redress_source.customer VALUES ('C', 'Customer', 'business', 'UTC')",
    "INSERT INTO redress_source.service VALUES ('S', 'Service')",
    """
    INSERT INTO redress_source.subscription_term
    VALUES ('SUB', 'C', 'S', 'standard', 1000, 'USD', '2026-01-01Z')
    """,
    """
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
    VALUES ('INC', 'Incident', 'P0', 'resolved', '2026-10-05 08:00Z', '2026-10-05 13:00Z')
    """,
    """
    INSERT INTO redress_source.outage VALUES ('INC', 'P0', 'S', NULL, '2026-10-05 08:00Z', '2026-10-05 13:00Z')
    """,
  ]

  /// The run on the next day.
  static let night = [
    "run", "--output", "FOLDER", "--as-of", "2026-11-01", "--approve-limits", "--approved-by=tests",
    "--reason=first load",
  ]

  static func policy(_ percent: String) -> String {
    """
    versions:
      - version: one
        effective_from: 2026-01-01
        time_zone: UTC
        tiers:
          - {severity: P0, longer_than: 1h, credit: \(percent)}

    """
  }

  static let all: [ErrorCase] =
    usages + connections + refusals + schemas + runs + files + reports + notices
    + explanations + mapping + handovers

  private static let usages = [
    ErrorCase("command-missing"),
    ErrorCase("command-near-miss", "rnu"),
    ErrorCase("command-unknown", "frobnicate"),
    ErrorCase("subcommand-near-miss", "policy", "chek", "policy.yaml"),
    ErrorCase("option-near-miss", "run", "--mont", "2026-10"),
    ErrorCase("option-without-value", "run", "--database"),
    ErrorCase("argument-unexpected", "run", "2026-10"),
    ErrorCase("argument-with-password", "run", "postgresql://night:geheim@db/billing"),
    ErrorCase("argument-missing", "policy", "check"),
    ErrorCase("month-with-slash", "run", "--month", "2026/10"),
    ErrorCase("month-by-name", "run", "--month", "Oct-2026"),
    ErrorCase("month-too-large", "run", "--month", "2026-13"),
    ErrorCase("month-with-day", "run", "--month", "2026-10-05"),
    ErrorCase("month-word", "run", "--month", "lastmonth"),
    ErrorCase("time-word", "run", "--as-of", "yesteday"),
    ErrorCase("time-without-zone", "run", "--as-of", "2026-11-05T02:00:00"),
    ErrorCase("time-no-such-day", "run", "--as-of", "2026-02-30"),
    ErrorCase("months-zero", "run", "--months", "0"),
    ErrorCase("months-no-number", "run", "--months", "three"),
    ErrorCase("log-format-unknown", "run", "--log-format", "xml"),
    ErrorCase("quiet-and-verbose", "run", "--quiet", "--verbose"),
    ErrorCase("report-without-choice", "report"),
  ]

  private static let connections = [
    ErrorCase("no-server", "run", "--database", "host=/nowhere dbname=billing"),
    ErrorCase("no-such-host", "run", "--database", "host=256.0.0.1 dbname=billing"),
    ErrorCase("no-such-database", "run", "--database", "dbname=no_such_database"),
    ErrorCase("no-such-role", "run", "--database", "user=no_such_role"),
    ErrorCase(
      "no-such-service", "run", environment: ["PGSERVICE": "billing", "PGSYSCONFDIR": "/nowhere"]),
    ErrorCase("connection-option-unknown", "run", "--database", "hots=db password=geheim"),
    ErrorCase("connection-string-broken", "run", "--database", "dbname= 'billing"),
    ErrorCase("connection-port", "run", "--database", "host=db port=99999"),
  ]

  private static let refusals = [
    ErrorCase(
      "no-privilege", "run", "--output", "FOLDER", "--database", "user=THIS_guest",
      sql: ["CREATE ROLE THIS_guest LOGIN"]),
    ErrorCase(
      "no-privilege-on-source", "run", "--output", "FOLDER", "--database", "user=THIS_guest",
      sql: [
        "CREATE ROLE THIS_guest LOGIN IN ROLE redress_job",
        "REVOKE ALL ON ALL TABLES IN SCHEMA redress_source FROM PUBLIC, redress_job",
      ]),
    ErrorCase(
      "relation-missing", "run", "--output", "FOLDER",
      sql: ["DROP TABLE redress_source.subscription_term"]),
    ErrorCase(
      "column-missing", "run", "--output", "FOLDER",
      sql: source + ["ALTER TABLE redress_source.subscription_term RENAME COLUMN plan TO tariff"]),
    ErrorCase(
      "view-fails", "run", "--output", "FOLDER",
      sql: source + [
        "ALTER TABLE redress_source.customer RENAME TO account",
        """
        CREATE VIEW redress_source.customer AS
        SELECT customer_id, (1 / (length(name) - 8))::text AS name, tier, time_zone, email
        FROM redress_source.account
        """,
        "GRANT SELECT ON redress_source.customer TO redress_job",
      ]),
    ErrorCase(
      "statement-cancelled", "run", "--output", "FOLDER",
      sql: [
        "ALTER TABLE redress_source.incident RENAME TO ticket",
        """
        CREATE VIEW redress_source.incident AS
        SELECT t.* FROM redress_source.ticket AS t, (SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)) AS slow
        """,
      ]),
    ErrorCase(
      "connections-of-the-role", "run", "--output", "FOLDER", "--database", "user=THIS_guest",
      sql: source + ["CREATE ROLE THIS_guest LOGIN IN ROLE redress_job CONNECTION LIMIT 3"]),
    ErrorCase(
      "connections-of-the-database", "run", "--output", "FOLDER", "--database", "user=THIS_guest",
      sql: source + [
        "CREATE ROLE THIS_guest LOGIN IN ROLE redress_job",
        "ALTER DATABASE THIS CONNECTION LIMIT 3",
      ]),
  ]

  private static let schemas = [
    ErrorCase("ledger-missing", "run", "--output", "FOLDER", sql: ["DROP SCHEMA redress CASCADE"]),
    ErrorCase(
      "ledger-behind", "run", "--output", "FOLDER",
      sql: [
        "DELETE FROM redress.schema_migration WHERE number = (SELECT max(number) FROM redress.schema_migration)"
      ]),
    ErrorCase(
      "ledger-ahead", "run", "--output", "FOLDER",
      sql: [
        "INSERT INTO redress.schema_migration (number, name, digest) VALUES (99, 'future', sha256('x'))"
      ]),
    ErrorCase(
      "ledger-edited", "migrate",
      sql: ["UPDATE redress.schema_migration SET digest = sha256('x') WHERE number = 2"]),
    ErrorCase(
      "ledger-gap", "migrate", sql: ["DELETE FROM redress.schema_migration WHERE number = 2"]),
    ErrorCase(
      "migration-refused", "migrate",
      sql: [
        "DROP SCHEMA redress CASCADE", "CREATE SCHEMA redress",
        "CREATE TABLE redress.run (number integer)",
      ]),
    ErrorCase(
      "citus-missing", "migrate", "--distributed"),
    ErrorCase(
      "source-tables-in-the-way", "migrate", "--with-source-tables",
      sql: ["DROP TABLE redress_source.invoice, redress_source.post_mortem"]),
    ErrorCase(
      "server-encoding", "migrate", "--database", "dbname=THIS_latin",
      sql: [
        """
        CREATE DATABASE THIS_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0
        """
      ]),
  ]

  private static let mapping = [
    ErrorCase("map-near-miss", "map", "apply", "lagoo"),
    ErrorCase("map-hub-without-server", "map", "apply", "lago", "--hub"),
    ErrorCase("map-server-missing", "map", "apply", "lago", "--hub", "--server", "billing"),
    ErrorCase(
      "map-server-unusable", "map", "apply", "lago", "--hub", "--server", "billing",
      sql: [
        "DROP SCHEMA redress_source CASCADE", "CREATE SCHEMA redress_source",
        "CREATE EXTENSION postgres_fdw",
        "CREATE SERVER billing FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'nowhere')",
      ]),
    ErrorCase("map-not-migrated", "map", "apply", "lago", sql: ["DROP SCHEMA redress CASCADE"]),
    ErrorCase("map-relation-in-the-way", "map", "apply", "stripe"),
    ErrorCase(
      "map-tables-missing", "map", "apply", "goalert",
      sql: [
        "DROP SCHEMA redress_source CASCADE", "CREATE SCHEMA redress_source",
        "CREATE TABLE public.services (id uuid)",
      ]),
  ]

  private static let runs = [
    ErrorCase(
      "policy-errors", "run", "--policy", "FOLDER/policy.yaml",
      files: ["policy.yaml": policy("10")]),
    ErrorCase("policy-unreadable", "run", "--policy", "FOLDER/policy.yaml"),
    ErrorCase(
      "policy-time-zone", "run", "--output", "FOLDER", "--policy", "FOLDER/policy.yaml",
      files: [
        "policy.yaml": policy("10%").replacing("UTC", with: "Europe/Atlantis")
      ]),
    ErrorCase(
      "policy-frozen", "run", "--output", "FOLDER", "--policy", "FOLDER/changed.yaml",
      sql: source, files: ["policy.yaml": policy("10%"), "changed.yaml": policy("20%")],
      before: [night + ["--policy", "FOLDER/policy.yaml"]]),
    ErrorCase(
      "held-by-limits", "run", "--output", "FOLDER", "--as-of", "2026-11-01", "--quiet",
      "--policy", "FOLDER/policy.yaml", sql: source,
      files: [
        "policy.yaml": policy("10%")
          + "    limits: {share_of_monthly_fees: 5%, granted: {USD: 99.99}}\n"
      ]),
    ErrorCase(
      "line-without-credit", "run", "--output", "FOLDER", "--as-of", "2026-11-02",
      sql: source + [
        """
        INSERT INTO redress.invoice_line (customer_id, subscription_id, incident_id, currency, line,
          billing_month, placed_at, invoice_id, amount_minor)
        VALUES ('C', 'SUB', 'GHOST', 'USD', 1, '2026-10-01', now(), 'I', -100)
        """,
        // A night reads the months that are noted.
        "INSERT INTO redress.recorded_month VALUES ('GHOST', '2026-10-01', 1)",
      ]),
  ]

  private static let files = [
    ErrorCase("output-missing", "run", "--output", "FOLDER/nowhere"),
    ErrorCase("output-no-folder", "run", "--output", "FOLDER/file", files: ["file": ""]),
    ErrorCase("metrics-folder-missing", "run", "--metrics-file", "FOLDER/nowhere/redress.prom"),
    ErrorCase("metrics-file-is-folder", "run", "--metrics-file", "FOLDER"),
    // A folder has the file's name. The program notices only when it publishes the file.
    ErrorCase(
      "committed-without-files", "run", "--output", "FOLDER", "--as-of", "2026-11-01",
      "--approve-limits", "--approved-by=tests", "--reason=first load", sql: source,
      files: ["credits-run-1.csv/occupied": ""]),
    ErrorCase(
      "files-of-later-runs", "run", "--output", "FOLDER",
      files: ["credits-run-1.csv": "", "totals-run-2.json": ""]),
    ErrorCase("output-full", "policy", "show", output: "/dev/full"),
    ErrorCase("output-closed", "policy", "show", output: "-"),
  ]

  private static let reports = [
    ErrorCase("report-nothing-there", "report", "--run", "1"),
    ErrorCase(
      "report-no-such-run", "report", "--run", "12", sql: source, before: [night]),
    ErrorCase("report-month", "report", "--month", "10/2026"),
    ErrorCase("report-workbook-no-folder", "report", "--run", "1", "--format", "xlsx"),
    ErrorCase(
      "report-workbook-output-missing", "report", "--run", "1", "--format", "xlsx", "--output",
      "FOLDER/nowhere", sql: source, before: [night]),
    ErrorCase("simulate-without-policy", "simulate", "--month", "2026-10"),
    ErrorCase("simulate-policy-missing", "simulate", "--policy", "nowhere.yaml"),
    ErrorCase(
      "simulate-no-ledger", "simulate", "--policy", "FOLDER/new.yaml",
      sql: ["DROP SCHEMA redress CASCADE"], files: ["new.yaml": policy("12%")]),
    ErrorCase("audit-no-such-incident", "audit", "--incident", "INK", sql: source),
    ErrorCase("audit-two-choices", "audit", "--incident", "INC", "--month", "2026-10"),
    ErrorCase("audit-trend", "audit", "--trend", "0"),
  ]

  private static let notices = [
    ErrorCase("notices-without-choice", "notices"),
    ErrorCase("notices-without-folder", "notices", "--run", "1"),
    ErrorCase(
      "notices-sender", "notices", "--run", "1", "--output", "FOLDER", "--from", "Acme Support"),
    ErrorCase(
      "notices-no-such-incident", "notices", "--resolved", "INCC", "--output", "FOLDER",
      sql: source),
    ErrorCase(
      "notices-not-open", "notices", "--initial", "INC", "--output", "FOLDER", sql: source),
    ErrorCase(
      "notices-not-resolved", "notices", "--resolved", "INC", "--output", "FOLDER", "--as-of",
      "2026-10-05T09:00:00Z", sql: source),
    ErrorCase(
      "notices-void", "notices", "--resolved", "INC", "--output", "FOLDER",
      sql: source + ["UPDATE redress_source.incident SET status = 'void'"]),
    ErrorCase(
      "notices-parked", "notices", "--resolved", "INC", "--output", "FOLDER",
      sql: source + ["UPDATE redress_source.outage SET severity = 'SEV1'"]),
    ErrorCase(
      "notices-no-windows", "notices", "--resolved", "INC", "--output", "FOLDER",
      sql: source + ["DELETE FROM redress_source.outage"]),
    ErrorCase(
      "notices-no-policy", "notices", "--resolved", "INC", "--output", "FOLDER", "--policy",
      "FOLDER/policy.yaml", sql: source,
      files: ["policy.yaml": policy("10%").replacing("2026-01-01", with: "2027-01-01")]),
    ErrorCase(
      "notices-templates", "notices", "--run", "1", "--output", "FOLDER", "--templates", "FOLDER",
      files: [
        "resolved.txt": "Dear {{custmer}},\n{{#incidents}}{{serivce}}{{/incident}}\n",
        "initial.html": "<p>{{{customer}}}</p>\n{{#single}}\n", "resolve.html": "<p></p>",
      ]),
    ErrorCase(
      "notices-templates-missing", "notices", "--run", "1", "--output", "FOLDER", "--templates",
      "FOLDER/nowhere"),
    ErrorCase(
      "notices-templates-in-the-way", "notices", "--write-templates", "FOLDER",
      files: ["resolved.txt": "Bonjour"]),
  ]

  private static let explanations = [
    ErrorCase("explain-without-id", "explain", "--month", "2026-10"),
    ErrorCase("explain-no-such-id", "explain", "nobody", sql: source),
    ErrorCase("explain-near-miss", "explain", "--customer", "C", "--incident", "INCC", sql: source),
    ErrorCase(
      "explain-ambiguous", "explain", "SUB",
      sql: source + [
        "INSERT INTO redress_source.customer VALUES ('SUB', 'Other', 'business', 'UTC')"
      ]),
    ErrorCase(
      "explain-belongs-elsewhere", "explain", "--customer", "D", "--subscription", "SUB",
      sql: source + [
        "INSERT INTO redress_source.customer VALUES ('D', 'Other', 'business', 'UTC')"
      ]),
    ErrorCase(
      "explain-not-recorded", "explain", "C", "--database", "user=THIS_guest",
      sql: source + ["CREATE ROLE THIS_guest LOGIN IN ROLE redress_reader"]),
    ErrorCase("explain-timeline", "explain", "C", "--timeline", "--format", "json"),
    ErrorCase("explain-format", "explain", "C", "--format", "htlm"),
  ]

  // MARK: Running it

  /// The command, its output and its exit code. Names that change are written as in the case.
  func transcript(on database: SourceDatabase, in folder: URL) async throws -> String {
    func filled(_ text: String) -> String {
      text.replacing("THIS", with: database.name).replacing("FOLDER", with: folder.path())
    }
    for (name, content) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content.utf8).write(to: file)
    }
    if !sql.isEmpty { try await database.psql(sql.map(filled)) }
    for command in before {
      let finished = try await database.redress(command.map(filled))
      guard finished.exitCode == 0 else {
        throw SourceDatabase.SetupError(description: "\(command): \(finished.errors)")
      }
    }
    let script =
      switch output {
      case nil: "exec \"$@\""
      case "-": "exec \"$@\" >&-"
      case .some(let path): "exec \"$@\" > \(path)"
      }
    let finished = try await run(
      "sh", ["-c", script, "sh", "redress"] + arguments.map(filled),
      environment: database.environment.merging(environment) { $1 })
    let said = (finished.output + finished.errors)
      .replacing(folder.path(), with: "FOLDER").replacing(database.name, with: "THIS")
      .replacing(database.environment["PGHOST"] ?? "?", with: "SOCKET")
    let command = arguments.map { $0.contains(" ") ? "\"\($0)\"" : $0 }.joined(separator: " ")
    return "$ redress \(command)\n\(said)exit code \(finished.exitCode)\n"
  }

  /// Removes what the case created outside its database.
  func cleanUp(_ database: SourceDatabase) async throws {
    let all = sql.joined()
    if all.contains("THIS_latin") {
      try await database.psql("DROP DATABASE \(database.name)_latin")
    }
    if all.contains("THIS_guest") {
      try await database.psql("DROP ROLE \(database.name)_guest")
    }
  }
}
