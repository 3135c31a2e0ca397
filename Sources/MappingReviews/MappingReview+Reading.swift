package import CreditRun
import PolicyFiles
package import Postgres
import RedressSQL
import ServiceCredits

extension MappingReview {
  /// Reads the source, each statement a sum: nothing grows with the number of its rows.
  /// - Parameter connection: in the snapshot of the check.
  package init(
    _ connection: borrowing Connection, _ request: ReconciliationRequest,
    _ plan: ReconciliationPlan
  ) throws {
    var ledgerId = ""
    try connection.query(RedressSQL.Query.nextRunId.text) { ledgerId = try $0.string(1) }
    self.init(
      database: connection.database, ledgerId: ledgerId, asOf: plan.asOf, months: plan.months,
      policy: request.policy, version: plan.controls(of: request.policy.policy))
    try readFees(connection)
    try readTiers(connection)
    try readInvoices(connection)
    try readIncidents(connection)
    try readSigns(connection)
  }

  private mutating func readFees(_ connection: borrowing Connection) throws {
    var fees: [Fees] = []
    try connection.query(
      RedressSQL.Query.mappingFees.text,
      [.timestamptz(asOf.microseconds), .int64(Int64(MappingReview.groups))]
    ) { row in
      let scope: Fees.Scope =
        if row.isNull(4) {
          .currency
        } else if try row.int64(4) > Int64(MappingReview.groups) {
          .others(try row.int64(5))
        } else {
          .plan(
            try row.optionalString(1), service: try row.optionalString(2),
            serviceName: try row.optionalString(3))
        }
      fees.append(
        Fees(
          currency: try row.optionalString(0), scope: scope, terms: try row.int64(6),
          fee: try row.string(7)))
    }
    self.fees = fees
  }

  private mutating func readTiers(_ connection: borrowing Connection) throws {
    var tiers: [Tier] = []
    var others = Tier(
      name: nil, customers: 0, withoutSubscription: 0, subscriptions: 0, inForce: 0)
    try connection.query(
      RedressSQL.Query.mappingTiers.text, [.timestamptz(asOf.microseconds)]
    ) { row in
      let tier = Tier(
        name: try row.optionalString(0) ?? MappingReview.nothing, customers: try row.int64(1),
        withoutSubscription: try row.int64(2), subscriptions: try row.int64(3),
        inForce: try row.int64(4))
      guard tiers.count == MappingReview.groups else { return tiers.append(tier) }
      others.add(tier)
    }
    self.tiers = tiers + (others.customers > 0 ? [others] : [])
  }

  private mutating func readInvoices(_ connection: borrowing Connection) throws {
    var invoices: [Invoices] = []
    var others: Int64 = 0
    var hasDrafts = false
    try connection.query(RedressSQL.Query.mappingInvoices.text) { row in
      let status = try row.optionalString(0)
      if status == "draft" { hasDrafts = true }
      guard invoices.count < MappingReview.groups else {
        others += try row.int64(2)
        return
      }
      invoices.append(
        Invoices(
          status: status, currency: try row.optionalString(1), count: try row.int64(2),
          amountDue: try row.string(3), firstDay: try row.optionalString(4),
          lastDay: try row.optionalString(5)))
    }
    (self.invoices, otherInvoices, self.hasDrafts) = (invoices, others, hasDrafts)
    var drafts: [Drafts] = []
    try connection.query(RedressSQL.Query.mappingDrafts.text) { row in
      drafts.append(
        Drafts(
          drafts: try row.int64(0), customers: try row.int64(1),
          example: try row.optionalString(2)))
    }
    self.drafts = drafts
  }

  private mutating func readIncidents(_ connection: borrowing Connection) throws {
    func instant(_ row: borrowing Row, _ column: Int) throws -> Instant? {
      row.isNull(column) ? nil : Instant(microseconds: try row.timestamp(column))
    }
    var incidents: [Incidents] = []
    var others: Int64 = 0
    try connection.query(RedressSQL.Query.mappingIncidents.text) { row in
      guard incidents.count < MappingReview.groups else {
        others += try row.int64(2)
        return
      }
      incidents.append(
        Incidents(
          status: try row.optionalString(0), severity: try row.optionalString(1),
          count: try row.int64(2), unresolved: try row.int64(3), first: try instant(row, 4),
          last: try instant(row, 5)))
    }
    (self.incidents, otherIncidents) = (incidents, others)
    var outages: [Outages] = []
    var rest = Outages(scope: .others(0))
    try connection.query(RedressSQL.Query.mappingOutages.text) { row in
      let service = try row.optionalString(0)
      let name = try row.optionalString(1)
      var outage = Outages(scope: service.map { .service($0, name: name) } ?? .allServices)
      outage.incidents = try row.int64(2)
      outage.windows = try row.int64(3)
      outage.unended = try row.int64(4)
      outage.microseconds = Int128(try row.string(5)) ?? 0
      outage.forAll = try row.int64(6)
      outage.customers = try row.int64(7)
      outage.first = try instant(row, 8)
      outage.last = try instant(row, 9)
      if outages.count < MappingReview.groups { outages.append(outage) } else { rest.add(outage) }
    }
    if case .others(1...) = rest.scope { outages.append(rest) }
    self.outages = outages
  }

  // MARK: Signs

  private mutating func readSigns(_ connection: borrowing Connection) throws {
    let examples = Parameter.int64(Int64(MappingReview.examples))
    let asOf = Parameter.timestamptz(asOf.microseconds)
    let queries: [(RedressSQL.Query, [Parameter])] = [
      (.mappingTermSigns, [examples]), (.mappingChains, [examples, .text(version.timeZone)]),
      (.mappingPlanSigns, [examples]), (.mappingCustomerSigns, [examples]),
      (.mappingMissing, [examples]), (.mappingUnlisted, [.int64(Int64(MappingReview.groups))]),
      (.mappingHistory, [asOf]), (.mappingPlacedDrafts, [examples]),
    ]
    let holdsRewritten = version.rewrittenPast == .hold
    var seen: [SourceSign: SeenSign] = [:]
    for (query, parameters) in queries {
      try connection.query(query.text, parameters) { row in
        guard let sign = SourceSign(rawValue: try row.string(0)) else {
          preconditionFailure("\(query.rawValue) names a sign that is not there")
        }
        let total = try row.int64(1)
        let cells = try sign.columns.indices.map { try row.optionalString($0 + 2) }
        let isAnswered = sign == .presentOnly && holdsRewritten
        seen[sign, default: SeenSign(sign, total: total, isAnswered: isAnswered)].add(cells)
      }
    }
    if !hasDrafts {
      seen[.noDrafts] = SeenSign(.noDrafts, total: 0)
    }
    signs = SourceSign.allCases.compactMap { seen[$0] }
  }

  /// How an absent value is written.
  static let nothing = "(none)"
}

extension MappingReview.Tier {
  mutating func add(_ other: MappingReview.Tier) {
    customers += other.customers
    withoutSubscription += other.withoutSubscription
    subscriptions += other.subscriptions
    inForce += other.inForce
  }
}

extension MappingReview.Outages {
  /// Adds another service. Incidents and customers may be counted for several.
  mutating func add(_ other: MappingReview.Outages) {
    if case .others(let count) = scope { scope = .others(count + 1) }
    incidents += other.incidents
    windows += other.windows
    unended += other.unended
    microseconds += other.microseconds
    forAll += other.forAll
    customers += other.customers
    first = [first, other.first].compactMap { $0 }.min()
    last = [last, other.last].compactMap { $0 }.max()
  }
}
