public import ServiceCredits

extension Stretch {
  /// - Parameter share: with six decimals at most.
  public init(interval: Interval, severity: Severity, share: Fraction) {
    let micros = Int128(Outage.wholeShareMicros) * share.numerator
    precondition(micros % share.denominator == 0, "a share has six decimals")
    self.init(
      interval: interval, severity: severity, shareMicros: Int64(micros / share.denominator))
  }

  public var share: Fraction {
    let micros = Int128(shareMicros(atOrWorseThan: .p3))
    guard let share = try? Fraction(micros, over: Int128(Outage.wholeShareMicros)) else {
      preconditionFailure("small numbers fit")
    }
    return share
  }
}
