/// What a subscription's terms say of money in a period.
public struct RuleFee: Hashable, Sendable {
  /// When the fee is in force.
  public let interval: Interval
  public let fee: MonthlyFee

  public init(interval: Interval, fee: MonthlyFee) {
    self.interval = interval
    self.fee = fee
  }
}

/// What is owed for a period, and which incident added what.
public struct PeriodCredit: Hashable, Sendable {
  /// What each incident adds, in minor units, in the order of the incidents that were given.
  public let parts: [Int64]

  public var minor: Int64 { parts.reduce(0, +) }
}

/// Works out what the incidents of one subscription are owed in one month or quarter.
///
/// All numbers are exact until the one rounding at the end.
/// - Source: policy language, sections 4, 5 and 9.
public struct PeriodCalculation {
  private let set: RuleSet
  private let version: PolicyVersion
  private let period: RulePeriod
  private let calendar: LocalCalendar
  /// Of the customer at hand, in the currency of the measure; ascending.
  private let fees: [RuleFee]
  private let incidents: [MeasuredIncident]
  /// The rules of this period; those of outages are a month's.
  private let rules: [Rule]
  /// What each incident owns for each of `rules`.
  private let owned: [[CountedStretches]]
  /// First instant in the period at a severity that any rule names; `nil` for an incident that does not touch it.
  private let firsts: [Instant?]
  /// The incidents that touch the period, in their order.
  private let order: [Int]

  /// - Parameters:
  ///   - set: the rules of one plan of `version`.
  ///   - incidents: in byte order of their ids; void and held ones are left out.
  ///   - fees: of the terms, ascending.
  public init(
    _ set: RuleSet, of version: PolicyVersion, _ incidents: [MeasuredIncident],
    period: RulePeriod, calendar: LocalCalendar, fees: [RuleFee]
  ) {
    self.set = set
    self.version = version
    self.period = period
    self.calendar = calendar
    self.fees = fees
    self.incidents = incidents
    let per: Rule.Per = period.months.count == 1 ? .month : .quarter
    rules = set.rules.filter { $0.per == per }
    owned = rules.map { rule in
      Ownership(incidents, rule.severities, rule.count, countsEach: version.overlap == .countEach).owned
    }
    let mildest = set.mildest
    firsts = incidents.map { incident in
      incident.stretches.lazy.filter { mildest.map($0.severity.isAtLeastAsBad) ?? false }
        .compactMap { $0.interval.intersection(period.interval) }.first?.start
    }
    let firsts = self.firsts
    order = incidents.indices.filter { firsts[$0] != nil }
      .sorted { (firsts[$0]!, $0) < (firsts[$1]!, $1) }
  }

  /// - Throws: `AmountOutOfRange` if a number does not fit.
  public func credit() throws(AmountOutOfRange) -> PeriodCredit {
    var parts = [Int64](repeating: 0, count: incidents.count)
    guard let currency = currency else { return PeriodCredit(parts: parts) }
    if set.isOfOutagesAlone {
      var used = CapUse()
      for incident in order where belongs(incident) {
        let exact = try capped(try outageMinor(incident, among: order.count), at: incident, &used)
        parts[incident] = settled(try exact.rounded(version.rounding), currency)
      }
      return PeriodCredit(parts: parts)
    }
    var before: Int64 = 0
    for count in order.indices {
      let total = settled(try total(ofFirst: count + 1).rounded(version.rounding), currency)
      // A rule that takes one severity alone may owe less with one incident more: then the next ones make up for it.
      parts[order[count]] = max(0, total - before)
      before = max(before, total)
    }
    return PeriodCredit(parts: parts)
  }

  /// The minimum, and what a credit is raised to.
  private func settled(_ minor: Int64, _ currency: Currency) -> Int64 {
    guard minor > 0, minor >= version.minimum[currency] ?? 0 else { return 0 }
    return max(minor, set.raiseTo[currency] ?? 0)
  }

  // MARK: Money at hand

  private var currency: Currency? {
    order.first.flatMap { firsts[$0] }.flatMap { fee(at: $0) }?.currency
  }

  private func fee(at instant: Instant) -> MonthlyFee? {
    fees.first { $0.interval.contains(instant) }?.fee
  }

  /// The base of a rule, or of the caps.
  /// - Parameter first: the first counted instant of what is measured.
  private func base(_ rule: BaseRule, at first: Instant) throws(AmountOutOfRange) -> Base? {
    guard let fee = fee(at: first) else { return nil }
    let minor: Fraction =
      switch rule.fee {
      case .month: try PeriodCalculation.minor(of: fee)
      case .billed: try billed(fee.currency)
      }
    return Base(
      minor: try minor * rule.share, currency: fee.currency,
      length: period.length(ofMonth: rule.monthLength), days: period.days(ofMonth: rule.days))
  }

  private static func minor(of fee: MonthlyFee) throws(AmountOutOfRange) -> Fraction {
    try Fraction(Int128(fee.micros) * Int128(fee.currency.minorUnitsPerMajor), over: 1_000_000)
  }

  /// For each term, its fee for the part of each month in which it was in force.
  private func billed(_ currency: Currency) throws(AmountOutOfRange) -> Fraction {
    var sum = Fraction.zero
    for month in period.months {
      for term in fees where term.fee.currency == currency {
        guard let part = term.interval.intersection(month.interval) else { continue }
        sum =
          try sum
          + (try PeriodCalculation.minor(of: term.fee)
            * (try Fraction(Int128(part.microseconds), over: Int128(month.interval.microseconds))))
      }
    }
    return sum
  }

  // MARK: Caps

  /// What has been used up of a cap: shares of bases, or money.
  private struct CapUse {
    var share = Fraction.zero
    var minor = Fraction.zero
  }

  private var periodCap: CapRule.Per { period.months.count == 1 ? .month : .quarter }

  /// What is left of an amount under the period's caps; it is used up.
  private func capped(
    _ amount: (minor: Fraction, first: Instant)?, at incident: Int, _ used: inout CapUse
  ) throws(AmountOutOfRange) -> Fraction {
    guard let amount, let base = try base(set.base, at: amount.first) else { return .zero }
    var minor = amount.minor
    for cap in set.caps where cap.per == periodCap {
      let most = try base.minor(of: cap.most)
      switch cap.most {
      case .amount, .amounts: minor = try minor.smaller(try most - used.minor)
      case .share, .days, .time, .largest:
        minor = try minor.smaller(try most - (try used.share * base.minor))
      }
    }
    guard minor.isPositive else { return .zero }
    used.minor = try used.minor + minor
    if base.minor.isPositive { used.share = try used.share + (try minor / base.minor) }
    return minor
  }

  private func cappedOutage(_ minor: Fraction, at first: Instant) throws(AmountOutOfRange)
    -> Fraction
  {
    guard let base = try base(set.base, at: first) else { return minor }
    var minor = minor
    for cap in set.caps where cap.per == .outage {
      minor = try minor.smaller(try base.minor(of: cap.most))
    }
    return minor
  }

  // MARK: Outages

  /// Whether the outage is this period's: its first instant at any named severity lies in it.
  private func belongs(_ incident: Int) -> Bool {
    let mildest = set.mildest
    return incidents[incident].stretches.first { mildest.map($0.severity.isAtLeastAsBad) ?? false }
      .map { period.interval.contains($0.interval.start) } ?? false
  }

  /// What the rules of outages pay for one of them, under the outage's own cap.
  private func outageMinor(
    _ incident: Int, among count: Int
  ) throws(AmountOutOfRange) -> (minor: Fraction, first: Instant)? {
    guard let first = firsts[incident] else { return nil }
    var minor = Fraction.zero
    for (position, rule) in rules.enumerated() where rule.of == .outage {
      let own = try minorOfOutage(incident, rule: position, among: count)
      minor = set.combine == .largest ? try minor.larger(own) : try minor + own
    }
    return (try cappedOutage(minor, at: first), first)
  }

  private func minorOfOutage(
    _ incident: Int, rule position: Int, among count: Int
  ) throws(AmountOutOfRange) -> Fraction {
    let rule = rules[position]
    let stretches = owned[position][incident]
    guard let first = stretches.first, let base = try base(rule.base, at: first) else {
      return .zero
    }
    let time = try stretches.measured(by: rule.count)
    switch rule.gate {
    case .longerThan(let limit):
      guard try Fraction(whole: limit).isLess(than: time) else { return .zero }
    case .atLeast(let limit):
      guard try !time.isLess(than: Fraction(whole: limit)) else { return .zero }
    case .uptimeBelow, .downtimeLongerThan, .downtimeAtLeast:
      guard try isOpen(rule, position, ofFirst: count, base) else { return .zero }
    case nil: break
    }
    return try rule.kind.earned(
      from: Measured(
        quantity: .time(time), stretches: stretches, claimedAt: incidents[incident].claimedAt,
        calendar: calendar), base: base
    ).minor
  }

  // MARK: Measures of the period

  /// What the period would owe with its first incidents alone, exact.
  private func total(ofFirst count: Int) throws(AmountOutOfRange) -> Fraction {
    var amounts: [(minor: Fraction, first: Instant)] = []
    var largest: (total: Fraction, amounts: [(minor: Fraction, first: Instant)]) = (.zero, [])
    for (position, rule) in rules.enumerated() {
      var own: [(minor: Fraction, first: Instant)] = []
      if rule.of == .outage {
        for incident in order.prefix(count) where belongs(incident) {
          guard let first = firsts[incident] else { continue }
          var minor = try minorOfOutage(incident, rule: position, among: count)
          if set.combine == .largest { minor = try cappedOutage(minor, at: first) }
          own.append((minor, first))
        }
      } else if let amount = try minorOfPeriod(rule, position, ofFirst: count) {
        own = [amount]
      }
      switch set.combine {
      case .sum: amounts += own
      case .largest:
        var total = Fraction.zero
        for amount in own { total = try total + amount.minor }
        if try largest.total.isLess(than: total) { largest = (total, own) }
      }
    }
    if set.combine == .largest { amounts = largest.amounts }
    var used = CapUse()
    var total = Fraction.zero
    for amount in amounts {
      total = try total + (try capped(amount, at: 0, &used))
    }
    return total
  }

  private func minorOfPeriod(
    _ rule: Rule, _ position: Int, ofFirst count: Int
  ) throws(AmountOutOfRange) -> (minor: Fraction, first: Instant)? {
    guard let first = order.first.flatMap({ firsts[$0] }), let base = try base(rule.base, at: first)
    else {
      return nil
    }
    if rule.gate?.isOfPeriod ?? false, try !isOpen(rule, position, ofFirst: count, base) {
      return nil
    }
    let downtime = try downtime(position, ofFirst: count)
    let quantity: Measured.Quantity =
      switch rule.of {
      case .downtime: .time(downtime.time)
      case .uptime: .uptime(try uptime(rule, downtime.time))
      case .outages, .outage:
        .number(
          order.prefix(count).count { incident in
            owned[position][incident].first.map { period.interval.contains($0) } ?? false
          })
      }
    let earned = try rule.kind.earned(
      from: Measured(
        quantity: quantity, stretches: downtime.stretches, claimedAt: nil, calendar: calendar),
      base: base)
    return (earned.minor, first)
  }

  /// The time of the first incidents in the period, as it is measured, and its stretches, each instant once.
  private func downtime(
    _ position: Int, ofFirst count: Int
  ) throws(AmountOutOfRange) -> (time: Fraction, stretches: CountedStretches) {
    let rule = rules[position]
    let parts = order.prefix(count).map { owned[position][$0].clipped(to: period.interval) }
    let union = try Ownership.union(parts)
    if version.overlap == .countEach { return (try union.measured(by: rule.count), union) }
    var time = Fraction.zero
    // Whole units are cut incident by incident.
    for part in parts { time = try time + (try part.measured(by: rule.count)) }
    return (time, union)
  }

  /// Percent.
  private func uptime(_ rule: Rule, _ downtime: Fraction) throws(AmountOutOfRange) -> Fraction {
    let length = period.length(ofMonth: rule.count.periodLength)
    let percent = try (try Fraction.one - (try downtime / length)) * Fraction(whole: 100)
    let atLeastZero = percent.isPositive ? percent : .zero
    guard let decimals = rule.count.round else { return atLeastZero }
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    return try Fraction(
      Int128(try (try atLeastZero * Fraction(whole: scale)).rounded(.halfUp)), over: Int128(scale))
  }

  /// Whether the gate of a period lets something be paid.
  private func isOpen(
    _ rule: Rule, _ position: Int, ofFirst count: Int, _ base: Base
  ) throws(AmountOutOfRange) -> Bool {
    let time = try downtime(position, ofFirst: count).time
    switch rule.gate {
    case .uptimeBelow(let limit): return try uptime(rule, time).isLess(than: limit)
    case .downtimeLongerThan(let limit): return try Fraction(whole: limit).isLess(than: time)
    case .downtimeAtLeast(let limit): return try !time.isLess(than: Fraction(whole: limit))
    case .longerThan, .atLeast, nil: return true
    }
  }
}
