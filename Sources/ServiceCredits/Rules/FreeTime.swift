/// Time that is taken off before the rest is paid.
public enum FreeTime: Hashable, Sendable {
  /// Microseconds.
  case time(Int64)
  /// A share of the period; 1 is all of it.
  case share(Fraction)

  static let field = RuleField("free", .either([.length, .percent(most: 100)]), example: "1h")

  /// What a rule says of it; `nil` if it says nothing.
  init?(_ map: RuleMap) {
    if let time = map.duration("free") {
      self = .time(time)
    } else if let share = map.share("free") {
      self = .share(share)
    } else {
      return nil
    }
  }

  var written: RuleContent {
    switch self {
    case .time(let microseconds): .duration(microseconds)
    case .share(let share): .value(.share(share))
    }
  }

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

extension FreeTime {
  /// `1 hour`, `0.01 % of the period`.
  var words: String {
    switch self {
    case .time(let microseconds): DurationText.words(microseconds)
    case .share(let share): "\(RuleValue.share(share).words) of the period"
    }
  }
}
