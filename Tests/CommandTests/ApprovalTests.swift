import FoundationEssentials
import Testing

/// A held run leaves a proposal, and only what was read in it is committed by it.
struct ApprovalTests {
  private static let names = ["--approved-by", "Mara Lind", "--reason", "read it"]

  /// A night past the limits of its policy.
  private struct Held {
    let database: SourceDatabase
    /// The folder of the files, and that of the policy.
    let files: URL
    let policy: URL

    var options: [String] { ["run", "--quiet", "--output", files.path()] }
    var night: [String] { options + ["--as-of", "2026-11-01", "--policy", policy.path()] }

    /// The names of the files with this beginning.
    func names(_ beginning: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: files.path())
        .filter { $0.hasPrefix(beginning) }.sorted()
    }

    /// The proposals in the folder, by their names.
    func proposals() throws -> [String] {
      try names("credits-held-").filter { $0.hasSuffix(".csv") }
        .map { String($0.dropFirst("credits-held-".count).dropLast(".csv".count)) }
    }

    func text(_ name: String) throws -> String {
      try String(contentsOf: files.appending(path: name), encoding: .utf8)
    }
  }

  private func onHeldNight(
    twoPersons: Bool = false, _ body: (Held) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source)
        let files = folder.appending(path: "files")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let policy = folder.appending(path: "policy.yaml")
        try Data(
          (ErrorCase.policy("10%")
            + "    limits: {share_of_monthly_fees: none, granted: {USD: 99.99}"
            + "\(twoPersons ? ", two_persons: true" : "")}\n").utf8
        ).write(to: policy)
        let held = Held(database: database, files: files, policy: policy)
        let night = try await database.redress(held.night)
        #expect(night.exitCode == 4, "\(night.errors)")
        #expect(try held.proposals().count == 1)
        try await body(held)
      }
    }
  }

  // MARK: What was read

  @Test func whatWasReadIsCommitted() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let proposed = try held.text("credits-held-\(name).csv")
      #expect(try held.names("").count == 6)
      // A second time replaces nothing. It would be posted on the same day.
      let again = try await held.database.redress(
        held.night.map { $0 == "2026-11-01" ? "2026-11-01T21:00:00Z" : $0 })
      #expect(again.exitCode == 4, "\(again.errors)")
      #expect(again.errors.contains("held by limits as proposal \(name)"), "\(again.errors)")
      #expect(try held.names("").count == 6)
      #expect(try await held.database.rows("SELECT count(*) FROM redress.proposal").rows == [["1"]])
      #expect(try await held.database.rows("SELECT count(*) FROM redress.run").rows == [["0"]])

      // The policy file is gone meanwhile: the proposal has its own.
      try FileManager.default.removeItem(at: held.policy)
      let approved = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(approved.exitCode == 0, "\(approved.errors)")
      let committed = try held.text("credits-run-1.csv")
      #expect(committed.replacing("\r\n1,", with: "\r\n,") == proposed)
      let recorded = try await held.database.rows(
        """
        SELECT kind, left(encode(proposal, 'hex'), 12), approved_by, reason, database_user = session_user, limits_approved,
          as_of
        FROM redress.approval JOIN redress.run USING (run_id)
        """)
      #expect(
        recorded.rows == [
          ["digest", name, "Mara Lind", "read it", "t", "t", "2026-11-01 00:00:00+00"]
        ])
      let verified = try await held.database.redress(["verify", "--output", held.files.path()])
      #expect(verified.exitCode == 0, "\(verified.output)\(verified.errors)")

      let twice = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(twice.exitCode == 1)
      #expect(twice.errors.contains("approved before, and run 1 is what came of it"))
    }
  }

  /// The parts of a run come to the same digest.
  @Test func partsComeToTheSame() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let approved = try await held.database.redress(
        held.options + ["--approve", name, "--jobs", "3"] + ApprovalTests.names)
      #expect(approved.exitCode == 0, "\(approved.errors)")
    }
  }

  /// `redress runs` cannot say which options the held run had, so the approved run finds out what decides its bytes.
  @Test func theByteOrderMarkIsTheProposals() async throws {
    try await onHeldNight { held in
      let plain = try held.proposals()[0]
      let night = try await held.database.redress(held.night + ["--csv-bom"])
      #expect(night.exitCode == 4, "\(night.errors)")
      #expect(night.errors.contains("--csv-bom --approve "), "\(night.errors)")
      let marked = try #require(try held.proposals().first { $0 != plain })

      let refused = try await held.database.redress(
        held.options + ["--csv-bom", "--approve", plain] + ApprovalTests.names)
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("\(plain) was held without --csv-bom"), "\(refused.errors)")
      #expect(try held.proposals().count == 2)

      let list = try await held.database.redress(["runs"])
      #expect(list.output.contains("redress run --approve \(marked) "), "\(list.output)")
      let approved = try await held.database.redress(
        ["run", "--output", held.files.path(), "--approve", marked] + ApprovalTests.names)
      #expect(approved.exitCode == 0, "\(approved.errors)")
      #expect(approved.errors.contains("\(marked) was held with --csv-bom, the run begins again"))
      let bytes = try Data(contentsOf: held.files.appending(path: "credits-run-1.csv"))
      #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
      #expect(try held.names("").filter { $0.hasPrefix(".") } == [])
      let verified = try await held.database.redress(["verify", "--output", held.files.path()])
      #expect(verified.exitCode == 0, "\(verified.output)\(verified.errors)")
    }
  }

  @Test func thePageSaysThatNothingIsRecorded() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let page = try held.text("report-held-\(name).html")
      #expect(page.contains("This run is held: nothing of it is in the ledger."))
      #expect(page.contains("Proposal \(name)") && page.contains("credits-held-\(name).csv"))
      let totals = try held.text("totals-held-\(name).json")
      let credits = try #require(totals.firstMatch(of: /"credits": "([0-9a-f]{64})"/)?.output.1)
      #expect(page.contains(credits))
      #expect(!page.contains("report-run-1") && !page.contains("credits-run-1"))
    }
  }

  // MARK: What was not read

  @Test func somethingElseIsHeldAnew() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      try await held.database.psql([
        "UPDATE redress_source.subscription_term SET monthly_fee = 1100"
      ])
      let approved = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(approved.exitCode == 4)
      let proposals = try held.proposals()
      #expect(proposals.count == 2 && proposals.contains(name))
      let other = try #require(proposals.first { $0 != name })
      #expect(
        approved.errors.contains(
          "of its credits 1 changed (changed C / SUB / INC / 2026-10 from 100.00 USD to 110.00 USD)"
        ),
        "\(approved.errors)")
      #expect(approved.errors.contains("--approve \(other) --approved-by 'YOUR NAME'"))
      #expect(!approved.errors.contains("--approve \(name)"))
      #expect(try await held.database.rows("SELECT count(*) FROM redress.run").rows == [["0"]])

      let right = try await held.database.redress(
        held.options + ["--approve", other] + ApprovalTests.names)
      #expect(right.exitCode == 0, "\(right.errors)")
      // What was read first is stale for ever.
      let stale = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(stale.exitCode == 4)
      #expect(
        stale.errors.contains("1 gone (gone C / SUB / INC / 2026-10 100.00 USD)"), "\(stale.errors)"
      )
      #expect(try await held.database.rows("SELECT count(*) FROM redress.run").rows == [["1"]])
    }
  }

  /// A credit that goes to another invoice leaves the same line in the CSV.
  @Test func otherInvoicesAreSomethingElse() async throws {
    try await onHeldNight { held in
      try await held.database.psql([
        """
        INSERT INTO redress_source.invoice VALUES
          ('I1', 'C', 'USD', 'draft', '2026-11-01', 60), ('I2', 'C', 'USD', 'draft', '2026-11-02', 60)
        """
      ])
      _ = try await held.database.redress(held.night)
      let placed = try #require(
        try held.proposals().first {
          try held.text("credits-held-\($0).csv").contains(",2,100.00,")
        })
      try await held.database.psql([
        "UPDATE redress_source.invoice SET issue_on = '2026-11-03' WHERE invoice_id = 'I1'"
      ])
      let approved = try await held.database.redress(
        held.options + ["--approve", placed] + ApprovalTests.names)
      #expect(approved.exitCode == 4)
      #expect(approved.errors.contains("their invoice lines are not"), "\(approved.errors)")
    }
  }

  /// Another policy is another proposal, also where the credits are the same.
  @Test func anotherPolicyIsNotApproved() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let text = try String(contentsOf: held.policy, encoding: .utf8)
      try Data((text + "# edited\n").utf8).write(to: held.policy)
      let approved = try await held.database.redress(
        held.night + ["--approve", name] + ApprovalTests.names)
      #expect(approved.exitCode == 4)
      #expect(approved.errors.contains("the policy file is another"), "\(approved.errors)")
    }
  }

  @Test func aProposalUnderAPolicyThatIsNoLongerInForce() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let text = try String(contentsOf: held.policy, encoding: .utf8)
      try Data((text + "# edited\n").utf8).write(to: held.policy)
      let adopted = try await held.database.redress([
        "policy", "adopt", held.policy.path(), "--note", "n", "--as-of", "2026-11-01",
      ])
      #expect(adopted.exitCode == 0, "\(adopted.errors)")
      let approved = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(approved.exitCode == 1)
      #expect(
        approved.errors.contains(
          "\(name) was held under another policy than the one that is adopted for this ledger (number 1)"
        ),
        "\(approved.errors)")
      #expect(!approved.errors.contains("policy adopt"), "\(approved.errors)")
    }
  }

  @Test func whoLetsALoadThroughIsRecorded() async throws {
    try await onHeldNight { held in
      let load = try await held.database.redress(
        held.night + ["--approve-limits"] + ApprovalTests.names)
      #expect(load.exitCode == 0, "\(load.errors)")
      let recorded = try await held.database.rows(
        "SELECT kind, approved_by, reason, database_user = session_user FROM redress.approval")
      #expect(recorded.rows == [["limits", "Mara Lind", "read it", "t"]])
    }
  }

  @Test func anEditedFileProvesNothing() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let file = held.files.appending(path: "credits-held-\(name).csv")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing("100.00", with: "10.00").utf8).write(to: file)
      try await held.database.psql([
        "UPDATE redress_source.subscription_term SET monthly_fee = 1100"
      ])
      let approved = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(approved.exitCode == 4)
      #expect(approved.errors.contains("somebody has edited \(file.path())"), "\(approved.errors)")
      try FileManager.default.removeItem(at: file)
      let without = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      #expect(without.errors.contains("there is no \(file.path())"), "\(without.errors)")
    }
  }

  // MARK: Who

  /// Two users who may run; one of them may approve, the other not.
  @Test func whoMayApprove() async throws {
    try await onHeldNight(twoPersons: true) { held in
      let (night, boss) = ("\(held.database.name)_night", "\(held.database.name)_boss")
      try await held.database.psql([
        "CREATE ROLE \(night) LOGIN IN ROLE redress_job",
        "CREATE ROLE \(boss) LOGIN IN ROLE redress_job, redress_controller",
      ])
      func redress(_ user: String, _ arguments: [String]) async throws -> Finished {
        try await run(
          "redress", arguments,
          environment: held.database.environment.merging(["PGUSER": user]) { $1 })
      }
      // The first proposal is of the owner. One of each other user is another proposal.
      func propose(_ user: String, fee: Int) async throws -> String {
        let before = Set(try held.proposals())
        try await held.database.psql([
          "UPDATE redress_source.subscription_term SET monthly_fee = \(fee)"
        ])
        let finished = try await redress(user, held.night)
        #expect(finished.exitCode == 4, "\(finished.errors)")
        return try #require(try held.proposals().first { !before.contains($0) })
      }
      let own = try await propose(boss, fee: 2000)
      let alone = try await redress(boss, held.options + ["--approve", own] + ApprovalTests.names)
      #expect(alone.exitCode == 1)
      #expect(alone.errors.contains("asks for two persons"), "\(alone.errors)")
      let past = try await redress(
        boss, held.night + ["--approve-limits", "--approved-by=tests", "--reason=first load"])
      #expect(past.exitCode == 1)
      #expect(past.errors.contains("--approve-limits is one"), "\(past.errors)")

      let proposed = try await propose(night, fee: 3000)
      let refused = try await redress(
        night, held.options + ["--approve", proposed] + ApprovalTests.names)
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("GRANT redress_controller TO"), "\(refused.errors)")
      #expect(
        try await redress(
          night, held.night + ["--approve-limits", "--approved-by=tests", "--reason=first load"]
        ).exitCode == 1)
      #expect(try await held.database.rows("SELECT count(*) FROM redress.run").rows == [["0"]])

      let two = try await redress(
        boss, held.options + ["--approve", proposed] + ApprovalTests.names)
      #expect(two.exitCode == 0, "\(two.errors)")
      #expect(
        try await held.database.rows(
          "SELECT database_user, run_by FROM redress.approval JOIN redress.proposal ON digest = proposal"
        ).rows == [[boss, night]])
      #expect(try await held.database.redress(["verify"]).exitCode == 0)
      // Whoever owns the tables can forge a row; an auditor finds it.
      try await held.database.psql([
        "UPDATE redress.approval SET database_user = '\(night)'"
      ])
      let verified = try await held.database.redress(["verify"])
      #expect(verified.exitCode == 2)
      #expect(verified.output.contains("\(night) alone made the run and approved it"))
      try await held.database.psql([
        "DROP OWNED BY \(night), \(boss)", "DROP ROLE \(night)", "DROP ROLE \(boss)",
      ])
    }
  }

  @Test(arguments: [
    (["--approve", "abc"] + names, 64, "at least the first 12 of the 64"),
    (["--approve", "0123456789ab"], 64, "--approve needs --approved-by"),
    (["--approve", "0123456789ab", "--approved-by", "M"], 64, "--approve needs --reason"),
    (
      ["--approve", "0123456789ab", "--approved-by", "M", "--reason", " "], 64,
      "--reason says nothing"
    ),
    (["--approve", "0123456789ab", "--approve-limits"] + names, 64, "contradict each other"),
    (["--approve", "0123456789ab", "--dry-run"] + names, 64, "--dry-run commits nothing"),
    (["--reason", "x"], 64, "--reason belongs to --approve"),
    (["--approve-limits"], 64, "--approve-limits needs --approved-by"),
    (["--approve-limits", "--approved-by", "M"], 64, "--approve-limits needs --reason"),
    (["--approve", "0123456789ab"] + names, 1, "no held run has left a proposal 0123456789ab"),
  ])
  func whatIsNoApproval(_ options: [String], _ exitCode: Int32, _ words: String) async throws {
    try await onHeldNight { held in
      let finished = try await held.database.redress(held.night + options)
      #expect(finished.exitCode == exitCode)
      #expect(finished.errors.contains(words), "\(finished.errors)")
    }
  }

  // MARK: Ways around the limits

  /// A night past a limit does not pass in slices either. What was approved was looked at, and does not count.
  @Test func aNightInSlicesIsHeld() async throws {
    try await onHeldNight { held in
      try await held.database.psql([
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        VALUES ('LATER', 'Later', 'P0', 'resolved', '2026-10-20 08:00Z', '2026-10-20 13:00Z')
        """,
        "INSERT INTO redress_source.outage VALUES ('LATER', 'P0', 'S', NULL, '2026-10-20 08:00Z', '2026-10-20 13:00Z')",
      ])
      let policy = held.policy.deletingLastPathComponent().appending(path: "slices.yaml")
      try Data(
        (ErrorCase.policy("10%")
          + "    limits: {share_of_monthly_fees: none, granted: {USD: 150.00}}\n").utf8
      ).write(to: policy)
      func night(_ command: [String], _ day: String) async throws -> Finished {
        try await held.database.redress(command + ["--as-of", day, "--policy", policy.path()])
      }
      #expect(try await night(held.options, "2026-10-10").exitCode == 0)
      let words =
        "granted 100.00 USD, 200.00 USD with what earlier runs of the day granted, and may come to 150.00 USD"
      let second = try await night(held.options, "2026-11-01")
      #expect(second.exitCode == 4 && second.errors.contains(words), "\(second.errors)")
      let check = try await night(["check"], "2026-11-01")
      #expect(check.output.contains(words), "\(check.output)")
      let pages = try held.names("report-held-").map { try held.text($0) }
      #expect(pages.contains { $0.contains("granted, with earlier runs of the day") })
      // An ordinary night of another day.
      try await held.database.psql([
        "UPDATE redress.run SET started_at = started_at - interval '1 day'"
      ])
      #expect(try await night(held.options, "2026-11-01").exitCode == 0)
      // That the first run began on another day is seen by its digest, and nothing else is wrong.
      let apart = try await held.database.redress(["verify"])
      #expect(apart.output.contains("differs  run 1: its row"), "\(apart.output)")
      #expect(apart.output.contains(": 1 differ"), "\(apart.output)")
      // On one day the two are past the limit, and nobody has approved the second one.
      try await held.database.psql([
        "UPDATE redress.run SET started_at = started_at + interval '1 day' WHERE run_id = 1"
      ])
      let together = try await held.database.redress(["verify"])
      #expect(together.output.contains("differs  run 2: "), "\(together.output)")
      #expect(together.output.contains(": 1 differ"), "\(together.output)")
    }
  }

  /// An instant of before a stricter version does not revive the limits of that time, once a run has come further.
  @Test func goingBackInTimeRevivesNoLimits() async throws {
    try await onHeldNight { held in
      let policy = held.policy.deletingLastPathComponent().appending(path: "stricter.yaml")
      let limits = "    limits: {share_of_monthly_fees: none"
      try Data(
        (ErrorCase.policy("10%") + limits + "}\n"
          + ErrorCase.policy("10%").replacing("versions:\n", with: "")
          .replacing("version: one", with: "version: two")
          .replacing("2026-01-01", with: "2026-11-01") + limits + ", granted: {USD: 99.99}}\n").utf8
      ).write(to: policy)
      func night(_ day: String) async throws -> Finished {
        try await held.database.redress(
          held.options + ["--as-of", day, "--policy", policy.path()])
      }
      try await held.database.psql(["UPDATE redress_source.incident SET status = 'void'"])
      #expect(try await night("2026-11-02").exitCode == 0)
      try await held.database.psql(["UPDATE redress_source.incident SET status = 'resolved'"])
      let back = try await night("2026-10-31")
      #expect(back.exitCode == 4 && back.errors.contains("may come to 99.99 USD"), "\(back.errors)")
    }
  }

  // MARK: The list

  /// A proposal waits until its months are decided on as of its instant or later.
  @Test func aProposalWaitsUntilItsMonthsAreDecided() async throws {
    try await onHeldNight { held in
      func waiting() async throws -> Int {
        try await held.database.redress(["runs"]).output.components(
          separatedBy: "redress run --approve "
        ).count - 1
      }
      let night = held.options + ["--policy", held.policy.path(), "--as-of"]
      #expect(try await waiting() == 1)
      for other in [["2026-11-01", "--month", "2026-05", "--months", "1"], ["2026-10-04"]] {
        let finished = try await held.database.redress(night + other)
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(try await waiting() == 1, "after \(other)")
      }
      #expect(try await held.database.redress(night + ["2026-11-02"]).exitCode == 4)
      #expect(try await waiting() == 1)
      let all = try await held.database.redress(
        night + ["2026-11-03", "--approve-limits"] + ApprovalTests.names)
      #expect(all.exitCode == 0, "\(all.errors)")
      #expect(try await waiting() == 0)
    }
  }

  @Test func theListOfRuns() async throws {
    try await onHeldNight { held in
      let name = try held.proposals()[0]
      let waiting = try await held.database.redress(["runs"])
      #expect(waiting.output.hasPrefix("No run has been committed.\n"), "\(waiting.output)")
      #expect(waiting.output.contains("granted 100.00 USD, and may come to 99.99 USD"))
      #expect(waiting.output.contains("redress run --approve \(name) --approved-by"))
      _ = try await held.database.redress(
        held.options + ["--approve", name] + ApprovalTests.names)
      _ = try await held.database.redress(held.night.map { $0 == "2026-11-01" ? "2026-11-02" : $0 })
      let listed = try await held.database.redress(["runs"])
      #expect(listed.exitCode == 0)
      #expect(!listed.output.contains("waiting"), "\(listed.output)")
      #expect(listed.output.contains("\(name) by Mara Lind"), "\(listed.output)")
      let json = try await held.database.redress(["runs", "--last", "1", "--format", "jsonl"])
      #expect(
        json.output.hasPrefix("{\"run_id\":2,") && json.output.hasSuffix("}\n"), "\(json.output)")
      #expect(json.output.contains("\"files\":["), "\(json.output)")
      let latest = try await held.database.redress(["report", "--run", "latest"])
      let second = try await held.database.redress(["report", "--run", "2"])
      #expect(latest.exitCode == 0 && latest.output == second.output)
    }
  }

  @Test func thereIsNoLatestRunYet() async throws {
    let database = try await SourceDatabase()
    let finished = try await database.redress(["report", "--run", "latest"])
    #expect(finished.exitCode == 1)
    #expect(finished.errors.contains("nothing has been committed here yet"), "\(finished.errors)")
  }
}
