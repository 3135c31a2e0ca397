import CreditLedger
import Postgres
import TestSupport

/// A new database for one test, migrated unless asked otherwise.
struct LedgerDatabase: Sendable {
  let database: TestDatabase

  var name: String { database.name }

  static func with(
    isMigrated: Bool = true, sourceTables: Bool = true, _ body: (LedgerDatabase) throws -> Void
  ) throws {
    try body(LedgerDatabase(isMigrated: isMigrated, sourceTables: sourceTables))
  }

  init(isMigrated: Bool = true, sourceTables: Bool = true) throws {
    guard isMigrated else {
      database = try TestDatabase()
      return
    }
    let template = try TestDatabase.template(
      sourceTables ? "ledger and source tables" : "ledger alone"
    ) { connection in
      _ = try Migrator().migrate(connection, withSourceTables: sourceTables)
    }
    database = try TestDatabase(template: template)
  }

  /// Opens a session of the cluster's owner, or one with only the rights of `role`.
  func connect(as role: String? = nil) throws -> Connection {
    let connection = try database.connect()
    if let role { try connection.execute("SET ROLE \(role)") }
    return connection
  }

  /// The violations that the role, or the owner, finds.
  func violations(
    as role: String? = nil, needs: ContractNeeds = .run
  ) throws -> [ContractViolation] {
    let connection = try connect(as: role)
    try connection.begin(.reading(), lockTimeoutSeconds: 5)
    return try ContractExamination(connection, needs: needs).violations
  }
}

extension Connection {
  /// The first column of every row as text.
  func column(_ sql: String, _ parameters: [Parameter] = []) throws -> [String] {
    var values: [String] = []
    try query(sql, parameters) { row in values.append(try row.optionalString(0) ?? "∅") }
    return values
  }

  /// The one row of `sql`, which has one column.
  func value(_ sql: String, _ parameters: [Parameter] = []) throws -> String {
    let values = try column(sql, parameters)
    return values.count == 1 ? values[0] : "\(values.count) rows"
  }

  /// The SQLSTATE with which the server refuses `sql`; `nil` if it accepts it.
  func refusal(_ sql: String) throws -> String? {
    do throws(PostgresError) {
      try execute(sql)
      return nil
    } catch {
      guard let state = error.sqlState else { throw error }
      return state
    }
  }

  /// Appends a valid revision with a decision of its own, changed by the arguments.
  /// - Parameter invoice: the invoice that all of the revision is on, as line `line` of the key.
  func addCredit(
    _ customer: String, _ subscription: String, _ incident: String, _ currency: String = "USD",
    revision: Int = 1, amountMinor: Int64, month: String = "2026-10-01",
    startedAt: String = "2026-10-05 00:00:00+00", percent: Int = 1000, severity: String = "P0",
    run: Int64 = 1, on invoice: String? = nil, line: Int = 1
  ) throws {
    try execute(
      """
      INSERT INTO redress.recorded_month (incident_id, billing_month, first_run_id)
      VALUES ('\(incident)', '\(month)', \(run))
      ON CONFLICT DO NOTHING;
      INSERT INTO redress.decision (
        run_id, number, percent_before_cap_bp, counted_microseconds, outage_ended_at, severity,
        policy_version, service_id, plan, time_zone)
      SELECT \(run), COALESCE(max(number), 0) + 1, \(percent), 7200000000,
        '2026-10-30 00:00:00+00', '\(severity)', 'promise-1', 'mail', 'gold', 'UTC'
      FROM redress.decision WHERE run_id = \(run);
      INSERT INTO redress.credit_revision (
        customer_id, subscription_id, incident_id, billing_month, currency, revision, lines_through,
        run_id, amount_minor, percent_bp, outage_started_at, decision, monthly_fee, customer_name,
        customer_tier, invoice_id)
      SELECT '\(customer)', '\(subscription)', '\(incident)', '\(month)', '\(currency)', \(revision),
        \(invoice == nil ? 0 : line), \(run), \(amountMinor), \(percent), '\(startedAt)', max(number),
        100, 'Acme', 'enterprise', \(invoice.map { "'\($0)'" } ?? "NULL")
      FROM redress.decision WHERE run_id = \(run)
      """)
  }

  /// Records a committed run without revisions.
  func addRun(_ run: Int64) throws {
    try execute(
      """
      INSERT INTO redress.run (
        run_id, started_at, finished_at, as_of, month_from, month_through, policy_digest,
        evidence_digest, program_version, limits_approved, revisions, invoice_lines, findings,
        customers, subscriptions, monthly_fees, schema_version, credits_digest, findings_digest,
        credits_checksum, lines_checksum, carried_before, carried_by, carried,
        carried_checksum, posted_on)
      SELECT \(run), now(), now(), now(), '2026-08-01', '2026-10-01', zeros, zeros, 'test', false,
        0, 0, 0, 0, 0, '{}', 1, zeros, zeros, 0, 0, '2026-08-01', \(run), 0, 0, '2026-11-02'
      FROM (SELECT decode(repeat('00', 32), 'hex') AS zeros) AS digest
      """)
  }
}
