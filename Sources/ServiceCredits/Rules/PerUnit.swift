/// So much for each unit of time, of uptime that is missing, or of the local calendar.
/// - Source: policy language, section 2.
public struct PerUnit: RuleKind {
  public enum Unit: Hashable, Sendable {
    /// A length in microseconds.
    case time(Int64, Part)
    /// Percent below a promise, and the percent of a unit.
    case shortOf(promise: Fraction, unit: Fraction, Part)
    case calendar(CalendarUnit, Down)
  }

  /// What a part of a unit counts.
  public enum Part: Hashable, Sendable {
    case started
    case complete
    /// A rest that is longer, in microseconds, counts as one.
    case fractionOver(Int64)
  }

  public enum CalendarUnit: String, CaseIterable, Hashable, Sendable {
    case localDay = "local_day"
    case workingDay = "working_day"
    case clockHour = "clock_hour"
  }

  /// When a unit of the calendar counts.
  public enum Down: Hashable, Sendable {
    case any
    /// Down when the unit ends.
    case atEnd
    /// Down for longer than so many microseconds of it.
    case longerThan(Int64)
  }

  public enum Grace: Hashable, Sendable {
    case calendarDays(Int)
    case workingDays(Int)
  }

  public struct Rate: Hashable, Sendable {
    /// The number of the first unit that it is paid for.
    public let from: Int
    public let credit: RuleValue

    public init(from: Int, credit: RuleValue) {
      self.from = from
      self.credit = credit
    }
  }

  public static let name = "per_unit"
  public static let measures: [Rule.Measure] = [.outage, .downtime, .uptime]
  public let unit: Unit
  /// Ascending by number; a rule with one credit has one from 1 on.
  public let rates: [Rate]
  public let free: FreeTime?
  public let grace: Grace?

  public init(unit: Unit, rates: [Rate], free: FreeTime? = nil, grace: Grace? = nil) {
    self.unit = unit
    self.rates = rates
    self.free = free
    self.grace = grace
  }

  public var countsLocalUnits: Bool { if case .calendar = unit { true } else { false } }

  public var values: [RuleValue] { rates.map(\.credit) }

  public func next(
    after quantity: Measured.Quantity
  ) throws(AmountOutOfRange) -> (limit: Measured.Quantity, reason: EarnedReason)? {
    guard free == nil, case .time(let length, let part) = unit, case .time(let time) = quantity
    else { return nil }
    let whole = try time / Fraction(whole: length)
    let full = part == .started ? whole.ceiling : whole.floor + 1
    return (.time(try Fraction(full, over: 1) * Fraction(whole: length)), .units(full))
  }

  public func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned {
    switch (unit, measured.quantity) {
    case (.time(let length, let part), .time(let time)):
      let rest = try FreeTime.left(of: time, after: free, length: base.length)
      return try paid(units: try PerUnit.count(rest, Fraction(whole: length), part), base)
    case (.shortOf(let promise, let percent, let part), .uptime(let uptime)):
      let short = try (try promise - uptime) - (try freePercent())
      guard short.isPositive else { return .nothing }
      return try paid(units: try PerUnit.count(short, percent, part), base)
    case (.calendar(let unit, let down), .time):
      return try paid(numbers: numbers(of: unit, down, measured), base)
    default:
      return .nothing
    }
  }

  /// What is free of an uptime: a part of the period that uptime is a part of.
  private func freePercent() throws(AmountOutOfRange) -> Fraction {
    guard case .share(let share) = free else { return .zero }
    return try share * Fraction(whole: 100)
  }

  private static func count(
    _ quantity: Fraction, _ unit: Fraction, _ part: Part
  ) throws(AmountOutOfRange) -> Int128 {
    let units = try quantity / unit
    switch part {
    case .started: return units.ceiling
    case .complete: return units.floor
    case .fractionOver(let limit):
      let rest = try quantity - (try unit * (try Fraction(units.floor, over: 1)))
      return units.floor + (try Fraction(whole: limit).isLess(than: rest) ? 1 : 0)
    }
  }

  /// Units that are not numbered by a calendar count from 1.
  private func paid(units: Int128, _ base: Base) throws(AmountOutOfRange) -> Earned {
    guard units > 0 else { return .nothing }
    var minor = Fraction.zero
    for (position, rate) in rates.enumerated() {
      let last = position + 1 < rates.count ? Int128(rates[position + 1].from) - 1 : units
      let count = min(last, units) - Int128(rate.from) + 1
      guard count > 0 else { continue }
      minor = try minor + (try base.minor(of: rate.credit) * (try Fraction(count, over: 1)))
    }
    return minor.isPositive ? Earned(minor: minor, reason: .units(units)) : .nothing
  }

  private func paid(numbers: [Int], _ base: Base) throws(AmountOutOfRange) -> Earned {
    let paid = numbers.compactMap { number in rates.last { $0.from <= number } }
    var minor = Fraction.zero
    for rate in paid { minor = try minor + (try base.minor(of: rate.credit)) }
    return minor.isPositive ? Earned(minor: minor, reason: .units(Int128(paid.count))) : .nothing
  }
}

// MARK: Units of the local calendar

extension PerUnit {
  /// The numbers of the units that are paid. Units are numbered through, whether they are down or not.
  private func numbers(of unit: CalendarUnit, _ down: Down, _ measured: Measured) -> [Int] {
    guard let first = measured.stretches.first, let end = measured.stretches.end else { return [] }
    let calendar = measured.calendar
    let units: [Interval] =
      switch unit {
      case .localDay: calendar.days.map(\.interval)
      case .workingDay: calendar.days.filter(\.isWorking).map(\.interval)
      case .clockHour: calendar.hours
      }
    let graceBegins = measured.claimedAt ?? first
    let graceEnds = grace.map { PerUnit.end(of: $0, from: graceBegins, calendar) }
    var numbers: [Int] = []
    var number = 0
    for interval in units {
      if grace == nil {
        guard interval.end > first else { continue }
      } else {
        guard interval.start > graceBegins else { continue }
      }
      number += 1
      guard interval.start < end else { break }
      let looked = down == .atEnd ? interval.end : interval.start
      if let graceEnds, looked < graceEnds { continue }
      if isDown(in: interval, down, measured.stretches) { numbers.append(number) }
    }
    return numbers
  }

  private func isDown(in unit: Interval, _ down: Down, _ stretches: CountedStretches) -> Bool {
    switch down {
    case .any: return !stretches.clipped(to: unit).isEmpty
    case .atEnd: return stretches.stretches.contains { $0.interval.contains(unit.end) }
    case .longerThan(let limit): return stretches.clipped(to: unit).elapsed > limit
    }
  }

  /// The midnight that ends the last day of a grace.
  private static func end(
    of grace: Grace, from begin: Instant, _ calendar: LocalCalendar
  ) -> Instant {
    let later = calendar.days.filter { $0.interval.start > begin }
    let own = calendar.days.first { $0.interval.contains(begin) }
    let ends: Instant? =
      switch grace {
      case .calendarDays(let count):
        count == 0 ? own?.interval.end : later.dropFirst(count - 1).first?.interval.end
      case .workingDays(let count):
        count == 0
          ? own?.interval.end : later.filter(\.isWorking).dropFirst(count - 1).first?.interval.end
      }
    return ends ?? .distantFuture
  }
}

// MARK: Reading

extension PerUnit {
  private static let graceFields = RuleFields.one(
    "grace",
    of: [
      RuleField("calendar_days", .count(0...366), example: "2"),
      RuleField("working_days", .count(0...366), example: "2"),
    ])

  private static let credit = RuleField("credit", .value, example: "5%")

  private static let rate = RuleFields(
    "an entry of rates",
    [
      RuleField("from", .count(1...1_000_000), isRequired: true, example: "3"),
      RuleField("credit", .value, isRequired: true, example: "5%"),
    ])

  private static let rates = RuleField(
    "rates", .list(rate), example: "[{from: 3, credit: 5%}, {from: 5, credit: 10%}]")

  public static func fields(of measure: Rule.Measure) -> RuleFields {
    let fields: [RuleField]
    if measure == .uptime {
      fields = [
        RuleField("short_of", .percent(most: 100), isRequired: true, example: "99.9%"),
        RuleField("unit", .percent(most: 100), isRequired: true, example: "0.1%"),
        RuleField("counted", .word(["started", "complete"]), isRequired: true, example: "started"),
        RuleField("free", .percent(most: 100), example: "0.1%"),
      ]
    } else {
      let parts = RuleFields.one(
        "counted",
        of: [
          RuleField("fraction_over", .duration, example: "30m"),
          RuleField("down_longer_than", .duration, example: "6h"),
        ])
      let words = ["started", "complete", "any", "down_at_end"]
      fields = [
        RuleField(
          "unit", .either([.length, .word(CalendarUnit.allCases.map(\.rawValue))]),
          isRequired: true, example: "30m"),
        RuleField(
          "counted", .either([.word(words), .map(parts)]), isRequired: true, example: "started"),
        FreeTime.field,
        RuleField("grace", .map(graceFields), example: "{working_days: 2}"),
      ]
    }
    return RuleFields(
      "a rule per_unit of \(measure.rawValue)", fields + [credit, rates],
      exactlyOneOf: [credit.name, rates.name])
  }

  public static func read(
    _ map: RuleMap, of measure: Rule.Measure, under caps: [RuleValue], _ faults: inout [FieldFault]
  ) -> PerUnit? {
    let unit: Unit?
    if let promise = map.percent("short_of") {
      let part: Part = map.word("counted") == "complete" ? .complete : .started
      unit = map.percent("unit").map { .shortOf(promise: promise, unit: $0, part) }
    } else if let length = map.duration("unit") {
      unit = part(of: length, map, &faults).map { .time(length, $0) }
    } else {
      unit = calendarUnit(map, &faults)
    }
    let grace = grace(map, of: measure, &faults)
    let rates = rates(map, &faults)
    guard let unit, !rates.isEmpty else { return nil }
    return PerUnit(unit: unit, rates: rates, free: FreeTime(map), grace: grace)
  }

  /// What a part of a unit of some length counts.
  private static func part(
    of length: Int64, _ map: RuleMap, _ faults: inout [FieldFault]
  ) -> Part? {
    switch map.word("counted") {
    case "started": return .started
    case "complete": return .complete
    default: break
    }
    if let limit = map.map("counted")?.duration("fraction_over") {
      if limit >= length {
        faults.append(
          FieldFault(
            "fractionNeverReached", at: map.place(of: "counted"),
            "fraction_over is \(DurationText.short(limit)), and what is left of a unit is shorter "
              + "than its \(DurationText.short(length))",
            "Write a shorter time, or counted: complete."))
      }
      return .fractionOver(limit)
    }
    if let content = map["counted"] {
      faults.append(
        FieldFault(
          "countedOfCalendar", at: map.place(of: "counted"),
          "counted is \(content.text), and the unit is a length of time",
          "Write started, complete or {fraction_over: 30m}; or a unit of the calendar, as in "
            + "unit: local_day"))
    }
    return nil
  }

  private static func calendarUnit(_ map: RuleMap, _ faults: inout [FieldFault]) -> Unit? {
    guard let unit = map.word("unit").flatMap(CalendarUnit.init) else { return nil }
    if map["free"] != nil {
      faults.append(
        FieldFault(
          "freeOfCalendar", at: map.place(of: "free"),
          "free is given, and \(unit.rawValue) is a unit of the calendar",
          "Remove it; grace leaves out the first days."))
    }
    switch map.word("counted") {
    case "any": return .calendar(unit, .any)
    case "down_at_end": return .calendar(unit, .atEnd)
    default: break
    }
    if let limit = map.map("counted")?.duration("down_longer_than") {
      return .calendar(unit, .longerThan(limit))
    }
    if let content = map["counted"] {
      faults.append(
        FieldFault(
          "countedOfLength", at: map.place(of: "counted"),
          "counted is \(content.text), and \(unit.rawValue) is a unit of the calendar",
          "Write any, down_at_end or {down_longer_than: 6h}; or a length, as in unit: 24h"))
    }
    return nil
  }

  private static func grace(
    _ map: RuleMap, of measure: Rule.Measure, _ faults: inout [FieldFault]
  ) -> Grace? {
    guard let grace = map.map("grace") else { return nil }
    let place = map.place(of: "grace")
    if measure != .outage {
      faults.append(
        FieldFault(
          "graceOfPeriod", at: place,
          "grace is given, and \(measure.rawValue) is of a whole period",
          "Write of: outage, because grace begins with one outage, or remove it."))
    }
    if map.duration("unit") != nil {
      faults.append(
        FieldFault(
          "graceOfLength", at: place, "grace is given, and the unit is a length of time",
          "Write a unit of the calendar, as in unit: local_day, or free: 48h in place of grace."))
    }
    if let days = grace.count("calendar_days") { return .calendarDays(days) }
    return grace.count("working_days").map { .workingDays($0) }
  }

  private static func rates(_ map: RuleMap, _ faults: inout [FieldFault]) -> [Rate] {
    if let credit = map.value("credit") { return [Rate(from: 1, credit: credit)] }
    var rates: [Rate] = []
    for entry in map.list("rates") ?? [] {
      guard let from = entry.count("from"), let credit = entry.value("credit") else { continue }
      if let last = rates.last, from <= last.from {
        faults.append(
          FieldFault(
            "ratesNotAscending", at: entry.place,
            "the rate from unit \(from) stands after the one from unit \(last.from)",
            "Put the rates in the order of their units, each unit once."))
        continue
      }
      rates.append(Rate(from: from, credit: credit))
    }
    return rates
  }
}

// MARK: Writing

extension PerUnit {
  public var written: RuleMap {
    var map = RuleMap()
    switch unit {
    case .time(let length, let part):
      map.add("unit", .duration(length))
      map.add("counted", part.written)
    case .shortOf(let promise, let unit, let part):
      map.add("short_of", .percent(promise))
      map.add("unit", .percent(unit))
      map.add("counted", part.written)
    case .calendar(let unit, let down):
      map.add("unit", .word(unit.rawValue))
      map.add("counted", down.written)
    }
    map.add("free", free?.written)
    map.add("grace", grace?.written)
    if rates.count == 1, rates[0].from == 1 {
      map.add("credit", .value(rates[0].credit))
    } else {
      map.add("rates", .list(rates.map(\.written)))
    }
    return map
  }

  /// `each started 30 minutes: 5 %`
  public func words(in rule: Rule) -> String {
    let of = rule.of == .outage ? "" : " of \(rule.subject)"
    let severities = rule.of == .outage ? rule.severities.words : ""
    let what =
      switch unit {
      case .time(let length, .started): "each started \(PerUnit.bare(length))\(of)"
      case .time(let length, .complete): "each complete \(PerUnit.bare(length))\(of)"
      case .time(let length, .fractionOver(let limit)):
        "each \(PerUnit.bare(length))\(of), a rest longer than \(DurationText.words(limit)) as one"
      case .shortOf(let promise, let unit, let part):
        "each \(part == .started ? "started" : "complete") \(unit.decimalText()) % "
          + "that \(rule.subject) is short of \(promise.decimalText()) %"
      case .calendar(let unit, let down): "each \(unit.words) \(down.words)\(of)"
      }
    let beyond = free.map { " beyond \($0.words)" } ?? ""
    let grace = grace.map { " after \($0.words)" } ?? ""
    let base = rule.base.share == .one ? "" : " of \(rule.baseWords)"
    return "\(what)\(severities)\(beyond)\(grace): \(ratesInWords(base))"
  }

  private func ratesInWords(_ base: String) -> String {
    rates.map { rate in
      let isShare = if case .share = rate.credit { true } else { false }
      let credit = rate.credit.words + (isShare ? base : "")
      return rates.count == 1 && rate.from == 1 ? credit : "\(credit) from number \(rate.from) on"
    }.joined(separator: ", ")
  }

  /// `30 minutes`, and `hour` for one hour.
  private static func bare(_ length: Int64) -> String {
    let words = DurationText.words(length)
    let parts = words.split(separator: " ")
    return parts.count == 2 && parts[0] == "1" ? String(parts[1]) : words
  }
}

extension PerUnit.Part {
  fileprivate var written: RuleContent {
    switch self {
    case .started: return .word("started")
    case .complete: return .word("complete")
    case .fractionOver(let limit):
      var map = RuleMap()
      map.add("fraction_over", .duration(limit))
      return .map(map)
    }
  }
}

extension PerUnit.Down {
  fileprivate var written: RuleContent {
    switch self {
    case .any: return .word("any")
    case .atEnd: return .word("down_at_end")
    case .longerThan(let limit):
      var map = RuleMap()
      map.add("down_longer_than", .duration(limit))
      return .map(map)
    }
  }

  fileprivate var words: String {
    switch self {
    case .any: "with an outage"
    case .atEnd: "that ends in an outage"
    case .longerThan(let limit): "down for longer than \(DurationText.words(limit))"
    }
  }
}

extension PerUnit.CalendarUnit {
  fileprivate var words: String {
    switch self {
    case .localDay: "day"
    case .workingDay: "working day"
    case .clockHour: "hour of the clock"
    }
  }
}

extension PerUnit.Grace {
  fileprivate var written: RuleContent {
    var map = RuleMap()
    switch self {
    case .calendarDays(let count): map.add("calendar_days", .count(count))
    case .workingDays(let count): map.add("working_days", .count(count))
    }
    return .map(map)
  }

  fileprivate var words: String {
    switch self {
    case .calendarDays(let count): "\(count) day\(count == 1 ? "" : "s")"
    case .workingDays(let count): "\(count) working day\(count == 1 ? "" : "s")"
    }
  }
}

extension PerUnit.Rate {
  fileprivate var written: RuleMap {
    var map = RuleMap()
    map.add("from", .count(from))
    map.add("credit", .value(credit))
    return map
  }
}
