package import ServiceCredits

extension CustomerReconciliation {
  /// What the pass did with one subscription, for an explanation.
  package struct TracedSubscription {
    /// Why nothing was calculated.
    package enum Hold {
      /// A term of its own or the customer's row is bad; the findings say more.
      case parked
      /// The source has no terms of it.
      case missing
    }

    package enum Term {
      /// - Parameter row: position in the customer's records.
      case own(SubscriptionTerm, row: Int)
      /// Under another customer, whose plan and fee are nobody else's business.
      case others(SubscriptionTerm)

      var sound: SubscriptionTerm {
        switch self {
        case .own(let term, _), .others(let term): term
        }
      }
    }

    package var id: [UInt8]
    package var hold: Hold?
    /// Ascending by start.
    package var terms: [Term] = []
    package var heldShares: [HeldShare] = []
    package var traces: [IncidentTrace] = []
    /// What each decision of `traces` is worth, by incident in the order of its decisions; `nil` where the amount is out of
    /// range.
    package var outcomes: [IncidentNumber: [CreditOutcome?]] = [:]

    package var ownTerms: [SubscriptionTerm] { terms.map(\.sound).filter(\.isOwn) }
  }
}
