/// What counts of an outage before it is measured.
/// - Source: policy language, section 1.
public struct CountRule: Hashable, Sendable {
  public struct Whole: Hashable, Sendable {
    /// Microseconds; more than 0.
    public let unit: Int64
    /// Whether the units are those of the clock, and not of elapsed time.
    public let isAligned: Bool

    public init(unit: Int64, isAligned: Bool) {
      self.unit = unit
      self.isAligned = isAligned
    }
  }

  /// Incidents that are not longer do not count at all. Microseconds.
  public var longerThan: Int64?
  /// Incidents that are shorter do not count at all. Microseconds.
  public var atLeast: Int64?
  /// Of each incident only whole units count.
  public var whole: Whole?
  /// Uptime in percent is rounded half up to so many decimals before it is compared.
  public var round: Int?
  /// The length of a month that uptime is a part of, in microseconds; `nil` for the calendar's.
  public var periodLength: Int64?
  /// Whether time counts as much as the share of the service that was out.
  public var weighsShare = false
  /// Whether time before the customer's claim does not count.
  public var isFromClaim = false

  public init() {}

  /// Whether an incident of this length counts.
  func admits(_ microseconds: Int64) -> Bool {
    (longerThan.map { microseconds > $0 } ?? true) && (atLeast.map { microseconds >= $0 } ?? true)
  }
}

/// Which severities a rule takes: this one and worse, and where `notWorseThan` is given no worse than that.
public struct SeverityRange: Hashable, Sendable {
  public var mildest = Severity.p0
  public var notWorseThan: Severity?

  public init() {}

  public func contains(_ severity: Severity) -> Bool {
    severity.isAtLeastAsBad(as: mildest) && (notWorseThan?.isAtLeastAsBad(as: severity) ?? true)
  }
}

/// A stretch of time that an incident took from a subscription: within its terms, without exclusions, at the worst
/// severity of its windows. Never empty.
public struct Stretch: Hashable, Sendable {
  public var interval: Interval
  public let severity: Severity
  /// How much of the service was out, more than 0 and at most 1.
  public let share: Fraction

  public init(interval: Interval, severity: Severity, share: Fraction = .one) {
    self.interval = interval
    self.severity = severity
    self.share = share
  }
}

/// An incident that takes part in a calculation.
public struct MeasuredIncident: Hashable, Sendable {
  public let startedAt: Instant
  /// Its own time, before instants are shared out between incidents; ascending, without overlaps.
  public let stretches: [Stretch]
  /// The customer's first claim for it; `nil` if there is none.
  public let claimedAt: Instant?

  /// - Parameter stretches: not empty.
  public init(startedAt: Instant, stretches: [Stretch], claimedAt: Instant? = nil) {
    precondition(!stretches.isEmpty, "an incident without time is none")
    self.startedAt = startedAt
    self.stretches = stretches
    self.claimedAt = claimedAt
  }
}

/// Time that counts for a rule: the stretches of one incident, ascending.
struct CountedStretches: Sendable {
  var stretches: [Stretch]

  var isEmpty: Bool { stretches.isEmpty }
  var first: Instant? { stretches.first?.interval.start }
  var end: Instant? { stretches.last?.interval.end }

  func clipped(to period: Interval) -> CountedStretches {
    CountedStretches(
      stretches: stretches.compactMap { stretch in
        stretch.interval.intersection(period).map {
          Stretch(interval: $0, severity: stretch.severity, share: stretch.share)
        }
      })
  }

  /// Microseconds, before anything is cut down.
  var elapsed: Int64 { stretches.reduce(0) { $0 + $1.interval.microseconds } }

  /// The unbroken stretches, whatever their severity and share.
  var unbroken: [Interval] {
    var joined: [Interval] = []
    for stretch in stretches {
      if let last = joined.last, last.end == stretch.interval.start {
        joined[joined.count - 1] = Interval(last.start, stretch.interval.end)
      } else {
        joined.append(stretch.interval)
      }
    }
    return joined
  }

  /// What counts of it by the rule, in microseconds.
  func measured(by count: CountRule) throws(AmountOutOfRange) -> Fraction {
    let elapsed = self.elapsed
    guard elapsed > 0 else { return .zero }
    var counted = Fraction(whole: elapsed)
    if let whole = count.whole {
      counted = Fraction(
        whole: whole.isAligned ? alignedTime(whole.unit) : elapsed / whole.unit * whole.unit)
    }
    guard count.weighsShare else { return counted }
    var weighted = Fraction.zero
    for stretch in stretches {
      weighted = try weighted + (try stretch.share * Fraction(whole: stretch.interval.microseconds))
    }
    // The whole part times the mean share.
    return try counted * (try weighted / Fraction(whole: elapsed))
  }

  private func alignedTime(_ unit: Int64) -> Int64 {
    unbroken.reduce(0) { sum, interval in
      let first = -((-interval.start.microseconds).flooredQuotient(by: unit))
      let end = interval.end.microseconds.flooredQuotient(by: unit)
      return sum + max(0, end - first) * unit
    }
  }
}

extension Int64 {
  func flooredQuotient(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
