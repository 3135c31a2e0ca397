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
  public func shareMicros(atOrWorseThan mildest: Severity) -> Int64 {
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
  private var unbroken: [CountedStretches] {
    var joined: [CountedStretches] = []
    for stretch in stretches {
      if let last = joined.last, last.end == stretch.interval.start {
        joined[joined.count - 1].stretches.append(stretch)
      } else {
        joined.append(CountedStretches(stretches: [stretch]))
      }
    }
    return joined
  }

  func filtered(_ severities: SeverityRange) -> CountedStretches {
    CountedStretches(stretches: stretches.filter { severities.contains($0.severity) })
  }

  /// What counts of it by the rule, in microseconds.
  /// - Parameter mildest: of the rule; windows that are milder have no say in the share.
  func measured(by count: CountRule, _ mildest: Severity) throws(AmountOutOfRange) -> Fraction {
    let elapsed = self.elapsed
    guard elapsed > 0 else { return .zero }
    guard let whole = count.whole else {
      return count.weighsShare
        ? try Fraction(weighted(mildest), over: Int128(Outage.wholeShareMicros))
        : Fraction(whole: elapsed)
    }
    // Units of the clock are those of each unbroken stretch; others are of the incident's time together.
    var sum = Fraction.zero
    for part in whole.isAligned ? unbroken : [self] {
      let elapsed = part.elapsed
      let units = whole.isAligned ? part.alignedTime(whole.unit) : elapsed / whole.unit * whole.unit
      var counted = Fraction(whole: units)
      if count.weighsShare {
        // The whole part times its mean share.
        counted =
          try counted
          * (try Fraction(
            part.weighted(mildest), over: Int128(Outage.wholeShareMicros) * Int128(elapsed)))
      }
      sum = try sum + counted
    }
    return sum
  }

  /// Microseconds times millionths.
  private func weighted(_ mildest: Severity) -> Int128 {
    stretches.reduce(0) { sum, stretch in
      sum + Int128(stretch.shareMicros(atOrWorseThan: mildest))
        * Int128(stretch.interval.microseconds)
    }
  }

  /// Of one unbroken stretch.
  private func alignedTime(_ unit: Int64) -> Int64 {
    guard let start = first, let end else { return 0 }
    let first = -((-start.microseconds).flooredQuotient(by: unit))
    return max(0, end.microseconds.flooredQuotient(by: unit) - first) * unit
  }
}

extension Int64 {
  func flooredQuotient(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
