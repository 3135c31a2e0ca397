import Documents
import FrozenEvidence
import ServiceCredits

/// The facts that a run decided on for one customer: those that all customers share, and the
/// customer's own. Today's source is brought into the same form, so that the two can be compared.
struct EvidenceSnapshot {
  struct Window: Hashable {
    var severity: Severity
    /// `nil` if the window is for every service.
    var service: [UInt8]?
    var isOwn: Bool
    var interval: Interval

    init(_ window: EvidenceWindow, isOwn: Bool) {
      severity = window.severity
      service = window.service
      interval = window.interval
      self.isOwn = isOwn
    }

    func applies(to services: Set<[UInt8]>) -> Bool {
      service.map { services.contains($0) } ?? true
    }
  }

  struct IncidentFacts {
    var id: [UInt8]
    var title: String
    var rootCause: String?
    var treatment: IncidentTreatment
    var windows: [Window]
  }

  struct ExclusionFacts: Hashable {
    var id: String
    var kind: ExclusionKind
    var service: [UInt8]?
    var isOwn: Bool
    var interval: Interval
    var announcedAt: Instant?

    init(_ exclusion: EvidenceExclusion, isOwn: Bool) {
      id = String(decoding: exclusion.id, as: UTF8.self)
      kind = exclusion.time.kind
      service = exclusion.time.service
      interval = exclusion.time.interval
      announcedAt = exclusion.time.announcedAt
      self.isOwn = isOwn
    }
  }

  let shared: SharedEvidence
  let own: CustomerEvidence?
  /// In byte order of their ids.
  private(set) var incidents: [IncidentFacts] = []
  private var numbers: [[UInt8]: Int] = [:]
  private(set) var exclusions: [ExclusionFacts] = []

  /// - Parameter own: the customer's own evidence; `nil` if there is none.
  init(shared: SharedEvidence, own: CustomerEvidence?) {
    self.shared = shared
    self.own = own
    for incident in shared.incidents {
      // An id that occurs twice was parked. Either row is good enough.
      numbers[incident.id] = incidents.count
      incidents.append(
        IncidentFacts(
          id: incident.id, title: incident.title, rootCause: incident.rootCause,
          treatment: incident.treatment,
          windows: incident.windows.map { Window($0, isOwn: false) }))
    }
    exclusions = shared.exclusions.map { ExclusionFacts($0, isOwn: false) }
    guard let own else { return }
    for outage in own.outages {
      guard let position = numbers[outage.incident] else { continue }
      incidents[position].windows.append(Window(outage.window, isOwn: true))
    }
    exclusions += own.exclusions.map { ExclusionFacts($0, isOwn: true) }
  }

  func incident(_ id: [UInt8]) -> IncidentFacts? { numbers[id].map { incidents[$0] } }

  /// When the customer claimed the incident or the whole month.
  func claims(of incident: [UInt8], in month: BillingMonth?) -> Set<Instant> {
    Set(
      (own?.claims ?? []).filter {
        $0.incident == incident || ($0.month != nil && $0.month == month)
      }.map(\.at))
  }
}

// MARK: What has changed

/// The facts about an incident for one subscription at one time, and what was decided on them.
struct SourceExplainer {
  struct Decision: Equatable {
    var fee: MonthlyFee
    var plan: String
    var policyVersion: String
    var percent: BasisPoints?
    var percentBeforeCap: BasisPoints?
    var month: BillingMonth
  }

  var facts: EvidenceSnapshot
  /// `nil` if there was nothing to decide on.
  var decision: Decision?
  /// The incidents that time of this one is counted under; `nil` if that cannot be worked out.
  var owners: Set<[UInt8]>?

  /// What differs in `later` and can change the result of one incident for a subscription to these
  /// services.
  func changes(
    to later: SourceExplainer, incident id: [UInt8], services: Set<[UInt8]>
  ) -> [ExplanationChange] {
    var changes = SourceExplainer.changes(
      of: id, from: facts.incident(id), to: later.facts.incident(id), services: services)
    let touched =
      [facts.incident(id), later.facts.incident(id)].flatMap { $0?.windows ?? [] }
      .filter { $0.applies(to: services) }.map(\.interval)
    changes += exclusionChanges(to: later, touching: touched, services: services)
    // Only incidents that take time from this one, then or now, can change its result.
    let takers: Set<[UInt8]>
    if let owners, let laterOwners = later.owners {
      takers = owners.union(laterOwners)
    } else {
      takers = Set((facts.incidents + later.facts.incidents).map(\.id))
    }
    for other in takers.subtracting([id]).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let (before, after) = (facts.incident(other), later.facts.incident(other))
      let overlaps = [before, after].contains { incident in
        incident?.windows.contains { window in
          window.applies(to: services) && touched.contains { $0.overlaps(window.interval) }
        } ?? false
      }
      guard overlaps else { continue }
      changes += SourceExplainer.changes(of: other, from: before, to: after, services: services)
    }
    if let old = decision, let new = later.decision {
      if old.fee != new.fee { changes.append(.fee(from: old.fee, to: new.fee)) }
      if old.plan != new.plan { changes.append(.plan(from: old.plan, to: new.plan)) }
      if old.policyVersion != new.policyVersion {
        changes.append(.policyVersion(from: old.policyVersion, to: new.policyVersion))
      }
      if old.month != new.month { changes.append(.month(from: old.month, to: new.month)) }
      let claims = claimChanges(to: later, incident: id, from: old.month, to: new.month)
      changes += claims
      if claims.isEmpty, old.percentBeforeCap == new.percentBeforeCap, let before = old.percent,
        let after = new.percent, before != after
      {
        changes.append(.cap(from: before, to: after))
      }
    }
    return changes
  }

  private func claimChanges(
    to later: SourceExplainer, incident id: [UInt8], from old: BillingMonth, to new: BillingMonth
  ) -> [ExplanationChange] {
    let before = facts.claims(of: id, in: old)
    let after = later.facts.claims(of: id, in: new)
    return before.subtracting(after).sorted().map { .claimWithdrawn($0) }
      + after.subtracting(before).sorted().map { .claimAdded($0) }
  }

  private static func changes(
    of id: [UInt8], from old: EvidenceSnapshot.IncidentFacts?,
    to new: EvidenceSnapshot.IncidentFacts?, services: Set<[UInt8]>
  ) -> [ExplanationChange] {
    let name = String(decoding: id, as: UTF8.self)
    if let old, new == nil, old.treatment == .counted { return [.incidentGone(incident: name)] }
    if let old, let new, old.treatment != new.treatment {
      return [.treatment(incident: name, from: old.treatment, to: new.treatment)]
    }
    guard (new ?? old)?.treatment == .counted else { return [] }
    var removed = (old?.windows ?? []).filter { $0.applies(to: services) }
    var added: [EvidenceSnapshot.Window] = []
    for window in (new?.windows ?? []) where window.applies(to: services) {
      if let same = removed.firstIndex(of: window) {
        removed.remove(at: same)
      } else {
        added.append(window)
      }
    }
    var changes: [ExplanationChange] = []
    for window in added {
      func take(_ isMatch: (EvidenceSnapshot.Window) -> Bool) -> EvidenceSnapshot.Window? {
        removed.firstIndex(where: isMatch).map { removed.remove(at: $0) }
      }
      let severity = window.severity
      if let before = take({
        $0.severity == severity && $0.interval.start == window.interval.start
      }) {
        changes.append(
          .windowEnd(
            incident: name, severity: severity, from: before.interval.end, to: window.interval.end))
      } else if let before = take({
        $0.severity == severity && $0.interval.end == window.interval.end
      }) {
        changes.append(
          .windowStart(
            incident: name, severity: severity, from: before.interval.start,
            to: window.interval.start))
      } else if let before = take({ $0.interval == window.interval }) {
        changes.append(
          .windowSeverity(
            incident: name, start: window.interval.start, from: before.severity, to: severity))
      } else {
        changes.append(
          .windowAdded(incident: name, severity: severity, interval: window.interval))
      }
    }
    for window in removed {
      changes.append(
        .windowRemoved(incident: name, severity: window.severity, interval: window.interval))
    }
    return changes
  }

  private func exclusionChanges(
    to later: SourceExplainer, touching intervals: [Interval], services: Set<[UInt8]>
  ) -> [ExplanationChange] {
    func bears(_ exclusion: EvidenceSnapshot.ExclusionFacts) -> Bool {
      (exclusion.service.map { services.contains($0) } ?? true)
        && intervals.contains { $0.overlaps(exclusion.interval) }
    }
    let (old, new) = (facts.exclusions, later.facts.exclusions)
    let (known, kept) = (Set(old), Set(new.map(\.id)))
    var changes: [ExplanationChange] = []
    for exclusion in new where !known.contains(exclusion) {
      let kind = exclusion.kind.rawValue
      if let before = old.first(where: { $0.id == exclusion.id }) {
        guard bears(before) || bears(exclusion) else { continue }
        if before.interval != exclusion.interval {
          changes.append(
            .exclusionChanged(
              id: exclusion.id, kind: kind, from: before.interval, to: exclusion.interval))
        } else if before.announcedAt != exclusion.announcedAt {
          changes.append(
            .exclusionAnnounced(
              id: exclusion.id, from: before.announcedAt, to: exclusion.announcedAt))
        } else {
          changes.append(
            .exclusionAdded(id: exclusion.id, kind: kind, interval: exclusion.interval))
        }
      } else if bears(exclusion) {
        changes.append(
          .exclusionAdded(id: exclusion.id, kind: kind, interval: exclusion.interval))
      }
    }
    for exclusion in old where bears(exclusion) && !kept.contains(exclusion.id) {
      changes.append(
        .exclusionRemoved(
          id: exclusion.id, kind: exclusion.kind.rawValue, interval: exclusion.interval))
    }
    return changes
  }
}
