import Glibc
import Postgres
import SeededRandom
import Synchronization
import TestSupport
import Testing

/// A fault is caused at every message between the program and its server, just before and just
/// after the message is passed on.
///
/// The ordinary test run takes everything around COMMIT and a sample of the rest, which is the same
/// for the same seed. `make soak` takes everything.
@Suite(.serialized)
struct CrashMatrixTests {
  struct Case: CustomStringConvertible {
    let fault: Fault
    let message: ProtocolProxy.Message
    let moment: ProtocolProxy.Moment
    let phase: Phase

    var isAroundCommit: Bool { phase == .sendingCommit || phase == .awaitingAnswer }

    var description: String { "\(fault.rawValue) \(moment.rawValue) \(message)" }
  }

  private static let isComplete = getenv("REDRESS_SOAK") != nil
  private static let seconds =
    getenv("REDRESS_FAULT_SECONDS").flatMap { Int(String(cString: $0)) } ?? 40
  private static let seed =
    getenv("REDRESS_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_261_102
  /// `REDRESS_SHARD=2/8` takes the second eighth, so that a long soak can be divided.
  private static let share: (number: Int, count: Int) = {
    let parts = getenv("REDRESS_SHARD").map { String(cString: $0).split(separator: "/") } ?? []
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]),
      1...max(count, 1) ~= number
    else { return (1, 1) }
    return (number, count)
  }()

  @Test func disturbedAtAnyMessage() throws {
    let night = try NightUnderTest()
    let cases = CrashMatrixTests.part(of: CrashMatrixTests.cases(night.messages))
    let clock = ContinuousClock()
    let start = clock.now
    var seen: [Fault: [Phase: Set<Outcome>]] = [:]
    var count = 0
    for item in cases {
      let isLate = clock.now - start > .seconds(CrashMatrixTests.seconds)
      if isLate, !CrashMatrixTests.isComplete, !item.isAroundCommit { break }
      guard let outcome = try play(item, on: night) else { continue }
      count += 1
      seen[item.fault, default: [:]][item.phase, default: []].insert(outcome)
      #expect(
        FaultMatrix.allowed(item.fault, item.phase).contains(outcome), "\(item): \(outcome)")
    }
    print(
      "crash matrix: \(count) of \(cases.count) faults, seed \(CrashMatrixTests.seed), \(clock.now - start)"
    )
    guard CrashMatrixTests.isComplete, CrashMatrixTests.share.count == 1 else { return }
    // Every outcome on the page occurs; of two possible outcomes at least one.
    for fault in Fault.allCases {
      for phase in Phase.allCases where !FaultMatrix.allowed(fault, phase).isEmpty {
        #expect(seen[fault]?[phase] != nil, "\(fault) at \(phase) never happened")
      }
    }
  }

  /// Messages around COMMIT first, then the others in random order.
  private static func cases(_ messages: [ProtocolProxy.Message]) -> [Case] {
    var generator = SeededGenerator(seed: seed)
    var cases: [Case] = []
    for message in steps(messages) {
      for moment in ProtocolProxy.Moment.allCases {
        let phase = Phase(of: message, moment, in: messages)
        for fault in Fault.allCases where !FaultMatrix.allowed(fault, phase).isEmpty {
          cases.append(Case(fault: fault, message: message, moment: moment, phase: phase))
        }
      }
    }
    cases.shuffle(using: &generator)
    let first = cases.filter(\.isAroundCommit)
    let others = cases.filter { !$0.isAroundCommit }
    if isComplete { return first + others }
    // These take seconds each and would leave no time for the others.
    return first
      + others.filter {
        ![.restartServer, .stall].contains($0.fault) || generator.next() % 8 == 0
      }
  }

  private static func part(of cases: [Case]) -> [Case] {
    cases.indices.filter { $0 % share.count == share.number - 1 }.map { cases[$0] }
  }

  /// Of long sequences of rows, only the first, the second and the last.
  private static func steps(_ messages: [ProtocolProxy.Message]) -> [ProtocolProxy.Message] {
    messages.indices.filter { index in
      guard index > 1, index + 1 < messages.count, "Dd".contains(messages[index].kind) else {
        return true
      }
      let neighbours = [messages[index - 2], messages[index - 1], messages[index + 1]]
      return neighbours.contains {
        $0.kind != messages[index].kind || $0.connection != messages[index].connection
          || $0.sender != messages[index].sender
      }
    }.map { messages[$0] }
  }

  // MARK: One fault

  /// - Returns: `nil` if the fault cannot happen at the message.
  private func play(_ item: Case, on night: NightUnderTest) throws -> Outcome? {
    try withFolder { folder in
      let trap = try Trap(item, night)
      let program = try night.program(
        folder, host: trap.proxy.folder, options: ["--io-timeout", "1"])
      trap.process.store(program.process, ordering: .sequentiallyConsistent)
      let ending = try program.end()
      trap.proxy.drain()
      trap.proxy.stop()
      if let failure = trap.failure { throw failure }
      try night.waitForSessionsToEnd()
      guard trap.hasStruck else {
        try night.reset()
        return nil
      }
      let outcome = try judge(ending, item, folder, night)
      try repeatNight(item, folder, night)
      try night.reset()
      return outcome
    }
  }

  private func judge(
    _ ending: Program.Ending, _ item: Case, _ folder: String, _ night: NightUnderTest
  ) throws -> Outcome {
    let ledger = try LedgerState(try night.connect(), throughRun: 2)
    let isRecorded = ledger == night.after
    #expect(
      isRecorded || ledger == night.before,
      "\(item): half of a run\n\(ledger.difference(from: night.before!))")
    let files = try NightUnderTest.read(folder)
    for (name, content) in files {
      #expect(content == night.contents[name], "\(item): \(name)")
      #expect(isRecorded, "\(item): \(name) of a run that is not there")
    }
    switch ending.code {
    case 1:
      #expect(!isRecorded, "\(item): says that nothing was written\n\(ending.errors)")
      // A program that was not killed removes its files.
      #expect(try NightUnderTest.names(folder) == [], "\(item)")
      return .nothing
    case 3:
      #expect(isRecorded, "\(item): says that it is done\n\(ending.errors)")
      #expect(try NightUnderTest.names(folder).sorted() == NightUnderTest.files, "\(item)")
      return .everything
    case 137 where item.fault == .kill:
      return isRecorded ? .everythingUnsaid : .nothing
    default:
      Issue.record("\(item): exit code \(ending.code)\n\(ending.errors)")
      return isRecorded ? .everything : .nothing
    }
  }

  /// Runs the night again without a fault in the same folder: the same ledger and the same files.
  private func repeatNight(_ item: Case, _ folder: String, _ night: NightUnderTest) throws {
    let ending = try night.program(folder, host: night.cluster.host).end()
    #expect(ending.code == 3, "\(item): again: exit code \(ending.code)\n\(ending.errors)")
    let connection = try night.connect()
    let ledger = try LedgerState(connection, throughRun: 2)
    #expect(
      ledger == night.after,
      "\(item): another ledger after a repetition\n\(ledger.difference(from: night.after!))")
    #expect(try LedgerInvariants.violations(connection) == [], "\(item)")
    try night.expectFiles(folder, "\(item)")
  }
}

/// A proxy that causes one fault at one message.
private final class Trap: Sendable {
  /// The program's process id, once it runs.
  let process = Atomic<Int32>(0)
  private let struck = Atomic<Bool>(false)
  private let failures = Mutex<[any Error]>([])
  private let start: Mutex<ProtocolProxy?> = Mutex(nil)

  var proxy: ProtocolProxy { start.withLock { $0! } }
  var hasStruck: Bool { struck.load(ordering: .sequentiallyConsistent) }
  var failure: (any Error)? { failures.withLock { $0.first } }

  init(_ item: CrashMatrixTests.Case, _ night: NightUnderTest) throws {
    let cluster = night.cluster
    let administrator = cluster.target("postgres")
    let proxy = try ProtocolProxy(server: cluster.host) { [weak self] message, moment in
      guard let self, moment == item.moment, message.isSame(as: item.message),
        !struck.load(ordering: .sequentiallyConsistent)
      else { return .goOn }
      do {
        return try strike(item.fault, message, cluster, administrator)
      } catch {
        failures.withLock { $0.append(error) }
        return .closeEverything
      }
    }
    start.withLock { $0 = proxy }
  }

  private func strike(
    _ fault: Fault, _ message: ProtocolProxy.Message, _ cluster: PrivateCluster,
    _ administrator: ConnectionTarget
  ) throws -> ProtocolProxy.Verdict {
    switch fault {
    case .kill:
      while process.load(ordering: .sequentiallyConsistent) == 0 { usleep(100) }
      Glibc.kill(process.load(ordering: .sequentiallyConsistent), SIGKILL)
    case .terminateBackend:
      // Before the server has sent its process id, it cannot be ended.
      guard let backend = proxy.backend(of: message.connection) else { return .goOn }
      let connection = try Connection(administrator)
      try connection.execute("SELECT pg_terminate_backend(\(backend))")
      while try connection.textRows("SELECT FROM pg_stat_activity WHERE pid = \(backend)").count > 0
      {
        usleep(1_000)
      }
    case .restartServer:
      try cluster.stopImmediately()
      try cluster.start()
    case .closeConnection, .stall, .partition: break
    }
    struck.store(true, ordering: .sequentiallyConsistent)
    switch fault {
    case .kill: return .closeEverything
    case .terminateBackend, .restartServer: return .goOn
    case .closeConnection: return .closeConnection
    case .stall: return .stall
    case .partition: return .partition
    }
  }
}
