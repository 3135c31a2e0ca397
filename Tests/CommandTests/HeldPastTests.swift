import FoundationEssentials
import Testing

/// Changes to the past of a recorded credit under `rewritten_past: hold`: the credit stands until a person has accepted
/// the finding.
struct HeldPastTests {
  private static let promise = """
    versions:
      - version: held
        effective_from: 2026-01-01
        time_zone: UTC
        tiers:
          - {severity: P0, longer_than: 1h, credit: 10%}
          - {severity: P0, longer_than: 4h, credit: 25%}
        rewritten_past: hold
    """
  private static let key = "C1 / SUB1 / I1 / 2026-11 / USD"

  private func withSource(
    _ body: (DoubtfulSource, _ night: (_ asOf: String) async throws -> [String]) async throws ->
      Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        let policy = folder.appending(path: "policy.yaml")
        try Data(HeldPastTests.promise.utf8).write(to: policy)
        func night(_ asOf: String) async throws -> [String] {
          try await source.night(asOf: asOf, options: ["--policy", policy.path()])
        }
        #expect(try await night("2026-11-28T00:00:00Z") == [])
        #expect(try await source.credits() == DoubtfulRowTests.both)
        try await body(source, night)
      }
    }
  }

  private func accept(_ source: DoubtfulSource) async throws {
    let accepted = try await source.database.redress(
      ["findings", "accept", "past_rewritten", HeldPastTests.key, "--reason", "the bill was wrong"])
    #expect(accepted.exitCode == 0, "\(accepted.errors)")
  }

  /// Those that are told, but for what goes to another customer.
  static let held = RewrittenPastTests.past.filter {
    !$0.findings.isEmpty && !$0.statement.contains("customer_id")
  }

  @Test(arguments: held)
  func theCreditStandsUntilTheFindingIsAccepted(_ row: RewrittenPastTests.Case) async throws {
    try await withSource { source, night in
      try await source.database.psql(row.statement)
      for day in ["29", "30"] {
        #expect(try await night("2026-11-\(day)T00:00:00Z") == row.findings)
        #expect(try await source.credits() == DoubtfulRowTests.both)
        #expect(try await source.value("SELECT count(*) FROM redress.credit") == "2")
        let problem = try await source.problem("past_rewritten")
        #expect(problem.contains(" waits until the finding is accepted"), "\(problem)")
      }
      try await accept(source)
      let applied = try await source.database.redress(
        [
          "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
          "--output",
          source.folder.path(), "--as-of",
          "2026-12-01T00:00:00Z", "--policy", source.folder.appending(path: "policy.yaml").path(),
        ])
      // The accepted finding is told with its credit, and asks for nobody.
      #expect(applied.exitCode == 0, "\(applied.errors)")
      #expect(try await source.credits() == row.credits)
      #expect(try await night("2026-12-02T00:00:00Z") == [])
      let verified = try await source.database.redress(["verify"])
      #expect(verified.exitCode == 0, "\(verified.output)\(verified.errors)")
    }
  }

  /// A decision is about one change. The next one waits again.
  @Test func anotherChangeWaitsAgain() async throws {
    try await withSource { source, night in
      let fee = "UPDATE redress_source.subscription_term SET monthly_fee = "
      let sub1 = " WHERE subscription_id = 'SUB1'"
      try await source.database.psql(fee + "1200" + sub1)
      _ = try await night("2026-11-29T00:00:00Z")
      try await accept(source)
      try await source.database.psql(fee + "3000" + sub1)
      #expect(
        try await night("2026-11-30T00:00:00Z") == ["past_rewritten credit \(HeldPastTests.key)"])
      #expect(try await source.credits() == DoubtfulRowTests.both)
    }
  }

  /// The acceptance is used up with the revision that it let through.
  @Test func theSameChangeWaitsAgainOnceItWasAppended() async throws {
    try await withSource { source, night in
      func fee(_ fee: Int) async throws {
        try await source.database.psql(
          "UPDATE redress_source.subscription_term SET monthly_fee = \(fee) WHERE subscription_id = 'SUB1'"
        )
      }
      let told = ["past_rewritten credit \(HeldPastTests.key)"]
      try await fee(1200)
      #expect(try await night("2026-11-29T00:00:00Z") == told)
      try await accept(source)
      for day in ["01", "02"] {
        _ = try await source.database.redress(
          [
            "run", "--quiet", "--output", source.folder.path(), "--as-of",
            "2026-12-\(day)T00:00:00Z", "--policy",
            source.folder.appending(path: "policy.yaml").path(),
          ])
      }
      #expect(try await source.credits() == ["C1 120.00 on V1", "C2 50.00 on V2"])
      try await fee(1000)
      #expect(try await night("2026-12-03T00:00:00Z") == told)
      try await accept(source)
      _ = try await source.database.redress(
        [
          "run", "--quiet", "--output", source.folder.path(), "--as-of", "2026-12-04T00:00:00Z",
          "--policy", source.folder.appending(path: "policy.yaml").path(),
        ])
      #expect(try await source.credits() == DoubtfulRowTests.both)
      try await fee(1200)
      #expect(try await night("2026-12-05T00:00:00Z") == told)
      #expect(try await source.credits() == DoubtfulRowTests.both)
    }
  }

  /// All that waits is told, so that nothing of another size is let through with it.
  @Test func whatWaitsWithItIsTold() async throws {
    try await withSource { source, night in
      let change = "UPDATE redress_source.subscription_term SET currency = 'EUR', monthly_fee = "
      let sub1 = " WHERE subscription_id = 'SUB1'"
      try await source.database.psql(change + "2000" + sub1)
      _ = try await night("2026-11-29T00:00:00Z")
      #expect(
        try await source.problem("past_rewritten").contains("and with it 200.00 EUR of 2026-11."))
      try await accept(source)
      try await source.database.psql(change + "9000" + sub1)
      _ = try await night("2026-11-30T00:00:00Z")
      #expect(try await source.credits() == DoubtfulRowTests.both)
      let story = try await source.database.redress([
        "explain", "--customer", "C1", "--as-of", "2026-11-30", "--policy",
        source.folder.appending(path: "policy.yaml").path(),
      ])
      #expect(story.output.contains("What is recorded stands as it is for now."), "\(story.output)")
    }
  }

  /// A transfer of which the other customer has nothing waits: nothing would be paid twice.
  @Test(arguments: ["valid_from = '2026-11-20Z'", "monthly_fee = 0"])
  func whatTheOtherCustomerDoesNotGetWaits(change: String) async throws {
    try await withSource { source, night in
      try await source.database.psql(
        "UPDATE redress_source.subscription_term SET customer_id = 'C2', \(change) WHERE subscription_id = 'SUB1'"
      )
      #expect(
        try await night("2026-11-29T00:00:00Z") == ["past_rewritten credit \(HeldPastTests.key)"])
      #expect(try await source.credits() == DoubtfulRowTests.both)
      #expect(try await source.problem("past_rewritten").contains("Taking back 100.00 USD waits"))
    }
  }

  /// Holding it for one customer would pay it to both.
  @Test func whatGoesToAnotherCustomerIsMoved() async throws {
    try await withSource { source, night in
      let row = try #require(
        RewrittenPastTests.past.first { $0.statement.contains("SET customer_id") })
      try await source.database.psql(row.statement)
      #expect(try await night("2026-11-29T00:00:00Z") == row.findings)
      #expect(try await source.credits() == row.credits)
      #expect(try await !source.problem("past_rewritten").contains("waits"))
    }
  }

  /// Nothing else waits: another incident of the subscription, and a change of the incident itself.
  @Test func whatTheIncidentChangesIsAppended() async throws {
    try await withSource { source, night in
      try await source.database.psql(
        """
        UPDATE redress_source.subscription_term SET monthly_fee = 1200 WHERE subscription_id = 'SUB1';
        INSERT INTO redress_source.incident VALUES
          ('I2', 'Down', 'P0', 'resolved', '2026-11-12 10:00Z', NULL, '2026-11-12 12:00Z', NULL);
        INSERT INTO redress_source.outage VALUES
          ('I2', 'P0', NULL, NULL, '2026-11-12 10:00Z', '2026-11-12 12:00Z');
        """)
      #expect(
        try await night("2026-11-29T00:00:00Z") == ["past_rewritten credit \(HeldPastTests.key)"])
      #expect(
        try await source.credits() == [
          "C1 100.00 on V1", "C1 120.00 on V1", "C2 50.00 on V2", "C2 50.00 on V2",
        ])
      try await source.database.psql(
        "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'I1'")
      #expect(try await night("2026-11-30T00:00:00Z") == [])
      #expect(try await source.credits() == ["C1 120.00 on V1", "C2 50.00 on V2"])
    }
  }
}
