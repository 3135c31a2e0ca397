// Rules in English, for reports and for people who ask why.

extension Rule {
  /// What it pays for what: `uptime below 99.9 %: 10 %`, `10 times the fee for the time down`.
  public var words: String {
    kind.words(in: self) + (gate.map { ", if \($0.words)" } ?? "")
  }

  /// What is measured: `outage`, `uptime of the quarter`, `downtime at P1 or worse`.
  var subject: String {
    let period = per == .quarter ? " of the quarter" : ""
    let measure = of == .outages ? "number of outages" : of.rawValue
    return measure + period + severities.words
  }

  /// What a percentage is of: `fee`, `50 % of the fee`.
  var baseWords: String {
    let fee = base.fee == .billed ? "billed fee" : "fee"
    return base.share == .one ? "the \(fee)" : "\(RuleValue.share(base.share).words) of the \(fee)"
  }
}

extension SeverityRange {
  /// Begins with a space; empty for P0, which is what down means.
  var words: String {
    guard let worst = notWorseThan, worst != .p0 else {
      return mildest == .p0 ? "" : " at \(mildest.code) or worse"
    }
    return worst == mildest ? " at \(worst.code)" : " at \(worst.code) to \(mildest.code)"
  }
}

extension Rule.Gate {
  var words: String {
    switch self {
    case .uptimeBelow(let limit): "uptime is below \(limit.decimalText()) %"
    case .longerThan(let limit): "the outage is longer than \(DurationText.words(limit))"
    case .atLeast(let limit): "the outage lasts at least \(DurationText.words(limit))"
    case .downtimeLongerThan(let limit):
      "downtime is longer than \(DurationText.words(limit))"
    case .downtimeAtLeast(let limit): "downtime is at least \(DurationText.words(limit))"
    }
  }
}

extension RuleValue {
  /// `10 %`, `2 days`, `12 hours`, `9.76`, `11 EUR or 9.76 GBP`, `the larger of 5 and 10 %`.
  public var words: String {
    switch self {
    case .share(let share): "\(share.decimalText(movingPoint: 2)) %"
    case .days(let days): days == .one ? "1 day" : "\(days.decimalText()) days"
    case .time(let microseconds): DurationText.words(microseconds)
    case .amount(let major): major.decimalText()
    case .amounts(let amounts):
      RuleValue.listed(amounts, separator: " or ") { "\($1) \($0)" }
    case .largest(let values):
      "the larger of \(values.map(\.words).joined(separator: " and "))"
    }
  }
}
