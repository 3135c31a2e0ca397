public import Postgres
import RedressSQL
public import ServiceCredits

/// Looks for subscriptions that have terms under more than one customer, in a session of its own: that takes the server
/// a while, in which others can be asked other things.
public struct TransferSearch: ~Copyable {
  private var rows: CopyReader

  /// - Parameter open: gives a connection that is inside a transaction on the run's snapshot.
  public init(open: () throws -> Connection) throws {
    let connection = try open()
    rows = try connection.rowsOut(
      RedressSQL.Query.transferredSubscriptions.text, name: "transferred_subscriptions")
  }

  /// Waits for the end of the search.
  mutating func ids() throws(PostgresError) -> [String] {
    var ids: [String] = []
    while try rows.next() { ids.append(rows.text(0)) }
    return ids
  }
}

/// The subscriptions that have terms under more than one customer, or held credits under one who has no term of theirs
/// any more. The rules look at a subscription as a whole, so whoever is calculated sees the others' terms and shares of
/// the cap too. They are few, and kept in memory.
public struct TransferredSubscriptions {
  public struct Term: Sendable {
    public let customer: [UInt8]
    /// `nil` where the customer has none.
    public let zone: [UInt8]?
    public let serviceId: [UInt8]
    public let plan: [UInt8]
    /// `nil` where the row is bad, or cannot be told from another.
    public internal(set) var sound: CustomerRecords.Term.Sound?
  }

  public struct Share: Sendable {
    public let customer: [UInt8]
    public let incident: [UInt8]
    public let share: HeldShare
  }

  public struct Subscription: Sendable {
    public internal(set) var terms: [Term] = []
    public internal(set) var shares: [Share] = []
  }

  public private(set) var subscriptions: [Subscription] = []
  /// What the search for several customers found, in order.
  private var searched: [String] = []
  /// Of every customer of theirs, as `Owner.other` with the number in `customers`.
  public private(set) var outages: [Outage] = []
  public private(set) var exclusions: [Exclusion] = []
  public let customers = ByteTable()
  private let numbers = ByteTable()

  /// Of all customers.
  /// - Parameters:
  ///   - connection: inside the run's snapshot.
  ///   - month: the earliest one that matters.
  ///   - window: the months that are reconciled; `nil` for all.
  ///   - closed: the months whose credits stand.
  ///   - since: terms that ended before it do not matter.
  public init(
    _ search: consuming TransferSearch, connection: borrowing Connection,
    catalogue: borrowing SourceCatalogue, from month: BillingMonth = .earliest,
    window: ClosedRange<BillingMonth>? = nil, closed: ClosedMonths = .none,
    since: Instant = .distantPast
  ) throws {
    // Both look through large tables, at the same time.
    let held = try Self.held(
      connection, catalogue, customer: nil, from: month,
      edges: window.map { Self.edges(of: $0, closed) } ?? [])
    let searched = try search.ids()
    try self.init(
      ids: searched + held, connection: connection, catalogue: catalogue, since: since,
      from: month)
    self.searched = searched.sorted()
  }

  /// Whether the search for several customers finds something else by now, or a run has granted something to who has not
  /// got the subscription any more. On a snapshot that is one there is no need to ask.
  /// - Parameter connection: sees what is committed by now, and what the run has appended.
  public func haveChanged(since runId: Int64, _ connection: borrowing Connection) throws -> Bool {
    let now = try connection.rows(.transferredSubscriptions) { $0.text(0) }
    guard now.sorted() == searched else { return true }
    return try !connection.rows(.grantedElsewhere, [.int64(runId)], { $0.text(0) }).isEmpty
  }

  /// Those that one customer has now.
  /// - Parameter connection: inside the run's snapshot.
  public init(
    connection: borrowing Connection, catalogue: borrowing SourceCatalogue, customer: String
  ) throws {
    var ids: [String] = []
    try connection.query(
      RedressSQL.Query.transferredSubscriptionsOf.text, [.text(customer)]
    ) { ids.append($0.text(0)) }
    ids += try Self.held(connection, catalogue, customer: customer, from: .earliest)
    try self.init(ids: ids, connection: connection, catalogue: catalogue)
  }

  /// None, where only a customer's own terms matter.
  public init() {}

  /// Those of which something held is recorded under a customer who has none of their terms any more; and those of which
  /// something is, of an incident at an edge of the window or of the closed months. The month of such a credit may be
  /// another one under the customer who has the subscription now, and one of the two may not be in the window, or closed.
  private static func held(
    _ connection: borrowing Connection, _ catalogue: borrowing SourceCatalogue, customer: String?,
    from month: BillingMonth, edges: [Interval] = []
  ) throws -> [String] {
    let settled = catalogue.incidents.filter { incident in
      if case .held = incident.treatment { return false }
      return !edges.contains { incident.reach?.overlaps($0) ?? false }
    }
    var ids: [String] = []
    try connection.query(
      RedressSQL.Query.transferredHeld.text,
      [
        .textArray(settled.map { String(decoding: $0.id, as: UTF8.self) }),
        customer.map { Parameter.text($0) } ?? .null, .date(month.daysSinceUnixEpoch),
      ]
    ) { ids.append($0.text(0)) }
    return ids
  }

  /// The times at which a month outside of the window, or a closed one, may begin or end in some time zone.
  private static func edges(
    of window: ClosedRange<BillingMonth>, _ closed: ClosedMonths
  ) -> [Interval] {
    let day: Int64 = 86_400_000_000
    var months = [window.lowerBound, window.upperBound.advanced(by: 1)]
    if let through = closed.through { months.append(through.advanced(by: 1)) }
    return months.map { month in
      let midnight = Int64(month.daysSinceUnixEpoch) * day
      // No time zone is further than a day from UTC.
      return Interval(
        Instant(microseconds: midnight - day), Instant(microseconds: midnight + day))
    }
  }

  private init(
    ids: [String], connection: borrowing Connection, catalogue: borrowing SourceCatalogue,
    since: Instant = .distantPast, from month: BillingMonth = .earliest
  ) throws {
    guard !ids.isEmpty else { return }
    var subscriptions: [Subscription] = []
    let (numbers, customers) = (self.numbers, self.customers)
    try Self.readTerms(of: ids, since: since, connection, catalogue.references) {
      subscription, term in
      let number = Int(subscription.withUnsafeBytes { numbers.insert($0) })
      if number == subscriptions.count { subscriptions.append(Subscription()) }
      _ = term.customer.withUnsafeBytes { customers.insert($0) }
      subscriptions[number].terms.append(term)
    }
    try connection.query(
      RedressSQL.Query.transferredShares.text,
      [.textArray(ids), .date(month.daysSinceUnixEpoch)]
    ) { row in
      guard let number = numbers.find(row.bytes(0)) else { return }
      subscriptions[Int(number)].shares.append(
        Share(
          customer: row.id(1), incident: row.id(2),
          share: HeldShare(
            month: BillingMonth(daysSinceUnixEpoch: try row.date(3)),
            share: try row.isNull(4) ? .zero : BasisPoints(row.int32(4)))))
    }
    self.subscriptions = subscriptions
    try readScoped(connection, catalogue)
  }

  /// Reads the terms of these subscriptions, under whichever customer, by subscription and start.
  ///
  /// Every row is read, checked and reported again with its own customer, so nothing is reported here.
  public static func readTerms(
    of ids: [String], since: Instant, _ connection: borrowing Connection,
    _ references: SourceReferences, _ body: (_ subscription: [UInt8], Term) throws -> Void
  ) throws {
    var terms: [(subscription: [UInt8], start: Instant?, term: Term)] = []
    try connection.query(
      RedressSQL.Query.transferredTerms.text, [.textArray(ids), .timestamptz(since.microseconds)]
    ) { row in
      let sound = try TermReader.read(row, firstColumn: 0, references: references) { _ in }
      var term = Term(
        customer: row.id(7), zone: row.isNull(8) ? nil : row.id(8), serviceId: row.id(1),
        plan: row.id(2), sound: try row.bool(9) ? sound : nil)
      let start = try row.instant(5)
      if let last = terms.last, last.subscription.elementsEqual(row.bytes(0)), last.start == start,
        last.term.customer == term.customer
      {
        // The term has two rows, or its customer has.
        terms[terms.count - 1].term.sound = nil
        term.sound = nil
      }
      terms.append((row.id(0), start, term))
    }
    for (subscription, _, term) in terms { try body(subscription, term) }
  }

  private mutating func readScoped(
    _ connection: borrowing Connection, _ catalogue: borrowing SourceCatalogue
  ) throws {
    let names = (0..<customers.count).map { customers.text($0) }
    let (incidents, references, numbered) = (
      catalogue.incidentNumbers, catalogue.references, self.customers
    )
    let asOf = catalogue.asOf
    var outages: [Outage] = []
    var unsound: Set<[UInt8]> = []
    let isCounted = catalogue.incidents.map(\.isCounted)
    let isResolved = catalogue.incidents.map { $0.isResolved(asOf: asOf) }
    try connection.query(RedressSQL.Query.transferredOutages.text, [.textArray(names)]) { row in
      guard let incident = incidents.find(row.bytes(1)), isCounted[incident.index] else { return }
      let window = try WindowReader.read(
        row, .ofCustomer, isResolved: isResolved[incident.index], references: references
      ) { _ in unsound.insert(row.id(0)) }
      guard let window, window.start <= asOf else { return }
      // Only that of an incident which is not resolved is open, or ends later.
      let end = min(window.end ?? asOf, asOf)
      outages.append(
        Outage(
          incident: incident, severity: window.severity,
          scope: Scope(
            service: window.service, customer: numbered.find(row.bytes(0)).map { .other($0) }),
          interval: Interval(window.start, end), shareMicros: window.shareMicros))
    }
    var exclusions: [Exclusion] = []
    try connection.query(RedressSQL.Query.transferredExclusions.text, [.textArray(names)]) { row in
      let exclusion = try SourceExclusion.read(
        row, firstColumn: 1, references: references,
        customer: numbered.find(row.bytes(0)).map { .other($0) }
      ) { _ in }
      if let exclusion { exclusions.append(exclusion.exclusion) }
    }
    // A window that is bad here was not when the catalogue was read: nothing of its customer is decided on.
    for subscription in subscriptions.indices {
      for term in subscriptions[subscription].terms.indices
      where unsound.contains(subscriptions[subscription].terms[term].customer) {
        subscriptions[subscription].terms[term].sound = nil
      }
    }
    self.outages = outages
    self.exclusions = exclusions
  }

  public func find(_ subscription: UnsafeRawBufferPointer) -> Subscription? {
    subscriptions.isEmpty ? nil : numbers.find(subscription).map { subscriptions[Int($0)] }
  }
}
