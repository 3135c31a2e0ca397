import Postgres

/// Sends parcels to the ledger on its own thread, in the order in which they are passed. While one
/// parcel is inserted, the next is calculated.
///
/// The thread owns the connection until ``end()`` returns it. After an error the thread sends
/// nothing more. The error is thrown to the caller of the next `hand` or of `end`. Nothing here
/// commits.
final class LedgerSender {
  private let monitor = Monitor()
  private let recall: Recall
  private let destination: LedgerDestination
  private var thread: WorkThread?
  /// Set before the thread begins and, if there was no error, after its end.
  private var connection: Connection?

  // Read and changed only inside the monitor.
  private var parcels: [LedgerBatch] = []
  private var spares = [[CopyRowBuffer]](repeating: [], count: LedgerRelation.allCases.count)
  /// Bytes of the parcels that are not sent yet, including the one being sent.
  private var bytes = 0
  private var isClosed = false
  private var failure: (any Error)?

  /// The most bytes that may wait. The server needs some 50 ms for them, in which other threads of
  /// the machine can run.
  private static let waitingBytes = 4 << 20

  /// - Parameters:
  ///   - connection: inside a transaction.
  ///   - outer: what ends the waits of the connection besides ``stop()``.
  /// - Throws: `LedgerError.noThread`.
  init(
    connection: consuming Connection, into destination: LedgerDestination,
    heeding outer: Recall? = nil
  ) throws(LedgerError) {
    recall = Recall(within: outer)
    self.destination = destination
    connection.heed(recall)
    self.connection = consume connection
    thread = try WorkThread { self.work() }
  }

  // MARK: Who calculates

  /// Takes the rows out of `rows`, which is empty afterwards. Waits if too many bytes wait already.
  /// - Throws: the error of an earlier parcel.
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
  /// - Throws: the error of any parcel; the connection is closed then.
  func end() throws -> Connection {
    monitor.inside {
      isClosed = true
      monitor.notify()
    }
    thread?.join()
    if let failure { throw failure }
    guard let connection = connection.take() else {
      preconditionFailure("a thread that did not fail gives the connection back")
    }
    return connection
  }

  /// Ends the thread without waiting for the server, instead of ``end()``. Closes the connection,
  /// and the transaction is rolled back.
  func stop() {
    monitor.inside {
      recall.send()
      monitor.notify()
    }
    thread?.join()
  }

  private func waitForRoom(_ count: Int) throws {
    // A parcel that is larger than the limit is sent alone.
    while failure == nil, bytes > 0, bytes + count > LedgerSender.waitingBytes { monitor.wait() }
    if let failure { throw failure }
  }

  private func append(_ parcel: LedgerBatch) {
    parcels.append(parcel)
    bytes += parcel.byteCount
    monitor.notify()
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
    var copies = LedgerCopies(connection: connection, into: destination)
    while let parcel = next() {
      try copies.send(parcel)
      finish(parcel)
    }
    try recall.check()
    self.connection = try copies.finish()
  }

  /// `nil` if no parcel will follow, or after ``stop()``.
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
