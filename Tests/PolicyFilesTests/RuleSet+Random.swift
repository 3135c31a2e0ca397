import SeededRandom
import ServiceCredits

@testable import PolicyFiles

extension RuleSet {
  /// Any rules that a file can contain, of every kind.
  static func random(using random: inout SeededGenerator) -> RuleSet {
    var base = BaseRule.random(using: &random)
    let quarters = Bool.random(using: &random)
    if quarters { base.fee = .billed }
    var rules: [Rule] = []
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      rules.append(Rule.random(quarters ? .quarter : .month, base, using: &random))
    }
    var caps: [CapRule] = []
    for per in CapRule.Per.allCases where Int.random(in: 0...2, using: &random) == 0 {
      // Nothing is above these.
      caps.append(
        CapRule(
          per: per, most: .largest([.share(RuleSamples.fraction("999999"))])))
    }
    return RuleSet(
      rules: rules,
      combine: Set(rules.map(\.per)).count < 2 && Bool.random(using: &random) ? .largest : .sum,
      caps: caps, base: base,
      raiseTo: Bool.random(using: &random) ? PolicyVersion.amounts(using: &random) : [:])
  }
}

extension Rule {
  static func random(
    _ longest: Per, _ base: BaseRule, using random: inout SeededGenerator
  ) -> Rule {
    let kinds: [any RuleKind.Type] = RuleKinds.all
    let kind = kinds.randomElement(using: &random) ?? Steps.self
    let of = kind.measures.randomElement(using: &random) ?? .outage
    var severities = SeverityRange()
    severities.mildest = Severity.allCases.randomElement(using: &random) ?? .p0
    if Bool.random(using: &random) {
      severities.notWorseThan = Severity.allCases.filter { $0 <= severities.mildest }
        .randomElement(using: &random)
    }
    let isOfQuarter = longest == .quarter && of != .outage
    var own = Bool.random(using: &random) ? base : BaseRule.random(using: &random)
    if isOfQuarter { own.fee = .billed }
    return Rule(
      RuleSamples.kind(kind, of: of, using: &random), of: of,
      per: isOfQuarter ? .quarter : .month, severities: severities,
      count: CountRule.random(using: &random), base: own,
      gate: Bool.random(using: &random) ? Gate.random(of: of, using: &random) : nil)
  }
}

extension Rule.Gate {
  static func random(
    of measure: Rule.Measure, using random: inout SeededGenerator
  ) -> Rule.Gate {
    let time = RuleSamples.time(using: &random)
    var gates: [Rule.Gate] = [
      .uptimeBelow(RuleSamples.percent(using: &random)), .downtimeLongerThan(time),
      .downtimeAtLeast(time),
    ]
    if measure == .outage { gates += [.longerThan(time), .atLeast(time)] }
    return gates.randomElement(using: &random) ?? gates[0]
  }
}

extension CountRule {
  static func random(using random: inout SeededGenerator) -> CountRule {
    var count = CountRule()
    func some<Value>(_ value: Value) -> Value? {
      Int.random(in: 0...3, using: &random) == 0 ? value : nil
    }
    count.longerThan = some(RuleSamples.time(using: &random))
    count.atLeast = some(RuleSamples.time(using: &random))
    count.whole = some(
      Whole(unit: RuleSamples.time(using: &random), isAligned: Bool.random(using: &random)))
    count.round = some(Int.random(in: 0...12, using: &random))
    count.periodLength = some(RuleSamples.time(using: &random))
    count.weighsShare = some(true) ?? false
    count.isFromClaim = some(true) ?? false
    return count
  }
}

extension BaseRule {
  static func random(using random: inout SeededGenerator) -> BaseRule {
    var base = BaseRule()
    guard Bool.random(using: &random) else { return base }
    base.fee = Bool.random(using: &random) ? .billed : .month
    base.share = RuleSamples.fraction("0.5")
    base.monthLength = Bool.random(using: &random) ? RuleSamples.time(using: &random) : nil
    base.days = Bool.random(using: &random) ? Int64.random(in: 1...366, using: &random) : nil
    return base
  }
}

/// Values of rules. A fourth kind adds its case to `kind`.
enum RuleSamples {
  static func fraction(_ text: String) -> Fraction {
    guard let number = try? PolicyDecimal.read(text) else {
      preconditionFailure("\(text) is no number")
    }
    return number
  }

  static func time(using random: inout SeededGenerator) -> Int64 {
    let bounds: [Int64] = [10, PolicySamples.hour, 24 * PolicySamples.hour, .max - 1]
    return Int64.random(in: 1...(bounds.randomElement(using: &random) ?? 10), using: &random)
  }

  /// Up to 100, with up to 18 decimals.
  static func percent(using random: inout SeededGenerator) -> Fraction {
    let decimals = String(Int64.random(in: 1...999_999_999_999_999_999, using: &random))
    let zeros = String(repeating: "0", count: 18 - decimals.count)
    let used = [1, 2, 5, 18].randomElement(using: &random) ?? 2
    let text = "\(Int.random(in: 1...99, using: &random)).\((zeros + decimals).prefix(used))"
    return fraction(text)
  }

  static func value(using random: inout SeededGenerator) -> RuleValue {
    let number = percent(using: &random)
    let currencies = ["USD", "JPY", "EUR"].compactMap { Currency($0) }
    switch Int.random(in: 0...5, using: &random) {
    case 0: return .share(number.hundredth ?? .one)
    case 1: return .days(Fraction(whole: Int64.random(in: 1...400, using: &random)))
    case 2: return .time(time(using: &random))
    case 3: return .amount(number)
    case 4:
      return .amounts(Dictionary(uniqueKeysWithValues: currencies.dropFirst().map { ($0, number) }))
    default: return .largest([.share(fraction("0.1")), value(using: &random)])
    }
  }

  static func kind(
    _ kind: any RuleKind.Type, of measure: Rule.Measure, using random: inout SeededGenerator
  ) -> any RuleKind {
    switch kind.name {
    case Steps.name: steps(of: measure, using: &random)
    case PerUnit.name: perUnit(of: measure, using: &random)
    case Multiple.name:
      Multiple(times: percent(using: &random), free: free(using: &random))
    default: preconditionFailure("a kind without samples: \(kind.name)")
    }
  }

  private static func free(using random: inout SeededGenerator) -> FreeTime? {
    switch Int.random(in: 0...2, using: &random) {
    case 0: .time(time(using: &random))
    case 1: percent(using: &random).hundredth.map { .share($0) }
    default: nil
    }
  }

  /// Ascending thresholds, each of which gives a percent more.
  private static func steps(
    of measure: Rule.Measure, using random: inout SeededGenerator
  ) -> Steps {
    let count = Int.random(in: 1...4, using: &random)
    let steps = (1...count).map { position in
      let isStrict = Bool.random(using: &random)
      let condition: Steps.Condition =
        switch measure {
        case .outage where position == 1 && isStrict: .any
        case .outage, .downtime:
          isStrict
            ? .longerThan(Int64(position) * PolicySamples.hour)
            : .timeAtLeast(Int64(position) * PolicySamples.hour)
        case .uptime:
          isStrict
            ? .below(fraction("\(99 - position).95")) : .atMost(fraction("\(99 - position).95"))
        case .outages: isStrict ? .moreThan(position * 2) : .numberAtLeast(position * 2)
        }
      let share = RuleValue.share(fraction("0.\(position)3333333"))
      return Steps.Step(condition, credit: count == 1 ? value(using: &random) : share)
    }
    return Steps(steps: steps.shuffled(using: &random))
  }

  private static func perUnit(
    of measure: Rule.Measure, using random: inout SeededGenerator
  ) -> PerUnit {
    let parts: [PerUnit.Part] = [.started, .complete]
    let part = parts.randomElement(using: &random) ?? .started
    var from = 0
    let rates = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      from += Int.random(in: 1...5, using: &random)
      return PerUnit.Rate(from: from, credit: value(using: &random))
    }
    if measure == .uptime {
      return PerUnit(
        unit: .shortOf(
          promise: percent(using: &random), unit: percent(using: &random), part), rates: rates,
        free: Bool.random(using: &random)
          ? percent(using: &random).hundredth.map { .share($0) } : nil)
    }
    if Bool.random(using: &random) {
      let length = PolicySamples.hour
      let used = Bool.random(using: &random) ? part : .fractionOver(length / 3)
      return PerUnit(unit: .time(length, used), rates: rates, free: free(using: &random))
    }
    let downs: [PerUnit.Down] = [.any, .atEnd, .longerThan(time(using: &random))]
    let graces: [PerUnit.Grace?] = [.calendarDays(0), .workingDays(2), nil]
    return PerUnit(
      unit: .calendar(
        PerUnit.CalendarUnit.allCases.randomElement(using: &random) ?? .localDay,
        downs.randomElement(using: &random) ?? .any), rates: rates,
      grace: measure == .outage ? graces.randomElement(using: &random) ?? nil : nil)
  }
}
