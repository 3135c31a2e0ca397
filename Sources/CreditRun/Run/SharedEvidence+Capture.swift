package import CreditLedger
import Documents
package import FrozenEvidence
package import ServiceCredits

extension SharedEvidence {
  /// The evidence of the run that is being calculated.
  package init(_ night: borrowing ReconciliationContext) {
    self.init(NightTrace(night), catalogue: night.catalogue, policy: night.policy)
  }

  /// The evidence of a run that was calculated.
  init(_ trace: NightTrace, catalogue: SourceCatalogue, policy: CreditPolicy) {
    var windows = [[EvidenceWindow]](repeating: [], count: catalogue.incidents.count)
    for outage in catalogue.outages {
      windows[outage.incident.index].append(
        EvidenceWindow(
          severity: outage.severity,
          service: outage.service.map { catalogue.services[$0.index].id },
          interval: outage.interval, shareMicros: outage.shareMicros))
    }
    var incidents: [Incident] = []
    for position in catalogue.incidents.indices where trace.isEvidence[position] {
      let incident = catalogue.incidents[position]
      var policyVersion: String?
      if case .counted(let version) = incident.treatment {
        policyVersion = policy.versions[version].name
      }
      incidents.append(
        Incident(
          id: incident.id, title: incident.title, severity: incident.severity,
          status: incident.status, startedAt: incident.startedAt,
          acknowledgedAt: incident.acknowledgedAt, resolvedAt: incident.resolvedAt,
          rootCause: incident.rootCause, treatment: IncidentTreatment(incident.treatment),
          policyVersion: policyVersion, windows: windows[position]))
    }
    self.init(
      services: catalogue.services.map { Service(id: $0.id, name: $0.name) }, incidents: incidents,
      exclusions: catalogue.exclusions.filter { $0.exclusion.interval.overlaps(trace.reach) }
        .map { EvidenceExclusion($0, catalogue.services) },
      zones: trace.zones,
      periodVersions: policy.measuresPeriods
        ? trace.usedVersions(catalogue, policy).map { policy.versions[$0].name } : [])
  }
}

extension CustomerEvidence {
  /// The windows, exclusions and claims of one customer only; `nil` if there is no evidence.
  /// - Parameters:
  ///   - zone: the customer's own time zone, if the ledger's rows do not contain it.
  ///   - otherCustomers: data of other customers of transferred subscriptions.
  package init?(
    _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext,
    zone: [UInt8]? = nil,
    otherCustomers: OtherCustomers? = nil
  ) {
    self.init(zone: zone, otherCustomers: otherCustomers)
    for position in 0..<records.outages.count
    where night.isAtHand(records.outages[position].incident) {
      outages.append(Outage(records.outages[position], night.catalogue))
    }
    for position in 0..<records.exclusions.count
    where records.exclusions[position].exclusion.interval.overlaps(night.reach) {
      exclusions.append(
        EvidenceExclusion(records.exclusions[position], night.catalogue.services))
    }
    if night.readsClaims {
      for claim in records.claims where night.matters(claim) {
        claims.append(Claim(claim, night.catalogue))
      }
    }
    if isEmpty { return nil }
  }
}

extension CustomerEvidence.Claim {
  init(_ claim: CustomerClaim, _ catalogue: borrowing SourceCatalogue) {
    self.init(
      incident: claim.incident.map { catalogue.incidents[$0.index].id }, month: claim.month,
      at: claim.at)
  }
}

extension CustomerEvidence.Outage {
  package init(_ outage: Outage, _ catalogue: borrowing SourceCatalogue) {
    self.init(
      incident: catalogue.incidents[outage.incident.index].id,
      window: EvidenceWindow(
        severity: outage.severity,
        service: outage.scope.service.map { catalogue.services[$0.index].id },
        interval: outage.interval, shareMicros: outage.shareMicros))
  }
}

extension EvidenceExclusion {
  package init(_ exclusion: SourceExclusion, _ services: [SourceService]) {
    self.init(id: Array(exclusion.id.utf8), time: Time(exclusion.exclusion, services))
  }
}

extension EvidenceExclusion.Time {
  package init(_ exclusion: Exclusion, _ services: [SourceService]) {
    self.init(
      kind: exclusion.kind, service: exclusion.scope.service.map { services[$0.index].id },
      interval: exclusion.interval, announcedAt: exclusion.announcedAt)
  }
}

extension CustomerRecords {
  /// The terms of a subscription as recorded with a revision, in JSON; the customer's own terms
  /// first.
  /// - Parameter others: the terms of other customers.
  package func frozenTerms(_ positions: Range<Int>, others: [TransferredSubscriptions.Term])
    -> [UInt8]
  {
    var json: [UInt8] = [UInt8(ascii: "[")]
    for position in positions {
      let term = terms[position]
      guard let sound = term.sound else { continue }
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      EvidenceTerm(
        service: arena[term.serviceId], plan: arena[term.plan], fee: sound.fee,
        interval: sound.interval, owner: .own
      ).append(to: &json)
    }
    for term in others {
      guard let sound = term.sound else { continue }
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      EvidenceTerm(
        service: term.serviceId, plan: term.plan, fee: sound.fee, interval: sound.interval,
        owner: .other(customer: term.customer, zone: term.zone)
      ).append(to: &json)
    }
    json.append(UInt8(ascii: "]"))
    return json
  }
}

extension IncidentTreatment {
  package init(_ treatment: SourceIncident.Treatment) {
    switch treatment {
    case .counted: self = .counted
    case .void: self = .void
    case .held(.open): self = .open
    case .held(.noOutageScope): self = .noOutageScope
    case .held(.parked(let code)): self = .parked(code: code.rawValue)
    }
  }
}
