import Documents
public import ServiceCredits

/// How a run ended.
public enum RunVerdict: Hashable, Sendable {
  case committed
  /// Rolled back on request.
  case dryRun
  /// Past a limit; rolled back.
  case held([LimitExceeded])
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

  public package(set) var verdict = RunVerdict.committed
  public package(set) var ledgerId = ""
  public package(set) var runId: Int64 = 0
  public package(set) var asOf = Instant(microseconds: 0)
  public package(set) var months = BillingMonth(index: 0)...BillingMonth(index: 0)
  public package(set) var customers = 0
  public package(set) var subscriptions = 0
  public package(set) var revisions = 0
  public package(set) var lines = 0
  public package(set) var findings: [FindingCode: Int] = [:]
  /// By currency code.
  public package(set) var currencies: [CurrencyTotal] = []
  /// Paths of the files that were written.
  public package(set) var files: [String] = []
  /// Seconds by stage, in order.
  public package(set) var stages: [(name: String, seconds: Double)] = []

  package init() {}

  public var findingCount: Int { findings.values.reduce(0, +) }
}
