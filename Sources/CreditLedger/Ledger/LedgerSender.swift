import Glibc
import Postgres

/// Sends parcels to the ledger in the order in which they are handed over, on a thread of its own: while one is being
/// inserted the next is calculated, and the server need not wait for rows.
///
/// The connection is the thread's until ``end()`` gives it back. What goes wrong there is thrown to who hands over the
/// next parcel, or ends; the thread sends nothing after it. Nothing here commits.
final class LedgerSender {
  private let monitor = Monitor()
  private let recall = Recall()
  private var thread = pthread_t()
  private var isJoined = false
  /// Before the thread begins and, where all went well, after its end.
  private var connection: Connection?

  // Looked at and changed inside the monitor only.
  private var parcels: [LedgerBatch] = []
  private var spares = [[CopyRowBuffer]](repeating: [], count: LedgerRelation.allCases.count)
  /// Of the parcels that are not sent, the one that is under way included.
  private var bytes = 0
  private var isClosed = false
  private var failure: (any Error)?

  /// How much may wait. It lasts the server for some 50 ms, in which the other threads of the machine have had their
  /// turns.
  private static let waitingBytes = 4 << 20

  /// - Parameter connection: inside a transaction.
  /// - Throws: `LedgerError.noThread`.
  init(connection: consuming Connection) throws(LedgerError) {
    connection.heed(recall)
    self.connection = consume connection
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<LedgerSender>.fromOpaque(context!).takeRetainedValue().work()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      isJoined = true
      throw .noThread(code: status)
    }
  }

  deinit {
    precondition(isJoined, "a sender is ended or stopped")
  }

  // MARK: Who calculates

  /// Takes the rows out of `rows`, which is empty and has room again.
  func hand(_ relation: LedgerRelation, _ rows: CopyRowBuffer) throws {
    try monitor.inside {
      try waitForRoom(rows.count)
      let parcel = spares[relation.rawValue].popLast() ?? CopyRowBuffer(capacity: rows.count)
      parcel.exchange(with: rows)
      append(.rows(relation, parcel))
    }
  }

  func hand(_ batch: EvidenceBatch) throws {
    let parcel = LedgerBatch.evidence(batch)
    try monitor.inside {
      try waitForRoom(parcel.byteCount)
      append(parcel)
    }
  }

  /// Waits until everything is sent.
  /// - Returns: the connection, still inside its transaction.
  /// - Throws: what went wrong with any parcel; the connection is closed then.
  func end() throws -> Connection {
    monitor.inside {
      isClosed = true
      monitor.notify()
    }
    join()
    if let failure { throw failure }
    guard let connection = connection.take() else {
      preconditionFailure("a thread that did not fail gives the connection back")
    }
    return connection
  }

  /// Ends the thread without waiting for the server, and drops the connection and with it the transaction. In place of
  /// ``end()``.
  func stop() {
    monitor.inside {
      recall.send()
      monitor.notify()
    }
    join()
  }

  private func waitForRoom(_ count: Int) throws {
    // A parcel that is larger than all the room goes alone.
    while failure == nil, bytes > 0, bytes + count > LedgerSender.waitingBytes { monitor.wait() }
    if let failure { throw failure }
  }

  private func append(_ parcel: LedgerBatch) {
    parcels.append(parcel)
    bytes += parcel.byteCount
    monitor.notify()
  }

  private func join() {
    guard !isJoined else { return }
    pthread_join(thread, nil)
    isJoined = true
  }

  // MARK: The thread

  private func work() {
    do {
      try sendParcels()
    } catch {
      monitor.inside {
        failure = error
        monitor.notify()
      }
    }
  }

  private func sendParcels() throws {
    guard let connection = connection.take() else {
      preconditionFailure("the thread is given a connection")
    }
    var copies = LedgerCopies(connection: connection)
    while let parcel = next() {
      try copies.send(parcel)
      finish(parcel)
    }
    guard !recall.isSent else { return }
    self.connection = try copies.finish()
  }

  /// `nil` where none will come, or none is wanted any more.
  private func next() -> LedgerBatch? {
    monitor.inside {
      while parcels.isEmpty, !isClosed, !recall.isSent { monitor.wait() }
      return recall.isSent || parcels.isEmpty ? nil : parcels.removeFirst()
    }
  }

  private func finish(_ parcel: LedgerBatch) {
    monitor.inside {
      bytes -= parcel.byteCount
      if case .rows(let relation, let rows) = parcel {
        rows.removeAll()
        spares[relation.rawValue].append(rows)
      }
      monitor.notify()
    }
  }
}
