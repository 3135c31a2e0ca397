import SeededRandom
import ServiceCredits

/// Random sets of rules, of all kinds and fields, within what the language allows.
extension RuleStoryGenerator {
  mutating func ruleSet(isQuarter: Bool, _ currency: Currency) -> RuleSet {
    let isOfOutages = !isQuarter && happens(35)
    let takesLargest = happens(40)
    var rules = (0..<draw(1...3)).map { _ in
      rule(isQuarter ? .quarter : .month, isOfOutages: isOfOutages, currency)
    }
    // A rule of the other kind of period counts where it says which severities are named, and no more.
    if !takesLargest, happens(10) {
      rules.append(rule(isQuarter ? .month : .quarter, isOfOutages: false, currency))
    }
    return RuleSet(
      rules: rules, combine: takesLargest ? .largest : .sum, caps: caps(), base: base(isQuarter),
      raiseTo: happens(15) ? [currency: pick([1, 100, 2500])] : [:])
  }

  private mutating func rule(
    _ per: Rule.Per, isOfOutages: Bool, _ currency: Currency
  ) -> Rule {
    var measures: [Rule.Measure] = [.downtime, .uptime, .uptime, .outages]
    if per == .month { measures.append(.outage) }
    let measure: Rule.Measure = isOfOutages ? .outage : pick(measures)
    let kind: any RuleKind =
      switch measure {
      case .outage, .downtime:
        switch draw(0...3) {
        case 0: multiple()
        case 1: steps(measure, currency)
        case 2: timeUnits(currency)
        default: calendarUnits(measure, currency)
        }
      case .uptime: happens(60) ? steps(measure, currency) : uptimeUnits(currency)
      case .outages: steps(measure, currency)
      }
    let gate = self.gate(measure, isOfOutages: isOfOutages)
    let usesUptime: Bool = if case .uptimeBelow = gate { true } else { measure == .uptime }
    return Rule(
      kind, of: measure, per: per, severities: severities(),
      count: count(kind, usesUptime: usesUptime), base: base(per == .quarter), gate: gate)
  }

  private mutating func severities() -> SeverityRange {
    var range = SeverityRange()
    range.mildest = pick([.p0, .p0, .p1, .p2])
    if happens(20) {
      range.mildest = pick([.p0, .p1, .p1, .p2])
      range.notWorseThan = pick([.p0, range.mildest, range.mildest])
    }
    return range
  }

  private mutating func count(_ kind: any RuleKind, usesUptime: Bool) -> CountRule {
    var count = CountRule()
    if happens(15) { count.longerThan = pick(lengths) }
    if happens(15) { count.atLeast = pick(lengths) }
    if happens(15) { count.isFromClaim = true }
    if usesUptime {
      if happens(30) { count.round = Int(draw(0...3)) }
      if happens(25) { count.periodLength = 720 * RuleTime.hour }
    }
    // The text does not say what is whole, or weighs, of a unit of the calendar.
    if let units = kind as? PerUnit, case .calendar = units.unit { return count }
    if happens(25) {
      let unit = pick([RuleTime.minute, 5 * RuleTime.minute, 15 * RuleTime.minute])
      count.whole = CountRule.Whole(unit: unit, isAligned: happens(50))
    }
    if happens(25) { count.weighsShare = true }
    return count
  }

  private mutating func base(_ isQuarter: Bool) -> BaseRule {
    var base = BaseRule()
    if isQuarter || happens(25) { base.fee = .billed }
    if happens(15) { base.share = fraction(1, over: 2) }
    if happens(20) { base.monthLength = 720 * RuleTime.hour }
    if happens(20) { base.days = 30 }
    return base
  }

  private mutating func gate(_ measure: Rule.Measure, isOfOutages: Bool) -> Rule.Gate? {
    guard happens(35) else { return nil }
    if measure == .outage, isOfOutages || happens(50) {
      return happens(50) ? .longerThan(pick(lengths)) : .atLeast(pick(lengths))
    }
    switch draw(0...2) {
    case 0: return .uptimeBelow(promise())
    case 1: return .downtimeLongerThan(pick(lengths))
    default: return .downtimeAtLeast(pick(lengths))
    }
  }

  // MARK: Kinds

  private mutating func multiple() -> Multiple {
    Multiple(times: fraction(pick([1, 2, 10, 1, 5]), over: pick([1, 1, 2, 3])), free: free())
  }

  private mutating func steps(_ measure: Rule.Measure, _ currency: Currency) -> Steps {
    Steps(
      steps: (0..<draw(1...3)).map { _ in
        Steps.Step(condition(measure), credit: value(currency))
      })
  }

  private mutating func condition(_ measure: Rule.Measure) -> Steps.Condition {
    switch measure {
    case .outage, .downtime:
      switch draw(0...4) {
      case 0: .any
      case 1, 2: .longerThan(pick(lengths))
      default: .timeAtLeast(pick(lengths))
      }
    case .uptime: happens(50) ? .below(promise()) : .atMost(promise())
    case .outages:
      happens(50) ? .moreThan(Int(draw(0...3))) : .numberAtLeast(Int(draw(1...4)))
    }
  }

  private mutating func timeUnits(_ currency: Currency) -> PerUnit {
    let unit = pick(lengths + [30 * RuleTime.minute, RuleTime.hour])
    let part: PerUnit.Part =
      switch draw(0...2) {
      case 0: .started
      case 1: .complete
      default: .fractionOver(unit / 2)
      }
    return PerUnit(unit: .time(unit, part), rates: rates(currency), free: free())
  }

  private mutating func uptimeUnits(_ currency: Currency) -> PerUnit {
    PerUnit(
      unit: .shortOf(
        promise: promise(), unit: fraction(1, over: pick([1, 10, 20, 100])),
        happens(50) ? .started : .complete),
      rates: rates(currency), free: happens(35) ? freeShare() : nil)
  }

  private mutating func calendarUnits(_ measure: Rule.Measure, _ currency: Currency) -> PerUnit {
    let down: PerUnit.Down =
      switch draw(0...2) {
      case 0: .any
      case 1: .atEnd
      default: .longerThan(pick(lengths))
      }
    var grace: PerUnit.Grace?
    if measure == .outage, happens(50) {
      let days = Int(draw(1...3))
      grace = happens(50) ? .calendarDays(days) : .workingDays(days)
    }
    return PerUnit(
      unit: .calendar(pick(PerUnit.CalendarUnit.allCases), down), rates: rates(currency),
      grace: grace)
  }

  private mutating func rates(_ currency: Currency) -> [PerUnit.Rate] {
    var from = happens(70) ? 1 : Int(draw(1...3))
    return (0..<pick([1, 1, 2, 3])).map { _ in
      defer { from += Int(draw(1...4)) }
      return PerUnit.Rate(from: from, credit: value(currency))
    }
  }

  private mutating func free() -> FreeTime? {
    guard happens(35) else { return nil }
    return happens(60) ? .time(pick(lengths)) : freeShare()
  }

  private mutating func freeShare() -> FreeTime {
    .share(fraction(pick([1, 5, 10]), over: 1000))
  }

  // MARK: Values

  /// Percent.
  private mutating func promise() -> Fraction {
    let usual: [Int64] = [9999, 9995, 9990, 9990, 9950, 9900, 9900, 9800, 9500, 9000]
    return fraction(pick(promises.isEmpty || happens(40) ? usual : promises), over: 100)
  }

  private mutating func value(_ currency: Currency) -> RuleValue {
    happens(15) ? .largest([form(currency), form(currency)]) : form(currency)
  }

  private mutating func form(_ currency: Currency) -> RuleValue {
    switch draw(0...9) {
    case 0: .days(fraction(draw(1...60), over: 2))
    case 1: .time(pick(lengths))
    case 2: .amount(fraction(draw(1...2000), over: 100))
    case 3:
      .amounts([happens(80) ? currency : Currency("EUR")!: fraction(draw(1...2000), over: 100)])
    case 4: .share(fraction(33_333, over: 1_000_000))
    case 5: .share(fraction(3, over: 2))
    default: .share(fraction(pick([5, 10, 25, 50]), over: 100))
    }
  }

  private mutating func caps() -> [CapRule] {
    if happens(30) { return RuleSet.wholeFee }
    if happens(20) { return [] }
    return (0..<draw(1...3)).map { _ in
      let most: RuleValue =
        switch draw(0...5) {
        case 0: .amount(fraction(draw(1...20_000), over: 100))
        case 1: .days(fraction(draw(1...30), over: 1))
        case 2: .time(pick(lengths))
        default: .share(fraction(pick([5, 10, 25, 30, 50, 100, 150]), over: 100))
        }
      return CapRule(per: pick(CapRule.Per.allCases), most: most)
    }
  }
}
