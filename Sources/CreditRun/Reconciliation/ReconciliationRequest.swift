public import PolicyFiles
public import Postgres
public import ServiceCredits

/// What is reconciled, by which policy and for when, whatever becomes of the result.
public struct ReconciliationRequest: Sendable {
  public var target: ConnectionTarget
  public var policy: PolicyDocument
  /// The instant taken for now; `nil` for the server's clock.
  public var asOf: Instant?
  /// The last billing month to reconcile; `nil` for the month of `asOf` in the policy's time zone.
  public var lastMonth: BillingMonth?
  /// How many months to reconcile, at least 1.
  public var months: Int

  public init(
    target: ConnectionTarget, policy: PolicyDocument, asOf: Instant? = nil,
    lastMonth: BillingMonth? = nil, months: Int = 3
  ) {
    precondition(months >= 1, "at least one month is reconciled")
    self.target = target
    self.policy = policy
    self.asOf = asOf
    self.lastMonth = lastMonth
    self.months = months
  }
}
