import CreditLedger
import Glibc
import Postgres
import ServiceCredits
import TestSupport
import Testing

/// Rows go to the ledger through a separate thread: all of them, in order, or none.
@Suite struct LedgerWriterTests {
  private static let usd = Currency("USD")!
  private static let month = BillingMonth(daysSinceUnixEpoch: 20_727)

  /// Begins the transaction of a run.
  private func begin(_ target: ConnectionTarget) throws -> Connection {
    let connection = try Connection(target)
    try connection.execute("BEGIN")
    return connection
  }

  private func addLine(_ writer: borrowing LedgerWriter, _ number: Int, amountMinor: Int64 = -5) {
    let customer = Array("cus_\(10_000_000 + number)".utf8)
    customer.withUnsafeBytes { id in
      writer.lines.appendLine(
        customerId: id, subscriptionId: id, incidentId: id, month: LedgerWriterTests.month,
        currency: LedgerWriterTests.usd, number: 1, runId: 1, invoiceId: id,
        amountMinor: amountMinor)
    }
  }

  private func addCredit(
    _ writer: borrowing LedgerWriter, _ number: Int, decision: Int32 = 1
  ) {
    let customer = Array("cus_\(10_000_000 + number)".utf8)
    guard let revision = Revision(bringing: nil, to: 5, isReconciled: true) else {
      preconditionFailure("a grant")
    }
    customer.withUnsafeBytes { id in
      CreditRow(
        customerId: id, subscriptionId: id, incidentId: id, month: LedgerWriterTests.month,
        currency: LedgerWriterTests.usd, revision: revision, linesThrough: 1, runId: 1,
        percent: BasisPoints(1000), parts: .zero, firstInstant: Instant(microseconds: 1),
        decision: decision,
        feeMicros: 100_000_000, billedMicros: nil, customerName: id, customerTier: id,
        invoiceId: number % 3 == 0 ? id : nil, reason: nil, terms: nil, customerEvidence: nil
      ).append(to: writer.credits)
    }
  }

  /// Adds a decision that differs from others by its counted time, and gives its number.
  private func addDecision(
    _ rows: CopyRowBuffer, _ numbers: inout DecisionNumbers, counted: Int64
  ) -> Int32 {
    let name = Array("name".utf8)
    return name.withUnsafeBytes { id in
      let decision = DecisionRow(
        percentBeforeCap: BasisPoints(1000), countedMicroseconds: counted,
        basis: DecisionRow.Basis(
          serviceId: id, plan: id, severity: .p0, outageEnd: Instant(microseconds: 8),
          longerThanMicroseconds: 6, clause: nil, downtimeMicroseconds: nil,
          periodMicroseconds: nil, policyVersion: id, timeZone: id))
      return numbers.number(of: decision) { fields, number in
        rows.appendDecision(fields, runId: 1, number: number)
      }.number
    }
  }

  private func addFinding(_ writer: borrowing LedgerWriter, _ ordinal: Int) {
    let finding = Finding(.incident(Array("INC-\(ordinal)".utf8)), .openAgain)
    let cells = [
      finding.code.rawValue, finding.relation, finding.key.text, finding.problem, finding.remedy,
    ]
    let text = Array(cells.joined().utf8)
    text.withUnsafeBytes { text in
      var start = 0
      writer.findings.appendFinding(
        cells: cells.map { cell in
          defer { start += cell.utf8.count }
          return UnsafeRawBufferPointer(rebasing: text[start..<start + cell.utf8.count])
        }, runId: 1, ordinal: Int32(ordinal), acceptance: nil)
    }
  }

  /// The number of other sessions, after waiting for those that are ending.
  private func sessionsLeft(_ database: TestDatabase) throws -> String? {
    let connection = try database.connect()
    let sql = """
      SELECT count(*) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()
      """
    for _ in 0..<200 {
      if try connection.textRows(sql) == [["0"]] { return "0" }
      usleep(10_000)
    }
    return try connection.textRows(sql)[0][0]
  }

  @Test func everythingArrivesInItsOrder() throws {
    let database = try LedgerDatabase().database
    var writer = LedgerWriter(connection: try begin(database.target))
    // Several parcels of each kind, so that COPY changes between relations again and again.
    let count = 60_000
    var numbers = DecisionNumbers()
    for number in 0..<count {
      let decision = addDecision(writer.decisions, &numbers, counted: Int64(number / 3))
      addCredit(writer, number, decision: decision)
      addLine(writer, number)
      if number % 10 == 0 { addFinding(writer, number / 10 + 1) }
      if number % 20_000 == 7 {
        try writer.insertEvidence(
          customers: ["cus_\(number)"], digests: [String(repeating: "a7", count: 32)],
          contents: ["seen"])
      }
      try writer.flushIfFull()
    }
    try writer.sendAll()
    #expect(writer.creditRows == count)
    #expect(writer.lineRows == count)
    #expect(writer.findingRows == count / 10)
    let connection = writer.takeConnection()
    #expect(connection.transactionStatus == .inTransaction)
    #expect(try database.value("SELECT count(*) FROM redress.credit") == "0")
    try connection.execute("COMMIT")

    let inOrder = { (relation: String, key: String) in
      """
      SELECT format('%s, %s out of order', count(*), count(*) FILTER (WHERE later.\(key) <= later.before))
        FROM (SELECT \(key), lag(\(key)) OVER (ORDER BY ctid) AS before FROM redress.\(relation)) AS later
      """
    }
    #expect(
      try database.value(inOrder("credit_revision", "customer_id"))
        == "\(count), 0 out of order")
    #expect(
      try database.value(inOrder("invoice_line", "customer_id")) == "\(count), 0 out of order")
    #expect(
      try database.value(inOrder("decision", "number")) == "\(count / 3), 0 out of order")
    // Each credit has the decision that it was written with.
    #expect(
      try database.value(
        """
        SELECT count(*) FROM redress.credit
        WHERE counted_microseconds = (right(customer_id, 5)::integer) / 3
        """) == "\(count)")
    #expect(
      try database.value("SELECT count(*) FROM redress.invoice_adjustment")
        == "\(count + count / 3)")
    #expect(
      try database.value(inOrder("finding", "ordinal")) == "\(count / 10), 0 out of order")
    #expect(try database.value("SELECT count(*) FROM redress.incident_evidence") == "3")
    #expect(try database.value("SELECT sum(amount_minor) FROM redress.credit") == "\(5 * count)")
  }

  @Test func nothingToSendGivesTheConnectionBack() throws {
    let database = try LedgerDatabase().database
    var writer = LedgerWriter(connection: try begin(database.target))
    try writer.flushIfFull()
    try writer.sendAll()
    let connection = writer.takeConnection()
    #expect(try connection.textRows("SELECT 1") == [["1"]])
  }

  /// The server refuses a row. After it there is either nothing or so much that the calculation
  /// would wait for ever.
  @Test(arguments: [0, 500_000])
  func aRefusalReachesWhoCalculates(rowsAfter: Int) throws {
    let database = try LedgerDatabase().database
    func write() throws {
      var writer = LedgerWriter(connection: try begin(database.target))
      addLine(writer, 0, amountMinor: 0)
      for number in 1..<(1 + rowsAfter) {
        addLine(writer, number)
        addCredit(writer, number)
        try writer.flushIfFull()
      }
      #expect(rowsAfter == 0, "the refusal came with the last row only")
      try writer.sendAll()
    }
    let error = #expect(throws: PostgresError.self) { try write() }
    #expect(error?.sqlState == "23514")
    #expect(error?.constraint == "invoice_line_changes_the_invoice")
    #expect(try sessionsLeft(database) == "0")
    #expect(try database.value("SELECT count(*) FROM redress.credit") == "0")
  }

  /// The calculation throws, so the writer is dropped.
  @Test func droppedBeforeItsEndItLeavesNothing() throws {
    let database = try LedgerDatabase().database
    func write() throws {
      var writer = LedgerWriter(connection: try begin(database.target))
      for number in 0..<100_000 {
        addLine(writer, number)
        try writer.flushIfFull()
      }
    }
    try write()
    #expect(try sessionsLeft(database) == "0")
    #expect(try database.value("SELECT count(*) FROM redress.invoice_adjustment") == "0")
  }

  /// Another session has locked the table; neither the program nor the server may wait for it.
  @Test func droppedWhileTheServerWaitsItDoesNotWait() throws {
    let database = try LedgerDatabase().database
    let other = try database.connect()
    try other.execute("BEGIN; LOCK TABLE redress.invoice_line")
    func write() throws {
      var writer = LedgerWriter(connection: try begin(database.target))
      for number in 0..<60_000 { addLine(writer, number) }
      try writer.flushIfFull()
      #expect(try waitUntil(sessionsWaiting: 1, database))
    }
    let time = try ContinuousClock().measure { try write() }
    #expect(time < .seconds(100))
    #expect(try waitUntil(sessionsWaiting: 0, database))
    try other.execute("ROLLBACK")
    #expect(try database.value("SELECT count(*) FROM redress.invoice_adjustment") == "0")
  }

  /// - Returns: whether `count` sessions were waiting for a lock.
  private func waitUntil(sessionsWaiting count: Int, _ database: TestDatabase) throws -> Bool {
    let connection = try database.connect()
    let sql = """
      SELECT count(*) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'
      """
    for _ in 0..<6000 {
      if try connection.textRows(sql) == [["\(count)"]] { return true }
      usleep(10_000)
    }
    return false
  }

  /// The server stops responding. The calculation waits for room and gets an error, or it stops
  /// first and is not delayed.
  @Test(arguments: [true, false])
  func aSilentServerHoldsNobody(waitsForRoom: Bool) throws {
    let relay = try Relay(.unixSocket)
    defer { relay.stop() }
    let database = try LedgerDatabase().database
    let target = ConnectionTarget(
      conninfo: "\(relay.place) user=\(TestServer.user) dbname=\(database.name)",
      applicationName: "redress tests", ioTimeoutSeconds: waitsForRoom ? 1 : 600)
    func write() throws {
      var writer = LedgerWriter(connection: try begin(target))
      relay.stall()
      for number in 0..<(waitsForRoom ? 1_000_000 : 20_000) {
        addLine(writer, number)
        try writer.flushIfFull()
      }
      #expect(!waitsForRoom, "there was room for everything")
    }
    let time = try ContinuousClock().measure {
      if waitsForRoom {
        let error = #expect(throws: PostgresError.self) { try write() }
        #expect(error?.kind == .timedOut)
      } else {
        try write()
      }
    }
    #expect(time < .seconds(100))
  }
}
