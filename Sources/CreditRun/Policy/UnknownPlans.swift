import CreditLedger
package import PolicyFiles
package import Postgres
import RedressSQL
import ServiceCredits

/// Looks for plans of a policy that nobody has. Their names are probably misspelt, and then the
/// customers of the plan that was meant get the terms of all others.
package enum UnknownPlans {
  /// - Parameter connection: may read the source.
  /// - Returns: each plan once, in byte order of the names.
  package static func of(
    _ document: PolicyDocument, _ connection: borrowing Connection
  ) throws -> [AdoptionError.UnknownPlan] {
    var versions: [[UInt8]: String] = [:]
    for version in document.policy.versions.reversed() {
      for plan in version.plans.keys { versions[Array(plan.utf8)] = version.name }
    }
    guard !versions.isEmpty else { return [] }
    var sold: [[UInt8]] = []
    try connection.query(RedressSQL.Query.planNames.text) { sold.append($0.array(0) ?? []) }
    let known = Set(sold)
    let names = sold.map { String(decoding: $0, as: UTF8.self) }
    return versions.filter { !known.contains($0.key) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { plan, version in
        let name = String(decoding: plan, as: UTF8.self)
        return AdoptionError.UnknownPlan(
          plan: name, version: version, nearMiss: NearMiss.nearest(to: name, among: names))
      }
  }
}
