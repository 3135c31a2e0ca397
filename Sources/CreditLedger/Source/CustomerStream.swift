import Postgres
import RedressSQL
import ServiceCredits

/// Whose rows are read.
public enum CustomerScope: Hashable, Sendable {
  case everyone
  case one(String)
  /// Those of a part of a run.
  case range(CustomerRange)
  /// Nobody: the rows whose customer_id is null.
  case nobody
  /// The customers of the Enterprise tier, and of their rows only what says whether an outage touched them: no
  /// invoices and no ledger.
  case enterprise

  /// Whether a night reads them, and so no more of the ledger than it has to.
  var isNight: Bool {
    switch self {
    case .everyone, .range, .nobody: true
    case .one, .enterprise: false
    }
  }
}

/// Rows of one relation in byte order of customer_id, which is the first column.
struct CustomerStream: ~Copyable {
  let relation: String
  private var reader: CopyReader?
  private(set) var hasRow = false
  private(set) var rowsRead = 0

  /// The queries that read a relation for each scope.
  struct Queries: Sendable {
    let all: String
    let values: [String]
    /// Reads the Enterprise customers' rows alone; `nil` if they need none.
    let enterprise: RedressSQL.Query?
    /// Reads a part of everybody's rows; `nil` if all are read.
    let part: (query: RedressSQL.Query, values: [String])?
    /// Whether the rows are of the ledger.
    let isLedger: Bool

    init(
      _ all: RedressSQL.Query, _ values: [String] = [], enterprise: RedressSQL.Query? = nil,
      part: RedressSQL.Query? = nil, _ partValues: [String]? = nil
    ) {
      self.all = all.text
      self.values = values
      self.enterprise = enterprise
      self.part = part.flatMap { part in partValues.map { (part, $0) } }
      isLedger = false
    }

    /// - Parameter ledger: the rows of the ledger that are read; the Enterprise customers' are not read alone.
    init(ledger: String) {
      all = ledger
      values = []
      enterprise = nil
      part = nil
      isLedger = true
    }
  }

  /// - Parameter open: gives a connection that is inside a transaction on the run's snapshot; not called where the relation
  ///   `isEmpty`.
  ///
  /// Its first row is there after the first `advance`, so that several streams can be opened before one is waited for.
  init(
    relation: String, _ queries: Queries, isEmpty: Bool, scope: CustomerScope,
    open: () throws -> Connection
  ) throws {
    self.relation = relation
    reader = nil
    guard !isEmpty, scope != .enterprise || queries.enterprise != nil else { return }
    let connection = try open()
    if queries.isLedger { try connection.readByIndex() }
    var query = scope == .enterprise ? queries.enterprise?.text ?? queries.all : queries.all
    var values = queries.values
    if let part = queries.part, scope.isNight { (query, values) = (part.query.text, part.values) }
    if let condition = CustomerStream.condition(scope, after: values.count) {
      // PostgreSQL moves the condition into the query and its indexes.
      query = "SELECT * FROM (\(query)) AS r WHERE \(condition.text)"
      values += condition.values
    }
    reader = try connection.rowsOut(query, values, name: relation)
  }

  /// What is true of the rows of a scope; `nil` where the queries as they are read no others.
  /// - Parameter count: how many values the query has already.
  private static func condition(
    _ scope: CustomerScope, after count: Int
  ) -> (text: String, values: [String])? {
    let customer = "r.customer_id COLLATE \"C\""
    switch scope {
    case .everyone, .enterprise: return nil
    case .one(let one): return ("\(customer) = $\(count + 1)", [one])
    case .nobody: return ("r.customer_id IS NULL", [])
    case .range(let range):
      var texts: [String] = []
      var values: [String] = []
      for (sign, bound) in [(">=", range.from), ("<", range.below)] {
        guard let bound else { continue }
        values.append(bound)
        texts.append("\(customer) \(sign) $\(count + values.count)")
      }
      return (texts.isEmpty ? "true" : texts.joined(separator: " AND "), values)
    }
  }

  mutating func advance() throws(PostgresError) {
    hasRow = try reader?.next() ?? false
    rowsRead += 1
  }

  var customer: UnsafeRawBufferPointer { reader!.bytes(0) }

  /// Whether the row has a customer_id.
  var hasCustomer: Bool {
    guard hasRow else { return false }
    return !reader!.bytes(0).isEmpty
  }

  /// Calls `body` with each row that comes now and has no customer_id: an empty one comes first, null last.
  /// - Parameter isNull: which of the two.
  mutating func forEachKeyless(
    isNull: Bool, _ body: (borrowing CopyReader) throws -> Void
  ) throws {
    while hasRow, reader!.bytes(0).isEmpty, reader!.isNull(0) == isNull {
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

// MARK: What each stream reads

extension CustomerStream.Queries {
  static let customers = Self(.streamCustomers, enterprise: .enterpriseCustomers)
  static let invoices = Self(.streamInvoices)
  static let claims = Self(.streamClaims)

  static func terms(since ended: [String]?) -> Self {
    Self(.streamTerms, enterprise: .enterpriseTerms, part: .streamTermsSince, ended)
  }

  static func outages(since ended: [String]?) -> Self {
    Self(.streamOutages, enterprise: .enterpriseOutages, part: .streamOutagesSince, ended)
  }

  static func exclusions(since ended: [String]?) -> Self {
    Self(.streamExclusions, enterprise: .enterpriseExclusions, part: .streamExclusionsSince, ended)
  }

  static func doubledInvoices(_ scope: CustomerScope) -> Self {
    switch scope {
    case .one(let customer): Self(.doubledInvoices, [customer, "", ""])
    case .range(let range): Self(.doubledInvoices, [""] + range.values)
    case .everyone, .nobody, .enterprise: Self(.doubledInvoices, ["", "", ""])
    }
  }
}
