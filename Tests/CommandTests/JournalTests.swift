import FoundationEssentials
import SeededRandom
import TestSupport
import Testing

/// `redress journal`, read by hledger and beancount and compared with the ledger.
struct JournalTests {
  static let night = [
    "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load", "--output",
  ]

  /// What an account holds of a currency, as hledger and beancount print it.
  private typealias Balances = [[String]: String]

  // MARK: The demo

  /// Nights with grants, decreases, placements by the invoicing system, and credits that are
  /// overcredited in the end.
  @Test func theDemoBalancesToTheCent() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        try await JournalTests.run("2026-11-02T04:30:00Z", database, folder)
        try await database.psql([
          "SELECT redress.place_on_invoice('own-1', 'CUS-1002', 'USD', 490)",
          "SELECT redress.release_invoice('own-1')",
          "SELECT redress.place_on_invoice('own-2', 'CUS-1002', 'USD', 200)",
          "UPDATE redress_source.invoice SET status = 'finalized' WHERE status = 'draft'",
          "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-2039'",
        ])
        try await JournalTests.run("2026-12-03T04:30:00Z", database, folder)
        let balances = try await JournalTests.compare(database, folder)
        for account in [
          "Income:ServiceCredits", "Liabilities:ServiceCredits", "Assets:Receivable",
          "Assets:ServiceCredits:Overcredited",
        ] {
          #expect(balances.keys.contains { $0[0] == account }, "\(account)")
        }
        try await JournalTests.compareRuns(database)
      }
    }
  }

  /// Four nights with random changes of the source between them.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func randomHistoriesBalance(seed: UInt64) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        var random = SeededGenerator(seed: seed)
        for asOf in ["2026-11-02", "2026-11-20", "2026-12-01", "2027-01-05"] {
          try await JournalTests.run("\(asOf)T04:30:00Z", database, folder)
          for _ in 0..<5 {
            try await database.psql([
              JournalTests.changes.randomElement(using: &random)!(
                Int.random(in: 0..<5, using: &random))
            ])
          }
        }
        _ = try await JournalTests.compare(database, folder)
        try await JournalTests.compareRuns(database)
      }
    }
  }

  /// Changes of about a fifth of the rows.
  private static let changes: [@Sendable (Int) -> String] = [
    {
      "UPDATE redress_source.incident SET status = 'void' WHERE \(JournalTests.fifth("incident_id", $0))"
    },
    {
      """
      UPDATE redress_source.incident SET status = 'resolved'
      WHERE status = 'void' AND resolved_at IS NOT NULL AND \(JournalTests.fifth("incident_id", $0))
      """
    },
    {
      """
      UPDATE redress_source.outage SET ended_at = ended_at + interval '70 minutes'
      WHERE ended_at IS NOT NULL AND \(JournalTests.fifth("incident_id", $0))
      """
    },
    {
      """
      UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee * 1.5
      WHERE \(JournalTests.fifth("subscription_id", $0))
      """
    },
    {
      """
      UPDATE redress_source.subscription_term SET plan = 'pro "plus", 50%; new'
      WHERE \(JournalTests.fifth("subscription_id", $0))
      """
    },
    {
      "UPDATE redress_source.customer SET tier = 'enterprise' WHERE \(JournalTests.fifth("customer_id", $0))"
    },
    {
      "UPDATE redress_source.invoice SET status = 'finalized' WHERE \(JournalTests.fifth("invoice_id", $0))"
    },
    {
      "UPDATE redress_source.invoice SET status = 'void' WHERE \(JournalTests.fifth("invoice_id", $0))"
    },
    {
      """
      SELECT redress.place_on_invoice('own-' || customer_id, customer_id, currency, open_minor)
      FROM redress.open_credit WHERE \(JournalTests.fifth("customer_id", $0))
      """
    },
    {
      """
      SELECT redress.release_invoice(invoice_id)
      FROM (SELECT DISTINCT invoice_id FROM redress.invoice_line
            WHERE run_id IS NULL AND invoice_id LIKE 'own-%') AS placed
      WHERE \(JournalTests.fifth("invoice_id", $0))
      """
    },
  ]

  private static func fifth(_ column: String, _ part: Int) -> String {
    "ascii(right(\(column)::text, 1)) % 5 = \(part)"
  }

  // MARK: Accounts

  /// Accounts by service, plan and tier, with names that neither format allows as they are. A new
  /// file books new credits to new accounts, and what it takes back stays where it was.
  @Test func accountsAreThoseOfThePolicyFile() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        let builtIn = try await database.redress(["policy", "show"]).output
        let first = folder.appending(path: "first.yaml")
        try Data(
          """
          accounts:
            credits: "Income:Erlösminderung  (4711); \\"alt\\""
            by:
              - {tier: Enterprise, credits: Income:enterprise, liability: Liabilities:-Large-}
              - {plan: business, credits: Income:Business}
          \(builtIn)
          """.utf8
        ).write(to: first)
        try await JournalTests.run(
          "2026-11-02T04:30:00Z", database, folder, ["--policy", first.path()])
        let before = try await JournalTests.compare(database, folder, isUsual: false)
        #expect(before.keys.contains { $0[0] == "Income:enterprise" })
        #expect(before.keys.contains { $0[0] == "Liabilities:-Large-" })

        let second = folder.appending(path: "second.yaml")
        try Data("accounts: {credits: Income:New}\n\(builtIn)".utf8).write(to: second)
        try await database.psql("UPDATE redress_source.incident SET status = 'void'")
        try await JournalTests.run(
          "2026-12-02T04:30:00Z", database, folder, ["--policy", second.path()])
        let after = try await JournalTests.compare(database, folder, isUsual: false)
        #expect(!after.keys.contains { $0[0].hasPrefix("Income") || $0[0].hasPrefix("Liab") })
        let plain = try await database.redress(["journal", "--run", "2", "--format", "hledger"])
        #expect(!plain.output.contains("Income:New"), "\(plain.output)")
      }
    }
  }

  @Test func whatIsAskedForMustBeThere() async throws {
    let database = try await SourceDatabase()
    let none = try await database.redress(["journal", "--run", "7"])
    #expect(none.exitCode == 1 && none.errors.contains("there is no run 7"), "\(none.errors)")
    let neither = try await database.redress(["journal"])
    #expect(neither.exitCode == 64 && neither.errors.contains("either --posted or --run"))
    let empty = try await database.redress(["journal", "--posted", "2026-10"])
    #expect(empty.exitCode == 0 && empty.output.hasPrefix("transaction,posted_on,"))
    #expect(empty.output.split(whereSeparator: \.isNewline).count == 1)
  }

  // MARK: Comparing

  private static func run(
    _ asOf: String, _ database: SourceDatabase, _ folder: URL, _ options: [String] = []
  ) async throws {
    let finished = try await database.redress(
      night + [folder.path(), "--as-of", asOf] + options)
    try #require([0, 3].contains(finished.exitCode), "\(finished.errors)")
  }

  /// Makes the journals of every month in which something was posted, has hledger and beancount
  /// read them together, and compares what accounts hold with the ledger.
  /// - Returns: what accounts hold, without zeros.
  @discardableResult
  private static func compare(
    _ database: SourceDatabase, _ folder: URL, isUsual: Bool = true
  ) async throws -> Balances {
    let months = try await database.rows(
      """
      SELECT to_char(posted_on, 'YYYY-MM') AS month FROM redress.run
      UNION
      SELECT to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM') FROM redress.invoice_line
      WHERE placed_at IS NOT NULL
      ORDER BY month
      """
    ).rows.map { $0[0] }
    var rows: [[String: String]] = []
    var (journals, beancounts): ([String], [String]) = ([], [])
    for month in months {
      for format in ["hledger", "beancount"] {
        let path = folder.appending(path: "\(month).\(format)").path()
        let finished = try await database.redress(
          ["journal", "--posted", month, "--format", format, "--output", path])
        try #require(finished.exitCode == 0, "\(finished.errors)")
        #expect(finished.output == "\(path)\n")
        if format == "hledger" { journals.append(path) } else { beancounts.append(path) }
      }
      let csv = try await database.redress(["journal", "--posted", month])
      let table = try #require(Table(csv: csv.output))
      #expect(table.rows.allSatisfy { $0[1].hasPrefix(month) })
      rows += table.rows.map {
        Dictionary(uniqueKeysWithValues: zip(table.columns, $0))
      }
    }
    let fromCSV = try balances(rows)
    let fromLedger = try await ledger(database)
    if isUsual { #expect(fromCSV == fromLedger) }
    #expect(sums(fromCSV) == sums(fromLedger))
    let fromHledger = try await hledger(journals)
    let fromBeancount = try await beancount(beancounts, folder)
    if isUsual {
      #expect(fromHledger == fromLedger)
      #expect(fromBeancount == fromLedger)
    }
    #expect(fromHledger.values.sorted() == fromCSV.values.sorted())
    #expect(fromBeancount.values.sorted() == fromCSV.values.sorted())
    try await compareParts(rows, database)
    return fromCSV
  }

  private static func decimal(_ minor: Int64, _ currency: String) -> String {
    let decimals = ["JPY": 0, "KWD": 3][currency] ?? 2
    var digits = String(minor.magnitude)
    digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    if decimals > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -decimals)) }
    return (minor < 0 ? "-" : "") + digits
  }

  /// Checks each row, and that every transaction balances.
  private static func balances(_ rows: [[String: String]]) throws -> Balances {
    var minors: [[String]: Int64] = [:]
    var transactions: [String: Int64] = [:]
    for row in rows {
      let (currency, minor) = (row["currency"]!, Int64(row["amount_minor"]!)!)
      #expect(row["amount"] == decimal(minor, currency))
      let size = decimal(abs(minor), currency)
      #expect([row["debit"], row["credit"]] == (minor > 0 ? [size, ""] : ["", size]))
      minors[[row["account"]!, currency], default: 0] += minor
      transactions[row["transaction"]!, default: 0] += minor
    }
    #expect(transactions.values.allSatisfy { $0 == 0 })
    return minors.filter { $0.value != 0 }.reduce(into: [:]) { balances, entry in
      balances[entry.key] = decimal(entry.value, entry.key[1])
    }
  }

  /// The amounts by the first part of the account and currency, in minor units.
  private static func sums(_ balances: Balances) -> [String: Int64] {
    var sums: [String: Int64] = [:]
    for (key, amount) in balances {
      let digits = amount.filter { $0 != "." }
      sums["\(key[0].prefix { $0 != ":" }) \(key[1])", default: 0] += Int64(digits)!
    }
    return sums.filter { $0.value != 0 }
  }

  /// What the usual accounts must hold.
  private static func ledger(_ database: SourceDatabase) async throws -> Balances {
    let rows = try await database.rows(
      """
      SELECT account, currency, sum(minor)::bigint AS minor FROM (
        SELECT 'Income:ServiceCredits' AS account, currency, amount_minor AS minor
        FROM redress.credit
        UNION ALL
        SELECT 'Liabilities:ServiceCredits', currency, -open_minor FROM redress.open_credit
        UNION ALL
        SELECT 'Assets:Receivable', currency, amount_minor FROM redress.invoice_adjustment
        UNION ALL
        SELECT 'Assets:ServiceCredits:Overcredited', currency, greatest(0, -open_minor)
        FROM redress.entitlement) AS held
      GROUP BY account, currency HAVING sum(minor) <> 0
      """)
    return rows.rows.reduce(into: [:]) { balances, row in
      balances[[row[0], row[1]]] = decimal(Int64(row[2])!, row[1])
    }
  }

  /// By billing month, service and plan the journal comes to what the credits are decided on now.
  private static func compareParts(
    _ rows: [[String: String]], _ database: SourceDatabase
  ) async throws {
    var found: [[String]: Int64] = [:]
    for row in rows where row["account"]!.hasPrefix("Income:") {
      let key = ["billing_month", "service_id", "plan", "currency"].map { row[$0]! }
      found[key, default: 0] += Int64(row["amount_minor"]!)!
    }
    let ledger = try await database.rows(
      """
      SELECT to_char(e.billing_month, 'YYYY-MM') AS month, d.service_id, d.plan, e.currency,
             sum(e.amount_minor)::bigint AS minor
      FROM redress.entitlement AS e
      CROSS JOIN LATERAL (
        SELECT c.service_id, c.plan FROM redress.credit AS c
        WHERE c.customer_id = e.customer_id AND c.subscription_id = e.subscription_id
          AND c.incident_id = e.incident_id AND c.billing_month = e.billing_month
          AND c.currency = e.currency AND c.service_id IS NOT NULL
        ORDER BY c.revision DESC LIMIT 1) AS d
      GROUP BY 1, 2, 3, 4 HAVING sum(e.amount_minor) <> 0
      """)
    let wanted = ledger.rows.reduce(into: [:]) { wanted, row in
      wanted[Array(row[..<4])] = Int64(row[4])!
    }
    #expect(found.filter { $0.value != 0 } == wanted)
  }

  /// The journals of the runs are those of the months, without what the invoicing system did.
  private static func compareRuns(_ database: SourceDatabase) async throws {
    let runs = try await database.rows(
      "SELECT run_id, to_char(posted_on, 'YYYY-MM') AS month FROM redress.run ORDER BY run_id")
    for run in runs.rows {
      let own = try #require(
        Table(csv: try await database.redress(["journal", "--run", run[0]]).output))
      let month = try #require(
        Table(csv: try await database.redress(["journal", "--posted", run[1]]).output))
      #expect(own.rows == month.rows.filter { $0[2] == run[0] }, "run \(run[0])")
    }
  }

  private static func hledger(_ files: [String]) async throws -> Balances {
    let arguments = files.flatMap { ["-f", $0] }
    for file in files {
      let check = try await CommandTests.run(
        "hledger", ["-f", file, "check", "--strict", "ordereddates"],
        environment: ["LC_ALL": "C.UTF-8"])
      #expect(check.exitCode == 0, "\(check.errors)")
    }
    let finished = try await CommandTests.run(
      "hledger", arguments + ["balance", "-N", "--flat", "-O", "csv", "--layout", "bare"],
      environment: ["LC_ALL": "C.UTF-8"])
    try #require(finished.exitCode == 0, "\(finished.errors)")
    let table = try #require(Table(csv: finished.output))
    return table.rows.filter { $0[2].contains { ("1"..."9").contains($0) } }
      .reduce(into: [:]) { $0[[$1[0], $1[1]]] = $1[2] }
  }

  private static func beancount(_ files: [String], _ folder: URL) async throws -> Balances {
    let all = folder.appending(path: "all.beancount")
    let includes = files.map { "include \"\($0)\"\n" }.joined()
    try Data("plugin \"beancount.plugins.auto_accounts\"\n\(includes)".utf8).write(to: all)
    for file in files + [all.path()] {
      let check = try await CommandTests.run("bean-check", [file])
      #expect(check.exitCode == 0, "\(check.output.prefix(500))\(check.errors.prefix(500))")
    }
    let finished = try await CommandTests.run(
      "bean-query",
      [
        "-f", "csv", all.path(),
        "SELECT account, currency, sum(position) GROUP BY account, currency",
      ])
    try #require(finished.exitCode == 0, "\(finished.errors)")
    let table = try #require(Table(csv: finished.output))
    func bare(_ text: String) -> String { text.filter { $0 != " " } }
    // A sum of positions has the decimals and the code of its currency.
    return table.rows.filter { $0[2].contains { ("1"..."9").contains($0) } }
      .reduce(into: [:]) {
        $0[[bare($1[0]), bare($1[1])]] = bare(String($1[2].filter { !$0.isLetter }))
      }
  }
}
