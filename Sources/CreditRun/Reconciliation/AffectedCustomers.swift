package import CreditLedger
package import Postgres
package import ServiceCredits

/// An Enterprise customer, and the time that incidents took from it.
package struct AffectedCustomer: Hashable, Sendable {
  /// One stretch of time that an incident took from a service of the customer.
  package struct Stretch: Hashable, Sendable {
    /// Number of the incident in the catalogue.
    package let incident: IncidentNumber
    /// Number of the service in the catalogue.
    package let service: ServiceNumber
    package let severity: Severity
    /// Never empty; of an open incident, up to the as-of instant.
    package let interval: Interval
  }

  package let id: [UInt8]
  package let name: [UInt8]
  /// `nil` where the source has none.
  package let email: [UInt8]?
  /// `nil` where the customer has none of its own, or one that PostgreSQL does not know.
  package let timeZone: [UInt8]?
  /// Never empty; ascending by incident, then start, then service.
  package let stretches: [Stretch]

  /// The incidents that touched the customer, ascending, each with its first instant.
  package var incidents: [(number: IncidentNumber, first: Instant)] {
    var found: [(number: IncidentNumber, first: Instant)] = []
    for stretch in stretches where found.last?.number != stretch.incident {
      found.append((stretch.incident, stretch.interval.start))
    }
    return found
  }

  /// The time that the incident took, whichever services it took it from.
  package func affected(by incident: IncidentNumber) -> IntervalSet {
    IntervalSet(stretches.filter { $0.incident == incident }.map(\.interval))
  }
}

/// Who of the Enterprise customers was affected by which incidents: those to whom a window that applies, clipped to their
/// terms and without the exclusions that the policy honours, leaves any time. Open incidents count up to the as-of
/// instant. It is the calculation of the credits, asked before money comes in; there is no second rule. What is wrong
/// with a fee, with two terms at once or with a time zone keeps nobody out: none of these says that nobody was affected.
/// - Source: credit rules, section 3, steps 1 to 4.
package struct AffectedCustomers: ~Copyable {
  private var streams: SourceStreams
  private var night: ReconciliationContext
  private var records = CustomerRecords()

  /// - Parameters:
  ///   - connection: inside the snapshot, and this one's from here on.
  ///   - catalogue: of that snapshot.
  ///   - policy: the one that the catalogue was read with.
  ///   - incidents: numbers of those to look at; void and parked ones touch nobody.
  ///   - open: gives further connections on the same snapshot.
  package init(
    connection: consuming Connection, catalogue: borrowing SourceCatalogue, policy: CreditPolicy,
    incidents: Set<IncidentNumber>, open: () throws -> Connection
  ) throws {
    let wanted = catalogue.asIfResolved(incidents)
    let streams = try SourceStreams(
      connection: connection, catalogue: wanted, scope: .enterprise, open: open)
    let today = ReconciliationContext.month(wanted.asOf)
    let months = ReconciliationContext.months(of: wanted) ?? today...today
    let night = try ReconciliationContext(
      connection: connection, catalogue: wanted, policy: policy, window: months,
      transferred: TransferredSubscriptions(), scope: .enterprise)
    self.streams = streams
    self.night = night
  }

  /// The next affected customer, in byte order of customer_id; `nil` at the end.
  ///
  /// - Parameter report: called for each bad row that keeps a term out, and for a time zone that is not used.
  package mutating func next(report: (Finding) throws -> Void) throws -> AffectedCustomer? {
    while try streams.next(into: &records, report: report) {
      // What is left of other rows that name the customer is no customer of this tier.
      guard records.isKnown else { continue }
      let stretches = stretches().sorted {
        ($0.incident, $0.interval.start, $0.service, $0.severity)
          < ($1.incident, $1.interval.start, $1.service, $1.severity)
      }
      guard !stretches.isEmpty else { continue }
      let zone = try CustomerZone(of: records, night: &night, report: report)
      let arena = records.arena
      return AffectedCustomer(
        id: Array(arena[records.id]), name: Array(arena[records.name]),
        email: records.email.map { Array(arena[$0]) },
        timeZone: zone.isUnknown ? nil : records.zone.map { Array(arena[$0]) },
        stretches: stretches)
    }
    return nil
  }

  /// What incidents took from the customer at hand, term by term: two terms at once are two services, or one twice.
  private mutating func stretches() -> [AffectedCustomer.Stretch] {
    let outages = records.outages.filter { night.isAtHand($0.incident) }
    let exclusions = records.exclusions.map(\.exclusion)
    let terms = records.terms.compactMap(\.sound)
    var stretches: [AffectedCustomer.Stretch] = []
    for term in terms where !term.interval.isEmpty {
      let touched = night.touchedTime(
        of: SubscriptionInput(
          terms: [
            SubscriptionTerm(
              interval: term.interval, customer: .own, service: term.service, plan: nil, zone: nil,
              fee: term.fee)
          ], outages: outages, exclusions: exclusions))
      stretches += touched.map {
        AffectedCustomer.Stretch(
          incident: $0.incident, service: term.service, severity: $0.severity,
          interval: $0.interval)
      }
    }
    return stretches
  }
}

extension ReconciliationContext {
  /// From the first month that any counted incident touches to the last; `nil` where none touches any.
  package static func months(of catalogue: borrowing SourceCatalogue) -> ClosedRange<BillingMonth>?
  {
    let reaches = catalogue.incidents.filter(\.isCounted).compactMap(\.reach)
    guard let start = reaches.map(\.start).min(), let end = reaches.map(\.end).max() else {
      return nil
    }
    return month(start)...month(end)
  }

  /// The month in UTC.
  package static func month(_ instant: Instant) -> BillingMonth {
    BillingMonth(daysSinceUnixEpoch: Int32(instant.microseconds / 86_400_000_000))
  }
}
