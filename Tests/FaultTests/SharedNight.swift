import CreditLedger
import Postgres
import TestSupport
import Testing

/// A database with the small source, on the server that all tests share.
final class SharedNight: Sendable {
  struct Unexpected: Error, CustomStringConvertible {
    let description: String
  }

  static let invoices = [
    ("n1", "c1", "USD", "260"), ("n2", "c1", "USD", "1000"), ("n4", "c3", "JPY", "500"),
  ]

  /// Undoes `SmallSource.amendment`.
  static let restored = """
    UPDATE redress_source.incident SET status = 'open', resolved_at = NULL WHERE incident_id = 'i3';
    UPDATE redress_source.incident SET status = 'resolved' WHERE incident_id = 'i2';
    UPDATE redress_source.outage SET ended_at = '2026-10-05 13:30+00' WHERE incident_id = 'i1';
    """

  let database: TestDatabase

  init() throws {
    database = try TestDatabase(
      template: try TestDatabase.template("small source") { connection in
        _ = try Migrator().migrate(connection, withSourceTables: true)
        try connection.execute(SmallSource.firstNight)
      })
  }

  func connect() throws -> Connection { try database.connect() }
  func execute(_ sql: String) throws { try database.execute(sql) }
  func value(_ sql: String) throws -> String? { try database.value(sql) }

  func environment(host: String? = nil, user: String? = nil) -> [String: String] {
    [
      "PGHOST": host ?? TestServer.host, "PGUSER": user ?? TestServer.user,
      "PGPORT": host == nil ? TestServer.port : "5432", "PGDATABASE": database.name,
    ]
  }

  func run(
    _ folder: String, host: String? = nil, user: String? = nil, options: [String] = []
  ) throws -> Program {
    try Program(
      ["run", "--as-of", SmallSource.asOf, "--output", folder] + options,
      environment: environment(host: host, user: user))
  }

  /// Checks the invariants, and each run's files against the ledger.
  func check(files folder: String) throws {
    let connection = try connect()
    #expect(try LedgerInvariants.violations(connection) == [])
    let verified = try Program(["verify", "--output", folder], environment: environment()).end()
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
    for row in try connection.textRows("SELECT run_id FROM redress.run ORDER BY run_id") {
      let run = row[0]!
      try withFolder { again in
        let ending = try Program(
          ["report", "--run", run, "--output", again], environment: environment()
        ).end()
        #expect(ending.code == 0, "\(ending.errors)")
        for name in try NightUnderTest.names(again) where !name.hasPrefix(".") {
          #expect(
            try sh("cat '\(folder)/\(name)'") == (try sh("cat '\(again)/\(name)'")),
            "\(name) is not what the ledger says")
        }
      }
      try checkTotals(ofRun: run, connection, try sh("cat '\(folder)/totals-run-\(run).json'"))
    }
  }

  /// The server parses the JSON, so that its layout does not matter.
  private func checkTotals(
    ofRun run: String, _ connection: borrowing Connection, _ totals: String
  ) throws {
    var differing: [String] = []
    try connection.query(
      """
      SELECT concat_ws(' ', COALESCE(recorded.currency, told.currency), recorded.net, told.net)
      FROM (
        SELECT currency, sum(amount_minor) AS net FROM redress.credit WHERE run_id = $2
        GROUP BY currency) AS recorded
      FULL JOIN (
        SELECT amount ->> 'currency' AS currency, (amount -> 'net' ->> 'amount_minor')::numeric AS net
        FROM jsonb_array_elements($1::text::jsonb -> 'amounts') AS amount) AS told
        USING (currency)
      WHERE recorded.net IS DISTINCT FROM told.net
      """, [.text(totals), .int64(Int64(run)!)]
    ) { differing.append(try $0.string(0)) }
    #expect(differing == [], "run \(run): \(totals)")
  }
}
