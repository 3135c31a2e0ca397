public import Postgres
import RedressSQL

/// Appends credits, invoice lines and findings in key order, through COPY, in the caller's transaction.
///
/// One connection takes one COPY at a time. Credits go out as they come; lines and findings wait, up to a bound, and
/// are sent between two COPYs of credits.
public struct LedgerWriter: ~Copyable {
  public let credits = CopyRowBuffer(capacity: LedgerWriter.creditBytes + 4096)
  public let lines = CopyRowBuffer(capacity: LedgerWriter.waitingBytes / 4)
  public let findings = CopyRowBuffer(capacity: 4096)
  public private(set) var creditRows = 0
  public private(set) var lineRows = 0
  public private(set) var findingRows = 0

  /// Outside of a COPY.
  private var connection: Connection?
  /// The open COPY of credits.
  private var creditCopy: CopyWriter?

  private static let creditBytes = 64 << 10
  private static let waitingBytes = 4 << 20

  /// - Parameter connection: inside a transaction.
  public init(connection: consuming Connection) {
    self.connection = consume connection
    creditCopy = nil
  }

  /// Sends what is due. Call between rows.
  @inline(__always)
  public mutating func flushIfFull() throws(PostgresError) {
    if credits.count >= LedgerWriter.creditBytes { try sendCredits() }
    if lines.count >= LedgerWriter.waitingBytes { try sendWaiting() }
    if findings.count >= LedgerWriter.waitingBytes { try sendWaiting() }
  }

  /// Stores frozen source rows that concern single customers, once per content.
  /// - Parameter digests: SHA-256 in hexadecimal.
  public mutating func insertEvidence(
    customers: [String], digests: [String], contents: [String]
  ) throws {
    try sendWaiting()
    guard let connection = connection.take() else { preconditionFailure("no COPY is open") }
    try connection.query(
      RedressSQL.Query.insertEvidence.text,
      [.textArray(customers), .textArray(digests), .textArray(contents)])
    self.connection = consume connection
  }

  /// Sends everything.
  public mutating func sendAll() throws(PostgresError) {
    try sendCredits()
    try sendWaiting()
  }

  /// Gives the connection back, still inside its transaction.
  /// - Precondition: everything was sent.
  public mutating func takeConnection() -> Connection {
    guard let connection = connection.take() else {
      preconditionFailure("no COPY is open once everything is sent")
    }
    return connection
  }

  private mutating func sendCredits() throws(PostgresError) {
    guard !credits.isEmpty else { return }
    if creditCopy == nil {
      guard let connection = connection.take() else {
        preconditionFailure("the connection is either in a COPY or outside of one")
      }
      creditCopy = try connection.copyIn(RedressSQL.Query.copyCredits.text)
    }
    creditRows += credits.rows
    try creditCopy!.put(credits)
    credits.removeAll()
  }

  private mutating func sendWaiting() throws(PostgresError) {
    if let copy = creditCopy.take() {
      connection = try copy.finish()
    }
    try send(lines, RedressSQL.Query.copyLines.text)
    try send(findings, RedressSQL.Query.copyFindings.text)
  }

  private mutating func send(_ rows: CopyRowBuffer, _ sql: String) throws(PostgresError) {
    guard !rows.isEmpty else { return }
    if rows === lines { lineRows += rows.rows } else { findingRows += rows.rows }
    guard let free = connection.take() else {
      preconditionFailure("no COPY is open")
    }
    var copy = try free.copyIn(sql)
    try copy.put(rows)
    connection = try copy.finish()
    rows.removeAll()
  }
}
