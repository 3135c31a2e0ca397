public import Postgres
import RedressSQL
public import ServiceCredits

/// The sorted streams of a night, merged by customer.
public struct SourceStreams: ~Copyable {
  private var customers: CustomerStream
  private var terms: CustomerStream
  private var outages: CustomerStream
  private var exclusions: CustomerStream
  private var invoices: CustomerStream
  private var doubledInvoices: CustomerStream
  var claims: CustomerStream
  var credits: CustomerStream
  var lines: CustomerStream
  /// `nil` where no lines are at hand.
  private let invoicesAtHand: LedgerReach.InvoicesAtHand?

  var months = MonthMemory()
  let references: SourceReferences
  let incidents: NumberedNames<Incident>
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
  ///   - since: terms, windows and exclusions that ended before it are not read; `nil` to read all.
  ///   - ledger: how much of the ledger is read.
  ///   - open: gives further connections on the same snapshot.
  public init(
    connection: borrowing Connection, catalogue: borrowing SourceCatalogue,
    comparedWith other: SourceCatalogue? = nil, scope: CustomerScope = .everyone,
    withInvoices: Bool = true, since: Instant? = nil, ledger: LedgerReach = .whole,
    open: () throws -> Connection
  ) throws {
    try self.init(
      connection: connection, catalogue: catalogue, comparedWith: other, scope: scope,
      since: since, ledger: ledger,
      relations: SourceRelations(
        connection, withInvoices: withInvoices,
        withClaims: catalogue.readsClaims || other?.readsClaims ?? false), open: open)
  }

  /// - Parameter relations: what is locked already, by a session that stays open.
  public init(
    connection: borrowing Connection, catalogue: borrowing SourceCatalogue,
    comparedWith other: SourceCatalogue? = nil, scope: CustomerScope, since: Instant?,
    ledger: LedgerReach, relations: SourceRelations, open: () throws -> Connection
  ) throws {
    let isThere = relations.haveRows(for: scope)
    func stream(
      _ relation: String, _ queries: CustomerStream.Queries, isThere: Bool
    ) throws -> CustomerStream {
      try CustomerStream(
        relation: relation, queries, isEmpty: !isThere, scope: scope, open: open)
    }
    let ended = since.map { [$0.text] }
    let recorded = try RecordedRows(of: ledger, scope: scope, connection)
    // All are asked before one is waited for. The ledger is first, because it may be asked for many keys.
    var credits = try stream(
      "redress.credit_revision", .init(ledger: recorded.credits), isThere: isThere[5])
    var lines = try stream(
      "redress.invoice_line", .init(ledger: recorded.lines), isThere: isThere[6])
    var customers = try stream("redress_source.customer", .customers, isThere: isThere[0])
    var terms = try stream(
      "redress_source.subscription_term", .terms(since: ended), isThere: isThere[1])
    var outages = try stream("redress_source.outage", .outages(since: ended), isThere: isThere[2])
    var exclusions = try stream(
      "redress_source.exclusion", .exclusions(since: ended), isThere: isThere[3])
    var invoices = try stream("redress_source.invoice", .invoices, isThere: isThere[4])
    var doubledInvoices = try stream(
      "doubled_invoices", .doubledInvoices(scope), isThere: isThere[4])
    var claims = try stream("redress_source.claim", .claims, isThere: relations.hasClaims)
    // Waits for the first row of each.
    try customers.advance()
    try terms.advance()
    try outages.advance()
    try exclusions.advance()
    try invoices.advance()
    try credits.advance()
    try lines.advance()
    try doubledInvoices.advance()
    try claims.advance()
    self.customers = customers
    self.terms = terms
    self.outages = outages
    self.exclusions = exclusions
    self.invoices = invoices
    self.doubledInvoices = doubledInvoices
    self.claims = claims
    self.credits = credits
    self.lines = lines
    invoicesAtHand = ledger.invoices
    references = catalogue.references
    incidents = catalogue.incidentNumbers
    hasEmails = scope == .enterprise
    windowLimits = SourceStreams.windowLimits(catalogue, other)
  }

  /// Until when the windows of each incident are read.
  private static func windowLimits(
    _ catalogue: borrowing SourceCatalogue, _ other: SourceCatalogue?
  ) -> [Instant?] {
    let asOf = catalogue.asOf
    return catalogue.incidents.enumerated().map { position, incident in
      guard incident.isCounted || other?.incidents[position].isCounted ?? false else { return nil }
      return incident.isResolved(asOf: asOf) ? .distantFuture : asOf
    }
  }

  /// Rows of all eight relations.
  public var rowsRead: Int {
    customers.rowsRead + terms.rowsRead + outages.rowsRead + exclusions.rowsRead
      + invoices.rowsRead + credits.rowsRead + lines.rowsRead + claims.rowsRead
  }

  /// Fills `records` with the next customer's rows, in byte order of customer_id; `false` at the end.
  ///
  /// - Parameter report: called for each bad row that concerns this customer alone, and for those that concern nobody:
  ///   before the first customer where the id is empty, and after the last one where it is null.
  public mutating func next(
    into records: inout CustomerRecords, report: (Finding) throws -> Void
  ) throws -> Bool {
    if currentId == nil { try reportKeyless(isNull: false, report) }
    guard try takeSmallestCustomer(into: &records) else {
      try reportKeyless(isNull: true, report)
      return false
    }
    let customer = current[currentId!]
    try readCustomer(customer, &records, report)
    try readTerms(customer, &records, report)
    try readScoped(customer, &records, report)
    try readClaims(customer, &records, report)
    try readInvoices(customer, &records, report)
    try readLedger(customer, &records)
    return true
  }

  /// Reports the rows that come now and have no customer_id. Nothing of any customer depends on them but a subscription
  /// that has other terms, and `TransferredSubscriptions` parks that.
  private mutating func reportKeyless(
    isNull: Bool, _ report: (Finding) throws -> Void
  ) throws {
    try customers.forEachKeyless(isNull: isNull) { row in
      try report(
        Finding(
          .keyless(.customer, .customer, row.key(0), [FindingKey.Part(.name, row.key(1))]),
          .missingKey(.customer)))
    }
    try terms.forEachKeyless(isNull: isNull) { row in
      try report(
        Finding(
          .keyless(
            .subscriptionTerm, .customer, row.key(0),
            [
              FindingKey.Part(.subscription, row.key(1)),
              FindingKey.Part(.validFrom, try row.instant(6)),
            ]), .missingKey(.customer)))
    }
    // Of a customer who is not there: the catalogue has reported it.
    try outages.forEachKeyless(isNull: isNull) { _ in }
    try exclusions.forEachKeyless(isNull: isNull) { row in
      try report(Finding(.exclusion(row.id(1)), .unknownCustomer([])))
    }
    try invoices.forEachKeyless(isNull: isNull) { row in
      try report(
        Finding(
          .keyless(
            .invoice, .customer, row.key(0), [FindingKey.Part(.invoice, row.key(1))]),
          .missingKey(.customer)))
    }
    try doubledInvoices.forEachKeyless(isNull: isNull) { _ in }
    try claims.forEachKeyless(isNull: isNull) { row in
      try report(Finding(try ClaimReader.key(row), .missingKey(.customer)))
    }
    guard isNull else { return }
    // Rows behind those would never be read.
    func expectEnd(_ stream: borrowing CustomerStream) throws {
      if stream.hasRow { throw LedgerError.notSorted(relation: stream.relation) }
    }
    try expectEnd(customers)
    try expectEnd(terms)
    try expectEnd(outages)
    try expectEnd(exclusions)
    try expectEnd(invoices)
    try expectEnd(claims)
  }

  private mutating func readCustomer(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    let arena = records.arena
    let hasEmails = self.hasEmails
    try customers.forEachRow(of: customer) { row in
      if records.isKnown {
        if !records.isParked {
          try report(Finding(.customer(Array(customer)), .duplicateRow))
        }
        records.isParked = true
        // Which of them is told must not depend on their order.
        let told = [records.name, records.tier].map { Array(arena[$0]) }
        guard [row.id(1), row.id(2)].lexicographicallyPrecedes(told, by: precedes) else { return }
      } else if row.isNull(2) {
        try report(Finding(.customer(Array(customer)), .missingValue(.tier)))
      }
      records.isKnown = true
      records.name = arena.append(row.bytes(1))
      records.tier = arena.append(row.bytes(2))
      records.zone = row.isNull(3) ? nil : arena.append(row.bytes(3))
      records.email = !hasEmails || row.isNull(4) ? nil : arena.append(row.bytes(4))
    }
    if records.isParked { records.zone = nil }
  }

  private mutating func takeSmallestCustomer(into records: inout CustomerRecords) throws -> Bool {
    var smallest: UnsafeRawBufferPointer?
    var relation = ""
    func consider(_ stream: borrowing CustomerStream) {
      guard stream.hasCustomer else { return }
      if let best = smallest, compareBytes(best, stream.customer) <= 0 { return }
      smallest = stream.customer
      relation = stream.relation
    }
    consider(customers)
    consider(terms)
    consider(outages)
    consider(exclusions)
    consider(invoices)
    consider(claims)
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
    let references = self.references
    try terms.forEachRow(of: customer) { row in
      guard !row.bytes(1).isEmpty else {
        records.lacksTerms = true
        try report(
          Finding(
            .keyless(
              .subscriptionTerm, .subscription, row.key(1),
              [
                FindingKey.Part(.customer, Array(customer)),
                FindingKey.Part(.validFrom, try row.instant(6)),
              ]), .missingKey(.subscription)))
        return
      }
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
          sound: try TermReader.read(
            row, firstColumn: 1, references: references, report: report)))
    }
  }

  private mutating func readScoped(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    let references = self.references
    if outages.isAt(customer) {
      let (incidents, limits) = (self.incidents, windowLimits)
      try outages.forEachRow(of: customer) { row in
        guard let incident = incidents.find(row.bytes(1)), let limit = limits[incident.index] else {
          return
        }
        // Bad windows have parked their incident before the first customer. One that is bad here all the same has
        // changed in between, as foreign tables can: then nothing of the customer is decided on.
        let window = try WindowReader.read(
          row, .ofCustomer, isResolved: limit == .distantFuture, references: references
        ) { fault in
          records.isParked = true
          try report(Finding(.window(row.id(1), from: try row.instant(4)), fault))
        }
        guard let window, window.start <= limit else { return }
        records.outages.append(
          Outage(
            incident: incident, severity: window.severity,
            scope: Scope(service: window.service, customer: .own),
            interval: Interval(window.start, min(limit, window.end ?? limit)),
            shareMicros: window.shareMicros))
      }
    }
    if exclusions.isAt(customer) {
      let isKnown = records.isKnown
      try exclusions.forEachRow(of: customer) { row in
        guard isKnown else {
          try report(Finding(.exclusion(row.id(1)), .unknownCustomer(row.id(0))))
          return
        }
        let exclusion = try SourceExclusion.read(
          row, firstColumn: 1, references: references, customer: .own, report: report)
        if let exclusion { records.exclusions.append(exclusion) }
      }
    }
  }

  private mutating func readInvoices(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    let arena = records.arena
    let isKnown = records.isKnown
    let invoicesAtHand = self.invoicesAtHand
    var doubled: [ByteSlice] = []
    try doubledInvoices.forEachRow(of: customer) { doubled.append(arena.append($0.bytes(1))) }
    try invoices.forEachRow(of: customer) { row in
      let id = row.bytes(1)
      guard !id.isEmpty else {
        try report(
          Finding(
            .keyless(
              .invoice, .invoice, row.key(1), [FindingKey.Part(.customer, Array(customer))]),
            .missingKey(.invoice)))
        return
      }
      if SetOffInvoice.isMeant(by: id) || BalanceInvoice.isReserved(id) {
        try report(
          Finding(.invoice(Array(id)), .reservedInvoice(isBalance: BalanceInvoice.isReserved(id))))
        return
      }
      // An id that comes twice is one invoice, which is fixed.
      if records.invoices.contains(where: { compareBytes(arena[$0.id], id) == 0 }) { return }
      let isDoubled = doubled.contains { compareBytes(arena[$0], id) == 0 }
      var open = try InvoiceReader.read(
        row, customerIsKnown: isKnown, isDoubled: isDoubled, report: report)
      // It carries another customer's credits, for whom it is reported: what is due on it may be used up.
      let isForeign = invoicesAtHand?.isForeign(id, of: customer) ?? false
      if isDoubled || isForeign { open = OpenInvoice(currency: open.currency, state: .fixed) }
      records.invoices.append(
        CustomerRecords.Invoice(
          id: arena.append(id), open: open, currency: arena.append(row.bytes(2))))
    }
  }
}

private func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.lexicographicallyPrecedes(right)
}
