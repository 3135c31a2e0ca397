public import LedgerReports
public import ServiceCredits

/// What a run tells while it goes on.
public enum RunEvent: Sendable {
  /// It holds its locks and its snapshot, and the work begins.
  case began(RunBeginning)
  case stageEnded(name: String, seconds: Double)
  /// The server broke it off in favour of another transaction, and it begins again.
  case beginsAgain(after: any Error)
  /// What became of files of runs before it.
  case earlierFiles(EarlierFilesEvent)
}

/// What a run has found out before its first customer.
public struct RunBeginning: Sendable {
  public let runId: Int64
  public let asOf: Instant
  public let months: ClosedRange<BillingMonth>
  /// Where the database is, without anything secret.
  public let host: String
  public let database: String
  public let user: String
  /// `nil` unless the options ask for it.
  public let customerCount: Int?
}
