/// What is owed for a period once another of its incidents is taken in.
struct OwedAmount: Sendable {
  /// Position of the incident.
  let incident: Int
  /// Its first instant in the period at a severity that any rule names.
  let first: Instant
  /// What the period owes for this incident and those before it; of an outage that is settled by itself, what it earns.
  /// Exact, under all caps.
  let total: Fraction
  /// The part of `total` that is for single outages.
  let outages: Fraction
  /// The same as `total` before the period's caps.
  let beforeCap: Fraction
  /// What pays: rules by their position in the set, the one that pays most first.
  let winners: [RuleWinner]
  /// Microseconds of all these incidents as the winning measure of the period counts them, or as the first one does where
  /// nothing pays; `nil` where an outage pays.
  let downtime: Fraction?
  /// What counts of the incident's time.
  let counted: CountedStretches
}

/// A rule that pays, and the part of it that decided.
public struct RuleWinner: Hashable, Sendable {
  /// Position in the set.
  public let rule: Int
  public let reason: EarnedReason
}

/// What has been used up of a cap: shares of bases, or money.
struct CapUse: Hashable, Sendable {
  var share = Fraction.zero
  var minor = Fraction.zero
}

extension OwedAmount {
  /// The same where nothing is granted.
  var withoutAmount: OwedAmount {
    OwedAmount(
      incident: incident, first: first, total: .zero, outages: .zero, beforeCap: beforeCap,
      winners: winners, downtime: downtime, counted: counted)
  }

  /// Where what is owed does not fit.
  init(nothingFor incident: Int, first: Instant) {
    self.init(
      incident: incident, first: first, total: .zero, outages: .zero, beforeCap: .zero,
      winners: [], downtime: nil, counted: CountedStretches(stretches: []))
  }
}
