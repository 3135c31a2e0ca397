import FoundationEssentials
import Testing

/// `redress explain` where a scenario's files do not reach: terminals, other options, other policies. The texts
/// themselves are `fixtures/explain/expected/`.
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
          "run", "--quiet", "--approve-limits", "--policy", policy.path(), "--output",
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
        ["run", "--quiet", "--approve-limits", "--output", folder.path()]
          + ["--as-of", "2026-11-01T00:00:00Z"])
      #expect(run.exitCode == 0, "\(run.errors)")
      let before = try await database.rows("SELECT * FROM redress.credit ORDER BY 1, 2, 3, 4, 5")
      let finished = try await database.redress(["explain", "c", "--format", "json"])
      #expect(finished.exitCode == 0, "\(finished.errors)")
      #expect(finished.output.hasPrefix("{\"customer_id\":\"c\""))
      #expect(finished.output.contains("\"agrees_with_ledger\":true"))
      let after = try await database.rows("SELECT * FROM redress.credit ORDER BY 1, 2, 3, 4, 5")
      #expect(before == after)
    }
  }
}
