import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import redress

/// `redress simulate` during a run, with only the rights it needs, and on more results than it
/// lists one by one.
struct SimulateTests {
  private static let new = """
    versions:
      - version: one
        effective_from: 2026-01-01
        time_zone: UTC
        tiers:
          - {severity: P0, longer_than: 1h, credit: 40%}

    """

  /// Thirty customers with the same fee, except one who pays twice as much. One more customer has a
  /// thousand and five plans. All have an outage of five hours.
  private static let source = [
    """
    INSERT INTO redress_source.service VALUES ('S', 'Service');
    INSERT INTO redress_source.customer (customer_id, name, tier)
    SELECT 'C' || lpad(n::text, 2, '0'), 'Customer ' || n, 'business' FROM generate_series(1, 30) AS n;
    INSERT INTO redress_source.customer (customer_id, name, tier) VALUES ('P', 'Plans', 'business');
    INSERT INTO redress_source.subscription_term
    SELECT 'SUB-' || customer_id, customer_id, 'S', 'standard', CASE customer_id WHEN 'C25' THEN 2000 ELSE 1000 END,
           'USD', '2026-01-01Z'
    FROM redress_source.customer WHERE customer_id <> 'P';
    INSERT INTO redress_source.subscription_term
    SELECT 'SUB-P-' || lpad(n::text, 4, '0'), 'P', 'S', 'plan-' || lpad(n::text, 4, '0'), 100, 'EUR', '2026-01-01Z'
    FROM generate_series(1, 1005) AS n;
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
    VALUES ('INC', 'Incident', 'P0', 'resolved', '2026-10-05 08:00Z', '2026-10-05 13:00Z');
    INSERT INTO redress_source.outage VALUES ('INC', 'P0', 'S', NULL, '2026-10-05 08:00Z', '2026-10-05 13:00Z');
    """
  ]

  @Test func readsOnlyAndWaitsForNobody() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let reader = "\(database.name)_reader"
        try await database.psql(
          SimulateTests.source + [
            """
            CREATE ROLE \(reader) LOGIN IN ROLE redress_reader;
            ALTER ROLE \(reader) SET default_transaction_read_only = on;
            GRANT USAGE ON SCHEMA redress_source TO \(reader);
            GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO \(reader);
            """
          ])
        let policy = folder.appending(path: "new.yaml")
        try Data(SimulateTests.new.utf8).write(to: policy)

        let holder = try Connection(
          ConnectionTarget(
            conninfo: "host='\(TestServer.host)' port=\(TestServer.port) user='\(TestServer.user)' "
              + "dbname='\(database.name)'", applicationName: "redress tests"))
        try holder.execute(
          """
          BEGIN; SELECT pg_advisory_xact_lock(1380209235, 1), pg_advisory_xact_lock(1380209235, 2);
          LOCK TABLE redress.credit_revision, redress.decision, redress.invoice_line IN ROW EXCLUSIVE MODE
          """)
        let run = try await database.redress(["run", "--output", folder.path()])
        #expect(run.exitCode == 75)
        let simulated = try await database.redress([
          "simulate", "--policy", policy.path(), "--month", "2026-10", "--as-of", "2026-11-01",
          "--format", "csv", "--database", "user=\(reader)",
        ])
        try holder.execute("ROLLBACK")
        try #require(simulated.exitCode == 0, "\(simulated.errors)")
        try SimulateTests.check(try #require(Table(csv: simulated.output)))
      }
    }
  }

  private static func check(_ table: Table) throws {
    let totals = try #require(
      table.selecting(["row", "currency", "plan", "today_credits", "today", "new", "difference"]))
    #expect(
      totals.rows.filter { $0[0] == "total" } == [
        ["total", "EUR", "", "1005", "25125.00", "40200.00", "15075.00"],
        ["total", "USD", "", "30", "7750.00", "12400.00", "4650.00"],
      ])
    let plans = totals.rows.filter { $0[0] == "tier_and_plan" && $0[1] == "EUR" }
    // Two tiers: today's is longer than four hours, the new one is longer than one hour. Of a
    // thousand plans, `standard` is the first, so six of this customer's are not told.
    #expect(plans.count == 2 * (999 + 1))
    #expect(
      plans.filter { $0[2] == "(others)" }.map { $0.suffix(3) } == [
        ["0.00", "240.00", "240.00"], ["150.00", "0.00", "-150.00"],
      ])
    let most = try #require(table.selecting(["row", "customer_id", "currency"]))
    let wanted = ["C25"] + (1...19).map { $0 < 10 ? "C0\($0)" : "C\($0)" }
    #expect(most.rows.filter { $0[0] == "gains" && $0[2] == "USD" }.map { $0[1] } == wanted)
    #expect(most.rows.contains { $0[0] == "loses" } == false)
  }

  @Test func textSaysHowManyThereAre() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(SimulateTests.source)
        let policy = folder.appending(path: "new.yaml")
        try Data(SimulateTests.new.utf8).write(to: policy)
        let simulated = try await database.redress([
          "simulate", "--policy", policy.path(), "--month", "2026-10", "--as-of", "2026-11-01",
        ])
        #expect(simulated.exitCode == 0, "\(simulated.errors)")
        for line in [
          "30 customers gain in USD; the 20 who gain most", "1 customer gains in EUR",
          "The ledger has recorded something else than today's policy comes to: credits that are held, rows amended "
            + "since the last run, a run that is still to come, or another policy.",
        ] {
          #expect(simulated.output.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
        try await database.psql(
          "UPDATE redress_source.customer SET name = '<script>alert(1)</script>' || chr(769) WHERE customer_id = 'C25'"
        )
        let page = try await database.redress([
          "simulate", "--policy", policy.path(), "--month", "2026-10", "--as-of", "2026-11-01",
          "--format", "html",
        ])
        #expect(page.exitCode == 0, "\(page.errors)")
        #expect(page.output.hasPrefix("<!DOCTYPE html>") && page.output.hasSuffix("</html>\n"))
        #expect(!page.output.contains("<script>alert"))
        // The totals and the amounts of C25, as cells that can be sorted.
        for minor in [775_000, 1_240_000, 465_000, 2_512_500, 4_020_000, 1_507_500, 50_000, 80_000]
        {
          #expect(page.output.contains("data-v=\"\(minor)\""), "\(minor)")
        }
        for title in ["Difference by tier, USD", "By plan", "30 customers gain in USD"] {
          #expect(page.output.contains(title))
        }
      }
    }
  }
}
