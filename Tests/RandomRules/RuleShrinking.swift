public import ServiceCredits

extension RuleStory {
  /// The smallest story found for which `fails` still holds: fewer incidents, stretches, rules, caps and fields.
  public func shrunk(fails: (RuleStory) -> Bool) -> RuleStory {
    var best = self
    var hasShrunk = true
    while hasShrunk {
      hasShrunk = false
      for candidate in best.simpler where fails(candidate) {
        best = candidate
        hasShrunk = true
        break
      }
    }
    return best
  }

  private var simpler: [RuleStory] {
    var stories: [RuleStory] = []
    func add(_ change: (inout RuleStory) -> Void) {
      var story = self
      change(&story)
      stories.append(story)
    }
    for position in incidents.indices { add { $0.incidents.remove(at: position) } }
    for position in fees.indices where fees.count > 1 {
      add { story in
        let kept = fees[position == 0 ? 1 : 0].fee
        story.fees = [
          RuleFee(
            interval: Interval(fees[0].interval.start, fees[fees.count - 1].interval.end), fee: kept
          )
        ]
      }
    }
    for (position, incident) in incidents.enumerated() {
      for simpler in incident.simpler { add { $0.incidents[position] = simpler } }
    }
    for simpler in set.simpler { add { $0.set = simpler } }
    if overlap != .countOnce { add { $0.overlap = .countOnce } }
    if rounding != .halfUp { add { $0.rounding = .halfUp } }
    if otherPlan != nil { add { $0.otherPlan = nil } }
    if minimum != 0 { add { $0.minimum = 0 } }
    return stories
  }

  public var text: String {
    let months = period.months.map { "\($0.month.year)-\($0.month.month), \($0.days) days" }
    var lines = [
      "\(place.zone), \(months)",
      "period \(Self.text(period.interval)), \(overlap), \(rounding), minimum \(minimum)",
    ]
    lines += fees.map { "fee \($0.fee.text) \(Self.text($0.interval))" }
    for (number, incident) in incidents.enumerated() {
      let claim = incident.claimedAt.map { ", claimed \($0.text)" } ?? ""
      lines.append("incident \(number + 1) started \(incident.startedAt.text)\(claim)")
      lines += incident.stretches.map { stretch in
        let share = "share \(stretch.share.numerator)/\(stretch.share.denominator)"
        return "  \(stretch.severity.code) \(Self.text(stretch.interval)), \(share)"
      }
    }
    lines += set.rules.map { Self.short("rule \($0)") }
    if let otherPlan {
      lines.append("another plan, of \(otherPlan.rules.map(\.severities.mildest)) or worse")
    }
    lines.append(
      Self.short("combine \(set.combine), caps \(set.caps), base \(set.base), raise \(set.raiseTo)")
    )
    return lines.joined(separator: "\n")
  }

  /// Swift's description of values without the names of types and of what is not said.
  private static func short(_ text: String) -> String {
    [
      "ServiceCredits.", "numerator: ", "denominator: ", "Optional", "Rule.Measure.", "Rule.Per.",
      "PerUnit.", "RuleValue.", "BaseRule.Fee.", "Steps.", "Severity.",
    ].reduce(text) { $0.replacing($1, with: "") }
  }

  static func text(_ interval: Interval) -> String {
    "\(interval.start.text) to \(interval.end.text) (\(interval.microseconds))"
  }
}

extension MeasuredIncident {
  fileprivate var simpler: [MeasuredIncident] {
    var incidents: [MeasuredIncident] = []
    if stretches.count > 1 {
      incidents += stretches.indices.map { position in
        var kept = stretches
        kept.remove(at: position)
        return MeasuredIncident(startedAt: startedAt, stretches: kept, claimedAt: claimedAt)
      }
    }
    if claimedAt != nil {
      incidents.append(MeasuredIncident(startedAt: startedAt, stretches: stretches))
    }
    let whole = stretches.map { Stretch(interval: $0.interval, severity: $0.severity) }
    if whole != stretches {
      incidents.append(
        MeasuredIncident(startedAt: startedAt, stretches: whole, claimedAt: claimedAt))
    }
    return incidents
  }
}

extension RuleSet {
  /// The same set but for what is given.
  public func with(
    rules: [Rule]? = nil, combine: Combination? = nil, caps: [CapRule]? = nil,
    base: BaseRule? = nil, raiseTo: [Currency: Int64]? = nil
  ) -> RuleSet {
    RuleSet(
      rules: rules ?? self.rules, combine: combine ?? self.combine, caps: caps ?? self.caps,
      base: base ?? self.base, raiseTo: raiseTo ?? self.raiseTo)
  }
}

extension RuleSet {
  var simpler: [RuleSet] {
    var sets: [RuleSet] = []
    for position in rules.indices where rules.count > 1 {
      var rest = rules
      rest.remove(at: position)
      sets.append(with(rules: rest))
    }
    for position in caps.indices {
      var rest = caps
      rest.remove(at: position)
      sets.append(with(caps: rest))
    }
    if combine != .sum { sets.append(with(combine: .sum)) }
    if !raiseTo.isEmpty { sets.append(with(raiseTo: [:])) }
    sets += base.simpler.map { with(base: $0) }
    for (position, rule) in rules.enumerated() {
      for simpler in rule.simpler {
        var rules = self.rules
        rules[position] = simpler
        sets.append(with(rules: rules))
      }
    }
    return sets
  }
}

extension BaseRule {
  fileprivate var simpler: [BaseRule] {
    let changes: [(inout BaseRule) -> Void] = [
      { $0.fee = .month }, { $0.share = .one }, { $0.monthLength = nil }, { $0.days = nil },
    ]
    return changes.map { change in
      var base = self
      change(&base)
      return base
    }.filter { $0 != self }
  }
}

extension Rule {
  fileprivate var simpler: [Rule] {
    func with(
      _ kind: (any RuleKind)? = nil, severities: SeverityRange? = nil, count: CountRule? = nil,
      base: BaseRule? = nil
    ) -> Rule {
      Rule(
        kind ?? self.kind, of: of, per: per, severities: severities ?? self.severities,
        count: count ?? self.count, base: base ?? self.base, gate: gate)
    }
    var rules: [Rule] = []
    if gate != nil {
      rules.append(
        Rule(kind, of: of, per: per, severities: severities, count: count, base: base))
    }
    if severities.notWorseThan != nil {
      var range = severities
      range.notWorseThan = nil
      rules.append(with(severities: range))
    }
    let changes: [(inout CountRule) -> Void] = [
      { $0.longerThan = nil }, { $0.atLeast = nil }, { $0.whole = nil }, { $0.round = nil },
      { $0.periodLength = nil }, { $0.weighsShare = false }, { $0.isFromClaim = false },
    ]
    for change in changes {
      var simpler = count
      change(&simpler)
      if simpler != count { rules.append(with(count: simpler)) }
    }
    rules += base.simpler.map { with(base: $0) }
    switch kind {
    case let steps as Steps where steps.steps.count > 1:
      rules += steps.steps.map { with(Steps(steps: [$0])) }
    case let units as PerUnit:
      if units.free != nil {
        rules.append(with(PerUnit(unit: units.unit, rates: units.rates, grace: units.grace)))
      }
      if units.grace != nil {
        rules.append(with(PerUnit(unit: units.unit, rates: units.rates, free: units.free)))
      }
      if units.rates.count > 1 {
        rules += units.rates.map {
          with(PerUnit(unit: units.unit, rates: [$0], free: units.free, grace: units.grace))
        }
      }
    case let multiple as Multiple where multiple.free != nil:
      rules.append(with(Multiple(times: multiple.times)))
    default: break
    }
    return rules
  }
}
