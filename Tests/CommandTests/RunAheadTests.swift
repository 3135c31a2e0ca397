import FoundationEssentials
import Testing

/// Nights as of an instant that is to come.
struct RunAheadTests {
  /// A version of tomorrow would decide on the limits of today.
  @Test func nobodyButTheOwnerCommitsANightToCome() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        let night = "\(source.database.name)_night"
        try await source.database.psql([
          "CREATE ROLE \(night) LOGIN IN ROLE redress_job",
          "GRANT USAGE ON SCHEMA redress_source TO redress_job",
          "GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO redress_job",
        ])
        func run(_ options: String...) async throws -> Finished {
          try await source.database.redress(
            ["run", "--quiet", "--output", folder.path(), "--database", "user=\(night)"] + options)
        }
        let ahead = try await run("--as-of", "2199-01-01T00:00:00Z")
        #expect(ahead.exitCode == 64, "\(ahead.errors)")
        #expect(ahead.errors.contains("2199-01-01T00:00:00Z is to come"), "\(ahead.errors)")
        #expect(try await source.value("SELECT count(*) FROM redress.run") == "0")
        #expect(try await run("--as-of", "2199-01-01T00:00:00Z", "--dry-run").exitCode == 0)
        #expect(try await run("--as-of", "2026-11-28T00:00:00Z").exitCode == 0)
        let rehearsed = try await source.database.redress([
          "run", "--quiet", "--output", folder.path(), "--as-of", "2199-01-01T00:00:00Z",
        ])
        #expect(rehearsed.exitCode == 0, "\(rehearsed.errors)")
        try await source.database.psql("DROP ROLE \(night)")
      }
    }
  }

  /// The printed command has words that stand for a name and a reason.
  @Test func theWordsOfThePrintedCommandApproveNothing() async throws {
    for options in [
      ["--approved-by", "YOUR NAME", "--reason", "read it"],
      ["--approved-by", "Ada", "--reason", "WHY IT IS RIGHT"],
    ] {
      let refused = try await CommandTests.run(
        "redress", ["run", "--approve", "0123456789ab"] + options, environment: [:])
      #expect(refused.exitCode == 64)
      #expect(refused.errors.contains("give your own words"), "\(refused.errors)")
    }
  }
}
