import CreditLedger
import LedgerReports
import Postgres
import RedressSQL
import ServiceCredits

extension RunSummary {
  /// Counts the findings that ask for somebody and did not the run before.
  /// - Parameter connection: the findings of this run have been sent through it.
  mutating func findNew(_ connection: borrowing Connection) throws {
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
