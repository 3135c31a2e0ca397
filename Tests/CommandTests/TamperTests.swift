import FoundationEssentials
import Glibc
import Postgres
import TestSupport
import Testing

/// `redress verify` finds a change of any single value in any table of `redress`, without the files
/// of a run. Columns come from the catalogue, so that a new column is tested too.
struct TamperTests {
  /// Columns whose change makes the program refuse to work, with exit code 1, because the schema is
  /// not one that it knows.
  private static let refused: Set<String> = [
    "schema_migration.number", "schema_migration.digest",
  ]

  /// Columns whose values cannot be changed, each with its reason.
  private static let silent: [String: String] = [
    "ledger.is_only_row": "a constraint allows one value only",
    "approval.kind": "a constraint ties it to the proposal, which only one of the two kinds has",
  ]

  /// The built-in promise, and from 2027 on a promise of uptime by month and by quarter, so that the columns of measured
  /// periods have values too.
  private static let measured = """
      - version: measured-1
        effective_from: 2027-01-01
        time_zone: UTC
        base: {fee: billed}
        combine: sum
        rules:
          - {kind: steps, of: uptime, steps: [{below: 99.9%, credit: 10%}]}
          - {kind: steps, of: uptime, per: quarter, steps: [{below: 99.95%, credit: 5%}]}
    """

  /// A ledger in which every table has rows and every column has a value in some row.
  private static let history = Task {
    let database = try await SourceDatabase()
    let folder = FileManager.default.temporaryDirectory.appending(path: "redress-tamper-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await database.psql(
      ReportTests.history + [
        """
        INSERT INTO redress_source.customer (customer_id, name, tier, time_zone)
        VALUES ('d', 'Delta', 'gold', 'Asia/Tokyo');
        INSERT INTO redress_source.subscription_term VALUES
          ('s4', 'd', 'svc', 'basic', 500, 'EUR', '2026-01-01+00', '2026-10-05 04:00+00'),
          ('s4', 'd', 'svc', 'pro', 700, 'EUR', '2026-10-05 04:00+00', NULL);
        INSERT INTO redress_source.customer (customer_id, name, tier) VALUES ('e', 'Echo', 'gold');
        INSERT INTO redress_source.subscription_term VALUES
          ('s5', 'e', 'svc', 'basic', 500, 'CHF', '2026-10-02+00', '2026-10-20+00');
        INSERT INTO redress_source.exclusion VALUES
          ('x', 'customer_fault', NULL, 'd', '2026-10-06+00', '2026-10-07+00', NULL);
        INSERT INTO redress_source.outage (incident_id, severity, customer_id, started_at, ended_at)
        VALUES ('i-bad', 'P0', NULL, '2026-10-08+00', '2026-10-08 01:00+00');
        """,
        TransferredSubscriptionTests.source.replacing(
          "'svc', 'Service'", with: "'svc-2', 'Service'"
        )
        .replacing("'svc'", with: "'svc-2'"),
      ])
    func night(
      _ asOf: String,
      _ options: [String] = ["--approve-limits", "--approved-by=tests", "--reason=first load"]
    ) async throws {
      let finished = try await database.redress(
        ["run", "--quiet", "--as-of", asOf, "--output", folder.path()] + options)
      #expect([0, 3].contains(finished.exitCode), "\(finished.errors)")
    }
    // No fees in francs are in force, so the first night is held.
    let held = try await database.redress([
      "run", "--quiet", "--as-of", "2026-11-01T06:00:00Z", "--csv-bom", "--output", folder.path(),
    ])
    #expect(held.exitCode == 4, "\(held.errors)")
    let proposal = try await database.rows(
      "SELECT encode(digest, 'hex') FROM redress.proposal")
    try await night(
      "2026-11-01T06:00:00Z",
      [
        "--csv-bom", "--approve", proposal.rows[0][0], "--approved-by", "Mara Lind", "--reason",
        "read it",
      ])
    try await database.psql([
      "SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)",
      "SELECT redress.release_invoice('inv-9')",
      "SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 70)",
      """
      UPDATE redress_source.invoice SET status = 'finalized';
      UPDATE redress_source.outage SET ended_at = started_at + interval '5 hours' WHERE incident_id = 'i1';
      UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2';
      """,
    ])
    try await night("2026-11-02T06:00:00Z")
    // The policy that was used, adopted as it is, with a version from October on, and with one that measures periods.
    let used = folder.appending(path: "used.yaml")
    let shown = try await database.redress(["policy", "show"])
    var text = shown.output
    for (further, options) in [
      ("", []), ("\n" + TamperTests.laterVersion, ["--restate-from", "2026-10"]),
      ("\n" + TamperTests.measured, []),
    ] {
      text += further
      try Data(text.utf8).write(to: used)
      let adopted = try await database.redress(
        ["policy", "adopt", used.path(), "--note", "terms", "--as-of", "2026-11-02"] + options)
      #expect(adopted.exitCode == 0, "\(adopted.errors)")
    }
    try await database.psql([
      """
      INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
      VALUES ('m', 'Measured', 'P0', 'resolved', '2027-02-05+00', '2027-02-05 02:00+00');
      INSERT INTO redress_source.outage (incident_id, severity, customer_id, started_at, ended_at)
      VALUES ('m', 'P0', 'c', '2027-02-05+00', '2027-02-05 02:00+00');
      """
    ])
    for month in ["2026-09", "2026-10"] {
      let closed = try await database.redress([
        "close", "--through", month, "--reason", "booked", "--as-of", "2026-11-03",
      ])
      #expect(closed.exitCode == 0, "\(closed.errors)")
    }
    try await settle(database)
    // By then October is a month that a night reads only what is open of, and the quarter is over.
    try await night("2027-04-02T06:00:00Z")
    let verified = try await database.redress(["verify"])
    #expect(verified.exitCode == 0, "\(verified.output)\(verified.errors)")
    return database
  }

  private static let laterVersion = """
      - version: later
        effective_from: 2026-10-30
        time_zone: UTC
        tiers:
          - {severity: P0, longer_than: 1h, credit: 20%}

    """

  /// Decides about what was found, so that the last run has findings that are accepted and others that are not.
  private static func settle(_ database: SourceDatabase) async throws {
    let found = try await database.rows(
      """
      SELECT DISTINCT code, key FROM redress.finding
      WHERE run_id = (SELECT max(run_id) FROM redress.run) ORDER BY code, key
      """)
    #expect(found.rows.count >= 2)
    for (position, row) in found.rows.enumerated() {
      var decisions = [["accept", "--until", position == 0 ? "2027-12-31" : "2026-11-30"]]
      if position == 0 { decisions = [["accept"], ["withdraw"]] + decisions }
      for decision in decisions {
        let finished = try await database.redress(
          ["findings", decision[0], row[0], row[1], "--reason", "as a test"]
            + decision.dropFirst())
        #expect(finished.exitCode == 0, "\(finished.errors)")
      }
    }
  }

  static let tables = [
    "approval", "carried_forward", "credit_revision", "decision", "finding", "finding_acceptance",
    "handover", "incident_evidence", "invoice_line", "ledger", "month_closing", "placement",
    "policy_adoption",
    "policy_file", "policy_version", "proposal", "recorded_month", "run",
    "run_digest", "schema_migration", "visible_run",
  ]

  /// The tables from which nothing is worked out: a note in them saves a run from being counted.
  private static let notes: Set = ["visible_run"]

  /// Whether a column with a value is also set to null. Each column costs a verification. So only
  /// `make soak` tries all; otherwise only columns are tried that another check reads before the
  /// null is reported.
  private static func triesNull(_ table: String, _ column: String) -> Bool {
    getenv("REDRESS_SOAK") != nil
      || ["credit_revision.monthly_fee", "credit_revision.terms", "credit_revision.invoice_id"]
        .contains("\(table).\(column)")
  }

  /// Possible new values. The first one that the table's constraints allow is used.
  private static func changes(_ type: String) -> [String] {
    switch type {
    case "text":
      [
        "v || 'x'", "'P1'", "'reopen'", "CASE v WHEN 'accept' THEN 'withdraw' ELSE 'accept' END",
      ]
    case "integer", "bigint", "numeric": ["v + 1", "v - 1", "v + 1000"]
    case "boolean": ["NOT v"]
    case "timestamp with time zone":
      ["v + interval '1 microsecond'", "v - interval '1 microsecond'"]
    case "date": ["(v + interval '1 month')::date", "(v - interval '1 month')::date", "v + 1"]
    case "bytea": ["set_byte(v, 0, get_byte(v, 0) # 1)"]
    case "uuid": ["gen_random_uuid()"]
    case "json", "jsonb": ["regexp_replace(v::text, '([0-9])', '1\\1')::\(type)"]
    default: []
    }
  }

  /// A value for a column that is null.
  private static func first(_ type: String) -> String? {
    switch type {
    case "text": "'x'"
    case "integer", "bigint", "numeric": "1"
    case "timestamp with time zone": "timestamptz '2026-10-05 00:00+00'"
    case "bytea": "sha256('x')"
    case "json": "'[]'::json"
    default: nil
    }
  }

  @Test func theTablesAreThoseOfTheCatalog() async throws {
    let database = try await TamperTests.history.value
    let found = try await database.rows(
      """
      SELECT relname FROM pg_class
      WHERE relnamespace = 'redress'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
      """)
    // What parts of a run stage is empty between runs, and no part of the ledger. What was observed of a source is a part
    // of that source: each run freezes what it takes from it.
    let others: Set = ["severity_observation", "term_observation"]
    #expect(
      found.rows.map { $0[0] }.filter { !$0.hasPrefix("staged_") && !others.contains($0) }
        == TamperTests.tables)
  }

  /// Some columns of a table. Wide tables are divided, because each column costs a verification.
  struct Share: Sendable, CustomTestStringConvertible {
    let table: String
    let part: Int
    let parts: Int

    var testDescription: String { parts == 1 ? table : "\(table) \(part + 1) of \(parts)" }
  }

  /// Tables whose values are changed by another test, `HandoverRecordTests`.
  private static let elsewhere: Set = ["handover"]

  static let shares = tables.filter { !notes.contains($0) && !elsewhere.contains($0) }.flatMap {
    table in
    let parts =
      ["credit_revision": 4, "decision": 3, "run": 4, "incident_evidence": 2, "invoice_line": 2][
        table] ?? 1
    return (0..<parts).map { Share(table: table, part: $0, parts: parts) }
  }

  @Test(arguments: shares)
  func everySingleValueCounts(_ share: Share) async throws {
    let table = share.table
    let history = try await TamperTests.history.value
    try await Slots.shared.with {
      let copy = try SourceDatabase(copyOf: history)
      let connection = try Connection(copy.target)
      try connection.execute("CREATE TABLE public.untouched AS TABLE redress.\(table)")
      let columns = try connection.textRows(
        """
        SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute
        WHERE attrelid = 'redress.\(table)'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """)
      #expect(columns.count >= share.parts)
      for (index, column) in columns.enumerated() where index % share.parts == share.part {
        guard let name = column[0], let type = column[1] else { continue }
        var kinds: [(isNull: Bool, changes: [String])] = [(false, TamperTests.changes(type))]
        if column[2] == "f", TamperTests.triesNull(table, name) {
          kinds.append((false, ["NULL"]))
          kinds.append((true, [TamperTests.first(type)].compactMap { $0 }))
        }
        var isChanged = false
        for kind in kinds {
          guard
            let change = try kind.changes.first(where: { change in
              try (0..<60).contains { row in
                try apply(
                  "(\(change))::\(type)", to: name, of: table, row: row, whereNull: kind.isNull,
                  connection)
              }
            })
          else { continue }
          isChanged = true
          let place = "\(table).\(name) = \(change)"
          let verified = try await copy.redress(["verify"])
          if TamperTests.refused.contains("\(table).\(name)") {
            #expect(verified.exitCode == 1, "\(place): \(verified.output)")
            #expect(!verified.errors.isEmpty)
          } else {
            #expect(verified.exitCode == 2, "\(place) was not found: \(verified.output)")
          }
          try restore(table, connection)
        }
        let isSilent = TamperTests.silent["\(table).\(name)"] != nil
        #expect(isChanged != isSilent, "\(table).\(name) was \(isChanged ? "" : "not ")changed")
      }
      let verified = try await copy.redress(["verify"])
      #expect(verified.exitCode == 0, "\(table) is not as it was: \(verified.output)")
    }
  }

  /// Changes one row that has a value in the column, or has none if `whereNull`.
  /// - Returns: whether there was such a row and the table's constraints allow the change.
  private func apply(
    _ change: String, to column: String, of table: String, row: Int, whereNull: Bool,
    _ connection: borrowing Connection
  ) throws -> Bool {
    do {
      let changed = try connection.textRows(
        """
        UPDATE redress.\(table) SET \(column) = (SELECT \(change) FROM (SELECT \(column)) AS old (v))
        WHERE ctid = (
          SELECT ctid FROM redress.\(table) WHERE \(column) IS \(whereNull ? "" : "NOT ")NULL
          ORDER BY ctid OFFSET \(row) LIMIT 1)
        RETURNING 1
        """)
      return changed.count == 1
    } catch {
      guard error.sqlState?.hasPrefix("23") ?? false else { throw error }
      return false
    }
  }

  private func restore(_ table: String, _ connection: borrowing Connection) throws {
    try connection.execute(
      """
      BEGIN; DELETE FROM redress.\(table); INSERT INTO redress.\(table) TABLE public.untouched; COMMIT
      """)
  }
}
