import CreditLedger
import Documents
import FrozenEvidence
import Postgres
import ServiceCredits

/// What the ledger recorded for one customer, and the evidence frozen with it. Does not read the
/// source.
struct RecordedExplanations {
  let history: CustomerHistory
  private let evidence: [EvidenceKey: EvidenceSnapshot]
  /// The runs that can be replayed from their evidence.
  private let nights: [Int64: EvidenceReplay]

  private struct SubscriptionIncident: Hashable {
    let subscription: [UInt8]
    let incident: [UInt8]
  }

  /// The positions in `history.keys` of the keys of each subscription and incident.
  private let positions: [SubscriptionIncident: [Int]]
  private let lines: [CustomerHistory.Key: [CustomerHistory.Line]]
  /// By subscription.
  private let recordedServices: [[UInt8]: Set<[UInt8]>]

  /// The replayed calculations. Each is needed several times and is worked out once.
  private final class Calculations {
    struct Key: Hashable {
      let subscription: [UInt8]
      let runId: Int64
    }

    var known: [Key: CalculationSteps?] = [:]
  }

  private let calculations = Calculations()

  private struct EvidenceKey: Hashable {
    let shared: [UInt8]
    let own: [UInt8]?

    init(_ revision: CustomerHistory.Revision) {
      shared = revision.evidenceDigest
      own = revision.customerEvidence
    }
  }

  init(
    of customer: String, recorded: [RecordedVersion], readsSource: Bool = true,
    _ connection: borrowing Connection
  ) throws {
    history = try CustomerHistory(of: customer, readsSource: readsSource, connection)
    lines = Dictionary(grouping: history.lines, by: \.key)
    positions = Dictionary(grouping: history.keys.indices) { [history] position in
      let key = history.keys[position].key
      return SubscriptionIncident(subscription: key.subscription, incident: key.incident)
    }
    var services: [[UInt8]: Set<[UInt8]>] = [:]
    for (key, revisions) in history.keys {
      services[key.subscription, default: []].formUnion(
        revisions.lazy.compactMap { $0.basis?.serviceId })
    }
    recordedServices = services
    let versions = Dictionary(
      recorded.map { (Array($0.version.name.utf8), $0.version) }
    ) { first, _ in first }
    var evidence: [EvidenceKey: EvidenceSnapshot] = [:]
    var nights: [Int64: EvidenceReplay] = [:]
    var replays: [[UInt8]: EvidenceReplay] = [:]
    for revision in history.keys.flatMap(\.revisions) {
      let key = EvidenceKey(revision)
      if evidence[key] == nil {
        evidence[key] = try RecordedExplanations.facts(revision, customer: customer, connection)
      }
      guard let facts = evidence[key], nights[revision.runId] == nil else { continue }
      var replay = replays[revision.evidenceDigest]
      if !(replay?.isOfRun(at: revision.asOf) ?? false) {
        replay = try? EvidenceReplay(facts.shared, known: versions, asOf: revision.asOf)
        replays[revision.evidenceDigest] = replay
      }
      nights[revision.runId] = replay
    }
    self.evidence = evidence
    self.nights = nights
  }

  /// Returns `nil` if the evidence cannot be read; `redress verify` says why.
  private static func facts(
    _ revision: CustomerHistory.Revision, customer: String, _ connection: borrowing Connection
  ) throws -> EvidenceSnapshot? {
    guard
      let content = try RecordedRun.evidence(of: "", digest: revision.evidenceDigest, connection),
      let shared = try? SharedEvidence(json: content)
    else { return nil }
    guard let digest = revision.customerEvidence else {
      return EvidenceSnapshot(shared: shared, own: nil)
    }
    guard let content = try RecordedRun.evidence(of: customer, digest: digest, connection),
      let own = try? CustomerEvidence(json: content)
    else { return nil }
    return EvidenceSnapshot(shared: shared, own: own)
  }

  typealias RecordedKey = (key: CustomerHistory.Key, revisions: [CustomerHistory.Revision])

  /// By currency, then in the order of their first runs. A credit that has moved to another month
  /// has a key for each.
  func keys(of incident: [UInt8], _ subscription: [UInt8]) -> [RecordedKey] {
    (positions[SubscriptionIncident(subscription: subscription, incident: incident)] ?? []).map {
      history.keys[$0]
    }.sorted { left, right in
      (left.key.currency, left.revisions[0].runId) < (right.key.currency, right.revisions[0].runId)
    }
  }

  /// The keys of the same credit in all its months, with the key itself.
  private func months(of key: CustomerHistory.Key) -> [RecordedKey] {
    keys(of: key.incident, key.subscription).filter { $0.key.currency == key.currency }
  }

  /// The services that the recorded credits name for the subscription.
  func services(of subscription: [UInt8]) -> Set<[UInt8]> {
    recordedServices[subscription] ?? []
  }

  // MARK: One story

  /// The incident for the subscription as recorded; `nil` if nothing is recorded.
  /// - Parameters:
  ///   - services: the subscription's services, in the source and in the ledger.
  ///   - month: of which credit, where rules give several.
  func story(
    _ id: [UInt8], _ subscription: [UInt8], services: Set<[UInt8]>, month: BillingMonth? = nil
  ) -> IncidentExplanation? {
    let keys = keys(of: id, subscription).filter { month == nil || $0.key.month == month }
    guard let newest = newest(keys) else { return nil }
    let frozen = frozen(newest, newest.revisions.count - 1)
    let total = newest.revisions.reduce(0) { $0 + $1.amountMinor }
    let revision = newest.revisions[newest.revisions.count - 1]
    let money = Money(amountMinor: total, currency: newest.key.currency)
    let facts = evidence[EvidenceKey(revision)]
    let account = account(id, frozen, revision, total: money)
    return IncidentExplanation(
      incident: incident(id, facts, newest),
      subscriptionId: String(decoding: subscription, as: UTF8.self),
      answer: total != 0
        ? .credited(money, month: newest.key.month)
        : .notCredited(reason(id, frozen, revision)),
      basis: facts != nil
        ? .frozen(runId: revision.runId, asOf: revision.asOf)
        : .revisionOnly(runId: revision.runId, asOf: revision.asOf),
      account: account, windows: account == nil ? windows(id, newest, services) : [],
      ledger: keys.map { ledgerKey($0, services: services) }, today: nil)
  }

  /// What differs between `later` and what the newest revision of the story was decided on.
  func changes(
    of id: [UInt8], _ subscription: [UInt8], to later: SourceExplainer, services: Set<[UInt8]>,
    month: BillingMonth? = nil
  ) -> [ExplanationChange] {
    let keys = keys(of: id, subscription).filter { month == nil || $0.key.month == month }
    guard let newest = newest(keys) else { return [] }
    return look(newest, newest.revisions.count - 1).map {
      $0.changes(to: later, incident: id, services: services)
    } ?? []
  }

  /// The incident as the evidence has it. If `facts` does not have the incident, an earlier
  /// revision's evidence is used.
  private func incident(
    _ id: [UInt8], _ facts: EvidenceSnapshot?, _ key: RecordedKey
  ) -> IncidentExplanation.Incident {
    let found =
      facts?.incident(id)
      ?? key.revisions.reversed().lazy.compactMap { evidence[EvidenceKey($0)]?.incident(id) }.first
    return IncidentExplanation.Incident(
      id: String(decoding: id, as: UTF8.self), title: found?.title ?? "",
      rootCause: found?.rootCause)
  }

  /// The windows of an incident that is not calculated any more, from the newest evidence that has
  /// some.
  private func windows(
    _ id: [UInt8], _ key: RecordedKey, _ services: Set<[UInt8]>
  ) -> [IncidentExplanation.Window] {
    for revision in key.revisions.reversed() {
      guard let facts = evidence[EvidenceKey(revision)], let incident = facts.incident(id) else {
        continue
      }
      let windows = incident.windows.filter { $0.applies(to: services) }
      guard !windows.isEmpty else { continue }
      return windows.map { window in
        IncidentExplanation.Window(
          severity: window.severity.code,
          serviceName: window.service.map { service in
            facts.shared.serviceName(service)
          }, isOwn: window.isOwn, start: window.interval.start, end: window.interval.end)
      }
    }
    return []
  }

  /// The key that is worth something; if there is none, the key that was written last. Of a credit
  /// that has moved, this is the month that the newest decision gave.
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

  /// The calculation of the run of one revision; `nil` if its evidence is not enough to replay it.
  private func frozen(_ key: RecordedKey, _ position: Int) -> CalculationSteps? {
    let name = Calculations.Key(
      subscription: key.key.subscription, runId: key.revisions[position].runId)
    if let known = calculations.known[name] { return known }
    let calculation = calculate(key, position)
    calculations.known[name] = .some(calculation)
    return calculation
  }

  private func calculate(_ key: RecordedKey, _ position: Int) -> CalculationSteps? {
    let revision = key.revisions[position]
    guard let facts = evidence[EvidenceKey(revision)], let night = nights[revision.runId]
    else { return nil }
    let ofRun = history.keys.filter { $0.key.subscription == key.key.subscription }
      .flatMap(\.revisions).filter { $0.runId == revision.runId }
    let terms = EvidenceReplay.RecordedTerms(
      subscription: key.key.subscription, terms: ofRun.lazy.compactMap(\.terms).first,
      basis: ofRun.lazy.compactMap(\.basis).first.map { basis in
        EvidenceReplay.RecordedTerms.Basis(
          service: basis.serviceId, plan: Array(basis.plan.utf8), fee: basis.fee,
          zone: Array(basis.timeZone.utf8), policyVersion: Array(basis.policyVersion.utf8))
      })
    let held = night.heldShares(
      recorded(before: revision.runId, subscription: key.key.subscription))
    let subscription = try? night.subscription(terms, customer: facts.own, heldShares: held)
    return subscription.map { CalculationSteps(night, $0) }
  }

  /// The newest revision of each of the subscription's keys before a run.
  private func recorded(
    before runId: Int64, subscription: [UInt8]
  ) -> [(incident: [UInt8], share: HeldShare)] {
    history.keys.compactMap { key, revisions in
      guard key.subscription == subscription,
        let newest = revisions.last(where: { $0.runId < runId })
      else { return nil }
      let total = revisions.reduce(0) { $0 + ($1.runId < runId ? $1.amountMinor : 0) }
      return (key.incident, newest.held(of: total))
    }
  }

  /// The calculation behind the newest revision, compared with what is recorded.
  private func account(
    _ id: [UInt8], _ frozen: CalculationSteps?, _ revision: CustomerHistory.Revision, total: Money
  ) -> IncidentExplanation.Account? {
    guard let frozen, let trace = frozen.trace(of: id) else { return nil }
    let month = trace.decisions.count > 1 ? revision.month : nil
    var account = frozen.account(trace, month: month)
    let found = frozen.answer(trace, month: month)
    if total.amountMinor == 0 {
      if case .credited = found { account.agreesWithLedger = false }
      return account
    }
    if case .credited(let money, let month) = found {
      account.agreesWithLedger =
        money == total && month == revision.month
        && trace.decision(month)?.countedMicroseconds == revision.countedMicroseconds
        && trace.decision(month)?.granted == revision.percent
    } else {
      account.agreesWithLedger = false
    }
    return account
  }

  /// Why the newest revision left nothing.
  private func reason(
    _ id: [UInt8], _ frozen: CalculationSteps?, _ revision: CustomerHistory.Revision
  ) -> IncidentExplanation.Answer.Reason {
    if revision.reason == DecreaseReason.void.rawValue { return .void }
    guard let frozen else { return .notEarned }
    let trace = frozen.trace(of: id)
    let month = (trace?.decisions.count ?? 0) > 1 ? revision.month : nil
    guard case .notCredited(let reason) = frozen.answer(trace, month: month) else {
      return .notEarned
    }
    return reason
  }

  // MARK: The ledger

  private func ledgerKey(
    _ recorded: RecordedKey, services: Set<[UInt8]>
  ) -> IncidentExplanation.LedgerKey {
    let key = recorded.key
    let total = recorded.revisions.reduce(0) { $0 + $1.amountMinor }
    let placements = placements(of: key)
    let parts = placements.map(\.part).filter { $0.amountMinor != 0 }
    let placed = parts.reduce(0) { $0 + $1.amountMinor }
    return IncidentExplanation.LedgerKey(
      revisions: recorded.revisions.indices.map { position in
        self.revision(recorded, position, services: services)
      }, total: Money(amountMinor: total, currency: key.currency),
      month: key.month, invoices: parts,
      formerInvoices: placements.filter { $0.part.amountMinor == 0 }.map(\.former),
      openMinor: total - placed,
      drafts: history.knowsDrafts
        ? history.drafts.filter { $0.currency == key.currency.code }.map {
          IncidentExplanation.InvoicePart(
            invoiceId: $0.invoiceId, amountMinor: 0, status: "draft", issueOn: $0.issueOn)
        } : nil)
  }

  /// What each invoice carries and has carried of a key, in the order of the first lines.
  private func placements(of key: CustomerHistory.Key) -> [Placement] {
    var placements: [Placement] = []
    for line in lines[key] ?? [] {
      if let known = placements.firstIndex(where: { $0.part.invoiceId == line.invoiceId }) {
        placements[known].add(line)
      } else {
        placements.append(Placement(line))
      }
    }
    return placements
  }

  private func revision(
    _ key: RecordedKey, _ position: Int, services: Set<[UInt8]>
  ) -> IncidentExplanation.LedgerRevision {
    let revision = key.revisions[position]
    var changes: [ExplanationChange] = []
    if let earlier = revisionBefore(key, position),
      let before = look(earlier.key, earlier.position), let after = look(key, position)
    {
      changes = before.changes(to: after, incident: key.key.incident, services: services)
    }
    return IncidentExplanation.LedgerRevision(
      runId: revision.runId, asOf: revision.asOf, kind: revision.kind,
      amount: Money(amountMinor: revision.amountMinor, currency: key.key.currency),
      month: key.key.month, reason: revision.reason, changes: changes)
  }

  /// The revision of the same credit before this one, in whatever month.
  ///
  /// `nil` for the first one, and for one that is the second half of a move: the first half, which
  /// took the credit back in the other month, tells what has changed.
  private func revisionBefore(
    _ key: RecordedKey, _ position: Int
  ) -> (key: RecordedKey, position: Int)? {
    let revision = key.revisions[position]
    var months = months(of: key.key)
    // Rules give an incident a credit in each of several months, and each is a story of its own.
    if case .rule? = revision.basis?.clause { months = [key] }
    let isSecondHalf = months.flatMap(\.revisions).contains {
      $0.runId == revision.runId && $0.reason == DecreaseReason.moved.rawValue
    }
    if isSecondHalf, revision.amountMinor > 0 { return nil }
    func rank(_ found: (key: RecordedKey, position: Int)) -> (Int64, Int) {
      let revision = found.key.revisions[found.position]
      // Of the two halves of an earlier move, the second one.
      return (revision.runId, revision.amountMinor > 0 ? 1 : 0)
    }
    return months.compactMap { month in
      month.revisions.lastIndex { $0.runId < revision.runId }.map { (key: month, position: $0) }
    }.max { rank($0) < rank($1) }
  }

  // MARK: Then and now

  /// The facts that one revision was decided on.
  private func look(_ key: RecordedKey, _ position: Int) -> SourceExplainer? {
    let revision = key.revisions[position]
    guard let facts = evidence[EvidenceKey(revision)] else { return nil }
    return SourceExplainer(
      facts: facts, decision: decision(key, position),
      owners: frozen(key, position)?.owners(of: key.key.incident))
  }

  /// What one revision was decided on. If it moved the credit, the month and the percent are those
  /// of the revision that granted it in the other month.
  private func decision(_ key: RecordedKey, _ position: Int) -> SourceExplainer.Decision? {
    var revision = key.revisions[position]
    if revision.reason == DecreaseReason.moved.rawValue {
      let others = months(of: key.key).filter { $0.key.month != key.key.month }.flatMap(\.revisions)
      revision =
        others.first { $0.runId == revision.runId && $0.amountMinor > 0 } ?? revision
    }
    return revision.basis.map { basis in
      SourceExplainer.Decision(
        fee: basis.fee, plan: basis.plan, policyVersion: basis.policyVersion,
        percent: revision.percent, percentBeforeCap: revision.percentBeforeCap,
        month: revision.month)
    }
  }
}

/// What one invoice carries of a key, the most that it has carried, and which line gave back last.
private struct Placement {
  private(set) var part: IncidentExplanation.InvoicePart
  private var mostMinor: Int64 = 0
  private var givenBack: CustomerHistory.Line?

  init(_ line: CustomerHistory.Line) {
    part = IncidentExplanation.InvoicePart(
      invoiceId: line.invoiceId, amountMinor: 0, status: line.status, issueOn: line.issueOn)
    add(line)
  }

  /// Adds a line. The lines of the invoice must be added in order.
  mutating func add(_ line: CustomerHistory.Line) {
    // Only what is set off is ever below zero; there a line below zero gives back.
    let before = part.amountMinor.magnitude
    part.amountMinor -= line.amountMinor
    mostMinor = max(mostMinor, Int64(clamping: part.amountMinor.magnitude))
    if part.amountMinor.magnitude < before { givenBack = line }
  }

  var former: IncidentExplanation.FormerInvoice {
    var most = part
    most.amountMinor = mostMinor
    return IncidentExplanation.FormerInvoice(
      part: most,
      givenBack: givenBack?.run.map {
        IncidentExplanation.FormerInvoice.GivenBack(runId: $0.id, asOf: $0.asOf)
      })
  }
}
