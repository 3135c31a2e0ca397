import CreditLedger
import CreditRun
import Dispatch
import Glibc
import Postgres
import SeededRandom
import Synchronization
import TestSupport
import Testing

@testable import PolicyFiles

/// Runs, invoicing sessions and edits of the source at the same time, on the tests' server.
@Suite(.serialized)
struct ConcurrencyTests {
  private static let approval = [
    "--approve-limits", "--approved-by=tests", "--reason=many nights of a day",
  ]

  @Test("of many runs at once one works and the others say that it does")
  func manyRuns() throws {
    let night = try SharedNight()
    let gate = Gate()
    let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
      if moment == .before, message.text == "COMMIT", message.sender == .program { gate.pass() }
      return .goOn
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let first = try night.run(folder, host: proxy.folder)
      gate.waitForArrival()
      let others = try (0..<5).map { _ in try night.run(folder) }
      for other in others {
        let ending = try other.end()
        #expect(ending.code == 75, "\(ending.errors)")
      }
      gate.open()
      #expect(try first.end().code == 3)
      #expect(try night.value("SELECT count(*)::text FROM redress.run") == "1")
      try night.check(files: folder)
      // And without an enforced order.
      try night.execute(SmallSource.amendment)
      let racers = try (0..<6).map { _ in try night.run(folder) }
      let codes = try racers.map { try $0.end().code }
      #expect(codes.allSatisfy { [3, 75].contains($0) } && codes.contains(3), "\(codes)")
      #expect(
        try night.value("SELECT count(*)::text FROM redress.run WHERE revisions > 0") == "2")
      try night.check(files: folder)
    }
  }

  @Test("runs beside sessions that place and release the same customers' credits")
  func invoicing() throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      let sessions = (0..<3).map { number in
        Repeating { generator in
          let connection = try night.connect()
          try connection.execute("SET ROLE redress_invoicing")
          let (invoice, customer, currency, due) = SharedNight.invoices.randomElement(
            using: &generator)!
          let statement =
            generator.next() % 5 == 0
            ? "SELECT FROM redress.release_invoice('\(invoice)')"
            : "SELECT FROM redress.place_on_invoice('\(invoice)', '\(customer)', '\(currency)', \(due))"
          try connection.execute(statement)
        }.start(seed: UInt64(number))
      }
      for number in 0..<6 {
        try night.execute(number % 2 == 0 ? SmallSource.amendment : SharedNight.restored)
        // Many nights of one day, of which each grants or takes back as much again.
        let ending = try night.run(folder, options: ConcurrencyTests.approval).end()
        #expect(ending.code == 3, "\(ending.errors)")
      }
      for session in sessions { #expect(try session.stop() > 0) }
      #expect(try night.run(folder).end().code == 3)
      try night.check(files: folder)
    }
  }

  @Test("eight sessions place on one invoice")
  func oneInvoice() throws {
    let night = try SharedNight()
    try withFolder { folder in
      try night.execute("UPDATE redress_source.invoice SET status = 'finalized'")
      #expect(try night.run(folder).end().code == 3)
      #expect(try night.value("SELECT count(*)::text FROM redress.invoice_adjustment") == "0")
      let sessions = (0..<8).map { number in
        Repeating { _ in
          let connection = try night.connect()
          let rows = try connection.textRows(
            "SELECT amount_minor FROM redress.place_on_invoice('n1', 'c1', 'USD', 260)")
          // In both orders the invoice is filled to the last cent.
          guard rows.compactMap({ $0[0].flatMap { Int($0) } }).reduce(0, +) == -26_000 else {
            throw SharedNight.Unexpected(description: "\(rows)")
          }
        }.start(seed: UInt64(number))
      }
      usleep(500_000)
      for session in sessions { #expect(try session.stop() > 0) }
      #expect(
        try night.value("SELECT sum(amount_minor)::text FROM redress.invoice_adjustment")
          == "-26000")
      try night.check(files: folder)
    }
  }

  @Test("runs beside edits of incidents and invoices end where a run after them begins")
  func edits() throws {
    let night = try SharedNight()
    try withFolder { folder in
      let editor = Repeating { generator in
        let edits = [
          "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2'",
          "UPDATE redress_source.incident SET status = 'resolved' WHERE incident_id = 'i2'",
          "UPDATE redress_source.outage SET ended_at = '2026-10-05 11:00+00' WHERE incident_id = 'i1'",
          "UPDATE redress_source.outage SET ended_at = '2026-10-05 13:30+00' WHERE incident_id = 'i1'",
          "UPDATE redress_source.invoice SET status = 'void' WHERE invoice_id = 'n3'",
          "UPDATE redress_source.invoice SET status = 'draft' WHERE invoice_id = 'n3'",
          "UPDATE redress_source.invoice SET amount_due = amount_due + 1 WHERE invoice_id = 'n1'",
          "DELETE FROM redress_source.exclusion",
          """
          INSERT INTO redress_source.exclusion VALUES ('x1', 'customer_fault', 'mail', 'c3',
            '2026-10-05 08:00+00', '2026-10-05 10:00+00', NULL) ON CONFLICT DO NOTHING
          """,
        ]
        try night.execute(edits.randomElement(using: &generator)!)
      }.start(seed: 7)
      for _ in 0..<8 {
        let ending = try night.run(folder, options: ConcurrencyTests.approval).end()
        #expect(ending.code == 3, "\(ending.errors)")
      }
      #expect(try editor.stop() > 0)
      #expect(try night.run(folder, options: ConcurrencyTests.approval).end().code == 3)
      try night.check(files: folder)
      // A ledger without these disturbances has the same entitlements at the end.
      let entitlements = """
        SELECT jsonb_agg(
          jsonb_build_array(customer_id, subscription_id, incident_id, billing_month, currency, amount_minor)
          ORDER BY customer_id, subscription_id, incident_id, billing_month, currency)::text
        FROM redress.entitlement WHERE amount_minor <> 0
        """
      let found = try night.value(entitlements)
      try night.execute(
        SmallSource.ledger.map { "DELETE FROM redress.\($0);" }.joined())
      #expect(try withFolder { try night.run($0).end().code } == 3)
      #expect(try night.value(entitlements) == found)
    }
  }

  @Test(
    "a refusal that is safe to repeat is repeated three times at most",
    arguments: [("40001", 2), ("40P01", 2), ("55P03", 2), ("40001", 9), ("22012", 9)])
  func repeated(_ state: String, _ failures: Int) throws {
    let night = try SharedNight()
    try night.execute(
      """
      CREATE TABLE public.refusal (number integer);
      INSERT INTO public.refusal SELECT generate_series(1, 1);
      CREATE FUNCTION public.refuse() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM public.refusal) THEN
          RAISE EXCEPTION 'refused' USING ERRCODE = '\(state)';
        END IF;
        RETURN true;
      END $$;
      ALTER TABLE redress_source.service RENAME TO real_service;
      CREATE VIEW redress_source.service AS
        SELECT service_id, name FROM redress_source.real_service WHERE public.refuse();
      """)
    let attempts = Atomic(0)
    let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
      if moment == .before, message.text.contains("try_run_lock") {
        let number = attempts.add(1, ordering: .relaxed).newValue
        if number == failures + 1 { try? night.execute("DELETE FROM public.refusal") }
      }
      return .goOn
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let ending = try night.run(folder, host: proxy.folder).end()
      let isRepeated = state != "22012"
      let succeeds = isRepeated && failures < 3
      #expect(ending.code == (succeeds ? 3 : 1), "\(ending.errors)")
      #expect(attempts.load(ordering: .relaxed) == (isRepeated ? 3 : 1))
      #expect(try night.value("SELECT count(*)::text FROM redress.run") == (succeeds ? "1" : "0"))
      if succeeds {
        try night.check(files: folder)
      } else {
        #expect(try NightUnderTest.names(folder) == [])
      }
    }
  }

  @Test("a run waits for an invoicing session that has begun")
  func waits() throws {
    let night = try SharedNight()
    try withFolder { folder in
      let session = try night.connect()
      try session.execute(
        "BEGIN; SELECT FROM redress.place_on_invoice('n1', 'c1', 'USD', 260)")
      let program = try night.run(folder)
      while try night.value(
        "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "0"
      {
        usleep(10_000)
      }
      try session.execute("COMMIT")
      #expect(try program.end().code == 3)
      try night.check(files: folder)
    }
  }

  @Test("a COMMIT whose answer is lost for good is told apart from one that failed")
  func unanswered() throws {
    let night = try NightUnderTest()
    let cluster = night.cluster
    let proxy = try ProtocolProxy(server: cluster.host) { message, moment in
      guard moment == .before, message.text == "COMMIT", message.sender == .server else {
        return .goOn
      }
      try? cluster.stopImmediately()
      return .closeEverything
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let request = ReconciliationRequest(
        target: ConnectionTarget(
          conninfo: "host='\(proxy.folder)' user=postgres dbname=\(night.database)",
          applicationName: "redress tests"),
        policy: PolicyFile.builtInDocument, asOf: SmallSource.asOfInstant)
      var options = RunOptions(request, outputFolder: folder)
      options.askingSeconds = 1
      var isUnknown = false
      do {
        _ = try NightlyRun(options: options).run()
      } catch RunError.commitUnknown(runId: 2) {
        isUnknown = true
      }
      #expect(isUnknown)
      // The hidden files stay until it is known whether the run was committed.
      let left = try NightUnderTest.names(folder)
      #expect(left.count == 4 && left.allSatisfy { $0.hasPrefix(".") }, "\(left)")
      try cluster.start()
      #expect(try night.connect().textRows("SELECT max(run_id) FROM redress.run") == [["2"]])
      let verified = try Program(
        ["verify", "--output", folder], environment: night.environment(cluster.host)
      ).end()
      #expect(verified.code == 2, "\(verified.errors)")
      #expect(
        verified.output.contains("run 2: its files are missing: none of them"),
        "\(verified.output)")
      let next = try night.program(folder, host: cluster.host).end()
      #expect(next.code == 3)
      #expect(
        next.errors.contains("run 2 was ended before its files were there; they are now: "),
        "\(next.errors)")
      try night.expectFiles(folder, "after an unknown end")
    }
  }
}

/// Repeats the same work on its own thread, next to the test.
private final class Repeating: Sendable {
  private let work: @Sendable (inout SeededGenerator) throws -> Void
  private let isStopped = Atomic(false)
  private let outcome = Mutex<Result<Int, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ work: @escaping @Sendable (inout SeededGenerator) throws -> Void) {
    self.work = work
  }

  func start(seed: UInt64) -> Repeating {
    inBackground("repeating") { [self] in
      var generator = SeededGenerator(seed: seed)
      var count = 0
      do {
        // At least once, even if the thread begins late.
        repeat {
          try work(&generator)
          count += 1
        } while !isStopped.load(ordering: .relaxed)
        outcome.withLock { $0 = .success(count) }
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      isDone.signal()
    }
    return self
  }

  /// - Returns: how often the work was done.
  func stop() throws -> Int {
    isStopped.store(true, ordering: .relaxed)
    isDone.wait()
    return try outcome.withLock { try $0!.get() }
  }
}
