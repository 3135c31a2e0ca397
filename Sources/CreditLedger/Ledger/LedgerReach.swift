public import Postgres
import RedressSQL
public import ServiceCredits

/// How far back a night reads the ledger.
///
/// What is reconciled lies in a few months. Of earlier months a night reads only what may still change: credits that
/// the newest run carried forward, because they were open, overcredited or on a draft; credits that have moved between
/// months; those that an invoicing function has given back; and those on invoices that are not final. Everything else
/// of these months is settled.
public struct LedgerReach: Sendable {
  /// Everything recorded from this month on is read.
  public let firstMonth: BillingMonth
  /// What the newest run carried forward; `nil` before the first run.
  public let newest: CarriedForward?
  /// What is read of earlier months beside what was carried forward; `nil` if nothing is recorded in earlier months.
  let earlier: EarlierCredits?

  /// The whole ledger.
  public static let whole = LedgerReach(firstMonth: .earliest, newest: nil, earlier: nil)

  private init(firstMonth: BillingMonth, newest: CarriedForward?, earlier: EarlierCredits?) {
    self.firstMonth = firstMonth
    self.newest = newest
    self.earlier = earlier
  }

  /// Asks the ledger and the source.
  ///
  /// - Parameters:
  ///   - month: the earliest month that a credit of a reconciled incident can be in.
  ///   - incidents: the reconciled incidents.
  ///   - connection: inside the night's snapshot.
  ///   - open: gives a further connection on the same snapshot.
  public init(
    from month: BillingMonth, incidents: [String], _ connection: borrowing Connection,
    open: () throws -> Connection
  ) throws {
    guard let newest = try CarriedForward(connection) else {
      self.init(firstMonth: month, newest: nil, earlier: nil)
      return
    }
    var (ofIncidents, ofAll): (BillingMonth?, BillingMonth?) = (nil, nil)
    try connection.query(RedressSQL.Query.earliestMonths.text, [.textArray(incidents)]) { row in
      ofIncidents = row.isNull(0) ? nil : BillingMonth(daysSinceUnixEpoch: try row.date(0))
      ofAll = row.isNull(1) ? nil : BillingMonth(daysSinceUnixEpoch: try row.date(1))
    }
    // An incident that once was in another month is compared with what is recorded there.
    let first = min(month, newest.before, ofIncidents ?? month)
    var earlier: EarlierCredits?
    if let ofAll, ofAll < first {
      earlier = try EarlierCredits(before: first, carriedBy: newest.runId, connection, open: open)
    }
    self.init(firstMonth: first, newest: newest, earlier: earlier)
  }

  /// Credits of earlier months that invoices carry which are not final.
  struct EarlierCredits: Sendable {
    /// How many invoices are looked up at a time.
    private static let batch = 4_096
    /// Of those that the newest run did not carry forward: customer, subscription, incident and currency.
    fileprivate private(set) var keys: [[String]] = [[], [], [], []]
    /// Invoices that carry another customer's credits, by the customer whom the source says that they are of.
    private var foreign: [[UInt8]: Set<[UInt8]>] = [:]

    fileprivate init(
      before month: BillingMonth, carriedBy runId: Int64, _ connection: borrowing Connection,
      open: () throws -> Connection
    ) throws {
      var invoices = try open().rowsOut(
        RedressSQL.Query.unfinishedInvoices.text, name: "unfinished_invoices")
      var owners: [String: [UInt8]] = [:]
      while try invoices.next() {
        owners[invoices.text(0)] = invoices.id(1)
        if owners.count == EarlierCredits.batch {
          try add(carriedOn: owners, before: month, carriedBy: runId, connection)
          owners.removeAll(keepingCapacity: true)
        }
      }
      try add(carriedOn: owners, before: month, carriedBy: runId, connection)
    }

    private mutating func add(
      carriedOn owners: [String: [UInt8]], before month: BillingMonth, carriedBy runId: Int64,
      _ connection: borrowing Connection
    ) throws {
      guard !owners.isEmpty else { return }
      var (keys, foreign) = (self.keys, self.foreign)
      try connection.query(
        RedressSQL.Query.earlierInvoiceLines.text,
        [.textArray(Array(owners.keys)), .date(month.daysSinceUnixEpoch), .int64(runId)]
      ) { row in
        if let owner = owners[row.text(0)], !row.bytes(1).elementsEqual(owner) {
          foreign[owner, default: []].insert(row.id(0))
        }
        guard try !row.bool(5) else { return }
        for part in 0..<4 { keys[part].append(row.text(part + 1)) }
      }
      (self.keys, self.foreign) = (keys, foreign)
    }

    /// Whether an invoice of a customer carries credits of another one.
    func isForeign(_ invoice: UnsafeRawBufferPointer, of customer: UnsafeRawBufferPointer) -> Bool {
      !foreign.isEmpty && (foreign[Array(customer)]?.contains(Array(invoice)) ?? false)
    }
  }

  /// The values for the queries that read the ledger from a month on; `nil` if all of it is read.
  var values: [String]? {
    guard let newest, let earlier else { return nil }
    return ["\(firstMonth.text)-01", "\(newest.runId)"]
      + earlier.keys.map { ArrayLiteral.text($0) }
  }
}

/// What the newest run carried forward.
public struct CarriedForward: Sendable {
  /// The run whose rows they are: an earlier one where nothing has changed since.
  public let runId: Int64
  /// Of credits in months before this one it carried forward what was not settled.
  public let before: BillingMonth
  /// How many credits.
  public let count: Int64
  public let checksum: Int64

  /// - Returns: `nil` before the first run.
  public init?(_ connection: borrowing Connection) throws {
    let found = try connection.rows(.newestCarried) { row in
      (
        try row.int64(0), BillingMonth(daysSinceUnixEpoch: try row.date(1)), try row.int64(2),
        try row.int64(3)
      )
    }
    guard let newest = found.first else { return nil }
    (runId, before, count, checksum) = newest
  }
}

extension CopyRowBuffer {
  /// One row of `redress.carried_forward`, in the column order of `copy_carried.sql`.
  public func appendCarried(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, currency: Currency, runId: Int64
  ) {
    beginRow(columns: 5)
    append(text: customerId)
    append(text: subscriptionId)
    append(text: incidentId)
    append(currency: currency)
    append(int64: runId)
  }
}
