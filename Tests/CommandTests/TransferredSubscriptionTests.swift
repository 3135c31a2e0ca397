import FoundationEssentials
import Testing

/// `redress explain` and the page when only the frozen evidence is right: subscriptions that moved
/// between customers, and runs that read different policies.
struct TransferredSubscriptionTests {
  /// Both customers have the same subscription, one after the other, and one incident each. Neither
  /// may see the price of the other's incident.
  static let source = """
    INSERT INTO redress_source.service VALUES ('svc', 'Service');
    INSERT INTO redress_source.customer (customer_id, name, tier, time_zone)
    VALUES ('alpha-co', 'Alpha Limited', 'gold', NULL), ('beta-co', 'Beta Limited', 'gold', 'Asia/Tokyo');
    INSERT INTO redress_source.subscription_term VALUES
      ('s', 'alpha-co', 'svc', 'plan-alpha', 1000, 'USD', '2026-01-01+00', '2026-10-05 02:00+00'),
      ('s', 'beta-co', 'svc', 'plan-beta', 7777, 'USD', '2026-10-05 02:00+00', NULL);
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at) VALUES
      ('i', 'Down', 'P0', 'resolved', '2026-10-05 00:00+00', '2026-10-05 05:00+00'),
      ('j', 'Again', 'P0', 'resolved', '2026-10-05 01:30+00', '2026-10-05 06:00+00'),
      ('k', 'Once more', 'P0', 'resolved', '2026-10-05 10:00+00', '2026-10-05 12:00+00');
    -- The first incident touched the former customer only, the last the new one, and the second everybody.
    INSERT INTO redress_source.outage (incident_id, severity, customer_id, started_at, ended_at) VALUES
      ('i', 'P0', 'alpha-co', '2026-10-05 00:00+00', '2026-10-05 05:00+00'),
      ('j', 'P0', NULL, '2026-10-05 01:30+00', '2026-10-05 06:00+00'),
      ('k', 'P0', 'beta-co', '2026-10-05 10:00+00', '2026-10-05 12:00+00');
    INSERT INTO redress_source.exclusion VALUES
      ('excluded-alpha', 'customer_fault', NULL, 'alpha-co', '2026-10-05 00:00+00', '2026-10-05 00:30+00', NULL),
      ('excluded-beta', 'customer_fault', NULL, 'beta-co', '2026-10-05 11:30+00', '2026-10-05 12:00+00', NULL);
    """

  private func withNight(
    _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(TransferredSubscriptionTests.source)
        let run = try await database.redress(
          ReportTests.night + ["2026-11-02", "--output", folder.path()])
        #expect(run.exitCode == 0, "\(run.errors)")
        try await body(database, folder)
      }
    }
  }

  @Test func eachCustomerIsToldTheRecordedSumAndNothingOfTheOther() async throws {
    try await withNight { database, _ in
      let recorded = try await database.rows(
        "SELECT customer_id, incident_id, amount, plan FROM redress.entitlement "
          + "JOIN redress.credit "
          + "USING (customer_id, subscription_id, incident_id, billing_month, currency, revision) ORDER BY 1, 2"
      )
      #expect(
        recorded.rows == [
          ["alpha-co", "i", "100.00", "plan-alpha"], ["beta-co", "j", "777.70", "plan-beta"],
          ["beta-co", "k", "777.70", "plan-beta"],
        ])
      try await ExplanationLaw(database: database).check("moved")
      let secrets = [
        "alpha-co": [
          "beta-co", "Beta Limited", "plan-beta", "7777", "777.70", "excluded-beta", "Once more",
        ],
        "beta-co": [
          "alpha-co", "Alpha Limited", "plan-alpha", "1000.00", "100.00", "excluded-alpha", "Down",
        ],
      ]
      let reader = "\(database.name)_reader"
      try await database.psql("CREATE ROLE \(reader) LOGIN IN ROLE redress_reader")
      for (customer, others) in secrets {
        for format in ["text", "markdown", "json", "html"] {
          for more in [[], ["--database", "user=\(reader)"]] {
            let told = try await database.redress(
              ["explain", "--customer", customer, "--format", format] + more)
            #expect(told.exitCode == 0, "\(told.errors)")
            for secret in others {
              #expect(!told.output.contains(secret), "\(customer), \(format): \(secret)")
            }
            #expect(!told.output.contains("comes to something else"), "\(told.output)")
          }
        }
      }
      try await database.psql("DROP ROLE \(reader)")
      // If asked for by id, the other customer's incident is only said to be the other's.
      for (customer, incident, plan) in [("alpha-co", "k", "plan"), ("beta-co", "i", "plan")] {
        let told = try await database.redress([
          "explain", "--customer", customer, "--incident", incident,
        ])
        #expect(told.exitCode == 0, "\(told.errors)")
        #expect(told.output.contains("Nothing is credited"), "\(told.output)")
        #expect(!told.output.contains(plan), "\(told.output)")
        #expect(!told.output.contains("Counted at"), "\(told.output)")
        // A user who asks for the incident by its id may read its title.
        let titles = ["Once more", "Down"]
        for secret in secrets[customer]! where !titles.contains(secret) {
          #expect(!told.output.contains(secret), "\(secret)")
        }
      }
    }
  }

  @Test func whenTheSubscriptionWasAnothersIsTold() async throws {
    try await withNight { database, _ in
      let told = try await database.redress(["explain", "--customer", "alpha-co"])
      #expect(told.output.contains("100.00 USD credited for October 2026."), "\(told.output)")
      let beta = try await database.redress(["explain", "--customer", "beta-co"])
      #expect(!beta.output.contains("Down"), "\(beta.output)")
      #expect(!beta.output.contains("Counted under"), "\(beta.output)")
      #expect(
        beta.output.contains(
          "): it belongs to the time when the subscription was another customer's."),
        "\(beta.output)")
      #expect(
        beta.output.contains("The subscription was another customer's: 5 October 2026, "),
        "\(beta.output)")
    }
  }

  /// Run 1 reads two versions, run 2 only the first. The decisions of run 2 are explained with the
  /// version that decided.
  @Test func thePolicyIsTheOneThatTheRunRead() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ReportTests.history)
        let first = """
          versions:
            - version: v1
              effective_from: 2025-01-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
              limits: {granted: {USD: 5}}

          """
        let second = """
            - version: v2
              effective_from: 2026-10-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 50%}
              limits: {granted: {USD: 90000}}

          """
        for (runId, text) in [(1, first + second), (2, first)] {
          let policy = folder.appending(path: "policy-\(runId).yaml")
          try Data(text.utf8).write(to: policy)
          if runId == 2 {
            // The credits of run 1 are removed, so that run 2 grants again under its own policy.
            try await database.psql([
              """
              INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
              VALUES ('i3', 'Title of i3', 'P0', 'resolved', '2026-10-20+00', '2026-10-20 02:00+00');
              INSERT INTO redress_source.outage
              VALUES ('i3', 'P0', NULL, NULL, '2026-10-20+00', '2026-10-20 02:00+00');
              """
            ])
          }
          let run = try await database.redress(
            ReportTests.night + [
              "2026-11-0\(runId)", "--policy", policy.path(), "--output", folder.path(),
            ])
          guard run.exitCode == 0 else {
            // A policy without a used version may be refused; then nothing can be explained
            // wrongly.
            #expect(runId == 2 && run.exitCode == 64, "\(run.errors)")
            return
          }
        }
        try await ExplanationLaw(database: database).check("policy versions")
        let told = try await database.redress(["explain", "--customer", "c", "--incident", "i3"])
        #expect(told.output.contains("100.00 USD credited"), "\(told.output)")
        #expect(told.output.contains("Policy version v1"), "\(told.output)")
        let page = try await database.redress(["report", "--run", "2", "--format", "html"])
        #expect(page.exitCode == 0, "\(page.errors)")
        #expect(page.output.contains("policy version v1"), "limits of another version")
        #expect(!page.output.contains("policy version v2"))
      }
    }
  }

  /// The limits are those of a later version in force, even if nothing was decided with it.
  @Test func thePageShowsTheLimitsOfTheFileThatTheRunRead() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ReportTests.history)
        let policy = folder.appending(path: "policy.yaml")
        try Data(
          """
          versions:
            - version: promise-1
              effective_from: 2025-01-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
              limits: {granted: {USD: 1000000}}
            - version: promise-2
              effective_from: 2026-11-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
              limits: {granted: {USD: 10}}

          """.utf8
        ).write(to: policy)
        let arguments =
          ReportTests.night + [
            "2026-11-02", "--policy", policy.path(), "--output", folder.path(),
          ]
        let held = try await database.redress(
          arguments.filter { !$0.hasPrefix("--approve") && !$0.hasPrefix("--reason") })
        #expect(held.exitCode == 4, "\(held.output)\(held.errors)")
        let run = try await database.redress(arguments)
        #expect(run.exitCode == 0, "\(run.errors)")
        let page = try await database.redress(["report", "--run", "1", "--format", "html"])
        #expect(page.exitCode == 0, "\(page.errors)")
        #expect(page.output.contains("promise-2"))
        // 400.00 of 10.00.
        #expect(page.output.contains("4000") || page.output.contains("4 000"), "no share of 4000 %")
        let verified = try await database.redress(["verify", "--output", folder.path()])
        #expect(verified.exitCode == 0, "\(verified.output)")
        try await database.psql("UPDATE redress.run SET limits_approved = false")
        let tampered = try await database.redress(["verify"])
        #expect(
          tampered.output.contains(
            "run 1: it granted 400.00 USD, which is past the limit of its policy"),
          "\(tampered.output)")
      }
    }
  }
}
