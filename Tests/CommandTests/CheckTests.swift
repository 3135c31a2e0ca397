import FoundationEssentials
import Testing

/// `redress check`, which says what a run would stumble over and changes nothing.
struct CheckTests {
  /// A check's answer on a database that `statements` have changed.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var statements: [String] = []
    var arguments: [String] = []
    let exitCode: Int32
    /// Parts of the output, each of which must be there.
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
        "problem  ledger      schema redress: it has not been created", "Run `redress migrate`",
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
      contains: ["migration 2 (months_and_invoices) was applied with other content"]),
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
        "Cast it in the view: amount_due::numeric.", "ok       source      redress_source.customer",
        "skipped  data",
      ]),
    Case(
      name: "a role that may only read",
      arguments: ["--database", "options='-c role=redress_reader'"],
      exitCode: 1,
      contains: [
        "problem  privileges  redress.credit: this user lacks INSERT",
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

  /// The data findings are those of a run, and nothing is changed.
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
