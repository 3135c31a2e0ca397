import Postgres
import RedressSQL
import ServiceCredits
import Testing

@Suite("redress.entitlement and redress.open_credit")
struct EntitlementViewTests {
  @Test("sums of revisions and lines, and the newest revision's facts")
  func arithmetic() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.addCredit("acme", "s1", "i1", amountMinor: 700, run: 1, on: "a")
      try connection.addCredit(
        "acme", "s1", "i1", revision: 2, amountMinor: 1800, percent: 2500, severity: "P1", run: 2)
      try connection.addCredit("acme", "s1", "i1", revision: 3, amountMinor: -2100, run: 3)
      // The same in another month is another credit.
      try connection.addCredit(
        "acme", "s1", "i1", amountMinor: 250, month: "2026-11-01", severity: "P2", run: 3)
      try connection.addCredit("acme", "s1", "i2", amountMinor: 500)
      try connection.addCredit("acme", "s1", "i2", revision: 2, amountMinor: -500)
      try connection.addCredit("acme", "s2", "i1", "JPY", amountMinor: 70)
      try connection.addCredit("acme", "s2", "i1", "KWD", amountMinor: 1234)
      try connection.addCredit("acme", "s2", "i1", "CLF", amountMinor: 12345)
      try connection.execute(
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor,
           billing_month)
        SELECT *, date '2026-10-01' FROM (VALUES
          ('acme', 's1', 'i1', 'USD', 2, 1, 'b', -300), ('acme', 's1', 'i1', 'USD', 3, 3, 'b', 300),
          ('acme', 's2', 'i1', 'JPY', 1, 1, 'c', -70)) AS line
        """)
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', subscription_id, incident_id, currency, amount_minor, amount,
            placed_minor, open_minor, revision, billing_month, severity, percent_bp, run_id)
          FROM redress.entitlement ORDER BY subscription_id, incident_id, currency, billing_month
          """) == [
            "s1 i1 USD 400 4.00 700 -300 3 2026-10-01 P0 1000 3",
            "s1 i1 USD 250 2.50 0 250 1 2026-11-01 P2 1000 3",
            "s1 i2 USD 0 0.00 0 0 2 2026-10-01 P0 1000 1",
            "s2 i1 CLF 12345 1.2345 0 12345 1 2026-10-01 P0 1000 1",
            "s2 i1 JPY 70 70 70 0 1 2026-10-01 P0 1000 1",
            "s2 i1 KWD 1234 1.234 0 1234 1 2026-10-01 P0 1000 1",
          ])
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', customer_id, currency, open_minor, amount, credits)
          FROM redress.open_credit ORDER BY currency
          """) == ["acme CLF 12345 1.2345 1", "acme KWD 1234 1.234 1", "acme USD 250 2.50 1"])
    }
  }

  @Test("what is stored in parts is read as a whole")
  func rows() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.addCredit("acme", "s1", "i1", amountMinor: 700, run: 1, on: "a")
      try connection.addCredit("acme", "s1", "i1", revision: 2, amountMinor: -200, run: 2)
      try connection.addCredit(
        "acme", "s1", "i1", revision: 3, amountMinor: 50, run: 3, on: "b", line: 3)
      try connection.execute(
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, run_id, placed_at, invoice_id,
           amount_minor, billing_month)
        VALUES
          ('acme', 's1', 'i1', 'USD', 2, 2, NULL, 'a', 200, '2026-10-01'),
          ('acme', 's1', 'i1', 'USD', 4, NULL, '2026-11-09 00:00:00+00', 'b', 50, '2026-10-01')
        """)
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', revision, kind, amount_minor, billing_month, run_id, lines_through,
            severity, percent_bp, counted_microseconds, monthly_fee, plan, time_zone, customer_name)
          FROM redress.credit ORDER BY revision
          """) == [
            "1 grant 700 2026-10-01 1 1 P0 1000 7200000000 100 gold UTC Acme",
            "2 decrease -200 2026-10-01 2 0 P0 1000 7200000000 100 gold UTC Acme",
            "3 increase 50 2026-10-01 3 3 P0 1000 7200000000 100 gold UTC Acme",
          ])
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', customer_id, subscription_id, incident_id, currency, line, billing_month,
            COALESCE(run_id::text, '-'), placed_at IS NULL, invoice_id, amount_minor)
          FROM redress.invoice_adjustment ORDER BY line
          """) == [
            "acme s1 i1 USD 1 2026-10-01 1 t a -700", "acme s1 i1 USD 2 2026-10-01 2 t a 200",
            "acme s1 i1 USD 3 2026-10-01 3 t b -50", "acme s1 i1 USD 4 2026-10-01 - f b 50",
          ])
      // A revision whose decision is missing is there, so that nobody pays it twice.
      try connection.execute("DELETE FROM redress.decision WHERE run_id = 3")
      #expect(try connection.value("SELECT count(*)::text FROM redress.credit") == "3")
      #expect(try connection.value("SELECT amount_minor::text FROM redress.entitlement") == "550")
      #expect(
        try connection.column("SELECT billing_month::text FROM redress.credited_month") == [
          "2026-10-01"
        ])
    }
  }

  @Test(
    "one customer is read through the keys, month by month",
    arguments: ["redress.entitlement", "redress.open_credit"])
  func pushDown(view: String) throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      // Two years of 500 customers, who have a line in each of the two tables.
      try connection.execute(
        """
        INSERT INTO redress.recorded_month
        SELECT 'i1', month::date, 1
        FROM generate_series(date '2025-01-01', date '2026-12-01', interval '1 month') AS month;
        INSERT INTO redress.decision (run_id, number, percent_before_cap_bp, counted_microseconds)
        VALUES (1, 1, 1000, 7200000000);
        INSERT INTO redress.credit_revision (
          customer_id, subscription_id, incident_id, billing_month, currency, revision, lines_through,
          run_id, amount_minor, percent_bp, outage_started_at, decision, monthly_fee, customer_name, customer_tier,
          invoice_id)
        SELECT 'c' || customer, 's1', 'i1', billing_month, 'USD', 1, 1, 1, 100, 0, billing_month, 1, 10, 'Acme', 'gold', 'n' || customer
        FROM redress.recorded_month CROSS JOIN generate_series(1, 500) AS customer;
        INSERT INTO redress.invoice_line (
          customer_id, subscription_id, incident_id, billing_month, currency, line, run_id, invoice_id,
          amount_minor)
        SELECT customer_id, subscription_id, incident_id, billing_month, currency, 2, 1, invoice_id, 50
        FROM redress.credit_revision;
        ANALYZE redress.recorded_month, redress.decision, redress.credit_revision, redress.invoice_line;
        SET enable_seqscan = off; SET enable_bitmapscan = off
        """)
      let plan = try connection.column(
        "EXPLAIN (COSTS OFF) SELECT * FROM \(view) WHERE customer_id = 'c7'")
      let conditions = plan.filter {
        $0.contains("Index Cond: ((billing_month = ") && $0.contains("customer_id = 'c7'")
      }
      // Revisions, lines that are revisions, and other lines.
      #expect(conditions.count == 3, "\(plan.joined(separator: "\n"))")
    }
  }

  @Test("currencies are the program's own")
  func currencies() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
      var expected: [String] = []
      for first in letters {
        for second in letters {
          for third in letters {
            guard let currency = Currency(String(decoding: [first, second, third], as: UTF8.self))
            else { continue }
            expected.append("\(currency.code) \(currency.exponent)")
          }
        }
      }
      #expect(expected.count > 150)
      #expect(
        try connection.column(
          """
          SELECT code || ' ' || redress.currency_decimals(code)
          FROM (
            SELECT chr(a) || chr(b) || chr(c) AS code
            FROM generate_series(65, 90) AS a, generate_series(65, 90) AS b,
              generate_series(65, 90) AS c
          ) AS codes
          WHERE redress.currency_decimals(code) IS NOT NULL
          ORDER BY code COLLATE "C"
          """) == expected)
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', redress.recorded_units(amount, 'USD'), redress.recorded_units(amount, 'JPY'),
            redress.recorded_units(amount, 'BHD'), redress.recorded_units(amount, 'UYW'))
          FROM unnest(ARRAY[-105, 0, 9223372036854775807]) AS amount
          """) == [
            "-1.05 -105 -0.105 -0.0105", "0.00 0 0.000 0.0000",
            "92233720368547758.07 9223372036854775807 9223372036854775.807 922337203685477.5807",
          ])
      #expect(try connection.value("SELECT redress.recorded_units(1, 'usd')::text") == "∅")
    }
  }

  @Test("the ledger refuses rows that cannot be true")
  func constraints() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.addCredit("acme", "s1", "i1", amountMinor: 1000)
      try connection.execute(
        """
        INSERT INTO redress.invoice_line
          (customer_id, subscription_id, incident_id, currency, line, billing_month, run_id, invoice_id,
           amount_minor)
        VALUES ('acme', 's1', 'i1', 'USD', 1, '2026-10-01', 1, 'a', -10)
        """)
      for (table, changes, constraint) in Self.refused {
        for change in changes {
          do throws(PostgresError) {
            try connection.execute("UPDATE redress.\(table) SET \(change)")
            Issue.record("accepted: \(table) \(change)")
          } catch {
            #expect(error.constraint == constraint, "\(table) \(change)")
          }
        }
      }
      for (table, changes) in Self.accepted {
        for change in changes {
          #expect(
            try connection.refusal("UPDATE redress.\(table) SET \(change)") == nil,
            "\(table) \(change)")
        }
      }
    }
  }

  private static let refused: [(table: String, changes: [String], constraint: String)] = [
    (
      "credit_revision",
      [
        "amount_minor = 0", "amount_minor = -1", "revision = 0", "revision = -1",
        "revision = 2, amount_minor = 0",
      ], "credit_revision_changes_the_credit"
    ),
    (
      "credit_revision",
      [
        "monthly_fee = NULL", "outage_started_at = NULL", "percent_bp = -1",
        "revision = 2, amount_minor = -1, percent_bp = -1",
      ], "credit_revision_given_has_its_basis"
    ),
    (
      "credit_revision", ["month_minor = -1", "quarter_minor = -1", "billed_fee = -1"],
      "credit_revision_has_its_parts"
    ),
    (
      "credit_revision", ["lines_through = -1", "invoice_id = 'a', lines_through = 0"],
      "credit_revision_line_is_counted"
    ),
    (
      "credit_revision", ["billing_month = '2026-10-02'", "billing_month = 'infinity'"],
      "credit_revision_billing_month_is_a_first"
    ),
    (
      "credit_revision",
      [
        "customer_id = ''", "subscription_id = ''", "incident_id = ''",
        "invoice_id = '', lines_through = 1",
      ], "credit_revision_ids_are_not_empty"
    ),
    (
      "decision",
      [
        "percent_before_cap_bp = -1", "counted_microseconds = -1",
      ], "decision_numbers_in_range"
    ),
    (
      "decision",
      [
        "severity = NULL", "outage_ended_at = NULL", "policy_version = NULL", "service_id = NULL",
        "plan = NULL", "time_zone = NULL", "\(noBasis)",
      ], "decision_has_its_basis"
    ),
    ("invoice_line", ["amount_minor = 0", "line = 0"], "invoice_line_changes_the_invoice"),
    (
      "invoice_line", ["run_id = NULL", "placed_at = '2026-11-09 00:00:00+00'"],
      "invoice_line_has_one_origin"
    ),
    ("invoice_line", ["billing_month = '2026-10-02'"], "invoice_line_billing_month_is_a_first"),
    (
      "invoice_line",
      ["customer_id = ''", "subscription_id = ''", "incident_id = ''", "invoice_id = ''"],
      "invoice_line_ids_are_not_empty"
    ),
  ]

  private static let noBasis = """
    severity = NULL, outage_ended_at = NULL, policy_version = NULL, service_id = NULL,
    time_zone = NULL
    """

  private static let accepted: [(table: String, changes: [String])] = [
    (
      "credit_revision",
      [
        "invoice_id = 'a', lines_through = 1", "lines_through = 7",
        "revision = 2",
        "revision = 3, amount_minor = -1, monthly_fee = NULL, outage_started_at = NULL",
        "percent_bp = 0", "percent_bp = 10000",
      ]
    ),
    (
      "decision",
      [
        "percent_before_cap_bp = 10000", "percent_before_cap_bp = 0", "\(noBasis), plan = NULL",
      ]
    ),
    (
      "invoice_line",
      ["amount_minor = 10", "run_id = NULL, placed_at = '2026-11-09 00:00:00+00'"]
    ),
  ]
}
