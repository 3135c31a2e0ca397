package import PolicyFiles
package import Postgres
package import ServiceCredits

/// What is reconciled, by which policy and for when, whatever becomes of the result.
package struct ReconciliationRequest: Sendable {
  package var target: ConnectionTarget
  /// The policy file that the user gave; `nil` for what is in force.
  package var given: PolicyDocument?
  /// The policy to calculate with. Before `resolvePolicy` it is the built-in policy where none was
  /// given.
  package var policy: PolicyDocument
  /// Where the policy comes from; `nil` before `resolvePolicy`.
  package private(set) var inForce: PolicyInForce?
  /// The instant taken for now; `nil` for the server's clock.
  package var asOf: Instant?
  /// The last billing month to reconcile; `nil` for the month of `asOf` in the policy's time zone.
  package var lastMonth: BillingMonth?
  /// How many months to reconcile, at least 1.
  package var months: Int
  /// Whether sound open incidents count as if they ended at the as-of instant: for estimates, of which nothing is recorded.
  package var assumesResolved = false

  package init(
    target: ConnectionTarget, policy: PolicyDocument?, asOf: Instant? = nil,
    lastMonth: BillingMonth? = nil, months: Int = 3
  ) {
    precondition(months >= 1, "at least one month is reconciled")
    self.target = target
    given = policy
    self.policy = policy ?? PolicyFile.builtInDocument
    self.asOf = asOf
    self.lastMonth = lastMonth
    self.months = months
  }

  /// Takes the policy that is in force for a run where the user has given none.
  /// - Throws: `AdoptionError` if what is adopted is not as it was recorded.
  package mutating func resolvePolicy(_ connection: borrowing Connection) throws {
    let inForce = try PolicyInForce.ofRun(given, connection)
    policy = inForce.document
    self.inForce = inForce
  }
}
