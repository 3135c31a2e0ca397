import CreditLedger
import CreditReports
import ServiceCredits

/// One subscription's traces with what their numbers stand for, whether they come from today's source or from frozen
/// evidence.
struct TracedCalculation {
  var policy: CreditPolicy
  var incidents: [(id: [UInt8], title: String)]
  var services: [(id: [UInt8], name: String)]
  var exclusions: [(id: String, exclusion: Exclusion)]
  var terms: [SubscriptionTerm]
  /// The plan of each term.
  var plans: [String]
  /// The customer's own; `nil` where the policy's holds.
  var ownZone: String?
  var heldShares: [HeldShare]
  var traces: [IncidentTrace]
  /// By incident; a decision without one is out of range.
  var outcomes: [Int32: CreditOutcome]
  /// Of the incidents, by id; in the order of `incidents`.
  var numbers: [[UInt8]: Int32] = [:]

  func trace(of id: [UInt8]) -> IncidentTrace? {
    guard let number = numbers[id] else { return nil }
    // Traces are ordered by incident.
    var (low, high) = (0, traces.count)
    while low < high {
      let middle = (low + high) / 2
      if traces[middle].incident < number { low = middle + 1 } else { high = middle }
    }
    return low < traces.count && traces[low].incident == number ? traces[low] : nil
  }

  /// The incidents that time of an incident is counted under.
  func owners(of id: [UInt8]) -> Set<[UInt8]> {
    guard let trace = trace(of: id) else { return [] }
    return Set(
      trace.shares.map(\.owner).filter { $0 != trace.incident }.map { incidents[Int($0)].id })
  }

  private func name(_ incident: Int32) -> IncidentStory.Incident {
    let incident = incidents[Int(incident)]
    return IncidentStory.Incident(
      id: String(decoding: incident.id, as: UTF8.self), title: incident.title, rootCause: nil)
  }

  // MARK: The way to the amount

  func account(_ trace: IncidentTrace) -> IncidentStory.Account {
    let rules = policy.versions[trace.version].exclusions
    return IncidentStory.Account(
      windows: trace.windows.map { window in
        IncidentStory.Window(
          severity: window.severity.code,
          serviceName: window.scope.service.map { services[Int($0)].name },
          isOwn: window.scope.customer != nil, start: window.interval.start,
          end: window.interval.end)
      }, outsideTerms: trace.outsideTerms.intervals,
      excluded: trace.excluded.map { part in
        let rule = rules.first { $0.kind == part.exclusion.kind }
        return IncidentStory.Excluded(
          id: exclusions.first { $0.exclusion == part.exclusion }?.id ?? "",
          kind: part.exclusion.kind, interval: part.interval, isHonoured: part.isHonoured,
          noticeMicroseconds: part.exclusion.announcedAt.map {
            part.exclusion.interval.start.since($0)
          },
          neededNoticeMicroseconds: rule?.announcedMicroseconds, policyExcludesKind: rule != nil)
      },
      shares: trace.shares.map { share in
        IncidentStory.Share(
          interval: share.interval, severity: share.severity,
          otherOwner: share.owner == share.incident ? nil : name(share.owner),
          isCreditable: share.isCreditable)
      }, decision: trace.decision.map { decision($0) }, agreesWithLedger: true)
  }

  private func planTerms(_ decision: CreditDecision) -> PlanTerms {
    policy.versions[Int(decision.version)].terms(forPlan: plans[Int(decision.term)])
  }

  private func decision(_ decision: CreditDecision) -> IncidentStory.Decision {
    let version = policy.versions[Int(decision.version)]
    let planTerms = planTerms(decision)
    let term = terms[Int(decision.term)]
    let rounded = try? term.fee.portion(decision.granted, rounding: version.rounding)
    return IncidentStory.Decision(
      tiers: tiers(of: planTerms).map { tier in
        IncidentStory.TierTest(
          tier: tier,
          countedMicroseconds: decision.counted.microseconds(atOrWorseThan: tier.severity),
          isBest: decision.tier == tier)
      }, serviceName: services[Int(term.service)].name, plan: plans[Int(decision.term)],
      planHasOwnTerms: planTerms != version.terms, fee: term.fee,
      termStart: term.interval.start == .distantPast ? nil : term.interval.start,
      termEnd: term.interval.end == .distantFuture ? nil : term.interval.end,
      first: decision.counted.first, month: decision.month,
      timeZone: ownZone ?? version.timeZone, policyVersion: version.name,
      effectiveFrom: version.effectiveFrom, beforeCap: decision.beforeCap,
      granted: decision.granted, cap: planTerms.cap, capUses: capUses(before: decision),
      rounding: version.rounding, minimumMinor: version.minimum[term.fee.currency],
      rounded: rounded)
  }

  private func tiers(of terms: PlanTerms) -> [CreditTier] {
    switch terms.rule {
    case .tiers(let tiers): tiers
    }
  }

  /// In the order in which the month's cap is used up.
  /// - Source: credit rules, section 5.
  private func capUses(before decision: CreditDecision) -> [IncidentStory.CapUse] {
    let held = heldShares.filter { $0.month == decision.month }
      .map { IncidentStory.CapUse(incidentId: nil, percent: $0.share) }
    let earlier = traces.compactMap(\.decision)
      .filter { other in
        other.month == decision.month && other.granted > .zero
          && (other.counted.first, other.counted.incident)
            < (decision.counted.first, decision.counted.incident)
      }
      .sorted { ($0.counted.first, $0.counted.incident) < ($1.counted.first, $1.counted.incident) }
    return held
      + earlier.map {
        IncidentStory.CapUse(incidentId: name($0.counted.incident).id, percent: $0.granted)
      }
  }

  // MARK: The answer

  func verdict(_ trace: IncidentTrace?) -> IncidentStory.Verdict {
    guard let trace, !trace.windows.isEmpty else { return .notCredited(.notAffected) }
    guard let decision = trace.decision else { return .notCredited(nothingCounted(trace)) }
    // A term that the subscription has under another customer is that customer's business.
    guard terms[Int(decision.term)].customer == 0 else { return .notCredited(.otherCustomer) }
    switch outcomes[trace.incident] {
    case nil: return .notCredited(.amountOutOfRange)
    case .credited(let money): return .credited(money, month: decision.month)
    case .notCredited(.belowEveryTier): return .notCredited(belowEveryTier(decision))
    case .notCredited(.capped):
      return .notCredited(.capped(cap: planTerms(decision).cap))
    case .notCredited(.belowMinimum):
      let details = self.decision(decision)
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

  private func nothingCounted(_ trace: IncidentTrace) -> IncidentStory.Verdict.Reason {
    let owners = trace.shares.filter { $0.owner != $0.incident && $0.isCreditable }.map(\.owner)
    if !owners.isEmpty {
      return .countedUnder(Set(owners).sorted().map { name($0).id })
    }
    if let worst = trace.shares.map(\.severity).min() { return .mildSeverity(worst) }
    let kinds = Set(trace.excluded.filter(\.isHonoured).map(\.exclusion.kind.rawValue))
    if !kinds.isEmpty {
      return .excluded(kinds.sorted().map { String($0.map { $0 == "_" ? " " : $0 }) })
    }
    return .notSubscribedThen
  }

  /// The tier that lacks the least, of those at whose severity there was any time.
  private func belowEveryTier(_ decision: CreditDecision) -> IncidentStory.Verdict.Reason {
    func missing(_ tier: CreditTier) -> Int64 {
      tier.longerThanMicroseconds - decision.counted.microseconds(atOrWorseThan: tier.severity)
    }
    let nearest = tiers(of: planTerms(decision))
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

extension TracedCalculation {
  /// Goes the way again that a run went for one subscription.
  ///
  /// - Parameters:
  ///   - revision: the one to explain; where it has no terms of its own, `earlier` lends its.
  ///   - versions: ascending by start.
  /// - Returns: `nil` where the evidence does not hold what it takes.
  init?(
    facts: ExplanationFacts, revision: CustomerHistory.Revision,
    earlier: CustomerHistory.Revision?, currency: Currency, versions: [RecordedVersion],
    heldShares: [HeldShare]
  ) {
    let versions = versions.filter { $0.firstRunId <= revision.runId }
    guard !versions.isEmpty, !facts.zones.isEmpty else { return nil }
    policy = CreditPolicy(versions: versions.map(\.version))
    let planNames = Set(policy.versions.flatMap { $0.plans.keys }).sorted()
    guard let source = revision.basis ?? earlier?.basis else { return nil }
    ownZone = source.timeZone
    guard let zone = facts.zones.firstIndex(where: { $0.name == source.timeZone }) else {
      return nil
    }
    let frozen = revision.basis == nil ? revision.terms ?? earlier?.terms : revision.terms
    guard
      let parsed = FrozenTerms(
        json: frozen, basis: source, facts: facts, planNames: planNames, zone: Int32(zone))
    else { return nil }
    terms = parsed.terms
    plans = parsed.plans
    services = facts.services
    incidents = facts.incidents.map { ($0.id, $0.title) }
    for (position, incident) in incidents.enumerated() { numbers[incident.id] = Int32(position) }
    func service(_ id: [UInt8]?) -> Int32?? {
      guard let id else { return .some(nil) }
      return facts.services.firstIndex { $0.id == id }.map { .some(Int32($0)) }
    }
    var counted: [Incident] = []
    var outages: [(Outage, isOwn: Bool)] = []
    let begin = facts.zones.map { $0.months.starts[0] }.max() ?? .distantPast
    for (position, incident) in facts.incidents.enumerated() {
      guard incident.treatment == "counted", let start = incident.startedAt else {
        counted.append(Incident(startedAt: .distantFuture, version: 0))
        continue
      }
      guard let version = versions.lastIndex(where: { $0.start <= start }) else { return nil }
      counted.append(Incident(startedAt: start, version: version))
      for window in incident.windows {
        guard let service = service(window.service), window.interval.start >= begin else {
          return nil
        }
        outages.append(
          (
            Outage(
              incident: Int32(position), severity: window.severity,
              scope: Scope(service: service, customer: window.isOwn ? 0 : nil),
              interval: window.interval), window.isOwn
          ))
      }
    }
    exclusions = []
    for exclusion in facts.exclusions {
      guard let service = service(exclusion.service) else { return nil }
      exclusions.append(
        (
          exclusion.id,
          Exclusion(
            kind: exclusion.kind,
            scope: Scope(service: service, customer: exclusion.isOwn ? 0 : nil),
            interval: exclusion.interval, announcedAt: exclusion.announcedAt)
        ))
    }
    self.heldShares = heldShares
    var calculator = CreditCalculator(
      policy: policy, planNames: planNames, services: services.count, incidents: counted,
      outages: outages.filter { !$0.isOwn }.map(\.0),
      exclusions: exclusions.map(\.exclusion).filter { $0.scope.customer == nil },
      zones: facts.zones.map(\.months),
      versionZones: policy.versions.map { version in
        Int32(facts.zones.firstIndex { $0.name == version.timeZone } ?? zone)
      })
    traces = calculator.trace(
      terms: terms, customerOutages: outages.filter(\.isOwn).map(\.0),
      customerExclusions: exclusions.map(\.exclusion).filter { $0.scope.customer != nil },
      heldShares: heldShares)
    outcomes = [:]
    for trace in traces {
      guard let decision = trace.decision else { continue }
      outcomes[trace.incident] = try? calculator.outcome(
        decision, fee: terms[Int(decision.term)].fee)
    }
  }
}

/// The terms of a subscription as a revision keeps them.
private struct FrozenTerms {
  var terms: [SubscriptionTerm] = []
  var plans: [String] = []

  /// - Parameter json: `nil` where one term covered everything.
  init?(
    json: [UInt8]?, basis: CustomerHistory.Revision.Basis, facts: ExplanationFacts,
    planNames: [String], zone: Int32
  ) {
    func service(_ id: [UInt8]) -> Int32? {
      facts.services.firstIndex { $0.id == id }.map { Int32($0) }
    }
    func plan(_ name: String) -> Int32 {
      Int32((planNames.firstIndex { $0.utf8.elementsEqual(name.utf8) } ?? -1) + 1)
    }
    guard let json else {
      guard let service = service(basis.serviceId) else { return nil }
      terms = [
        SubscriptionTerm(
          interval: .always, customer: 0, service: service, plan: plan(basis.plan), zone: zone,
          fee: basis.fee)
      ]
      plans = [basis.plan]
      return
    }
    guard let rows = (try? JSONValue(json))?.array else { return nil }
    var found: [(SubscriptionTerm, String)] = []
    for row in rows {
      guard let service = row["service_id"]?.string.flatMap({ service($0) }),
        let name = row["plan"]?.text, let micros = row["monthly_fee"]?.string.flatMap(micros),
        let currency = row["currency"]?.text.flatMap({ Currency($0) }),
        let start = row["valid_from"]?.instant
      else { return nil }
      let end = row["valid_to"]?.instant ?? .distantFuture
      guard start <= end else { return nil }
      if start == end { continue }
      let isOwn = row["customer_id"] == nil
      let ownZone = isOwn ? zone : nil
      let otherZone = row["time_zone"]?.text.flatMap { name in
        facts.zones.firstIndex { $0.name == name }.map { Int32($0) }
      }
      found.append(
        (
          SubscriptionTerm(
            interval: Interval(start, end), customer: isOwn ? 0 : 1, service: service,
            plan: plan(name), zone: ownZone ?? otherZone,
            fee: MonthlyFee(micros: micros, currency: currency)), name
        ))
    }
    guard !found.isEmpty else { return nil }
    found.sort { $0.0.interval.start < $1.0.interval.start }
    terms = found.map(\.0)
    plans = found.map(\.1)
  }
}

/// A decimal with six places at most, in millionths.
private func micros(_ text: [UInt8]) -> Int64? {
  let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard parts.count <= 2, let whole = Int64(String(decoding: parts[0], as: UTF8.self)), whole >= 0
  else { return nil }
  var fraction: Int64 = 0
  if parts.count == 2 {
    guard parts[1].count <= 6, let digits = Int64(String(decoding: parts[1], as: UTF8.self)) else {
      return nil
    }
    fraction = digits
    for _ in parts[1].count..<6 { fraction *= 10 }
  }
  let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
  return overflow ? nil : scaled + fraction
}
