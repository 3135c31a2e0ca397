import CreditLedger
import Postgres
import ServiceCredits

/// What a night is asked to do.
package struct RunOptions: Sendable {
  package var request: ReconciliationRequest
  /// Where the files go; an existing folder.
  package var outputFolder: String
  /// Do everything and roll it back.
  package var isDryRun: Bool
  /// Let the run through past the policy's limits.
  package var approvesLimits: Bool
  /// For how long a server is asked what became of a COMMIT whose answer was lost: longer than it takes to start again.
  package var askingSeconds = 300
  /// Whether to take the database for a distributed one, whatever it is; for tests.
  package var expectsNodes = false
  /// Whether to ask how many customers there are, for who watches the run.
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
