import CreditLedger
import Postgres
import TestSupport
import Testing

/// A database with the small source in it on the server that all tests share.
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

  /// The invariants, and each run's files against the ledger.
  func check(files folder: String) throws {
    let connection = try connect()
    #expect(try LedgerInvariants.violations(connection) == [])
    for row in try connection.textRows("SELECT run_id FROM redress.run ORDER BY run_id") {
      let run = row[0]!
      try withFolder { again in
        let ending = try Program(
          ["report", "--run", run, "--output", again], environment: environment()
        ).end()
        #expect(ending.code == 0, "\(ending.errors)")
        for (name, content) in try NightUnderTest.read(again) {
          #expect(
            try sh("cat '\(folder)/\(name)'") == content, "\(name) is not what the ledger says")
        }
      }
      let sums = try connection.textRows(
        """
        SELECT currency, count(*), sum(amount_minor) FROM redress.credit WHERE run_id = \(run)
        GROUP BY currency ORDER BY currency
        """)
      let totals = try sh("cat '\(folder)/totals-run-\(run).json'")
      for sum in sums {
        let net = totals.split(separator: "{\"currency\": \"\(sum[0]!)\"").dropFirst().first
        #expect(
          net?.split(separator: "\"net\"").dropFirst().first?.contains(
            "\"amount_minor\": \(sum[2]!)}") == true,
          "run \(run): the totals of \(sum[0]!) are not \(sum[2]!): \(totals)")
      }
    }
  }
}
