public import Postgres

/// Appends credits, invoice lines and findings in key order, through COPY, in the caller's transaction.
///
/// What is due goes to a thread that sends it (``LedgerSender``), so that calculating and inserting overlap. A writer
/// that is dropped before ``sendAll()`` has returned drops the connection, and the transaction with it.
public struct LedgerWriter: ~Copyable {
  public let credits = CopyRowBuffer(capacity: LedgerWriter.creditBytes + 4096)
  public let lines = CopyRowBuffer(capacity: LedgerWriter.lineBytes + 4096)
  public let findings = CopyRowBuffer(capacity: 4096)
  public let carried = CopyRowBuffer(capacity: 4096)
  public private(set) var creditRows = 0
  public private(set) var lineRows = 0
  public private(set) var findingRows = 0
  public private(set) var carriedRows = 0

  /// Before the first parcel, and once everything is sent.
  private var connection: Connection?
  /// From the first parcel on: most nights change nothing.
  private var sender: LedgerSender?

  private static let creditBytes = 128 << 10
  /// More than of credits: each COPY that ends for another to begin costs the server a while.
  private static let lineBytes = 2 << 20

  /// - Parameter connection: inside a transaction.
  public init(connection: consuming Connection) {
    self.connection = consume connection
    sender = nil
  }

  deinit {
    sender?.stop()
  }

  /// Hands over what is due. Call between rows.
  /// - Throws: what went wrong with rows that were handed over earlier.
  @inline(__always)
  public mutating func flushIfFull() throws {
    if credits.count >= LedgerWriter.creditBytes { try handCredits() }
    if lines.count >= LedgerWriter.lineBytes { try handLines() }
    if findings.count >= LedgerWriter.creditBytes { try handFindings() }
    if carried.count >= LedgerWriter.creditBytes { try handCarried() }
  }

  /// Stores frozen source rows that concern single customers, once per content.
  /// - Parameter digests: SHA-256 in hexadecimal.
  public mutating func insertEvidence(
    customers: [String], digests: [String], contents: [String]
  ) throws {
    try startedSender().hand(
      EvidenceBatch(customers: customers, digests: digests, contents: contents))
  }

  /// Sends everything, and waits for it.
  public mutating func sendAll() throws {
    try handCredits()
    try handLines()
    try handFindings()
    try handCarried()
    if let sender = sender.take() { connection = try sender.end() }
  }

  /// Gives the connection back, still inside its transaction.
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
    let sender = try LedgerSender(connection: connection)
    self.sender = sender
    return sender
  }
}
