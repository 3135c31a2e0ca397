/// One rule of a promise: what is measured, how it is counted, and what it pays.
/// - Source: policy language, sections 1 and 2.
public struct Rule: Hashable, Sendable {
  public enum Measure: String, CaseIterable, Hashable, Sendable {
    /// One incident's time, whole, in the period of its first instant.
    case outage
    /// The time of all incidents in the period, clipped at its ends.
    case downtime
    case uptime
    /// How many incidents begin in the period.
    case outages
  }

  public enum Per: String, CaseIterable, Hashable, Sendable {
    case month
    case quarter
  }

  /// What must hold before anything is paid. A gate that is passed pays for all of the time.
  public enum Gate: Hashable, Sendable {
    /// Percent.
    case uptimeBelow(Fraction)
    /// Microseconds, of the outage.
    case longerThan(Int64)
    case atLeast(Int64)
    /// Microseconds, of the period.
    case downtimeLongerThan(Int64)
    case downtimeAtLeast(Int64)

    var isOfPeriod: Bool {
      switch self {
      case .uptimeBelow, .downtimeLongerThan, .downtimeAtLeast: true
      case .longerThan, .atLeast: false
      }
    }
  }

  public let kind: any RuleKind
  public let of: Measure
  public let per: Per
  public let severities: SeverityRange
  public let count: CountRule
  public let base: BaseRule
  public let gate: Gate?

  public init(
    _ kind: any RuleKind, of: Measure, per: Per = .month,
    severities: SeverityRange = SeverityRange(),
    count: CountRule = CountRule(), base: BaseRule = BaseRule(), gate: Gate? = nil
  ) {
    self.kind = kind
    self.of = of
    self.per = per
    self.severities = severities
    self.count = count
    self.base = base
    self.gate = gate
  }

  public static func == (left: Rule, right: Rule) -> Bool {
    AnyHashable(left.kind) == AnyHashable(right.kind)
      && (left.of, left.per, left.severities, left.count) == (
        right.of, right.per, right.severities, right.count
      ) && (left.base, left.gate) == (right.base, right.gate)
  }

  public func hash(into hasher: inout Hasher) {
    kind.hash(into: &hasher)
    hasher.combine(of)
    hasher.combine(gate)
  }

  /// What it would pay next, and after how much more time down.
  /// - Parameters:
  ///   - down: microseconds of the period.
  ///   - length: of the period by the calendar.
  func next(
    afterDowntime down: Int64, of length: Int64
  ) throws(AmountOutOfRange) -> (missing: Int64, rule: Rule)? {
    let whole = Fraction(whole: count.periodLength ?? length)
    let time = Fraction(whole: down)
    let hundred = Fraction(whole: 100)
    var quantity = Measured.Quantity.time(time)
    switch of {
    case .downtime: break
    case .uptime: quantity = .uptime(try (try Fraction.one - (try time / whole)) * hundred)
    case .outage, .outages: return nil
    }
    guard let next = try kind.next(after: quantity) else { return nil }
    let limit: Fraction
    switch next.limit {
    case .time(let time): limit = time
    case .uptime(let uptime): limit = try whole * (try Fraction.one - (try uptime / hundred))
    case .number: return nil
    }
    guard let missing = Int64(exactly: (try limit - time).ceiling) else { return nil }
    return (max(0, missing), deciding(next.reason))
  }

  /// Whether it looks at single outages alone, so that each of them is settled by itself.
  public var isOfOutagesAlone: Bool { of == .outage && !(gate?.isOfPeriod ?? false) }
}

/// The most that is paid.
/// - Source: policy language, section 4.
public struct CapRule: Hashable, Sendable {
  public enum Per: String, CaseIterable, Hashable, Sendable {
    case outage
    case month
    case quarter

    /// The order in which caps are written. It has no other meaning.
    var rank: Int {
      switch self {
      case .outage: 0
      case .month: 1
      case .quarter: 2
      }
    }
  }

  public let per: Per
  public let most: RuleValue

  public init(per: Per, most: RuleValue) {
    self.per = per
    self.most = most
  }
}

/// The rules of a version or a plan, with what holds for all of them.
/// - Source: policy language, sections 2 to 4.
public struct RuleSet: Hashable, Sendable {
  public enum Combination: String, CaseIterable, Hashable, Sendable {
    case sum
    case largest
  }

  public let rules: [Rule]
  public let combine: Combination
  /// Empty for no cap.
  public let caps: [CapRule]
  /// What percents in caps are of.
  public let base: BaseRule
  /// Minor units: a credit above zero is at least this.
  public let raiseTo: [Currency: Int64]

  public init(
    rules: [Rule], combine: Combination = .sum, caps: [CapRule] = RuleSet.wholeFee,
    base: BaseRule = BaseRule(), raiseTo: [Currency: Int64] = [:]
  ) {
    self.rules = rules
    self.combine = combine
    self.caps = caps.sorted { $0.per.rank < $1.per.rank }
    self.base = base
    self.raiseTo = raiseTo.filter { $0.value != 0 }
  }

  /// The cap of a policy that says nothing of one: the whole base, for a month and for a quarter.
  public static let wholeFee = [
    CapRule(per: .month, most: .share(.one)), CapRule(per: .quarter, most: .share(.one)),
  ]

  /// Whether each outage is capped, rounded and compared with the minimum by itself.
  var isOfOutagesAlone: Bool { rules.allSatisfy(\.isOfOutagesAlone) }

  /// The mildest severity that any rule names; `nil` without a rule.
  var mildest: Severity? { rules.map(\.severities.mildest).max() }
}
