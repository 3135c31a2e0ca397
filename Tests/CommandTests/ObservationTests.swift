import FoundationEssentials
import TestSupport
import Testing

/// `redress observe`, and a night over what was observed.
struct ObservationTests {
  private static let present = """
    CREATE TABLE redress_source.present_term (
      subscription_id text, customer_id text, service_id text, plan text, monthly_fee numeric, currency text,
      since timestamptz, until timestamptz);
    GRANT SELECT ON redress_source.present_term TO redress_job;
    INSERT INTO redress_source.present_term VALUES
      ('SUB1', 'C1', 'S', 'basic', 1000, 'USD', '2026-01-01Z', NULL),
      ('SUB2', 'C2', 'S', 'basic', 500, 'USD', '2026-01-01Z', NULL);
    DROP TABLE redress_source.subscription_term;
    CREATE VIEW redress_source.subscription_term AS SELECT * FROM redress.observed_term;
    GRANT SELECT ON redress_source.subscription_term TO redress_job;
    """

  private func withSource(_ body: (DoubtfulSource) async throws -> Void) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        try await source.database.psql(ObservationTests.present)
        try await body(source)
      }
    }
  }

  private func observe(
    _ source: DoubtfulSource, _ options: [String] = [], exitCode: Int32 = 0
  ) async throws -> String {
    let finished = try await source.database.redress(["observe"] + options)
    #expect(finished.exitCode == exitCode, "\(finished.output)\(finished.errors)")
    return finished.output
  }

  /// Without the history 20.00 would be added for an outage of before the change.
  @Test func aChangeOfTodayLeavesThePastAsItWas() async throws {
    try await withSource { source in
      #expect(
        try await observe(source) == "present_term: 2 rows, 2 new, 0 changed, 0 gone\n")
      #expect(try await source.night() == [])
      #expect(try await source.credits() == DoubtfulRowTests.both)
      try await source.database.psql(
        "UPDATE redress_source.present_term SET monthly_fee = 1200 WHERE subscription_id = 'SUB1'")
      #expect(
        try await observe(source) == """
          present_term: 2 rows, 0 new, 1 changed, 0 gone
            SUB1: C1 S basic 1000 USD -> C1 S basic 1200 USD

          """)
      #expect(try await observe(source) == "present_term: 2 rows, 0 new, 0 changed, 0 gone\n")
      #expect(try await source.night(asOf: "2026-11-29T00:00:00Z") == [])
      #expect(try await source.credits() == DoubtfulRowTests.both)
      #expect(
        try await source.value(
          "SELECT string_agg(monthly_fee::text, ' ' ORDER BY valid_from) FROM redress.observed_term WHERE subscription_id = 'SUB1'"
        ) == "1000 1200")
    }
  }

  @Test func aSourceThatShowsNothingIsNotBelieved() async throws {
    try await withSource { source in
      _ = try await observe(source)
      try await source.database.psql("DELETE FROM redress_source.present_term")
      #expect(
        try await observe(source, exitCode: 4) == """
          present_term: 0 rows
            2 of 2 subscriptions are gone. That is more than is believed, so nothing was recorded.
            Look at the view. If they are gone, say so: redress observe --gone 2

          """)
      #expect(try await source.value("SELECT count(*) FROM redress.term_observation") == "2")
      #expect(try await observe(source, ["--gone", "1"], exitCode: 4).contains("2 of 2"))
      #expect(
        try await observe(source, ["--gone", "2"]) == """
          present_term: 0 rows, 0 new, 0 changed, 2 gone
            SUB1: gone; it was C1 S basic 1000 USD
            SUB2: gone; it was C2 S basic 500 USD

          """)
    }
  }

  /// A tenth of 200 may be gone, and not one more.
  @Test func aTenthMayBeGone() async throws {
    try await withSource { source in
      try await source.database.psql(
        """
        INSERT INTO redress_source.present_term
        SELECT 'N' || n, 'C1', 'S', 'basic', 1, 'USD', '2026-01-01Z', NULL FROM generate_series(1, 198) AS n
        """)
      _ = try await observe(source)
      func leave(_ count: Int) async throws {
        try await source.database.psql(
          "DELETE FROM redress_source.present_term WHERE subscription_id IN (SELECT 'N' || n FROM generate_series(1, \(count)) AS n)"
        )
      }
      try await leave(20)
      #expect(
        try await observe(source).hasPrefix("present_term: 180 rows, 0 new, 0 changed, 20 gone\n"))
      try await leave(39)
      #expect(try await observe(source, exitCode: 4).contains("19 of 180 subscriptions are gone"))
    }
  }

  @Test func whatCannotBeObservedLeavesWhatWas() async throws {
    try await withSource { source in
      _ = try await observe(source)
      try await source.database.psql(
        """
        UPDATE redress_source.present_term SET plan = NULL WHERE subscription_id = 'SUB1';
        INSERT INTO redress_source.present_term SELECT * FROM redress_source.present_term WHERE subscription_id = 'SUB2';
        INSERT INTO redress_source.present_term VALUES
          ('SUB3', 'C2', 'S', 'basic', 'NaN', 'USD', NULL, NULL), (NULL, 'C2', 'S', 'basic', 1, 'USD', NULL, NULL),
          ('', 'C2', 'S', 'basic', 1, 'USD', NULL, NULL), ('SUB4', 'C2', 'S', 'basic', 5, 'USD', NULL, 'infinity');
        """)
      let output = try await observe(source, exitCode: 3)
      #expect(
        output.hasPrefix("present_term: 7 rows, 0 new, 0 changed, 0 gone, 7 left out\n"),
        "\(output)")
      for fault in [
        "missing_key: 1 without an id", "missing_value SUB1", "duplicate_row SUB2: 2 rows",
        "invalid_value SUB3", "invalid_value SUB4",
      ] { #expect(output.contains(fault), "\(output)") }
      // SUB1 is gone for all that is known, but a row without an id may be it.
      try await source.database.psql(
        "DELETE FROM redress_source.present_term WHERE subscription_id = 'SUB1'")
      _ = try await observe(source, exitCode: 3)
      #expect(try await source.value("SELECT count(*) FROM redress.term_observation") == "2")
      #expect(
        try await source.value("SELECT count(*) FROM redress.observed_term WHERE valid_to IS NULL")
          == "2")
    }
  }

  @Test func severitiesOfOpenIncidentsAreObserved() async throws {
    try await withSource { source in
      try await source.database.psql(
        """
        DROP TABLE redress_source.present_term CASCADE;
        CREATE TABLE redress_source.present_severity (
          incident_id text, severity text, service_id text, customer_id text, since timestamptz);
        INSERT INTO redress_source.present_severity VALUES ('I7', 'P1', 'S', NULL, '2026-11-01 10:00Z')
        """)
      #expect(try await observe(source) == "present_severity: 1 rows, 1 new, 0 changed, 0 gone\n")
      try await source.database.psql("UPDATE redress_source.present_severity SET severity = 'P0'")
      #expect(
        try await observe(source) == """
          present_severity: 1 rows, 0 new, 1 changed, 0 gone
            I7 / S: P1 -> P0

          """)
      try await source.database.psql("DELETE FROM redress_source.present_severity")
      #expect(try await observe(source).contains("  I7 / S: gone; it was P0\n"))
      #expect(
        try await source.value(
          "SELECT string_agg(severity || (ended_at IS NULL)::text, ' ' ORDER BY started_at) FROM redress.observed_severity"
        ) == "P1false P0false")
    }
  }

  @Test func whatIsMissingIsToldWithWhatToDo() async throws {
    try await withSource { source in
      try await source.database.psql(
        "ALTER TABLE redress_source.present_term DROP COLUMN plan, ALTER COLUMN since TYPE timestamp"
      )
      let wrong = try await source.database.redress(["observe"])
      #expect(wrong.exitCode == 1)
      #expect(wrong.errors.contains("present_term.plan"), "\(wrong.errors)")
      #expect(wrong.errors.contains("present_term.since"), "\(wrong.errors)")
      try await source.database.psql("DROP TABLE redress_source.present_term CASCADE")
      let none = try await source.database.redress(["observe"])
      #expect(none.exitCode == 1)
      #expect(none.errors.contains("neither present_term nor present_severity"), "\(none.errors)")
    }
  }
}
