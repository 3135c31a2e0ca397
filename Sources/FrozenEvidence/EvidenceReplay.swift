import CreditLedger
import PolicyFiles
package import ServiceCredits

/// Repeats the calculation of a run from its frozen evidence. It gives the same decisions, and the
/// steps to them.
package final class EvidenceReplay {
  package let evidence: SharedEvidence
  /// Of the run; what is measured over a period depends on it.
  package let asOf: Instant
  /// The versions that decided on an incident; the built-in policy if none did.
  package let policy: CreditPolicy
  private let versionNames = NumberedNames<PolicyVersion>()
  private let services = NumberedNames<ServiceSubject>()
  private let incidents = NumberedNames<Incident>()
  private let exclusions: [Exclusion]
  /// Position in the evidence of each incident.
  private var incidentPositions: [Int] = []
  private let plans: NumberedNames<PlanRules>
  private let zones = NumberedNames<MonthTable>()
  private var calculator: CreditCalculator
  /// The month tables begin no later than this instant; earlier instants have no month.
  private let earliest: Instant

  /// - Parameters:
  ///   - evidence: the evidence that all customers of the run share.
  ///   - known: the recorded policy versions whose content is unchanged, by name.
  ///   - asOf: of the run.
  /// - Throws: `EvidenceError` if the evidence names something that it does not contain, or a
  ///   version that is not in `known`.
  package init(
    _ evidence: SharedEvidence, known: [[UInt8]: PolicyVersion], asOf: Instant
  ) throws(EvidenceError) {
    self.evidence = evidence
    self.asOf = asOf
    for service in evidence.services { _ = services.insert(service.id) }
    var versions = try EvidenceReplay.periodVersions(evidence, known, versionNames)
    var counted: [Incident] = []
    var outages: [Outage] = []
    for (position, incident) in evidence.incidents.enumerated() {
      let number = incidents.insert(incident.id)
      // An id that occurs twice was parked.
      guard number.index == incidentPositions.count else { continue }
      incidentPositions.append(position)
      guard let name = incident.policyVersion, let startedAt = incident.startedAt else {
        counted.append(Incident(startedAt: .distantFuture, version: 0))
        continue
      }
      guard let version = known[Array(name.utf8)] else { throw .unknown(member: "policy_version") }
      let versionNumber = versionNames.insert(Array(name.utf8)).index
      if versionNumber == versions.count { versions.append(version) }
      counted.append(Incident(startedAt: startedAt, version: versionNumber))
      for window in incident.windows {
        outages.append(
          Outage(
            window, incident: number, customer: nil, service: try services.scope(window.service)))
      }
    }
    var exclusions: [Exclusion] = []
    for exclusion in evidence.exclusions {
      exclusions.append(
        Exclusion(
          exclusion.time, customer: nil, service: try services.scope(exclusion.time.service)))
    }
    for (position, zone) in evidence.zones.enumerated()
    where zones.insert(zone.name).index != position {
      throw .unreadable(member: "time_zone")
    }
    guard let earliest = evidence.zones.map({ $0.months.starts[0] }).max() else {
      throw .missing(member: "months")
    }
    self.exclusions = exclusions
    guard outages.allSatisfy({ earliest <= $0.interval.start }) else {
      throw .unreadable(member: "started_at")
    }
    self.earliest = earliest
    let versionZones = try EvidenceReplay.zones(of: versions, in: zones)
    let names = Set(versions.flatMap { $0.plans.keys }).sorted()
    plans = NumberedNames(names.map { Array($0.utf8) })
    // If no incident is counted, nothing is decided, with any policy.
    policy = versions.isEmpty ? PolicyFile.builtIn : CreditPolicy(versions: versions)
    calculator = CreditCalculator(
      policy: policy, planNames: names, services: services.count, incidents: counted,
      outages: outages, exclusions: exclusions, zones: evidence.zones.map(\.months),
      versionZones: versions.isEmpty ? [ZoneNumber(0)] : versionZones, asOf: asOf,
      calendars: policy.needsCalendars ? try EvidenceReplay.calendars(evidence) : [])
  }

  /// The versions that govern months and quarters. They come before those that decide on single incidents alone.
  private static func periodVersions(
    _ evidence: SharedEvidence, _ known: [[UInt8]: PolicyVersion],
    _ names: NumberedNames<PolicyVersion>
  ) throws(EvidenceError) -> [PolicyVersion] {
    var versions: [PolicyVersion] = []
    for name in evidence.periodVersions {
      guard let version = known[Array(name.utf8)] else { throw .unknown(member: "versions") }
      guard names.insert(Array(name.utf8)).index == versions.count else {
        throw .unreadable(member: "versions")
      }
      versions.append(version)
    }
    return versions
  }

  private static func calendars(
    _ evidence: SharedEvidence
  ) throws(EvidenceError) -> [LocalCalendar] {
    var calendars: [LocalCalendar] = []
    for zone in evidence.zones {
      guard let calendar = zone.calendar else { throw .missing(member: "days") }
      calendars.append(calendar)
    }
    return calendars
  }

  /// The numbers of the versions' time zones.
  private static func zones(
    of versions: [PolicyVersion], in zones: NumberedNames<MonthTable>
  ) throws(EvidenceError) -> [ZoneNumber] {
    var found: [ZoneNumber] = []
    for version in versions {
      guard let zone = zones.find(Array(version.timeZone.utf8)) else {
        throw .unknown(member: "time_zone")
      }
      found.append(zone)
    }
    return found
  }

  // MARK: What the run knew

  /// Whether it is the replay of another run with the same evidence too.
  package func isOfRun(at asOf: Instant) -> Bool {
    evidence.periodVersions.isEmpty || asOf == self.asOf
  }

  package var incidentCount: Int { incidentPositions.count }

  /// The incident with this number.
  package func incident(_ number: IncidentNumber) -> SharedEvidence.Incident {
    evidence.incidents[incidentPositions[number.index]]
  }

  /// `nil` for an incident that the evidence does not name.
  package func number(ofIncident id: UnsafeRawBufferPointer) -> IncidentNumber? {
    incidents.find(id)
  }

  /// `nil` for an incident that the evidence does not name.
  package func treatment(_ incident: UnsafeRawBufferPointer) -> IncidentTreatment? {
    incidents.find(incident).map { self.incident($0).treatment }
  }

  package func serviceName(_ service: ServiceNumber) -> String {
    String(decoding: evidence.services[service.index].name, as: UTF8.self)
  }

  package func zoneName(_ zone: ZoneNumber) -> String { zones.text(zone) }

  /// Exclusions that are not of one customer, with their ids.
  package var sharedExclusions: [(id: String, exclusion: Exclusion)] {
    zip(evidence.exclusions, exclusions).map { found, exclusion in
      (String(decoding: found.id, as: UTF8.self), exclusion)
    }
  }

  /// The time zone of the billing month: that of the term, else that of the policy version.
  package func zoneName(of term: SubscriptionTerm, version: Int32) -> [UInt8] {
    term.zone.map { Array(zones[$0]) } ?? Array(policy.versions[Int(version)].timeZone.utf8)
  }

  /// The shares of the month's cap that are recorded for incidents that the run held. They are used
  /// up before any decision is calculated.
  ///
  /// - Parameter recorded: of one subscription, the newest revision of each key before the run.
  /// - Source: credit rules, section 5.
  package func heldShares(
    _ recorded: [(incident: [UInt8], share: HeldShare)]
  ) -> [HeldShare] {
    recorded.compactMap { key in
      guard key.share.share > .zero || key.share.parts != .zero else { return nil }
      let isHeld =
        key.incident.withUnsafeBytes { treatment($0) }?.isHeld
        // An incident that the source no longer had.
        ?? true
      return isHeld ? key.share : nil
    }
  }

  // MARK: One subscription

  /// The data about one subscription in the rows of one run.
  package struct RecordedTerms {
    package struct Basis {
      var service: [UInt8]
      var plan: [UInt8]
      var fee: MonthlyFee
      var zone: [UInt8]
      var policyVersion: [UInt8]

      package init(
        service: [UInt8], plan: [UInt8], fee: MonthlyFee, zone: [UInt8], policyVersion: [UInt8]
      ) {
        self.service = service
        self.plan = plan
        self.fee = fee
        self.zone = zone
        self.policyVersion = policyVersion
      }
    }

    var subscription: [UInt8]
    /// JSON of the first row with terms.
    var terms: [UInt8]?
    /// The basis of the first row that has one.
    var basis: Basis?

    package init(subscription: [UInt8], terms: [UInt8]? = nil, basis: Basis? = nil) {
      self.subscription = subscription
      self.terms = terms
      self.basis = basis
    }
  }

  /// A term for the calculator, with the ids of the ledger row.
  package struct Term {
    package let sound: SubscriptionTerm
    package let service: [UInt8]
    package let plan: [UInt8]
  }

  /// The calculator's input for one subscription.
  package struct Subscription {
    /// Empty if the subscription had no terms any more.
    package var terms: [Term]
    var outages: [Outage]
    var exclusions: [Exclusion]
    /// The customer's own exclusions, with their ids.
    package var ownExclusions: [(id: [UInt8], exclusion: Exclusion)]
    package var heldShares: [HeldShare]
    var claims: [CustomerClaim] = []
    /// The customer's own time zone; `nil` if there is none.
    package var zone: ZoneNumber?

    var input: SubscriptionInput {
      SubscriptionInput(
        terms: terms.map(\.sound), outages: outages, exclusions: exclusions,
        heldShares: heldShares, claims: claims)
    }
  }

  /// - Parameters:
  ///   - customer: the evidence of this customer only; `nil` if there is none.
  ///   - heldShares: of this customer, from `heldShares`.
  /// - Returns: `nil` if no row of the run has terms or a basis.
  /// - Throws: `EvidenceError` if the evidence of the customer, or the terms, are not in the form
  ///   that a run writes.
  package func subscription(
    _ recorded: RecordedTerms, customer: CustomerEvidence?, heldShares: [HeldShare]
  ) throws(EvidenceError) -> Subscription? {
    // Gives each other customer a number.
    let numbers = ByteTable()
    func owner(_ customer: [UInt8]) -> Owner {
      .other(customer.withUnsafeBytes { numbers.insert($0) })
    }
    var zone: ZoneNumber?
    if let name = customer?.zone {
      guard let found = zones.find(name) else { throw .unknown(member: "time_zone") }
      zone = found
    } else if let basis = recorded.basis {
      zone = self.zone(basis)
    }
    guard let terms = try terms(recorded, zone: zone, owner) else { return nil }
    var subscription = Subscription(
      terms: terms, outages: [], exclusions: [], ownExclusions: [], heldShares: heldShares,
      zone: zone)
    guard let customer else { return subscription }
    for outage in customer.outages {
      subscription.outages.append(try self.outage(outage, of: .own))
    }
    for found in customer.exclusions {
      let exclusion = Exclusion(
        found.time, customer: .own,
        service: try services.scope(found.time.service))
      subscription.exclusions.append(exclusion)
      subscription.ownExclusions.append((found.id, exclusion))
    }
    for claim in customer.claims {
      let incident = try claim.incident.map { (id) throws(EvidenceError) in
        guard let number = incidents.find(id) else { throw .unknown(member: "incident_id") }
        return number
      }
      subscription.claims.append(
        CustomerClaim(incident: incident, month: claim.month, at: claim.at))
    }
    guard let others = customer.otherCustomers else { return subscription }
    for found in others.outages {
      subscription.outages.append(try outage(found.outage, of: owner(found.customer)))
    }
    for found in others.exclusions {
      subscription.exclusions.append(
        Exclusion(
          found.time, customer: owner(found.customer),
          service: try services.scope(found.time.service)))
    }
    for found in others.shares where found.subscription == recorded.subscription {
      subscription.heldShares.append(found.share)
    }
    return subscription
  }

  /// The decisions, ordered by incident.
  package func decisions(_ subscription: Subscription) -> [CreditDecision] {
    guard !subscription.terms.isEmpty else { return [] }
    return calculator.decisions(
      of: subscription.input
    ).map { calculator[$0] }
  }

  /// The same decisions with the steps to them, ordered by incident.
  package func traces(_ subscription: Subscription) -> [IncidentTrace] {
    guard !subscription.terms.isEmpty else { return [] }
    return calculator.trace(of: subscription.input)
  }

  /// The amount of a decision; `nil` if it does not fit `Int64` minor units.
  package func outcome(_ decision: CreditDecision, fee: MonthlyFee) -> CreditOutcome? {
    try? calculator.outcome(decision, fee: fee)
  }

  // MARK: Terms

  /// The number of the customer's time zone; `nil` if it is that of the version or not known.
  private func zone(_ basis: RecordedTerms.Basis) -> ZoneNumber? {
    guard let found = zones.find(basis.zone) else { return nil }
    if let number = versionNames.find(basis.policyVersion),
      basis.zone.elementsEqual(policy.versions[number.index].timeZone.utf8)
    {
      return nil
    }
    return found
  }

  /// Ascending by start; `nil` if no row has terms or a basis.
  private func terms(
    _ recorded: RecordedTerms, zone: ZoneNumber?, _ owner: ([UInt8]) -> Owner
  ) throws(EvidenceError) -> [Term]? {
    guard let json = recorded.terms else {
      guard let basis = recorded.basis else { return nil }
      return [
        try term(
          basis.service, basis.plan, basis.fee, .always, zone: zone,
          customer: .own)
      ]
    }
    var terms: [Term] = []
    for found in try EvidenceTerm<[UInt8]>.list(json: json) where !found.interval.isEmpty {
      switch found.owner {
      case .own:
        terms.append(
          try term(
            found.service, found.plan, found.fee, found.interval, zone: zone,
            customer: .own))
      case .other(let customer, let name):
        var otherZone: ZoneNumber?
        if let name {
          guard let known = zones.find(name) else { throw .unknown(member: "time_zone") }
          otherZone = known
        }
        terms.append(
          try term(
            found.service, found.plan, found.fee, found.interval, zone: otherZone,
            customer: owner(customer)))
      }
    }
    terms.sort { $0.sound.interval.start < $1.sound.interval.start }
    for (earlier, later) in zip(terms, terms.dropFirst())
    where later.sound.interval.start < earlier.sound.interval.end {
      throw .unreadable(member: "valid_from")
    }
    return terms
  }

  private func term(
    _ service: [UInt8], _ plan: [UInt8], _ fee: MonthlyFee, _ interval: Interval, zone: ZoneNumber?,
    customer: Owner
  ) throws(EvidenceError) -> Term {
    guard let number = services.find(service) else { throw .unknown(member: "service_id") }
    return Term(
      sound: SubscriptionTerm(
        interval: interval, customer: customer, service: number,
        plan: plans.find(plan), zone: zone, fee: fee),
      service: service, plan: plan)
  }

  private func outage(
    _ outage: CustomerEvidence.Outage, of customer: Owner
  ) throws(EvidenceError) -> Outage {
    guard let incident = incidents.find(outage.incident) else {
      throw .unknown(member: "incident_id")
    }
    guard earliest <= outage.window.interval.start else { throw .unreadable(member: "started_at") }
    return Outage(
      outage.window, incident: incident, customer: customer,
      service: try services.scope(outage.window.service))
  }
}

extension Outage {
  fileprivate init(
    _ window: EvidenceWindow, incident: IncidentNumber, customer: Owner?, service: ServiceNumber?
  ) {
    self.init(
      incident: incident, severity: window.severity,
      scope: Scope(service: service, customer: customer), interval: window.interval,
      shareMicros: window.shareMicros)
  }
}

extension Exclusion {
  package init(_ time: EvidenceExclusion.Time, customer: Owner?, service: ServiceNumber?) {
    self.init(
      kind: time.kind, scope: Scope(service: service, customer: customer), interval: time.interval,
      announcedAt: time.announcedAt)
  }
}

extension NumberedNames<ServiceSubject> {
  /// The number of a service; `nil` for all of them.
  package func scope(_ service: [UInt8]?) throws(EvidenceError) -> ServiceNumber? {
    guard let service else { return nil }
    guard let number = find(service) else { throw .unknown(member: "service_id") }
    return number
  }
}
