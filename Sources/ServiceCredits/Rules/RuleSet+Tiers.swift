extension RuleSet {
  /// The rules that tiers are the short form of: steps of single outages for each severity.
  public init(
    tiers: [CreditTier], caps: [CapRule], base: BaseRule = BaseRule(),
    count: CountRule = CountRule(), raiseTo: [Currency: Int64] = [:]
  ) {
    let rules: [Rule] = Severity.allCases.compactMap { severity in
      let own = tiers.filter { $0.severity == severity }
      guard !own.isEmpty else { return nil }
      var severities = SeverityRange()
      severities.mildest = severity
      let steps = own.compactMap { tier in
        RuleValue(tier.credit).map {
          Steps.Step(.longerThan(tier.longerThanMicroseconds), credit: $0)
        }
      }
      return Rule(
        Steps(steps: steps), of: .outage, severities: severities, count: count, base: base)
    }
    self.init(rules: rules, combine: .largest, caps: caps, base: base, raiseTo: raiseTo)
  }
}

extension RuleValue {
  public init?(_ share: BasisPoints) {
    guard let share = Fraction(whole: Int64(share.value)).hundredth?.hundredth else { return nil }
    self = .share(share)
  }
}
