import Glibc
import Postgres
import TestSupport
import Testing

/// A night whose files cannot be written.
@Suite(.serialized)
struct FileFaultTests {
  @Test(.enabled(if: FailingCalls.compiler != nil, "there is no C compiler"))
  func files() throws {
    let night = try NightUnderTest()
    try withFolder { tools in
      let library = try FailingCalls.build(in: tools)
      for fault in FileFault.all {
        try play(fault, night, library)
        try night.reset()
      }
    }
  }

  private func play(_ fault: FileFault, _ night: NightUnderTest, _ library: String) throws {
    try withFolder { folder in
      let ending = try disturb(fault, night, folder, library)
      #expect(ending.code == fault.code, "\(fault.title): \(ending.errors)")
      try night.waitForSessionsToEnd()
      let ledger = try LedgerState(try night.connect(), throughRun: 2)
      let expected = fault.isRecorded ? night.after! : night.before!
      #expect(ledger == expected, "\(fault.title)\n\(ledger.difference(from: expected))")
      let files = try NightUnderTest.read(folder)
      for (name, content) in files {
        #expect(content == night.contents[name], "\(fault.title): \(name)")
      }
      if !fault.isRecorded { #expect(files == [:], "\(fault.title)") }
      if fault.code == 74 {
        #expect(
          ending.errors.contains("redress report --run 2 --output"),
          "\(fault.title): \(ending.errors)")
      }
      // A program that was not killed leaves no hidden file.
      if fault.code != 137 {
        #expect(
          try NightUnderTest.names(folder).allSatisfy { !$0.hasPrefix(".") }, "\(fault.title)")
      }
      // The program's advice restores the files, or the next run does if the program could give no
      // advice.
      if fault.isRecorded, fault.code == 74 {
        try night.makeFilesAgain(folder)
      } else {
        let again = try night.program(folder, host: night.cluster.host).end()
        #expect(again.code == 3, "\(fault.title), again: \(again.errors)")
      }
      try night.expectFiles(folder, fault.title)
      #expect(try LedgerState(try night.connect(), throughRun: 2) == night.after, "\(fault.title)")
    }
  }

  private func disturb(
    _ fault: FileFault, _ night: NightUnderTest, _ folder: String, _ library: String
  ) throws -> Program.Ending {
    let host = night.cluster.host
    switch fault.way {
    case .folder(let path):
      return try night.program(path, host: host).end()
    case .foreignFolder:
      guard getuid() == 0 else {
        chmod(folder, 0o500)
        defer { chmod(folder, 0o700) }
        return try night.program(folder, host: host).end()
      }
      // Root may write anywhere, so another user runs the program.
      return try asNobody(host) { launcher, host, path in
        chmod(folder, 0o755)
        return try night.program(folder, host: host, launcher: launcher, path: path).end()
      }
    case .call(let call, let number, let failure):
      return try night.program(
        folder, host: host,
        environment: FailingCalls.environment(call, number, failure, library: library)
      ).end()
    case .vanishingFolder:
      let proxy = try ProtocolProxy(server: host) { message, moment in
        if moment == .before, message.text == "COMMIT", message.sender == .program {
          _ = try? sh("rm -rf '\(folder)'")
        }
        return .goOn
      }
      defer { proxy.stop() }
      let ending = try night.program(folder, host: proxy.folder).end()
      mkdir(folder, 0o755)
      return ending
    case .noFileSize:
      return try night.program(
        folder, host: host, launcher: FileFaultTests.noGrowth
      ).end()
    }
  }

  /// Like a start from a shell, whatever signals the test runner ignores. The signal of this limit
  /// ends a program that does not handle it.
  private static let noGrowth = [
    "env", "--default-signal=XFSZ", "sh", "-c", "ulimit -f 0; exec \"$0\" \"$@\"",
  ]

  /// That user cannot use the server's socket or the built program, and gets a proxy and a copy.
  private func asNobody(
    _ host: String, _ body: ([String], String, String) throws -> Program.Ending
  ) throws -> Program.Ending {
    try withFolder { tools in
      chmod(tools, 0o755)
      try sh("cp '\(Program.path)' '\(tools)/redress' && chmod 755 '\(tools)/redress'")
      let proxy = try ProtocolProxy(server: host) { _, _ in .goOn }
      defer { proxy.stop() }
      chmod(proxy.folder, 0o755)
      chmod("\(proxy.folder)/.s.PGSQL.5432", 0o777)
      return try body(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], proxy.folder,
        "\(tools)/redress")
    }
  }

  // MARK: The database's disk

  @Test(.enabled(if: canMount, "a full disk needs root and the right to mount"))
  func fullTablespace() throws {
    let night = try NightUnderTest()
    try withFolder { folder in
      chmod(folder, 0o755)
      let disk = "\(folder)/disk"
      try sh("mkdir '\(disk)' && mount -t tmpfs -o size=1m tmpfs '\(disk)'")
      defer { _ = try? sh("umount -l '\(disk)'") }
      try sh(
        "mkdir '\(disk)/data' && chown postgres '\(disk)' '\(disk)/data' && chmod 700 '\(disk)/data'"
      )
      let connection = try night.connect()
      try connection.execute("CREATE TABLESPACE small LOCATION '\(disk)/data'")
      try connection.execute("ALTER TABLE redress.credit_revision SET (fillfactor = 10)")
      try connection.execute("ALTER TABLE redress.credit_revision SET TABLESPACE small")
      try night.reset()
      _ = try? sh("dd if=/dev/zero of='\(disk)/fill' bs=4k 2>&1")
      try withFolder { output in
        let ending = try night.program(output, host: night.cluster.host).end()
        #expect(ending.code == 1)
        #expect(ending.errors.contains("No space left on device"), "\(ending.errors)")
        #expect(try LedgerState(connection, throughRun: 2) == night.before)
        #expect(try NightUnderTest.names(output) == [])
        try sh("rm '\(disk)/fill'")
        #expect(try night.program(output, host: night.cluster.host).end().code == 3)
        #expect(try LedgerState(connection, throughRun: 2) == night.after)
        try night.expectFiles(output, "a full tablespace")
      }
    }
  }

  private static let canMount: Bool = {
    guard getuid() == 0 else { return false }
    let command = "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d; s=$?; rmdir $d; exit $s"
    return (try? sh(command)) != nil
  }()

  // MARK: Standard streams

  @Test("a full or closed standard output is an error, and closed streams harm nothing")
  func streams() throws {
    let full = try Program(["policy", "show"], output: "/dev/full").end()
    #expect(full.code == 1)
    #expect(full.errors.contains("No space left on device"), "\(full.errors)")
    let closed = try Program(["policy", "show"], closing: [1]).end()
    #expect(closed.code == 1, "\(closed.errors)")

    let night = try NightUnderTest()
    for (output, errors, closing) in [
      ("/dev/full", "/dev/full", []), (nil, nil, [0, 1, 2]), (nil, nil, [2]),
    ] as [(String?, String?, [Int32])] {
      try withFolder { folder in
        let ending = try Program(
          ["run", "--as-of", SmallSource.asOf, "--output", folder],
          environment: night.environment(night.cluster.host), output: output, errors: errors,
          closing: closing
        ).end()
        #expect(ending.code == 3)
        try night.expectFiles(folder, "closed \(closing)")
        #expect(try LedgerState(try night.connect(), throughRun: 2) == night.after)
      }
      try night.reset()
    }
  }
}
