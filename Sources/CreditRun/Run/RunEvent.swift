package import CreditLedger
package import LedgerReports
package import PolicyFiles
package import ServiceCredits

/// Progress of a run.
package enum RunEvent: Sendable {
  /// The run has its locks and its snapshot and begins the work.
  case began(RunBeginning)
  /// Whether the run sees the nodes of a distributed database as of one moment.
  case sees(NodeMoment)
  case stageEnded(name: String, seconds: Double)
  /// The server cancelled the run in favour of another transaction, and it begins again.
  case beginsAgain(after: any Error)
  /// The run begins again with the byte order mark that the CSVs of the approved proposal have.
  case takesMark(ofProposal: [UInt8])
  /// What happened to the files of earlier runs.
  case earlierFiles(EarlierFilesEvent)
  /// One job does everything, because one session reads the whole source: on account of a relation, or, where that is `nil`,
  /// so that all nodes are seen as of one moment.
  case usesOneJob(relation: String?)
}

/// What a run knows before its first customer.
package struct RunBeginning: Sendable {
  package let runId: Int64
  package let asOf: Instant
  package let months: ClosedRange<BillingMonth>
  /// The server's address, without secrets.
  package let host: String
  package let database: String
  package let user: String
  /// `nil` unless the options ask for it.
  package let customerCount: Int?
  package let policy: PolicyDocument
  package let origin: PolicyInForce.Origin
}
