/// Claims of customers.
extension FindingWords {
  static let claimOfNothing = FindingWords(
    "The claim names neither an incident nor a month, so it is not applied.",
    "Set redress_source.claim.incident_id, or billing_month to the first day of the month.")

  static func noFirstOfMonth(_ day: String) -> FindingWords {
    FindingWords(
      "The claim is for the month of \(day), which is not the first day of one, so it is not applied.",
      "Set redress_source.claim.billing_month to the first day of the month.")
  }
}
