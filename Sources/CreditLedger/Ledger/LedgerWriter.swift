public import Postgres

/// Appends credits, decisions, invoice lines and findings in key order, through COPY, in the caller's
/// transaction.
///
/// Full buffers go to a thread that sends them (``LedgerSender``), so that calculating and
/// inserting overlap. If a writer is dropped before ``sendAll()`` has returned, it closes the
/// connection, and the transaction is rolled back.
public struct LedgerWriter: ~Copyable {
  public let credits = CopyRowBuffer(capacity: LedgerWriter.creditBytes + 4096)
  public let decisions = CopyRowBuffer(capacity: 4096)
  public let lines = CopyRowBuffer(capacity: LedgerWriter.lineBytes + 4096)
  public let findings = CopyRowBuffer(capacity: 4096)
  public let carried = CopyRowBuffer(capacity: 4096)
  public private(set) var creditRows = 0
  public private(set) var lineRows = 0
  public private(set) var findingRows = 0
  public private(set) var carriedRows = 0

  /// Set before the first parcel and after everything is sent.
  private var connection: Connection?
  /// Started with the first parcel, because most runs change nothing.
  private var sender: LedgerSender?
  private let destination: LedgerDestination
  private let recall: Recall?

  private static let creditBytes = 128 << 10
  /// Larger than for credits, because the server needs some time to end a COPY and begin another.
  private static let lineBytes = 2 << 20
  /// Some 60,000 keys. As long as none was sent, they may still be dropped.
  private static let carriedBytes = 4 << 20

  /// - Parameters:
  ///   - connection: inside a transaction.
  ///   - recall: ends the waits of the connection, whichever thread has it.
  public init(
    connection: consuming Connection, into destination: LedgerDestination = .ledger,
    heeding recall: Recall? = nil
  ) {
    self.connection = consume connection
    self.destination = destination
    self.recall = recall
    sender = nil
  }

  deinit {
    sender?.stop()
  }

  /// Passes full buffers to the sender. Call between rows.
  /// - Throws: the error of rows that were passed earlier.
  @inline(__always)
  public mutating func flushIfFull() throws {
    if credits.count >= LedgerWriter.creditBytes { try handCredits() }
    if decisions.count >= LedgerWriter.lineBytes { try handDecisions() }
    if lines.count >= LedgerWriter.lineBytes { try handLines() }
    if findings.count >= LedgerWriter.creditBytes { try handFindings() }
    if carried.count >= LedgerWriter.carriedBytes { try handCarried() }
  }

  /// Stores frozen evidence that concerns single customers, each content once.
  /// - Parameter digests: SHA-256 in hexadecimal.
  public mutating func insertEvidence(
    customers: [String], digests: [String], contents: [String]
  ) throws {
    try startedSender().hand(
      EvidenceBatch(customers: customers, digests: digests, contents: contents))
  }

  /// Sends everything and waits until it is inserted.
  /// - Throws: the first error of the sender.
  public mutating func sendAll() throws {
    try handCredits()
    try handDecisions()
    try handLines()
    try handFindings()
    try handCarried()
    if let sender = sender.take() { connection = try sender.end() }
  }

  /// Returns the connection, still inside its transaction.
  /// - Precondition: everything was sent.
  public mutating func takeConnection() -> Connection {
    guard let connection = connection.take() else {
      preconditionFailure("the connection is back once everything is sent")
    }
    return connection
  }

  private mutating func handCredits() throws {
    guard !credits.isEmpty else { return }
    creditRows += credits.rows
    try startedSender().hand(.credits, credits)
  }

  private mutating func handDecisions() throws {
    guard !decisions.isEmpty else { return }
    try startedSender().hand(.decisions, decisions)
  }

  private mutating func handLines() throws {
    guard !lines.isEmpty else { return }
    lineRows += lines.rows
    try startedSender().hand(.lines, lines)
  }

  private mutating func handFindings() throws {
    guard !findings.isEmpty else { return }
    findingRows += findings.rows
    try startedSender().hand(.findings, findings)
  }

  /// Drops what is to be carried forward, because an earlier run has carried the same forward.
  /// - Precondition: none of it was sent.
  public mutating func dropCarried() {
    precondition(carriedRows == 0, "what was sent stays")
    carried.removeAll()
  }

  private mutating func handCarried() throws {
    guard !carried.isEmpty else { return }
    carriedRows += carried.rows
    try startedSender().hand(.carried, carried)
  }

  private mutating func startedSender() throws -> LedgerSender {
    if let sender { return sender }
    guard let connection = connection.take() else {
      preconditionFailure("nothing is written once everything is sent")
    }
    let sender = try LedgerSender(
      connection: connection, into: destination, heeding: recall)
    self.sender = sender
    return sender
  }
}
