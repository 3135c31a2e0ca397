import CreditLedger
import Postgres
import Testing

/// What the parts of a run have staged comes into the ledger.
@Suite struct StagedPartsTests {
  /// Moving takes each row once, also where the server takes the staged tables for empty.
  ///
  /// An ANALYZE after earlier rows were deleted says that the pages are there and no rows. Comparing each staged decision
  /// with each one of the ledger would take minutes then.
  @Test func movingDoesNotDependOnStatistics() throws {
    try LedgerDatabase.with { ledger in
      let connection = try ledger.connect()
      try stage(4_000, connection)
      try connection.execute(
        """
        DELETE FROM redress.staged_credit_revision; DELETE FROM redress.staged_decision;
        ANALYZE redress.staged_credit_revision; ANALYZE redress.staged_decision
        """)
      let part = try stage(4_000, connection)

      try connection.execute("BEGIN; SET LOCAL statement_timeout = '20s'")
      try StagedParts([part]).move(
        into: 1, connection, credits: 4_000, lines: 0, withCarried: false)
      try connection.execute("COMMIT")
      #expect(
        try connection.value(
          """
          SELECT count(*)::text FROM redress.credit_revision AS c
          JOIN redress.decision AS d ON d.run_id = c.run_id AND d.number = c.decision
          WHERE d.counted_microseconds = c.amount_minor
          """) == "4000")
    }
  }

  /// After the move the server joins as it likes to again.
  @Test func movingLeavesNoSetting() throws {
    try LedgerDatabase.with { ledger in
      let connection = try ledger.connect()
      let part = try stage(1, connection)
      try connection.execute("BEGIN")
      try StagedParts([part]).move(into: 1, connection, credits: 1, lines: 0, withCarried: false)
      #expect(try connection.value("SHOW enable_nestloop") == "on")
    }
  }

  /// Stages revisions, each with a decision of its own whose counted time is the revision's amount.
  /// - Returns: the number of the part.
  @discardableResult
  private func stage(_ count: Int, _ connection: borrowing Connection) throws -> String {
    try connection.execute("BEGIN")
    let part = try StagedParts.number(connection)
    try connection.execute(
      """
      INSERT INTO redress.staged_decision (
        run_id, number, percent_before_cap_bp, counted_microseconds, outage_ended_at, severity,
        policy_version, service_id, plan, time_zone)
      SELECT 1, n, 1000, n, '2026-10-30 00:00:00+00', 'P0', 'promise-1', 'mail', 'gold', 'UTC'
      FROM generate_series(1, \(count)) AS n;
      INSERT INTO redress.staged_credit_revision (
        customer_id, subscription_id, incident_id, billing_month, currency, revision, lines_through,
        run_id, amount_minor, percent_bp, outage_started_at, decision, monthly_fee, customer_name,
        customer_tier)
      SELECT 'cus_' || n, 'sub_1', 'INC-1', '2026-10-01', 'USD', 1, 0, 1, n, 1000,
        '2026-10-05 00:00:00+00', n, 100, 'Acme', 'enterprise'
      FROM generate_series(1, \(count)) AS n;
      COMMIT
      """)
    return part
  }
}
