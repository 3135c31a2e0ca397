/// What is measured, before a rule makes money of it.
/// - Source: policy language, section 1.
public struct Measured: Sendable {
  public enum Quantity: Sendable {
    /// Counted time in microseconds, cut down and weighed.
    case time(Fraction)
    /// Percent, from 0 to 100, rounded if the rule says so.
    case uptime(Fraction)
    case number(Int)
  }

  public let quantity: Quantity
  /// The time that counts; of a measure of a period, clipped and each instant once.
  let stretches: CountedStretches
  /// The claim for the outage; `nil` if there is none, or for a measure of a period.
  let claimedAt: Instant?
  let calendar: LocalCalendar
}

/// What a rule grants, exact.
public struct Earned: Sendable {
  /// Minor units.
  let minor: Fraction
  /// Which step or how many units, for people and for the ledger; `nil` if nothing is granted.
  let reason: EarnedReason?

  static let nothing = Earned(minor: .zero, reason: nil)
}

/// The part of a rule that decided.
public enum EarnedReason: Hashable, Sendable {
  /// The position of a step.
  case step(Int)
  /// The number of units.
  case units(Int128)
  case whole
}

/// One way to make money of a measure.
public protocol RuleKind: Hashable, Sendable {
  /// What a policy file calls it.
  static var name: String { get }

  /// Whether it counts days or hours of the local clock.
  var countsLocalUnits: Bool { get }

  /// Everything that the kind may grant.
  var values: [RuleValue] { get }

  func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned
}

extension RuleKind {
  public var countsLocalUnits: Bool { false }
}
