import FoundationEssentials
import Glibc
import Testing

/// The page for finance, opened in a real browser and compared with the files of the same run.
struct PageTests {
  /// The demo's month with two nights and amendments between them, and its pages.
  struct Demo: Sendable {
    let database: SourceDatabase
    var folder: URL { Demo.folder }

    static let shared = Task { try await Demo() }

    /// Removed when the process ends, because all tests share it.
    private static let folder: URL = {
      atexit { try? FileManager.default.removeItem(at: Demo.folder) }
      return FileManager.default.temporaryDirectory.appending(path: "redress-pages-\(UUID())")
    }()

    private init() async throws {
      database = try await SourceDatabase()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try await database.load(Checkout.fixtures.appending(path: "demo-month"))
      try await night("2026-11-02T04:30:00Z")
      try await database.psql(
        """
        UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'INC-2038';
        UPDATE redress_source.outage SET ended_at = ended_at + interval '1 second'
        WHERE incident_id = 'INC-2034';
        UPDATE redress_source.outage SET ended_at = ended_at + interval '3 hours'
        WHERE incident_id = 'INC-2032';
        UPDATE redress_source.invoice SET status = 'finalized' WHERE invoice_id < 'IN-2611-1010';
        """)
      try await night("2026-11-03T04:30:00Z")
    }

    private func night(_ asOf: String) async throws {
      let finished = try await database.redress([
        "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
        "--as-of", asOf, "--output", folder.path(),
      ])
      guard finished.exitCode == 3 else {
        throw SourceDatabase.SetupError(description: finished.errors)
      }
    }

    /// Runs `report` as a user who may read the ledger but not the source.
    func report(_ arguments: [String]) async throws -> Finished {
      var environment = database.environment
      environment["PGOPTIONS"] = "-c role=redress_reader"
      return try await run("redress", ["report"] + arguments, environment: environment)
    }

    func page(_ arguments: [String]) async throws -> String {
      let finished = try await report(arguments + ["--format", "html"])
      guard finished.exitCode == 0 else {
        throw SourceDatabase.SetupError(description: finished.errors)
      }
      return finished.output
    }
  }

  /// A page and how the browser opens it.
  struct View: Hashable, Sendable {
    let arguments: [String]
    var isDark = false
    var width = 1280

    static let first = View(arguments: ["--run", "1"])
    static let second = View(arguments: ["--run", "2"], isDark: true)
    static let month = View(arguments: ["--month", "2026-10"])
  }

  /// The findings on each page. Each view is opened once, because a browser takes a second to
  /// start.
  private actor Examined {
    static let shared = Examined()
    private var tasks: [View: Task<Browser.Findings, any Error>] = [:]

    func findings(_ view: View) async throws -> Browser.Findings {
      if let task = tasks[view] { return try await task.value }
      let task = Task {
        let demo = try await Demo.shared.value
        return try await Browser.examine(
          try await demo.page(view.arguments), in: demo.folder, isDark: view.isDark,
          width: view.width)
      }
      tasks[view] = task
      return try await task.value
    }
  }

  @Test(
    arguments: [
      .first, .second, .month, View(arguments: ["--month", "2026-10"], isDark: true, width: 390),
      View(arguments: ["--month", "2026-03"]),
    ] as [View])
  func everythingCanBeReadAndWorked(view: View) async throws {
    try await Slots.shared.with {
      let findings = try await Examined.shared.findings(view)
      let isDark = view.isDark
      #expect(findings.problems == [])
      #expect(findings.isDark == isDark)
      #expect(findings.ground == (isDark ? "rgb(17, 22, 29)" : "rgb(245, 246, 248)"))
      #expect(findings.worst >= 4.5)
      guard view.arguments[1] != "2026-03" else { return }
      #expect(findings.texts > 500 && findings.sorted > 60 && findings.filtered >= 2)
    }
  }

  @Test func nothingIsSaidOnTheConsole() async throws {
    try await Slots.shared.with {
      let demo = try await Demo.shared.value
      let written = try await demo.report([
        "--run", "1", "--format", "html", "--output", demo.folder.path(),
      ])
      #expect(written.exitCode == 0, "\(written.errors)")
      let file = demo.folder.appending(path: "report-run-1.html")
      #expect(written.output == file.path() + "\n")
      #expect(try await Browser.console(of: file) == [])
      // The same ledger gives the same bytes, also on standard output.
      #expect(try Data(contentsOf: file) == Data(try await demo.page(["--run", "1"]).utf8))
    }
  }

  // MARK: Numbers

  @Test(arguments: [.first, .second, .month] as [View])
  func sumsAreThoseOfTheCSV(view: View) async throws {
    try await Slots.shared.with {
      let demo = try await Demo.shared.value
      let csv = try #require(Table(csv: try await demo.report(view.arguments).output))
      let findings = try await Examined.shared.findings(view)
      let isMonth = view == .month
      for (caption, column, source) in [
        ("By billing month", "Month", ["billing_month"]), ("By severity", "Severity", ["severity"]),
        ("By tier", "Tier", ["tier"]), ("By plan", "Plan", ["plan"]),
        ("By service", "Service", ["service_name", "service_id"]),
        ("Enterprise and other customers", "Customers", ["customer_tier"]),
      ] where !(isMonth && column == "Month") {
        let table = try #require(findings.table("totals", caption))
        let label = try #require(table.column(column))
        let currency = try #require(table.column("Currency"))
        let rows = try #require(table.column("Lines"))
        let amount = try #require(table.column("Net") ?? table.column("Amount"))
        var shown: [String: [Int64]] = [:]
        for row in label.indices {
          let minor = try #require(Int64(amount[row].value))
          #expect(PageTests.minor(amount[row].text) == minor)
          shown["\(label[row].text) \(currency[row].text)"] = [Int64(rows[row].value) ?? 0, minor]
        }
        #expect(shown == PageTests.sums(csv, source), "\(caption)")
      }
      try compareIncidents(findings, csv)
    }
  }

  private func compareIncidents(_ findings: Browser.Findings, _ csv: Table) throws {
    let table = try #require(findings.table("incidents", "Incidents and what each cost"))
    var shown: [String: Int64] = [:]
    for (incident, cost) in zip(
      try #require(table.column("Incident")), try #require(table.column("Cost")))
    where cost.text != "–" {
      for line in cost.text.split(separator: "\n") {
        let words = line.split(separator: " ")
        #expect(words.count == 2)
        shown["\(incident.text) \(words[1])"] = PageTests.minor(String(words[0]))
      }
    }
    #expect(shown == PageTests.sums(csv, ["incident_id"]).mapValues { $0[1] })
    // Incidents without credits are listed too.
    #expect(table.rows.count > Set(csv.selecting(["incident_id"])!.rows.map { $0[0] }).count)
  }

  /// Counts of lines and sums in minor units, by the columns and the currency.
  private static func sums(_ csv: Table, _ columns: [String]) -> [String: [Int64]] {
    var sums: [String: [Int64]] = [:]
    for row in csv.selecting(columns + ["currency", "amount_minor"])!.rows {
      var label = row[0]
      if columns.count == 2 { label = "\(row[0]) (\(row[1]))" }
      if columns == ["customer_tier"] {
        label = label.lowercased() == "enterprise" ? "Enterprise" : "other customers"
      } else if row[0].isEmpty {
        label = "taken back whole"
      }
      let key = "\(label) \(row[columns.count])"
      let before = sums[key] ?? [0, 0]
      sums[key] = [before[0] + 1, before[1] + Int64(row[columns.count + 1])!]
    }
    return sums
  }

  /// The digits of an amount with all its decimals.
  private static func minor(_ text: String) -> Int64? {
    Int64(text.split(separator: ".").joined())
  }

  struct Totals: Decodable {
    struct Amount: Decodable {
      let rows: Int64?
      let amount: String
      let minor: Int64

      enum CodingKeys: String, CodingKey {
        case rows, amount
        case minor = "amount_minor"
      }
    }
    struct Amounts: Decodable {
      let currency: String
      let grant, increase, decrease, net: Amount
    }
    let rows: Int64
    let findings: Int64
    let amounts: [Amounts]
    let sha256: [String: String]
  }

  @Test(arguments: [.first, .second] as [View])
  func controlTotalsAreThoseOfTheRun(view: View) async throws {
    try await Slots.shared.with {
      let demo = try await Demo.shared.value
      let runId = view.arguments[1]
      let json = try Data(contentsOf: demo.folder.appending(path: "totals-run-\(runId).json"))
      let totals = try JSONDecoder().decode(Totals.self, from: json)
      #expect(try await demo.page(view.arguments).contains("with the same result"))
      let findings = try await Examined.shared.findings(view)
      let table = try #require(findings.table("control", "Lines of the run's CSV"))
      var expected: [[String]] = []
      for total in totals.amounts {
        for (kind, amount) in [
          ("grant", total.grant), ("increase", total.increase), ("decrease", total.decrease),
        ] {
          expected.append([
            total.currency, kind, "\(amount.rows ?? 0)", amount.amount, "\(amount.minor)",
          ])
        }
      }
      for total in totals.amounts {
        let rows = [total.grant, total.increase, total.decrease].reduce(0) { $0 + ($1.rows ?? 0) }
        expected.append([
          total.currency, "net", "\(rows)", total.net.amount, "\(total.net.minor)",
        ])
      }
      #expect(table.rows.map { $0.map(\.text) } == expected)
      let files = try #require(findings.table("control", "The files"))
      #expect(
        files.rows.map { $0.map(\.text) } == [
          ["credits-run-\(runId).csv", "\(totals.rows)", totals.sha256["credits"]!],
          [
            "invoice-lines-run-\(runId).csv",
            "\(try InvoiceLineFiles.count(demo.folder, run: runId))",
            totals.sha256["invoice_lines"]!,
          ],
          ["findings-run-\(runId).csv", "\(totals.findings)", totals.sha256["findings"]!],
        ])
    }
  }

  @Test func whatIsWorthALookIsThere() async throws {
    try await Slots.shared.with {
      let demo = try await Demo.shared.value
      let csv = try #require(Table(csv: try await demo.report(["--run", "2"]).output))
      let findings = try await Examined.shared.findings(.second)
      let open = try #require(
        csv.selecting(["open_minor", "kind", "customer_id", "overcredited_minor"]))
      func customers(_ caption: String) throws -> [String] {
        let table = try #require(findings.table("look", caption), "\(caption)")
        return try #require(table.column("Id")).map(\.text).sorted()
      }
      #expect(
        try customers("Overcredited")
          == open.rows.filter { $0[3] != "0" }.map { $0[2] }.sorted())
      #expect(
        try customers("Open")
          == open.rows.filter { Int64($0[0])! > 0 }.map { $0[2] }.sorted())
      #expect(
        try customers("Decreased credits")
          == open.rows.filter { $0[1] == "decrease" }.map { $0[2] }.sorted())
      let sums = try #require(findings.table("look", "Open, sums"))
      var expected: [String: Int64] = [:]
      let amounts = try #require(csv.selecting(["currency", "open_minor"]))
      for row in amounts.rows { expected[row[0], default: 0] += max(0, Int64(row[1])!) }
      #expect(
        Dictionary(
          uniqueKeysWithValues: sums.rows.map { ($0[0].text, PageTests.minor($0[2].text)) })
          == expected.filter { $0.value > 0 })
      let reasons = try #require(findings.table("look", "Why credits were taken back"))
      #expect(Set(reasons.rows.map { $0[0].text }) == ["the incident was voided"])
      let largest = try #require(findings.tables.first { $0.section == "largest" })
      #expect(
        largest.rows.first { $0[7].text == "USD" }?.map(\.text).prefix(4)
          == ["Delta Crossing Bank", "CUS-1053", "INC-2032", "enterprise"])
      let limits = try #require(
        findings.table("limits", "How near this run came to the limits"))
      #expect(limits.rows.count == 8)
      let codes = try #require(findings.table("findings", "Findings by code"))
      #expect(codes.rows.allSatisfy { !$0[1].text.isEmpty })
      #expect(
        codes.rows.first { $0[0].text == "overcredited" }?.map(\.text).suffix(5) == [
          "4", "0", "4", "0", "0",
        ])
    }
  }
}
