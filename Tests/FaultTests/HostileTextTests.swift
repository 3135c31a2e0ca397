import Glibc
import Postgres
import TestSupport
import Testing

/// Texts that break other programs pass through every output unchanged.
struct HostileTextTests {
  /// Texts that an id or a name may have: PostgreSQL's text holds all of Unicode except U+0000.
  private static let texts = [
    "x", "\u{1}", "\u{7F}", "\u{85}", "a\u{2400}", "%00", "\\0",
    "''; DROP TABLE redress.credit_revision; --",
    "=HYPERLINK(\"http://example.test\",\"a\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    "\u{FF1D}1", "\"", "\"\"", "\"\u{301}", ",\u{301}", "a\r\nb", "a\nb", "a\rb", " a", "a ", "",
    "<script>alert(1)</script>", "&amp;&#0;", "\\", "\\N", "\\.", "%s%n$(id)`id`${x}",
    "\u{202E}txt.exe",
    "\u{200F}\u{2066}", "\u{FEFF}a", "e\u{301}", "\u{E9}",
    "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
    "\u{10FFFF}\u{FFFE}\u{FFFF}", "\u{2028}\u{2029}", "\u{1B}[31mred\u{1B}[0m", "NULL", "nan",
    "Infinity",
    "1e5", "00123", "2026-10-01", "null", "ﬀ", "İ", "ß", "\u{3000}",
    String(repeating: "k", count: 1000),
    String(repeating: "\u{1F480}", count: 250), String(repeating: "\"", count: 1000),
  ]

  @Test func hostile() throws {
    let night = try SharedNight()
    let connection = try night.connect()
    try connection.execute(
      "DELETE FROM redress_source.invoice; DELETE FROM redress_source.exclusion")
    for (number, text) in HostileTextTests.texts.enumerated() where !text.isEmpty {
      // Ids, names, plans and titles. The number makes ids different.
      try connection.query(
        "INSERT INTO redress_source.customer (customer_id, name, tier) VALUES ($1, $1, $1)",
        [.text(text)])
      try connection.query(
        """
        INSERT INTO redress_source.subscription_term VALUES
          ($1, $1, 'mail', $1, 10, 'USD', '2025-01-01', NULL)
        """, [.text(text)])
      try connection.query(
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        SELECT $1, $1, 'P0', 'resolved', start, start + interval '2 hours'
        FROM (SELECT timestamptz '2026-10-06 00:00+00' + $2 * interval '8 hours') AS t (start)
        """, [.text(text), .int32(Int32(number))])
      try connection.query(
        """
        INSERT INTO redress_source.outage
        SELECT $1, 'P0', 'mail', $1, started_at, resolved_at FROM redress_source.incident
        WHERE incident_id = $1
        """, [.text(text)])
      try connection.query(
        "INSERT INTO redress_source.invoice VALUES ($1, $1, 'USD', 'draft', '2026-12-01', 100)",
        [.text(text)])
    }
    try withFolder { folder in
      let ending = try night.run(folder).end()
      #expect(ending.code == 3, "\(ending.errors)")
      try night.check(files: folder)
      let bytes = try contents("\(folder)/credits-run-1.csv")
      let table = try #require(CSVReading.rows(bytes))
      let header = table[0].map { String(decoding: $0, as: UTF8.self) }
      func column(_ name: String) -> Int { header.firstIndex(of: name)! }
      for text in HostileTextTests.texts where !text.isEmpty {
        let id = HostileTextTests.harmless(Array(text.utf8))
        let row = table.first {
          $0[column("customer_id")] == id && $0[column("incident_id")] == id
        }
        for name in [
          "customer_name", "customer_tier", "subscription_id", "plan", "incident_title",
          "invoice_id",
        ] {
          let isSame = row?[column(name)] == id
          #expect(isSame, "\(name) of \(text.debugDescription)")
        }
      }
      // Formats for programs contain the exact text, without an added apostrophe.
      let lines = try Program(
        ["report", "--run", "1", "--format", "jsonl"], environment: night.environment()
      ).end()
      #expect(lines.code == 0, "\(lines.errors)")
      #expect(!lines.output.contains("<script"))
      try night.execute("CREATE TABLE public.line (number serial, content jsonb)")
      for line in lines.output.utf8.split(separator: UInt8(ascii: "\n")) {
        try connection.query(
          "INSERT INTO public.line (content) VALUES ($1::text::jsonb)",
          [.text(String(decoding: line, as: UTF8.self))])
      }
      #expect(
        try night.value(
          """
          SELECT count(*)::text FROM public.line
          JOIN redress_source.customer ON customer_id = content ->> 'customer_id'
            AND name = content ->> 'customer_name' AND name = content ->> 'incident_title'
          WHERE customer_id NOT IN ('c1', 'c2', 'c3', 'c4')
          """) == String(HostileTextTests.texts.filter { !$0.isEmpty }.count))
    }
  }

  /// Adds an apostrophe before a text that a spreadsheet would execute.
  private static func harmless(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = bytes.first else { return bytes }
    let wide: [[UInt8]] = ["\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"].map { Array($0.utf8) }
    let isFormula = "=+-@\t\r\n".utf8.contains(first) || wide.contains { bytes.starts(with: $0) }
    return isFormula ? [UInt8(ascii: "'")] + bytes : bytes
  }

  private func contents(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw SystemError(path, errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }
}
