/// The largest credit among the steps that are met. Conditions are one-sided, so that no gap can be written.
/// - Source: policy language, section 2.
public struct Steps: RuleKind {
  public enum Condition: Hashable, Sendable {
    /// Microseconds.
    case longerThan(Int64)
    /// Microseconds.
    case timeAtLeast(Int64)
    /// Percent.
    case below(Fraction)
    /// Percent.
    case atMost(Fraction)
    case moreThan(Int)
    case numberAtLeast(Int)
    case any

    /// Where it begins to be met; `nil` for any time at all.
    var limit: Measured.Quantity? {
      switch self {
      case .longerThan(let time), .timeAtLeast(let time): .time(Fraction(whole: time))
      case .below(let uptime), .atMost(let uptime): .uptime(uptime)
      case .moreThan(let number): .number(number + 1)
      case .numberAtLeast(let number): .number(number)
      case .any: nil
      }
    }

    func isMet(by quantity: Measured.Quantity) throws(AmountOutOfRange) -> Bool {
      switch (self, quantity) {
      case (.longerThan(let limit), .time(let time)): try Fraction(whole: limit).isLess(than: time)
      case (.timeAtLeast(let limit), .time(let time)):
        try !time.isLess(than: Fraction(whole: limit))
      case (.any, .time(let time)): time.isPositive
      case (.below(let limit), .uptime(let uptime)): try uptime.isLess(than: limit)
      case (.atMost(let limit), .uptime(let uptime)): try !limit.isLess(than: uptime)
      case (.moreThan(let limit), .number(let number)): number > limit
      case (.numberAtLeast(let limit), .number(let number)): number >= limit
      default: false
      }
    }
  }

  public struct Step: Hashable, Sendable {
    public let condition: Condition
    public let credit: RuleValue

    public init(_ condition: Condition, credit: RuleValue) {
      self.condition = condition
      self.credit = credit
    }
  }

  public static let name = "steps"
  public static let measures = Rule.Measure.allCases
  /// What is met first comes first.
  public let steps: [Step]

  public init(steps: [Step]) {
    self.steps = steps.sorted { $0.condition.threshold < $1.condition.threshold }
  }

  public func deciding(_ reason: EarnedReason) -> Steps {
    guard case .step(let position) = reason else { return self }
    return Steps(steps: [steps[position]])
  }

  public var values: [RuleValue] { steps.map(\.credit) }

  public func next(
    after quantity: Measured.Quantity
  ) throws(AmountOutOfRange) -> (limit: Measured.Quantity, reason: EarnedReason)? {
    for (position, step) in steps.enumerated() where try !step.condition.isMet(by: quantity) {
      return step.condition.limit.map { ($0, .step(position)) }
    }
    return nil
  }

  public func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned {
    var best = Earned.nothing
    for (position, step) in steps.enumerated() where try step.condition.isMet(by: measured.quantity)
    {
      let minor = try base.minor(of: step.credit)
      if try best.minor.isLess(than: minor) { best = Earned(minor: minor, reason: .step(position)) }
    }
    return best
  }
}

// MARK: The order of conditions

extension Steps.Condition {
  /// How hard a condition is to meet, among those of one measure. Equal thresholds are one
  /// condition.
  struct Threshold: Hashable, Comparable {
    let limit: Fraction
    /// Whether the limit itself is not enough.
    let isStrict: Bool

    static func < (left: Threshold, right: Threshold) -> Bool {
      if left.limit == right.limit { return !left.isStrict && right.isStrict }
      do throws(AmountOutOfRange) {
        return try left.limit.isLess(than: right.limit)
      } catch {
        // Thirty digits on both sides: the whole parts decide, and equal ones keep the order of
        // the file.
        return left.limit.floor < right.limit.floor
      }
    }
  }

  var threshold: Threshold {
    switch self {
    case .longerThan(let limit): Threshold(limit: Fraction(whole: limit), isStrict: true)
    case .timeAtLeast(let limit): Threshold(limit: Fraction(whole: limit), isStrict: false)
    case .any: Threshold(limit: .zero, isStrict: true)
    case .below(let limit): Threshold(limit: limit.negative, isStrict: true)
    case .atMost(let limit): Threshold(limit: limit.negative, isStrict: false)
    case .moreThan(let limit): Threshold(limit: Fraction(whole: Int64(limit) + 1), isStrict: false)
    case .numberAtLeast(let limit): Threshold(limit: Fraction(whole: Int64(limit)), isStrict: false)
    }
  }
}

// MARK: Reading

extension Steps {
  private static let mostOutages = 1_000_000

  public static func fields(of measure: Rule.Measure) -> RuleFields {
    let conditions: [RuleField] =
      switch measure {
      case .outage, .downtime:
        [
          RuleField("longer_than", .duration, example: "1h30m"),
          RuleField("at_least", .length, example: "30m"),
          RuleField("any", .word(["true"]), example: "true"),
        ]
      case .uptime:
        [
          RuleField("below", .percent(most: 100), example: "99.9%"),
          RuleField("at_most", .percent(most: 100), example: "99.89%"),
        ]
      case .outages:
        [
          RuleField("more_than", .count(0...mostOutages), example: "1"),
          RuleField("at_least", .count(1...mostOutages), example: "2"),
        ]
      }
    let credit = RuleField("credit", .value, isRequired: true, example: "10%")
    let step = RuleFields(
      "a step of \(measure.rawValue)", conditions + [credit], exactlyOneOf: conditions.map(\.name))
    return RuleFields(
      "a rule steps",
      [
        RuleField(
          "steps", .list(step), isRequired: true,
          example: "[{\(conditions[0].example), \(credit.example)}]")
      ])
  }

  public static func read(
    _ map: RuleMap, of measure: Rule.Measure, under caps: [RuleValue], _ faults: inout [FieldFault]
  ) -> Steps? {
    guard let list = map.list("steps") else { return nil }
    var steps: [(step: Step, place: RulePlace)] = []
    for map in list {
      guard let credit = map.value("credit"), let condition = Condition(map) else { continue }
      steps.append((Step(condition, credit: credit), map.place))
    }
    check(steps, &faults)
    for (step, place) in steps {
      guard let cap = caps.first(where: { $0.isLess(than: step.credit) }) else { continue }
      faults.append(
        FieldFault(
          "stepAboveCap", at: place, "step \(step.inShort) is above the cap of \(cap.words)",
          "Write a larger cap, a smaller credit, or cap: none."))
    }
    return Steps(steps: steps.map(\.step))
  }

  /// A threshold that is given twice, and steps that can never win.
  private static func check(
    _ steps: [(step: Step, place: RulePlace)], _ faults: inout [FieldFault]
  ) {
    var places: [Condition.Threshold: RulePlace] = [:]
    // The largest credit so far in each form, from the first to be met on.
    var largest: [Step] = []
    for (step, place) in steps.sorted(by: {
      $0.step.condition.threshold < $1.step.condition.threshold
    }) {
      if let first = places[step.condition.threshold] {
        faults.append(
          FieldFault(
            "stepTwice", at: max(place, first), "step \(step.condition.words) is given twice",
            first: min(place, first), "Remove one of the two."))
        continue
      }
      places[step.condition.threshold] = place
      guard let known = largest.firstIndex(where: { $0.credit.isOfOneForm(with: step.credit) })
      else {
        largest.append(step)
        continue
      }
      if largest[known].credit.isLess(than: step.credit) {
        largest[known] = step
      } else {
        faults.append(
          FieldFault(
            "stepNeverWins", at: place,
            "step \(step.inShort) can never win: "
              + "\(largest[known].condition.words) already gives \(largest[known].credit.words)",
            "Give what is harder to reach the larger credit, or remove this step."))
      }
    }
  }
}

extension Steps.Condition {
  /// What a step says of it; `nil` if a value could not be read.
  fileprivate init?(_ map: RuleMap) {
    if let limit = map.duration("longer_than") {
      self = .longerThan(limit)
    } else if let limit = map.duration("at_least") {
      self = .timeAtLeast(limit)
    } else if map.word("any") != nil {
      self = .any
    } else if let limit = map.percent("below") {
      self = .below(limit)
    } else if let limit = map.percent("at_most") {
      self = .atMost(limit)
    } else if let limit = map.count("more_than") {
      self = .moreThan(limit)
    } else if let limit = map.count("at_least") {
      self = .numberAtLeast(limit)
    } else {
      return nil
    }
  }
}

// MARK: Writing

extension Steps {
  public var written: RuleMap {
    var map = RuleMap()
    map.add("steps", .list(steps.map(\.written)))
    return map
  }

  /// `uptime below 99.9 %: 10 %`; several steps after semicolons.
  public func words(in rule: Rule) -> String {
    guard !steps.isEmpty else { return "\(rule.subject): nothing" }
    let base = rule.base.share == .one ? "" : " of \(rule.baseWords)"
    return steps.map { step in
      let isShare = if case .share = step.credit { true } else { false }
      return "\(rule.subject) \(step.inWords)\(isShare ? base : "")"
    }.joined(separator: "; ")
  }
}

extension Steps.Step {
  fileprivate var written: RuleMap {
    var map = RuleMap()
    switch condition {
    case .longerThan(let limit): map.add("longer_than", .duration(limit))
    case .timeAtLeast(let limit): map.add("at_least", .duration(limit))
    case .any: map.add("any", .word("true"))
    case .below(let limit): map.add("below", .percent(limit))
    case .atMost(let limit): map.add("at_most", .percent(limit))
    case .moreThan(let limit): map.add("more_than", .count(limit))
    case .numberAtLeast(let limit): map.add("at_least", .count(limit))
    }
    map.add("credit", .value(credit))
    return map
  }

  /// `below 99.9 %: 10 %`
  fileprivate var inWords: String { "\(condition.words): \(credit.words)" }

  /// `below 99.9 % (10 %)`
  fileprivate var inShort: String { "\(condition.words) (\(credit.words))" }
}

extension Steps.Condition {
  var words: String {
    switch self {
    case .longerThan(let limit): "longer than \(DurationText.words(limit))"
    case .timeAtLeast(let limit): "of at least \(DurationText.words(limit))"
    case .any: "of any length"
    case .below(let limit): "below \(limit.decimalText()) %"
    case .atMost(let limit): "of at most \(limit.decimalText()) %"
    case .moreThan(let limit): "above \(limit)"
    case .numberAtLeast(let limit): "from \(limit) on"
    }
  }
}
