import FoundationEssentials
import Testing

/// Names that would become markup or script if the page did not escape them.
struct HostilePageTests {
  static let names = [
    "</script><script>document.title='broken'</script>",
    "\"\u{301} onmouseover=\"document.title='broken'",
    "\u{338}>\u{338}<\u{20D2}img src=x onerror=document.title='broken'>\u{338}",
    "'\u{300} autofocus onfocus='document.title=1",
    "<!--", "-->", "]]>", "{{title}}{{{script}}}", "&lt;b&gt; &amp;amp;",
    "\u{202E}drowssap\u{2066}\u{200F}", "=HYPERLINK(\"https://example.com\")", "+1-1", "@SUM(A1)",
    "</title></style></svg></table></main><h1>broken",
    "a" + String(repeating: "\u{301}", count: 200), "\u{FEFF}\u{2028}line", "日本\u{FE0F}🚀\u{200D}🔥",
  ]

  @Test(arguments: [["--run", "1"], ["--month", "2026-10"]])
  func everyNameStaysInItsPlace(arguments: [String]) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await HostilePageTests.fill(database)
        let night = try await database.redress(
          ReportTests.night + ["2026-11-01T06:00:00Z", "--output", folder.path()])
        #expect(night.exitCode == 0 || night.exitCode == 3, "\(night.errors)")
        let written = try await database.redress(
          ["report"] + arguments + ["--format", "html", "--output", folder.path()])
        #expect(written.exitCode == 0, "\(written.errors)")
        let file = URL(filePath: String(written.output.dropLast()))
        let page = try String(contentsOf: file, encoding: .utf8)

        #expect(try await Browser.console(of: file) == [])
        let findings = try await Browser.examine(page, in: folder)
        #expect(findings.problems == [])
        let largest = try #require(findings.tables.first { $0.section == "largest" })
        let shown = try #require(largest.column("Customer")).map { Array($0.exact.utf8) }
        let incidents = try #require(
          findings.table("incidents", "Incidents and what each cost"))
        let titles = try #require(incidents.column("Title")).map { Array($0.exact.utf8) }
        let plans = try #require(findings.table("totals", "By plan")?.column("Plan")).map {
          Array($0.exact.utf8)
        }
        // Compared as bytes: Swift strings are equal if their marks are in another Unicode form.
        for name in HostilePageTests.names {
          let bytes = Array(name.utf8)
          #expect(shown.contains(bytes), "\(name)")
          #expect(titles.contains(bytes), "\(name)")
          #expect(plans.contains(bytes), "\(name)")
        }
      }
    }
  }

  /// Inserts a customer, an incident, a service and a plan with each name.
  private static func fill(_ database: SourceDatabase) async throws {
    // Quotes are not doubled, because a quote with a combining mark is another Character in Swift
    // but the same byte in PostgreSQL.
    let quoted = names.map { "$name$\($0)$name$" }
    try await database.psql([
      "CREATE TEMPORARY TABLE hostile AS SELECT * FROM unnest(ARRAY[\(quoted.joined(separator: ", "))]) WITH ORDINALITY AS h (name, n)",
      "INSERT INTO redress_source.service SELECT name || n, name FROM hostile",
      "INSERT INTO redress_source.customer (customer_id, name, tier) SELECT name || n, name, name FROM hostile",
      """
      INSERT INTO redress_source.subscription_term
      SELECT name || n, name || n, name || n, name, 1000 + n, 'USD', '2026-01-01+00', NULL FROM hostile
      """,
      """
      INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
      SELECT name || n, name, 'P0', 'resolved', '2026-10-01+00'::timestamptz + n * interval '1 day',
             '2026-10-01+00'::timestamptz + n * interval '1 day 2 hours' FROM hostile
      """,
      """
      INSERT INTO redress_source.outage
      SELECT name || n, 'P0', name || n, NULL, '2026-10-01+00'::timestamptz + n * interval '1 day',
             '2026-10-01+00'::timestamptz + n * interval '1 day 2 hours' FROM hostile
      """,
    ])
  }
}
