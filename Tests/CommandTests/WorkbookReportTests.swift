import FoundationEssentials
import TestSupport
import Testing

/// `redress report --format xlsx`, read back by LibreOffice and compared with the CSV of the same
/// run or month.
struct WorkbookReportTests {
  /// Five currencies, texts that look like formulas, findings.
  @Test func agreesWithTheCSVToTheUnit() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        // A number with more digits than a spreadsheet keeps, and a text that looks like an escape
        // and is too long.
        try await database.psql([
          """
          UPDATE redress_source.subscription_term SET monthly_fee = 9000000000000.123456
          WHERE subscription_id = 'SUB-1001-1'
          """,
          """
          UPDATE redress_source.customer SET name = '_x000D_' || repeat('n', 40000)
          WHERE customer_id = 'CUS-1001'
          """,
        ])
        let night = try await database.redress(
          [
            "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
            "--as-of", "2026-11-05T03:00:00Z",
          ]
            + ["--output", folder.path()])
        #expect(night.exitCode == 3, "\(night.errors)")
        for selection in [["--run", "1"], ["--month", "2026-10"]] {
          try await compare(selection, database, folder)
        }
      }
    }
  }

  private func compare(
    _ selection: [String], _ database: SourceDatabase, _ folder: URL
  ) async throws {
    let finished = try await database.redress(
      ["report"] + selection + ["--format", "xlsx", "--output", folder.path()])
    try #require(finished.exitCode == 0, "\(finished.errors)")
    let path = finished.output.split(separator: "\n").map(String.init)[0]
    let sheets = try Office.sheets(of: path)
    #expect(Set(sheets.keys) == ["credits", "invoice lines", "totals", "findings", "notes"])
    let csv = try await database.redress(["report"] + selection)
    let table = try #require(Table(csv: csv.output))
    let credits = try #require(sheets["credits"])
    #expect(
      credits[0].map { $0.text.replacing(" (UTC)", with: "") } == table.columns)
    // The rows of sums have a test of their own.
    let currencies = Set(try #require(table.selecting(["currency"])).rows.map { $0[0] })
    #expect(credits.count == table.rows.count + 1 + currencies.count)
    try compareSums(Array(credits.suffix(currencies.count)), table)
    try await compareInvoiceLines(try #require(sheets["invoice lines"]), selection, database)
    for (row, line) in zip(credits.dropFirst(), table.rows) {
      for (column, (cell, field)) in zip(table.columns, zip(row, line)) {
        let wanted = WorkbookReportTests.shown(field, in: column, of: line, table.columns)
        #expect(cell == wanted, "\(column) of \(line[2])")
      }
    }
    try compareTotals(sheets, table)
    let findings = try #require(sheets["findings"]).map { $0.map(\.text) }
    let file = try String(
      contentsOf: folder.appending(path: "findings-run-1.csv"), encoding: .utf8)
    let reported = try #require(Table(csv: file))
    #expect(findings == [reported.columns] + reported.rows)
    let notes = try #require(sheets["notes"]).map { $0[0].text }
    #expect(notes.contains("long numbers") && notes.contains("long texts"), "\(notes)")
  }

  /// The last rows of the sheet are the sums of the lines, by currency.
  private func compareSums(_ sums: [[Office.Cell]], _ table: Table) throws {
    let currency = try #require(table.columns.firstIndex(of: "currency"))
    #expect(sums.map { $0[currency].text } == sums.map { $0[currency].text }.sorted())
    for row in sums {
      #expect(row[0].text == "sum")
      for (column, cell) in zip(table.columns, row) {
        let places = ["amount"] + CreditFiles.places
        guard let place = places.first(where: { column == $0 || column == "\($0)_minor" }) else {
          #expect(cell.text.isEmpty || ["run_id", "billing_month", "currency"].contains(column))
          continue
        }
        let minor = try #require(table.columns.firstIndex(of: "\(place)_minor"))
        let wanted = table.rows.filter { $0[currency] == row[currency].text }
          .reduce(0 as Int64) { $0 + Int64($1[minor])! }
        #expect(Int64(cell.text.filter { $0.isNumber || $0 == "-" }) == wanted, "\(column)")
      }
    }
  }

  /// The sheet of invoice lines has the ledger's lines, and their sums.
  private func compareInvoiceLines(
    _ sheet: [[Office.Cell]], _ selection: [String], _ database: SourceDatabase
  ) async throws {
    let condition =
      selection[0] == "--run"
      ? "run_id = \(selection[1])" : "billing_month = '\(selection[1])-01'"
    let ledger = try await database.rows(
      "SELECT currency, -amount_minor AS placed, invoice_id FROM redress.invoice_adjustment WHERE \(condition)"
    )
    let rows = sheet.dropFirst().filter { $0[0].text != "sum" }
    #expect(rows.map { $0[1].text }.sorted() == ledger.rows.map { $0[2] }.sorted())
    var sums: [String: Int64] = [:]
    for row in ledger.rows { sums[row[0], default: 0] += Int64(row[1])! }
    let shown = sheet.filter { $0[0].text == "sum" }.map {
      ($0[7].text, Int64($0[9].text.filter { $0.isNumber || $0 == "-" }) ?? 0)
    }
    #expect(Dictionary(uniqueKeysWithValues: shown) == sums)
  }

  /// A field of the CSV as the sheet must show it.
  private static func shown(
    _ field: String, in column: String, of line: [String], _ columns: [String]
  ) -> Office.Cell {
    guard !field.isEmpty else { return Office.Cell("", isText: false) }
    func number(_ text: String, decimals: Int? = nil, grouped: Bool = false) -> Office.Cell {
      let digits = text.filter(\.isNumber).drop { $0 == "0" }
      guard digits.count <= 14 else { return Office.Cell(text, isText: true) }
      guard grouped else { return Office.Cell(text, isText: false) }
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      var whole = String(parts[0].drop { $0 == "-" })
      var position = whole.count - 3
      while position > 0 {
        whole.insert(",", at: whole.index(whole.startIndex, offsetBy: position))
        position -= 3
      }
      let sign = text.hasPrefix("-") ? "-" : ""
      return Office.Cell(
        sign + ([whole] + parts.dropFirst().map(String.init)).joined(separator: "."), isText: false)
    }
    switch column {
    case "run_id", "amount_minor", "placed_minor", "open_minor", "overcredited_minor", "invoices",
      "counted_seconds":
      return number(field)
    case "amount", "placed", "open", "overcredited", "monthly_fee":
      return number(field, grouped: true)
    case "billing_month": return Office.Cell(field, isText: false)
    case "outage_started_at", "outage_ended_at":
      let text = field.replacing("T", with: " ").replacing("Z", with: "")
      // The demo's times have no more than milliseconds.
      return Office.Cell(text.contains(".") ? String(text.dropLast(3)) : text, isText: false)
    case "percent", "percent_before_cap":
      let parts = field.split(separator: ".")
      let decimals = parts.count > 1 ? parts[1].padding(2) : "00"
      return Office.Cell("\(parts[0]).\(decimals)%", isText: false)
    case "counted":
      let seconds = line[columns.firstIndex(of: "counted_seconds")!].split(separator: ".")
      let whole = Int(seconds[0])!
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      var text = "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
      if seconds.count > 1 { text += ".\(seconds[1].padding(3))" }
      return Office.Cell(text, isText: false)
    default:
      // The CSV puts an apostrophe before a text that would be a formula; the sheet has the text
      // itself.
      let text = field.hasPrefix("'") ? String(field.dropFirst()) : field
      guard text.utf16.count > 32_000 else { return Office.Cell(text, isText: true) }
      return Office.Cell(text.prefix(32_767 - 7) + "…", isText: true)
    }
  }

  /// The totals are the sums of the sheet's lines and of the CSV's lines.
  private func compareTotals(
    _ sheets: [String: [[Office.Cell]]], _ table: Table
  ) throws {
    func column(_ name: String) throws -> Int { try #require(table.columns.firstIndex(of: name)) }
    let (currency, kind) = (try column("currency"), table.columns.firstIndex(of: "kind"))
    func digits(_ cell: Office.Cell) -> Int64? {
      Int64(cell.text.filter { $0.isNumber || $0 == "-" })
    }
    let totals = try #require(sheets["totals"]).dropFirst()
    #expect(Set(totals.map { $0[0].text }) == Set(table.rows.map { $0[currency] }))
    for total in totals {
      let what = total[1].text
      // The column and the lines that are added.
      let isPlace = CreditFiles.places.contains(what)
      let minor = try column(isPlace ? "\(what)_minor" : "amount_minor")
      let isOfAll = isPlace || what == "net" || what == "entitled"
      let lines = zip(try #require(sheets["credits"]).dropFirst(), table.rows).filter { _, line in
        let isWanted = isOfAll || what == kind.map { line[$0] }
        return isWanted && line[currency] == total[0].text && line[minor] != "0"
      }
      let sum = lines.reduce(0) { $0 + Int64($1.1[minor])! }
      #expect(sum == lines.reduce(0) { $0 + (digits($1.0[minor]) ?? .min / 1000) })
      #expect(digits(total[2]) == Int64(lines.count), "\(total)")
      #expect(digits(total[3]) == sum, "\(total)")
      #expect(digits(total[4]) == sum, "\(total)")
    }
  }

  /// With a limit on file sizes, in blocks, there is either a whole workbook or none and an error.
  /// The library does not notice that its temporary files are cut.
  @Test func aFileIsWholeOrNotThere() async throws {
    try await ReportTests.withHistory { database, folder in
      let command = ["report", "--run", "1", "--format", "xlsx", "--output"]
      let finished = try await database.redress(command + [folder.path()])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      let wanted = try Data(contentsOf: folder.appending(path: "credits-run-1.xlsx"))
      let mode = try FileManager.default.attributesOfItem(
        atPath: folder.appending(path: "credits-run-1.xlsx").path())[.posixPermissions]
      #expect(mode as? Int == 0o640)
      var outcomes: Set<Int32> = []
      var isNoticedAfterwards = false
      for blocks in 0...24 {
        let limited = folder.appending(path: "limited-\(blocks)")
        try FileManager.default.createDirectory(at: limited, withIntermediateDirectories: true)
        let line = (["redress"] + command + [limited.path()]).joined(separator: " ")
        let finished = try await run(
          "env", ["--default-signal=XFSZ", "sh", "-c", "ulimit -f \(blocks); \(line)"],
          environment: database.environment)
        outcomes.insert(finished.exitCode)
        let names = try FileManager.default.contentsOfDirectory(atPath: limited.path())
        if finished.exitCode == 0 {
          #expect(names == ["credits-run-1.xlsx"])
          #expect(try Data(contentsOf: limited.appending(path: names[0])) == wanted)
        } else {
          #expect(names.isEmpty, "\(blocks)")
          if finished.errors.contains("lost on its way") { isNoticedAfterwards = true }
          #expect(
            finished.errors.contains("cannot be written: ")
              || finished.errors.contains("cannot be created: "), "\(blocks): \(finished.errors)")
        }
      }
      #expect(outcomes == [0, 1])
      // Otherwise the check of the written file is not tested.
      #expect(isNoticedAfterwards)
    }
  }

  /// The same ledger gives the same bytes; an earlier file is replaced.
  @Test func isMadeAgainByteForByte() async throws {
    try await ReportTests.withHistory { database, folder in
      for selection in [["--run", "2"], ["--month", "2026-10"]] {
        var files: [Data] = []
        for _ in 0..<2 {
          let finished = try await database.redress(
            ["report"] + selection + ["--format", "xlsx", "--output", folder.path()])
          #expect(finished.exitCode == 0, "\(finished.errors)")
          let path = finished.output.split(separator: "\n").map(String.init)[0]
          files.append(try Data(contentsOf: URL(filePath: path)))
        }
        #expect(files[0] == files[1])
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      #expect(names.allSatisfy { !$0.hasPrefix(".") })
    }
  }
}

extension Substring {
  /// The text with zeros appended up to `count` characters.
  fileprivate func padding(_ count: Int) -> String {
    self + String(repeating: "0", count: Swift.max(0, count - self.count))
  }
}
