import FoundationEssentials
import Testing

/// Compares what the credits CSV of a run or a month says about invoices with the ledger's lines.
struct CreditFiles {
  /// The ledger's invoice lines at the time of the file: customer, subscription, incident, month,
  /// currency, invoice, amount.
  let lines: Table
  /// What each key was worth then: customer, subscription, incident, month, currency, minor units.
  let worth: Table

  static let key = ["customer_id", "subscription_id", "incident_id", "billing_month", "currency"]
  static let places = ["placed", "open", "overcredited"]

  /// The digits of an amount with all its decimals.
  private static func minor(_ text: String) -> Int64 {
    Int64(text.split(separator: ".").joined()) ?? .min
  }

  /// A text as a cell of the CSV.
  private static func cell(_ text: String) -> String {
    text.first.map { "=+-@\t\r\n".contains($0) } ?? false ? "'\(text)" : text
  }

  /// What invoices carry, by key, in minor units. Invoices are in the order of their first lines.
  private func carried(
    _ columns: [String]
  ) throws -> [[String]: [(invoice: String, minor: Int64)]] {
    var carried: [[String]: [(invoice: String, minor: Int64)]] = [:]
    for row in try #require(lines.selecting(columns + ["invoice", "amount"])).rows {
      let key = row.dropLast(2).map(CreditFiles.cell)
      let (invoice, minor) = (CreditFiles.cell(row[columns.count]), -CreditFiles.minor(row.last!))
      let position = carried[key]?.firstIndex { $0.invoice == invoice }
      if let position {
        carried[key]![position].minor += minor
      } else {
        carried[key, default: []].append((invoice, minor))
      }
    }
    return carried.mapValues { $0.filter { $0.minor != 0 } }
  }

  /// Checks each line, and that no total of an invoice exceeds the ledger's.
  /// - Returns: the file's sums by currency and place: lines and minor units.
  func check(_ csv: Table, _ place: String) throws -> [String: [Int64]] {
    let byKey = try carried(["customer", "subscription", "incident", "month", "currency"])
    let byInvoice = try carried(["currency"])
    let worth = Dictionary(
      uniqueKeysWithValues: self.worth.rows.map { row in
        (row.dropLast().map(CreditFiles.cell), Int64(row.last!)!)
      })
    let shown = try #require(
      csv.selecting(
        CreditFiles.key + ["invoice_id", "invoices"] + CreditFiles.places
          + CreditFiles.places.map { "\($0)_minor" }))
    var sums: [String: [Int64]] = [:]
    var totals: [[String]: Int64] = [:]
    var keys: Set<[String]> = []
    for row in shown.rows {
      let key = Array(row[..<5])
      let minors = row[10...].map { Int64($0)! }
      #expect(row[7..<10].map(CreditFiles.minor) == minors, "\(place): \(row)")
      // A run appends one revision of a credit at the most, so every line says where its credit is.
      let isNew = keys.insert(key).inserted
      #expect(isNew, "\(place): \(key) has two lines")
      let parts = byKey[key] ?? []
      let placed = parts.reduce(0) { $0 + $1.minor }
      let rest = try #require(worth[key], "\(place): \(key)") - placed
      #expect(
        Array(row[5..<7]) == [parts.count == 1 ? parts[0].invoice : "", "\(parts.count)"],
        "\(place): \(row)")
      #expect(minors == [placed, max(0, rest), max(0, -rest)], "\(place): \(row)")
      for (name, minor) in zip(CreditFiles.places, minors) where minor != 0 {
        let before = sums["\(key[4]) \(name)"] ?? [0, 0]
        sums["\(key[4]) \(name)"] = [before[0] + 1, before[1] + minor]
      }
      if !row[5].isEmpty { totals[[key[4], row[5]], default: 0] += minors[0] }
    }
    // The pseudo invoice of what is set off carries nothing in all.
    for (key, total) in totals where key[1] != "set-off" {
      let ledger = byInvoice[[key[0]]]?.first { $0.invoice == key[1] }?.minor ?? 0
      #expect(total <= ledger, "\(place): invoice \(key[1]) carries \(ledger) \(key[0])")
    }
    return sums
  }

  /// The same sums from rows of control totals: currency, kind, rows, amount, minor units.
  static func sums(_ totals: [[String]]) -> [String: [Int64]] {
    var sums: [String: [Int64]] = [:]
    for row in totals where places.contains(row[1]) {
      #expect(minor(row[3]) == Int64(row[4]), "\(row)")
      if row[4] != "0" { sums["\(row[0]) \(row[1])"] = [Int64(row[2])!, Int64(row[4])!] }
    }
    return sums
  }

  /// The same sums from a totals file.
  static func sums(_ json: Data) throws -> [String: [Int64]] {
    let totals = try JSONDecoder().decode(Totals.self, from: json)
    return sums(
      totals.amounts.flatMap { total in
        [("placed", total.placed), ("open", total.open), ("overcredited", total.overcredited)]
          .map { [total.currency, $0, "\($1.rows)", $1.amount, "\($1.minor)"] }
      })
  }

  private struct Totals: Decodable {
    struct Sum: Decodable {
      let rows: Int64
      let amount: String
      let minor: Int64

      enum CodingKeys: String, CodingKey {
        case rows, amount
        case minor = "amount_minor"
      }
    }
    struct Currency: Decodable {
      let currency: String
      let placed, open, overcredited: Sum
    }
    let amounts: [Currency]
  }

  /// The present content of the ledger.
  init(_ database: SourceDatabase) async throws {
    self.init(
      lines: try await database.rows(
        """
        SELECT customer_id AS customer, subscription_id AS subscription, incident_id AS incident,
               to_char(billing_month, 'YYYY-MM') AS month, currency, invoice_id AS invoice,
               redress.major_units(amount_minor, currency) AS amount
        FROM redress.invoice_adjustment
        ORDER BY customer_id, subscription_id, incident_id, billing_month, currency, line
        """),
      worth: try await CreditFiles.worth(database, throughRun: nil))
  }

  init(lines: Table, worth: Table) {
    self.lines = lines
    self.worth = worth
  }

  static func worth(_ database: SourceDatabase, throughRun run: String?) async throws -> Table {
    try await database.rows(
      """
      SELECT customer_id, subscription_id, incident_id, to_char(billing_month, 'YYYY-MM') AS month,
             currency, sum(amount_minor) AS worth
      FROM redress.credit \(run.map { "WHERE run_id <= \($0)" } ?? "")
      GROUP BY customer_id, subscription_id, incident_id, billing_month, currency
      """)
  }
}

extension ScenarioRun {
  /// Compares the credits file of every night with the invoice lines after that night, and its
  /// totals with both. Compares each month's state with the present ledger.
  func compareInvoices() async throws {
    for number in 1...max(1, nights) {
      let folder = files.appending(path: "night-\(number)")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
      let name = names.first { $0.hasPrefix("credits-run-") }
      guard let name, let run = name.dropFirst(12).split(separator: ".").first.map(String.init)
      else { continue }
      func table(_ name: String) throws -> Table {
        try #require(
          Table(csv: try String(contentsOf: folder.appending(path: name), encoding: .utf8)))
      }
      let ledger = CreditFiles(
        lines: try table("lines.csv"),
        worth: try await CreditFiles.worth(database, throughRun: run))
      let sums = try ledger.check(try table(name), "\(scenario.folder.lastPathComponent), \(name)")
      let totals = try Data(contentsOf: folder.appending(path: "totals-run-\(run).json"))
      #expect(try CreditFiles.sums(totals) == sums, "\(scenario.folder.lastPathComponent), \(name)")
    }
    let now = try await CreditFiles(database)
    let months = try await database.rows(
      "SELECT DISTINCT to_char(billing_month, 'YYYY-MM') AS month FROM redress.credit ORDER BY month"
    )
    for month in months.rows.map({ $0[0] }) {
      let csv = try await database.redress(["report", "--month", month])
      let place = "\(scenario.folder.lastPathComponent), \(month)"
      _ = try now.check(try #require(Table(csv: csv.output)), place)
    }
  }
}
