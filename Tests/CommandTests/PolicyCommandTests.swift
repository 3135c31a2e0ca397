import FoundationEssentials
import ShippedPolicies
import TestSupport
import Testing

@testable import redress

/// `redress policy test`, `list` and `show NAME`.
struct PolicyCommandTests {
  /// Every example of every published programme, in the zone of its customer, on a database without
  /// a ledger.
  @Test func everyShippedExampleIsMet() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try TestDatabase()
        for file in ShippedPolicy.allCases {
          let path = folder.appending(path: "\(file.rawValue).yaml").path
          let shown = try await run("redress", ["policy", "show", file.rawValue])
          try Data(shown.output.utf8).write(to: URL(filePath: path))
          let tested = try await run(
            "redress", ["policy", "test", path, "--database", database.conninfo])
          #expect(tested.exitCode == 0, "\(file.rawValue): \(tested.output)\(tested.errors)")
          #expect(tested.output.hasSuffix(", all as expected\n"), "\(tested.output)")
          #expect(!tested.output.contains("differs"))
        }
      }
    }
  }

  private static let policy = """
    versions:
      - version: v
        effective_from: 2026-01-01
        time_zone: UTC
        rules: [{kind: steps, of: uptime, steps: [{below: 99.99%, credit: 10%}]}]
    examples:
      - example: exactly the promise
        month: 2026-04
        fee: 1000.00 USD
        outages: [{from: "2026-04-10T10:00:00Z", to: "2026-04-10T10:04:19.200000Z"}]
        credit: 0.00
      - example: a microsecond more
        month: 2026-04
        fee: 1000.00 USD
        outages: [{from: "2026-04-10T10:00:00Z", to: "2026-04-10T10:04:19.200001Z"}]
        credit: 0.00

    """

  /// A port where nobody listens: what is in UTC asks no database.
  @Test func differenceIsToldWithoutDatabase() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "policy.yaml").path
      try Data(PolicyCommandTests.policy.utf8).write(to: URL(filePath: path))
      let tested = try await run(
        "redress", ["policy", "test", path, "--database", "host=127.0.0.1 port=1"])
      #expect(tested.exitCode == 1)
      #expect(tested.errors.isEmpty)
      #expect(
        tested.output == """
          ok       exactly the promise
          differs  a microsecond more: 0.00 USD expected, 100.00 USD came out
          \(path): 2 examples, 1 not as expected

          """)
    }
  }

  @Test func fileWithoutExamplesSaysSo() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "policy.yaml").path
      let built = try await run("redress", ["policy", "show"])
      try Data(built.output.utf8).write(to: URL(filePath: path))
      let tested = try await run("redress", ["policy", "test", path])
      #expect(tested.exitCode == 0 && tested.output == "\(path): no examples\n")
    }
  }

  /// An hour that clocks show twice is two hours, and so is one of which they show a half again.
  @Test(arguments: [
    ("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", "3.00"),
    ("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", "3.00"),
    ("Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T17:00:00Z", "4.00"),
    ("Asia/Kathmandu", "2026-04-04T14:15:00Z", "2026-04-04T16:15:00Z", "2.00"),
    ("UTC", "2026-04-04T14:15:00Z", "2026-04-04T16:15:00Z", "3.00"),
  ])
  func hoursAreThoseOfTheLocalClock(zone: String, from: String, to: String, credit: String)
    async throws
  {
    try await withTemporaryFolder { folder in
      let database = try TestDatabase()
      let path = folder.appending(path: "policy.yaml").path
      let policy = """
        versions:
          - version: v
            effective_from: 2026-01-01
            time_zone: UTC
            rules: [{kind: per_unit, of: outage, unit: clock_hour, counted: any, credit: {amount: 1}}]
            cap: none
        examples:
          - example: hours
            month: \(from.prefix(7))
            time_zone: \(zone)
            fee: 100.00 EUR
            outages: [{from: "\(from)", to: "\(to)"}]
            credit: \(credit)

        """
      try Data(policy.utf8).write(to: URL(filePath: path))
      let tested = try await run(
        "redress", ["policy", "test", path, "--database", database.conninfo])
      #expect(
        tested.output == "ok       hours\n\(path): 1 example, all as expected\n", "\(tested.errors)"
      )
    }
  }

  @Test func listHasEveryProgramme() async throws {
    let listed = try await run("redress", ["policy", "list"])
    #expect(listed.exitCode == 0)
    let lines = listed.output.split(separator: "\n").map(String.init)
    #expect(lines.count == ShippedPolicy.allCases.count + 1)
    #expect(lines[0].hasPrefix("  name"))
    for file in ShippedPolicy.allCases {
      #expect(lines.contains { $0.hasPrefix("  \(file.rawValue) ") })
    }
  }

  @Test func shownProgrammeIsTheFileAfterTwoComments() async throws {
    let shown = try await run("redress", ["policy", "show", "vultr"])
    let lines = shown.output.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("# A starting point, and no legal advice"))
    #expect(lines[1].hasPrefix("# "))
    #expect(Array(lines[2].utf8) == ShippedPolicy.vultr.bytes)
  }

  @Test(arguments: [
    ("vulter", " Did you mean vultr?"), ("nothing-like-it", "redress policy list"),
  ])
  func unknownProgrammeIsRefused(name: String, advice: String) async throws {
    let shown = try await run("redress", ["policy", "show", name])
    #expect(shown.exitCode == 64 && shown.output.isEmpty)
    #expect(
      shown.errors.contains("\"\(name)\"") && shown.errors.contains(advice), "\(shown.errors)")
  }
}
