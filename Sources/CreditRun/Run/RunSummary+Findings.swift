import CreditLedger
import LedgerReports
import Postgres
import RedressSQL
import ServiceCredits

extension RunSummary {
  /// Takes over how many findings there are, and counts those that ask for somebody and did not the
  /// run before.
  /// - Parameter connection: the findings of this run have been sent through it.
  mutating func countFindings(_ totals: RunTotals, _ connection: borrowing Connection) throws {
    findings = totals.findings
    acceptedFindings = totals.acceptedFindings
    guard openFindingCount > 0 else { return }
    var new: [FindingCode: Int] = [:]
    try connection.query(RedressSQL.Query.newFindings.text, [.int64(runId)]) { row in
      guard let code = FindingCode(rawValue: try row.string(0)) else {
        preconditionFailure("the code was written by this run")
      }
      new[code] = Int(try row.int64(1))
    }
    newFindings = new
  }
}
