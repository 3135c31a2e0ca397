public import CreditLedger
public import Postgres
public import ServiceCredits

/// An Enterprise customer, and the time that incidents took from it.
public struct AffectedCustomer: Hashable, Sendable {
  /// One stretch of time that an incident took from a service of the customer.
  public struct Stretch: Hashable, Sendable {
    /// Number of the incident in the catalogue.
    public let incident: Int32
    /// Number of the service in the catalogue.
    public let service: Int32
    public let severity: Severity
    /// Never empty; of an open incident, up to the as-of instant.
    public let interval: Interval
  }

  public let id: [UInt8]
  public let name: [UInt8]
  /// `nil` where the source has none.
  public let email: [UInt8]?
  /// `nil` where the customer has none of its own.
  public let timeZone: [UInt8]?
  /// Never empty; ascending by incident, then start, then service.
  public let stretches: [Stretch]

  /// The incidents that touched the customer, ascending, each with its first instant.
  public var incidents: [(number: Int32, first: Instant)] {
    var found: [(number: Int32, first: Instant)] = []
    for stretch in stretches where found.last?.number != stretch.incident {
      found.append((stretch.incident, stretch.interval.start))
    }
    return found
  }
}

/// Who of the Enterprise customers was affected by which incidents: those to whom a window that applies, clipped to their
/// terms and without the exclusions that the policy honours, leaves any time. Open incidents count up to the as-of
/// instant. It is the calculation of the credits, asked before money comes in; there is no second rule.
/// - Source: credit rules, section 3, steps 1 to 4.
public struct AffectedCustomers: ~Copyable {
  private var streams: SourceStreams
  private var night: Night
  private var records = CustomerRecords()
  private var pass: CustomerPass

  /// - Parameters:
  ///   - connection: inside the snapshot, and this one's from here on.
  ///   - catalogue: of that snapshot.
  ///   - policy: the one that the catalogue was read with.
  ///   - incidents: numbers of those to look at; void and parked ones touch nobody.
  ///   - open: gives further connections on the same snapshot.
  public init(
    connection: consuming Connection, catalogue: borrowing SourceCatalogue, policy: CreditPolicy,
    incidents: Set<Int32>, open: () throws -> Connection
  ) throws {
    let wanted = catalogue.asIfResolved(incidents)
    let streams = try SourceStreams(
      connection: connection, catalogue: wanted, scope: .enterprise, open: open)
    let today = Night.month(wanted.asOf)
    let months = Night.months(of: wanted) ?? today...today
    let moved = try MovedSubscriptions(enterpriseOf: connection, catalogue: wanted)
    let night = try Night(
      connection: connection, catalogue: wanted, policy: policy, window: months, moved: moved,
      scope: .enterprise)
    self.streams = streams
    self.night = night
    pass = CustomerPass(asOf: catalogue.asOf)
  }

  /// The next affected customer, in byte order of customer_id; `nil` at the end.
  ///
  /// - Parameter report: called for each bad row that keeps a subscription or a customer out.
  public mutating func next(report: (Finding) throws -> Void) throws -> AffectedCustomer? {
    while try streams.next(into: &records, report: report) {
      // What is left of other rows that name the customer is no customer of this tier.
      guard records.isKnown else { continue }
      let zone = try CustomerZone(of: records, night: &night, report: report)
      guard !zone.isUnknown else { continue }
      let stretches = try pass.stretches(
        records, zone: zone.number, night: &night, report: report
      ).sorted {
        ($0.incident, $0.interval.start, $0.service, $0.severity)
          < ($1.incident, $1.interval.start, $1.service, $1.severity)
      }
      guard !stretches.isEmpty else { continue }
      let arena = records.arena
      return AffectedCustomer(
        id: Array(arena[records.id]), name: Array(arena[records.name]),
        email: records.email.map { Array(arena[$0]) },
        timeZone: records.zone.map { Array(arena[$0]) }, stretches: stretches)
    }
    return nil
  }
}

extension CustomerPass {
  /// What incidents took from the customer's subscriptions while they were its own: the steps of `run` up to where
  /// instants are shared out.
  fileprivate mutating func stretches(
    _ records: borrowing CustomerRecords, zone: Int32?, night: inout Night,
    report: (Finding) throws -> Void
  ) throws -> [AffectedCustomer.Stretch] {
    feesInForce.removeAll(keepingCapacity: true)
    var stretches: [AffectedCustomer.Stretch] = []
    var term = 0
    var recorded = 0
    while term < records.terms.count, let part = nextPart(records, &term, &recorded) {
      let hold = try prepare(
        part, records, zone: zone, isParked: false, night: &night, report: report)
      guard hold == nil else { continue }
      let touched = night.touchedTime(
        terms: terms, customerOutages: outages, customerExclusions: exclusions)
      for time in touched {
        for own in terms where own.customer == 0 {
          guard let interval = time.interval.intersection(own.interval) else { continue }
          stretches.append(
            AffectedCustomer.Stretch(
              incident: time.incident, service: own.service, severity: time.severity,
              interval: interval))
        }
      }
    }
    return stretches
  }
}

extension Night {
  /// From the first month that any counted incident touches to the last; `nil` where none touches any.
  static func months(of catalogue: borrowing SourceCatalogue) -> ClosedRange<BillingMonth>? {
    let reaches = catalogue.incidents.filter(\.isCounted).compactMap(\.reach)
    guard let start = reaches.map(\.start).min(), let end = reaches.map(\.end).max() else {
      return nil
    }
    return month(start)...month(end)
  }

  /// The month in UTC.
  static func month(_ instant: Instant) -> BillingMonth {
    BillingMonth(daysSinceUnixEpoch: Int32(instant.microseconds / 86_400_000_000))
  }
}
