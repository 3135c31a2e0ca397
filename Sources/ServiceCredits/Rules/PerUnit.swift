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

  public var countsLocalUnits: Bool {
    if case .calendar = unit { true } else { false }
  }

  public var values: [RuleValue] { rates.map(\.credit) }

  public func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned {
    switch (unit, measured.quantity) {
    case (.time(let length, let part), .time(let time)):
      let rest = try FreeTime.left(of: time, after: free, length: base.length)
      return try paid(units: try PerUnit.count(rest, Fraction(whole: length), part), base)
    case (.shortOf(let promise, let percent, let part), .uptime(let uptime)):
      let short = try promise - uptime
      guard short.isPositive else { return .nothing }
      return try paid(units: try PerUnit.count(short, percent, part), base)
    case (.calendar(let unit, let down), .time):
      return try paid(numbers: numbers(of: unit, down, measured), base)
    default:
      return .nothing
    }
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
    var minor = Fraction.zero
    var count: Int128 = 0
    for number in numbers {
      guard let rate = rates.last(where: { $0.from <= number }) else { continue }
      minor = try minor + (try base.minor(of: rate.credit))
      count += 1
    }
    return minor.isPositive ? Earned(minor: minor, reason: .units(count)) : .nothing
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
