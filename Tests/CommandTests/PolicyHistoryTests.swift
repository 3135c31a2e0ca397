import FoundationEssentials
import Testing

/// A policy that would change decisions of committed runs is refused before anything is calculated,
/// by `run`, a dry run and `check`.
struct PolicyHistoryTests {
  /// `name: day percent`, in the order of the file.
  private static func policy(_ versions: (String, String, String)...) -> String {
    "versions:\n"
      + versions.map { name, day, percent in
        """
          - version: \(name)
            effective_from: \(day)
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: \(percent)}

        """
      }.joined()
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// `nil` for the built-in policy.
    let policy: String?
    /// Parts of the refusal; empty if there is none.
    let says: [String]

    var testDescription: String { name }
  }

  /// The incident began on 5 October and earned 100.00 USD under `one`. The run was as of 1
  /// November. `two`, in the same file, begins later and has decided nothing.
  private static let first = policy(
    ("one", "2026-01-01", "10%"), ("two", "2026-12-01", "12%"))

  static let cases = [
    Case(name: "the same file", policy: first, says: []),
    Case(
      name: "no file", policy: nil,
      says: [
        "version one: committed runs have used this version, and built-in policy does not have it; outage-response-1 would decide on its incidents",
        "Recorded under it: 100.00 USD (1 credit)", "redress policy adopt FILE --note TEXT",
        "WHERE run_id = 1",
      ]),
    Case(
      name: "a file that lacks it", policy: policy(("three", "2026-01-01", "20%")),
      says: ["does not have it; three would decide on its incidents", "100.00 USD"]),
    Case(
      name: "a file in which nothing takes its place",
      policy: policy(("three", "2027-01-01", "20%")),
      says: ["does not have it; no version would decide on its incidents"]),
    Case(
      name: "another content", policy: policy(("one", "2026-01-01", "20%")),
      says: ["version one: a committed run has used this version with other content"]),
    Case(
      name: "another beginning", policy: policy(("one", "2026-02-01", "10%")),
      says: ["version one: a committed run has used this version with other content"]),
    Case(
      name: "a version dated back",
      policy: policy(("one", "2026-01-01", "10%"), ("three", "2026-10-01", "20%")),
      says: [
        "version one: three takes over from it on 2026-10-01T00:00:00Z, and committed runs have decided up to 2026-11-01T00:00:00Z",
        "Recorded under it for outages from then on: 100.00 USD (1 credit)",
        "Give three an effective_from after 2026-11-01T00:00:00Z",
        "redress policy adopt FILE --restate-from 2026-10 --note TEXT",
      ]),
    Case(
      name: "a version dated back to where nothing is recorded",
      policy: policy(("one", "2026-01-01", "10%"), ("three", "2026-10-31", "20%")),
      says: ["Nothing is recorded under it for outages from then on"]),
    Case(
      name: "a version that begins with the as-of instant",
      policy: policy(("one", "2026-01-01", "10%"), ("three", "2026-11-01", "20%")), says: []),
    Case(
      name: "another version before it",
      policy: policy(("zero", "2025-01-01", "5%"), ("one", "2026-01-01", "10%")),
      says: [
        "version zero: it begins on 2025-01-01T00:00:00Z, before every version that runs had",
        "--restate-from 2025-01",
      ]),
    Case(
      name: "without the version that no run has used",
      policy: policy(("one", "2026-01-01", "10%")), says: []),
  ]

  @Test(arguments: cases)
  func history(_ history: Case) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source)
        func file(_ name: String, _ text: String) throws -> [String] {
          let file = folder.appending(path: name)
          try Data(text.utf8).write(to: file)
          return ["--policy", file.path()]
        }
        let night = ErrorCase.night.map { $0.replacing("FOLDER", with: folder.path()) }
        let first = try await database.redress(
          night + file("first.yaml", PolicyHistoryTests.first))
        #expect(first.exitCode == 0, "\(first.errors)")

        let policy = try history.policy.map { try file("second.yaml", $0) } ?? []
        let before = try await database.rows(PolicyHistoryTests.ledger)
        for command in [["check"], night + ["--dry-run"], night] {
          let finished = try await database.redress(command + policy)
          let said = finished.output + finished.errors
          #expect(finished.exitCode == (history.says.isEmpty ? 0 : 64), "\(command): \(said)")
          for part in history.says { #expect(said.contains(part), "\(part) is not in\n\(said)") }
        }
        let after = try await database.rows(PolicyHistoryTests.ledger)
        #expect(before.rows == after.rows)
      }
    }
  }

  private static let ledger = """
    SELECT customer_id, subscription_id, incident_id, billing_month, revision, amount_minor, policy_version
    FROM redress.credit
    ORDER BY customer_id, subscription_id, incident_id, billing_month, revision
    """

  /// Each version is named, with the credits recorded under it.
  @Test func severalVersionsAtOnce() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(
          ErrorCase.source + [
            """
            INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
            VALUES ('OLD', 'Incident', 'P0', 'resolved', '2026-09-05 08:00Z', '2026-09-05 13:00Z')
            """,
            "INSERT INTO redress_source.outage VALUES ('OLD', 'P0', 'S', NULL, '2026-09-05 08:00Z', '2026-09-05 13:00Z')",
          ])
        let file = folder.appending(path: "policy.yaml")
        let text = PolicyHistoryTests.policy(
          ("one", "2026-01-01", "10%"), ("two", "2026-10-01", "12%"))
        try Data(text.utf8).write(to: file)
        let night = ErrorCase.night.map { $0.replacing("FOLDER", with: folder.path()) }
        let first = try await database.redress(night + ["--policy", file.path()])
        #expect(first.exitCode == 0, "\(first.errors)")
        let second = try await database.redress(night)
        #expect(second.exitCode == 64)
        for part in [
          "the policy would decide anew what committed runs have decided; nothing was calculated",
          "version one: ", "Recorded under it: 100.00 USD (1 credit)",
          "version two: ", "Recorded under it: 120.00 USD (1 credit)",
        ] {
          #expect(second.errors.contains(part), "\(part) is not in\n\(second.errors)")
        }
        // Runs the command in the message; it returns the policy file.
        let content = try await database.psql([
          """
          SELECT convert_from(content, 'UTF8')
          FROM redress.policy_file JOIN redress.run ON digest = policy_digest WHERE run_id = 1
          """
        ])
        #expect(content.contains("version: one") && content.contains("version: two"))
        try Data(content.utf8).write(to: file)
      }
    }
  }
}
