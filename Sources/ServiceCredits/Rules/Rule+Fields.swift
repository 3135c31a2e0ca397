/// What holds where a rule stands: what it inherits, and the caps over it.
public struct RuleContext: Hashable, Sendable {
  public let count: CountRule
  public let base: BaseRule
  public let caps: [CapRule]

  public init(
    count: CountRule = CountRule(), base: BaseRule = BaseRule(), caps: [CapRule] = []
  ) {
    self.count = count
    self.base = base
    self.caps = caps
  }

  /// The caps over a rule that its values can be compared with: those of its base.
  fileprivate func caps(over measure: Rule.Measure, _ per: Rule.Per, _ base: BaseRule)
    -> [RuleValue]
  {
    guard base == self.base else { return [] }
    return caps.filter { cap in
      switch cap.per {
      case .outage: measure == .outage
      case .month: per == .month
      case .quarter: per == .quarter
      }
    }.map(\.most)
  }
}

extension Rule {
  /// The keys of a rule of this kind and measure.
  public static func fields(_ kind: any RuleKind.Type, of measure: Measure) -> RuleFields {
    let own = kind.fields(of: measure)
    let severities = Severity.allCases.map(\.code)
    return RuleFields(
      own.words,
      [
        RuleField(
          "kind", .word(RuleKinds.all.map { $0.name }), isRequired: true, example: kind.name),
        RuleField(
          "of", .word(Measure.allCases.map(\.rawValue)), isRequired: true,
          example: measure.rawValue),
        RuleField("per", .word(Per.allCases.map(\.rawValue)), example: "month"),
        RuleField("severity", .word(severities), example: "P0"),
        RuleField("not_worse_than", .word(severities), example: "P1"),
        RuleField("count", .map(CountRule.fields), example: "{round: 2}"),
        RuleField("base", .map(BaseRule.fields), example: "{fee: billed}"),
        RuleField("if", .map(Gate.fields), example: "{uptime_below: 99.9%}"),
      ] + own.fields, exactlyOneOf: own.exactlyOneOf)
  }

  /// Makes a rule of what was read by `fields(_:of:)`, and checks it.
  /// - Returns: `nil` if a value is missing, or if what is wrong leaves no rule.
  public static func read(
    _ map: RuleMap, _ kind: any RuleKind.Type, in context: RuleContext, _ faults: inout [FieldFault]
  ) -> Rule? {
    guard let of = map.word("of").flatMap(Measure.init) else { return nil }
    let per = map.word("per").flatMap(Per.init) ?? .month
    let count = map.map("count").map { context.count.changed(by: $0) } ?? context.count
    let base = map.map("base").map { context.base.changed(by: $0) } ?? context.base
    let severities = severities(map, &faults)
    let gate = gate(map.map("if"), of: of, &faults)
    check(per, of: of, base, map, &faults)
    let caps = context.caps(over: of, per, base)
    return kind.read(map, of: of, under: caps, &faults).map {
      Rule($0, of: of, per: per, severities: severities, count: count, base: base, gate: gate)
    }
  }

  private static func severities(_ map: RuleMap, _ faults: inout [FieldFault]) -> SeverityRange {
    func severity(_ name: String) -> Severity? {
      map.word(name).flatMap { Severity(code: $0.utf8) }
    }
    var range = SeverityRange()
    range.mildest = severity("severity") ?? .p0
    range.notWorseThan = severity("not_worse_than")
    if let worst = range.notWorseThan, !worst.isAtLeastAsBad(as: range.mildest) {
      faults.append(
        FieldFault(
          "noSeverity", at: map.place(of: "not_worse_than"),
          "not_worse_than is \(worst.code), and the rule takes only what is "
            + "\(range.mildest.code) or worse",
          "Write severity: \(worst.code) or a milder one, or remove not_worse_than."))
    }
    return range
  }

  private static func gate(
    _ map: RuleMap?, of measure: Measure, _ faults: inout [FieldFault]
  ) -> Gate? {
    guard let map, let gate = Gate(map) else { return nil }
    if !gate.isOfPeriod, measure != .outage {
      faults.append(
        FieldFault(
          "gateOfOutage", at: map.place,
          "if looks at the length of one outage, and the rule is of \(measure.rawValue)",
          "Write downtime_longer_than or downtime_at_least, or of: outage"))
    }
    return gate
  }

  private static func check(
    _ per: Per, of measure: Measure, _ base: BaseRule, _ map: RuleMap, _ faults: inout [FieldFault]
  ) {
    guard per == .quarter else { return }
    if measure == .outage {
      faults.append(
        FieldFault(
          "outageOfQuarter", at: map.place(of: "per"),
          "per is quarter, and one outage is of the month in which it begins",
          "Remove per, or write of: downtime"))
    } else if base.fee != .billed {
      faults.append(
        FieldFault(
          "quarterOfOneMonth", at: map.place(of: "per"),
          "per is quarter, and the base is the fee of one month",
          "Add base: {fee: billed}, the sum of what the quarter's months are billed."))
    }
  }

  /// Its keys and values in one fixed order, beside what it inherits.
  public func written(beside inherited: BaseRule = BaseRule()) -> RuleMap {
    var map = RuleMap()
    map.add("kind", .word(type(of: kind).name))
    map.add("of", .word(of.rawValue))
    map.add("per", .word(per.rawValue))
    map.add("severity", .word(severities.mildest.code))
    map.add("not_worse_than", severities.notWorseThan.map { .word($0.code) })
    if count != CountRule() { map.add("count", .map(count.written)) }
    if base != inherited { map.add("base", .map(base.written)) }
    map.add("if", gate?.written)
    for entry in kind.written.entries { map.add(entry.name, entry.content) }
    return map
  }

  /// The rule with nothing but what decided, on one line. A policy file's reader reads it again.
  public func clause(_ reason: EarnedReason) -> String { deciding(reason).written().text }

  /// The rule with nothing but what decided.
  func deciding(_ reason: EarnedReason) -> Rule {
    Rule(
      kind.deciding(reason), of: of, per: per, severities: severities, count: count, base: base,
      gate: gate)
  }
}

extension Rule.Gate {
  fileprivate static let fields = RuleFields.one(
    "if",
    of: [
      RuleField("uptime_below", .percent(most: 100), example: "99.9%"),
      RuleField("longer_than", .duration, example: "5m"),
      RuleField("at_least", .length, example: "3h"),
      RuleField("downtime_longer_than", .duration, example: "6h"),
      RuleField("downtime_at_least", .length, example: "6h"),
    ])

  fileprivate init?(_ map: RuleMap) {
    if let limit = map.percent("uptime_below") {
      self = .uptimeBelow(limit)
    } else if let limit = map.duration("longer_than") {
      self = .longerThan(limit)
    } else if let limit = map.duration("at_least") {
      self = .atLeast(limit)
    } else if let limit = map.duration("downtime_longer_than") {
      self = .downtimeLongerThan(limit)
    } else if let limit = map.duration("downtime_at_least") {
      self = .downtimeAtLeast(limit)
    } else {
      return nil
    }
  }

  fileprivate var written: RuleContent {
    var map = RuleMap()
    switch self {
    case .uptimeBelow(let limit): map.add("uptime_below", .percent(limit))
    case .longerThan(let limit): map.add("longer_than", .duration(limit))
    case .atLeast(let limit): map.add("at_least", .duration(limit))
    case .downtimeLongerThan(let limit): map.add("downtime_longer_than", .duration(limit))
    case .downtimeAtLeast(let limit): map.add("downtime_at_least", .duration(limit))
    }
    return .map(map)
  }
}
