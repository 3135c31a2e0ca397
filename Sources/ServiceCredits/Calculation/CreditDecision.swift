/// Why counted time earned no credit.
public enum NoCreditReason: String, Hashable, Sendable {
  /// No tier is met.
  case belowEveryTier = "below_every_tier"
  /// A tier is met, but the month's cap is used up.
  case capped
  /// Below the policy's smallest credit for the currency, or rounded to zero.
  case belowMinimum = "below_minimum"
  /// What its month owes was owed without it.
  case addsNothing = "adds_nothing"
  /// What is measured over a period is granted once the period is over.
  case periodGoesOn = "period_goes_on"
  /// The policy grants only what is claimed in time, and this was not.
  case notClaimed = "not_claimed"
}

/// What one incident means for one subscription, before money.
public struct CreditDecision: Hashable, Sendable {
  public let counted: CountedTime
  /// Position, in the subscription's terms, of the term in force at the first creditable instant.
  public let term: Int32
  public let month: BillingMonth
  /// Position of the policy version.
  public let version: Int32
  /// What decided.
  public enum Verdict: Hashable, Sendable {
    /// The best tier that is met; `nil` if none is met.
    case tier(CreditTier?)
    case rule(RuleAward)
  }

  public let verdict: Verdict
  /// The part of the percent that the month's cap leaves; zero if nothing is earned, `nil` where it is no whole number of
  /// basis points.
  public internal(set) var granted: BasisPoints?
  /// Where something would be granted if it had been claimed in time.
  public internal(set) var unclaimed: Unclaimed?

  /// `nil` if no tier is met, or a rule decided.
  public var tier: CreditTier? {
    if case .tier(let tier) = verdict { tier } else { nil }
  }

  /// `nil` if tiers decided.
  public var award: RuleAward? {
    if case .rule(let award) = verdict { award } else { nil }
  }

  /// The percent before the cap; `nil` where it is no whole number of basis points.
  public var beforeCap: BasisPoints? {
    switch verdict {
    case .tier(let tier): tier?.credit ?? .zero
    case .rule(let award): award.beforeCap
    }
  }

  /// The severity that decided: that of the tier or rule if one pays, else the worst severity of the
  /// counted time.
  public var severity: Severity {
    switch verdict {
    case .tier(let tier): tier?.severity ?? counted.worstSeverity
    case .rule(let award): award.severity
    }
  }
  public var countedMicroseconds: Int64 { counted.microseconds(atOrWorseThan: severity) }
}

/// An amount that a subscription is entitled to, or the reason why there is none.
public enum CreditOutcome: Hashable, Sendable {
  case notCredited(NoCreditReason)
  case credited(Money)
}

/// What is recorded for a held incident. It is used up of a month's cap, and of what a period owes, before any decision
/// is calculated.
public struct HeldShare: Hashable, Sendable {
  public let month: BillingMonth
  /// Zero where it is no whole number of basis points.
  public let share: BasisPoints
  /// The recorded first instant.
  public let first: Instant?
  public let parts: CreditParts

  public init(
    month: BillingMonth, share: BasisPoints, first: Instant? = nil, parts: CreditParts = .zero
  ) {
    self.month = month
    self.share = share
    self.first = first
    self.parts = parts
  }
}

/// Identifies a decision that the calculator keeps in its cache.
public struct SharedDecision: Hashable, Sendable {
  public let position: Int32
  /// The calculator uses positions again after it has emptied its cache, so each round has a
  /// number.
  public let round: Int32

  @usableFromInline
  init(position: Int32, round: Int32) {
    self.position = position
    self.round = round
  }
}
