import FoundationEssentials
import TestSupport
import Testing

/// CSV, JSON lines, workbook and page of one run or month agree on what is placed, open and
/// overcredited.
struct MonthTotalsTests {
  /// The demo's month: an incident is found to be void after the invoices are finalized. Then there
  /// are open and overcredited amounts of the same currency.
  @Test func openAndOvercreditedAreNeverSetOff() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        let night = [
          "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
          "--output", folder.path(), "--as-of",
        ]
        let first = try await database.redress(night + ["2026-11-02T04:30:00Z"])
        #expect(first.exitCode == 3, "\(first.errors)")
        try await database.psql(
          """
          UPDATE redress_source.invoice SET status = 'finalized' WHERE status = 'draft';
          UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-2039';
          """)
        let second = try await database.redress(night + ["2026-11-03T04:30:00Z"])
        #expect(second.exitCode == 3, "\(second.errors)")
        let ledger = try await CreditFiles(database)
        for selection in [["--run", "2"], ["--month", "2026-10"]] {
          let sums = try await compare(selection, ledger, database, folder)
          // Without both amounts the test would prove nothing.
          for currency in selection[0] == "--run" ? [] : ["EUR", "USD"] {
            for place in CreditFiles.places {
              #expect(sums["\(currency) \(place)"] != nil, "\(currency) \(place)")
            }
          }
          #expect(sums.keys.contains { $0.hasSuffix("overcredited") })
        }
        let totals = try Data(contentsOf: folder.appending(path: "totals-run-2.json"))
        #expect(
          try CreditFiles.sums(totals)
            == ledger.check(try await csv(["--run", "2"], database), "run 2"))
      }
    }
  }

  private func csv(_ selection: [String], _ database: SourceDatabase) async throws -> Table {
    try #require(Table(csv: try await database.redress(["report"] + selection).output))
  }

  /// - Returns: the sums, which are the same in all formats.
  private func compare(
    _ selection: [String], _ ledger: CreditFiles, _ database: SourceDatabase, _ folder: URL
  ) async throws -> [String: [Int64]] {
    let isMonth = selection[0] == "--month"
    let csv = try await csv(selection, database)
    let sums = try ledger.check(csv, selection[1])

    let json = try await database.redress(["report"] + selection + ["--format", "jsonl"])
    var fromJSON: [String: [Int64]] = [:]
    for line in json.output.split(separator: "\n") {
      let credit = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      for (place, minor) in zip(CreditFiles.places, credit.minors) where minor != 0 {
        let before = fromJSON["\(credit.currency) \(place)"] ?? [0, 0]
        fromJSON["\(credit.currency) \(place)"] = [before[0] + 1, before[1] + minor]
      }
    }
    #expect(fromJSON == sums)

    let book = try await database.redress(
      ["report"] + selection + ["--format", "xlsx", "--output", folder.path()])
    let path = try #require(book.output.split(separator: "\n").map(String.init).first)
    let sheet = try #require(try Office.sheets(of: path)["totals"]).map { $0.map(\.text) }
    #expect(sheet[0] == ["currency", "kind", "rows", "amount", "amount_minor"])
    let workbook = sheet.dropFirst().map { $0.map { $0.filter { $0 != "," } } }
    #expect(CreditFiles.sums(workbook) == sums)

    let html = try await database.redress(["report"] + selection + ["--format", "html"])
    let page = try await Browser.examine(html.output, in: folder)
    let caption = isMonth ? "Credits of the month's CSV" : "Where the credits of these lines are"
    let table = try #require(page.table("control", caption)).rows.map { $0.map(\.text) }
    #expect(CreditFiles.sums(table) == sums)
    for (section, place) in [("Open", "open"), ("Overcredited", "overcredited")] {
      var listed: [String: [Int64]] = [:]
      for row in page.table("look", "\(section), sums")?.rows ?? [] {
        listed["\(row[0].text) \(place)"] = [Int64(row[1].value)!, Int64(row[2].value)!]
      }
      #expect(listed == sums.filter { $0.key.hasSuffix(place) })
    }
    // The rows are the same, except those that only a run has.
    let kinds = Set(["entitled"] + CreditFiles.places)
    #expect(workbook.filter { kinds.contains($0[1]) } == table)
    if isMonth { try checkEntitled(table, csv) }
    return sums
  }

  /// The entitled amount is what is placed and open, minus what is overcredited. Credits of zero do
  /// not count.
  private func checkEntitled(_ table: [[String]], _ csv: Table) throws {
    let amounts = try #require(csv.selecting(["currency", "amount_minor"])).rows
    for entitled in table where entitled[1] == "entitled" {
      let own = amounts.filter { $0[0] == entitled[0] }.map { Int64($0[1])! }
      #expect(Int64(entitled[2]) == Int64(own.filter { $0 != 0 }.count))
      #expect(Int64(entitled[4]) == own.reduce(0, +))
      let parts = table.filter { $0[0] == entitled[0] }.dropFirst().map { Int64($0[4])! }
      #expect(Int64(entitled[4]) == parts[0] + parts[1] - parts[2])
    }
  }

  private struct Line: Decodable {
    let currency: String
    let placed, open, overcredited: Int64

    var minors: [Int64] { [placed, open, overcredited] }

    enum CodingKeys: String, CodingKey {
      case currency
      case placed = "placed_minor"
      case open = "open_minor"
      case overcredited = "overcredited_minor"
    }
  }

  /// A credit of the demo's month that is split between two invoices: no format puts all of it on
  /// one of them.
  @Test func aSplitCreditIsOnNoSingleInvoice() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.load(Checkout.fixtures.appending(path: "demo-month"))
        let night = try await database.redress(
          [
            "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
            "--output", folder.path(),
          ]
            + ["--as-of", "2026-11-02T04:30:00Z"])
        #expect(night.exitCode == 3, "\(night.errors)")
        let csv = try await csv(["--run", "1"], database)
        let shown = try #require(
          csv.selecting(["customer_id", "invoices", "invoice_id", "placed_minor"]))
        let split = shown.rows.filter { $0[1] == "2" }
        #expect(Set(split.map { $0[0] }) == ["CUS-1007", "CUS-1015"])
        #expect(split.allSatisfy { $0[2] == "" && $0[3] != "0" })
        let html = try await database.redress(["report", "--run", "1", "--format", "html"])
        let page = try await Browser.examine(html.output, in: folder)
        let largest = try #require(page.tables.first { $0.section == "largest" })
        let invoices = try #require(largest.column("Invoice")).map(\.text)
        #expect(
          invoices.contains { text in
            let parts = text.split(separator: "\n")
            return parts.count == 2 && parts[0].hasPrefix("IN-2611-1015a")
              && parts[1].hasPrefix("IN-2611-1015b")
          }, "\(invoices)")
      }
    }
  }
}
