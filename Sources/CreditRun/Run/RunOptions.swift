public import CreditReports
public import Postgres
public import ServiceCredits

/// What a night is asked to do.
public struct RunOptions: Sendable {
  public var target: ConnectionTarget
  public var policy: PolicyDocument
  /// The instant taken for now; `nil` for the server's clock.
  public var asOf: Instant?
  /// The last billing month to reconcile; `nil` for the month of `asOf` in the policy's time zone.
  public var lastMonth: BillingMonth?
  /// How many months to reconcile, at least 1.
  public var months: Int
  /// Where the files go; an existing folder.
  public var outputFolder: String
  /// Do everything and roll it back.
  public var isDryRun: Bool
  /// Let the run through past the policy's limits.
  public var approvesLimits: Bool
  /// For how long a server is asked what became of a COMMIT whose answer was lost: longer than it takes to start again.
  public var askingSeconds = 300
  /// Whether to ask how many customers there are, for who watches the run.
  public var countsCustomers: Bool

  public init(
    target: ConnectionTarget, policy: PolicyDocument, asOf: Instant? = nil,
    lastMonth: BillingMonth? = nil, months: Int = 3, outputFolder: String, isDryRun: Bool = false,
    approvesLimits: Bool = false, countsCustomers: Bool = false
  ) {
    precondition(months >= 1, "a run reconciles at least one month")
    self.target = target
    self.policy = policy
    self.asOf = asOf
    self.lastMonth = lastMonth
    self.months = months
    self.outputFolder = outputFolder
    self.isDryRun = isDryRun
    self.approvesLimits = approvesLimits
    self.countsCustomers = countsCustomers
  }
}

/// What a run tells while it goes on.
public enum RunEvent: Sendable {
  /// It holds its locks and its snapshot, and the work begins.
  case began(RunBeginning)
  case stageEnded(name: String, seconds: Double)
  /// The server broke it off in favour of another transaction, and it begins again.
  case beginsAgain(after: any Error)
  /// The files of an earlier run, which was killed after COMMIT, were made from the ledger.
  case finishedFiles(runId: Int64, paths: [String])
  /// The same could not be done.
  case filesStillMissing(runId: Int64, folder: String, any Error)
  /// Hidden files of a run that was never committed are gone.
  case removedUnfinished(runId: Int64)
  /// A hidden file of an earlier run is another user's, or still being written.
  case leftUnfinished(path: String)
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

/// Why a run ended without doing its work.
public enum RunError: Error, Sendable {
  /// Another run holds the lock.
  case anotherRunIsActive
  /// An invoicing transaction kept its lock for longer than a run waits.
  case invoicingIsBusy(waitedSeconds: Int)
  /// The run was told to stop by this signal.
  case interrupted(signal: Int32)
  /// The run is committed, and its files could not be written.
  case committedWithoutFiles(runId: Int64, FileError)
  /// The answer to COMMIT was lost, and so is the way to ask the server for it.
  case commitUnknown(runId: Int64)
  /// The folder has files of runs that this ledger does not have yet: the first of them, and how many.
  case filesOfLaterRuns(runId: Int64, path: String, count: Int)
}

/// Why a report could not be made.
public enum ReportError: Error, Hashable, Sendable {
  /// The newest run's number; 0 where there is none.
  case noSuchRun(runId: Int64, newest: Int64)
  /// The ledger does not hold the frozen evidence of a run any more.
  case evidenceMissing(runId: Int64)
  /// The frozen evidence of a run is not what a run writes.
  case evidenceUnreadable(runId: Int64)
  /// The ledger does not hold the policy file that a run read any more.
  case policyFileMissing(runId: Int64)
  /// The policy file that a run read is none.
  case policyFileUnreadable(runId: Int64)
  /// A part of the workbook was lost on its way to the disk.
  case workbookIncomplete(path: String)
  /// In the folder are files of a run of that number in another ledger.
  case filesOfAnotherLedger(runId: Int64, path: String)
}

/// How a run ended.
public enum RunVerdict: Hashable, Sendable {
  case committed
  /// Rolled back on request.
  case dryRun
  /// Past a limit; rolled back.
  case held([LimitExceeded])
}

/// A limit that a run would have passed.
/// - Source: credit rules, section 10.
public struct LimitExceeded: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The policy's amount for the currency.
    case amount(limitMinor: Int64)
    /// The policy's share of the monthly fees in force, in micros of the major unit.
    case share(BasisPoints, ofFeesMicros: Int128)
  }

  public let isGranted: Bool
  public let total: MoneyTotal
  public let kind: Kind
}

/// What a run did.
public struct RunSummary: Sendable {
  /// A number for each kind of revision. Fields and no dictionary, because they are added to with each revision.
  public struct ByKind<Number: FixedWidthInteger & Sendable>: Sendable {
    private var grants: Number = 0
    private var increases: Number = 0
    private var decreases: Number = 0

    public init() {}

    public subscript(_ kind: RevisionKind) -> Number {
      get {
        switch kind {
        case .grant: grants
        case .increase: increases
        case .decrease: decreases
        }
      }
      set {
        switch kind {
        case .grant: grants = newValue
        case .increase: increases = newValue
        case .decrease: decreases = newValue
        }
      }
    }

    public var areAllZero: Bool { grants == 0 && increases == 0 && decreases == 0 }
  }

  public struct CurrencyTotal: Sendable {
    public let currency: Currency
    public var rows = ByKind<Int64>()
    /// Sums are wide, because those of a million credits or terms need not fit where each one does.
    public var amountMinor = ByKind<Int128>()
    /// Where the credits are that the run changed.
    public var placement = PlacementTotals()
    /// Sum over the keys that gained, in minor units.
    public var grantedMinor: Int128 = 0
    /// Sum over the keys that lost, in minor units, positive.
    public var takenBackMinor: Int128 = 0
    /// Of the terms in force at the as-of instant, in micros of the major unit.
    public var monthlyFeesMicros: Int128 = 0
  }

  public internal(set) var verdict = RunVerdict.committed
  public internal(set) var ledgerId = ""
  public internal(set) var runId: Int64 = 0
  public internal(set) var asOf = Instant(microseconds: 0)
  public internal(set) var months = BillingMonth(index: 0)...BillingMonth(index: 0)
  public internal(set) var customers = 0
  public internal(set) var subscriptions = 0
  public internal(set) var revisions = 0
  public internal(set) var lines = 0
  public internal(set) var findings: [FindingCode: Int] = [:]
  /// By currency code.
  public internal(set) var currencies: [CurrencyTotal] = []
  /// Paths of the files that were written.
  public internal(set) var files: [String] = []
  /// Seconds by stage, in order.
  public internal(set) var stages: [(name: String, seconds: Double)] = []

  public var findingCount: Int { findings.values.reduce(0, +) }
}
