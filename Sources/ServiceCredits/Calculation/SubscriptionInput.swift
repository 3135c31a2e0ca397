/// The input for one subscription, in addition to what all subscriptions share. A run, a
/// simulation, an explanation and a replay fill it in; the calculator reads it.
public struct SubscriptionInput: Sendable {
  /// Valid terms: each is not empty, they do not overlap, and they are ascending by start.
  public var terms: [SubscriptionTerm] = []
  /// Windows of single customers who have any of `terms`.
  public var outages: [Outage] = []
  /// Exclusions of single customers who have any of `terms`.
  public var exclusions: [Exclusion] = []
  /// What is recorded for held incidents, by month.
  public var heldShares: [HeldShare] = []
  /// The customer's first claim for each incident, and for each month.
  public var claims: [CustomerClaim] = []

  public init() {}

  public init(
    terms: [SubscriptionTerm], outages: [Outage] = [], exclusions: [Exclusion] = [],
    heldShares: [HeldShare] = [], claims: [CustomerClaim] = []
  ) {
    self.terms = terms
    self.outages = outages
    self.exclusions = exclusions
    self.heldShares = heldShares
    self.claims = claims
  }

  /// Empties the lists and keeps their memory for the next subscription.
  public mutating func removeAll() {
    terms.removeAll(keepingCapacity: true)
    outages.removeAll(keepingCapacity: true)
    exclusions.removeAll(keepingCapacity: true)
    heldShares.removeAll(keepingCapacity: true)
    claims.removeAll(keepingCapacity: true)
  }
}

/// A customer's wish for a credit.
/// - Source: policy language, section 6.
public struct CustomerClaim: Hashable, Sendable {
  /// `nil` for a whole month.
  public let incident: IncidentNumber?
  /// Of a claim for a month.
  public let month: BillingMonth?
  public let at: Instant

  public init(incident: IncidentNumber?, month: BillingMonth?, at: Instant) {
    self.incident = incident
    self.month = month
    self.at = at
  }
}
