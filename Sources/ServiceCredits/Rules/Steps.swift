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
  public let steps: [Step]

  public init(steps: [Step]) { self.steps = steps }

  public var values: [RuleValue] { steps.map(\.credit) }

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
