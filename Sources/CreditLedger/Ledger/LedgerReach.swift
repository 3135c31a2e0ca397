public import Postgres
import RedressSQL
public import ServiceCredits

/// How far back a night reads the ledger.
///
/// What is reconciled lies in a few months. Of earlier months a night reads only what may still change: credits that
/// the newest run carried forward, because they were open, overcredited or on a draft; those that an invoicing function has
/// given back; and those on invoices that are not final. Everything else of these months is settled.
public struct LedgerReach: Sendable {
  /// Everything recorded from this month on is read.
  public let firstMonth: BillingMonth
  /// What the newest run carried forward; `nil` before the first run.
  public let newest: CarriedForward?
  /// What unfinished invoices carry; `nil` before the first run.
  let invoices: InvoicesAtHand?
  /// Whether anything is recorded in earlier months.
  private let hasEarlier: Bool

  /// The whole ledger.
  public static let whole = LedgerReach(
    firstMonth: .earliest, newest: nil, invoices: nil, hasEarlier: false)

  private init(
    firstMonth: BillingMonth, newest: CarriedForward?, invoices: InvoicesAtHand?, hasEarlier: Bool
  ) {
    self.firstMonth = firstMonth
    self.newest = newest
    self.invoices = invoices
    self.hasEarlier = hasEarlier
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
      self.init(firstMonth: month, newest: nil, invoices: nil, hasEarlier: false)
      return
    }
    var (ofIncidents, ofAll): (BillingMonth?, BillingMonth?) = (nil, nil)
    try connection.query(RedressSQL.Query.earliestMonths.text, [.textArray(incidents)]) { row in
      ofIncidents = row.isNull(0) ? nil : BillingMonth(daysSinceUnixEpoch: try row.date(0))
      ofAll = row.isNull(1) ? nil : BillingMonth(daysSinceUnixEpoch: try row.date(1))
    }
    // An incident that once was in another month is compared with what is recorded there.
    let first = min(month, newest.before, ofIncidents ?? month)
    self.init(
      firstMonth: first, newest: newest,
      invoices: try InvoicesAtHand(before: first, connection, open: open),
      hasEarlier: ofAll.map { $0 < first } ?? false)
  }

  /// What invoices carry that are not final, as far as it is not read anyway: credits of earlier months, and other
  /// customers'.
  struct InvoicesAtHand: Sendable {
    /// How many invoices are looked up at a time.
    private static let batch = 16_384
    /// Of earlier months: customer, subscription, incident, month and currency.
    fileprivate private(set) var keys: [[String]] = [[], [], [], [], []]
    /// Invoices that carry another customer's credits, by the customer whom the source says that they are of.
    private var foreign: [[UInt8]: Set<[UInt8]>] = [:]

    fileprivate init(
      before month: BillingMonth, _ connection: borrowing Connection, open: () throws -> Connection
    ) throws {
      var invoices = try open().rowsOut(
        RedressSQL.Query.unfinishedInvoices.text, name: "unfinished_invoices")
      var (ids, owners): ([String], [String]) = ([], [])
      while try invoices.next() {
        ids.append(invoices.text(0))
        owners.append(invoices.text(1))
        if ids.count == InvoicesAtHand.batch {
          try add(ids, of: owners, before: month, connection)
          ids.removeAll(keepingCapacity: true)
          owners.removeAll(keepingCapacity: true)
        }
      }
      try add(ids, of: owners, before: month, connection)
    }

    private mutating func add(
      _ ids: [String], of owners: [String], before month: BillingMonth,
      _ connection: borrowing Connection
    ) throws {
      guard !ids.isEmpty else { return }
      var (keys, foreign) = (self.keys, self.foreign)
      try connection.preferringIndexes {
        try connection.query(
          RedressSQL.Query.invoicesAtHand.text,
          [.textArray(ids), .textArray(owners), .date(month.daysSinceUnixEpoch)]
        ) { row in
          if !row.bytes(1).elementsEqual(row.bytes(6)) {
            foreign[row.id(6), default: []].insert(row.id(0))
          }
          guard try row.bool(7) else { return }
          for part in 0..<5 { keys[part].append(row.text(part + 1)) }
        }
      }
      (self.keys, self.foreign) = (keys, foreign)
    }

    /// Whether an invoice of a customer carries credits of another one.
    func isForeign(_ invoice: UnsafeRawBufferPointer, of customer: UnsafeRawBufferPointer) -> Bool {
      !foreign.isEmpty && (foreign[Array(customer)]?.contains(Array(invoice)) ?? false)
    }
  }

  /// The values for the queries that read what is not settled of earlier months; `nil` if there is nothing.
  var earlierValues: [String]? {
    guard hasEarlier, let newest, let invoices else { return nil }
    return ["\(firstMonth.text)-01", "\(newest.runId)"]
      + invoices.keys.map { ArrayLiteral.text($0) }
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
    incidentId: UnsafeRawBufferPointer, month: BillingMonth, currency: Currency, runId: Int64
  ) {
    beginRow(columns: 6)
    append(text: customerId)
    append(text: subscriptionId)
    append(text: incidentId)
    append(date: month.daysSinceUnixEpoch)
    append(currency: currency)
    append(int64: runId)
  }
}
