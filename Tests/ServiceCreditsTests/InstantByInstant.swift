import ServiceCredits

/// Sections 3 to 5 implemented again by checking every microsecond: slow, but too simple to have
/// the same errors.
struct InstantByInstant {
  struct Result: Hashable {
    var microseconds: [Int64] = [0, 0, 0, 0]
    var first: Int64
    var end: Int64
    var term = 0
    var month = BillingMonth(index: 0)
    var beforeCap: Int32 = 0
    var granted: Int32 = 0
  }

  let story: OutageStory

  private func plan(_ number: PlanNumber?, _ version: PolicyVersion) -> PlanRules {
    number.flatMap { version.plans[story.planNames[$0.index]] } ?? version.terms
  }

  private func tiers(_ terms: PlanRules) -> [CreditTier] {
    switch terms.rule {
    case .tiers(let tiers): tiers
    case .rules: []
    }
  }

  private func isCreditable(_ severity: Severity, _ version: PolicyVersion) -> Bool {
    ([version.terms] + version.plans.values).contains {
      tiers($0).contains { severity.rawValue <= $0.severity.rawValue }
    }
  }

  private func applies(_ scope: Scope, _ term: SubscriptionTerm) -> Bool {
    [nil, term.service].contains(scope.service) && [nil, term.customer].contains(scope.customer)
  }

  private func isExcluded(_ instant: Instant, _ term: SubscriptionTerm, _ version: PolicyVersion)
    -> Bool
  {
    for exclusion in story.exclusions
    where exclusion.interval.start <= instant && instant < exclusion.interval.end
      && applies(exclusion.scope, term)
    {
      for rule in version.exclusions where rule.kind == exclusion.kind {
        guard let lead = rule.announcedMicroseconds else { return true }
        if let announced = exclusion.announcedAt,
          exclusion.interval.start.microseconds - announced.microseconds >= lead
        {
          return true
        }
      }
    }
    return false
  }

  private func severity(_ incident: Int, _ instant: Instant, _ term: SubscriptionTerm) -> Severity?
  {
    story.outages.filter {
      $0.incident.index == incident && $0.interval.start <= instant && instant < $0.interval.end
        && applies($0.scope, term)
    }.map(\.severity).min { $0.rawValue < $1.rawValue }
  }

  func results() -> [Int: Result] {
    var results: [Int: Result] = [:]
    for time in 0..<OutageStory.lastInstant + 40 {
      let instant = Instant(microseconds: time)
      guard
        let position = story.terms.firstIndex(where: {
          $0.interval.start <= instant && instant < $0.interval.end
        })
      else { continue }
      for (incident, severity) in owners(instant, story.terms[position]) {
        var result = results[incident] ?? Result(first: time, end: time)
        if result.microseconds == [0, 0, 0, 0] { result.term = position }
        for milder in Int(severity.rawValue)...3 { result.microseconds[milder] += 1 }
        result.end = time + 1
        results[incident] = result
      }
    }
    for incident in results.keys { decide(incident, &results[incident]!) }
    shareOut(&results)
    return results
  }

  private func owners(_ instant: Instant, _ term: SubscriptionTerm) -> [(Int, Severity)] {
    var all: [(Int, Severity)] = []
    for incident in story.incidents.indices {
      let version = story.policy.versions[story.incidents[incident].version]
      if let severity = severity(incident, instant, term), !isExcluded(instant, term, version) {
        all.append((incident, severity))
      }
    }
    func rules(_ incident: Int) -> PolicyVersion {
      story.policy.versions[story.incidents[incident].version]
    }
    var owners = all.filter { rules($0.0).overlap == .countEach }
    let owner = all.filter { rules($0.0).overlap == .countOnce }.min {
      ($0.1.rawValue, story.incidents[$0.0].startedAt, $0.0)
        < ($1.1.rawValue, story.incidents[$1.0].startedAt, $1.0)
    }
    if let owner { owners.append(owner) }
    return owners.filter { isCreditable($0.1, rules($0.0)) }
  }

  private func decide(_ incident: Int, _ result: inout Result) {
    let version = story.policy.versions[story.incidents[incident].version]
    let term = story.terms[result.term]
    let met = tiers(plan(term.plan, version)).filter {
      result.microseconds[Int($0.severity.rawValue)] > $0.longerThanMicroseconds
    }
    result.beforeCap = met.map(\.credit.value).max() ?? 0
    let table = story.zones[
      (term.zone ?? story.versionZones[story.incidents[incident].version]).index]
    let passed = table.starts.filter { $0.microseconds <= result.first }.count
    result.month = table.first.advanced(by: passed - 1)
  }

  private func shareOut(_ results: inout [Int: Result]) {
    var used: [BillingMonth: Int32] = [:]
    for held in story.heldShares { used[held.month, default: 0] += held.share.value }
    let order = results.sorted { ($0.value.first, $0.key) < ($1.value.first, $1.key) }
    for (incident, result) in order where result.beforeCap > 0 {
      let version = story.policy.versions[story.incidents[incident].version]
      let cap = plan(story.terms[result.term].plan, version).cap.value
      let granted = max(0, min(result.beforeCap, cap - used[result.month, default: 0]))
      used[result.month, default: 0] += granted
      results[incident]!.granted = granted
    }
  }
}

extension InstantByInstant.Result {
  init(_ decision: CreditDecision) {
    self.init(
      microseconds: Severity.allCases.map { decision.counted.microseconds(atOrWorseThan: $0) },
      first: decision.counted.first.microseconds, end: decision.counted.end.microseconds,
      term: Int(decision.term), month: decision.month,
      beforeCap: (decision.beforeCap ?? .zero).value,
      granted: (decision.granted ?? .zero).value)
  }
}
