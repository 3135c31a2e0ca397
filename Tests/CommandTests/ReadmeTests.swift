import FoundationEssentials
import Testing

/// What the README tells an operator to type has to work as it stands there.
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

  /// The first block of code in this language below a heading.
  private static func code(in language: String, below heading: String) throws -> String {
    let readme = try String(contentsOf: Checkout.root.appending(path: "README.md"), encoding: .utf8)
    let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
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
