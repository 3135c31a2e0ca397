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

/// Works out what the incidents of one subscription are owed in one month or quarter. All numbers are exact.
/// - Source: policy language, sections 4, 5 and 9.
public struct PeriodCalculation {
  let set: RuleSet
  let version: PolicyVersion
  let period: RulePeriod
  private let calendar: LocalCalendar
  /// Of the customer at hand; ascending.
  private let fees: [RuleFee]
  private let incidents: [MeasuredIncident]
  /// Positions in the set of the rules of this period; those of outages are a month's.
  private let rules: [Int]
  /// For each rule of the set, what each incident owns.
  private let owned: [Ownership]
  /// The mildest severity that any rule of the version names.
  private let mildest: Severity?
  /// First instant in the period at a severity that any rule names; `nil` for an incident that does not touch it.
  private let firsts: [Instant?]
  /// The incidents that touch the period, in their order.
  let order: [Int]
  /// Whether each incident began under `version`, so that its rules of outages hold for it.
  private let began: [Bool]
  /// Whether each incident's own credit was claimed in time, or nobody has to claim it.
  private let isClaimed: [Bool]
  /// Whether amounts are shares of the monthly fee instead of minor units.
  let isOfFee: Bool

  /// - Parameters:
  ///   - set: the rules of one plan of `version`.
  ///   - incidents: in byte order of their ids; void and held ones are left out.
  ///   - fees: of the terms, ascending.
  public init(
    _ set: RuleSet, of version: PolicyVersion, _ incidents: [MeasuredIncident],
    period: RulePeriod, calendar: LocalCalendar, fees: [RuleFee]
  ) {
    self.init(
      set, of: version, incidents, owned: set.owned(of: incidents, version.overlap),
      began: incidents.map { _ in true }, period: period, calendar: calendar, fees: fees,
      isOfFee: false,
      first: nil)
  }

  /// - Parameters:
  ///   - owned: of the set, from `RuleSet.owned`.
  ///   - began: whether each incident began under `version`.
  ///   - isOfFee: whether amounts are to be shares of the monthly fee instead of minor units; only of a set that is
  ///     `isOfFee`.
  ///   - first: of the period, where held incidents have a say in it.
  ///   - unclaimed: for each incident, whether its outage was not claimed in time; empty where all were.
  init(
    _ set: RuleSet, of version: PolicyVersion, _ incidents: [MeasuredIncident],
    owned: [Ownership], began: [Bool], period: RulePeriod, calendar: LocalCalendar,
    fees: [RuleFee],
    isOfFee: Bool, first: Instant? = nil, unclaimed: [Unclaimed?] = []
  ) {
    self.set = set
    self.version = version
    self.period = period
    self.calendar = calendar
    self.fees = fees
    self.incidents = incidents
    self.owned = owned
    self.began = began
    isClaimed = began.indices.map { $0 >= unclaimed.count || unclaimed[$0] == nil }
    self.isOfFee = isOfFee
    rules = set.rules.indices.filter { set.rules[$0].per == period.per }
    mildest = version.mildestCreditableSeverity
    let (mildest, interval) = (self.mildest, period.interval)
    firsts = incidents.map { $0.first(atOrWorseThan: mildest, in: interval) }
    let firsts = self.firsts
    order = incidents.indices.filter { firsts[$0] != nil }
      .sorted { (firsts[$0]!, $0) < (firsts[$1]!, $1) }
    self.first = first ?? order.first.flatMap { firsts[$0] }
  }

  var settlement: Settlement { Settlement(set, of: version) }

  /// The first instant of all incidents in the period, which decides on term, plan, fee and currency.
  let first: Instant?

  var incidentCount: Int { incidents.count }

  // MARK: Money at hand

  var currency: Currency? { first.flatMap { fee(at: $0) }?.currency }

  private func fee(at instant: Instant) -> MonthlyFee? {
    fees.first { $0.interval.contains(instant) }?.fee
  }

  /// The base of a rule, or of the caps.
  /// - Parameter first: the first counted instant of what is measured.
  func base(_ rule: BaseRule, at first: Instant) throws(AmountOutOfRange) -> Base? {
    guard let fee = fee(at: first) else { return nil }
    let minor: Fraction =
      switch rule.fee {
      case .month: try minor(of: fee)
      case .billed: try billed(fee.currency)
      }
    return Base(
      minor: try minor * rule.share, currency: fee.currency,
      length: period.length(ofMonth: rule.monthLength), days: period.days(ofMonth: rule.days))
  }

  /// The fee in the unit of amounts.
  func minor(of fee: MonthlyFee) throws(AmountOutOfRange) -> Fraction {
    isOfFee ? .one : try fee.exactMinor
  }

  /// For each term, its fee for the part of each month in which it was in force.
  private func billed(_ currency: Currency) throws(AmountOutOfRange) -> Fraction {
    var sum = Fraction.zero
    for month in period.months {
      for term in fees where term.fee.currency == currency {
        guard let part = term.interval.intersection(month.interval) else { continue }
        sum =
          try sum
          + (try minor(of: term.fee)
            * (try Fraction(Int128(part.microseconds), over: Int128(month.interval.microseconds))))
      }
    }
    return sum
  }

  /// What the terms are billed for the period, in millionths of the major unit, cut; `nil` where the rule has another base.
  func billedMicros(_ rule: Int) throws(AmountOutOfRange) -> Int64? {
    guard set.rules[rule].base.fee == .billed, let currency else { return nil }
    let major = try billed(currency) / Fraction(whole: currency.minorUnitsPerMajor)
    guard let micros = Int64(exactly: (try major * Fraction(whole: 1_000_000)).floor) else {
      throw AmountOutOfRange()
    }
    return micros
  }

  // MARK: Caps

  private var periodCap: CapRule.Per { period.per == .month ? .month : .quarter }

  /// What held credits of outages use up of a cap.
  func capUse(ofHeld held: [HeldShare]) throws(AmountOutOfRange) -> CapUse {
    guard let first, let base = try base(set.base, at: first) else { return CapUse() }
    var used = CapUse()
    for credit in held {
      let minor = Fraction(whole: credit.parts.outageMinor)
      used.minor = try used.minor + minor
      // The percent is exact, where there is one and it is the outage's alone.
      let isOutages = credit.parts.monthMinor == 0 && credit.parts.quarterMinor == 0
      if isOutages, credit.share > .zero {
        used.share = try used.share + (try Fraction(Int128(credit.share.value), over: 10_000))
      } else if base.minor.isPositive {
        used.share = try used.share + (try minor / base.minor)
      }
    }
    return used
  }

  /// What is left of an amount under the period's caps; it is used up.
  private func capped(
    _ minor: Fraction, at first: Instant, _ used: inout CapUse
  ) throws(AmountOutOfRange) -> Fraction {
    guard let base = try base(set.base, at: first) else { return .zero }
    var minor = minor
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
  func belongs(_ incident: Int) -> Bool {
    began[incident]
      && incidents[incident].first(atOrWorseThan: mildest, in: .always)
        .map { period.interval.contains($0) } ?? false
  }

  /// What an outage earns that is settled by itself.
  /// - Parameter used: what the outages before it have used of the month's cap.
  func owed(
    forOutage incident: Int, _ used: inout CapUse
  ) throws(AmountOutOfRange) -> OwedAmount? {
    guard let first = firsts[incident] else { return nil }
    var sum = Fraction.zero
    var earned: [(minor: Fraction, winner: RuleWinner)] = []
    for rule in rules where set.rules[rule].of == .outage {
      let own = try earnedByOutage(incident, rule: rule, among: order.count)
      guard let reason = own.reason else { continue }
      earned.append((own.minor, RuleWinner(rule: rule, reason: reason)))
      sum = set.combine == .largest ? try sum.larger(own.minor) : try sum + own.minor
    }
    let winners = try PeriodCalculation.winners(earned, set.combine)
    let minor = try capped(try cappedOutage(sum, at: first), at: first, &used)
    return OwedAmount(
      incident: incident, first: first, total: minor, outages: minor, beforeCap: sum,
      winners: winners,
      downtime: nil, counted: counted(incident, winners.first?.rule, in: .always))
  }

  /// The one that pays most comes first; where only the largest is paid, it is alone.
  private static func winners(
    _ earned: [(minor: Fraction, winner: RuleWinner)], _ combine: RuleSet.Combination
  ) throws(AmountOutOfRange) -> [RuleWinner] {
    var largest: Int?
    for position in earned.indices {
      if let known = largest, try !earned[known].minor.isLess(than: earned[position].minor) {
        continue
      }
      largest = position
    }
    guard let largest else { return [] }
    let first = earned[largest].winner
    return combine == .largest
      ? [first] : [first] + earned.map(\.winner).filter { $0.rule != first.rule }
  }

  private func earnedByOutage(
    _ incident: Int, rule position: Int, among count: Int
  ) throws(AmountOutOfRange) -> Earned {
    let rule = set.rules[position]
    let stretches = owned[position].owned[incident]
    // Behind a gate on the period a rule of outages is a measure of the period.
    let decides = rule.gate?.isOfPeriod ?? false ? first : firsts[incident]
    guard !stretches.isEmpty, let decides, let base = try base(rule.base, at: decides) else {
      return .nothing
    }
    let time = try stretches.measured(by: rule.count, rule.severities.mildest)
    switch rule.gate {
    case .longerThan(let limit):
      guard try Fraction(whole: limit).isLess(than: time) else { return .nothing }
    case .atLeast(let limit):
      guard try !time.isLess(than: Fraction(whole: limit)) else { return .nothing }
    case .uptimeBelow, .downtimeLongerThan, .downtimeAtLeast:
      guard try isOpen(rule, position, ofFirst: count) else { return .nothing }
    case nil: break
    }
    return try rule.kind.earned(
      from: Measured(
        quantity: .time(time), stretches: stretches, claimedAt: incidents[incident].claimedAt,
        calendar: calendar), base: base)
  }

  /// Whether any rule of outages pays for the incident.
  func earns(outage incident: Int) throws(AmountOutOfRange) -> Bool {
    guard belongs(incident) else { return false }
    for rule in rules where set.rules[rule].of == .outage {
      if try earnedByOutage(incident, rule: rule, among: order.count).reason != nil { return true }
    }
    return false
  }

  // MARK: Measures of the period

  /// What one rule pays for the first incidents of the period, before the period's caps.
  private struct RuleTotal {
    var minor = Fraction.zero
    var winner: RuleWinner?
    var isOfOutages = false
  }

  /// What the period owes once each of its incidents is taken in, in their order.
  /// - Parameter used: what held incidents use up of the caps.
  func owed(used: CapUse = CapUse()) throws(AmountOutOfRange) -> [OwedAmount] {
    var owed: [OwedAmount] = []
    for count in order.indices { owed.append(try self.owed(ofFirst: count + 1, used)) }
    return owed
  }

  private func owed(ofFirst count: Int, _ used: CapUse) throws(AmountOutOfRange) -> OwedAmount {
    let last = order[count - 1]
    var totals: [RuleTotal] = []
    for rule in rules { totals.append(try total(of: rule, ofFirst: count)) }
    if set.combine == .sum { totals = try capped(totals, ofFirst: count) }
    var earned: [(minor: Fraction, winner: RuleWinner)] = []
    for total in totals {
      if let winner = total.winner { earned.append((total.minor, winner)) }
    }
    let winners = try PeriodCalculation.winners(earned, set.combine)
    var (sum, ofOutages) = (Fraction.zero, Fraction.zero)
    for (position, total) in totals.enumerated() {
      if set.combine == .largest, rules[position] != winners.first?.rule { continue }
      sum = try sum + total.minor
      if total.isOfOutages { ofOutages = try ofOutages + total.minor }
    }
    var (used, all) = (used, Fraction.zero)
    if let first { all = try capped(sum, at: first, &used) }
    let measure =
      winners.isEmpty
      ? rules.first { set.rules[$0].of != .outage }
      : winners.first { set.rules[$0.rule].of != .outage }?.rule
    let downtime = try measure.map { (rule) throws(AmountOutOfRange) in
      try self.downtime(rule, parts(rule, ofFirst: count))
    }
    let rule = winners.first?.rule
    let isOutage = rule.map { set.rules[$0].of == .outage } ?? false
    return OwedAmount(
      incident: last, first: firsts[last]!, total: all, outages: try ofOutages.smaller(all),
      beforeCap: sum, winners: winners, downtime: downtime,
      counted: counted(last, rule, in: isOutage ? .always : period.interval))
  }

  private func total(
    of position: Int, ofFirst count: Int
  ) throws(AmountOutOfRange) -> RuleTotal {
    guard set.rules[position].of == .outage else {
      let earned = try earnedByPeriod(position, ofFirst: count)
      return RuleTotal(
        minor: earned.minor, winner: earned.reason.map { RuleWinner(rule: position, reason: $0) })
    }
    var total = RuleTotal(isOfOutages: true)
    for incident in order.prefix(count) where belongs(incident) && isClaimed[incident] {
      let earned = try earnedByOutage(incident, rule: position, among: count)
      guard let first = firsts[incident], let reason = earned.reason else { continue }
      // Where all rules are paid, the cap of an outage is on what they give it together.
      let minor = set.combine == .sum ? earned.minor : try cappedOutage(earned.minor, at: first)
      total.minor = try total.minor + minor
      total.winner = RuleWinner(rule: position, reason: reason)
    }
    return total
  }

  /// Brings what the rules of outages give together under each outage's cap; what is too much is taken off the last rule.
  private func capped(
    _ totals: [RuleTotal], ofFirst count: Int
  ) throws(AmountOutOfRange) -> [RuleTotal] {
    guard set.caps.contains(where: { $0.per == .outage }) else { return totals }
    var totals = totals
    for incident in order.prefix(count) where belongs(incident) && isClaimed[incident] {
      guard let first = firsts[incident] else { continue }
      var sum = Fraction.zero
      for rule in rules where set.rules[rule].of == .outage {
        sum = try sum + (try earnedByOutage(incident, rule: rule, among: count)).minor
      }
      var excess = try sum - (try cappedOutage(sum, at: first))
      for position in totals.indices.reversed() where totals[position].isOfOutages {
        let off = try excess.smaller(totals[position].minor)
        totals[position].minor = try totals[position].minor - off
        excess = try excess - off
      }
    }
    return totals
  }

  private func earnedByPeriod(
    _ position: Int, ofFirst count: Int
  ) throws(AmountOutOfRange) -> Earned {
    let rule = set.rules[position]
    guard let first, let base = try base(rule.base, at: first) else { return .nothing }
    if rule.gate?.isOfPeriod ?? false {
      guard try isOpen(rule, position, ofFirst: count) else { return .nothing }
    }
    let parts = parts(position, ofFirst: count)
    let quantity: Measured.Quantity =
      switch rule.of {
      case .downtime: .time(try downtime(position, parts))
      case .uptime: .uptime(try uptime(rule, try downtime(position, parts)))
      case .outages, .outage:
        .number(
          order.prefix(count).count { incident in
            owned[position].owned[incident].first.map { period.interval.contains($0) } ?? false
          })
      }
    return try rule.kind.earned(
      from: Measured(
        quantity: quantity, stretches: Ownership.union(parts), claimedAt: nil, calendar: calendar),
      base: base)
  }

  /// The time of each of the first incidents in the period that counts for a rule, each instant once.
  private func parts(_ position: Int, ofFirst count: Int) -> [CountedStretches] {
    let parts = order.prefix(count).map {
      owned[position].ofPeriod[$0].clipped(to: period.interval)
    }
    guard version.overlap == .countEach else { return parts }
    let ranks = order.prefix(count).map { (startedAt: incidents[$0].startedAt, position: $0) }
    let severities = set.rules[position].severities
    return Ownership.once(parts, ranks: ranks).map { $0.filtered(severities) }
  }

  /// The time as the rule measures it. Whole units are cut incident by incident.
  private func downtime(
    _ position: Int, _ parts: [CountedStretches]
  ) throws(AmountOutOfRange) -> Fraction {
    let rule = set.rules[position]
    var time = Fraction.zero
    for part in parts {
      time = try time + (try part.measured(by: rule.count, rule.severities.mildest))
    }
    return time
  }

  /// Percent.
  private func uptime(_ rule: Rule, _ downtime: Fraction) throws(AmountOutOfRange) -> Fraction {
    let length = period.length(ofMonth: rule.count.periodLength)
    let percent = try (try Fraction.one - (try downtime / length)) * Fraction(whole: 100)
    guard let decimals = rule.count.round else { return percent }
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    return try Fraction(
      Int128(try (try percent * Fraction(whole: scale)).rounded(.halfUp)), over: Int128(scale))
  }

  /// Whether the gate of a period lets something be paid.
  private func isOpen(
    _ rule: Rule, _ position: Int, ofFirst count: Int
  ) throws(AmountOutOfRange) -> Bool {
    let time = try downtime(position, parts(position, ofFirst: count))
    switch rule.gate {
    case .uptimeBelow(let limit): return try uptime(rule, time).isLess(than: limit)
    case .downtimeLongerThan(let limit): return try Fraction(whole: limit).isLess(than: time)
    case .downtimeAtLeast(let limit): return try !time.isLess(than: Fraction(whole: limit))
    case .longerThan, .atLeast, nil: return true
    }
  }

  /// What counts of an incident's time for the rule that pays; without one, for any of the period's rules.
  private func counted(_ incident: Int, _ rule: Int?, in interval: Interval) -> CountedStretches {
    if let rule { return owned[rule].owned[incident].clipped(to: interval) }
    return Ownership.union(rules.map { owned[$0].owned[incident].clipped(to: interval) })
  }
}

extension RuleSet {
  /// For each rule, what each incident owns.
  /// - Parameter incidents: in byte order of their ids.
  func owned(of incidents: [MeasuredIncident], _ overlap: OverlapRule) -> [Ownership] {
    rules.map { rule in
      Ownership(incidents, rule.severities, rule.count, countsEach: overlap == .countEach)
    }
  }

  /// Whether everything that is paid is in proportion to the monthly fee, so that it is worked out once for all fees.
  var isOfFee: Bool {
    base.fee == .month && caps.allSatisfy { $0.most.isOfFee }
      && rules.allSatisfy { rule in
        rule.base.fee == .month && rule.per == .month && rule.severities.notWorseThan == nil
          && rule.kind.values.allSatisfy(\.isOfFee)
      }
  }
}

extension MeasuredIncident {
  var worst: Severity { stretches.map(\.severity).min() ?? .p0 }

  /// The end of the time at a severity or worse, exclusive; `nil` where there is none.
  func end(atOrWorseThan mildest: Severity?) -> Instant? {
    guard let mildest else { return nil }
    return stretches.filter { $0.severity.isAtLeastAsBad(as: mildest) }.map(\.interval.end).max()
  }

  /// - Parameter mildest: `nil` if no severity earns anything.
  func first(atOrWorseThan mildest: Severity?, in interval: Interval) -> Instant? {
    guard let mildest else { return nil }
    for stretch in stretches where stretch.severity.isAtLeastAsBad(as: mildest) {
      if let part = stretch.interval.intersection(interval) { return part.start }
    }
    return nil
  }
}

extension MonthlyFee {
  /// In minor units, exact.
  var exactMinor: Fraction {
    get throws(AmountOutOfRange) {
      try Fraction(Int128(micros) * Int128(currency.minorUnitsPerMajor), over: 1_000_000)
    }
  }
}
