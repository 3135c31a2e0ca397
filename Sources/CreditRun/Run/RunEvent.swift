package import LedgerReports
package import ServiceCredits

/// What a run tells while it goes on.
package enum RunEvent: Sendable {
  /// It holds its locks and its snapshot, and the work begins.
  case began(RunBeginning)
  case stageEnded(name: String, seconds: Double)
  /// The server broke it off in favour of another transaction, and it begins again.
  case beginsAgain(after: any Error)
  /// What became of files of runs before it.
  case earlierFiles(EarlierFilesEvent)
}

/// What a run has found out before its first customer.
package struct RunBeginning: Sendable {
  package let runId: Int64
  package let asOf: Instant
  package let months: ClosedRange<BillingMonth>
  /// Where the database is, without anything secret.
  package let host: String
  package let database: String
  package let user: String
  /// `nil` unless the options ask for it.
  package let customerCount: Int?
}
