import Postgres
import RedressSQL
import TestSupport
import Testing

/// A transaction is identified by its number, in any session.
@Suite("A run's own transaction")
struct OwnTransactionTests {
  private func begin(_ connection: borrowing Connection) throws -> Int64 {
    try connection.begin(.writing, lockTimeoutSeconds: 1)
    var number: Int64 = 0
    try connection.query(RedressSQL.Query.tryRunLock.text) { row in
      #expect(try row.bool(0))
      number = try row.int64(2)
    }
    return number
  }

  private func isOpen(_ number: Int64, _ database: TestDatabase) throws -> Bool {
    var isOpen = true
    try database.connect().query(RedressSQL.Query.transactionIsOpen.text, [.int64(number)]) { row in
      isOpen = try row.bool(0)
      #expect(try row.bool(1) == false, "this is no standby")
    }
    return isOpen
  }

  private func end(_ number: Int64, _ database: TestDatabase) throws -> Int {
    try database.connect().query(RedressSQL.Query.endTransaction.text, [.int64(number)])
  }

  @Test("is open until it is over, however it ends", arguments: ["COMMIT", "ROLLBACK"])
  func isOpen(_ ending: String) throws {
    let ledger = try LedgerDatabase()
    let connection = try ledger.connect()
    let number = try begin(connection)
    #expect(try isOpen(number, ledger.database))
    // Transaction numbers are shared by the server, and tests in parallel use the next ones. This
    // number is not used yet.
    #expect(try isOpen(number + 100_000_000, ledger.database) == false)
    try connection.execute(ending)
    #expect(try isOpen(number, ledger.database) == false)
  }

  /// A pooler gives the session to another client as soon as the transaction is over.
  @Test("its session is ended only while it is the transaction's")
  func ended() throws {
    let ledger = try LedgerDatabase()
    let connection = try ledger.connect()
    let first = try begin(connection)
    try connection.commit()
    let second = try begin(connection)
    #expect(try end(first, ledger.database) == 0)
    #expect(try connection.textRows("SELECT 'still here'") == [["still here"]])
    #expect(try end(second, ledger.database) == 1)
    #expect(throws: PostgresError.self) { try connection.execute("SELECT 1") }
  }
}
