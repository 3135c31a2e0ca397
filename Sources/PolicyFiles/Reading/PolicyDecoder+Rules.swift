import ServiceCredits

/// Reads what a version or a plan says of credits: `tiers` or `rules`, and what holds for all of
/// them.
extension PolicyDecoder {
  /// What a version or a plan says, with what it inherits, before it is put together.
  struct CreditReading {
    enum Source {
      case tiers([CreditTier])
      case rules([ReadRule])
    }

    /// A rule as it was read; what it inherits may differ from plan to plan.
    struct ReadRule {
      let map: RuleMap
      let kind: any RuleKind.Type
    }

    enum Cap {
      /// The short form, as a share of the base.
      case plain(Fraction)
      case list([CapRule])
    }

    var source = Source.tiers([])
    var combine = RuleSet.Combination.sum
    var cap = Cap.plain(.one)
    var base = BaseRule()
    var count = CountRule()
    var raiseTo: [Currency: Int64] = [:]

    var isOfTiers: Bool {
      if case .tiers = source { true } else { false }
    }

    /// The cap of tiers in their short form; `nil` if only rules can say what was read.
    var capOfTiers: BasisPoints? {
      guard case .plain(let share) = cap, base == BaseRule(), count == CountRule(),
        raiseTo.allSatisfy({ $0.value == 0 }), 10_000 % share.denominator == 0,
        share.numerator <= share.denominator
      else { return nil }
      return BasisPoints(Int32(10_000 / share.denominator * share.numerator))
    }

    var caps: [CapRule] {
      switch cap {
      case .plain(let share):
        [CapRule(per: .month, most: .share(share)), CapRule(per: .quarter, most: .share(share))]
      case .list(let caps): caps
      }
    }
  }

  /// What `fields` say, over what is inherited.
  /// - Parameter inherited: of the version, for a plan; `nil` for the version.
  mutating func credits(
    in fields: Fields, of node: PolicyNode, _ context: PolicyContext,
    inheriting inherited: CreditReading? = nil
  ) -> CreditReading {
    var reading = inherited ?? CreditReading()
    let hasTiers = fields[.tiers] != nil
    if let rules = fields[.rules], hasTiers {
      errors.report(.structure(.tiersAndRules(context)), at: rules.place)
    } else if !hasTiers, fields[.rules] == nil, inherited == nil, node.isComplete {
      errors.report(.structure(.noRules(context)), at: node.place)
    }
    if let tiers = tiers(in: fields) { reading.source = .tiers(tiers) }
    if let rules = rules(in: fields) {
      if reading.isOfTiers { reading.combine = .sum }
      reading.source = .rules(rules)
    }
    if let node = fields[.combine], reading.isOfTiers {
      errors.report(.rule(.combineOfTiers), at: node.place)
    } else if let combine = word(.combine, in: fields, RuleSet.Combination.allCases) {
      reading.combine = combine
    }
    if let map = section(.base, BaseRule.fields, in: fields) {
      reading.base = reading.base.changed(by: map)
    }
    if let map = section(.count, CountRule.fields, in: fields) {
      reading.count = reading.count.changed(by: map)
    }
    if let cap = cap(in: fields, ofTiers: reading.isOfTiers) { reading.cap = cap }
    if fields[.raiseTo] != nil { reading.raiseTo = amounts(.raiseTo, in: fields) }
    return reading
  }

  private mutating func section(
    _ key: PolicyKey, _ type: RuleFields, in fields: Fields
  ) -> RuleMap? {
    fields[key].flatMap { node in
      ruleMap(node, type) {
        .structure($0 == .nothing ? .noValue(key) : .wrongKind(key, found: $0))
      }
    }
  }

  // MARK: Rules

  private mutating func rules(in fields: Fields) -> [CreditReading.ReadRule]? {
    earning(.rules, in: fields)?.compactMap { rule($0) }
  }

  /// The kind and the measure say which keys a rule has.
  mutating func rule(_ node: PolicyNode) -> CreditReading.ReadRule? {
    guard case .map = node.content, let name = node.text(of: "kind"), let of = node.text(of: "of")
    else {
      _ = fields(
        of: node, .part("a rule"), known: PolicyKey.ofRule, required: [.ruleKind, .of]
      ) { .structure(.wrongItemKind(.rules, found: $0)) }
      return nil
    }
    let kind = RuleKinds.all.first { $0.name == name.value }
    if kind == nil { reportUnknown(.ruleKind, name, RuleKinds.all.map { $0.name }) }
    let measure = measure(of)
    guard let kind, let measure else { return nil }
    guard kind.measures.contains(measure) else {
      errors.report(
        .rule(.measureRefused(kind.name, measure, allowed: kind.measures)), at: of.place)
      return nil
    }
    if let per = node.text(of: "per"), NotSaid.isRollingYear(per.value) {
      errors.report(.value(.notSaid(.per, per.value, .rollingTwelveMonths)), at: per.place)
      return nil
    }
    return ruleMap(node, Rule.fields(kind, of: measure)) {
      .structure(.wrongItemKind(.rules, found: $0))
    }.map { CreditReading.ReadRule(map: $0, kind: kind) }
  }

  private mutating func measure(_ text: Placed<String>) -> Rule.Measure? {
    if NotSaid.isRequestCount(text.value) {
      errors.report(.value(.notSaid(.of, text.value, .requestCounts)), at: text.place)
      return nil
    }
    return word(.of, text, Rule.Measure.allCases)
  }

  private mutating func reportUnknown(
    _ key: PolicyKey, _ text: Placed<String>, _ known: [String]
  ) {
    errors.report(
      .value(
        .unknownWord(
          key, text.value, known: known,
          nearMiss: NearMiss.nearest(to: text.value, among: known))),
      at: text.place)
  }

  // MARK: Caps and claims

  /// - Parameter ofTiers: whether the short form is that of tiers, at most 100 % in whole basis
  ///   points.
  private mutating func cap(in fields: Fields, ofTiers: Bool) -> CreditReading.Cap? {
    guard let node = fields[.cap] else { return nil }
    switch node.content {
    case .text("none"): return .list([])
    case .list(let items):
      if items.isEmpty, node.isComplete {
        errors.report(.structure(.emptyList(.cap)), at: node.place)
      }
      return .list(items.compactMap { capEntry($0) })
    case .text where ofTiers:
      guard let cap = percent(.cap, in: fields, atMost: .whole)?.value else { return nil }
      return Fraction(whole: Int64(cap.value)).hundredth?.hundredth.map { .plain($0) }
    case .text(let text):
      return exactPercent(.cap, Placed(text, node.place), atMost: nil)?.hundredth
        .map { .plain($0) }
    case .map, .nothing, .refused:
      reportKind(of: node, .cap)
      return nil
    }
  }

  private mutating func capEntry(_ node: PolicyNode) -> CapRule? {
    let fields = fields(
      of: node, .part("an entry of cap"), known: PolicyKey.ofCap, required: PolicyKey.ofCap
    ) { .structure(.wrongItemKind(.cap, found: $0)) }
    guard let fields else { return nil }
    var per: CapRule.Per?
    if let text = text(.per, in: fields) {
      if NotSaid.isRollingYear(text.value) {
        errors.report(.value(.notSaid(.per, text.value, .rollingTwelveMonths)), at: text.place)
      } else {
        per = word(.per, text, CapRule.Per.allCases)
      }
    }
    let most = fields[.most].flatMap { value(.most, $0) }
    guard let per, let most else { return nil }
    return CapRule(per: per, most: most)
  }

  mutating func minimum(in fields: Fields) -> MinimumCredit {
    if let node = fields[.minimum], case .text(let text) = node.content, text.last == "%" {
      let place = node.place
      return MinimumCredit(
        share: exactPercent(.minimum, Placed(text, place), atMost: 100)?.hundredth)
    }
    return MinimumCredit(amounts: amounts(.minimum, in: fields))
  }

  mutating func claim(in fields: Fields) -> ClaimRule? {
    guard let node = fields[.claim] else { return nil }
    let inner = self.fields(
      of: node, .part("claim"), known: PolicyKey.ofClaim, required: PolicyKey.ofClaim
    ) { .structure($0 == .nothing ? .noValue(.claim) : .wrongKind(.claim, found: $0)) }
    guard let inner else { return nil }
    let after = word(.after, in: inner, ClaimRule.Beginning.allCases)
    guard let text = text(.claimWithin, in: inner), let length = duration(.claimWithin, text)
    else { return nil }
    let day: Int64 = 86_400_000_000
    guard length > 0, length % day == 0, length / day <= 36_500 else {
      errors.report(.value(.wholeDays(.claimWithin, text.value)), at: text.place)
      return nil
    }
    return after.map { ClaimRule(withinDays: Int(length / day), after: $0) }
  }
}

extension PolicyNode {
  /// The text under a key of a map, with its place.
  func text(of name: String) -> PolicyDecoder.Placed<String>? {
    guard case .map(let entries) = content else { return nil }
    for entry in entries {
      if case .text(name) = entry.key.content, case .text(let text) = entry.value.content {
        return PolicyDecoder.Placed(text, entry.value.place)
      }
    }
    return nil
  }
}

extension RuleSet.Combination: PolicyWord {}
extension Rule.Measure: PolicyWord {}
extension CapRule.Per: PolicyWord {}
extension ClaimRule.Beginning: PolicyWord {}
