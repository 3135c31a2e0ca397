import Glibc
import Postgres
import TestSupport
import Testing

/// What a run does about files that were in its folder before it.
struct EarlierFilesTests {
  /// A hidden file as a killed run leaves it.
  struct Hidden {
    var ledger: String
    var run = 1
    var began: Int64
    var name: String { ".credits-run-\(run).\(ledger).\(began).partial" }
  }

  /// Calls `body` after one committed run whose files were removed.
  private func withLostFiles(
    _ body: (_ night: SharedNight, _ folder: String, _ hidden: Hidden, _ files: [String: String])
      throws -> Void
  ) throws {
    let night = try SharedNight()
    try withFolder { folder in
      #expect(try night.run(folder).end().code == 3)
      let files = try NightUnderTest.read(folder)
      try sh("rm '\(folder)'/*")
      let ledger = try night.value("SELECT ledger_id::text FROM redress.ledger")!
      let began = try night.value(
        "SELECT (EXTRACT(epoch FROM started_at) * 1000000)::bigint::text FROM redress.run")!
      try body(night, folder, Hidden(ledger: ledger, began: Int64(began)!), files)
    }
  }

  private func expectLost(_ folder: String, hidden name: String) throws {
    let names = try NightUnderTest.names(folder)
    #expect(names.contains(name) && !names.contains("credits-run-1.csv"), "\(names)")
  }

  @Test("a committed run's files are made by the next run, which says so")
  func finishes() throws {
    try withLostFiles { night, folder, hidden, files in
      try sh("echo half > '\(folder)/\(hidden.name)'")
      let next = try night.run(folder).end()
      #expect(next.code == 3)
      #expect(
        next.errors.contains("run 1 was ended before its files were there; they are now: "),
        "\(next.errors)")
      let found = try NightUnderTest.read(folder)
      for (name, content) in files { #expect(found[name] == content, "\(name)") }
      #expect(try NightUnderTest.names(folder).count == 8)
    }
  }

  @Test("`report` makes them too, and leaves nothing hidden")
  func reports() throws {
    try withLostFiles { night, folder, hidden, files in
      try sh("touch '\(folder)/\(hidden.name)'")
      let report = try Program(
        ["report", "--run", "1", "--output", folder], environment: night.environment()
      ).end()
      #expect(report.code == 0, "\(report.errors)")
      #expect(try NightUnderTest.read(folder) == files)
      #expect(try NightUnderTest.names(folder).count == 4)
    }
  }

  @Test("what a run without COMMIT left is removed, also under the number of another")
  func removes() throws {
    try withLostFiles { night, folder, hidden, _ in
      var restored = hidden
      restored.began += 1
      var later = hidden
      later.run = 7
      try sh("touch '\(folder)/\(restored.name)' '\(folder)/\(later.name)'")
      let next = try night.run(folder, options: ["--verbose"]).end()
      #expect(next.errors.contains("removed what run 1 had begun"), "\(next.errors)")
      #expect(next.errors.contains("removed what run 7 had begun"), "\(next.errors)")
      #expect(try NightUnderTest.names(folder) == NightUnderTest.files)
    }
  }

  @Test("another ledger's hidden files are not looked at, and a dry run touches none")
  func leavesOthersAlone() throws {
    try withLostFiles { night, folder, hidden, _ in
      var other = hidden
      other.ledger = "9f0a7c44-55aa-4ab1-8f0e-0a6d2f3c8e11"
      try sh("touch '\(folder)/\(other.name)' '\(folder)/.credits-run-1.csv.partial'")
      #expect(try night.run(folder).end().errors.hasPrefix("run 2: "))
      try expectLost(folder, hidden: other.name)
      try sh("touch '\(folder)/\(hidden.name)'")
      #expect(try night.run(folder, options: ["--dry-run"]).end().code == 3)
      try expectLost(folder, hidden: hidden.name)
    }
  }

  @Test("a hidden file that is still being written, another user's, or no file, is named and left")
  func leavesWhatItMustNotTouch() throws {
    try withLostFiles { night, folder, hidden, _ in
      let path = "\(folder)/\(hidden.name)"
      let writer = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
      #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
      func expectLeft(_ what: String) throws {
        let next = try night.run(folder).end()
        #expect(next.code == 3, "\(what)")
        #expect(
          next.errors.contains("\(path) was begun by an earlier run and cannot be dealt with"),
          "\(what): \(next.errors)")
        try expectLost(folder, hidden: hidden.name)
      }
      try expectLeft("being written")
      close(writer)
      try sh("rm '\(path)'; echo kept > '\(folder)/target'; ln -s '\(folder)/target' '\(path)'")
      try expectLeft("a link")
      #expect(try sh("cat '\(folder)/target'") == "kept\n")
      try sh("rm '\(path)'; mkfifo '\(path)'")
      try expectLeft("a pipe")
      if getuid() == 0 {
        try sh("rm '\(path)'; touch '\(path)'; chown nobody '\(path)'")
        try expectLeft("another user's")
      }
    }
  }

  @Test("what cannot be made is told with the command that makes it, and the night goes on")
  func cannotFinish() throws {
    try withLostFiles { night, folder, hidden, _ in
      try sh("touch '\(folder)/\(hidden.name)'; mkdir '\(folder)/credits-run-1.csv'")
      let next = try night.run(folder).end()
      #expect(next.code == 3)
      #expect(
        next.errors.contains(
          "they cannot be made: \(folder)/credits-run-1.csv cannot be put in place: Is a directory. "
            + "Write them with: redress report --run 1 --output \(folder)"), "\(next.errors)")
      #expect(try NightUnderTest.names(folder).contains(hidden.name))
    }
  }

  @Test("files with the names of an earlier run's are not written over, and the night goes on")
  func finishesBesideOthers() throws {
    try withLostFiles { night, folder, hidden, files in
      try sh("touch '\(folder)/\(hidden.name)'; echo signed > '\(folder)/findings-run-1.csv'")
      let next = try night.run(folder).end()
      #expect(next.code == 3)
      #expect(
        next.errors.contains(
          "they cannot be made: \(folder)/findings-run-1.csv is there already, with other content. "
            + "Move that file elsewhere, and write them with: redress report --run 1 --output \(folder)"
        ), "\(next.errors)")
      #expect(try sh("cat '\(folder)/findings-run-1.csv'") == "signed\n")
      // When it is removed, the next night writes the files.
      try sh("rm '\(folder)/findings-run-1.csv'")
      #expect(try night.run(folder).end().code == 3)
      let found = try NightUnderTest.read(folder)
      for (name, content) in files { #expect(found[name] == content, "\(name)") }
      #expect(try NightUnderTest.names(folder).allSatisfy { !$0.hasPrefix(".") })
    }
  }

  @Test(
    "files of runs that the ledger does not have are not written over",
    arguments: ["credits-run-2.csv", "totals-run-9.json", "audit-run-3.csv"])
  func refusesLaterFiles(_ name: String) throws {
    try withLostFiles { night, folder, _, _ in
      try sh("echo kept > '\(folder)/\(name)'")
      let refused = try night.run(folder).end()
      #expect(refused.code == 1)
      #expect(
        refused.errors.hasPrefix("redress: \(folder)/\(name) would be of run 2 or later"),
        "\(refused.errors)")
      #expect(try night.value("SELECT count(*)::text FROM redress.run") == "1")
      #expect(try sh("cat '\(folder)/\(name)'") == "kept\n")
      // No file of a dry run has such a name.
      #expect(try night.run(folder, options: ["--dry-run"]).end().code == 3)
      try sh("rm '\(folder)/\(name)'")
      #expect(try night.run(folder).end().code == 3)
    }
  }

  @Test("`report` does not write over the files of another ledger")
  func refusesAnotherLedger() throws {
    try withLostFiles { night, folder, _, files in
      let totals = files["totals-run-1.json"]!
      let ledger = try night.value("SELECT ledger_id::text FROM redress.ledger")!
      #expect(totals.contains("\"ledger_id\": \"\(ledger)\""))
      try night.execute("UPDATE redress.ledger SET ledger_id = gen_random_uuid()")
      let path = "\(folder)/totals-run-1.json"
      let file = fopen(path, "w")
      fputs(totals, file)
      fclose(file)
      let report = try Program(
        ["report", "--run", "1", "--output", folder], environment: night.environment()
      ).end()
      #expect(report.code == 1)
      #expect(
        report.errors.hasPrefix("redress: \(path) is of run 1 of another ledger"),
        "\(report.errors)")
      #expect(try NightUnderTest.read(folder) == ["totals-run-1.json": totals])
    }
  }
}
