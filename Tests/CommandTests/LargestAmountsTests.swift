import FoundationEssentials
import TestSupport
import Testing

/// Credits that fit 64 bits one by one, but not their sum.
struct LargestAmountsTests {
  private static let policy = """
    versions:
      - version: all
        effective_from: 2025-01-01
        time_zone: UTC
        tiers:
          - {severity: P0, longer_than: 1h, credit: 100%}
        limits:
          share_of_monthly_fees: 50%
    """

  @Test("a run of many of the largest fees is held, let through, told, reported and verified")
  func largestFees() async throws {
    let database = try await SourceDatabase()
    try await database.psql([
      """
      INSERT INTO redress_source.service VALUES ('svc', 'Service');
      INSERT INTO redress_source.customer (customer_id, name, tier)
      SELECT 'c' || lpad(n::text, 3, '0'), 'Customer', 'gold' FROM generate_series(1, 40) AS n;
      INSERT INTO redress_source.subscription_term
      SELECT 's' || n || '-' || m, 'c' || lpad(n::text, 3, '0'), 'svc', 'p', 9223372036854, 'CLF', '2026-01-01+00'
      FROM generate_series(1, 40) AS n, generate_series(1, 3) AS m;
      INSERT INTO redress_source.subscription_term
      VALUES ('too large', 'c001', 'svc', 'p', 9223372036855, 'CLF', '2026-01-01+00');
      -- One customer alone is beyond it.
      INSERT INTO redress_source.subscription_term
      SELECT 'one' || m, 'c001', 'svc', 'p', 9223372036854, 'CLF', '2026-01-01+00'
      FROM generate_series(1, 101) AS m;
      INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
      VALUES ('i', 'All is down', 'P0', 'resolved', '2026-10-05 00:00+00', '2026-10-05 02:00+00');
      INSERT INTO redress_source.outage (incident_id, severity, started_at, ended_at)
      VALUES ('i', 'P0', '2026-10-05 00:00+00', '2026-10-05 02:00+00');
      """
    ])
    try await withTemporaryFolder { folder in
      let policy = folder.appending(path: "policy.yaml")
      try Data(LargestAmountsTests.policy.utf8).write(to: policy)
      let arguments = [
        "run", "--as-of", "2026-11-02", "--policy", policy.path(), "--output", folder.path(),
        "--metrics-file", folder.appending(path: "redress.prom").path(),
      ]
      let total = "2038365220144734.0000 CLF"
      let held = try await database.redress(arguments)
      #expect(held.exitCode == 4)
      #expect(held.errors.contains("granted \(total), and may come to "), "\(held.errors)")
      let finished = try await database.redress(
        arguments + ["--approve-limits", "--approved-by=tests", "--reason=first load"])
      #expect(finished.exitCode == 3)
      #expect(finished.errors.contains("granted \(total); 1 finding"), "\(finished.errors)")
      func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      }
      #expect(
        try text("totals-run-1.json").contains(
          #""amount": "2038365220144734.0000", "amount_minor": 20383652201447340000"#))
      #expect(
        try text("redress.prom").contains(
          #"redress_run_amount{currency="CLF",kind="grant"} 2038365220144734.0000"#))
      #expect(try text("findings-run-1.csv").contains("amount_out_of_range,subscription_term,"))
      let open = try await database.psql("SELECT sum(amount) FROM redress.open_credit")
      #expect(open == "sum\n2038365220144734.0000\n")
      let verified = try await database.redress(["verify", "--output", folder.path()])
      #expect(verified.exitCode == 0, "\(verified.output)\(verified.errors)")
      let explained = try await database.redress(["explain", "i"])
      #expect(explained.output.contains(total), "\(explained.output)\(explained.errors)")
    }
  }
}
