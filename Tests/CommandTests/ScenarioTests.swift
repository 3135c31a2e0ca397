import FoundationEssentials
import Glibc
import Testing

/// Each folder below `fixtures/`, run with the real binary on its own database.
struct ScenarioTests {
  @Test(arguments: Scenario.names)
  func scenario(_ name: String) async throws {
    try await Slots.shared.with {
      let scenario = try Scenario(named: name)
      try await withTemporaryFolder { folder in
        var run = ScenarioRun(of: scenario, on: try await SourceDatabase(), files: folder)
        run.comparesChecks = ScenarioTests.checked.contains(name)
        try await run.takeSteps()
      }
    }
  }

  /// Every eighth scenario; all of them in `make soak`.
  private static let checked = Set(
    Scenario.names.enumerated()
      .filter { getenv("REDRESS_SOAK") != nil || $0.offset.isMultiple(of: 8) }.map(\.element))

  /// Every third scenario; all of them in `make soak`. Each costs as much again as its run in one part.
  private static let inParts = Scenario.names.enumerated()
    .filter { getenv("REDRESS_SOAK") != nil || $0.offset.isMultiple(of: 3) }.map(\.element)

  /// What comes of a night does not depend on the number of its parts.
  @Test(.enabled(if: !ScenarioRun.renewsExpectedFiles), arguments: ScenarioTests.inParts)
  func scenarioInParts(_ name: String) async throws {
    try await Slots.shared.with {
      let scenario = try Scenario(named: name)
      try await withTemporaryFolder { folder in
        var run = ScenarioRun(of: scenario, on: try await SourceDatabase(), files: folder)
        run.jobs = [2, 3, 7][name.utf8.reduce(0) { $0 + Int($1) } % 3]
        try await run.takeSteps()
      }
    }
  }

  /// At least one for each section, so that an error in the search for folders is noticed.
  @Test func thereAreScenarios() {
    #expect(Scenario.names.count >= 40)
  }
}

/// Each row of section 12 of the credit rules, run with the real binary on its own database.
struct WorkedExampleTests {
  @Test(arguments: try WorkedExample.all())
  func example(_ example: WorkedExample) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(example.statements)
        let finished = try await database.redress(
          [
            "run", "--output", folder.path(percentEncoded: false), "--quiet", "--approve-limits",
            "--approved-by=tests", "--reason=first load",
          ]
            + ["--as-of", "2026-11-02T00:00:00Z"])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        let credits = try await database.rows(
          """
          SELECT incident_id AS incident, amount, to_char(billing_month, 'YYYY-MM') AS month
          FROM redress.entitlement ORDER BY incident_id
          """)
        #expect(credits.normalized == example.credits.normalized)
      }
    }
  }
}

/// Calls `body` with a new folder, then removes the folder with its content.
func withTemporaryFolder(_ body: (URL) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "redress-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder)
}

/// Limits how many tests run processes at the same time. More would only wait for each other.
actor Slots {
  static let shared = Slots(4)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) {
    free = count
  }

  nonisolated func with(_ body: () async throws -> Void) async throws {
    await take()
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body())
    } catch {
      outcome = .failure(error)
    }
    await giveBack()
    try outcome.get()
  }

  private func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func giveBack() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
