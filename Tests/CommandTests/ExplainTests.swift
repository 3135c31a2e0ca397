import FoundationEssentials
import Testing

/// `redress explain` with terminals, options and policies that the scenarios do not cover. The
/// expected texts of the scenarios are in `fixtures/explain/expected/`.
struct ExplainTests {
  private static let story = [
    """
    INSERT INTO redress_source.service VALUES ('svc', 'Search');
    INSERT INTO redress_source.customer (customer_id, name, tier) VALUES ('c', 'Acme', 'gold'), ('d', 'Other', 'gold');
    INSERT INTO redress_source.subscription_term
    SELECT s, c, 'svc', 'basic', 1000, 'USD', '2026-01-01+00', NULL
    FROM (VALUES ('s1', 'c'), ('s2', 'd')) AS v (s, c);
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
    VALUES ('i1', 'Down', 'P0', 'resolved', '2026-10-05T08:00Z', '2026-10-05T10:00Z');
    INSERT INTO redress_source.outage
    SELECT incident_id, 'P0', NULL, NULL, started_at, resolved_at FROM redress_source.incident;
    """
  ]

  private func withStory(
    _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ExplainTests.story)
        try await body(database, folder)
      }
    }
  }

  @Test func anInvoiceThatGaveItsCreditsBackTellsTheirs() async throws {
    try await withStory { database, folder in
      try await database.psql(
        "INSERT INTO redress_source.invoice VALUES ('v', 'c', 'USD', 'draft', '2026-11-05', 30)")
      func night(_ asOf: String) async throws {
        let finished = try await database.redress([
          "run", "--approve-limits", "--approved-by=tests", "--reason=first load", "--output",
          folder.path(), "--as-of", asOf,
        ])
        #expect(finished.exitCode == 0, "\(finished.errors)")
      }
      try await night("2026-11-01T06:00:00Z")
      try await database.psql("UPDATE redress_source.invoice SET status = 'void'")
      try await night("2026-11-02T06:00:00Z")
      let finished = try await database.redress(["explain", "--invoice", "v"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      #expect(finished.output.contains("i1") && finished.output.contains("100.00 USD"))
      #expect(!finished.output.contains("No incident touched"))
      let sentence =
        "30.00 USD stood on void invoice v of 2026-11-05 and was given back at 2 November 2026, 06:00, run 2, "
        + "because the invoice is void. The credit is now on no invoice yet."
      #expect(
        finished.output.replacing("\n", with: " ").replacing("  ", with: " ").contains(sentence),
        "\(finished.output)")
    }
  }

  @Test func whatNoRunHasRecordedIsDue() async throws {
    try await withStory { database, _ in
      let finished = try await database.redress(["explain", "s1"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      #expect(
        finished.output.contains(
          "100.00 USD are due for October 2026; no run has recorded them yet."))
      #expect(!finished.output.contains("\u{1B}"))
    }
  }

  @Test func withoutPolicyFileTheRecordedVersionsDecide() async throws {
    try await withStory { database, folder in
      let policy = folder.appending(path: "policy.yaml")
      try Data(
        """
        versions:
          - version: generous
            effective_from: 2025-01-01
            time_zone: Asia/Tokyo
            tiers:
              - {severity: P0, longer_than: 1h, credit: 40%}

        """.utf8
      ).write(to: policy)
      let run = try await database.redress(
        [
          "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
          "--policy", policy.path(), "--output",
          folder.path(),
        ]
          + ["--as-of", "2026-11-01T00:00:00Z"])
      #expect(run.exitCode == 0, "\(run.errors)")
      let finished = try await database.redress(["explain", "--customer", "c"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      #expect(finished.output.contains("400.00 USD credited for October 2026."))
      #expect(finished.output.contains("Times are those of Asia/Tokyo"))
      #expect(!finished.output.contains("would decide otherwise"))
      let other = try await database.redress(
        ["explain", "--customer", "c", "--policy", "/dev/stdin"])
      #expect(other.exitCode == 64)
    }
  }

  @Test func terminalsGetATimelineAndColourUnlessTheyRefuse() async throws {
    try await withStory { database, _ in
      func shown(_ settings: [String: String]) async throws -> String {
        let environment = database.environment.merging(settings) { $1 }
        let finished = try await CommandTests.run(
          "script", ["-qec", "redress explain c", "/dev/null"], environment: environment)
        #expect(finished.exitCode == 0, "\(finished.output)")
        return finished.output
      }
      let coloured = try await shown(["TERM": "xterm", "NO_COLOR": ""])
      #expect(coloured.contains("\u{1B}[31m█"))
      for settings in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb", "NO_COLOR": ""]] {
        let plain = try await shown(settings)
        #expect(plain.contains("|████"), "\(settings)")
        #expect(!plain.contains("\u{1B}"), "\(settings)")
      }
    }
  }

  @Test func anIncidentTellsItsOwnFaultsAlone() async throws {
    try await withStory { database, _ in
      // The key of the second incident's window begins like that of the first.
      try await database.psql(
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        VALUES ('INC', 'One', 'X9', 'resolved', '2026-10-06T08:00Z', '2026-10-06T10:00Z'),
               ('INC / 2', 'Two', 'P0', 'resolved', '2026-10-07T08:00Z', '2026-10-07T10:00Z');
        INSERT INTO redress_source.outage VALUES
          ('INC', 'P0', NULL, NULL, '2026-10-06T08:00Z', '2026-10-06T10:00Z'),
          ('INC / 2', 'high', NULL, NULL, '2026-10-07T08:00Z', '2026-10-07T10:00Z');
        """)
      let first = try await database.redress(["explain", "--customer", "c", "--incident", "INC"])
      #expect(first.output.contains("'X9'") && !first.output.contains("'high'"), "\(first)")
      let second = try await database.redress(
        ["explain", "--customer", "c", "--incident", "INC / 2"])
      #expect(second.output.contains("'high'") && !second.output.contains("'X9'"), "\(second)")
    }
  }

  @Test func monthSelects() async throws {
    try await withStory { database, _ in
      for (month, isShown) in [("2026-10", true), ("2026-09", false)] {
        let finished = try await database.redress(["explain", "c", "--month", month])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(finished.output.contains("i1: Down") == isShown, "\(month)")
      }
      for arguments in [
        ["--month", "2026-10"], ["--customer", ""], ["c", "--timeline", "--format", "json"],
      ] {
        let finished = try await database.redress(["explain"] + arguments)
        #expect(finished.exitCode == 64, "\(arguments)")
      }
    }
  }

  @Test func nothingIsChanged() async throws {
    try await withStory { database, folder in
      let run = try await database.redress(
        [
          "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
          "--output", folder.path(),
        ]
          + ["--as-of", "2026-11-01T00:00:00Z"])
      #expect(run.exitCode == 0, "\(run.errors)")
      let before = try await database.rows(
        "SELECT * FROM redress.credit ORDER BY customer_id, subscription_id, incident_id, billing_month, currency, revision"
      )
      let finished = try await database.redress(["explain", "c", "--format", "json"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      #expect(finished.output.hasPrefix("{\"customer_id\":\"c\""))
      #expect(finished.output.contains("\"agrees_with_ledger\":true"))
      let after = try await database.rows(
        "SELECT * FROM redress.credit ORDER BY customer_id, subscription_id, incident_id, billing_month, currency, revision"
      )
      #expect(before == after)
    }
  }

  private func night(_ database: SourceDatabase, _ folder: URL) async throws {
    let run = try await database.redress(
      [
        "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
        "--output", folder.path(),
      ]
        + ["--as-of", "2026-11-01T00:00:00Z"])
    #expect(run.exitCode == 0, "\(run.errors)")
  }

  /// An overlapping incident is mentioned if it takes time from the other, and only then.
  @Test(arguments: [("P2", "08:00", false), ("P0", "08:30", false), ("P0", "07:00", true)])
  func onlyWhatBearsOnTheResultHasChanged(
    severity: String, start: String, isTold: Bool
  ) async throws {
    try await withStory { database, folder in
      try await night(database, folder)
      try await database.psql([
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        VALUES ('i2', 'Also', '\(severity)', 'resolved', '2026-10-05T\(start)Z', '2026-10-05T09:30Z');
        INSERT INTO redress_source.outage
        VALUES ('i2', '\(severity)', NULL, NULL, '2026-10-05T\(start)Z', '2026-10-05T09:30Z');
        UPDATE redress_source.subscription_term SET monthly_fee = 2000;
        """
      ])
      let finished = try await database.redress(["explain", "c", "--incident", "i1"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      #expect(finished.output.contains("Today's source would decide otherwise"))
      #expect(finished.output.contains("What changed: i2") == isTold, "\(finished.output)")
    }
  }

  @Test func readersAreToldWhatIsRecorded() async throws {
    try await withStory { database, folder in
      try await night(database, folder)
      let role = "\(database.name)_reader"
      try await database.psql(["CREATE ROLE \(role) LOGIN IN ROLE redress_reader"])
      for (arguments, sentence) in [
        (["explain", "c"], "100.00 USD credited for October 2026."),
        (["explain", "--customer", "c", "--incident", "i1", "--month", "2026-10"], "i1: Down"),
        (["explain", "s1"], "100.00 USD on no invoice yet: it goes on the next draft invoice"),
        (["explain", "i1"], "200.00 USD in 2 credits to 2 customers."),
        (["explain", "c", "--format", "markdown"], "Today's source was not looked at"),
        (["explain", "c", "--format", "html"], "may not read redress_source"),
        (["explain", "c", "--format", "json"], "\"source_read\":false"),
      ] {
        let finished = try await database.redress(arguments + ["--database", "user=\(role)"])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(finished.output.contains(sentence), "\(finished.output)")
        #expect(!finished.output.contains("Today's source would"))
      }
      try await database.psql(["DROP ROLE \(role)"])
    }
  }

  @Test func anIncidentIsToldAsAWhole() async throws {
    try await withStory { database, folder in
      try await database.psql([
        "UPDATE redress_source.incident SET title = '<b>\u{301}日本', root_cause = 'A <switch>'"
      ])
      try await night(database, folder)
      for (format, sentences) in [
        (
          "text",
          ["<b>\u{301}日本\n-----------\n", "P0 from 5 October 2026, 08:00 to 10:00 (2:00:00)"]
        ),
        ("markdown", ["\\<b\\>\u{301}日本", "- 200.00 USD in 2 credits to 2 customers."]),
        ("json", ["\"customers\":2,\"credits\":2,\"amount\":\"200.00\""]),
        ("html", ["&lt;b&gt;\u{301}日本", "A &lt;switch&gt;", "--customer c --incident i1"]),
      ] {
        let finished = try await database.redress(["explain", "i1", "--format", format])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        for sentence in sentences {
          // Compared as bytes: a combining mark makes another Character of the one before it.
          #expect(finished.output.utf8.contains(sentence.utf8), "\(sentence) in \(finished.output)")
        }
      }
    }
  }

  @Test func aPageHoldsTheStoryAndItsDrawing() async throws {
    try await withStory { database, folder in
      try await database.psql([
        "UPDATE redress_source.customer SET name = '\"\u{301}><script>alert(1)</script>'",
        """
        INSERT INTO redress_source.exclusion
        VALUES ('<x>', 'customer_fault', NULL, 'c', '2026-10-05T08:00Z', '2026-10-05T08:10Z', NULL)
        """,
      ])
      try await night(database, folder)
      let finished = try await database.redress(["explain", "c", "--format", "html"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      let page = finished.output
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
      for text in [
        "&lt;script&gt;alert(1)", "<svg role=\"img\"",
        "counted at P0: 5 October 2026, 08:10 to 10:00",
        "excluded: 5 October 2026, 08:00 to 08:10 (0:10:00)", "&lt;x&gt;",
        "100.00 USD credited for October 2026.", "1:50:00, met by 50 minutes",
      ] { #expect(page.contains(text), "\(text)") }
      for text in ["<script>alert", "<x>", "http://", "https://", " src="] {
        #expect(!page.contains(text), "\(text)")
      }
    }
  }
}

extension String.UTF8View {
  fileprivate func contains(_ other: String.UTF8View) -> Bool {
    let (text, part) = (Array(self), Array(other))
    return text.indices.contains {
      $0 + part.count <= text.count && text[$0..<($0 + part.count)].elementsEqual(part)
    }
  }
}
