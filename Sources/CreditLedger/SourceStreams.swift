public import Postgres
import RedressSQL
public import ServiceCredits

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
  ///   - open: gives a connection that is inside a transaction on the run's snapshot; not called where the
  ///     relation `isEmpty`.
  init(
    relation: String, query: RedressSQL.Query, enterprise: RedressSQL.Query?, isEmpty: Bool,
    scope: CustomerScope, open: () throws -> Connection
  ) throws {
    self.relation = relation
    reader = nil
    guard !isEmpty, scope != .enterprise || enterprise != nil else { return }
    let connection = try open()
    let query = (scope == .enterprise ? enterprise ?? query : query).text
    var rows = query
    if case .one(let customer) = scope {
      // COPY takes no parameters. PostgreSQL moves the condition into the query and its indexes.
      try connection.query(
        RedressSQL.Query.reportScope.text, [.text("redress.customer_id"), .text(customer)])
      rows =
        "SELECT * FROM (\(query)) AS r WHERE r.customer_id = current_setting('redress.customer_id')"
    }
    reader = try connection.copyOut("COPY (\(rows)) TO STDOUT (FORMAT binary)", name: relation)
    try advance()
  }

  mutating func advance() throws(PostgresError) {
    hasRow = try reader?.next() ?? false
    rowsRead += 1
  }

  var customer: UnsafeRawBufferPointer { reader!.bytes(0) }

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

/// The seven sorted streams of a night, merged by customer.
public struct SourceStreams: ~Copyable {
  private var customers: CustomerStream
  private var terms: CustomerStream
  private var outages: CustomerStream
  private var exclusions: CustomerStream
  private var invoices: CustomerStream
  private var credits: CustomerStream
  private var lines: CustomerStream

  private var months = MonthMemory()
  private let services: ByteTable
  private let incidents: ByteTable
  /// Until when the windows of each incident are read: to their ends where it is resolved, up to the as-of instant where
  /// it is open and counted all the same. `nil` where they are left out.
  private let windowLimits: [Instant?]
  private let hasEmails: Bool
  /// The customer being read; what comes next must be greater.
  private let current = ByteArena()
  private var currentId: ByteSlice?

  /// - Parameters:
  ///   - connection: inside the run's snapshot; asked which relations have rows.
  ///   - other: the same source under another policy, where two are compared.
  ///   - withInvoices: whether invoices and the lines on them are read.
  ///   - open: gives further connections on the same snapshot.
  public init(
    connection: borrowing Connection, catalogue: borrowing SourceCatalogue,
    comparedWith other: SourceCatalogue? = nil, scope: CustomerScope = .everyone,
    withInvoices: Bool = true, open: () throws -> Connection
  ) throws {
    var isThere = [Bool](repeating: false, count: 7)
    try connection.query(RedressSQL.Query.whatIsThere.text) { row in
      for column in 0..<7 { isThere[column] = try row.bool(column) }
    }
    // It holds a lock on each of them by now.
    let rewritten = try connection.rows(.rewrittenRelations) { try $0.string(0) }
    if let relation = rewritten.first { throw LedgerError.rewritten(relation: relation) }
    let customers = try CustomerStream(
      relation: "redress_source.customer", query: .streamCustomers,
      enterprise: .enterpriseCustomers, isEmpty: !isThere[0], scope: scope,
      open: open)
    let terms = try CustomerStream(
      relation: "redress_source.subscription_term", query: .streamTerms,
      enterprise: .enterpriseTerms, isEmpty: !isThere[1], scope: scope,
      open: open)
    let outages = try CustomerStream(
      relation: "redress_source.outage", query: .streamOutages, enterprise: .enterpriseOutages,
      isEmpty: !isThere[2], scope: scope,
      open: open)
    let exclusions = try CustomerStream(
      relation: "redress_source.exclusion", query: .streamExclusions,
      enterprise: .enterpriseExclusions, isEmpty: !isThere[3], scope: scope,
      open: open)
    let invoices = try CustomerStream(
      relation: "redress_source.invoice", query: .streamInvoices, enterprise: nil,
      isEmpty: !isThere[4] || !withInvoices, scope: scope,
      open: open)
    let credits = try CustomerStream(
      relation: "redress.credit", query: .streamCredits, enterprise: nil, isEmpty: !isThere[5],
      scope: scope,
      open: open)
    let lines = try CustomerStream(
      relation: "redress.invoice_adjustment", query: .streamLines, enterprise: nil,
      isEmpty: !isThere[6] || !withInvoices, scope: scope,
      open: open)
    self.customers = customers
    self.terms = terms
    self.outages = outages
    self.exclusions = exclusions
    self.invoices = invoices
    self.credits = credits
    self.lines = lines
    services = catalogue.serviceNumbers
    incidents = catalogue.incidentNumbers
    hasEmails = scope == .enterprise
    let asOf = catalogue.asOf
    windowLimits = catalogue.incidents.enumerated().map { position, incident in
      guard incident.isCounted || other?.incidents[position].isCounted ?? false else { return nil }
      return incident.isResolved(asOf: asOf) ? .distantFuture : asOf
    }
  }

  /// Rows of all seven relations.
  public var rowsRead: Int {
    customers.rowsRead + terms.rowsRead + outages.rowsRead + exclusions.rowsRead
      + invoices.rowsRead + credits.rowsRead + lines.rowsRead
  }
  public var customersRead: Int { customers.rowsRead }
  public var termsRead: Int { terms.rowsRead }

  /// Fills `records` with the next customer's rows, in byte order of customer_id; `false` at the end.
  ///
  /// - Parameter report: called for each bad row that concerns this customer alone.
  public mutating func next(
    into records: inout CustomerRecords, report: (Finding) throws -> Void
  ) throws -> Bool {
    guard try takeSmallestCustomer(into: &records) else { return false }
    let arena = records.arena
    let customer = current[currentId!]
    try customers.forEachRow(of: customer) { row in
      guard !records.isKnown else { return }
      records.isKnown = true
      records.name = arena.append(row.bytes(1))
      records.tier = arena.append(row.bytes(2))
      records.zone = row.isNull(3) ? nil : arena.append(row.bytes(3))
      records.email = !hasEmails || row.isNull(4) ? nil : arena.append(row.bytes(4))
    }
    try readTerms(customer, &records, report)
    try readScoped(customer, &records, report)
    try readInvoices(customer, &records, report)
    try readLedger(customer, &records)
    return true
  }

  private mutating func takeSmallestCustomer(into records: inout CustomerRecords) throws -> Bool {
    var smallest: UnsafeRawBufferPointer?
    var relation = ""
    func consider(_ stream: borrowing CustomerStream) {
      guard stream.hasRow else { return }
      if let best = smallest, compareBytes(best, stream.customer) <= 0 { return }
      smallest = stream.customer
      relation = stream.relation
    }
    consider(customers)
    consider(terms)
    consider(outages)
    consider(exclusions)
    consider(invoices)
    consider(credits)
    consider(lines)
    guard let smallest else { return false }
    if let currentId, compareBytes(current[currentId], smallest) >= 0 {
      throw LedgerError.notSorted(relation: relation)
    }
    current.removeAll()
    currentId = current.append(smallest)
    records.begin(smallest)
    return true
  }

  private mutating func readTerms(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    let arena = records.arena
    let services = self.services
    try terms.forEachRow(of: customer) { row in
      let subscription: ByteSlice
      if let last = records.terms.last,
        compareBytes(arena[last.subscription], row.bytes(1)) == 0
      {
        subscription = last.subscription
      } else {
        subscription = arena.append(row.bytes(1))
      }
      records.terms.append(
        CustomerRecords.Term(
          subscription: subscription, serviceId: arena.append(row.bytes(2)),
          plan: arena.append(row.bytes(3)),
          sound: try TermReader.read(row, firstColumn: 1, services: services, report: report)))
    }
  }

  private mutating func readScoped(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    if outages.isAt(customer) {
      let (incidents, services, limits) = (self.incidents, self.services, windowLimits)
      try outages.forEachRow(of: customer) { row in
        // Bad windows have parked their incident before the first customer, so what is counted is sound.
        guard let incident = incidents.find(row.bytes(1)), let limit = limits[Int(incident)],
          let severity = Severity(code: row.bytes(2)), let start = try row.finiteInstant(4),
          start <= limit
        else { return }
        let end = min(limit, try row.finiteInstant(5) ?? limit)
        let service = row.isNull(3) ? nil : services.find(row.bytes(3))
        records.outages.append(
          Outage(
            incident: incident, severity: severity, scope: Scope(service: service, customer: 0),
            interval: Interval(start, end)))
      }
    }
    if exclusions.isAt(customer) {
      let services = self.services
      let isKnown = records.isKnown
      try exclusions.forEachRow(of: customer) { row in
        guard isKnown else {
          try report(
            Finding(
              code: .unknownCustomer, relation: "exclusion", key: row.text(1),
              problem: "The exclusion is for customer '\(row.text(0))', who does not exist.",
              remedy: "Correct the exclusion's customer_id or add the customer."))
          return
        }
        switch try SourceExclusion.read(row, firstColumn: 1, services: services, customer: 0) {
        case .success(let exclusion):
          if let exclusion { records.exclusions.append(exclusion) }
        case .failure(let bad): try report(bad.finding)
        }
      }
    }
  }

  private mutating func readInvoices(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    let arena = records.arena
    let isKnown = records.isKnown
    try invoices.forEachRow(of: customer) { row in
      let id = row.bytes(1)
      // An id that comes twice is one invoice; what the second row says is not added to it.
      if records.invoices.contains(where: { compareBytes(arena[$0.id], id) == 0 }) { return }
      let open = try InvoiceReader.read(row, customerIsKnown: isKnown, report: report)
      records.invoices.append(CustomerRecords.Invoice(id: arena.append(id), open: open))
    }
  }

  private mutating func readLedger(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords
  ) throws {
    let arena = records.arena
    var months = self.months
    try credits.forEachRow(of: customer) { row in
      let currency = try LedgerColumns.currency(row, 3)
      let month = months.month(try row.date(6))
      let revision = try row.int32(4)
      let amountMinor = try row.int64(5)
      if let last = records.recorded.indices.last,
        records.recorded[last].currency == currency,
        compareBytes(arena[records.recorded[last].incident], row.bytes(2)) == 0,
        compareBytes(arena[records.recorded[last].subscription], row.bytes(1)) == 0
      {
        let (total, overflow) = records.recorded[last].credit.amountMinor
          .addingReportingOverflow(amountMinor)
        guard !overflow else { throw LedgerError.amountTooLarge(row) }
        records.recorded[last].credit.revision = revision
        records.recorded[last].credit.amountMinor = total
        records.recorded[last].credit.month = month
        records.recorded[last].percent = BasisPoints(try row.int32(7))
        records.recorded[last].firstInstant = try row.instant(8)
        return
      }
      records.recorded.append(
        CustomerRecords.Recorded(
          subscription: arena.append(row.bytes(1)), incident: arena.append(row.bytes(2)),
          currency: currency,
          credit: RecordedCredit(revision: revision, amountMinor: amountMinor, month: month),
          percent: BasisPoints(try row.int32(7)), firstInstant: try row.instant(8),
          firstLine: 0, lineCount: 0))
    }
    self.months = months
    var key = 0
    // No sum over some of a customer's lines is larger than this one.
    var linesMinor: Int64 = 0
    try lines.forEachRow(of: customer) { row in
      let currency = try LedgerColumns.currency(row, 3)
      while key < records.recorded.count,
        records.recorded[key].currency != currency
          || compareBytes(arena[records.recorded[key].incident], row.bytes(2)) != 0
          || compareBytes(arena[records.recorded[key].subscription], row.bytes(1)) != 0
      {
        key += 1
      }
      guard key < records.recorded.count else {
        throw LedgerError.lineWithoutCredit(
          customer: row.text(0), subscription: row.text(1), incident: row.text(2))
      }
      if records.recorded[key].lineCount == 0 {
        records.recorded[key].firstLine = Int32(records.lines.count)
      }
      records.recorded[key].lineCount += 1
      let amountMinor = try row.int64(6)
      let (total, overflow) = linesMinor.addingReportingOverflow(
        Int64(clamping: amountMinor.magnitude))
      guard !overflow else { throw LedgerError.amountTooLarge(row) }
      linesMinor = total
      records.lines.append(
        CustomerRecords.Line(
          number: try row.int32(4), invoice: arena.append(row.bytes(5)), amountMinor: amountMinor))
    }
  }
}

/// Turns days into months; rows mostly have the month of the row before.
private struct MonthMemory {
  private var day: Int32 = 0
  private var month = BillingMonth(daysSinceUnixEpoch: 0)

  mutating func month(_ day: Int32) -> BillingMonth {
    if day != self.day {
      self.day = day
      month = BillingMonth(daysSinceUnixEpoch: day)
    }
    return month
  }
}

enum LedgerColumns {
  static func currency(
    _ row: borrowing some BinaryColumns & ~Copyable, _ column: Int
  ) throws -> Currency {
    guard let currency = Currency(code: row.bytes(column)) else {
      throw LedgerError.unknownCurrency(row.text(column))
    }
    return currency
  }

  static func kind(_ code: UnsafeRawBufferPointer) -> RevisionKind? {
    switch code.count {
    case 5 where code.elementsEqual("grant".utf8): .grant
    case 8 where code.elementsEqual("increase".utf8): .increase
    case 8 where code.elementsEqual("decrease".utf8): .decrease
    default: nil
    }
  }
}

/// Checks one row of `subscription_term`.
/// - Source: credit rules, section 9.
enum TermReader {
  /// - Parameter c: where subscription_id stands; service_id, plan, monthly_fee, currency, valid_from and valid_to
  ///   follow.
  /// - Returns: `nil` where the row is bad; every fault has been reported.
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, firstColumn c: Int, services: ByteTable,
    report: (Finding) throws -> Void
  ) throws -> CustomerRecords.Term.Sound? {
    let start = try row.finiteInstant(c + 5)
    let end = try row.instant(c + 6)
    let service = services.find(row.bytes(c + 1))
    let currency = Currency(code: row.bytes(c + 4))
    let fee = row.isNull(c + 3) ? NumericValue.notANumber : try row.numericMicros(c + 3)
    if let start, let service, let currency, case .micros(let micros) = fee, micros >= 0,
      end.map({ $0.isFinite && start <= $0 }) ?? true
    {
      return CustomerRecords.Term.Sound(
        interval: Interval(start, end ?? .distantFuture), service: service,
        fee: MonthlyFee(micros: micros, currency: currency))
    }

    let key = "\(row.text(c)) / \(try row.timeText(c + 5))"
    func bad(_ code: FindingCode, _ problem: String, _ remedy: String) throws {
      try report(
        Finding(
          code: code, relation: "subscription_term", key: key, problem: problem, remedy: remedy))
    }
    if service == nil {
      try bad(
        .unknownService, "The term is for service '\(row.text(c + 1))', which does not exist.",
        "Correct the term's service_id or add the service.")
    }
    if currency == nil {
      try bad(
        .unknownCurrency, "The currency of the term is '\(row.text(c + 4))'.",
        "Set the term's currency to a code of ISO 4217 in upper case.")
    }
    switch fee {
    case .micros(let micros) where micros < 0:
      try bad(
        .negativeFee, "The monthly fee of the term is negative.",
        "Set the term's monthly_fee to zero or more.")
    case .micros: break
    case .tooPrecise:
      try bad(
        .feePrecision, "The monthly fee of the term has more than 6 decimals.",
        "Round the term's monthly_fee to 6 decimals.")
    case .outOfRange, .notANumber:
      try bad(
        .amountOutOfRange, "The monthly fee of the term is missing, no number or too large.",
        "Set the term's monthly_fee to an amount below 9,223,372,036,854.")
    }
    if start == nil || end.map({ !$0.isFinite }) ?? false {
      try bad(
        .infiniteTime,
        "The term runs from \(try row.timeText(c + 5)) to \(try row.timeText(c + 6)).",
        "Give the term a finite valid_from; valid_to is null for a term without an end.")
    } else if let start, let end, end < start {
      try bad(
        .reversedTerm, "The term ends at \(end.text), before it begins.",
        "Correct valid_from and valid_to of the term.")
    }
    return nil
  }
}

/// Checks one row of `invoice`.
/// - Source: credit rules, sections 8 and 9.
enum InvoiceReader {
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, customerIsKnown: Bool,
    report: (Finding) throws -> Void
  ) throws -> OpenInvoice {
    let isVoid = row.bytes(3).elementsEqual("void".utf8)
    let currency = Currency(code: row.bytes(2))
    let key = row.text(1)
    func bad(_ code: FindingCode, _ problem: String, _ remedy: String) throws {
      try report(
        Finding(code: code, relation: "invoice", key: key, problem: problem, remedy: remedy))
    }
    // What is placed on a bad draft stays there, and nothing is added.
    let untouched = OpenInvoice(currency: nil, state: isVoid ? .void : .draft(dueMinor: .max))
    guard customerIsKnown else {
      try bad(
        .unknownCustomer, "The invoice is for customer '\(row.text(0))', who does not exist.",
        "Correct the invoice's customer_id or add the customer.")
      return untouched
    }
    guard row.bytes(1).count <= KeyProbe.certainBytes else {
      try bad(
        .idTooLong,
        "The id of the invoice has \(row.bytes(1).count) bytes, too many for an index of PostgreSQL.",
        "Give the invoice an id of \(KeyProbe.certainBytes) bytes at most.")
      return untouched
    }
    guard let currency else {
      try bad(
        .unknownCurrency, "The currency of the invoice is '\(row.text(2))'.",
        "Set the invoice's currency to a code of ISO 4217 in upper case.")
      return untouched
    }
    if isVoid { return OpenInvoice(currency: currency, state: .void) }
    if try row.isNull(5) || [Int32.min, .max].contains(row.date(5)) {
      try bad(
        .infiniteTime, "The invoice has no issue_on, or an infinite one.",
        "Set the invoice's issue_on to a day.")
      return untouched
    }
    guard !row.isNull(4), let due = try row.minorUnits(4, of: currency) else {
      try bad(
        .amountOutOfRange, "The amount_due of the invoice is missing, no number or too large.",
        "Set the invoice's amount_due to an amount in \(currency.code).")
      return untouched
    }
    return OpenInvoice(currency: currency, state: .draft(dueMinor: max(0, due)))
  }
}

extension BinaryColumns where Self: ~Copyable {
  /// A numeric of major units as whole minor units, what is below one cut off; `nil` where it is no number or does
  /// not fit.
  func minorUnits(_ column: Int, of currency: Currency) throws(PostgresError) -> Int64? {
    guard case .micros(let tenThousandths) = try numeric(column, decimals: 4) else { return nil }
    return tenThousandths / (10_000 / currency.minorUnitsPerMajor)
  }
}
