import CreditLedger
import LedgerReports

extension LedgerVerifier {
  /// Checks that each adoption is as it was recorded, and that every run after the first one read
  /// the policy that was in force.
  /// - Parameter files: the digests of the policy files that are there.
  func auditAdoptions(files: Set<[UInt8]>) throws {
    let adoptions = try Adoption.all(reader.connection)
    let newest = runs.last?.runId ?? 0
    for adoption in adoptions {
      let key = "\(adoption.number)"
      if !adoption.isIntact { try add("policy_adoption", key, .contentChanged) }
      if adoption.afterRun > newest {
        try add("policy_adoption", key, .unknownRun(adoption.afterRun))
      }
      if !files.contains(adoption.policyDigest) {
        let digest = LedgerVerifier.hex(adoption.policyDigest)
        try add("policy_adoption", key, .policyFileMissing(digest: digest))
      }
    }
    for run in verifiedRuns {
      guard let inForce = adoptions.last(where: { $0.afterRun < run.runId }),
        inForce.policyDigest != run.policyDigest
      else { continue }
      try add("run", "\(run.runId)", .otherPolicy(adoption: inForce.number))
    }
  }
}
