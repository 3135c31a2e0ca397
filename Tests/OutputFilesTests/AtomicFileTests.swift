import Glibc
import ServiceCredits
import TestSupport
import Testing

@testable import LedgerReports
@testable import OutputFiles

/// A file appears whole or not at all, while others are written at the same time.
@Suite struct AtomicFileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = try temporaryFolder("atomic")
    defer { _ = try? sh("rm -rf '\(folder)'") }
    try body(folder)
  }

  private func file(
    _ folder: String, _ content: String, name: String = "a.csv"
  ) throws -> AtomicFile {
    var file = try AtomicFile(folder: folder, name: name)
    try file.append { $0 += Array(content.utf8) }
    _ = try file.finishContent()
    return file
  }

  private func names(_ folder: String) throws -> [String] {
    try sh("ls -A '\(folder)'").split(separator: "\n").map(String.init)
  }

  @Test(
    "a name that is taken stays as it is, and only the same content is no error",
    arguments: [
      ("new", 0), ("new\n", EEXIST), ("ne", EEXIST), ("", EEXIST), ("NEW", EEXIST),
    ])
  func keepsWhatIsThere(there: String, code: Int32) throws {
    try withFolder { folder in
      try sh("printf '\(there)' > '\(folder)/a.csv'")
      let before = try sh("stat -c '%i %y' '\(folder)/a.csv'")
      do {
        var file = try file(folder, "new")
        try file.publish(.keeping)
        #expect(code == 0)
      } catch let error as FileError {
        #expect(error == FileError(.rename, "\(folder)/a.csv", code))
        #expect(error.isNameTaken)
      }
      #expect(try sh("stat -c '%i %y' '\(folder)/a.csv'") == before)
      #expect(try names(folder) == ["a.csv"])
    }
  }

  @Test("a folder, a pipe or a dangling link in the way is never replaced")
  func keepsWhatIsNoFile() throws {
    for (command, code) in [
      ("mkdir", EISDIR), ("mkfifo", EEXIST), ("ln -s /nowhere", EEXIST),
    ] {
      try withFolder { folder in
        try sh("\(command) '\(folder)/a.csv'")
        var file = try file(folder, "new")
        #expect(throws: FileError(.rename, "\(folder)/a.csv", code)) { try file.publish(.keeping) }
      }
    }
  }

  @Test func freeNamesAreTakenAndOthersReplaced() throws {
    try withFolder { folder in
      for (content, rule) in [("one", .keeping), ("two", .replacing)]
        as [(String, AtomicFile.NameRule)]
      {
        var file = try file(folder, content)
        try file.publish(rule)
        #expect(try sh("cat '\(folder)/a.csv'") == content)
      }
      #expect(try names(folder) == ["a.csv"])
    }
  }

  @Test("many write the same file at once, and each has a hidden file of its own")
  func sharesNoHiddenFile() throws {
    try withFolder { folder in
      var first = try file(folder, "first")
      var second = try file(folder, "second")
      #expect(first.hiddenPath != second.hiddenPath)
      HiddenName.removeAbandoned(in: folder)
      #expect(try names(folder).count == 2)
      try second.publish(.replacing)
      try first.publish(.replacing)
      #expect(try sh("cat '\(folder)/a.csv'") == "first")
    }
  }

  @Test("what a killed program left goes, and nothing else")
  func removesWhatWasLeft() throws {
    try withFolder { folder in
      let left = HiddenName.unique("credits-2026-10.csv")
      let others = [
        ".a.csv.redress-0123.partial", ".a.csv.redress-0123456789ABCDEF.partial",
        ".redress-0123456789abcdef.partial", ".a.csv.partial",
        "a.csv.redress-0123456789abcdef.partial",
        ".a.csv.redress-0123456789abcdef", ".a.csv.redres-0123456789abcdef.partial",
        RunMark(ledgerId: "l", runId: 1, beganAt: Instant(microseconds: 1))
          .hiddenName("credits-run-1.csv"),
      ]
      #expect(HiddenName.isOne(left) && !others.contains { HiddenName.isOne($0) })
      for name in others + [left] { try sh("touch '\(folder)/\(name)'") }
      let link = HiddenName.unique("b.csv")
      try sh("ln -s '\(folder)/.a.csv.partial' '\(folder)/\(link)'")
      try AtomicFile.prepareFolder(folder)
      #expect(try names(folder).sorted() == (others + [link]).sorted())
    }
  }

  @Test func staysWhereARunMayFindIt() throws {
    try withFolder { folder in
      do {
        var file = try file(folder, "kept")
        file.leave()
      }
      #expect(try names(folder).count == 1)
      do { _ = try file(folder, "gone") }
      #expect(try names(folder).count == 1)
    }
  }

  @Test("whoever waits for a file knows whether somebody is writing it")
  func tellsWhatIsBeingWritten() throws {
    try withFolder { folder in
      let mark = RunMark(ledgerId: "l", runId: 7, beganAt: Instant(microseconds: 5))
      func isWritten(_ name: String = "credits-run-7.csv") -> Bool {
        HiddenName.isAnyWritten(
          for: [name], marked: [mark.hiddenName(name)], in: folder)
      }
      #expect(!isWritten())
      do {
        let run = try AtomicFile(
          folder: folder, name: "credits-run-7.csv",
          hiddenName: mark.hiddenName("credits-run-7.csv"))
        #expect(isWritten() && !isWritten("credits-run-77.csv"))
        _ = run.byteCount
      }
      do {
        let report = try AtomicFile(folder: folder, name: "credits-run-7.csv")
        #expect(isWritten() && !isWritten("findings-run-7.csv"))
        _ = report.byteCount
      }
      try sh("touch '\(folder)/\(mark.hiddenName("credits-run-7.csv"))'")
      #expect(!isWritten())
    }
  }
}
