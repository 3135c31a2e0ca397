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
      try connection.addCredit("acme", "s1", "i1", amountMinor: 1000, run: 1)
      try connection.addCredit(
        "acme", "s1", "i1", revision: 2, amountMinor: 1500, month: "2026-11-01", percent: 2500,
        severity: "P1", run: 2)
      try connection.addCredit("acme", "s1", "i1", revision: 3, amountMinor: -2100, run: 3)
      try connection.addCredit("acme", "s1", "i2", amountMinor: 500)
      try connection.addCredit("acme", "s1", "i2", revision: 2, amountMinor: -500)
      try connection.addCredit("acme", "s2", "i1", "JPY", amountMinor: 70)
      try connection.addCredit("acme", "s2", "i1", "KWD", amountMinor: 1234)
      try connection.addCredit("acme", "s2", "i1", "CLF", amountMinor: 12345)
      try connection.execute(
        """
        INSERT INTO redress.invoice_adjustment
          (customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor,
           billing_month)
        SELECT *, date '2026-10-01' FROM (VALUES
          ('acme', 's1', 'i1', 'USD', 1, 1, 'a', -700), ('acme', 's1', 'i1', 'USD', 2, 1, 'b', -300),
          ('acme', 's1', 'i1', 'USD', 3, 3, 'b', 300), ('acme', 's2', 'i1', 'JPY', 1, 1, 'c', -70)) AS line
        """)
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', subscription_id, incident_id, currency, amount_minor, amount,
            placed_minor, open_minor, revision, billing_month, severity, percent_bp, run_id)
          FROM redress.entitlement ORDER BY subscription_id, incident_id, currency
          """) == [
            "s1 i1 USD 400 4.00 700 -300 3 2026-10-01 P0 1000 3",
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
          """) == ["acme CLF 12345 1.2345 1", "acme KWD 1234 1.234 1"])
    }
  }

  @Test(
    "one customer is read through the keys",
    arguments: ["redress.entitlement", "redress.open_credit"])
  func pushDown(view: String) throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
      let plan = try connection.column(
        "EXPLAIN (COSTS OFF) SELECT * FROM \(view) WHERE customer_id = 'acme'")
      let conditions = plan.filter { $0.contains("Index Cond: (customer_id = 'acme'") }
      #expect(conditions.count == 2, "\(plan.joined(separator: "\n"))")
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
          SELECT concat_ws(' ', redress.major_units(amount, 'USD'), redress.major_units(amount, 'JPY'),
            redress.major_units(amount, 'BHD'), redress.major_units(amount, 'UYW'))
          FROM unnest(ARRAY[-105, 0, 9223372036854775807]) AS amount
          """) == [
            "-1.05 -105 -0.105 -0.0105", "0.00 0 0.000 0.0000",
            "92233720368547758.07 9223372036854775807 9223372036854775.807 922337203685477.5807",
          ])
      #expect(try connection.value("SELECT redress.major_units(1, 'usd')::text") == "∅")
    }
  }

  @Test("the ledger refuses rows that cannot be true")
  func constraints() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.addCredit("acme", "s1", "i1", amountMinor: 1000)
      let cases: [(change: String, constraint: String)] = [
        ("amount_minor = 0", "credit_amount_sign_follows_kind"),
        ("amount_minor = -1", "credit_amount_sign_follows_kind"),
        ("revision = 2", "credit_amount_sign_follows_kind"),
        ("kind = 'increase'", "credit_amount_sign_follows_kind"),
        ("kind = 'Grant'", "credit_amount_sign_follows_kind"),
        ("kind = 'decrease', revision = 2", "credit_amount_sign_follows_kind"),
        ("kind = 'increase', revision = 0", "credit_amount_sign_follows_kind"),
        ("percent_bp = -1", "credit_numbers_in_range"),
        ("percent_bp = 1001", "credit_numbers_in_range"),
        ("percent_before_cap_bp = 10001", "credit_numbers_in_range"),
        ("counted_microseconds = -1", "credit_numbers_in_range"),
        ("lines_through = -1", "credit_numbers_in_range"),
        ("billing_month = '2026-10-02'", "credit_billing_month_is_a_first"),
        ("billing_month = 'infinity'", "credit_billing_month_is_a_first"),
        ("severity = NULL", "credit_given_has_its_basis"),
        ("outage_started_at = NULL", "credit_given_has_its_basis"),
        ("monthly_fee = NULL", "credit_given_has_its_basis"),
        ("time_zone = NULL", "credit_given_has_its_basis"),
      ]
      for (change, constraint) in cases {
        do throws(PostgresError) {
          try connection.execute("UPDATE redress.credit SET \(change)")
          Issue.record("accepted: \(change)")
        } catch {
          #expect(error.constraint == constraint, "\(change)")
        }
      }
      for change in [
        "percent_bp = 0", "percent_bp = 10000, percent_before_cap_bp = 10000",
        "kind = 'increase', revision = 2",
        "kind = 'decrease', revision = 3, amount_minor = -1, severity = NULL, plan = NULL",
      ] {
        #expect(try connection.refusal("UPDATE redress.credit SET \(change)") == nil, "\(change)")
      }
    }
  }
}
