import FoundationEssentials
import TestSupport
import Testing

extension ScenarioRun {
  /// Compares the file of invoice lines of every night with its credits file and with the ledger.
  func compareInvoiceLines() async throws {
    for number in 1...max(1, nights) {
      let folder = files.appending(path: "night-\(number)")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
      guard let name = names.first(where: { $0.hasPrefix("invoice-lines-run-") }),
        let run = name.dropFirst(18).split(separator: ".").first.map(String.init)
      else { continue }
      try await InvoiceLineFiles.compare(
        folder, run: run, database, "\(scenario.folder.lastPathComponent), night \(number)")
    }
  }
}

/// The file of invoice lines of a run.
enum InvoiceLineFiles {
  private static let key = [
    "customer_id", "subscription_id", "incident_id", "billing_month", "currency",
  ]

  /// Lines of origin `run` and `earlier` add up to what the credits file says is placed, credit by
  /// credit and so in each currency. Those of origin `run` and `open` are the lines that the ledger
  /// has of the run.
  static func compare(
    _ folder: URL, run: String, _ database: SourceDatabase, _ place: String
  ) async throws {
    let lines = try table("invoice-lines-run-\(run).csv", in: folder)
    let credits = try table("credits-run-\(run).csv", in: folder)
    let columns = key + ["origin", "invoice_id", "line", "placed", "placed_minor", "run_id"]
    let rows = try #require(lines.selecting(columns)).rows
    var ofCredits: [[String]: Int64] = [:]
    var own: [[String]] = []
    for row in rows {
      #expect(row[10] == run && Int64(row[8].filter { $0 != "." }) == Int64(row[9]), "\(place)")
      if row[5] != "open" { ofCredits[Array(row[..<5]), default: 0] += Int64(row[9])! }
      if row[5] != "earlier" { own.append(Array(row[..<5]) + [row[6], row[7], row[9]]) }
    }
    var placed: [[String]: Int64] = [:]
    for row in try #require(credits.selecting(key + ["placed_minor"])).rows {
      placed[Array(row[..<5])] = Int64(row[5])!
    }
    #expect(
      ofCredits.filter { $0.value != 0 } == placed.filter { $0.value != 0 }, "\(place)")
    for row in rows where row[5] != "open" { #expect(placed[Array(row[..<5])] != nil, "\(place)") }
    for row in rows where row[5] == "open" { #expect(placed[Array(row[..<5])] == nil, "\(place)") }
    let ledger = try await database.rows(
      """
      SELECT customer_id, subscription_id, incident_id, to_char(billing_month, 'YYYY-MM') AS month,
             currency, invoice_id, line, -amount_minor AS placed
      FROM redress.invoice_adjustment WHERE run_id = \(run)
      ORDER BY customer_id COLLATE "C", subscription_id COLLATE "C", incident_id COLLATE "C",
               billing_month, currency COLLATE "C", line
      """)
    #expect(
      own == ledger.rows.map { $0.map { cell($0) } }.map { $0.dropLast() + [bare($0.last!)] },
      "\(place)")
  }

  /// How many lines the file has.
  static func count(_ folder: URL, run: String) throws -> Int {
    try table("invoice-lines-run-\(run).csv", in: folder).rows.count
  }

  private static func table(_ name: String, in folder: URL) throws -> Table {
    let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    return try #require(Table(csv: text))
  }

  /// A text as a cell of the CSV.
  private static func cell(_ text: String) -> String {
    text.first.map { "=+-@\t\r\n".contains($0) } ?? false ? "'\(text)" : text
  }

  /// A number without the mark of a text.
  private static func bare(_ cell: String) -> String {
    cell.hasPrefix("'") ? String(cell.dropFirst()) : cell
  }
}
