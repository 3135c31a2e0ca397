import FoundationEssentials
import Testing

/// A source in which one thing can be wrong. Its tables hold any row: like views, they have no keys
/// and no NOT NULL.
///
/// Customer C1 has SUB1 at 1000 USD a month and a draft V1. C2 has SUB2 at 500 and V2. Incident I1
/// was a P0 of two hours for all customers, so without errors C1 gets 100.00 and C2 gets 50.00.
struct DoubtfulSource {
  let database: SourceDatabase
  let folder: URL

  init(in folder: URL) async throws {
    database = try await SourceDatabase()
    self.folder = folder
    try await database.psql([DoubtfulSource.loosen, DoubtfulSource.story])
  }

  private static let loosen = """
    DO $$
    DECLARE r record;
    BEGIN
      FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
                WHERE connamespace = 'redress_source'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname);
      END LOOP;
      FOR r IN SELECT attrelid::regclass AS t, attname FROM pg_attribute
                 JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
                WHERE relnamespace = 'redress_source'::regnamespace AND attnotnull AND attnum > 0 LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', r.t, r.attname);
      END LOOP;
    END $$
    """

  private static let story = """
    INSERT INTO redress_source.service VALUES ('S', 'Search');
    INSERT INTO redress_source.customer VALUES ('C1', 'One', 'gold', NULL, NULL), ('C2', 'Two', 'gold', NULL, NULL);
    INSERT INTO redress_source.subscription_term VALUES
      ('SUB1', 'C1', 'S', 'basic', 1000, 'USD', '2026-01-01Z', NULL),
      ('SUB2', 'C2', 'S', 'basic', 500, 'USD', '2026-01-01Z', NULL);
    INSERT INTO redress_source.incident VALUES
      ('I1', 'Down', 'P0', 'resolved', '2026-11-10 10:00Z', NULL, '2026-11-10 12:00Z', NULL);
    INSERT INTO redress_source.outage VALUES
      ('I1', 'P0', NULL, NULL, '2026-11-10 10:00Z', '2026-11-10 12:00Z');
    INSERT INTO redress_source.invoice VALUES
      ('V1', 'C1', 'USD', 'draft', '2026-12-01', 700), ('V2', 'C2', 'USD', 'draft', '2026-12-01', 700);
    """

  /// Runs a night and returns its findings, `code relation key`, sorted.
  func night(asOf: String = "2026-11-28T00:00:00Z", options: [String] = []) async throws -> [String]
  {
    let before = try await value("SELECT count(*) FROM redress.run")
    let finished = try await database.redress(
      [
        "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
        "--output", folder.path(), "--as-of", asOf,
      ] + options)
    #expect([0, 3].contains(finished.exitCode), "\(finished.errors)")
    let after = try await value("SELECT count(*) FROM redress.run")
    #expect(after != before)
    let found = try await value(
      """
      SELECT string_agg(code || ' ' || relation || ' ' || key, ';' ORDER BY (code || ' ' || relation || ' ' || key) COLLATE "C")
      FROM redress.finding WHERE run_id = (SELECT max(run_id) FROM redress.run)
      """)
    #expect(finished.exitCode == (found.isEmpty ? 0 : 3))
    return found.split(separator: ";").map(String.init)
  }

  /// The text of the last night's only finding with this code.
  func problem(_ code: String) async throws -> String {
    try await value(
      """
      SELECT problem FROM redress.finding
      WHERE run_id = (SELECT max(run_id) FROM redress.run) AND code = '\(code)'
      """)
  }

  /// `C1 100.00 on V1` for each credit, with the invoices that carry it.
  func credits() async throws -> [String] {
    try await value(
      """
      SELECT string_agg(format('%s %s%s', e.customer_id, e.amount, coalesce(' on ' || a.invoices, '')), ';'
                        ORDER BY e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency)
      FROM redress.entitlement AS e
      LEFT JOIN LATERAL (SELECT string_agg(DISTINCT l.invoice_id, '+') AS invoices
                           FROM (SELECT invoice_id FROM redress.invoice_adjustment
                                  WHERE customer_id = e.customer_id AND subscription_id = e.subscription_id
                                    AND incident_id = e.incident_id AND billing_month = e.billing_month
                                    AND currency = e.currency
                                  GROUP BY invoice_id HAVING sum(amount_minor) < 0) AS l) AS a ON true
      WHERE e.amount <> 0
      """
    ).split(separator: ";").map(String.init)
  }

  func value(_ query: String) async throws -> String {
    try await database.rows(query).rows.first?.first ?? ""
  }
}
