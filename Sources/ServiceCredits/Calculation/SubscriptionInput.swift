/// The input for one subscription, in addition to what all subscriptions share. A run, a
/// simulation, an explanation and a replay fill it in; the calculator reads it.
public struct SubscriptionInput: Sendable {
  /// Valid terms: each is not empty, they do not overlap, and they are ascending by start.
  public var terms: [SubscriptionTerm] = []
  /// Windows of single customers who have any of `terms`.
  public var outages: [Outage] = []
  /// Exclusions of single customers who have any of `terms`.
  public var exclusions: [Exclusion] = []
  /// The percent recorded for held incidents, by month.
  public var heldShares: [HeldShare] = []

  public init() {}

  public init(
    terms: [SubscriptionTerm], outages: [Outage] = [], exclusions: [Exclusion] = [],
    heldShares: [HeldShare] = []
  ) {
    self.terms = terms
    self.outages = outages
    self.exclusions = exclusions
    self.heldShares = heldShares
  }

  /// Empties the lists and keeps their memory for the next subscription.
  public mutating func removeAll() {
    terms.removeAll(keepingCapacity: true)
    outages.removeAll(keepingCapacity: true)
    exclusions.removeAll(keepingCapacity: true)
    heldShares.removeAll(keepingCapacity: true)
  }
}
