import Postgres
import TestSupport

/// The content of the schema redress as text, to compare two ledgers.
struct LedgerState: Equatable {
  private let rows: [String: [String]]

  /// - Parameter runs: rows of later runs, and rows that only they refer to, are left out.
  init(_ connection: borrowing Connection, throughRun run: Int) throws {
    var rows: [String: [String]] = [:]
    for (relation, query) in LedgerState.queries(run) {
      rows[relation] = try connection.textRows(query).map { $0[0] ?? "" }.sorted()
    }
    self.rows = rows
  }

  /// Times of day are left out, because they differ if a run is repeated.
  private static func queries(_ run: Int) -> [(String, String)] {
    [
      (
        "run",
        """
        SELECT (to_jsonb(run) - 'started_at' - 'finished_at')::text FROM redress.run
        WHERE run_id <= \(run)
        """
      ),
      ("credit", "SELECT to_jsonb(c)::text FROM redress.credit AS c"),
      // What a decision is numbered is of no consequence.
      (
        "credit_revision",
        "SELECT (to_jsonb(c) - 'decision')::text FROM redress.credit_revision AS c"
      ),
      (
        "decision", "SELECT DISTINCT (to_jsonb(d) - 'number')::text FROM redress.decision AS d"
      ),
      ("invoice_adjustment", "SELECT to_jsonb(l)::text FROM redress.invoice_adjustment AS l"),
      ("recorded_month", "SELECT to_jsonb(m)::text FROM redress.recorded_month AS m"),
      ("finding", "SELECT to_jsonb(finding)::text FROM redress.finding WHERE run_id <= \(run)"),
      ("policy_version", "SELECT to_jsonb(v)::text FROM redress.policy_version AS v"),
      ("policy_file", "SELECT to_jsonb(f)::text FROM redress.policy_file AS f"),
      (
        "incident_evidence",
        """
        SELECT to_jsonb(e)::text FROM redress.incident_evidence AS e
        WHERE customer_id <> ''
          OR digest IN (SELECT evidence_digest FROM redress.run WHERE run_id <= \(run))
        """
      ),
    ]
  }

  /// The differences as text.
  func difference(from other: LedgerState) -> String {
    var text = ""
    for relation in rows.keys.sorted() {
      let (mine, theirs) = (Set(rows[relation]!), Set(other.rows[relation] ?? []))
      for row in mine.subtracting(theirs).sorted() { text += "+ \(relation) \(row)\n" }
      for row in theirs.subtracting(mine).sorted() { text += "- \(relation) \(row)\n" }
    }
    return text.isEmpty ? "the same rows, but not as often" : text
  }
}

/// Conditions that every ledger meets, whatever happened to the runs and sessions that wrote it.
enum LedgerInvariants {
  /// Each query returns one text for each place where the condition is not met.
  private static let queries: [(name: String, query: String)] = [
    (
      "entitlement = sum of revisions",
      """
      SELECT format('%s', e) FROM redress.entitlement AS e
      JOIN (
        SELECT customer_id, subscription_id, incident_id, billing_month, currency,
          sum(amount_minor) AS total
        FROM redress.credit GROUP BY 1, 2, 3, 4, 5) AS s
        USING (customer_id, subscription_id, incident_id, billing_month, currency)
      WHERE e.amount_minor <> s.total OR e.amount_minor < 0
      """
    ),
    (
      "revisions count from 1 without gaps",
      """
      SELECT format('%s', array_agg(revision ORDER BY revision)) FROM redress.credit
      GROUP BY customer_id, subscription_id, incident_id, billing_month, currency
      HAVING min(revision) <> 1 OR max(revision) <> count(*)
      """
    ),
    (
      "lines count from 1 without gaps",
      """
      SELECT format('%s', array_agg(line ORDER BY line)) FROM redress.invoice_adjustment
      GROUP BY customer_id, subscription_id, incident_id, billing_month, currency
      HAVING min(line) <> 1 OR max(line) <> count(*)
      """
    ),
    (
      "0 <= placed <= entitlement, or reported as overcredited",
      """
      SELECT format('%s', e) FROM redress.entitlement AS e
      WHERE e.placed_minor < 0
        OR (e.placed_minor > e.amount_minor AND NOT EXISTS (
          SELECT FROM redress.finding AS f
          WHERE f.code = 'overcredited' AND f.run_id = (SELECT max(run_id) FROM redress.run)
            AND strpos(f.key, e.subscription_id) > 0))
      """
    ),
    (
      "no line without its credit",
      """
      SELECT format('%s', l) FROM redress.invoice_adjustment AS l
      WHERE NOT EXISTS (
        SELECT FROM redress.credit AS c
        WHERE (c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency)
          = (l.customer_id, l.subscription_id, l.incident_id, l.billing_month, l.currency))
      """
    ),
    (
      "a credit is in one month, however many it has been in",
      """
      SELECT format('%s', array_agg(e)) FROM redress.entitlement AS e
      WHERE amount_minor <> 0
      GROUP BY customer_id, subscription_id, incident_id, currency
      HAVING count(*) > 1
      """
    ),
    (
      "no revision without its decision, and no decision without a revision",
      """
      SELECT format('%s %s', c, d) FROM redress.credit_revision AS c
      FULL JOIN redress.decision AS d ON d.run_id = c.run_id AND d.number = c.decision
      WHERE c.run_id IS NULL OR d.run_id IS NULL
      """
    ),
    (
      "every month with revisions is noted",
      """
      SELECT format('%s', c) FROM redress.credit_revision AS c
      WHERE (c.incident_id, c.billing_month) NOT IN (
        SELECT m.incident_id, m.billing_month FROM redress.recorded_month AS m)
      """
    ),
    (
      "lines on an invoice <= its amount_due",
      """
      SELECT format('%s: %s of %s', l.invoice_id, sum(l.amount_minor), i.amount_due)
      FROM redress.invoice_adjustment AS l
      JOIN redress_source.invoice AS i ON i.invoice_id = l.invoice_id
      GROUP BY l.invoice_id, l.customer_id, l.currency, i.amount_due
      HAVING -sum(l.amount_minor) > floor(i.amount_due * 10 ^ redress.currency_decimals(l.currency))
        OR sum(l.amount_minor) > 0
      """
    ),
    (
      "an invoice carries credits of one customer and currency",
      """
      SELECT invoice_id FROM redress.invoice_adjustment GROUP BY invoice_id
      HAVING count(DISTINCT (customer_id, currency)) > 1
      """
    ),
    (
      "the cap of 100 % of a month",
      """
      SELECT format('%s %s: %s', subscription_id, billing_month, sum(percent_bp))
      FROM redress.entitlement GROUP BY customer_id, subscription_id, billing_month
      HAVING sum(percent_bp) > 10000
      """
    ),
    (
      "runs count from 1 without gaps, and count their rows",
      """
      SELECT format('%s', r) FROM redress.run AS r
      WHERE r.revisions <> (SELECT count(*) FROM redress.credit AS c WHERE c.run_id = r.run_id)
        OR r.invoice_lines
          <> (SELECT count(*) FROM redress.invoice_adjustment AS l WHERE l.run_id = r.run_id)
        OR r.findings <> (SELECT count(*) FROM redress.finding AS f WHERE f.run_id = r.run_id)
        OR r.run_id > (SELECT count(*) FROM redress.run)
      """
    ),
    (
      "no row of a run that is not there",
      """
      SELECT format('run %s', run_id) FROM (
        SELECT run_id FROM redress.credit UNION SELECT run_id FROM redress.finding
        UNION SELECT run_id FROM redress.decision
        UNION SELECT run_id FROM redress.invoice_adjustment WHERE run_id IS NOT NULL) AS used
      WHERE run_id NOT IN (SELECT run_id FROM redress.run)
      """
    ),
  ]

  static func violations(_ connection: borrowing Connection) throws -> [String] {
    var found: [String] = []
    for (name, query) in queries {
      for row in try connection.textRows(query) { found.append("\(name): \(row[0] ?? "")") }
    }
    return found
  }
}
