import CreditLedger
import CreditReports
import Postgres
import RedressSQL
import ServiceCredits

/// Puts together what the ledger says, what was frozen with it, and what today's source would come to.
struct CustomerStories {
  private let subject: ExplanationSubject
  private let asOf: Instant
  private let document: PolicyDocument
  private let recorded: [RecordedVersion]
  private let traced: [CustomerPass.TracedSubscription]
  private let findings: [Finding]
  private let ownFindings: [Finding]
  /// The customer's own time zone; `nil` where it has none that PostgreSQL knows.
  private let ownZone: String?
  private let history: CustomerHistory
  private let windows: [[UInt8]: [RawWindow]]
  private let today: ExplanationFacts?
  private let evidence: [EvidenceKey: ExplanationFacts]

  private struct EvidenceKey: Hashable {
    let shared: [UInt8]
    let own: [UInt8]?

    init(_ revision: CustomerHistory.Revision) {
      shared = revision.evidenceDigest
      own = revision.customerEvidence
    }
  }

  init(
    subject: ExplanationSubject, asOf: Instant, document: PolicyDocument,
    recorded: [RecordedVersion], traced: [CustomerPass.TracedSubscription], findings: [Finding],
    ownFindings: [Finding], ownZone: String?, records: borrowing CustomerRecords,
    night: borrowing Night
  ) throws {
    self.subject = subject
    self.asOf = asOf
    self.document = document
    self.recorded = recorded
    self.traced = traced
    self.findings = findings
    self.ownFindings = ownFindings
    self.ownZone = ownZone
    history = try CustomerHistory(of: subject.customer, night.connection)
    windows = try RawWindow.read(of: subject.customer, night.connection)
    today = ExplanationFacts(
      shared: Evidence.shared(night), own: Evidence.ofCustomer(records, night))
    var evidence: [EvidenceKey: ExplanationFacts] = [:]
    for revision in history.keys.flatMap(\.revisions) where evidence[EvidenceKey(revision)] == nil {
      evidence[EvidenceKey(revision)] = try CustomerStories.facts(
        revision, customer: subject.customer, night.connection)
    }
    self.evidence = evidence
  }

  private static func facts(
    _ revision: CustomerHistory.Revision, customer: String, _ connection: borrowing Connection
  ) throws -> ExplanationFacts? {
    guard
      let shared = try RecordedRun.evidence(of: "", digest: revision.evidenceDigest, connection)
    else { return nil }
    var own: [UInt8]?
    if let digest = revision.customerEvidence {
      own = try RecordedRun.evidence(of: customer, digest: digest, connection)
      if own == nil { return nil }
    }
    return ExplanationFacts(shared: shared, own: own)
  }

  /// In which times are told: the customer's own zone, else that of the newest policy version.
  private var timeZone: String {
    ownZone ?? document.policy.versions[document.policy.versions.count - 1].timeZone
  }

  // MARK: Which stories

  func explanation(
    _ records: borrowing CustomerRecords, _ night: borrowing Night
  ) throws -> Explanation {
    var stories: [(story: IncidentStory, start: Instant)] = []
    for subscription in traced {
      if let wanted = subject.subscription, Array(wanted.utf8) != subscription.id { continue }
      let calculation = calculation(subscription, records, night)
      for incident in incidents(of: subscription, calculation, records, night) {
        let story = story(incident, subscription, calculation, night)
        guard try isWanted(story, night) else { continue }
        let start = (story.account?.windows ?? story.windows).compactMap(\.start).min()
        stories.append((story, start ?? .distantPast))
      }
    }
    // Subscriptions and incidents come in byte order already; sorting is stable.
    stories.sort { $0.start < $1.start }
    return Explanation(
      customer: customer(records),
      policyName: document.name.split(separator: "/").last.map { String($0) } ?? document.name,
      asOf: asOf, stories: stories.map(\.story),
      // What concerns an incident or a credit is told in its story.
      findings: ownFindings.filter { $0.relation != "incident" && $0.relation != "credit" })
  }

  private func customer(_ records: borrowing CustomerRecords) -> Explanation.Customer {
    Explanation.Customer(
      id: subject.customer,
      name: records.isKnown
        ? String(decoding: records.arena[records.name], as: UTF8.self) : history.name,
      tier: records.isKnown
        ? String(decoding: records.arena[records.tier], as: UTF8.self) : history.tier,
      timeZone: timeZone, hasOwnZone: ownZone != nil)
  }

  /// Incidents that touched the subscription while it had a term, those that are recorded for it, and the one that was
  /// asked for; in byte order.
  private func incidents(
    of subscription: CustomerPass.TracedSubscription, _ calculation: TracedCalculation,
    _ records: borrowing CustomerRecords, _ night: borrowing Night
  ) -> [[UInt8]] {
    if let wanted = subject.incident { return [Array(wanted.utf8)] }
    var ids: Set<[UInt8]> = []
    for trace in calculation.traces where !(trace.shares.isEmpty && trace.excluded.isEmpty) {
      ids.insert(calculation.incidents[Int(trace.incident)].id)
    }
    for (key, _) in history.keys where key.subscription == subscription.id {
      ids.insert(key.incident)
    }
    var services = services(of: subscription, calculation)
    // A bad term says of which service it is, but not when.
    if subscription.terms.isEmpty {
      for term in records.terms
      where records.arena[term.subscription].elementsEqual(subscription.id) {
        services.insert(Array(records.arena[term.serviceId]))
      }
    }
    for (id, windows) in windows {
      guard let number = id.withUnsafeBytes({ night.catalogue.incidentNumbers.find($0) }) else {
        continue
      }
      if subscription.hold == nil, night.catalogue.incidents[Int(number)].isCounted { continue }
      let touches = windows.contains { window in
        guard window.serviceId.map({ services.contains($0) }) ?? true else { return false }
        if subscription.terms.isEmpty { return subscription.hold == .parked }
        let start = window.start ?? .distantPast
        let end = max(start, window.end ?? .distantFuture)
        return subscription.terms.contains { $0.interval.overlaps(Interval(start, end)) }
      }
      if touches { ids.insert(id) }
    }
    return ids.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func services(
    of subscription: CustomerPass.TracedSubscription, _ calculation: TracedCalculation
  ) -> Set<[UInt8]> {
    var services = Set(subscription.terms.map { calculation.services[Int($0.service)].id })
    for (key, revisions) in history.keys where key.subscription == subscription.id {
      for revision in revisions {
        if let basis = revision.basis { services.insert(basis.serviceId) }
      }
    }
    return services
  }

  private func isWanted(_ story: IncidentStory, _ night: borrowing Night) throws -> Bool {
    if let invoice = subject.invoice {
      let isOnIt = story.ledger.contains { key in
        key.invoices.contains { $0.invoiceId.utf8.elementsEqual(invoice.utf8) }
      }
      guard isOnIt else { return false }
    }
    guard let month = subject.month else { return true }
    var months = Set(story.ledger.flatMap { $0.revisions.map(\.month) })
    if let decision = story.account?.decision { months.insert(decision.month) }
    if case .credited(_, let month) = story.verdict { months.insert(month) }
    if months.isEmpty {
      // What was not decided on is looked for in the months in which it happened.
      let starts = (story.account?.windows ?? story.windows).compactMap(\.start)
      let zone = timeZone
      for start in starts where start != .distantPast && start != .distantFuture {
        try night.connection.query(
          RedressSQL.Query.monthOf.text, [.timestamptz(start.microseconds), .text(zone)]
        ) { months.insert(BillingMonth(daysSinceUnixEpoch: try $0.date(0))) }
      }
    }
    return months.contains(month)
  }

  // MARK: Today

  private func calculation(
    _ subscription: CustomerPass.TracedSubscription, _ records: borrowing CustomerRecords,
    _ night: borrowing Night
  ) -> TracedCalculation {
    let catalogue = night.catalogue
    var plans: [String] = []
    for position in subscription.termPositions {
      plans.append(
        position < 0
          ? ""
          : String(decoding: records.arena[records.terms[Int(position)].plan], as: UTF8.self))
    }
    var exclusions = catalogue.exclusions.map { (id: $0.id, exclusion: $0.exclusion) }
    for exclusion in records.exclusions { exclusions.append((exclusion.id, exclusion.exclusion)) }
    var numbers: [[UInt8]: Int32] = [:]
    for trace in subscription.traces {
      numbers[catalogue.incidents[Int(trace.incident)].id] = trace.incident
    }
    return TracedCalculation(
      policy: document.policy, incidents: catalogue.incidents.map { ($0.id, $0.title) },
      services: catalogue.services.map { ($0.id, String(decoding: $0.name, as: UTF8.self)) },
      exclusions: exclusions, terms: subscription.terms, plans: plans, ownZone: ownZone,
      heldShares: subscription.heldShares, traces: subscription.traces,
      outcomes: subscription.outcomes, numbers: numbers)
  }

  private func verdictToday(
    _ id: [UInt8], _ subscription: CustomerPass.TracedSubscription,
    _ calculation: TracedCalculation, _ night: borrowing Night
  ) -> IncidentStory.Verdict {
    guard let number = id.withUnsafeBytes({ night.catalogue.incidentNumbers.find($0) }) else {
      return .notCredited(.incidentMissing)
    }
    switch night.catalogue.incidents[Int(number)].treatment {
    case .held(.open): return .notCredited(.open)
    case .held(.noOutageScope): return .notCredited(.noOutageScope)
    case .held(.parked): return .notCredited(.parked(findings(about: id)))
    case .void: return .notCredited(.void)
    case .counted: break
    }
    switch subscription.hold {
    case .parked: return .notCredited(.subscriptionParked(findings(of: subscription)))
    case .missing: return .notCredited(.subscriptionMissing)
    case nil: return calculation.verdict(calculation.trace(of: id))
    }
  }

  private func findings(about incident: [UInt8]) -> [Finding] {
    let name = String(decoding: incident, as: UTF8.self)
    return findings.filter {
      ($0.relation == "incident" && $0.key == name)
        || ($0.relation == "outage" && $0.key.hasPrefix("\(name) / "))
    }
  }

  private func findings(of subscription: CustomerPass.TracedSubscription) -> [Finding] {
    let name = String(decoding: subscription.id, as: UTF8.self)
    return ownFindings.filter { finding in
      finding.relation == "customer"
        || (finding.relation == "subscription_term"
          && (finding.key == name || finding.key.hasPrefix("\(name) / ")))
    }
  }

  // MARK: One story

  private func story(
    _ id: [UInt8], _ subscription: CustomerPass.TracedSubscription,
    _ calculation: TracedCalculation, _ night: borrowing Night
  ) -> IncidentStory {
    let keys = history.keys.filter {
      $0.key.subscription == subscription.id && $0.key.incident == id
    }
    let verdict = verdictToday(id, subscription, calculation, night)
    let trace = calculation.trace(of: id)
    var story = IncidentStory(
      incident: incident(id, today),
      subscriptionId: String(decoding: subscription.id, as: UTF8.self),
      verdict: verdict, basis: .source(asOf: asOf), account: trace.map { calculation.account($0) },
      windows: rawWindows(id, calculation), ledger: [], today: nil)
    guard let newest = newest(keys) else { return story }
    let services = services(of: subscription, calculation)
    story.ledger = keys.map { ledgerKey($0.key, $0.revisions, services: services) }
    let frozen = frozen(newest, subscription: subscription.id)
    let total = newest.revisions.reduce(0) { $0 + $1.amountMinor }
    let revision = newest.revisions[newest.revisions.count - 1]
    let money = Money(amountMinor: total, currency: newest.key.currency)
    if let facts = evidence[EvidenceKey(revision)] {
      story.basis = .frozen(runId: revision.runId, asOf: revision.asOf)
      story.incident = incident(id, facts)
    } else {
      story.basis = .revisionOnly(runId: revision.runId, asOf: revision.asOf)
    }
    story.account = account(id, frozen, revision, total: money)
    story.windows = []
    story.verdict =
      total != 0
      ? .credited(money, month: revision.month)
      : .notCredited(reason(id, frozen, revision))
    let later = look(today, decision(calculation, trace))
    let changes = look(evidence[EvidenceKey(revision)], decision(revision)).flatMap { look in
      later.map { look.changes(to: $0, incident: id, services: services) }
    }
    story.today = compare(story.verdict, verdict, changes ?? [])
    return story
  }

  private func incident(_ id: [UInt8], _ facts: ExplanationFacts?) -> IncidentStory.Incident {
    let found = facts?.incident(id)
    return IncidentStory.Incident(
      id: String(decoding: id, as: UTF8.self), title: found?.title ?? "",
      rootCause: found?.rootCause)
  }

  private func rawWindows(
    _ id: [UInt8], _ calculation: TracedCalculation
  ) -> [IncidentStory.Window] {
    (windows[id] ?? []).map { window in
      IncidentStory.Window(
        severity: window.severity,
        serviceName: window.serviceId.map { service in
          calculation.services.first { $0.id == service }?.name
            ?? String(decoding: service, as: UTF8.self)
        }, isOwn: window.isOwn, start: window.start, end: window.end)
    }
  }

  private typealias RecordedKey = (
    key: CustomerHistory.Key, revisions: [CustomerHistory.Revision]
  )

  /// The key that is worth something, else the one that was written last.
  private func newest(_ keys: [RecordedKey]) -> RecordedKey? {
    keys.max { left, right in
      func rank(_ key: RecordedKey) -> (Int, Int64) {
        (
          key.revisions.reduce(0) { $0 + $1.amountMinor } != 0 ? 1 : 0,
          key.revisions.last?.runId ?? 0
        )
      }
      return rank(left) < rank(right)
    }
  }

  // MARK: What was frozen

  private func frozen(_ key: RecordedKey, subscription: [UInt8]) -> TracedCalculation? {
    guard let revision = key.revisions.last, let facts = evidence[EvidenceKey(revision)] else {
      return nil
    }
    return TracedCalculation(
      facts: facts, revision: revision,
      earlier: key.revisions.last { $0.basis != nil }, currency: key.key.currency,
      versions: recorded,
      heldShares: heldShares(before: revision.runId, subscription: subscription, facts))
  }

  /// What held incidents had on record when a run began.
  /// - Source: credit rules, section 5.
  private func heldShares(
    before runId: Int64, subscription: [UInt8], _ facts: ExplanationFacts
  ) -> [HeldShare] {
    history.keys.compactMap { key, revisions in
      guard key.subscription == subscription,
        let newest = revisions.last(where: { $0.runId < runId }), newest.percent > .zero
      else { return nil }
      let treatment = facts.incident(key.incident)?.treatment
      guard treatment != "counted", treatment != "void" else { return nil }
      return HeldShare(month: newest.month, share: newest.percent)
    }
  }

  /// The way as it was on the night of the newest revision.
  private func account(
    _ id: [UInt8], _ frozen: TracedCalculation?, _ revision: CustomerHistory.Revision, total: Money
  ) -> IncidentStory.Account? {
    guard let frozen, let trace = frozen.trace(of: id) else { return nil }
    var account = frozen.account(trace)
    let found = frozen.verdict(trace)
    if total.amountMinor == 0 {
      // Its terms are not frozen; where those of the revision before it still earn something, they have changed.
      if case .credited = found { return nil }
      return account
    }
    if case .credited(let money, _) = found {
      account.agreesWithLedger =
        money == total && trace.decision?.countedMicroseconds == revision.countedMicroseconds
        && trace.decision?.granted == revision.percent
    } else {
      account.agreesWithLedger = false
    }
    return account
  }

  /// Why the newest revision left nothing.
  private func reason(
    _ id: [UInt8], _ frozen: TracedCalculation?, _ revision: CustomerHistory.Revision
  ) -> IncidentStory.Verdict.Reason {
    if revision.reason == "void" { return .void }
    guard let frozen, case .notCredited(let reason) = frozen.verdict(frozen.trace(of: id)) else {
      return .notEarned
    }
    return reason
  }

  // MARK: The ledger

  private func ledgerKey(
    _ key: CustomerHistory.Key, _ revisions: [CustomerHistory.Revision], services: Set<[UInt8]>
  ) -> IncidentStory.LedgerKey {
    let total = revisions.reduce(0) { $0 + $1.amountMinor }
    var parts: [IncidentStory.InvoicePart] = []
    for line in history.lines where line.key == key {
      if let known = parts.firstIndex(where: { $0.invoiceId == line.invoiceId }) {
        parts[known].amountMinor -= line.amountMinor
      } else {
        parts.append(
          IncidentStory.InvoicePart(
            invoiceId: line.invoiceId, amountMinor: -line.amountMinor, status: line.status,
            issueOn: line.issueOn))
      }
    }
    parts.removeAll { $0.amountMinor == 0 }
    let placed = parts.reduce(0) { $0 + $1.amountMinor }
    return IncidentStory.LedgerKey(
      revisions: revisions.indices.map { position in
        self.revision(key, revisions, position, services: services)
      }, total: Money(amountMinor: total, currency: key.currency),
      month: revisions[revisions.count - 1].month, invoices: parts, openMinor: total - placed,
      drafts: history.drafts.filter { $0.currency == key.currency.code }.map {
        IncidentStory.InvoicePart(
          invoiceId: $0.invoiceId, amountMinor: 0, status: "draft", issueOn: $0.issueOn)
      })
  }

  private func revision(
    _ key: CustomerHistory.Key, _ revisions: [CustomerHistory.Revision], _ position: Int,
    services: Set<[UInt8]>
  ) -> IncidentStory.LedgerRevision {
    let revision = revisions[position]
    var changes: [ExplanationChange] = []
    if position > 0,
      let before = look(
        evidence[EvidenceKey(revisions[position - 1])], decision(revisions[position - 1])),
      let after = look(evidence[EvidenceKey(revision)], decision(revision))
    {
      changes = before.changes(to: after, incident: key.incident, services: services)
    }
    return IncidentStory.LedgerRevision(
      runId: revision.runId, asOf: revision.asOf, kind: revision.kind,
      amount: Money(amountMinor: revision.amountMinor, currency: key.currency),
      month: revision.month, reason: revision.reason, changes: changes)
  }

  // MARK: Then and now

  private func look(
    _ facts: ExplanationFacts?, _ decision: ExplanationLook.Decision?
  ) -> ExplanationLook? {
    facts.map { ExplanationLook(facts: $0, decision: decision) }
  }

  private func decision(_ revision: CustomerHistory.Revision) -> ExplanationLook.Decision? {
    revision.basis.map { basis in
      ExplanationLook.Decision(
        fee: basis.fee, plan: basis.plan, policyVersion: basis.policyVersion,
        percent: revision.percent, percentBeforeCap: revision.percentBeforeCap,
        month: revision.month)
    }
  }

  private func decision(
    _ calculation: TracedCalculation, _ trace: IncidentTrace?
  ) -> ExplanationLook.Decision? {
    trace?.decision.map { decision in
      ExplanationLook.Decision(
        fee: calculation.terms[Int(decision.term)].fee,
        plan: calculation.plans[Int(decision.term)],
        policyVersion: calculation.policy.versions[Int(decision.version)].name,
        percent: decision.granted, percentBeforeCap: decision.beforeCap, month: decision.month)
    }
  }

  private func compare(
    _ recorded: IncidentStory.Verdict, _ now: IncidentStory.Verdict, _ changes: [ExplanationChange]
  ) -> IncidentStory.Today {
    switch now {
    case .credited: return recorded == now ? .same : .other(now, changes: changes)
    case .notCredited(let reason):
      switch reason {
      case .open, .noOutageScope, .parked, .subscriptionParked, .subscriptionMissing,
        .incidentMissing, .amountOutOfRange:
        return .held(now, changes: changes)
      default:
        if case .notCredited = recorded { return .same }
        return .other(now, changes: changes)
      }
    }
  }
}
