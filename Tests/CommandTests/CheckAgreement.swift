import FoundationEssentials
import Testing

/// What `redress check` has said, to be compared with what `redress run` with the same options does.
struct CheckAgreement {
  private struct Line: Decodable {
    /// Null where it is empty, like the next two.
    let code: String?
    let subject: String?
    let statement: String
    let remedy: String?
  }

  private let checked: Finished
  private let lines: [Line]

  /// Checks before the run.
  /// - Parameter options: what both commands take.
  init(_ database: SourceDatabase, _ options: [String]) async throws {
    checked = try await database.redress(["check", "--format", "jsonl"] + options)
    lines = try checked.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  /// - Parameters:
  ///   - folder: has the files of the run and of no other.
  ///   - approves: whether the run was let through whatever it came to.
  func compare(with run: Finished, folder: URL, approves: Bool, at place: String) throws {
    let held = lines.first { $0.subject == "limits" }
    if approves, checked.exitCode == 4 {
      #expect([0, 3].contains(run.exitCode), "\(place): \(run.errors)")
    } else {
      #expect(
        checked.exitCode == run.exitCode,
        "\(place): check ends with \(checked.exitCode), and run with \(run.exitCode)\n\(checked.output)\(run.errors)"
      )
    }
    if run.exitCode == 4, let held {
      let limits = held.statement.replacing("this run would be held: ", with: "")
      #expect(run.errors.contains(limits), "\(place): \(limits)\n\(run.errors)")
    }
    guard [0, 3, 4].contains(run.exitCode) else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    let name = try #require(
      names.first { $0.hasPrefix("findings-") && $0.hasSuffix(".csv") }, "\(place): \(names)")
    let file = try #require(
      Table(csv: try String(contentsOf: folder.appending(path: name), encoding: .utf8)))
    let found = try #require(
      file.selecting([
        "code", "relation", "key", "what is wrong", "what to do", "accepted by",
      ]))
    let written = found.rows.filter { $0[5].isEmpty }
      .map { [$0[0], "\($0[1]) \($0[2])", $0[3], $0[4]] }
    let told = lines.compactMap { line in
      line.code.map { [$0, line.subject ?? "", line.statement, line.remedy ?? ""] }
    }
    #expect(
      written.sorted { $0.lexicographicallyPrecedes($1) }
        == told.sorted { $0.lexicographicallyPrecedes($1) }, "\(place)")
  }
}

/// `redress check` and `redress run` with the same options always agree.
struct CheckAgreementTests {
  private struct Story {
    let database: SourceDatabase
    let folder: URL
    var number = 0

    /// Changes the source, checks, runs, and compares.
    mutating func night(
      _ name: String, _ statements: [String] = [], _ options: [String] = [], run: [String] = [],
      exits exitCode: Int32
    ) async throws {
      number += 1
      let files = folder.appending(path: "night-\(number)")
      try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
      if !statements.isEmpty { try await database.psql(statements) }
      let agreement = try await CheckAgreement(database, options)
      let finished = try await database.redress(
        ["run", "--quiet", "--output", files.path()] + options + run)
      #expect(finished.exitCode == exitCode, "\(name): \(finished.errors)")
      try agreement.compare(
        with: finished, folder: files, approves: run.contains("--approve-limits"), at: name)
    }

    func policy(_ limits: String) throws -> [String] {
      let file = folder.appending(path: "policy-\(number).yaml")
      try Data(
        """
        versions:
          - version: one
            effective_from: 2026-01-01
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: 10%}
            limits: \(limits)
        """.utf8
      ).write(to: file)
      return ["--policy", file.path()]
    }
  }

  private func story(_ body: (inout Story) async throws -> Void) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        var story = Story(database: try await SourceDatabase(), folder: folder)
        try await body(&story)
      }
    }
  }

  private static let now = ["--as-of", "2026-11-01"]

  /// A rare currency whose last customer has left.
  @Test func aLastCustomerWhoLeftHoldsNobodyElse() async throws {
    try await story { story in
      try await story.night(
        "the customer of the only JPY subscription has left",
        ErrorCase.source + [
          "INSERT INTO redress_source.customer VALUES ('J', 'Kaze', 'business', 'Asia/Tokyo')",
          """
          INSERT INTO redress_source.subscription_term
          VALUES ('SUB-J', 'J', 'S', 'standard', 8000, 'JPY', '2026-01-01Z', '2026-10-18Z')
          """,
        ], CheckAgreementTests.now, exits: 0)
      let granted = try await story.database.rows(
        "SELECT currency, amount FROM redress.entitlement ORDER BY currency")
      #expect(granted.rows == [["JPY", "2000"], ["USD", "250.00"]])
    }
  }

  @Test func nightsThatAreHeld() async throws {
    try await story { story in
      try await story.night(
        "an amount", ErrorCase.source,
        try story.policy("{granted: {USD: 10}}") + CheckAgreementTests.now, exits: 4)
      try await story.night(
        "a share", [], try story.policy("{share_of_monthly_fees: 5%}") + CheckAgreementTests.now,
        exits: 4)
      try await story.night(
        "two persons", [],
        try story.policy("{share_of_monthly_fees: 5%, two_persons: true}")
          + CheckAgreementTests.now, exits: 4)
      let floor = try story.policy("{share_of_monthly_fees: 5%, floor: {USD: 100}}")
      try await story.night("a floor", [], floor + CheckAgreementTests.now, exits: 0)
      try await story.night(
        "what is taken back",
        ["UPDATE redress_source.incident SET status = 'void'"],
        floor + ["--as-of", "2026-11-02"], exits: 0)
      try await story.night(
        "a share in parts, let through",
        [
          "UPDATE redress_source.incident SET status = 'resolved'",
          "UPDATE redress_source.subscription_term SET monthly_fee = 3000",
        ], floor + ["--as-of", "2026-11-03"],
        run: ["--approve-limits", "--approved-by=tests", "--reason=first load", "--jobs", "3"],
        exits: 0)
    }
  }

  @Test func monthsRowsAndDecisions() async throws {
    try await story { story in
      let database = story.database
      try await story.night("a first night", ErrorCase.source, ["--as-of", "2026-11-02"], exits: 0)
      _ = try await database.redress([
        "close", "--through", "2026-10", "--reason", "booked", "--as-of", "2026-11-02",
      ])
      let longer = """
        UPDATE redress_source.subscription_term SET monthly_fee = 2000 WHERE subscription_id = 'SUB'
        """
      try await story.night(
        "a closed month", [longer], ["--as-of", "2026-11-03"], exits: 3)
      try await story.night(
        "another month alone", [],
        ["--as-of", "2026-11-03", "--month", "2026-09", "--months", "1"], exits: 0)
      let reopened = try await database.redress(
        ["reopen", "--from", "2026-10", "--reason", "a late correction"])
      #expect(reopened.exitCode == 0, "\(reopened.errors)")
      try await story.night("a past that was rewritten", [], ["--as-of", "2026-11-04"], exits: 3)
      try await story.night(
        "bad rows",
        [
          "INSERT INTO redress_source.subscription_term VALUES ('X', 'nobody', 'S', 'p', 1, 'USD', '2026-01-01Z')",
          "INSERT INTO redress_source.subscription_term VALUES ('Y', 'C', 'gone', 'p', 1, 'usd', '2026-01-01Z')",
          """
          INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at)
          VALUES ('ODD', 'Odd', 'SEV1', 'paused', '2026-10-05Z')
          """,
        ], ["--as-of", "2026-11-05"], exits: 3)
      let listed = try await database.rows(
        "SELECT code, key FROM redress.finding WHERE run_id = (SELECT max(run_id) FROM redress.run)"
      )
      #expect(listed.rows.count > 3)
      for finding in listed.rows {
        let accepted = try await database.redress(
          ["findings", "accept", finding[0], finding[1], "--reason", "known"])
        #expect(accepted.exitCode == 0, "\(accepted.errors)")
      }
      try await story.night("everything accepted", [], ["--as-of", "2026-11-05"], exits: 0)
      try await story.night(
        "more months, in parts", [], ["--as-of", "2026-11-06", "--months", "12"],
        run: ["--jobs", "2"], exits: 0)
      try await story.night(
        "a file without the version that was used", [],
        try story.policy("{share_of_monthly_fees: 50%}") + ["--as-of", "2026-11-06"], exits: 64)
    }
  }

  @Test func aPolicyThatIsAdopted() async throws {
    try await story { story in
      let adopted = try await story.database.redress([
        "policy", "adopt", try story.policy("{share_of_monthly_fees: 50%}")[1], "--note", "one",
        "--as-of", "2026-11-01",
      ])
      #expect(adopted.exitCode == 0, "\(adopted.errors)")
      try await story.night("the one adopted", ErrorCase.source, CheckAgreementTests.now, exits: 0)
      try await story.night(
        "another file", [],
        try story.policy("{granted: {USD: 1}}") + CheckAgreementTests.now, exits: 64)
    }
  }
}
