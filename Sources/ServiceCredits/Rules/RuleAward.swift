/// The rules that decided, each with the one step or unit that did.
public final class RuleClause: Hashable, Sendable {
  /// One line of the policy language, which can be read again.
  public let text: [UInt8]
  /// `uptime below 99.9 %: 10 %`.
  public let words: String

  /// - Parameter winners: the one that pays most comes first; not empty.
  init(_ winners: [RuleWinner], of set: RuleSet) {
    words = RuleClause.words(winners.map { set.rules[$0.rule].deciding($0.reason) })
    let texts = winners.map { set.rules[$0.rule].clause($0.reason) }
    text = Array((texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]").utf8)
  }

  /// - Parameter rules: each with nothing but what decided.
  public static func words(_ rules: [Rule]) -> String {
    rules.map(\.words).joined(separator: "; ")
  }

  public static func == (left: RuleClause, right: RuleClause) -> Bool { left.text == right.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// What rules give one incident in one month.
public final class RuleAward: Hashable, Sendable {
  enum Amount: Hashable, Sendable {
    case nothing(NoCreditReason)
    case minor(CreditParts)
    /// Exact shares of the monthly fee, of the incidents before and of these with this one. What is added is the
    /// difference of both, each settled.
    case ofFee(before: Fraction, through: Fraction, Settlement, isOfOutage: Bool)
    case outOfRange
  }

  /// `nil` where no rule pays.
  public let clause: RuleClause?
  let amount: Amount
  /// Of the rule that pays most; without one, the worst severity of the time.
  let severity: Severity
  /// What the incident adds, as a share of the monthly fee; `nil` where it is no whole number of basis points.
  let granted: BasisPoints?
  /// The same before caps.
  let beforeCap: BasisPoints?
  /// Of a measure of a period: the time down of the incidents so far, in whole microseconds, and the length of the period.
  public let downtimeMicroseconds: Int64?
  public let periodMicroseconds: Int64?
  /// What the terms are billed for the period, in millionths of the major unit, where that is the base.
  public let billedMicros: Int64?

  init(
    clause: RuleClause? = nil, amount: Amount, severity: Severity, granted: BasisPoints? = nil,
    beforeCap: BasisPoints? = nil, downtimeMicroseconds: Int64? = nil,
    periodMicroseconds: Int64? = nil, billedMicros: Int64? = nil
  ) {
    self.clause = clause
    self.amount = amount
    self.severity = severity
    self.granted = granted
    self.beforeCap = beforeCap
    self.downtimeMicroseconds = downtimeMicroseconds
    self.periodMicroseconds = periodMicroseconds
    self.billedMicros = billedMicros
  }

  /// The same decision, with another amount and no percent.
  func with(_ amount: Amount) -> RuleAward {
    RuleAward(
      clause: clause, amount: amount, severity: severity,
      downtimeMicroseconds: downtimeMicroseconds, periodMicroseconds: periodMicroseconds,
      billedMicros: billedMicros)
  }

  /// Whether the period is over that is measured.
  public var isOver: Bool { amount != .nothing(.periodGoesOn) }

  /// What would be paid next, and after how much more time down; `nil` where nothing more is measured over the period.
  public func next(in set: RuleSet) -> String? {
    guard let down = downtimeMicroseconds, let length = periodMicroseconds else { return nil }
    let found = set.rules.compactMap { try? $0.next(afterDowntime: down, of: length) }
    return found.min { $0.missing < $1.missing }.map { next in
      "after \(DurationText.words(next.missing)) more, \(next.rule.words)"
    }
  }

  /// What it comes to for this fee.
  /// - Throws: `AmountOutOfRange` if it does not fit.
  public func parts(_ fee: MonthlyFee) throws(AmountOutOfRange) -> CreditParts {
    switch amount {
    case .nothing: return .zero
    case .minor(let parts): return parts
    case .outOfRange: throw AmountOutOfRange()
    case .ofFee(let before, let through, let settlement, let isOfOutage):
      let added = try settlement.minor(through, of: fee) - settlement.minor(before, of: fee)
      return isOfOutage ? CreditParts(outageMinor: added) : CreditParts(monthMinor: added)
    }
  }

  func outcome(_ fee: MonthlyFee) throws(AmountOutOfRange) -> CreditOutcome {
    let minor = try parts(fee).total()
    if minor > 0 { return .credited(Money(amountMinor: minor, currency: fee.currency)) }
    switch amount {
    case .nothing(let reason): return .notCredited(reason)
    case .minor, .ofFee, .outOfRange:
      return .notCredited(
        clause == nil ? .belowEveryTier : granted == .zero ? .addsNothing : .belowMinimum)
    }
  }

  public static func == (left: RuleAward, right: RuleAward) -> Bool {
    (left.clause, left.amount, left.severity, left.granted, left.beforeCap)
      == (right.clause, right.amount, right.severity, right.granted, right.beforeCap)
      && (left.downtimeMicroseconds, left.periodMicroseconds, left.billedMicros)
        == (right.downtimeMicroseconds, right.periodMicroseconds, right.billedMicros)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(clause)
    hasher.combine(amount)
  }
}

extension Fraction {
  /// This share in basis points; `nil` where it is no whole number of them, or more than fits.
  var basisPoints: BasisPoints? {
    guard let points = try? self * Fraction(whole: 10_000), points.isWhole else { return nil }
    return Int32(exactly: points.numerator).map { BasisPoints($0) }
  }
}
