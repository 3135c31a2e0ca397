import CreditLedger
import LedgerReports

/// What people have decided about findings.
extension LedgerVerifier {
  /// Checks that every decision is the one that was noted, and that each run took those that held for it.
  func auditAcceptances() throws {
    let found = try VerifiedAcceptances(reader.connection)
    for decision in found.decisions {
      if !decision.isAsNoted {
        try add("finding_acceptance", "\(decision.number)", .acceptanceChanged)
      }
      if decision.number != decision.expected {
        try add(
          "finding_acceptance", "\(decision.number)",
          .sequence(
            column: "number", found: Int64(decision.number), expected: Int64(decision.expected)))
      }
    }
    for run in found.runs {
      try add(
        "run", "\(run.runId)",
        .count(of: "decisions about findings", recorded: run.seen, found: run.found))
    }
    for finding in found.findings {
      try add(
        "finding", "\(finding.runId) / \(finding.ordinal)",
        .value(
          column: "acceptance", found: LedgerVerifier.acceptance(finding.found),
          expected: LedgerVerifier.acceptance(finding.expected)))
    }
  }

  /// Checks that what was given back of one credit was taken from others of the same customer and currency.
  func auditSetOff() throws {
    for found in try UnevenSetOff.all(reader.connection) {
      try add(
        "invoice_adjustment", "\(found.customer) / run \(found.runId)",
        .setOffDiffers(currency: found.currency, amountMinor: found.amountMinor))
    }
  }

  private static func acceptance(_ number: Int32) -> String { number == 0 ? "null" : "\(number)" }
}
