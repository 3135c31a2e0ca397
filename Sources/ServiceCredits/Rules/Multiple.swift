/// So many times the fee for the time that was lost.
/// - Source: policy language, section 2.
public struct Multiple: RuleKind {
  public static let name = "multiple"
  public let times: Fraction
  /// Taken off first.
  public let free: FreeTime?

  public init(times: Fraction, free: FreeTime? = nil) {
    self.times = times
    self.free = free
  }

  public var values: [RuleValue] { [] }

  public func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned {
    guard case .time(let time) = measured.quantity else { return .nothing }
    let rest = try FreeTime.left(of: time, after: free, length: base.length)
    guard rest.isPositive else { return .nothing }
    return Earned(minor: try times * (try base.minor * (try rest / base.length)), reason: .whole)
  }
}

/// Time that is taken off before the rest is paid.
public enum FreeTime: Hashable, Sendable {
  /// Microseconds.
  case time(Int64)
  /// A share of the period; 1 is all of it.
  case share(Fraction)

  static func left(
    of time: Fraction, after free: FreeTime?, length: Fraction
  ) throws(AmountOutOfRange) -> Fraction {
    let off: Fraction =
      switch free {
      case .time(let microseconds): Fraction(whole: microseconds)
      case .share(let share): try share * length
      case nil: .zero
      }
    let rest = try time - off
    return rest.isPositive ? rest : .zero
  }
}
