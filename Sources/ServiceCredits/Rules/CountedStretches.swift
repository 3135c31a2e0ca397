/// A stretch of time that an incident took from a subscription: within its terms, without exclusions, at the worst
/// severity of its windows. Never empty.
public struct Stretch: Hashable, Sendable {
  public var interval: Interval
  public let severity: Severity
  /// How much of the service was out at P0, P1, P2 and P3, in millionths: the largest share of the windows at exactly that
  /// severity; 0 without one.
  private let shares: InlineFour

  /// - Parameter shareMicros: of the only window, from 1 to 1,000,000 (all of it).
  public init(
    interval: Interval, severity: Severity, shareMicros: Int64 = Outage.wholeShareMicros
  ) {
    var shares = InlineFour()
    shares[Int(severity.rawValue)] = shareMicros
    self.init(interval: interval, severity: severity, shares: shares)
  }

  init(interval: Interval, severity: Severity, shares: InlineFour) {
    self.interval = interval
    self.severity = severity
    self.shares = shares
  }

  /// The largest share at this severity or worse, in millionths.
  func shareMicros(atOrWorseThan mildest: Severity) -> Int64 {
    var largest: Int64 = 0
    for rank in 0...Int(mildest.rawValue) { largest = max(largest, shares[rank]) }
    return largest
  }

  func with(_ interval: Interval) -> Stretch {
    Stretch(interval: interval, severity: severity, shares: shares)
  }

  /// This stretch of time in two incidents: at the worse severity, with the larger shares.
  func joined(_ other: Stretch) -> Stretch {
    var shares = self.shares
    for rank in 0..<4 { shares[rank] = max(shares[rank], other.shares[rank]) }
    return Stretch(interval: interval, severity: min(severity, other.severity), shares: shares)
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
  private(set) var stretches: [Stretch]

  var isEmpty: Bool { stretches.isEmpty }
  var first: Instant? { stretches.first?.interval.start }
  var end: Instant? { stretches.last?.interval.end }

  func clipped(to period: Interval) -> CountedStretches {
    CountedStretches(
      stretches: stretches.compactMap { stretch in
        stretch.interval.intersection(period).map(stretch.with)
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
  /// - Parameter mildest: of the rule; windows that are milder have no say in the share.
  func measured(by count: CountRule, _ mildest: Severity) throws(AmountOutOfRange) -> Fraction {
    let elapsed = self.elapsed
    guard elapsed > 0 else { return .zero }
    var counted = Fraction(whole: elapsed)
    if let whole = count.whole {
      counted = Fraction(
        whole: whole.isAligned ? alignedTime(whole.unit) : elapsed / whole.unit * whole.unit)
    }
    guard count.weighsShare else { return counted }
    var weighted: Int128 = 0
    for stretch in stretches {
      weighted +=
        Int128(stretch.shareMicros(atOrWorseThan: mildest)) * Int128(stretch.interval.microseconds)
    }
    // The whole part times the mean share.
    return try counted
      * (try Fraction(weighted, over: Int128(Outage.wholeShareMicros) * Int128(elapsed)))
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
