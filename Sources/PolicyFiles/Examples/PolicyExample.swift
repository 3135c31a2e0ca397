package import ServiceCredits

/// Whose promise a policy file holds.
package struct Programme: Hashable, Sendable {
  /// Who promises it.
  package let provider: String
  /// What it is called.
  package let name: String
  /// The day as of which the terms were read.
  package let termsAsOf: CalendarDate?
  package let source: String?
  /// What the terms say besides, and the file does not.
  package let leavesOut: [String]
}

/// Outages of one month or quarter, and what they are owed.
package struct PolicyExample: Hashable, Sendable {
  package struct Outage: Hashable, Sendable {
    package let interval: Interval
    package let severity: Severity
    /// How much of the service was out, in millionths: from 1 to 1,000,000.
    package let shareMicros: Int64
    package let claimedAt: Instant?
    /// Outages with one name are one incident; without a name, each is one by itself.
    package let incident: String?
  }

  package let name: String
  /// One month, or the three of a quarter.
  package let months: [BillingMonth]
  package let plan: String?
  /// The customer's zone; `nil` for that of the version.
  package let timeZone: String?
  package let fee: MonthlyFee
  package let outages: [Outage]
  /// Minor units of the fee's currency.
  package let creditMinor: Int64
  package let because: String?
  package let place: TextPlace
}
