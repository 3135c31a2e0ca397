import Documents
import FoundationEssentials
import Testing

/// `redress audit` on the month of the demo, and the other outputs with audit results.
struct AuditTests {
  private static let asOf = ["--as-of", "2026-11-02T04:30:00Z"]
  private static let expected = Checkout.fixtures.appending(path: "audit")

  private static func demo() async throws -> SourceDatabase {
    let database = try await SourceDatabase()
    try await database.load(Checkout.fixtures.appending(path: "demo-month"))
    return database
  }

  @Test func tellsTheMonth() async throws {
    try await Slots.shared.with {
      let database = try await AuditTests.demo()
      let month = ["audit", "--month", "2026-10"] + AuditTests.asOf
      let text = try await database.redress(month)
      try AuditTests.compare(text.output, with: "october.txt")
      let csv = try await database.redress(month + ["--format", "csv"])
      try AuditTests.compare(csv.output, with: "october.csv")
      let json = try await database.redress(month + ["--format", "jsonl"])
      let page = try await database.redress(month + ["--format", "html"])
      for finished in [text, csv, json, page] {
        #expect(finished.exitCode == 0, "\(finished.errors)")
      }
      #expect(text.errors.isEmpty && page.errors.isEmpty)
      // CSV and JSON report on standard error what is left out.
      #expect(csv.errors == json.errors)
      try AuditTests.compare(csv.errors, with: "october-left-out.txt")
      let rows = try #require(Table(csv: csv.output)).rows
      #expect(json.output.split(separator: "\n").count == rows.count)
      for line in json.output.utf8.split(separator: UInt8(ascii: "\n")) {
        let object = try JSONValue(Array(line))
        #expect(object["verdict"] != nil && object["margin_seconds"] != nil)
      }
      // Every row is on the page and links to its incident, of which there is exactly one.
      for row in rows {
        #expect(page.output.contains("<bdi>\(row[0])</bdi>"))
      }
      let late = rows.count { $0[10] == "true" && $0[7] != "pending" }
      #expect(
        page.output.components(separatedBy: "href=\"#audited-").count - 1 == rows.count + late)
      #expect(
        page.output.components(separatedBy: "<span id=\"audited-").count - 1
          == Set(rows.map { $0[0] }).count)
      #expect(page.output.hasPrefix("<!DOCTYPE html>") && page.output.hasSuffix("</html>\n"))
    }
  }

  /// `run --audit` writes the same rows next to the run's files, and the same counts to its
  /// metrics.
  @Test func followsTheRun() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await AuditTests.demo()
        let path = folder.path(percentEncoded: false)
        let run = try await database.redress(
          ["run", "--audit", "--quiet", "--output", path, "--metrics-file", path + "/run.prom"]
            + AuditTests.asOf)
        #expect(run.exitCode == 3, "\(run.errors)")
        let audit = try await database.redress(
          ["audit", "--months", "3", "--format", "csv", "--metrics-file", path + "/audit.prom"]
            + AuditTests.asOf)
        func file(_ name: String) throws -> String {
          try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        #expect(try file("audit-run-1.csv") == audit.output)
        let metrics = try file("audit.prom")
        #expect(try file("run.prom").hasSuffix(metrics))
        #expect(metrics.contains("\nredress_audit_overdue 9\n"))
        let missed = try #require(Table(csv: audit.output)).rows.count {
          $0[2] == "post_mortem" && $0[1] == "P0" && $0[7] == "missed"
        }
        #expect(
          metrics.contains(
            "{requirement=\"post_mortem\",severity=\"P0\",verdict=\"missed\"} \(missed)\n"))
      }
    }
  }

  /// No audit follows a run that is rolled back. A run whose audit cannot be written is still
  /// committed.
  @Test func neverTouchesTheRun() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await AuditTests.demo()
        let path = folder.path(percentEncoded: false)
        let arguments = ["run", "--audit", "--quiet", "--output", path] + AuditTests.asOf
        _ = try await database.redress(arguments + ["--dry-run"])
        #expect(try await database.rows("SELECT 1 FROM redress.run").rows.isEmpty)
        try FileManager.default.createDirectory(
          at: folder.appending(path: "audit-run-1.csv"), withIntermediateDirectories: false)
        let finished = try await database.redress(arguments)
        #expect(finished.exitCode == 74, "\(finished.errors)")
        #expect(try await database.rows("SELECT 1 FROM redress.run").rows.count == 1)
      }
    }
  }

  /// An explanation contains the audit only if asked for, and nothing about other customers.
  @Test func belongsToAnExplanation() async throws {
    try await Slots.shared.with {
      let database = try await AuditTests.demo()
      let arguments =
        ["explain", "--customer", "CUS-1031", "--incident", "INC-2041"] + AuditTests.asOf
      let plain = try await database.redress(arguments).output
      let text = try await database.redress(arguments + ["--procedures"]).output
      #expect(text.hasPrefix(plain) && text != plain)
      #expect(text.contains("post-mortem shared: Meridian Insurance (CUS-1031)"))
      #expect(!text.contains("CUS-1015"))
      let markdown = try await database.redress(
        arguments + ["--procedures", "--format", "markdown"]
      ).output
      #expect(markdown.contains("\n## Response procedures of INC-2041, times in UTC\n"))
      #expect(!markdown.contains("CUS-1015"))
      let json = try await database.redress(arguments + ["--procedures", "--format", "json"])
      let rows = try JSONValue(Array(json.output.dropLast().utf8))["procedures"]?.array
      #expect(rows?.count == 15)
    }
  }

  @Test func standsOnThePageOfTheMonth() async throws {
    try await Slots.shared.with {
      let database = try await AuditTests.demo()
      let arguments = ["report", "--month", "2026-10", "--format", "html"]
      let page = try await database.redress(arguments + ["--audit"])
      #expect(page.exitCode == 0, "\(page.errors)")
      #expect(page.output.contains("<section id=\"procedures\""))
      let without = try await database.redress(arguments)
      #expect(!without.output.contains("id=\"procedures\""))
      #expect(!without.output.contains("id=\"policy-totals\""))
      let policy = Checkout.root.appending(path: "fixtures/simulate/new.yaml").path()
      let compared = try await database.redress(arguments + ["--simulate", policy, "--audit"])
      #expect(compared.exitCode == 0, "\(compared.errors)")
      for anchor in ["procedures", "policy-totals", "policy-tiers", "policy-customers"] {
        #expect(compared.output.contains("<section id=\"\(anchor)\""), "\(anchor)")
      }
      #expect(
        try await database.redress(
          ["report", "--month", "2026-10", "--simulate", policy]
        ).exitCode == 64)
      #expect(
        try await database.redress(["report", "--month", "2026-10", "--audit"]).exitCode == 64)
    }
  }

  /// A title must not control the terminal, and no cell may be a formula.
  @Test func survivesHostileText() async throws {
    try await Slots.shared.with {
      let database = try await SourceDatabase()
      try await database.psql([
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        VALUES ('=1+1', E'Red \\x1b[31m <b>bold</b>', 'P1', 'resolved', '2026-10-05 08:00Z', '2026-10-05 18:00Z')
        """,
        "INSERT INTO redress_source.action_item VALUES ('=1+1', '<script>alert(1)</script>', NULL)",
      ])
      let month = ["audit", "--month", "2026-10"] + AuditTests.asOf
      let text = try await database.redress(month).output
      #expect(!text.unicodeScalars.contains("\u{1B}") && text.contains("<b>bold</b>"))
      #expect(
        try await database.redress(month + ["--format", "csv"]).output.contains("\r\n'=1+1,P1,"))
      let page = try await database.redress(month + ["--format", "html"]).output
      #expect(!page.contains("<b>bold") && !page.contains("<script>alert"))
    }
  }

  private static func compare(_ text: String, with name: String) throws {
    let file = expected.appending(path: name)
    if ScenarioRun.renewsExpectedFiles {
      try FileManager.default.createDirectory(at: expected, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let wanted = try String(contentsOf: file, encoding: .utf8)
    #expect(text == wanted, "fixtures/audit/\(name) is now\n\(text)`make golden` renews it.")
  }
}
