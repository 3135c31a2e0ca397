import FoundationEssentials
import Postgres
import TestSupport
import Testing

/// `redress policy adopt` and `history`, and what the other commands do with what is adopted.
struct AdoptionTests {
  static func policy(_ versions: (String, String, String)..., plans: String = "") -> String {
    "versions:\n"
      + versions.map { name, day, percent in
        """
          - version: \(name)
            effective_from: \(day)
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: \(percent)}
        \(plans)

        """
      }.joined()
  }

  /// A database with one customer, whose outage of October earns 100.00 USD under a version of 10 %,
  /// and a folder.
  struct House {
    let database: SourceDatabase
    let folder: URL

    func redress(_ arguments: String...) async throws -> Finished {
      try await database.redress(arguments)
    }

    func redress(_ arguments: [String]) async throws -> Finished {
      try await database.redress(arguments)
    }

    func file(_ name: String, _ text: String) throws -> String {
      let file = folder.appending(path: name)
      try Data(text.utf8).write(to: file)
      return file.path()
    }

    func night(_ more: String..., user: String? = nil) async throws -> Finished {
      try await database.redress(
        ErrorCase.night.filter { !$0.hasPrefix("--approve") && !$0.hasPrefix("--reason") }
          .map { $0.replacing("FOLDER", with: folder.path()) } + more
          + (user.map { ["--database", "user=\($0)"] } ?? []))
    }

    func adopt(_ file: String, _ more: String..., user: String? = nil) async throws -> Finished {
      try await database.redress(
        ["policy", "adopt", file, "--note", "terms", "--as-of", "2026-11-01"] + more
          + (user.map { ["--database", "user=\($0)"] } ?? []))
    }

    /// The newest amount and policy version of each credit.
    func credits() async throws -> [[String]] {
      try await database.rows(
        """
        SELECT redress.major_units(amount_minor, currency) AS amount, policy_version, revision
        FROM redress.credit ORDER BY revision
        """
      ).rows
    }

    func adoptions() async throws -> [[String]] {
      try await database.rows(
        "SELECT number, after_run, restate_from, note FROM redress.policy_adoption ORDER BY number"
      ).rows
    }
  }

  static func with(_ body: (House) async throws -> Void) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source)
        try await body(House(database: database, folder: folder))
      }
    }
  }

  private static func expect(_ finished: Finished, _ code: Int32, _ parts: String...) {
    let said = finished.output + finished.errors
    #expect(finished.exitCode == code, "\(said)")
    for part in parts { #expect(said.contains(part), "\(part) is not in\n\(said)") }
  }

  @Test func aRunUsesWhatIsAdoptedAndNothingElse() async throws {
    try await AdoptionTests.with { house in
      let fresh = try await house.redress("check", "--as-of", "2026-11-01")
      AdoptionTests.expect(
        fresh, 0,
        "note     policy      built-in policy: nothing is adopted, so runs use the built-in policy")
      let history = try await house.redress("policy", "history")
      AdoptionTests.expect(history, 0, "Nothing is adopted: runs use the built-in policy")

      let file = try house.file("own.yaml", AdoptionTests.policy(("own-1", "2026-01-01", "10%")))
      let adopted = try await house.adopt(file)
      AdoptionTests.expect(
        adopted, 0, "in force  built-in policy: outage-response-1",
        "adds      own-1, from 2026-01-01",
        "drops     outage-response-1", "2026-10  USD         250.00  100.00     -150.00",
        "Adopted as number 1 by ")
      let again = try await house.adopt(file)
      AdoptionTests.expect(again, 0, "is the policy in force already, adopted as number 1")
      #expect(try await house.adoptions() == [["1", "0", "", "terms"]])

      AdoptionTests.expect(try await house.night("-v"), 0, "under adopted policy 1")
      #expect(try await house.credits() == [["100.00", "own-1", "1"]])
      AdoptionTests.expect(try await house.night("--policy", file), 0)
      AdoptionTests.expect(
        try await house.redress("check", "--as-of", "2026-11-01"), 0,
        "ok       policy      adopted policy 1: adopted on ")

      // One who runs the night may not promise more from tomorrow on, nor anything else.
      let edited = try house.file(
        "edited.yaml",
        AdoptionTests.policy(("own-1", "2026-01-01", "10%"), ("own-2", "2026-12-01", "90%")))
      for command in ["run", "check"] {
        let refused = try await house.redress(
          [command, "--policy", edited, "--as-of", "2026-11-01T00:00:00Z"]
            + (command == "run" ? ["--output", house.folder.path()] : []))
        AdoptionTests.expect(
          refused, 64, "is not the policy that is adopted for this ledger (number 1)",
          "In the file and not adopted: own-2", "redress policy adopt ")
      }
      AdoptionTests.expect(try await house.night("--policy", edited, "--dry-run"), 0)
      AdoptionTests.expect(
        try await house.redress("simulate", "--policy", file, "--month", "2026-10"), 0,
        "today  adopted policy 1: own-1", "100.00")
      AdoptionTests.expect(
        try await house.redress("explain", "--customer", "C", "--as-of", "2026-11-01"), 0, "100.00")
      AdoptionTests.expect(
        try await house.redress("policy", "history"), 0, "Adopted policy 1 is in force.", "own-1",
        "1 to 2 (2)", "terms")
      AdoptionTests.expect(try await house.redress("verify"), 0, "everything agrees")
    }
  }

  /// A run that took a day to come for now keeps nobody from promising something else from a day to come on.
  @Test func aRunOfADayToComeDoesNotHoldUpAdoption() async throws {
    try await AdoptionTests.with { house in
      let first = try house.file("own.yaml", AdoptionTests.policy(("one", "2026-01-01", "10%")))
      AdoptionTests.expect(try await house.adopt(first), 0)
      AdoptionTests.expect(
        try await house.redress(
          "run", "--output", house.folder.path(), "--as-of", "2099-11-01", "--approve-limits",
          "--approved-by", "tests", "--reason", "first load"), 0)
      let later = try house.file(
        "later.yaml",
        AdoptionTests.policy(("one", "2026-01-01", "10%"), ("two", "2090-01-01", "20%")))
      AdoptionTests.expect(try await house.adopt(later), 0, "Adopted as number 2")
      AdoptionTests.expect(try await house.night(), 0, "granted 100.00 USD")
    }
  }

  @Test func recordedMonthsAreRestatedOnPurposeOnly() async throws {
    try await AdoptionTests.with { house in
      let first = try house.file("own.yaml", AdoptionTests.policy(("one", "2026-01-01", "10%")))
      AdoptionTests.expect(try await house.adopt(first), 0)
      AdoptionTests.expect(try await house.night(), 0)
      let second = try house.file(
        "second.yaml",
        AdoptionTests.policy(("one", "2026-01-01", "10%"), ("two", "2026-10-01", "20%")))
      AdoptionTests.expect(
        try await house.adopt(second), 64, "two takes over from it on 2026-10-01T00:00:00Z",
        "100.00 USD (1 credit)", "redress policy adopt FILE --restate-from 2026-10 --note TEXT")
      AdoptionTests.expect(
        try await house.adopt(second, "--restate-from", "2026-11"), 64,
        "--restate-from 2026-11 does not reach back to it: 2026-10 does")
      AdoptionTests.expect(
        try await house.adopt(first, "--restate-from", "2026-10"), 0, "in force already")
      let later = try house.file(
        "later.yaml",
        AdoptionTests.policy(("one", "2026-01-01", "10%"), ("two", "2027-01-01", "20%")))
      AdoptionTests.expect(
        try await house.adopt(later, "--restate-from", "2026-10"), 64,
        "there is nothing to restate")
      let options = ["--restate-from", "2026-10"]
      AdoptionTests.expect(
        try await house.adopt(second, options[0], options[1], "--dry-run"), 0,
        "2026-10  USD         100.00  200.00     +100.00", "Dry run: nothing was recorded.")
      #expect(try await house.adoptions().count == 1)
      AdoptionTests.expect(
        try await house.adopt(second, options[0], options[1]), 0, "Adopted as number 2",
        "Months from 2026-10 on are decided anew")
      #expect(try await house.adoptions().last == ["2", "1", "2026-10-01", "terms"])

      // Every version that runs have used is in this file, but it is not the one adopted.
      AdoptionTests.expect(
        try await house.night("--policy", first), 64, "Adopted and not in the file: two")
      // A third adoption before the first run keeps what the second one allowed.
      let third = try house.file(
        "third.yaml",
        AdoptionTests.policy(
          ("one", "2026-01-01", "10%"), ("two", "2026-10-01", "20%"),
          ("three", "2027-01-01", "30%")))
      AdoptionTests.expect(try await house.adopt(third), 0, "Adopted as number 3")
      // The same name with other content was not what was allowed.
      let other = try house.file(
        "other.yaml",
        AdoptionTests.policy(("one", "2026-01-01", "10%"), ("two", "2026-10-01", "90%")))
      AdoptionTests.expect(try await house.adopt(other), 64, "two takes over from it")

      AdoptionTests.expect(try await house.night(), 0)
      let restated = [["100.00", "one", "1"], ["100.00", "two", "2"]]
      #expect(
        try await house.credits().map { Array($0.suffix(2)) }
          == restated.map { Array($0.suffix(2)) })
      AdoptionTests.expect(try await house.night(), 0, "0 revisions")
      AdoptionTests.expect(try await house.redress("verify"), 0, "everything agrees")
      AdoptionTests.expect(
        try await house.redress("policy", "history"), 0, "from 2026-10", "2 to 3 (2)")
      // Once used, it is history like any other.
      let refused = try await house.adopt(first)
      AdoptionTests.expect(
        refused, 64, "version two: committed runs have used this version",
        "redress policy adopt FILE --restate-from 2026-10 --note TEXT")
      // A run would be refused the file, whatever it has.
      #expect(!refused.errors.contains("redress run --policy"), "\(refused.errors)")
    }
  }

  /// A run has used the restatement, and nobody has been paid yet.
  @Test func aRestatementIsTakenBackByAnother() async throws {
    try await AdoptionTests.with { house in
      let one = ("one", "2026-01-01", "10%")
      let (first, second, third) = (
        try house.file("first.yaml", AdoptionTests.policy(one)),
        try house.file("second.yaml", AdoptionTests.policy(one, ("two", "2026-10-01", "20%"))),
        try house.file("third.yaml", AdoptionTests.policy(one, ("three", "2026-10-01", "15%")))
      )
      let (october, november) = (["--restate-from", "2026-10"], ["--restate-from", "2026-11"])
      AdoptionTests.expect(try await house.adopt(first), 0)
      AdoptionTests.expect(try await house.night(), 0)
      AdoptionTests.expect(try await house.adopt(second, october[0], october[1]), 0)
      AdoptionTests.expect(try await house.night(), 0)
      #expect(try await house.credits().map { $0[0] } == ["100.00", "100.00"])

      AdoptionTests.expect(
        try await house.adopt(first, november[0], november[1]), 64, "version two",
        "--restate-from 2026-11 does not reach back to it: 2026-10 does")
      // What the newest run decided with is missing, and what it decided anew is not allowed for.
      AdoptionTests.expect(try await house.adopt(third), 64, "version two")
      AdoptionTests.expect(
        try await house.adopt(first, october[0], october[1]), 0, "drops     two, from 2026-10-01",
        "2026-10  USD         200.00  100.00     -100.00", "Adopted as number 3")
      AdoptionTests.expect(try await house.night(), 0)
      #expect(try await house.credits().last?.prefix(2) == ["-100.00", "one"])
      // The ledger knows the version for ever, and no later file needs it.
      AdoptionTests.expect(try await house.night(), 0, "0 revisions")
      AdoptionTests.expect(try await house.adopt(third, october[0], october[1]), 0)
      AdoptionTests.expect(try await house.night(), 0)
      #expect(try await house.credits().last?.prefix(2) == ["50.00", "three"])
      // It may not come back without a word either.
      AdoptionTests.expect(try await house.adopt(second), 64, "version three")
      AdoptionTests.expect(try await house.redress("verify"), 0, "everything agrees")
    }
  }

  @Test func creditsOfClosedMonthsStay() async throws {
    try await AdoptionTests.with { house in
      let one = ("one", "2026-01-01", "10%")
      let first = try house.file("first.yaml", AdoptionTests.policy(one))
      AdoptionTests.expect(try await house.adopt(first), 0)
      AdoptionTests.expect(try await house.night(), 0)
      AdoptionTests.expect(
        try await house.redress(
          "close", "--through", "2026-10", "--reason", "booked", "--as-of", "2026-11-20"), 0)
      let two = AdoptionTests.policy(one, ("two", "2026-10-01", "20%"))
      let second = try house.file("second.yaml", two)
      let stays = try await house.adopt(second, "--restate-from", "2026-10", "--dry-run")
      AdoptionTests.expect(
        stays, 0, "No credit of 2026-09 to 2026-11 changes",
        "Credits that differ and stay, because their months are closed:\n",
        "2026-10  USD         100.00  200.00     +100.00")
      // By this version they are booked late.
      let late = try house.file(
        "late.yaml", two + "    late_corrections: next_open_month\n")
      let changes = try await house.adopt(late, "--restate-from", "2026-10", "--dry-run")
      AdoptionTests.expect(changes, 0, "that change, as of", "+100.00")
      #expect(!changes.output.contains("closed"), "\(changes.output)")
      AdoptionTests.expect(
        try await house.adopt(second, "--restate-from", "2026-10"), 0,
        "Those through 2026-10 are closed and stay as they are until somebody opens them")
      AdoptionTests.expect(try await house.night(), 3, "0 revisions")
    }
  }

  @Test func plansAndZonesThatNobodyHasAreRefused() async throws {
    try await AdoptionTests.with { house in
      let plans = "    plans: {standrd: {tiers: none}, gold: {cap: 50%}}"
      let text = AdoptionTests.policy(("one", "2026-01-01", "10%"), plans: plans)
      let file = try house.file("plans.yaml", text)
      AdoptionTests.expect(
        try await house.adopt(file), 64, "names 2 plans that no row of",
        "plan \"gold\" of version one",
        "plan \"standrd\" of version one; did you mean \"standard\"?",
        "--new-plan gold --new-plan standrd")
      AdoptionTests.expect(
        try await house.adopt(file, "--new-plan", "gold"), 64, "names a plan that no row of")
      AdoptionTests.expect(
        try await house.redress("check", "--policy", file, "--as-of", "2026-11-01"), 0,
        "no row has the plan \"standrd\" of version one; did you mean \"standard\"?")
      let right = try house.file("right.yaml", text.replacing("standrd", with: "standard"))
      AdoptionTests.expect(try await house.adopt(right, "--new-plan", "gold"), 0)
      // What is in force was looked at when it was adopted.
      let more = try house.file(
        "more.yaml", text.replacing("standrd", with: "standard") + "\n# a remark\n")
      AdoptionTests.expect(
        try await house.adopt(more), 0, "The versions are the same; what stands beside them is not."
      )

      let zone = try house.file("zone.yaml", text.replacing("UTC", with: "Europe/Berln"))
      AdoptionTests.expect(try await house.adopt(zone), 64, "Europe/Berln", "Europe/Berlin")
      #expect(try await house.adoptions().count == 2)
    }
  }

  /// Running and deciding are two roles.
  @Test func whoMayAdopt() async throws {
    try await AdoptionTests.with { house in
      let (job, controller) = ("\(house.database.name)_job", "\(house.database.name)_controller")
      try await house.database.psql(
        """
        CREATE ROLE \(job) LOGIN IN ROLE redress_job;
        CREATE ROLE \(controller) LOGIN IN ROLE redress_controller;
        """)
      let file = try house.file("own.yaml", AdoptionTests.policy(("one", "2026-01-01", "10%")))
      AdoptionTests.expect(
        try await house.adopt(file, user: job), 1,
        "the user \(job) may not adopt policies; nothing was recorded",
        "GRANT redress_controller TO \"\(job)\";")
      AdoptionTests.expect(
        try await house.adopt(file, user: controller), 0,
        "Plans and credits were not looked at: this user may not read redress_source.",
        "Adopted as number 1 by \(controller).")
      AdoptionTests.expect(
        try await house.redress("policy", "history", "--database", "user=\(job)"), 0, controller)
      // A user with the rights of the job reads what is adopted.
      AdoptionTests.expect(try await house.night(user: job), 0)
      #expect(try await house.credits() == [["100.00", "one", "1"]])
      #expect(try await house.night(user: controller).exitCode == 1)
    }
  }

  /// A file in the ledger that has the digest of another one, put there by whoever runs the night.
  @Test func whatIsAdoptedIsNeverAnother() async throws {
    try await AdoptionTests.with { house in
      let text = AdoptionTests.policy(("one", "2026-01-01", "10%"))
      let file = try house.file("own.yaml", text)
      let planted = """
        INSERT INTO redress.policy_file
        VALUES (sha256(convert_to('\(text)', 'UTF8')), convert_to('\(text.replacing("10%", with: "90%"))', 'UTF8'))
        """
      try await house.database.psql(planted)
      AdoptionTests.expect(
        try await house.adopt(file), 1, "another one stands in its place")
      #expect(try await house.adoptions().isEmpty)

      try await house.database.psql("DELETE FROM redress.policy_file")
      AdoptionTests.expect(try await house.adopt(file), 0)
      AdoptionTests.expect(try await house.night(), 0)
      try await house.database.psql("UPDATE redress.policy_adoption SET note = 'other'")
      AdoptionTests.expect(try await house.night(), 1, "adoption 1 in redress.policy_adoption")
      AdoptionTests.expect(
        try await house.redress("check", "--as-of", "2026-11-01"), 64, "adoption 1 in redress")
      AdoptionTests.expect(
        try await house.redress("verify"), 2, "policy_adoption 1: the content is not the one")
    }
  }

  /// A run that used another policy than the one adopted is found, whoever wrote it.
  @Test func verifyComparesRunsWithAdoptions() async throws {
    try await AdoptionTests.with { house in
      let file = try house.file("own.yaml", AdoptionTests.policy(("one", "2026-01-01", "10%")))
      AdoptionTests.expect(try await house.adopt(file), 0)
      AdoptionTests.expect(try await house.night(), 0)
      let more = try house.file(
        "more.yaml",
        AdoptionTests.policy(("one", "2026-01-01", "10%"), ("two", "2027-01-01", "5%")))
      AdoptionTests.expect(try await house.adopt(more), 0)
      AdoptionTests.expect(try await house.night(), 0)
      AdoptionTests.expect(try await house.redress("verify"), 0)
      try await house.database.psql("DELETE FROM redress.policy_adoption WHERE number = 2")
      AdoptionTests.expect(
        try await house.redress("verify"), 2,
        "run 2: the run read another policy than adoption 1, which was in force")
    }
  }

  @Test func anAdoptionAndARunKeepEachOtherOut() async throws {
    try await AdoptionTests.with { house in
      let file = try house.file("own.yaml", AdoptionTests.policy(("one", "2026-01-01", "10%")))
      let holder = try Connection(house.database.target)
      try holder.execute("BEGIN; SELECT pg_advisory_xact_lock(1380209235, 1)")
      AdoptionTests.expect(
        try await house.adopt(file), 75, "a run is active on this database; nothing was recorded")
      try holder.execute("ROLLBACK")
      AdoptionTests.expect(try await house.adopt(file, "--note", " "), 64, "--note says why")
      AdoptionTests.expect(try await house.adopt(file), 0)
    }
  }

  /// Two versions of which the older one decided on October, and an incident from before both.
  @Test func aPolicyBesideItselfDiffersInNothing() async throws {
    try await AdoptionTests.with { house in
      try await house.database.psql([
        """
        INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
        VALUES ('OLD', 'Incident', 'P0', 'resolved', '2026-09-30 08:00Z', '2026-10-02 13:00Z')
        """,
        "INSERT INTO redress_source.outage VALUES ('OLD', 'P0', 'S', NULL, '2026-09-30 22:00Z', '2026-10-01 13:00Z')",
      ])
      let text = AdoptionTests.policy(("one", "2026-10-01", "10%"), ("two", "2026-10-20", "20%"))
      let file = try house.file("two.yaml", text)
      let copy = try house.file("copy.yaml", text)
      let itself = try await house.redress(
        "simulate", "--policy", copy, "--against", file, "--month", "2026-10", "--months", "2",
        "--as-of", "2026-11-01", "--format", "csv")
      AdoptionTests.expect(itself, 0)
      let table = try #require(
        Table(csv: itself.output)?.selecting(["today", "new", "difference"]))
      #expect(!table.rows.isEmpty)
      #expect(
        table.rows.allSatisfy { $0[0] == $0[1] && ["0.00", ""].contains($0[2]) }, "\(itself.output)"
      )
      // A version to try counts from the beginning of today's policy on, and not before it.
      let tried = try house.file("new.yaml", AdoptionTests.policy(("new", "2027-01-01", "30%")))
      AdoptionTests.expect(
        try await house.redress(
          "simulate", "--policy", tried, "--against", file, "--month", "2026-10", "--months", "2",
          "--as-of", "2026-11-01"), 0, "100.00", "300.00", "+200.00")
    }
  }
}
