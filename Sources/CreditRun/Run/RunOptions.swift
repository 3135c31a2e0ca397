import CreditLedger
import Postgres
import ServiceCredits

/// The options of a run.
package struct RunOptions: Sendable {
  package var request: ReconciliationRequest
  /// The folder for the files; it must exist.
  package var outputFolder: String
  /// Whether to roll everything back at the end.
  package var isDryRun: Bool
  /// Whether to commit a run that exceeds the policy's limits, whatever it comes to.
  package var approvesLimits: Bool
  /// Who says so, and why; the database user is recorded besides.
  package var approvedBy: String?
  package var approvalReason: String?
  /// Commit the run only if it comes to this proposal.
  package var approval: ProposalApproval?
  /// Into how many parts the customers are divided, which are calculated at once.
  package var jobs = 1
  /// How many seconds the server is asked about a COMMIT whose answer was lost. Longer than a
  /// restart takes.
  package var askingSeconds = 300
  /// Whether to take the database for a distributed one, whatever it is; for tests.
  package var expectsNodes = false
  /// Whether the CSVs begin with a byte order mark, for Excel.
  package var byteOrderMark = false
  /// Whether to count the customers first, for a progress display.
  package var countsCustomers: Bool

  package init(
    _ request: ReconciliationRequest, outputFolder: String, isDryRun: Bool = false,
    approvesLimits: Bool = false, countsCustomers: Bool = false
  ) {
    self.request = request
    self.outputFolder = outputFolder
    self.isDryRun = isDryRun
    self.approvesLimits = approvesLimits
    self.countsCustomers = countsCustomers
  }
}
