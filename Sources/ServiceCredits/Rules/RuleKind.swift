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

/// One way to make money of a measure. A kind is one file, with all that is said of it.
public protocol RuleKind: Hashable, Sendable {
  /// What a policy file calls it.
  static var name: String { get }

  /// What it can be a rule of.
  static var measures: [Rule.Measure] { get }

  /// Its keys, besides those that every rule has.
  static func fields(of measure: Rule.Measure) -> RuleFields

  /// Makes a rule of what was read by `fields(of:)`, and checks it.
  /// - Parameters:
  ///   - caps: the most that holds for it, where a value can be compared with them.
  ///   - faults: what is wrong is added to it.
  /// - Returns: `nil` if a value is missing, or if what is wrong leaves no rule.
  static func read(
    _ map: RuleMap, of measure: Rule.Measure, under caps: [RuleValue], _ faults: inout [FieldFault]
  ) -> Self?

  /// Its keys and values in one fixed order. Reading them gives an equal rule.
  var written: RuleMap { get }

  /// The rule with nothing but what decided.
  func deciding(_ reason: EarnedReason) -> Self

  /// Where it pays more than for this quantity, and what decides then; `nil` where it says nothing of that.
  func next(
    after quantity: Measured.Quantity
  ) throws(AmountOutOfRange) -> (limit: Measured.Quantity, reason: EarnedReason)?

  /// What it pays for what, in words: `uptime below 99.9 %: 10 %`.
  func words(in rule: Rule) -> String

  /// Whether it counts days or hours of the local clock.
  var countsLocalUnits: Bool { get }

  /// Everything that the kind may grant.
  var values: [RuleValue] { get }

  func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned
}

extension RuleKind {
  public var countsLocalUnits: Bool { false }

  public func deciding(_ reason: EarnedReason) -> Self { self }

  public func next(
    after quantity: Measured.Quantity
  ) throws(AmountOutOfRange) -> (limit: Measured.Quantity, reason: EarnedReason)? { nil }
}

/// The kinds of rules that there are, one a line.
public enum RuleKinds {
  public static let all: [any RuleKind.Type] = [
    Steps.self,
    PerUnit.self,
    Multiple.self,
  ]
}
