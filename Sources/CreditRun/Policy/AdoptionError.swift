/// Why a policy cannot be adopted, or what is adopted cannot be used.
package enum AdoptionError: Error, Sendable {
  /// A plan of the policy that no term of the source has.
  package struct UnknownPlan: Hashable, Sendable {
    package let plan: String
    /// The version that names it first.
    package let version: String
    package let nearMiss: String?
  }

  /// The row was changed by other hands, or one before it is missing.
  case changed(number: Int64)
  /// The file is missing or has another content than its digest says.
  case fileChanged(number: Int64)
  /// Plans of the policy that no term has, each once; never empty.
  case unknownPlans([UnknownPlan], file: String)
  /// Nothing of the policy begins in what runs have decided.
  case nothingToRestate
  /// The user may not append an adoption.
  case notAllowed(user: String)
  /// A run is active, or another adoption.
  case ledgerIsBusy
  /// Another policy was adopted after this one was looked at.
  case adoptedMeanwhile(number: Int64, by: String)
}

/// A run's policy file is not the one that is adopted.
package struct PolicyNotAdopted: Error, Sendable {
  /// The name of the file.
  package let file: String
  /// The adoption in force.
  package let number: Int64
  package let difference: PolicyDifference
}
