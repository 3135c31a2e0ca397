import FoundationEssentials
import Testing

/// Every command in the README must work as it is printed.
struct ReadmeTests {
  /// The views over tables with other names, integer ids and amounts in cents.
  @Test func viewsOverOwnTables() async throws {
    let database = try await SourceDatabase(migratedWith: [])
    try await database.psql([ReadmeTests.ownTables])
    let views = try ReadmeTests.code(in: "sql", below: "### Map your own tables")
    try await database.psql([views])

    try await withTemporaryFolder { folder in
      let finished = try await database.redress(
        [
          "run", "--output", folder.path(percentEncoded: false), "--quiet", "--as-of",
          "2026-11-01T06:00:00Z",
        ])
      #expect(finished.exitCode == 0, "\(finished.errors)")
    }
    let credits = try await database.rows(
      """
      SELECT customer_id, subscription_id, incident_id, currency, amount, placed_minor
      FROM redress.entitlement ORDER BY customer_id
      """)
    // 10 % of 1234.56, and of 83.33, on the one invoice that is neither sent nor cancelled.
    #expect(
      credits.rows == [
        ["10", "77002", "INC-2041", "EUR", "8.33", "0"],
        ["8812", "77001", "INC-2041", "USD", "123.46", "12346"],
      ])
  }

  private static let ownTables = """
    CREATE SCHEMA crm;
    CREATE SCHEMA ops;
    CREATE SCHEMA billing;
    CREATE TABLE crm.account (
      id bigint PRIMARY KEY, company text, segment text, tz text, billing_email text);
    CREATE TABLE crm.credit_request (account_id integer, ticket_number integer, received_at timestamptz);
    CREATE TABLE crm.product (product_code text PRIMARY KEY, label text);
    CREATE TABLE crm.contract_phase (
      contract_id bigint, account_id bigint, product_code text, price_list text,
      cents_per_month bigint, currency text, starts_at timestamptz, ends_at timestamptz);
    CREATE TABLE ops.ticket (
      number integer PRIMARY KEY, summary text, priority integer, state text,
      opened_at timestamptz, acknowledged_at timestamptz, closed_at timestamptz, cause text);
    CREATE TABLE ops.ticket_impact (
      ticket_number integer, priority integer, product_code text, account_id bigint,
      began_at timestamptz, ended_at timestamptz);
    CREATE TABLE billing.invoice (
      id bigint PRIMARY KEY, account_id bigint, currency text, cancelled boolean, sent boolean,
      due_on date, total_cents bigint);
    INSERT INTO crm.account VALUES
      (8812, 'Alder Valley', 'Enterprise', 'America/New_York', 'finance@alder.example'),
      (10, 'Tarn Hows Dairy', 'starter', NULL, NULL);
    INSERT INTO crm.product VALUES ('api', 'Public API');
    INSERT INTO crm.contract_phase VALUES
      (77001, 8812, 'api', 'business', 123456, 'usd', '2026-01-01 00:00Z', NULL),
      (77002, 10, 'api', 'starter', 8333, 'eur', '2026-01-01 00:00Z', NULL);
    INSERT INTO ops.ticket VALUES
      (2041, 'API down', 1, 'closed', '2026-10-05 08:00Z', '2026-10-05 08:05Z', '2026-10-05 10:00Z', 'A switch'),
      (2042, 'A mistake', 1, 'rejected', '2026-10-06 08:00Z', NULL, NULL, NULL);
    INSERT INTO ops.ticket_impact VALUES
      (2041, 1, 'api', NULL, '2026-10-05 08:00Z', '2026-10-05 10:00Z'),
      (2042, 1, 'api', NULL, '2026-10-06 08:00Z', '2026-10-06 10:00Z');
    INSERT INTO billing.invoice VALUES
      (1, 8812, 'usd', false, true, '2026-10-01', 123456),
      (2, 8812, 'usd', true, false, '2026-11-01', 123456),
      (3, 8812, 'usd', false, false, '2026-11-05', 123456);
    """

  // MARK: The demo

  /// Calls `body` after the demo's month and the night of the tutorial.
  private func withDemo(
    _ body: (SourceDatabase, URL, Finished) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        let files = folder.appending(path: "files")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let run = try await database.redress(
          ["run", "--as-of", "2026-11-02T04:30:00Z", "--output", files.path()])
        #expect(run.exitCode == 3, "\(run.errors)")
        try await body(database, folder, run)
      }
    }
  }

  /// The tutorial shows the real output.
  @Test func theTutorialShowsWhatComesOut() async throws {
    let shown = try ReadmeTests.code(in: "text", below: "## Try it").split(separator: "\n")
    try await withDemo { _, folder, run in
      #expect(
        run.errors.replacing(folder.appending(path: "files").path(), with: ".demo/files")
          == shown[0] + "\n")
      let csv = try String(
        contentsOf: folder.appending(path: "files/credits-run-1.csv"), encoding: .utf8)
      let credits = try #require(Table(csv: csv))
      func cells(_ line: Substring) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).map {
          $0.split(separator: " ").joined(separator: " ")
        }
      }
      let columns = try cells(shown[1]).map { try #require(credits.columns.firstIndex(of: $0)) }
      let rows = shown.dropFirst(3).map(cells)
      #expect(!rows.isEmpty)
      for row in rows {
        let isThere = credits.rows.contains { credit in
          zip(row, columns).allSatisfy { cell, column in
            // Names are cut to 24 characters.
            credit[column] == cell || (cell.count == 24 && credit[column].hasPrefix(cell))
          }
        }
        #expect(isThere, "\(row)")
      }
    }
  }

  /// Runs every command of the how-tos, unchanged, on the month of the demo.
  @Test func everyCommandWorksWhenPasted() async throws {
    let blocks = try ReadmeTests.blocks(below: "## How to", until: "## Reference")
    let commands = blocks.filter { block in
      // Commands for systemd would change the machine. The views have their own test.
      !block.code.contains("systemctl") && !block.code.contains("CREATE VIEW")
    }
    #expect(commands.filter { $0.language == "sh" }.count >= 8)
    #expect(commands.filter { $0.language == "sql" }.count >= 4)
    try await withDemo { database, folder, _ in
      func moved(_ code: String) -> String {
        code.replacing("/tmp/", with: folder.path() + "/")
          .replacing("/var/lib/redress", with: folder.path() + "/files")
          .replacing("redress_night", with: "\(database.name)_night")
      }
      for block in commands where block.language == "sql" {
        let output = try await database.psql(moved(block.code))
        if block.code.contains("SELECT") {
          #expect(output.split(separator: "\n").count > 1, "\(block.code)")
        }
      }
      for block in commands where block.language == "sh" {
        for line in moved(block.code).split(separator: "\n") {
          let finished = try await CommandTests.run(
            "sh", ["-c", "cd '\(folder.path())' && \(line)"], environment: database.environment)
          if line.contains("--approve ") {
            // The digest is an example's; ApprovalTests approves real ones.
            #expect(finished.errors.contains("no held run has left a proposal"), "\(line)")
            continue
          }
          // Exit code 3 means done with findings; this month has many.
          #expect([0, 3].contains(finished.exitCode), "\(line): \(finished.errors)")
        }
      }
      let systemd = try #require(blocks.first { $0.code.contains("systemctl") })
      #expect(try await CommandTests.run("sh", ["-n", "-c", systemd.code]).exitCode == 0)
      try await database.psql("DROP ROLE \(database.name)_night")
    }
  }

  /// Checks the alert rules, if Prometheus is installed.
  @Test func theAlertsAreSound() async throws {
    let rules = try ReadmeTests.code(in: "yaml", below: "### Watch it")
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "redress.yaml")
      try Data((rules + "\n").utf8).write(to: file)
      let checked = try await CommandTests.run(
        "sh",
        [
          "-c", "command -v promtool > /dev/null || exit 0; promtool check rules \"$1\"", "sh",
          file.path(),
        ])
      #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")
    }
    let source = try ["CreditRun/Run/RunMetrics", "ProcedureAudits/AuditMetrics"].map {
      try String(
        contentsOf: Checkout.root.appending(path: "Sources/\($0).swift"), encoding: .utf8)
    }.joined()
    for word in rules.split(whereSeparator: { !($0.isLetter || $0 == "_") })
    where word.hasPrefix("redress_") {
      #expect(source.contains(word), "no metric is called \(word)")
    }
  }

  /// Every command in the help has a row in the table.
  @Test func everyCommandIsInTheTable() async throws {
    let readme = try ReadmeTests.readme()
    for command in [
      "migrate", "check", "policy", "run", "report", "verify", "explain", "notices", "findings",
    ] {
      #expect(readme.contains("| `redress \(command)"), "\(command)")
    }
  }

  // MARK: Reading it

  private static func readme() throws -> String {
    try String(contentsOf: Checkout.root.appending(path: "README.md"), encoding: .utf8)
  }

  /// Every block of code between two headings.
  private static func blocks(
    below start: String, until end: String
  ) throws -> [(language: String, code: String)] {
    var blocks: [(language: String, code: String)] = []
    var isOpen = false
    let lines = try readme().split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.drop(while: { $0 != start }).prefix(while: { $0 != end }) {
      if line.hasPrefix("```") {
        isOpen.toggle()
        if isOpen { blocks.append((String(line.dropFirst(3)), "")) }
      } else if isOpen {
        blocks[blocks.count - 1].code += line + "\n"
      }
    }
    return blocks
  }

  /// The first block of code in this language below a heading.
  private static func code(in language: String, below heading: String) throws -> String {
    let lines = try readme().split(separator: "\n", omittingEmptySubsequences: false)
    let block =
      lines
      .drop { $0 != heading }
      .drop { $0 != "```\(language)" }
      .dropFirst()
      .prefix { $0 != "```" }
    try #require(!block.isEmpty, "README.md has no \(language) below \(heading)")
    return block.joined(separator: "\n")
  }
}
