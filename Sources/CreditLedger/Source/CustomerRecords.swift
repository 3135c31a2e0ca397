import Postgres
public import ServiceCredits

/// Everything that the source and the ledger hold about one customer. Emptied and filled again for the next one, so
/// that memory is bounded by the largest customer.
public struct CustomerRecords: ~Copyable {
  /// A subscription term as read. `sound` is `nil` where its row is bad and has been reported.
  public struct Term: Sendable {
    public var subscription: ByteSlice
    public var serviceId: ByteSlice
    public var plan: ByteSlice
    public var sound: Sound?

    public struct Sound: Sendable {
      public var interval: Interval
      public var service: ServiceNumber
      public var fee: MonthlyFee
    }
  }

  /// One key of the ledger: its revisions summed up and the facts of the newest.
  public struct Recorded {
    public var subscription: ByteSlice
    public var incident: ByteSlice
    public var currency: Currency
    public var credit: RecordedCredit
    /// Granted by the newest revision; zero where it is no whole number of basis points.
    public var percent: BasisPoints
    /// Of the newest revision: what of the whole is for a measure of the month, and of the quarter.
    public var monthMinor: Int64
    public var quarterMinor: Int64
    /// `nil` where the newest revision took everything back.
    public var firstInstant: Instant?
    /// The key's lines in `lines`.
    public var firstLine: Int32
    public var lineCount: Int32
  }

  public struct Line {
    public var number: Int32
    public var invoice: ByteSlice
    public var amountMinor: Int64
    /// Whether a run placed it, so that the invoice was a draft in the source then.
    public var isRuns: Bool
  }

  public struct Invoice {
    public var id: ByteSlice
    public var open: OpenInvoice
    /// As the source writes it, whether it is one or not.
    public var currency: ByteSlice
  }

  public let arena = ByteArena()
  public internal(set) var id = ByteSlice.empty
  /// Whether the source has the customer at all.
  public internal(set) var isKnown = false
  /// Whether nobody can say what is true of the customer, so that all that is recorded stands: it has several rows, or a
  /// row of its own has changed while it was read.
  public internal(set) var isParked = false
  /// Whether the customer has terms without a subscription_id. They may be any subscription's, so what is recorded stands.
  public internal(set) var lacksTerms = false
  public internal(set) var name = ByteSlice.empty
  public internal(set) var tier = ByteSlice.empty
  /// `nil` where the customer has no time zone of its own.
  public internal(set) var zone: ByteSlice?
  /// Read for Enterprise customers alone; `nil` where there is none.
  public internal(set) var email: ByteSlice?
  /// By subscription, then start.
  public internal(set) var terms: [Term] = []
  public internal(set) var outages: [Outage] = []
  public internal(set) var exclusions: [SourceExclusion] = []
  /// Sound ones up to the as-of instant: the first for each incident and for each month, ascending by time.
  public internal(set) var claims: [CustomerClaim] = []
  /// By key.
  public internal(set) var recorded: [Recorded] = []
  public internal(set) var lines: [Line] = []
  /// By day of issue, then id.
  public internal(set) var invoices: [Invoice] = []

  public init() {}

  mutating func begin(_ customer: UnsafeRawBufferPointer) {
    arena.removeAll()
    id = arena.append(customer)
    isKnown = false
    isParked = false
    lacksTerms = false
    name = .empty
    tier = .empty
    zone = nil
    email = nil
    terms.removeAll(keepingCapacity: true)
    outages.removeAll(keepingCapacity: true)
    exclusions.removeAll(keepingCapacity: true)
    claims.removeAll(keepingCapacity: true)
    recorded.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    invoices.removeAll(keepingCapacity: true)
  }
}

/// A ledger that contradicts itself, a source that changed its order, a system without room: nothing a run may go on
/// with.
public enum LedgerError: Error, Hashable, Sendable {
  /// A relation's rows did not come in byte order of customer_id.
  case notSorted(relation: String)
  /// An invoice line belongs to no credit.
  case lineWithoutCredit(customer: String, subscription: String, incident: String)
  /// A recorded currency is none of ISO 4217.
  case unknownCurrency(String)
  /// A column of a recorded credit holds what no run writes.
  case unreadableCredit(customer: String, subscription: String, incident: String, column: String)
  /// The system starts no thread to send with.
  case noThread(code: Int32)
  /// Rows that a part of the run has staged are not there when they are to be moved.
  case stagedRowsMissing(relation: String)
  /// A relation was emptied or replaced after the snapshot was taken, so that its rows are not those of that moment.
  case rewritten(relation: String)
  /// Subscriptions were moved between customers while a source was read that does not show all nodes as of one moment.
  case transferredMeanwhile
}

extension LedgerError {
  /// Amounts of the customer in this row add up to more than can be; its first columns are the key.
  static func amountTooLarge(_ row: borrowing some BinaryColumns & ~Copyable) -> LedgerError {
    .unreadableCredit(
      customer: row.text(0), subscription: row.text(1), incident: row.text(2),
      column: "amount_minor")
  }
}
