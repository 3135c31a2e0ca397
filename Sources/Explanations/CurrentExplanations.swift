import CreditLedger
import CreditRun
import Documents
import FrozenEvidence
import PolicyFiles
import Postgres
import RedressSQL
import ServiceCredits

/// Combines what is recorded, the frozen evidence, and what today's source would lead to.
struct CurrentExplanations {
  /// What the policy says of changes that no run makes by itself.
  struct Controls {
    /// Months whose credits stand.
    let closed: ClosedMonths
    let holdsRewrittenPast: Bool
  }

  private let subject: ExplanationScope
  private let asOf: Instant
  private let document: PolicyDocument
  private let controls: Controls
  private let traced: [CustomerReconciliation.TracedSubscription]
  private let findings: [Finding]
  private let ownFindings: [Finding]
  /// The customer's own time zone; `nil` if there is none that PostgreSQL knows.
  private let ownZone: String?
  private let ledger: RecordedExplanations
  private let windows: [[UInt8]: [RawWindow]]
  private let today: EvidenceSnapshot
  /// The ids of the services of each subscription's terms, with those of bad terms.
  private let termServices: [[UInt8]: Set<[UInt8]>]

  init(
    subject: ExplanationScope, asOf: Instant, document: PolicyDocument, controls: Controls,
    recorded: [RecordedVersion], traced: [CustomerReconciliation.TracedSubscription],
    findings: [Finding],
    ownFindings: [Finding], ownZone: String?, records: borrowing CustomerRecords,
    night: borrowing ReconciliationContext
  ) throws {
    self.subject = subject
    self.asOf = asOf
    self.document = document
    self.controls = controls
    self.traced = traced
    self.findings = findings
    self.ownFindings = ownFindings
    self.ownZone = ownZone
    var termServices: [[UInt8]: Set<[UInt8]>] = [:]
    for term in records.terms {
      termServices[Array(records.arena[term.subscription]), default: []]
        .insert(Array(records.arena[term.serviceId]))
    }
    self.termServices = termServices
    ledger = try RecordedExplanations(
      of: subject.customer, recorded: recorded, night.connection)
    windows = try RawWindow.read(of: subject.customer, night.connection)
    today = EvidenceSnapshot(
      shared: SharedEvidence(night), own: CustomerEvidence(records, night))
  }

  /// The time zone in which times are written: the customer's own, or that of the newest policy
  /// version.
  private var timeZone: String {
    ownZone ?? document.policy.versions[document.policy.versions.count - 1].timeZone
  }

  // MARK: Which stories

  func explanation(
    _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext
  ) throws -> Explanation {
    var stories: [(story: IncidentExplanation, start: Instant)] = []
    for subscription in traced {
      if let wanted = subject.subscription, Array(wanted.utf8) != subscription.id { continue }
      let calculation = calculation(subscription, records, night)
      for incident in incidents(of: subscription, calculation, records, night) {
        for month in months(of: incident, subscription, calculation) {
          let story = story(incident, month, subscription, calculation, night)
          guard try isWanted(story, night) else { continue }
          let start = (story.account?.windows ?? story.windows).compactMap(\.start).min()
          stories.append((story, start ?? .distantPast))
        }
      }
    }
    // Subscriptions and incidents are already in byte order. The sort is stable.
    stories.sort { $0.start < $1.start }
    return Explanation(
      customer: customer(records),
      policyName: document.name.split(separator: "/").last.map { String($0) } ?? document.name,
      asOf: asOf, stories: stories.map(\.story),
      // Findings about an incident or a credit are in its story.
      findings: ownFindings.filter { $0.key.relation != .incident && $0.key.relation != .credit })
  }

  /// The months of an incident's credits where rules give several, each a story of its own; else `nil` alone.
  private func months(
    of incident: [UInt8], _ subscription: CustomerReconciliation.TracedSubscription,
    _ calculation: CalculationSteps
  ) -> [BillingMonth?] {
    let decisions = calculation.trace(of: incident)?.decisions ?? []
    guard decisions.count > 1 else { return [nil] }
    let recorded = ledger.keys(of: incident, subscription.id).map(\.key.month)
    return Set(decisions.map(\.month) + recorded).sorted()
  }

  private func customer(_ records: borrowing CustomerRecords) -> Explanation.Customer {
    Explanation.Customer(
      id: subject.customer,
      name: records.isKnown
        ? String(decoding: records.arena[records.name], as: UTF8.self) : ledger.history.name,
      tier: records.isKnown
        ? String(decoding: records.arena[records.tier], as: UTF8.self) : ledger.history.tier,
      timeZone: timeZone, hasOwnZone: ownZone != nil)
  }

  /// The incidents to tell, in byte order: the one that was asked for, or else those that touched
  /// the subscription during a term and those that are recorded for it.
  private func incidents(
    of subscription: CustomerReconciliation.TracedSubscription, _ calculation: CalculationSteps,
    _ records: borrowing CustomerRecords, _ night: borrowing ReconciliationContext
  ) -> [[UInt8]] {
    if let wanted = subject.incident { return [Array(wanted.utf8)] }
    var ids: Set<[UInt8]> = []
    for trace in calculation.traces
    where !(trace.shares.isEmpty && trace.excluded.isEmpty) && !calculation.told(trace).isEmpty {
      ids.insert(calculation.incidents[trace.incident.index].id)
    }
    for (key, _) in ledger.history.keys where key.subscription == subscription.id {
      ids.insert(key.incident)
    }
    var services = services(of: subscription, calculation)
    // A bad term has a service but no times.
    let ownTerms = subscription.ownTerms
    if ownTerms.isEmpty {
      for term in records.terms
      where records.arena[term.subscription].elementsEqual(subscription.id) {
        services.insert(Array(records.arena[term.serviceId]))
      }
    }
    for (id, windows) in windows {
      guard let number = night.catalogue.incidentNumbers.find(id) else {
        continue
      }
      if subscription.hold == nil, night.catalogue.incidents[number.index].isCounted { continue }
      let touches = windows.contains { window in
        guard window.serviceId.map({ services.contains($0) }) ?? true else { return false }
        if ownTerms.isEmpty { return subscription.hold == .parked }
        let start = window.start ?? .distantPast
        let end = max(start, window.end ?? .distantFuture)
        return ownTerms.contains { $0.interval.overlaps(Interval(start, end)) }
      }
      if touches { ids.insert(id) }
    }
    return ids.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func services(
    of subscription: CustomerReconciliation.TracedSubscription, _ calculation: CalculationSteps
  ) -> Set<[UInt8]> {
    Set(subscription.ownTerms.map { calculation.services[$0.service.index].id })
      .union(ledger.services(of: subscription.id))
  }

  private func isWanted(_ story: IncidentExplanation, _ night: borrowing ReconciliationContext)
    throws -> Bool
  {
    try subject.wants(story) {
      // Without a decision, the months in which the windows began are searched.
      var months: Set<BillingMonth> = []
      let starts = (story.account?.windows ?? story.windows).compactMap(\.start)
      for start in starts where start != .distantPast && start != .distantFuture {
        try night.connection.query(
          RedressSQL.Query.monthOf.text, [.timestamptz(start.microseconds), .text(timeZone)]
        ) { months.insert(BillingMonth(daysSinceUnixEpoch: try $0.date(0))) }
      }
      return months
    }
  }

  // MARK: Today

  private func calculation(
    _ subscription: CustomerReconciliation.TracedSubscription, _ records: borrowing CustomerRecords,
    _ night: borrowing ReconciliationContext
  ) -> CalculationSteps {
    let catalogue = night.catalogue
    var terms: [CalculationSteps.Term] = []
    for term in subscription.terms {
      switch term {
      case .own(let sound, let row):
        let plan = String(decoding: records.arena[records.terms[row].plan], as: UTF8.self)
        terms.append(.own(sound, plan: plan))
      case .others(let sound): terms.append(.others(sound))
      }
    }
    var exclusions = catalogue.exclusions.map { (id: $0.id, exclusion: $0.exclusion) }
    for exclusion in records.exclusions { exclusions.append((exclusion.id, exclusion.exclusion)) }
    var numbers: [[UInt8]: IncidentNumber] = [:]
    for trace in subscription.traces {
      numbers[catalogue.incidents[trace.incident.index].id] = trace.incident
    }
    return CalculationSteps(
      policy: document.policy, asOf: asOf, incidents: catalogue.incidents.map { ($0.id, $0.title) },
      services: catalogue.services.map { ($0.id, String(decoding: $0.name, as: UTF8.self)) },
      exclusions: exclusions, terms: terms, ownZone: ownZone,
      heldShares: subscription.heldShares, traces: subscription.traces,
      outcomes: subscription.outcomes, numbers: numbers)
  }

  private func answerToday(
    _ id: [UInt8], _ month: BillingMonth?,
    _ subscription: CustomerReconciliation.TracedSubscription,
    _ calculation: CalculationSteps, _ night: borrowing ReconciliationContext
  ) -> IncidentExplanation.Answer {
    guard let number = night.catalogue.incidentNumbers.find(id) else {
      return .notCredited(.incidentMissing)
    }
    switch night.catalogue.incidents[number.index].treatment {
    case .held(.open): return .notCredited(.open)
    case .held(.noOutageScope): return .notCredited(.noOutageScope)
    case .held(.parked): return .notCredited(.parked(findings(about: id)))
    case .void: return .notCredited(.void)
    case .counted: break
    }
    switch subscription.hold {
    case .parked: return .notCredited(.subscriptionParked(findings(of: subscription)))
    case .missing: return .notCredited(.subscriptionMissing)
    case nil: return calculation.answer(calculation.trace(of: id), month: month)
    }
  }

  private func findings(about incident: [UInt8]) -> [Finding] {
    findings.filter { $0.key.concerns(incident: incident) }
  }

  private func findings(of subscription: CustomerReconciliation.TracedSubscription) -> [Finding] {
    let services = termServices[subscription.id] ?? []
    return ownFindings.filter { finding in
      finding.key.relation == .customer
        || (finding.key.relation == .subscriptionTerm
          && finding.key[.subscription] == subscription.id)
    }
      + findings.filter { finding in
        finding.key.relation == .service
          && finding.key[.service].map { services.contains($0) } ?? false
      }
  }

  // MARK: One story

  private func story(
    _ id: [UInt8], _ month: BillingMonth?,
    _ subscription: CustomerReconciliation.TracedSubscription,
    _ calculation: CalculationSteps, _ night: borrowing ReconciliationContext
  ) -> IncidentExplanation {
    let answer = answerToday(id, month, subscription, calculation, night)
    let trace = calculation.trace(of: id)
    let services = services(of: subscription, calculation)
    guard var story = ledger.story(id, subscription.id, services: services, month: month)
    else {
      var found = today.incident(id)
      // If the incident touched only other customers, nothing but its id is shown.
      if answer == .notCredited(.notAffected), found?.windows.isEmpty ?? false { found = nil }
      return IncidentExplanation(
        incident: IncidentExplanation.Incident(
          id: String(decoding: id, as: UTF8.self), title: found?.title ?? "",
          rootCause: found?.rootCause),
        subscriptionId: String(decoding: subscription.id, as: UTF8.self), answer: answer,
        basis: .source(asOf: asOf), account: trace.map { calculation.account($0, month: month) },
        windows: rawWindows(id, calculation), ledger: [], today: nil)
    }
    let later = SourceExplainer(
      facts: today, decision: calculation.look(trace, month: month),
      owners: calculation.owners(of: id))
    story.today = compare(
      story.answer, answer,
      ledger.changes(of: id, subscription.id, to: later, services: services, month: month),
      isClosed: month.map(controls.closed.contains) ?? false)
    return story
  }

  private func rawWindows(
    _ id: [UInt8], _ calculation: CalculationSteps
  ) -> [IncidentExplanation.Window] {
    (windows[id] ?? []).map { window in
      IncidentExplanation.Window(
        severity: window.severity,
        serviceName: window.serviceId.map { service in
          calculation.services.first { $0.id == service }?.name
            ?? String(decoding: service, as: UTF8.self)
        }, isOwn: window.isOwn, start: window.start, end: window.end)
    }
  }

  // MARK: Then and now

  private func compare(
    _ recorded: IncidentExplanation.Answer, _ now: IncidentExplanation.Answer,
    _ changes: [ExplanationChange], isClosed: Bool
  ) -> IncidentExplanation.Today {
    // What no run changes by itself stands for now.
    func differs() -> IncidentExplanation.Today {
      isClosed || controls.holdsRewrittenPast && changes.allSatisfy(\.isOfTerms)
        ? .held(now, changes: changes) : .other(now, changes: changes)
    }
    switch now {
    case .credited: return recorded == now ? .same : differs()
    case .notCredited(let reason):
      switch reason {
      case .open, .noOutageScope, .parked, .subscriptionParked, .subscriptionMissing,
        .incidentMissing, .amountOutOfRange:
        return .held(now, changes: changes)
      default:
        if case .notCredited = recorded { return .same }
        return differs()
      }
    }
  }
}

extension ExplanationChange {
  /// Whether it is about what the subscription was, and not about the incident or the policy.
  fileprivate var isOfTerms: Bool {
    switch self {
    case .fee, .plan: true
    default: false
    }
  }
}
