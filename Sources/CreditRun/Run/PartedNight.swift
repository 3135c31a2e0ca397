import CreditLedger
import Glibc
import LedgerReports
import OutputFiles
import PolicyFiles
import Postgres
import ServiceCredits
import Synchronization

/// A night whose customers are calculated in several parts at once, each a range of ids.
///
/// The first part is the run's own: its thread calculates it, and its rows go straight into the ledger, in the run's
/// transaction. Each other part has a thread, sessions and a transaction of its own, and stages its rows. What the parts have
/// found is put together in their order, so that everything is as one process would have it.
struct PartedNight {
  let pass: Reconciliation
  let snapshot: Snapshot
  let plan: ReconciliationPlan
  /// At least two.
  let ranges: [CustomerRange]
  let mark: RunMark
  let folder: String
  /// Ends the waits of every session, so that no part works for nothing where another has failed.
  let recall: Recall

  /// A part was stopped because another one has failed.
  private struct Stopped: Error {}

  /// A part but the first one.
  private final class Worker {
    let range: CustomerRange
    let isLast: Bool
    let done = Atomic<Int>(0)
    let rows = Atomic<Int>(0)
    /// Set when its thread ends.
    var outcome: Result<FinishedPart, any Error>?

    init(_ range: CustomerRange, isLast: Bool) {
      self.range = range
      self.isLast = isLast
    }
  }

  /// What all parts use, and none changes.
  private struct Shared {
    let ground: NightGround
    let transferred: TransferredSubscriptions
    let relations: SourceRelations
  }

  // MARK: The whole

  /// - Parameters:
  ///   - reader: holds the snapshot.
  ///   - sink: takes the first part, and at the end the others.
  func run(
    _ reader: consuming Connection, sink: inout RunOutput, summary: inout RunSummary,
    stages: inout StageClock,
    progress: (Int, Int?) -> Void
  ) throws -> NightResult {
    // The session with the snapshot locks the relations first: it may wait longest.
    let relations = try SourceRelations(
      reader, withClaims: pass.request.policy.policy.readsClaims)
    let search = try TransferSearch(open: open)
    let ground = try pass.ground(reader, plan, open: open) { try sink.report($0) }
    let transferred = try ground.transferred(search, connection: reader)
    let shared = Shared(ground: ground, transferred: transferred, relations: relations)
    stages.end("catalogue")

    let workers = ranges.indices.dropFirst().map {
      Worker(ranges[$0], isLast: $0 == ranges.count - 1)
    }
    var threads: [WorkThread] = []
    var failures: [any Error] = []
    // Has the session with the snapshot, which other parts still join, until all of them have ended.
    var first: First?
    do {
      for worker in workers { threads.append(try start(worker, shared)) }
      var own = Progress()
      first = try runFirst(reader, shared, sink: &sink) { customers, rows in
        try check()
        own = Progress(customers: customers, rows: rows)
        own.tell(workers, progress)
      }
      while threads.contains(where: { !$0.isOver }) {
        try pass.interruption.check()
        own.tell(workers, progress)
        usleep(PartedNight.lookMicroseconds)
      }
    } catch {
      if !isStopped(error) { failures.append(error) }
      recall.send()
    }
    for thread in threads { thread.join() }
    let parts = try PartedNight.outcomes(of: workers, failures)
    guard let first = first.take() else {
      preconditionFailure("the first part has failed, or has come to its end")
    }
    let trace = NightTrace(first.night)
    try pass.interruption.check()
    stages.end("customers")
    try sink.finish(with: parts, told: trace.reportedIncidents)
    summary.add(first.counts)
    for part in parts { summary.add(part.reconciled) }
    return NightResult(ground, transferred, trace, parts)
  }

  /// How often it is looked whether the other parts have ended.
  private static let lookMicroseconds: UInt32 = 5_000

  /// - Parameter failures: of the first part.
  /// - Throws: the failure of the earliest part that has one of its own.
  private static func outcomes(
    of workers: [Worker], _ failures: [any Error]
  ) throws -> [FinishedPart] {
    var failures = failures
    var parts: [FinishedPart] = []
    for worker in workers {
      switch worker.outcome {
      case .success(let part): parts.append(part)
      case .failure(let error): if !(error is Stopped) { failures.append(error) }
      case nil: break
      }
    }
    if let failure = failures.first { throw failure }
    precondition(parts.count == workers.count, "a part fails, or comes to its end")
    return parts
  }

  /// What the first part has done.
  private struct Progress {
    var customers = 0
    var rows = 0

    /// Tells it together with what the others have done.
    func tell(_ workers: [Worker], _ progress: (Int, Int?) -> Void) {
      progress(
        workers.reduce(customers) { $0 + $1.done.load(ordering: .relaxed) },
        workers.reduce(rows) { $0 + $1.rows.load(ordering: .relaxed) })
    }
  }

  private func openSession() throws -> Connection {
    let connection = try pass.interruption.connect(pass.request.target)
    connection.heed(recall)
    return connection
  }

  private func open() throws -> Connection { try snapshot.another { try openSession() } }

  /// Whether the error comes from another part's failure.
  private func isStopped(_ error: any Error) -> Bool {
    guard recall.isSent else { return false }
    switch error {
    case let error as PostgresError: return error.kind == .cancelled
    // The session with the snapshot was closed when the first part was stopped.
    case ReadingError.snapshotEnded: return true
    default: return error is Stopped
    }
  }

  private func check() throws {
    try pass.interruption.check()
    if recall.isSent { throw Stopped() }
  }

  // MARK: The first part

  /// The first part, once it is calculated.
  private struct First: ~Copyable {
    let night: ReconciliationContext
    let counts: ReconciledCounts
  }

  private func runFirst(
    _ reader: consuming Connection, _ shared: Shared, sink: inout RunOutput,
    tick: (Int, Int) throws -> Void
  ) throws -> First {
    reader.heed(recall)
    let streams = try streams(ranges[0], reader, shared)
    var night = try context(reader, shared, ranges[0])
    sink.carryForward(
      before: shared.ground.reach.carriedBefore, after: shared.ground.reach.ledger.newest)
    var customers = CustomerPass(plan)
    try customers.run(streams, &night, sink: &sink, tick: tick)
    try customers.lookUp(night, sink: &sink)
    return First(night: night, counts: customers.counts)
  }

  // MARK: Another part

  private func start(_ worker: Worker, _ shared: Shared) throws(LedgerError) -> WorkThread {
    try WorkThread {
      do {
        worker.outcome = .success(try work(worker, shared))
      } catch {
        worker.outcome = .failure(isStopped(error) ? Stopped() : error)
        recall.send()
      }
    }
  }

  private func work(_ worker: Worker, _ shared: Shared) throws -> FinishedPart {
    let reader = try open()
    let streams = try streams(worker.range, reader, shared)
    var night = try context(reader, shared, worker.range)
    let connection = try openSession()
    try connection.begin(.writing, lockTimeoutSeconds: Snapshot.furtherWaitSeconds)
    let number = try StagedParts.number(connection)
    var output = RunOutput(
      writer: LedgerWriter(connection: connection, into: .staging, heeding: recall),
      creditsFile: try AtomicFile(unnamedFor: "credits", in: folder),
      linesFile: try AtomicFile(unnamedFor: "invoice-lines", in: folder), findingsFile: nil,
      mark: mark, posting: RunPosting(asOf: plan.asOf, closed: plan.closed),
      policy: pass.request.policy.policy)
    output.carryForward(
      before: shared.ground.reach.carriedBefore, after: shared.ground.reach.ledger.newest)
    var customers = CustomerPass(plan)
    func tick(_ done: Int, _ rows: Int) throws {
      try check()
      worker.done.store(done, ordering: .relaxed)
      worker.rows.store(rows, ordering: .relaxed)
    }
    try customers.run(streams, &night, sink: &output, tick: tick)
    if worker.isLast {
      // What has no customer comes after all of them.
      let rest = try SourceStreams(
        connection: night.connection, catalogue: shared.ground.catalogue, scope: .nobody,
        since: shared.ground.reach.earliest, ledger: shared.ground.reach.ledger,
        relations: shared.relations, open: open)
      try customers.run(rest, &night, sink: &output) { _, _ in }
    }
    try customers.lookUp(night, sink: &output)
    let counts = try output.sendAll()
    let writer = output.writer.takeConnection()
    try writer.commit()
    return output.finished(
      number: number, counts: counts, reconciled: customers.counts, trace: NightTrace(night))
  }

  private func streams(
    _ range: CustomerRange, _ connection: borrowing Connection, _ shared: Shared
  ) throws -> SourceStreams {
    try SourceStreams(
      connection: connection, catalogue: shared.ground.catalogue, scope: .range(range),
      since: shared.ground.reach.earliest, ledger: shared.ground.reach.ledger,
      relations: shared.relations, open: open)
  }

  private func context(
    _ connection: consuming Connection, _ shared: Shared, _ range: CustomerRange
  ) throws -> ReconciliationContext {
    try shared.ground.context(
      connection, transferred: shared.transferred, scope: .range(range),
      keyProbe: KeyProbe(open: openSession))
  }
}
