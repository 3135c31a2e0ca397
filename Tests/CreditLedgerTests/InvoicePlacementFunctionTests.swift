import Glibc
import Postgres
import Testing

/// Section 8 of the credit rules, as the invoicing system calls it.
@Suite("place_on_invoice and release_invoice")
struct InvoicePlacementFunctionTests {
  /// Calls on a ledger with two customers. `acme` has 5.00 USD of September, then 3.00 and 10.00
  /// USD of October, and 70 JPY. `blot` has 1.234 KWD.
  struct Scenario: Sendable {
    let name: String
    /// `place INVOICE CUSTOMER CURRENCY AMOUNT` or `release INVOICE`.
    let calls: [String]
    /// What the last call returns: subscription, incident, line and amount of each row.
    let returned: [String]
    /// The open amount of acme's USD at the end, in minor units.
    var open: String = "1800"
  }

  static let scenarios = [
    Scenario(
      name: "oldest month first, then first instant, the last one in part",
      calls: ["place a acme USD 6.00"], returned: ["s1 i2 1 -500", "s2 i1 1 -100"], open: "1200"),
    Scenario(
      name: "a fraction of a minor unit is no room",
      calls: ["place a acme USD 6.009"], returned: ["s1 i2 1 -500", "s2 i1 1 -100"], open: "1200"),
    Scenario(
      name: "a minor unit less than the first credit", calls: ["place a acme USD 4.99"],
      returned: ["s1 i2 1 -499"], open: "1301"),
    Scenario(
      name: "exactly the first credit", calls: ["place a acme USD 5"],
      returned: ["s1 i2 1 -500"], open: "1300"),
    Scenario(
      name: "a minor unit more than the first credit", calls: ["place a acme USD 5.01"],
      returned: ["s1 i2 1 -500", "s2 i1 1 -1"], open: "1299"),
    Scenario(name: "nothing due", calls: ["place a acme USD 0"], returned: []),
    Scenario(
      name: "room for everything", calls: ["place a acme USD 1e30"],
      returned: ["s1 i1 1 -1000", "s1 i2 1 -500", "s2 i1 1 -300"], open: "0"),
    Scenario(
      name: "twice is once", calls: ["place a acme USD 6.00", "place a acme USD 6.00"],
      returned: ["s1 i2 1 -500", "s2 i1 1 -100"], open: "1200"),
    Scenario(
      name: "a larger invoice takes more in further lines",
      calls: ["place a acme USD 6.00", "place a acme USD 7.00"],
      returned: ["s1 i2 1 -500", "s2 i1 2 -200"], open: "1100"),
    Scenario(
      name: "a smaller invoice keeps what it has and takes no more",
      calls: ["place a acme USD 6.00", "place a acme USD 1.00"],
      returned: ["s1 i2 1 -500", "s2 i1 1 -100"], open: "1200"),
    Scenario(
      name: "what is left over goes onto the next invoice",
      calls: ["place a acme USD 6.00", "place b acme USD 100"],
      returned: ["s1 i1 1 -1000", "s2 i1 2 -200"], open: "0"),
    Scenario(
      name: "a released invoice gives back", calls: ["place a acme USD 6.00", "release a"],
      returned: ["s1 i2 2 500", "s2 i1 2 100"]),
    Scenario(
      name: "a second release gives nothing back",
      calls: ["place a acme USD 6.00", "release a", "release a"], returned: []),
    Scenario(name: "an unknown invoice gives nothing back", calls: ["release a"], returned: []),
    Scenario(
      name: "released credits go onto the next invoice",
      calls: ["place a acme USD 6.00", "release a", "place b acme USD 6.00"],
      returned: ["s1 i2 3 -500", "s2 i1 3 -100"], open: "1200"),
    Scenario(
      name: "a released invoice has its room again",
      calls: ["place a acme USD 6.00", "release a", "place a acme USD 6.00"],
      returned: ["s1 i2 3 -500", "s2 i1 3 -100"], open: "1200"),
    Scenario(
      name: "a currency without decimals", calls: ["place a acme JPY 69.9"],
      returned: ["s2 i3 1 -69"]),
    Scenario(
      name: "a currency with three decimals", calls: ["place a blot KWD 1.2339"],
      returned: ["s3 i1 1 -1233"]),
    Scenario(
      name: "a credit of another currency does not fit", calls: ["place a blot USD 100"],
      returned: []),
    Scenario(name: "an unknown customer", calls: ["place a nobody USD 100"], returned: []),
  ]

  @Test("scenarios")
  func scenarios() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      for scenario in InvoicePlacementFunctionTests.scenarios {
        try connection.execute("BEGIN")
        try fill(connection)
        try connection.execute("SET LOCAL ROLE redress_invoicing")
        var returned: [String] = []
        for call in scenario.calls {
          returned = try connection.column(sql(call))
        }
        #expect(returned == scenario.returned, "\(scenario.name)")
        let open = try connection.value(
          """
          SELECT coalesce(sum(open_minor), 0)::text FROM redress.open_credit
          WHERE customer_id = 'acme' AND currency = 'USD'
          """)
        #expect(open == scenario.open, "\(scenario.name)")
        try connection.execute("ROLLBACK")
      }
    }
  }

  @Test("a taken back part is not placed, and an overcredited one takes from no other")
  func decreases() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try fill(connection)
      try connection.addCredit(
        "acme", "s1", "i2", revision: 2, amountMinor: -400, month: "2026-09-01")
      #expect(
        try connection.column(sql("place a acme USD 2.00")) == ["s1 i2 1 -100", "s2 i1 1 -100"])
      try connection.addCredit(
        "acme", "s1", "i2", revision: 3, amountMinor: -100, month: "2026-09-01")
      #expect(
        try connection.column(sql("place b acme USD 100")) == ["s1 i1 1 -1000", "s2 i1 2 -200"])
      #expect(
        try connection.value(
          "SELECT open_minor::text FROM redress.entitlement WHERE incident_id = 'i2'") == "-100")
    }
  }

  @Test("lines that are the whole of a revision count like others")
  func wholeRevisions() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try fill(connection)
      try connection.addCredit("acme", "s4", "i4", amountMinor: 200, run: 1, on: "w")
      try connection.addCredit(
        "acme", "s4", "i4", revision: 2, amountMinor: 50, run: 2, on: "w", line: 2)
      // It has 2.50 on it of 3.00.
      #expect(
        try connection.column(sql("place w acme USD 3.00")) == ["s1 i2 1 -50", "s4 i4 2 -250"])
      #expect(try connection.column(sql("release w")) == ["s1 i2 2 50", "s4 i4 3 250"])
      #expect(try connection.column(sql("release w")) == [])
      #expect(
        try connection.column(sql("place v acme USD 100"))
          == ["s1 i1 1 -1000", "s1 i2 3 -500", "s2 i1 1 -300", "s4 i4 4 -250"])
      #expect(try connection.refusal(sql("place w acme JPY 1")) == nil)
      try connection.addCredit("acme", "s5", "i5", amountMinor: 10, run: 3, on: "u")
      #expect(try connection.refusal(sql("place u acme JPY 1")) == "22023")
      #expect(try connection.refusal(sql("place u blot USD 1")) == "22023")
    }
  }

  @Test("a credit that has moved to another month is on its invoice once")
  func movedCredit() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try fill(connection)
      // Run 1 granted it in October and placed it; run 2 moved it to September, and re-booked it.
      try connection.addCredit("acme", "s4", "i4", amountMinor: 200, run: 1, on: "old")
      try connection.addCredit("acme", "s4", "i4", revision: 2, amountMinor: -200, run: 2)
      try connection.addCredit("acme", "s4", "i4", amountMinor: 200, month: "2026-09-01", run: 2)
      try connection.execute(
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
           amount_minor)
        VALUES ('acme', 's4', 'i4', 'USD', 2, '2026-10-01', 2, 'old', 200),
          ('acme', 's4', 'i4', 'USD', 1, '2026-09-01', 2, 'old', -200)
        """)
      #expect(try connection.column(sql("place old acme USD 2.00")) == ["s4 i4 1 -200"])
      #expect(
        try connection.column(sql("place a acme USD 100"))
          == ["s1 i1 1 -1000", "s1 i2 1 -500", "s2 i1 1 -300"])
      #expect(
        try connection.column(
          "SELECT concat_ws(' ', billing_month, line, amount_minor) FROM redress.release_invoice('old')"
        )
          == ["2026-09-01 2 200"])
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', billing_month, line, amount_minor)
          FROM redress.place_on_invoice('b', 'acme', 'USD', 100)
          """) == ["2026-09-01 3 -200"])
      #expect(try placedTooMuch(connection) == [])
    }
  }

  @Test("arguments that cannot be meant")
  func badArguments() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      for arguments in [
        "NULL, 'acme', 'USD', 1", "'', 'acme', 'USD', 1", "'a', NULL, 'USD', 1",
        "'a', 'acme', NULL, 1", "'a', 'acme', 'usd', 1", "'a', 'acme', 'XAU', 1",
        "'a', 'acme', 'USD', NULL", "'a', 'acme', 'USD', -0.01", "'a', 'acme', 'USD', 'NaN'",
      ] {
        do throws(PostgresError) {
          try connection.execute("SELECT redress.place_on_invoice(\(arguments))")
          Issue.record("accepted: \(arguments)")
        } catch {
          #expect(error.sqlState == "22023", "\(arguments)")
          #expect(error.hint != nil, "\(arguments)")
        }
      }
      #expect(try connection.refusal("SELECT redress.release_invoice(NULL)") == "22023")
      #expect(try connection.refusal("SELECT redress.release_invoice('')") == "22023")
    }
  }

  @Test("an invoice has one customer and one currency")
  func foreignInvoice() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try fill(connection)
      _ = try connection.column(sql("place a acme USD 6.00"))
      #expect(try connection.refusal(sql("place a blot KWD 1")) == "22023")
      #expect(try connection.refusal(sql("place a acme JPY 1")) == "22023")
      _ = try connection.column(sql("release a"))
      #expect(try connection.column(sql("place a blot KWD 1")) == ["s3 i1 1 -1000"])
    }
  }

  @Test("a second session waits and finds the invoice full", arguments: ["a", "b"])
  func twoSessions(secondInvoice: String) throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let first = try database.connect()
      try fill(first)
      try first.execute("BEGIN")
      _ = try first.column(sql("place a acme USD 12.00"))
      let call = sql("place \(secondInvoice) acme USD 12.00")
      let second = InBackground { try database.connect().column(call) }
      try waitForLock(first)
      try first.execute("COMMIT")
      let expected =
        secondInvoice == "a" ? ["s1 i1 1 -400", "s1 i2 1 -500", "s2 i1 1 -300"] : ["s1 i1 2 -600"]
      #expect(try second.value() == expected)
      #expect(try placedTooMuch(first) == [])
    }
  }

  @Test("a second session waits for the first to roll back")
  func rolledBack() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let first = try database.connect()
      try fill(first)
      try first.execute("BEGIN")
      _ = try first.column(sql("place a acme USD 12.00"))
      let call = sql("place b acme USD 5.00")
      let second = InBackground { try database.connect().column(call) }
      try waitForLock(first)
      try first.execute("ROLLBACK")
      #expect(try second.value() == ["s1 i2 1 -500"])
    }
  }

  @Test("customers do not wait for each other")
  func otherCustomer() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let first = try database.connect()
      let second = try database.connect()
      try fill(first)
      try first.execute("BEGIN")
      _ = try first.column(sql("place a acme USD 12.00"))
      try second.execute("SET lock_timeout = '5s'")
      #expect(try second.column(sql("place b blot KWD 1")) == ["s3 i1 1 -1000"])
      try first.execute("COMMIT")
    }
  }

  @Test("a run that holds the placement lock is waited for, and what it granted is placed")
  func besideARun() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let run = try database.connect(as: "redress_job")
      try fill(run)
      try run.execute("BEGIN")
      _ = try run.column("SELECT pg_advisory_xact_lock(1380209235, 2)::text")
      let call = sql("place a acme USD 8.00")
      let second = InBackground { try database.connect(as: "redress_invoicing").column(call) }
      try waitForLock(try database.connect())
      try run.addCredit("acme", "s9", "i9", amountMinor: 700, month: "2026-08-01")
      try run.addRun(1)
      try run.execute("COMMIT")
      #expect(try second.value() == ["s1 i2 1 -100", "s9 i9 1 -700"])
    }
  }

  /// What another session commits after the snapshot was taken, and before the call.
  enum Meanwhile: String, CaseIterable, Sendable {
    case placedTheSame = "place a acme USD 12.00"
    case placedAnother = "place b acme USD 1.00"
    case releasedAndPlaced = "release z; place a acme USD 5.00"
    case released = "release z"
    case runGranted = "run"
  }

  @Test(
    "an old snapshot ends in a serialization error, never in a double",
    arguments: ["REPEATABLE READ", "SERIALIZABLE"], Meanwhile.allCases)
  func oldSnapshot(isolation: String, meanwhile: Meanwhile) throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let first = try database.connect()
      let second = try database.connect()
      try fill(first)
      // The oldest credit is on invoice z, so that only a release makes it the first in the queue.
      _ = try first.column(sql("place z acme USD 5.00"))
      try second.execute("BEGIN ISOLATION LEVEL \(isolation)")
      #expect(try second.value("SELECT count(*)::text FROM redress.credit") == "5")
      if meanwhile == .runGranted {
        try first.addCredit("acme", "s0", "i0", amountMinor: 700, month: "2026-07-01")
        try first.addRun(1)
      } else {
        for call in meanwhile.rawValue.split(separator: "; ") {
          _ = try first.column(sql(String(call)))
        }
      }
      #expect(try second.refusal(sql("place a acme USD 12.00")) == "40001")
      try second.execute("ROLLBACK")
      #expect(try placedTooMuch(first) == [])
      try second.execute("BEGIN ISOLATION LEVEL \(isolation)")
      _ = try second.column(sql("place a acme USD 12.00"))
      try second.execute("COMMIT")
      #expect(try placedTooMuch(first) == [])
    }
  }

  @Test(
    "a new snapshot works at every level and leaves nothing else behind",
    arguments: ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
  func newSnapshot(isolation: String) throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let first = try database.connect()
      let second = try database.connect()
      try fill(first)
      try second.execute("BEGIN ISOLATION LEVEL \(isolation)")
      #expect(try second.column(sql("place a acme USD 5.00")) == ["s1 i2 1 -500"])
      #expect(try second.column(sql("place b acme USD 3.00")) == ["s2 i1 1 -300"])
      #expect(try second.column(sql("release a")) == ["s1 i2 2 500"])
      // Lines of another customer have no effect.
      _ = try first.column(sql("place c blot KWD 1"))
      #expect(try second.column(sql("place a acme USD 5.00")) == ["s1 i2 3 -500"])
      try second.execute("COMMIT")
      #expect(try first.value("SELECT count(*)::text FROM redress.run") == "0")
      #expect(try first.value("SELECT count(*)::text FROM redress.invoice_adjustment") == "5")
    }
  }

  @Test("many sessions, few invoices: nothing is placed twice")
  func manySessions() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      for subscription in 1...20 {
        try connection.addCredit("acme", "s\(subscription)", "i1", amountMinor: 137)
      }
      let sessions = (0..<6).map { session in
        InBackground {
          let connection = try database.connect()
          for round in 0..<20 {
            let invoice = (session + round) % 4
            try connection.execute(
              round % 5 == 4
                ? "SELECT redress.release_invoice('n\(invoice)')"
                : "SELECT redress.place_on_invoice('n\(invoice)', 'acme', 'USD', 9.99)")
          }
        }
      }
      for session in sessions { try session.value() }
      #expect(try placedTooMuch(connection) == [])
      #expect(
        try connection.column(
          """
          SELECT invoice_id FROM redress.invoice_adjustment
          GROUP BY invoice_id HAVING -sum(amount_minor) NOT BETWEEN 0 AND 999
          """) == [])
    }
  }

  private func fill(_ connection: borrowing Connection) throws {
    try connection.addCredit("acme", "s1", "i1", amountMinor: 1000)
    try connection.addCredit("acme", "s1", "i2", amountMinor: 500, month: "2026-09-01")
    try connection.addCredit(
      "acme", "s2", "i1", amountMinor: 300, startedAt: "2026-10-04 23:59:59.999999+00")
    try connection.addCredit("acme", "s2", "i3", "JPY", amountMinor: 70)
    try connection.addCredit("blot", "s3", "i1", "KWD", amountMinor: 1234)
  }

  private func sql(_ call: String) -> String {
    let words = call.split(separator: " ").map(String.init)
    let function =
      words[0] == "place"
      ? "place_on_invoice('\(words[1])', '\(words[2])', '\(words[3])', \(words[4]))"
      : "release_invoice('\(words[1])')"
    return """
      SELECT concat_ws(' ', subscription_id, incident_id, line, amount_minor)
      FROM redress.\(function)
      """
  }

  /// Credits with more on invoices than their entitlement, or with a negative amount on invoices.
  private func placedTooMuch(_ connection: borrowing Connection) throws -> [String] {
    try connection.column(
      """
      SELECT subscription_id FROM redress.entitlement
      WHERE placed_minor NOT BETWEEN 0 AND amount_minor
      """)
  }

  /// Returns once a session waits for an advisory lock of the database.
  private func waitForLock(_ connection: borrowing Connection) throws {
    for _ in 0..<1000 {
      let waiting = try connection.value(
        """
        SELECT count(*)::text FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
      if waiting != "0" { return }
      usleep(10_000)
    }
    Issue.record("no session waits for a lock")
  }
}
