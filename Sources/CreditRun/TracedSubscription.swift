import ServiceCredits

extension CustomerPass {
  /// What the pass did with one subscription, for an explanation.
  struct TracedSubscription {
    /// Why nothing was calculated.
    enum Hold {
      /// A term of its own or the customer's row is bad; the findings say more.
      case parked
      /// The source has no terms of it.
      case missing
    }

    var id: [UInt8]
    var hold: Hold?
    var terms: [SubscriptionTerm] = []
    /// Position in the customer's records of each of `terms`; -1 for one under another customer.
    var termPositions: [Int32] = []
    var heldShares: [HeldShare] = []
    var traces: [IncidentTrace] = []
    /// What each decision of `traces` is worth; `nil` where the amount is out of range.
    var outcomes: [Int32: CreditOutcome] = [:]
  }
}
