import CreditLedger
import Glibc
import Postgres
import TestSupport
import Testing

/// A source in another database, behind foreign tables. A snapshot of the ledger's database does
/// not cover it.
@Suite(.serialized)
struct OneMomentTests {
  /// The ledger's database, with views over foreign tables, and the database with the rows.
  private struct Hub {
    let ledger: TestDatabase
    let remote: TestDatabase

    init() throws {
      let remote = try TestDatabase(template: Self.prepared("one moment: tables", tables: true))
      let ledger = try TestDatabase(template: Self.prepared("one moment: ledger", tables: false))
      try remote.execute(SmallSource.firstNight)
      let views = SourceContract.relations.map { relation in
        "CREATE VIEW redress_source.\(relation) AS SELECT * FROM far.\(relation);"
      }
      try ledger.execute(
        """
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
          OPTIONS (host '\(TestServer.host)', port '\(TestServer.port)', dbname '\(remote.name)');
        CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user '\(TestServer.user)');
        CREATE SCHEMA far;
        IMPORT FOREIGN SCHEMA redress_source FROM SERVER far INTO far;
        \(views.joined(separator: "\n"))
        """)
      self.remote = remote
      self.ledger = ledger
    }

    private static func prepared(_ label: String, tables: Bool) throws -> String {
      try TestDatabase.template(label) { connection in
        _ = try Migrator().migrate(connection, withSourceTables: tables)
      }
    }

    static func redress(_ arguments: [String], on database: TestDatabase) throws -> Program {
      try Program(arguments + ["--database", database.conninfo])
    }

    static func night(_ folder: String, on database: TestDatabase) throws -> Program {
      try redress(
        [
          "run", "--approve-limits", "--approved-by=tests", "--reason=first load", "--as-of",
          SmallSource.asOf, "--output", folder,
        ], on: database)
    }
  }

  @Test("a night over foreign tables is that over the tables themselves")
  func sameNight() throws {
    let hub = try Hub()
    try withFolder { near in
      try withFolder { far in
        #expect(try Hub.night(near, on: hub.remote).end().code == 3)
        let ending = try Hub.night(far, on: hub.ledger).end()
        #expect(ending.code == 3, "\(ending.errors)")
        for name in ["credits-run-1.csv", "findings-run-1.csv"] {
          #expect(
            try sh("cmp '\(near)/\(name)' '\(far)/\(name)' && wc -l < '\(far)/\(name)'") != "1\n")
        }
        // Every command that reads the source.
        let policy = "\(far)/policy.yaml"
        _ = try sh("'\(Program.path)' policy show > '\(policy)'")
        let commands = [
          ["check", "--as-of", SmallSource.asOf],
          ["explain", "--customer", "c1", "--as-of", SmallSource.asOf],
          ["simulate", "--policy", policy, "--month", "2026-10", "--as-of", SmallSource.asOf],
          ["audit", "--month", "2026-10", "--as-of", SmallSource.asOf],
        ]
        for command in commands {
          let here = try Hub.redress(command, on: hub.remote).end()
          let there = try Hub.redress(command, on: hub.ledger).end()
          #expect(here.code == there.code, "\(command) \(there.errors)")
          guard command[0] != "check" else {
            #expect(
              there.output.contains(
                "note     source      redress_source.customer: it is made of foreign table far.customer (postgres_fdw)"
              ))
            continue
          }
          #expect(here.output == there.output, "\(command)")
          #expect(!there.output.isEmpty)
        }
      }
    }
  }

  /// The remote changes between the reading of the catalogue and of the customers. Both must see
  /// the same state.
  @Test("the remote may change while a run reads it")
  func change() throws {
    let hub = try Hub()
    try withFolder { folder in
      try hub.remote.execute(
        "UPDATE redress_source.outage SET customer_id = 'c1' WHERE incident_id = 'i1'")
      #expect(try Hub.night(folder, on: hub.ledger).end().code == 3)
      let recorded = try hub.ledger.rows(OneMomentTests.entitlements)
      #expect(recorded.contains { $0.contains("i1") })

      // The terms are read after the catalogue, and must wait here.
      let holder = try hub.remote.connect()
      try holder.execute("BEGIN; LOCK TABLE redress_source.subscription_term")
      let program = try Hub.night(folder, on: hub.ledger)
      let watcher = try hub.remote.connect()
      var isWaiting = false
      for _ in 0..<3_000 where !isWaiting {
        isWaiting =
          try watcher.textRows(
            "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'redress_source.subscription_term'::regclass"
          ) == [["t"]]
        usleep(10_000)
      }
      #expect(isWaiting)
      // One transaction of the remote: it describes the affected customers in another way.
      try watcher.execute(
        "UPDATE redress_source.outage SET customer_id = NULL WHERE incident_id = 'i1'")
      try holder.execute("COMMIT")
      let ending = try program.end()
      #expect(ending.code == 3, "\(ending.errors)")
      #expect(ending.errors.contains("run 2: 0 revisions"), "\(ending.errors)")
      #expect(try hub.ledger.rows(OneMomentTests.entitlements) == recorded)
      // The next night sees the change.
      #expect(try Hub.night(folder, on: hub.ledger).end().code == 3)
      #expect(try hub.ledger.rows(OneMomentTests.entitlements) != recorded)
    }
  }

  @Test(
    "a policy on the foreign server is refused where the server says row_security=off, and noted elsewhere"
  )
  func farPolicy() throws {
    let hub = try Hub()
    let reader = "far_\(hub.remote.name)"
    try hub.remote.execute(
      """
      CREATE ROLE \(reader) LOGIN;
      GRANT USAGE ON SCHEMA redress_source TO \(reader);
      GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO \(reader);
      ALTER TABLE redress_source.outage ENABLE ROW LEVEL SECURITY;
      CREATE POLICY tenants ON redress_source.outage USING (incident_id = 'none');
      """)
    try hub.ledger.execute(
      """
      ALTER USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (SET user '\(reader)');
      """)
    let check = ["check", "--as-of", SmallSource.asOf]
    let noted = try Hub.redress(check, on: hub.ledger).end()
    #expect(noted.output.contains("ALTER SERVER far OPTIONS (ADD options '-c row_security=off')"))
    try hub.ledger.execute("ALTER SERVER far OPTIONS (ADD options '-c row_security=off')")
    let refused = try Hub.redress(check, on: hub.ledger).end()
    #expect(refused.code != 0)
    #expect(refused.output.contains("ALTER ROLE … BYPASSRLS"), "\(refused.output)")
    #expect(!refused.output.contains("ALTER SERVER"))
    try withFolder { folder in
      let night = try Hub.night(folder, on: hub.ledger).end()
      #expect(night.code != 0 && night.code != 3)
      #expect(night.errors.contains("ALTER ROLE … BYPASSRLS"), "\(night.errors)")
    }
    try hub.remote.execute("DROP OWNED BY \(reader); DROP ROLE \(reader)")
  }

  private static let entitlements = """
    SELECT customer_id, subscription_id, incident_id, billing_month, amount_minor FROM redress.entitlement
    ORDER BY customer_id, subscription_id, incident_id, billing_month
    """
}
