package import ServiceCredits

/// A finding of the newest run, and what has become of it.
package struct OpenFinding: Hashable, Sendable {
  package struct Acceptance: Hashable, Sendable {
    /// The number of the decision.
    package let number: Int32
    package let by: String
    package let at: Instant
    /// The last day as `2026-12-31`; `nil` for no end.
    package let until: String?
    package let reason: String

    package init(number: Int32, by: String, at: Instant, until: String?, reason: String) {
      self.number = number
      self.by = by
      self.at = at
      self.until = until
      self.reason = reason
    }
  }

  package let code: String
  /// The relation that the row is in, without its schema.
  package let relation: String
  package let key: String
  package let problem: String
  package let remedy: String
  /// The first run of the unbroken row of runs that had it.
  package let sinceRun: Int64
  /// As of when that run was.
  package let since: Instant
  /// Whether it asks for somebody and did not the run before.
  package let isNew: Bool
  /// What was decided until now; `nil` where nobody has accepted it.
  package let acceptance: Acceptance?

  package init(
    code: String, relation: String, key: String, problem: String, remedy: String, sinceRun: Int64,
    since: Instant, isNew: Bool, acceptance: Acceptance?
  ) {
    self.code = code
    self.relation = relation
    self.key = key
    self.problem = problem
    self.remedy = remedy
    self.sinceRun = sinceRun
    self.since = since
    self.isNew = isNew
    self.acceptance = acceptance
  }
}

/// Which findings are shown.
package struct FindingFilter: Sendable {
  /// `nil` for every code.
  package var code: FindingCode?
  /// A text in the key, compared byte for byte; `nil` for every key.
  package var key: String?
  package var onlyNew = false
  package var onlyAccepted = false

  package init() {}

  package func shows(_ finding: OpenFinding) -> Bool {
    if let code, finding.code != code.rawValue { return false }
    if let key, !finding.key.utf8.contains(key.utf8) { return false }
    if onlyNew, !finding.isNew || finding.acceptance != nil { return false }
    return !onlyAccepted || finding.acceptance != nil
  }
}

extension String.UTF8View {
  /// Whether the bytes of `other` are anywhere in the text.
  fileprivate func contains(_ other: Self) -> Bool {
    let (bytes, wanted) = (Array(self), Array(other))
    guard wanted.count <= bytes.count else { return false }
    return (0...bytes.count - wanted.count).contains { bytes[$0...].starts(with: wanted) }
  }
}
