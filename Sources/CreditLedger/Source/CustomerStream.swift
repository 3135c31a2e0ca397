import Postgres
import RedressSQL

/// Whose rows are read.
public enum CustomerScope: Hashable, Sendable {
  case everyone
  case one(String)
  /// The customers of the Enterprise tier, and of their rows only what says whether an outage touched them: no
  /// invoices and no ledger.
  case enterprise
}

/// Rows of one relation in byte order of customer_id, which is the first column.
struct CustomerStream: ~Copyable {
  let relation: String
  private var reader: CopyReader?
  private(set) var hasRow = false
  private(set) var rowsRead = 0

  /// - Parameters:
  ///   - enterprise: the query that reads the Enterprise customers' rows alone; `nil` where they need none.
  ///   - part: the query that reads a part of everybody's rows, and its values; `nil` where all are read.
  ///   - open: gives a connection that is inside a transaction on the run's snapshot; not called where the
  ///     relation `isEmpty`.
  ///
  /// Its first row is there after the first `advance`, so that several streams can be opened before one is waited for.
  init(
    relation: String, query: RedressSQL.Query, enterprise: RedressSQL.Query?,
    part: (query: RedressSQL.Query, values: [String])?, isEmpty: Bool, scope: CustomerScope,
    open: () throws -> Connection
  ) throws {
    self.relation = relation
    reader = nil
    guard !isEmpty, scope != .enterprise || enterprise != nil else { return }
    let connection = try open()
    if let part, scope == .everyone {
      reader = try connection.rowsOut(part.query.text, part.values, name: relation)
      return
    }
    let query = (scope == .enterprise ? enterprise ?? query : query).text
    if case .one(let customer) = scope {
      // PostgreSQL moves the condition into the query and its indexes.
      reader = try connection.rowsOut(
        "SELECT * FROM (\(query)) AS r WHERE r.customer_id COLLATE \"C\" = $1", [customer],
        name: relation)
    } else {
      reader = try connection.rowsOut(query, name: relation)
    }
  }

  mutating func advance() throws(PostgresError) {
    hasRow = try reader?.next() ?? false
    rowsRead += 1
  }

  var customer: UnsafeRawBufferPointer { reader!.bytes(0) }

  /// Calls `body` with each row that comes now and has no customer_id: an empty one comes first, null last.
  mutating func forEachKeyless(_ body: (borrowing CopyReader) throws -> Void) throws {
    while hasRow, reader!.bytes(0).isEmpty {
      try body(reader!)
      try advance()
    }
  }

  func isAt(_ customer: UnsafeRawBufferPointer) -> Bool {
    // Written with && this stops the optimizer of Swift 6.3.1 ("outside of lifetime use").
    guard hasRow else { return false }
    return compareBytes(self.customer, customer) == 0
  }

  /// Calls `body` with each row of `customer`.
  @inline(__always)
  mutating func forEachRow(
    of customer: UnsafeRawBufferPointer, _ body: (borrowing CopyReader) throws -> Void
  ) throws {
    while hasRow, compareBytes(reader!.bytes(0), customer) == 0 {
      try body(reader!)
      try advance()
    }
  }
}
