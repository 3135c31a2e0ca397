import ServiceCredits

/// Puts rules together with what they inherit, and checks what they say together.
extension PolicyDecoder {
  /// - Parameters:
  ///   - own: whether the rules stand in this version or plan, and are not inherited.
  ///   - combines: whether it says how rules are combined, or has its own.
  ///   - place: of the version or plan, for what is wrong with what it inherits.
  mutating func planRules(
    _ reading: CreditReading, own: Bool, combines: Bool, at place: TextPlace
  ) -> PlanRules {
    switch reading.source {
    case .tiers(let tiers):
      if let cap = reading.capOfTiers { return PlanRules(rule: .tiers(tiers), cap: cap) }
      return PlanRules(
        RuleSet(
          tiers: tiers, caps: reading.caps, base: reading.base, count: reading.count,
          raiseTo: reading.raiseTo))
    case .rules(let read):
      let context = RuleContext(
        count: reading.count, base: reading.base, caps: own ? reading.caps : [])
      var rules: [Rule] = []
      for rule in read {
        var faults: [FieldFault] = []
        if let rule = Rule.read(rule.map, rule.kind, in: context, &faults) { rules.append(rule) }
        for fault in faults where own || !reportedFaults.contains(fault) {
          errors.report(.rule(.ofKind(fault)), at: own ? TextPlace(fault.place) : place)
          if own { reportedFaults.insert(fault) }
        }
      }
      if combines, reading.combine == .largest, Set(rules.map(\.per)).count > 1 {
        errors.report(.rule(.periodsTogether), at: place)
      }
      return PlanRules(
        RuleSet(
          rules: rules, combine: reading.combine, caps: reading.caps, base: reading.base,
          raiseTo: reading.raiseTo))
    }
  }

  // MARK: Periods

  /// The longest period that a rule of a version measures; `nil` if all rules are of outages.
  static func period(of terms: PlanRules, _ plans: [String: PlanRules]) -> Rule.Per? {
    var period: Rule.Per?
    for terms in [terms] + Array(plans.values) {
      guard case .rules(let set) = terms.rule else { continue }
      for rule in set.rules where !rule.isOfOutagesAlone && period != .quarter { period = rule.per }
    }
    return period
  }

  /// A version with rules of a period begins with one.
  mutating func checkStart(_ start: Placed<CalendarDate>, _ period: Rule.Per) {
    let isFirst =
      switch period {
      case .month: start.value.day == 1
      case .quarter: start.value.day == 1 && start.value.month % 3 == 1
      }
    if !isFirst {
      errors.report(.rule(.beginsInPeriod(start.value, period)), at: start.place)
    }
  }
}

/// What programmes promise and this language does not say.
package enum NotSaid: Hashable, Sendable {
  case requestCounts
  case rollingTwelveMonths
  case otherThanMoney

  private static let yearly = [
    "year", "12_months", "12 months", "12m", "twelve_months", "rolling_12_months", "365d", "1y",
  ]

  static func isRollingYear(_ text: String) -> Bool {
    let text = text.lowercased()
    return yearly.contains(text) || text.contains("rolling") || text.contains("year")
  }

  static func isRequestCount(_ text: String) -> Bool {
    let text = text.lowercased()
    return ["request", "error", "latenc", "transaction", "quer", "call"]
      .contains { text.contains($0) }
  }
}
