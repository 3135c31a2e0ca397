import Documents
import FrozenEvidence
import ServiceCredits

/// The traces of one subscription and the values that their numbers stand for, from today's source
/// or from frozen evidence.
///
/// A subscription that has changed hands has terms of other customers. Their windows and exclusions
/// count too. An explanation shows when they had the subscription, but no plan, fee, id or name of
/// theirs.
struct CalculationSteps {
  enum Term {
    case own(SubscriptionTerm, plan: String)
    case others(SubscriptionTerm)

    var sound: SubscriptionTerm {
      switch self {
      case .own(let term, _), .others(let term): term
      }
    }
  }

  var policy: CreditPolicy
  /// Of the run, or of the look at the source.
  var asOf: Instant
  var incidents: [(id: [UInt8], title: String)]
  var services: [(id: [UInt8], name: String)]
  var exclusions: [(id: String, exclusion: Exclusion)]
  /// Ascending by start.
  var terms: [Term]
  /// The customer's own time zone; `nil` if the policy's applies.
  var ownZone: String?
  var heldShares: [HeldShare]
  var traces: [IncidentTrace]
  /// By incident, in the order of its decisions. One without an outcome is out of range.
  var outcomes: [IncidentNumber: [CreditOutcome?]]
  /// The numbers of the incidents by id: positions in `incidents`.
  var numbers: [[UInt8]: IncidentNumber] = [:]

  func trace(of id: [UInt8]) -> IncidentTrace? {
    numbers[id].flatMap { trace(number: $0) }
  }

  private func trace(number: IncidentNumber) -> IncidentTrace? {
    // Traces are ordered by incident.
    var (low, high) = (0, traces.count)
    while low < high {
      let middle = (low + high) / 2
      if traces[middle].incident < number { low = middle + 1 } else { high = middle }
    }
    return low < traces.count && traces[low].incident == number ? traces[low] : nil
  }

  /// The other incidents that time of this incident is counted under.
  func owners(of id: [UInt8]) -> Set<[UInt8]> {
    guard let trace = trace(of: id) else { return [] }
    return Set(
      trace.shares.map(\.owner).filter { $0 != trace.incident && touchesCustomer($0) }
        .map { incidents[$0.index].id })
  }

  /// Whether an incident touched this customer, and not only another customer of the subscription.
  private func touchesCustomer(_ incident: IncidentNumber) -> Bool {
    trace(number: incident).map { !told($0).isEmpty } ?? false
  }

  private func owner(_ share: IncidentTrace.Share) -> IncidentExplanation.Share.Owner {
    if share.owner == share.incident { return .itself }
    return touchesCustomer(share.owner) ? .incident(name(share.owner)) : .otherCustomer
  }

  private func name(_ incident: IncidentNumber) -> IncidentExplanation.Incident {
    let incident = incidents[incident.index]
    return IncidentExplanation.Incident(
      id: String(decoding: incident.id, as: UTF8.self), title: incident.title, rootCause: nil)
  }

  // MARK: The way to the amount

  /// The windows of the incident that may be shown: those for all customers and the customer's own.
  func told(_ trace: IncidentTrace) -> [Outage] {
    trace.windows.filter(\.scope.concernsOwnCustomer)
  }

  /// - Parameter month: of which decision, where rules decide about several.
  func account(
    _ trace: IncidentTrace, month: BillingMonth? = nil
  ) -> IncidentExplanation.Account {
    let rules = policy.versions[trace.version].exclusions
    let windows = told(trace)
    let decision = trace.decision(month).flatMap { self.decision($0) }
    // If the incident touched only another customer, its times are not shown.
    let shares = windows.isEmpty && decision == nil ? [] : trace.shares
    return IncidentExplanation.Account(
      windows: windows.map { window in
        IncidentExplanation.Window(
          severity: window.severity.code,
          serviceName: window.scope.service.map { services[$0.index].name },
          isOwn: window.scope.customer != nil, start: window.interval.start,
          end: window.interval.end)
      }, outsideTerms: outsideTerms(windows), otherCustomers: otherCustomers(windows),
      excluded: trace.excluded.filter { $0.exclusion.scope.concernsOwnCustomer }.map { part in
        let rule = rules.first { $0.kind == part.exclusion.kind }
        return IncidentExplanation.Excluded(
          id: exclusions.first { $0.exclusion == part.exclusion }?.id ?? "",
          kind: part.exclusion.kind, interval: part.interval, isHonoured: part.isHonoured,
          noticeMicroseconds: part.exclusion.announcedAt.map {
            part.exclusion.interval.start.since($0)
          },
          neededNoticeMicroseconds: rule?.announcedMicroseconds, policyExcludesKind: rule != nil)
      },
      shares: shares.map { share in
        IncidentExplanation.Share(
          interval: share.interval, severity: share.severity,
          owner: owner(share), isCreditable: share.isCreditable)
      }, decision: decision, agreesWithLedger: true)
  }

  /// The parts of the windows in which nobody had the subscription.
  private func outsideTerms(_ windows: [Outage]) -> [Interval] {
    var parts: [Interval] = []
    for window in windows {
      let covered = terms.map(\.sound).filter { isService($0, of: window) }.map(\.interval)
      IntervalSet(covered).forEachGap(in: window.interval) { parts.append($0) }
    }
    return IntervalSet(parts).intervals
  }

  /// The parts of the windows in which another customer had the subscription.
  private func otherCustomers(_ windows: [Outage]) -> [Interval] {
    var parts: [Interval] = []
    for case .others(let term) in terms {
      for window in windows where isService(term, of: window) {
        if let part = window.interval.intersection(term.interval) { parts.append(part) }
      }
    }
    return IntervalSet(parts).intervals
  }

  /// Whether a window applies to the service of a term, whoever has the term.
  private func isService(_ term: SubscriptionTerm, of window: Outage) -> Bool {
    Scope(service: window.scope.service, customer: nil).covers(term)
  }

  /// The values of the decision; `nil` if the term belongs to another customer.
  private func decision(_ decision: CreditDecision) -> IncidentExplanation.Decision? {
    guard case .own(let term, let plan) = terms[Int(decision.term)] else { return nil }
    let version = policy.versions[Int(decision.version)]
    let planTerms = version.terms(forPlan: plan)
    let rounded = rounded(decision, term.fee, version)
    return IncidentExplanation.Decision(
      tiers: tiers(of: planTerms).map { tier in
        IncidentExplanation.TierTest(
          tier: tier,
          countedMicroseconds: decision.counted.microseconds(atOrWorseThan: tier.severity),
          isBest: decision.tier == tier)
      }, serviceName: services[term.service.index].name, plan: plan,
      planHasOwnTerms: planTerms != version.terms, fee: term.fee,
      termStart: term.interval.start == .distantPast ? nil : term.interval.start,
      termEnd: term.interval.end == .distantFuture ? nil : term.interval.end,
      first: decision.counted.first, month: decision.month,
      timeZone: ownZone ?? version.timeZone, policyVersion: version.name,
      effectiveFrom: version.effectiveFrom, beforeCap: decision.beforeCap,
      granted: decision.granted, isUnclaimed: decision.unclaimed != nil, cap: planTerms.cap,
      capUses: capUses(before: decision),
      rounding: version.rounding, minimumMinor: try? version.minimum.minor(ofFee: term.fee),
      rounded: rounded, rule: rule(decision, planTerms))
  }

  /// What tiers give before the minimum; of rules, what the incident adds.
  private func rounded(
    _ decision: CreditDecision, _ fee: MonthlyFee, _ version: PolicyVersion
  ) -> Money? {
    guard decision.award == nil else {
      if case .credited(let money)? = outcome(of: decision) { return money }
      return outcome(of: decision).map { _ in Money(amountMinor: 0, currency: fee.currency) }
    }
    return decision.granted.flatMap { try? fee.portion($0, rounding: version.rounding) }
  }

  // MARK: Rules

  /// What every incident of the same period gets; `nil` where tiers decided.
  private func rule(
    _ decision: CreditDecision, _ planTerms: PlanRules
  ) -> IncidentExplanation.RuleAccount? {
    guard let award = decision.award, case .rules(let set) = planTerms.rule else { return nil }
    var period = [decision]
    if award.periodMicroseconds != nil {
      period = traces.flatMap(\.decisions).filter {
        $0.month == decision.month && $0.award?.periodMicroseconds == award.periodMicroseconds
      }
      period.sort {
        ($0.counted.first, $0.counted.incident) < ($1.counted.first, $1.counted.incident)
      }
    }
    return IncidentExplanation.RuleAccount(
      promises: set.rules.map(\.words), rows: period.map(row),
      own: period.firstIndex(of: decision) ?? 0, next: period.last?.award?.next(in: set),
      isOver: award.isOver)
  }

  private func row(_ decision: CreditDecision) -> IncidentExplanation.RuleAccount.Row {
    let award = decision.award
    let fee = terms[Int(decision.term)].sound.fee
    var added: Money?
    if let outcome = outcome(of: decision) {
      added = Money(amountMinor: 0, currency: fee.currency)
      if case .credited(let money) = outcome { added = money }
    }
    return IncidentExplanation.RuleAccount.Row(
      incident: touchesCustomer(decision.counted.incident)
        ? name(decision.counted.incident).id : nil,
      countedMicroseconds: decision.countedMicroseconds,
      downtimeMicroseconds: award?.downtimeMicroseconds,
      periodMicroseconds: award?.periodMicroseconds, clause: award?.clause?.words, added: added)
  }

  private func outcome(of decision: CreditDecision) -> CreditOutcome? {
    guard let trace = trace(number: decision.counted.incident),
      let position = trace.decisions.firstIndex(of: decision),
      let outcomes = outcomes[trace.incident], position < outcomes.count
    else { return nil }
    return outcomes[position]
  }

  /// The decision as a revision would record it; `nil` if the term belongs to another customer.
  func look(
    _ trace: IncidentTrace?, month: BillingMonth? = nil
  ) -> SourceExplainer.Decision? {
    guard let decision = trace?.decision(month),
      case .own(let term, let plan) = terms[Int(decision.term)]
    else { return nil }
    return SourceExplainer.Decision(
      fee: term.fee, plan: plan, policyVersion: policy.versions[Int(decision.version)].name,
      percent: decision.granted, percentBeforeCap: decision.beforeCap, month: decision.month)
  }

  private func tiers(of terms: PlanRules) -> [CreditTier] {
    switch terms.rule {
    case .tiers(let tiers): tiers
    case .rules: []
    }
  }

  /// The uses of the month's cap before a decision, in the order in which the cap is used.
  /// - Source: credit rules, section 5.
  private func capUses(before decision: CreditDecision) -> [IncidentExplanation.CapUse] {
    // A held credit may be recorded under another customer if the subscription has changed hands.
    let isOwn = terms.allSatisfy(\.sound.isOwn)
    let held = heldShares.filter { $0.month == decision.month }
    var uses =
      isOwn
      ? held.map { IncidentExplanation.CapUse(by: .heldIncidents, percent: $0.share) }
      : held.prefix(1).map { _ in IncidentExplanation.CapUse(by: .heldIncidents, percent: nil) }
    let earlier = traces.flatMap(\.decisions)
      .filter { other in
        other.month == decision.month && other.granted ?? .zero > .zero
          && (other.counted.first, other.counted.incident)
            < (decision.counted.first, decision.counted.incident)
      }
      .sorted { ($0.counted.first, $0.counted.incident) < ($1.counted.first, $1.counted.incident) }
    var hasOthers = false
    for other in earlier {
      if terms[Int(other.term)].sound.isOwn {
        uses.append(
          IncidentExplanation.CapUse(
            by: .incident(id: name(other.counted.incident).id), percent: other.granted))
      } else if !hasOthers {
        hasOthers = true
        uses.append(IncidentExplanation.CapUse(by: .otherCustomer, percent: nil))
      }
    }
    return uses
  }

  // MARK: The answer

  /// - Parameter month: of which decision, where rules decide about several.
  func answer(
    _ trace: IncidentTrace?, month: BillingMonth? = nil
  ) -> IncidentExplanation.Answer {
    guard let trace, !told(trace).isEmpty || !trace.decisions.isEmpty else {
      return .notCredited(.notAffected)
    }
    guard let decision = trace.decision(month) else { return .notCredited(nothingCounted(trace)) }
    // The term belongs to another customer, so nothing more is shown.
    guard let details = self.decision(decision) else { return .notCredited(.otherCustomer) }
    switch outcome(of: decision) {
    case nil: return .notCredited(.amountOutOfRange)
    case .credited(let money): return .credited(money, month: decision.month)
    case .notCredited(.addsNothing): return .notCredited(.addsNothing(decision.month))
    case .notCredited(.periodGoesOn): return .notCredited(.periodGoesOn(decision.month))
    case .notCredited(.notClaimed):
      let deadline = decision.unclaimed?.deadline ?? .distantPast
      return .notCredited(
        .notClaimed(
          last: Instant(microseconds: max(deadline.microseconds, .min + 1) - 1),
          isOver: deadline <= asOf))
    case .notCredited(.belowEveryTier) where decision.award != nil:
      return .notCredited(.noRulePays(countedMicroseconds: decision.countedMicroseconds))
    case .notCredited(.belowEveryTier):
      return .notCredited(belowEveryTier(decision, of: details.tiers.map(\.tier)))
    case .notCredited(.capped): return .notCredited(.capped(cap: details.cap))
    case .notCredited(.belowMinimum):
      let currency = details.fee.currency
      if details.rounded?.amountMinor == 0 {
        return .notCredited(.roundedToZero(exact: "\(details.exactText) \(currency.code)"))
      }
      return .notCredited(
        .belowMinimum(
          exact: details.exactText,
          minimum: Money(amountMinor: details.minimumMinor ?? 0, currency: currency)))
    }
  }

  private func nothingCounted(_ trace: IncidentTrace) -> IncidentExplanation.Answer.Reason {
    let owners = Set(
      trace.shares.filter { $0.owner != $0.incident && $0.isCreditable }.map(\.owner))
    let told = owners.filter(touchesCustomer)
    if !told.isEmpty { return .countedUnder(told.sorted().map { name($0).id }) }
    if !owners.isEmpty { return .otherCustomer }
    if let worst = trace.shares.map(\.severity).min() { return .mildSeverity(worst) }
    let honoured = trace.excluded.filter {
      $0.isHonoured && $0.exclusion.scope.concernsOwnCustomer
    }
    let kinds = Set(honoured.map(\.exclusion.kind.rawValue))
    if !kinds.isEmpty {
      return .excluded(kinds.sorted().map { String($0.map { $0 == "_" ? " " : $0 }) })
    }
    return otherCustomers(self.told(trace)).isEmpty ? .notSubscribedThen : .otherCustomer
  }

  /// The tier that was missed by the least time, of the tiers at whose severity there was any time.
  private func belowEveryTier(
    _ decision: CreditDecision, of tiers: [CreditTier]
  ) -> IncidentExplanation.Answer.Reason {
    func missing(_ tier: CreditTier) -> Int64 {
      tier.longerThanMicroseconds - decision.counted.microseconds(atOrWorseThan: tier.severity)
    }
    let nearest =
      tiers
      .filter { decision.counted.microseconds(atOrWorseThan: $0.severity) > 0 }
      .min { missing($0) < missing($1) }
    return .belowEveryTier(
      nearest: nearest,
      countedMicroseconds: nearest.map {
        decision.counted.microseconds(atOrWorseThan: $0.severity)
      } ?? decision.countedMicroseconds)
  }
}

// MARK: From frozen evidence

extension CalculationSteps {
  /// Replays the calculation that a run made for one subscription.
  init(_ night: EvidenceReplay, _ subscription: EvidenceReplay.Subscription) {
    policy = night.policy
    asOf = night.asOf
    incidents = (0..<night.incidentCount).map { number in
      let incident = night.incident(IncidentNumber(index: number))
      return (incident.id, incident.title)
    }
    for (position, incident) in incidents.enumerated() {
      numbers[incident.id] = IncidentNumber(index: position)
    }
    services = night.evidence.services.map { ($0.id, String(decoding: $0.name, as: UTF8.self)) }
    exclusions =
      night.sharedExclusions
      + subscription.ownExclusions.map {
        (String(decoding: $0.id, as: UTF8.self), $0.exclusion)
      }
    terms = subscription.terms.map { term in
      term.sound.isOwn
        ? .own(term.sound, plan: String(decoding: term.plan, as: UTF8.self)) : .others(term.sound)
    }
    ownZone = subscription.zone.map { night.zoneName($0) }
    heldShares = subscription.heldShares
    traces = night.traces(subscription)
    outcomes = [:]
    for trace in traces {
      outcomes[trace.incident] = trace.decisions.map { decision in
        night.outcome(decision, fee: subscription.terms[Int(decision.term)].sound.fee)
      }
    }
  }
}
