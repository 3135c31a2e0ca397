import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

/// A run in parts that is ended on its way: what is staged is nothing that counts, and the next run removes it.
@Suite(.serialized)
struct JobsFaultTests {
  /// Where the program is killed.
  private enum Place: String, CaseIterable {
    case stagingBegins, stagingGoesOn, onePartIsDone, moving, beforeCommit

    /// Whether a message is the place.
    func isHere(_ message: ProtocolProxy.Message, _ moment: ProtocolProxy.Moment) -> Bool {
      guard message.sender == .program else { return false }
      let isStatement = message.kind == "Q" || message.kind == "P"
      switch self {
      case .stagingBegins:
        return isStatement && moment == .before
          && message.text.contains("COPY redress.staged_credit_revision")
      case .stagingGoesOn:
        return isStatement && moment == .after
          && message.text.contains("COPY redress.staged_decision")
      case .onePartIsDone:
        return isStatement && moment == .after && message.text == "COMMIT"
          && message.connection > 0
      case .moving:
        return isStatement && moment == .after
          && message.text.contains("INSERT INTO redress.credit_revision")
      case .beforeCommit:
        return isStatement && moment == .before && message.text == "COMMIT"
          && message.connection == 0
      }
    }
  }

  private static let staged = [
    "staged_credit_revision", "staged_decision", "staged_invoice_line", "staged_carried_forward",
    "staged_evidence",
  ]

  private static func stagedRows(_ night: NightUnderTest) throws -> Int {
    let counts = staged.map { "(SELECT count(*) FROM redress.\($0))" }.joined(separator: " + ")
    return Int(try night.connect().textRows("SELECT \(counts)")[0][0] ?? "") ?? -1
  }

  @Test func killedAndMadeAgain() throws {
    let night = try NightUnderTest()
    for place in Place.allCases {
      for jobs in [2, 3] {
        try withFolder { folder in
          try kill(at: place, jobs, night, folder)
          let ledger = try LedgerState(try night.connect(), throughRun: 2)
          #expect(
            ledger == night.before,
            "\(place): half of a run\n\(ledger.difference(from: night.before!))")
          #expect(try NightUnderTest.read(folder) == [:], "\(place)")
          let isStaged = try JobsFaultTests.stagedRows(night) > 0
          if [.onePartIsDone, .moving, .beforeCommit].contains(place), jobs == 2 {
            #expect(isStaged, "\(place): nothing was staged, so nothing is tested")
          }
          // By one job, or by several: each removes what is left.
          try expectNight(place.rawValue, jobs == 2 ? 1 : 3, night, folder)
          try night.reset()
        }
      }
    }
  }

  private func kill(
    at place: Place, _ jobs: Int, _ night: NightUnderTest, _ folder: String
  ) throws {
    let struck = Struck()
    let proxy = try ProtocolProxy(server: night.cluster.host) { message, moment in
      guard place.isHere(message, moment), struck.strike() else { return .goOn }
      return .closeEverything
    }
    defer { proxy.stop() }
    let program = try night.program(folder, host: proxy.folder, options: ["--jobs", "\(jobs)"])
    struck.process.store(program.process, ordering: .sequentiallyConsistent)
    let ending = try program.end()
    proxy.drain()
    #expect(ending.code == 137, "\(place), \(jobs) jobs: \(ending.errors)")
    try night.waitForSessionsToEnd()
  }

  /// Kills a program once.
  private final class Struck: Sendable {
    let process = Atomic<Int32>(0)
    private let isDone = Atomic<Bool>(false)

    func strike() -> Bool {
      guard
        isDone.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent)
          .exchanged
      else { return false }
      while process.load(ordering: .sequentiallyConsistent) == 0 { usleep(100) }
      Glibc.kill(process.load(ordering: .sequentiallyConsistent), SIGKILL)
      return true
    }
  }

  /// A night that nothing disturbs, into a folder that another one has left.
  private func expectNight(
    _ place: String, _ jobs: Int, _ night: NightUnderTest, _ folder: String
  ) throws {
    let ending = try night.program(
      folder, host: night.cluster.host, options: ["--jobs", "\(jobs)"]
    ).end()
    #expect(ending.code == 3, "\(place): again: \(ending.errors)")
    let connection = try night.connect()
    let ledger = try LedgerState(connection, throughRun: 2)
    #expect(
      ledger == night.after,
      "\(place): another ledger\n\(ledger.difference(from: night.after!))")
    #expect(try LedgerInvariants.violations(connection) == [], "\(place)")
    try night.expectFiles(folder, place)
    #expect(try JobsFaultTests.stagedRows(night) == 0, "\(place): rows are left")
  }

  /// Rows that are staged and nobody's are removed, and never moved.
  @Test func whatIsStagedByOthersIsNotMoved() throws {
    let night = try NightUnderTest()
    try withFolder { folder in
      try night.connect().execute(
        """
        INSERT INTO redress.staged_credit_revision SELECT *, '1' FROM redress.credit_revision;
        INSERT INTO redress.staged_decision SELECT *, '1' FROM redress.decision;
        """)
      try expectNight("stale rows", 3, night, folder)
    }
  }

  /// Somebody deletes what the parts have staged before it is moved.
  @Test func whatIsNotThereAnyMoreIsAnError() throws {
    let night = try NightUnderTest()
    let gate = Gate()
    let proxy = try ProtocolProxy(server: night.cluster.host) { message, moment in
      if message.sender == .program, moment == .before, message.connection == 0,
        message.text.contains("INSERT INTO redress.decision")
      {
        gate.pass()
      }
      return .goOn
    }
    defer { proxy.stop() }
    try withFolder { folder in
      let program = try night.program(folder, host: proxy.folder, options: ["--jobs", "3"])
      gate.waitForArrival()
      try night.connect().execute("DELETE FROM redress.staged_credit_revision")
      gate.open()
      let ending = try program.end()
      #expect(ending.code == 1)
      #expect(
        ending.errors.contains(
          "rows that the run had staged for redress.credit_revision are not there any more"),
        "\(ending.errors)")
      #expect(try LedgerState(try night.connect(), throughRun: 2) == night.before)
      #expect(try NightUnderTest.names(folder) == [])
    }
  }

  /// The sessions that wait for a lock on what is staged.
  private static func waitingSessions(_ connection: borrowing Connection) throws -> [String] {
    try connection.textRows(
      """
      SELECT pid FROM pg_locks
      WHERE relation = 'redress.staged_credit_revision'::regclass AND NOT granted
      """
    ).compactMap { $0[0] }
  }

  /// - Returns: what `body` finds, once it finds something.
  private static func await<Found>(_ body: () throws -> Found?) throws -> Found {
    for _ in 0..<12_000 {
      if let found = try body() { return found }
      usleep(5_000)
    }
    throw NightUnderTest.SetupError(description: "waited in vain")
  }

  /// The server cancels a part in favour of another transaction: the run begins again and ends well.
  @Test func aPartThatIsCancelledBeginsAgain() throws {
    let night = try NightUnderTest()
    let holder = try night.connect()
    try holder.execute("BEGIN; LOCK TABLE redress.staged_credit_revision IN SHARE MODE")
    try withFolder { folder in
      let program = try night.program(
        folder, host: night.cluster.host, options: ["--jobs", "2"])
      // A part waits five seconds for a lock, and fails.
      func waiting() throws -> [String] { try JobsFaultTests.waitingSessions(holder) }
      let cancelled = try JobsFaultTests.await { try waiting().first }
      _ = try JobsFaultTests.await { try waiting().contains(cancelled) ? nil : true }
      try holder.execute("COMMIT")
      let ending = try program.end()
      #expect(ending.code == 3, "\(ending.errors)")
      #expect(ending.errors.contains("the run begins again"), "\(ending.errors)")
      #expect(try LedgerState(try night.connect(), throughRun: 2) == night.after)
      try night.expectFiles(folder, "again")
    }
  }
}
