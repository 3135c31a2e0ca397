import CreditLedger
import CreditRun
import LedgerReports
import PolicyFiles
import Postgres
import Synchronization
import TestSupport
import Testing

/// A distributed database commits a run on one node after the other, and shows no two nodes as of one moment. Both can be
/// brought about on one server.
@Suite("Hidden run")
struct HiddenRunTests {
  /// A prepared transaction that holds half of what a run wrote, as a node does that has not committed yet.
  private struct Half: ~Copyable {
    let night: SharedNight
    let name: String

    init(of relation: String, _ night: SharedNight) throws {
      self.night = night
      name = "half_\(night.database.name)"
      try night.execute(
        """
        DELETE FROM redress.visible_run;
        CREATE TABLE public.half AS
          SELECT * FROM redress.\(relation) WHERE run_id = 1 ORDER BY customer_id, subscription_id LIMIT 2;
        DELETE FROM redress.\(relation) AS r USING public.half AS h
         WHERE to_jsonb(r) = to_jsonb(h)
        """)
      let node = try night.connect()
      try node.execute("BEGIN; INSERT INTO redress.\(relation) TABLE public.half")
      try node.execute("PREPARE TRANSACTION '\(name)'")
    }

    func commit() throws { try night.connect().execute("COMMIT PREPARED '\(name)'") }

    /// Nobody can drop a database in which one is left.
    deinit { try? night.connect().execute("ROLLBACK PREPARED '\(name)'") }
  }

  @Test(
    "neither a run nor invoicing goes on from half a run",
    arguments: ["credit_revision", "invoice_line"])
  func refusesHalf(of relation: String) throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      let half = try Half(of: relation, night)
      let before = try LedgerState(try night.connect(), throughRun: 2)
      let names = try NightUnderTest.names(folder)
      let ending = try night.run(folder).end()
      #expect(ending.code == 75, "\(ending.errors)")
      #expect(
        ending.errors.contains(
          "run 1, the last one, is not yet visible on every node; nothing was written"),
        "\(ending.errors)")
      let invoicing = try night.connect()
      for call in ["place_on_invoice('n1', 'c1', 'USD', 260)", "release_invoice('n1')"] {
        #expect(throws: PostgresError.self) { try invoicing.execute("SELECT FROM redress.\(call)") }
      }
      #expect(try LedgerState(try night.connect(), throughRun: 2) == before)
      #expect(try NightUnderTest.names(folder) == names)

      try half.commit()
      try invoicing.execute("SELECT FROM redress.place_on_invoice('n1', 'c1', 'USD', 260)")
      #expect(try night.run(folder).end().code == 3)
      #expect(try night.value("SELECT max(run_id) FROM redress.run") == "2")
      try night.check(files: folder)
    }
  }

  @Test("a run that is noted as visible is not counted again")
  func countsOnce() throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      #expect(try night.value("SELECT run_id FROM redress.visible_run") == "1")
      #expect(try night.value("SELECT redress.hidden_run()::text") == nil)
      try night.execute("DELETE FROM redress.visible_run")
      #expect(try night.value("SELECT redress.hidden_run()::text") == nil)
    }
  }

  @Test("a run that commits on several nodes looks for its rows before it writes its files")
  func looksAfterCommit() throws {
    let night = try SharedNight()
    try withFolder { folder in
      // What another node has not committed yet is taken away as soon as this one has.
      let proxy = try proxy(night) { message in
        guard message.text == "COMMIT", message.sender == .server else { return false }
        try? night.execute("DELETE FROM redress.credit_revision WHERE customer_id = 'c1'")
        return true
      }
      defer { proxy.stop() }
      var hidden: Int64?
      do {
        _ = try NightlyRun(options: options(folder, proxy.folder, night)).run()
      } catch RunError.committedHidden(let runId) {
        hidden = runId
      }
      #expect(hidden == 1)
      #expect(try NightUnderTest.names(folder).allSatisfy { $0.hasPrefix(".") })
      #expect(try night.value("SELECT count(*)::text FROM redress.visible_run") == "0")
    }
  }

  @Test(
    "a subscription that is moved while the source is read begins the run again",
    arguments: [
      // Under two customers from now on.
      "INSERT INTO redress_source.subscription_term VALUES ('s1', 'c2', 'mail', 'basic', 1, 'USD', '2026-10-30', NULL)",
      // Under another customer altogether.
      "UPDATE redress_source.subscription_term SET customer_id = 'c2' WHERE subscription_id = 's1'",
    ])
  func movedMeanwhile(edit: String) throws {
    let night = try SharedNight()
    try withFolder { folder in
      let proxy = try proxy(night) { message in
        guard message.text.contains("COPY redress.credit_revision") else { return false }
        try? night.execute(edit)
        return true
      }
      defer { proxy.stop() }
      let again = Mutex(0)
      var run = NightlyRun(options: options(folder, proxy.folder, night))
      run.report = { if case .beginsAgain = $0 { again.withLock { $0 += 1 } } }
      #expect(try run.run().runId == 1)
      #expect(again.withLock { $0 } == 1)
      // The whole run is of after the edit.
      let dry = try night.run(folder, options: ["--dry-run"]).end()
      #expect(dry.code == 3, "\(dry.errors)")
      #expect(
        try sh("cat '\(folder)/credits-dry-run-'*'.csv' | wc -l").contains("1"),
        "nothing is left to append")
    }
  }

  /// Calls `happens` before each message until it returns true.
  private func proxy(
    _ night: SharedNight, _ happens: @escaping @Sendable (ProtocolProxy.Message) -> Bool
  ) throws -> ProtocolProxy {
    let isDone = Atomic(false)
    return try ProtocolProxy(server: TestServer.host) { message, moment in
      if moment == .before, !isDone.load(ordering: .relaxed), happens(message) {
        isDone.store(true, ordering: .relaxed)
      }
      return .goOn
    }
  }

  private func options(_ folder: String, _ host: String, _ night: SharedNight) -> RunOptions {
    let request = ReconciliationRequest(
      target: ConnectionTarget(
        conninfo: "host='\(host)' user=postgres dbname=\(night.database.name)",
        applicationName: "redress tests"),
      policy: PolicyFile.builtInDocument, asOf: SmallSource.asOfInstant)
    var options = RunOptions(request, outputFolder: folder)
    options.expectsNodes = true
    return options
  }
}
