import Glibc
import Synchronization
import TestSupport
import Testing

/// Several programs at once in one folder: nights of two databases, reports, a verification.
@Suite(.serialized)
struct SharedFolderTests {
  /// Stops the first program that sends such a statement just before it passes on.
  private func proxy(
    _ gate: Gate, where isStop: @escaping @Sendable (_ statement: String) -> Bool
  ) throws -> ProtocolProxy {
    let isPassed = Atomic(false)
    return try ProtocolProxy(server: TestServer.host) { message, moment in
      if moment == .before, message.sender == .program, isStop(message.text),
        !isPassed.exchange(true, ordering: .sequentiallyConsistent)
      {
        gate.pass()
      }
      return .goOn
    }
  }

  private func report(
    _ night: SharedNight, _ folder: String, run: Int = 1, host: String? = nil
  ) throws -> Program {
    try Program(
      ["report", "--run", "\(run)", "--output", folder],
      environment: night.environment(host: host))
  }

  private func verify(
    _ night: SharedNight, _ folders: [String], host: String? = nil
  ) throws -> Program {
    try Program(
      ["verify"] + folders.flatMap { ["--output", $0] },
      environment: night.environment(host: host))
  }

  // MARK: Two databases

  /// Copies of one database with different ledger ids.
  private func twoNights() throws -> (SharedNight, SharedNight) {
    let nights = (try SharedNight(), try SharedNight())
    try nights.0.execute("UPDATE redress.ledger SET ledger_id = gen_random_uuid()")
    return nights
  }

  @Test("of two databases' nights that overlap in one folder the first to end has its files")
  func twoDatabases() throws {
    let (slow, quick) = try twoNights()
    // Its credits are different.
    try slow.execute("UPDATE redress_source.subscription_term SET monthly_fee = monthly_fee * 2")
    let gate = Gate()
    let proxy = try proxy(gate) { $0 == "COMMIT" }
    defer { proxy.stop() }
    try withFolder { folder in
      let program = try slow.run(folder, host: proxy.folder)
      gate.waitForArrival()
      #expect(try quick.run(folder).end().code == 3)
      let files = try NightUnderTest.read(folder)
      gate.open()
      let ending = try program.end()
      #expect(ending.code == 74, "\(ending.errors)")
      #expect(
        ending.errors.contains(
          "run 1 is committed, but its files are not all there: "
            + "\(folder)/credits-run-1.csv is there already, with other content"),
        "\(ending.errors)")
      #expect(
        ending.errors.contains("redress report --run 1 --output FOLDER"), "\(ending.errors)")
      #expect(try NightUnderTest.read(folder) == files)
      #expect(try NightUnderTest.names(folder).count == 4)
      #expect(try verify(quick, [folder]).end().code == 0)
      // Follows the advice of the message.
      try withFolder { other in
        #expect(try report(slow, other).end().code == 0)
        #expect(try NightUnderTest.read(other) != files)
        #expect(try verify(slow, [other]).end().code == 0)
        // Without following it, the files of others stay.
        let refused = try report(slow, folder).end()
        #expect(refused.code == 1, "\(refused.errors)")
        #expect(try NightUnderTest.read(folder) == files)
      }
    }
  }

  @Test("what differs by the ledger's id only is no silent success either")
  func twoEmptyNights() throws {
    let (slow, quick) = try twoNights()
    for night in [slow, quick] { try night.execute("DELETE FROM redress_source.incident") }
    let gate = Gate()
    let proxy = try proxy(gate) { $0 == "COMMIT" }
    defer { proxy.stop() }
    try withFolder { folder in
      let program = try slow.run(folder, host: proxy.folder)
      gate.waitForArrival()
      let first = try quick.run(folder).end()
      #expect([0, 3].contains(first.code), "\(first.errors)")
      gate.open()
      let ending = try program.end()
      #expect(ending.code == 74, "\(ending.errors)")
      #expect(ending.errors.contains("totals-run-1.json is there already"), "\(ending.errors)")
      #expect(try verify(quick, [folder]).end().code == 0)
    }
  }

  @Test("`report` leaves a file that somebody has edited, and says what to do")
  func reportBesideAnEditedFile() throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      // Its own files exist with the same content.
      #expect(try report(night, folder).end().code == 0)
      let path = "\(folder)/credits-run-1.csv"
      try sh("echo signed >> '\(path)'")
      let edited = try sh("cat '\(path)'")
      let refused = try report(night, folder).end()
      #expect(refused.code == 1)
      #expect(
        refused.errors == """
          redress: \(path) is there already, with other content.
          It is of another database, or somebody has edited it, and is not written over. Move it elsewhere and run the \
          command again, or name another folder.

          """)
      #expect(try sh("cat '\(path)'") == edited)
      try sh("mv '\(path)' '\(folder)/signed.csv'")
      #expect(try report(night, folder).end().code == 0)
      #expect(try verify(night, [folder]).end().code == 0)
    }
  }

  // MARK: Two reports

  @Test(
    "two reports of one run at once write it whole, and one that is killed leaves nothing for good")
  func twoReports() throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      let files = try NightUnderTest.read(folder)
      for isKilled in [false, true] {
        try sh("rm '\(folder)'/*")
        let gate = Gate()
        // At this point its credits and invoice lines are written and its findings begun.
        let proxy = try proxy(gate) { $0.contains("redress.finding") }
        defer { proxy.stop() }
        let slow = try report(night, folder, host: proxy.folder)
        gate.waitForArrival()
        #expect(try NightUnderTest.names(folder).count == 3)
        let quick = try report(night, folder).end()
        #expect(quick.code == 0, "\(quick.errors)")
        #expect(try NightUnderTest.read(folder) == files)
        // The files of the report that still runs stay.
        #expect(try NightUnderTest.names(folder).count == 7)
        if isKilled { kill(slow.process, SIGKILL) }
        gate.open()
        let ending = try slow.end()
        #expect(ending.code == (isKilled ? 137 : 0), "\(ending.errors)")
        #expect(try NightUnderTest.read(folder) == files)
        #expect(try NightUnderTest.names(folder).count == (isKilled ? 7 : 4))
        // A later report in the same folder also removes the remaining hidden files.
        let month = try Program(
          ["report", "--month", "2026-10", "--output", folder], environment: night.environment()
        ).end()
        #expect(month.code == 0, "\(month.errors)")
        #expect(try NightUnderTest.names(folder).count == 5)
      }
    }
  }

  // MARK: Verification

  @Test("a night that ends while a verification goes on is no difference")
  func verifyBesideANight() throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      try night.execute(SmallSource.amendment)
      let gate = Gate()
      // The server has taken the snapshot, and the program does not know yet.
      let exporting = Mutex<Int?>(nil)
      let proxy = try ProtocolProxy(server: TestServer.host) { message, moment in
        guard moment == .before else { return .goOn }
        let isAnswer = exporting.withLock { connection -> Bool in
          if message.text.contains("pg_export_snapshot") { connection = message.connection }
          guard message.kind == "D", message.sender == .server, message.connection == connection
          else { return false }
          connection = nil
          return true
        }
        if isAnswer { gate.pass() }
        return .goOn
      }
      defer { proxy.stop() }
      let verifying = try verify(night, [folder], host: proxy.folder)
      gate.waitForArrival()
      #expect(try night.run(folder).end().code == 3)
      gate.open()
      let ending = try verifying.end()
      #expect(ending.code == 0, "\(ending.output)\(ending.errors)")
      #expect(ending.output.contains("verified 1 runs"), "\(ending.output)")
      #expect(try verify(night, [folder]).end().code == 0)
      // A run that the ledger does not have is found as before.
      try sh("cp '\(folder)/credits-run-2.csv' '\(folder)/credits-run-3.csv'")
      let unknown = try verify(night, [folder]).end()
      #expect(unknown.code == 2)
      #expect(
        unknown.output.contains("file credits-run-3.csv: the ledger has no such run"),
        "\(unknown.output)")
    }
  }

  @Test("files that are on their way to their names are waited for, and missing ones are named")
  func verifyBesideCOMMIT() throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      let ledger = try night.value("SELECT ledger_id::text FROM redress.ledger")!
      let began = try night.value(
        "SELECT (EXTRACT(epoch FROM started_at) * 1000000)::bigint::text FROM redress.run")!
      // The files of a run that has just committed and has not renamed them yet.
      var hidden: [(path: String, hidden: String, descriptor: Int32)] = []
      for name in [
        "credits-run-1.csv", "findings-run-1.csv", "invoice-lines-run-1.csv", "totals-run-1.json",
      ] {
        let stem = name.prefix { $0 != "." }
        let path = "\(folder)/.\(stem).\(ledger).\(began).partial"
        try sh("mv '\(folder)/\(name)' '\(path)'")
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        hidden.append(("\(folder)/\(name)", path, descriptor))
      }
      let verifying = try verify(night, [folder])
      // Verify may have read the folder by then or not; without waiting it would have ended.
      usleep(1_500_000)
      for file in hidden {
        rename(file.hidden, file.path)
        close(file.descriptor)
      }
      let ending = try verifying.end()
      #expect(ending.code == 0, "\(ending.output)\(ending.errors)")
      #expect(ending.output.contains("4 files: everything agrees"), "\(ending.output)")

      // No program holds these files any more.
      for file in hidden.dropFirst() { rename(file.path, file.hidden) }
      let some = try verify(night, [folder]).end()
      #expect(some.code == 2)
      for name in ["findings-run-1.csv", "invoice-lines-run-1.csv", "totals-run-1.json"] {
        #expect(
          some.output.contains(
            "file \(name): the run's other files are there, and this one is not"), "\(some.output)")
      }
      rename(hidden[0].path, hidden[0].hidden)
      let none = try verify(night, [folder]).end()
      #expect(none.code == 2)
      #expect(
        none.output.hasPrefix(
          "differs  run 1: its files are missing: none of them is in the folder\n"),
        "\(none.output)")
      #expect(try verify(night, []).end().code == 0)
    }
  }

  @Test("runs may have their files in several folders")
  func severalFolders() throws {
    let night = try SharedNight()
    try withFolder { first in
      try withFolder { second in
        #expect(try night.run(first).end().code == 3)
        try night.execute(SmallSource.amendment)
        #expect(try night.run(second).end().code == 3)
        let both = try verify(night, [first, second]).end()
        #expect(both.code == 0, "\(both.output)")
        #expect(both.output.contains("8 files: everything agrees"), "\(both.output)")
        #expect(try verify(night, [second]).end().code == 2)
        // A copy is compared as well.
        try sh("cp '\(first)'/* '\(second)'; echo x >> '\(second)/credits-run-1.csv'")
        let changed = try verify(night, [first, second]).end()
        #expect(changed.code == 2)
        #expect(changed.output.contains("file credits-run-1.csv: line "), "\(changed.output)")
      }
    }
  }
}
