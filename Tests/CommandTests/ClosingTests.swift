import FoundationEssentials
import Postgres
import TestSupport
import Testing

/// Closing and reopening months, and looking back at a ledger.
struct ClosingTests {
  /// A night with the credits of October, and the folder of its files.
  private func withNight(
    _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ReportTests.history)
        try await night("2026-11-02T06:00:00Z", database, folder, exits: 0)
        try await body(database, folder)
      }
    }
  }

  private func night(
    _ asOf: String, _ database: SourceDatabase, _ folder: URL, exits exitCode: Int32
  ) async throws {
    let finished = try await database.redress(
      ReportTests.night + [asOf, "--output", folder.path()])
    #expect(finished.exitCode == exitCode, "\(finished.errors)")
  }

  private func close(
    _ database: SourceDatabase, through month: String = "2026-10", more: [String] = []
  ) async throws -> Finished {
    try await database.redress(
      ["close", "--through", month, "--reason", "It's booked", "--as-of", "2026-11-20"] + more)
  }

  private static let longer = """
    UPDATE redress_source.outage SET ended_at = started_at + interval '5 hours' WHERE incident_id = 'i1'
    """

  @Test func saysWhatWasDecidedAndByWhom() async throws {
    try await withNight { database, _ in
      let open = try await database.redress(["close", "--list"])
      #expect(open.output == "no month is closed\n")
      let closed = try await close(database)
      #expect(closed.output == "closed through 2026-10\n", "\(closed.errors)")
      let reopened = try await database.redress(
        ["reopen", "--from", "2026-09", "--reason", "An error"])
      #expect(
        reopened.output == "reopened from 2026-09; it was closed through 2026-10\n",
        "\(reopened.errors)")
      let again = try await close(database)
      #expect(again.output == "closed through 2026-10; 2026-08 was the last one\n")
      let list = try await database.redress(["close", "--list"]).output.split(separator: "\n")
      #expect(list.first == "closed through 2026-10")
      #expect(list.count == 5)
      #expect(list.last?.hasSuffix("It's booked") ?? false, "\(list)")
      #expect(list.contains { $0.contains("reopen") && $0.contains("An error") })
    }
  }

  @Test func refusesWhatMakesNoSense() async throws {
    try await withNight { database, _ in
      func refused(_ arguments: [String], _ words: String) async throws {
        let finished = try await database.redress(arguments)
        #expect(finished.exitCode == 64, "\(arguments): \(finished.output)")
        #expect(finished.errors.contains(words), "\(finished.errors)")
      }
      let reason = ["--reason", "why"]
      let later = ["--as-of", "2027-02-01"]
      try await refused(
        ["close", "--through", "2026-11", "--as-of", "2026-11-30"] + reason, "2026-11 is not over")
      try await refused(["close", "--through", "2026-10"] + later, "--reason")
      try await refused(["close", "--through", "2026-10", "--reason", " "] + later, "--reason")
      try await refused(["close"] + reason, "--through")
      try await refused(["close", "--list"] + reason, "--list closes nothing")
      try await refused(["reopen", "--from", "2026-10"] + reason, "2026-10 is not closed")
      #expect(try await close(database).exitCode == 0)
      try await refused(
        ["close", "--through", "2026-09"] + later + reason, "2026-09 is closed already")
      try await refused(["reopen", "--from", "2026-11"] + reason, "2026-11 is not closed")
      let found = try await database.rows("SELECT count(*) FROM redress.month_closing")
      #expect(found.rows == [["1"]])
    }
  }

  /// Also where a run and the command take a time to come for now.
  @Test func whatIsToComeIsNotClosed() async throws {
    try await withNight { database, folder in
      try await night("2198-03-05T06:00:00Z", database, folder, exits: 0)
      let refused = try await database.redress([
        "close", "--through", "2198-01", "--reason", "why", "--as-of", "2198-03-05",
      ])
      #expect(refused.exitCode == 64, "\(refused.output)")
      #expect(refused.errors.contains("2198-01 is not over"), "\(refused.errors)")
    }
  }

  @Test func whatNoRunHasWorkedOutIsNotClosed() async throws {
    let database = try await SourceDatabase()
    let refused = try await database.redress(["close", "--through", "2020-01", "--reason", "why"])
    #expect(refused.exitCode == 64, "\(refused.output)")
    #expect(
      refused.errors.contains("no run has been made since the end of 2020-01"), "\(refused.errors)")
  }

  /// Who runs may not close, and who closes may not run.
  @Test func runningAndClosingAreTwoRoles() async throws {
    try await withNight { database, folder in
      let (job, controller) = ("\(database.name)_job", "\(database.name)_controller")
      try await database.psql(
        """
        CREATE ROLE \(job) LOGIN IN ROLE redress_job;
        CREATE ROLE \(controller) LOGIN IN ROLE redress_controller;
        """)
      let refused = try await close(database, more: ["--database", "user=\(job)"])
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("redress.month_closing: this user lacks INSERT"))
      #expect(refused.errors.contains("GRANT redress_controller"), "\(refused.errors)")
      let closed = try await close(database, more: ["--database", "user=\(controller)"])
      #expect(closed.exitCode == 0, "\(closed.errors)")
      let who = try await database.rows("SELECT decided_by, after_run FROM redress.month_closing")
      #expect(who.rows == [[controller, "1"]])
      let run = try await database.redress(
        ["run", "--output", folder.path(), "--database", "user=\(controller)"])
      #expect(run.exitCode == 1)
    }
  }

  @Test func aMonthIsNotClosedWhileARunGoesOn() async throws {
    try await withNight { database, _ in
      let run = try Connection(database.target)
      try run.execute("BEGIN; SELECT redress.try_run_lock()")
      let refused = try await close(database)
      #expect(refused.exitCode == 75, "\(refused.errors)")
      try run.execute("ROLLBACK")
      #expect(try await close(database).exitCode == 0)
    }
  }

  /// The amounts in the finding are those that the reopened month gets, and the months are verified.
  @Test(arguments: [1, 3])
  func whatWasToldComesThroughWhenReopened(jobs: Int) async throws {
    try await withNight { database, folder in
      #expect(try await close(database).exitCode == 0)
      try await database.psql(Self.longer)
      func run(_ asOf: String, exits exitCode: Int32) async throws {
        let finished = try await database.redress(
          ReportTests.night + [asOf, "--jobs", "\(jobs)", "--output", folder.path()])
        #expect(finished.exitCode == exitCode, "\(finished.errors)")
      }
      try await run("2026-11-03T06:00:00Z", exits: 3)
      let findings = try await database.rows(
        "SELECT code, key, problem FROM redress.finding WHERE run_id = 2 ORDER BY key")
      #expect(
        findings.rows
          == ["s1", "s2"].map {
            [
              "month_closed", "c / \($0) / i1 / 2026-10 / USD",
              "The month is closed, so the credit stands; 150.00 USD would be added.",
            ]
          })
      let reopened = try await database.redress(
        ["reopen", "--from", "2026-10", "--reason", "An error"])
      #expect(reopened.exitCode == 0, "\(reopened.errors)")
      try await run("2026-11-04T06:00:00Z", exits: 0)
      let added = try await database.rows(
        "SELECT kind, amount_minor FROM redress.credit WHERE run_id = 3")
      #expect(added.rows == [["increase", "15000"], ["increase", "15000"]])
      let verified = try await database.redress(["verify", "--output", folder.path()])
      #expect(verified.exitCode == 0, "\(verified.output)")
    }
  }

  /// A run of its own making that slipped past the closing would be found.
  @Test func verifyFindsAChangedClosedMonth() async throws {
    try await withNight { database, _ in
      #expect(try await close(database).exitCode == 0)
      try await database.psql(
        "UPDATE redress.month_closing SET after_run = 0, decided_by = decided_by")
      let found = try await database.redress(["verify"])
      #expect(found.exitCode == 2)
      for words in [
        "month_closing 1: the row is not the one that redress close or redress reopen wrote",
        "run 1: closed_through is null and should be 2026-10",
      ] { #expect(found.output.contains(words), "\(found.output)") }
      try await database.psql(
        """
        UPDATE redress.run SET closed_through = '2026-10-01';
        """)
      let changed = try await database.redress(["verify"])
      #expect(
        changed.output.contains("its month was closed for the run, which was up to 2026-10"),
        "\(changed.output)")
    }
  }

  // MARK: Looking back

  @Test func aMonthIsShownAsItWas() async throws {
    try await withNight { database, folder in
      let first = try await database.redress(["report", "--month", "2026-10"]).output
      try await database.psql("SELECT pg_sleep(0.01)")
      let time = try await database.rows("SELECT to_json(now()) #>> '{}'").rows[0][0]
      try await database.psql("SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)")
      try await database.psql(Self.longer)
      try await night("2026-11-03T06:00:00Z", database, folder, exits: 0)
      let now = try await database.redress(["report", "--month", "2026-10"]).output
      #expect(now != first)
      for moment in [["--run", "1"], ["--as-of", time]] {
        let then = try await database.redress(["report", "--month", "2026-10"] + moment)
        #expect(then.output == first, "\(moment): \(then.errors)")
      }
      let newest = try await database.redress(["report", "--month", "2026-10", "--run", "2"])
      #expect(newest.output == now)
      let before = try await database.redress(
        ["report", "--month", "2026-10", "--as-of", "2020-01-01"])
      #expect(before.output.split(whereSeparator: \.isNewline).count == 1)
      let unknown = try await database.redress(["report", "--month", "2026-10", "--run", "9"])
      #expect(unknown.exitCode == 1)
      let written = try await database.redress([
        "report", "--month", "2026-10", "--run", "1", "--output", folder.path(),
      ])
      #expect(written.output.hasSuffix("/credits-2026-10-after-run-1.csv\n"))
    }
  }

  /// What was booked in a month is the files of the runs that were posted in it.
  @Test func whatWasPostedIsTheFilesOfItsRuns() async throws {
    try await withNight { database, folder in
      try await database.psql(Self.longer)
      try await night("2026-11-30T06:00:00Z", database, folder, exits: 0)
      try await database.psql("UPDATE redress_source.incident SET status = 'void'")
      try await night("2026-12-01T06:00:00Z", database, folder, exits: 0)
      let posted = try await database.redress(["report", "--posted", "2026-11"]).output
      let files = try (1...2).map { run in
        try String(contentsOf: folder.appending(path: "credits-run-\(run).csv"), encoding: .utf8)
      }
      let second = files[1].drop { !$0.isNewline }.dropFirst()
      #expect(posted == files[0] + second)
    }
  }

  @Test func openCreditsHaveAnAge() async throws {
    try await withNight { database, _ in
      let open = try await database.redress(["report", "--open", "--as-of", "2030-01-01"])
      let table = try #require(Table(csv: open.output))
      let sums = try await database.rows("SELECT open_minor FROM redress.open_credit")
      let shown = try #require(table.selecting(["open_minor", "posted_on", "age"]))
      #expect("\(shown.rows.compactMap { Int($0[0]) }.reduce(0, +))" == sums.rows[0][0])
      #expect(shown.rows.allSatisfy { $0[1] == "2026-11-02" && $0[2] == "over 90" })
      let then = try await database.redress(["report", "--open", "--run", "1"])
      let ages = try #require(Table(csv: then.output)?.selecting(["days", "age"]))
      #expect(!ages.rows.isEmpty && ages.rows.allSatisfy { $0 == ["0", "0-30"] })
    }
  }

  /// A credit that moves out of a closed month is worth as much as before, so the run's line names no amount granted or taken
  /// back; what the closed month loses stands apart.
  @Test func aLateMoveIsNeitherGrantedNorTakenBack() async throws {
    try await AdoptionTests.with { house in
      let policy = try house.file(
        "late.yaml", ErrorCase.policy("10%") + "    late_corrections: next_open_month\n")
      func night(_ asOf: String) async throws -> Finished {
        try await house.redress(
          "run", "--as-of", asOf, "--policy", policy, "--output", house.folder.path())
      }
      #expect(try await night("2026-11-01").exitCode == 0)
      #expect(try await close(house.database).exitCode == 0)
      try await house.database.psql([
        "UPDATE redress_source.incident SET started_at = '2026-11-05 08:00Z', resolved_at = '2026-11-05 13:00Z'",
        "UPDATE redress_source.outage SET started_at = '2026-11-05 08:00Z', ended_at = '2026-11-05 13:00Z'",
      ])
      let moved = try await night("2026-11-20")
      #expect(
        moved.errors.contains(
          "run 2: 2 revisions, 0 invoice lines; moved to other months 100.00 USD; "
            + "1 late correction to closed months, which lose 100.00 USD; files "),
        "\(moved.errors)")
    }
  }

  /// An open incident is estimated as if it had ended, and nothing is written.
  @Test func accrualsAreEstimates() async throws {
    try await withNight { database, _ in
      let none = try await database.redress(["report", "--accruals", "--as-of", "2026-11-03"])
      #expect(none.output.split(whereSeparator: \.isNewline).count == 1, "\(none.errors)")
      try await database.psql(
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at)
        VALUES ('i3', 'Now', 'P0', 'open', '2026-11-03 00:00+00');
        INSERT INTO redress_source.outage (incident_id, severity, started_at)
        VALUES ('i3', 'P0', '2026-11-03 00:00+00');
        """)
      let estimates = try await database.redress(
        ["report", "--accruals", "--as-of", "2026-11-03T05:00:00Z"])
      let table = try #require(Table(csv: estimates.output), "\(estimates.errors)")
      let shown = try #require(
        table.selecting(["subscription_id", "incident_id", "incident", "billing_month", "estimate"])
      )
      #expect(
        shown.rows == ["s1", "s2"].map { [$0, "i3", "open", "2026-11", "250.00"] })
      let runs = try await database.rows("SELECT count(*) FROM redress.run")
      #expect(runs.rows == [["1"]])
    }
  }
}
