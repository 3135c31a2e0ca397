package import PolicyFiles
package import Postgres
package import ServiceCredits

/// What is reconciled, by which policy and for when, whatever becomes of the result.
package struct ReconciliationRequest: Sendable {
  package var target: ConnectionTarget
  package var policy: PolicyDocument
  /// The instant taken for now; `nil` for the server's clock.
  package var asOf: Instant?
  /// The last billing month to reconcile; `nil` for the month of `asOf` in the policy's time zone.
  package var lastMonth: BillingMonth?
  /// How many months to reconcile, at least 1.
  package var months: Int
  /// Whether sound open incidents count as if they ended at the as-of instant: for estimates, of which nothing is recorded.
  package var assumesResolved = false

  package init(
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
