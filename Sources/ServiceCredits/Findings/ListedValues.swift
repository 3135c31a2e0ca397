/// The values that the data contract lists for a column, and the words that other systems use.
public struct ListedValues: Sendable {
  public let values: [String]
  /// Words of other systems, in lower case, and the listed value that each means.
  private let synonyms: [String: String]

  public init(_ values: [String], synonyms: [String: String] = [:]) {
    self.values = values
    self.synonyms = synonyms
  }

  /// The listed value that `word` most likely stands for: another case or spelling of the value, or
  /// a synonym. Returns `nil` if no value is near enough.
  public func meant(by word: String) -> String? {
    let folded = NearMiss.bare(word)
    return synonyms[folded] ?? NearMiss.nearest(to: word, among: values)
      ?? NearMiss.nearest(to: folded, among: values)
  }

  public static let invoiceStatuses = ListedValues(
    ["draft", "finalized", "void"],
    synonyms: [
      "voided": "void", "cancelled": "void", "canceled": "void", "deleted": "void",
      "annulled": "void", "finalised": "finalized", "final": "finalized", "issued": "finalized",
      "posted": "finalized", "sent": "finalized", "paid": "finalized",
    ])

  public static let incidentStatuses = ListedValues(
    ["open", "resolved", "void"],
    synonyms: [
      "closed": "resolved", "done": "resolved", "fixed": "resolved", "solved": "resolved",
      "completed": "resolved", "voided": "void", "cancelled": "void", "canceled": "void",
      "deleted": "void", "investigating": "open", "identified": "open", "monitoring": "open",
      "active": "open", "reopened": "open",
    ])

  public static let exclusionKinds = ListedValues(
    ExclusionKind.allCases.map(\.rawValue),
    synonyms: [
      "maintenance": "scheduled_maintenance", "planned_maintenance": "scheduled_maintenance",
      "plannedmaintenance": "scheduled_maintenance", "customer": "customer_fault",
      "act_of_god": "force_majeure", "actofgod": "force_majeure",
    ])

  public static let severities = ListedValues(Severity.allCases.map(\.code))
}
