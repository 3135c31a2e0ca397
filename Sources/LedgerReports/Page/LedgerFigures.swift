public import Documents
public import ServiceCredits

/// What a page says about a run or a month. Sums never hold more than one currency.
public struct LedgerFigures: Sendable {
  public enum Subject: Hashable, Sendable {
    /// What one run appended.
    case run
    /// What the credits of one billing month are worth now.
    case month(BillingMonth)
  }

  /// A run as its own row in the ledger tells it.
  public struct Run: Sendable {
    public var runId: Int64
    public var asOf: Instant
    public var startedAt: Instant
    public var finishedAt: Instant
    public var months: ClosedRange<BillingMonth>
    public var policyDigest: String
    public var programVersion: String
    public var runBy: String
    public var limitsApproved: Bool
    public var revisions: Int64
    public var invoiceLines: Int64
    public var findings: Int64
    public var customers: Int64
    public var subscriptions: Int64
    /// Monthly fees in force at `asOf`, in micros of the major unit.
    public var feesMicros: [Currency: Int128]

    public init(
      runId: Int64, asOf: Instant, startedAt: Instant, finishedAt: Instant,
      months: ClosedRange<BillingMonth>, policyDigest: String, programVersion: String,
      runBy: String, limitsApproved: Bool, revisions: Int64, invoiceLines: Int64, findings: Int64,
      customers: Int64, subscriptions: Int64, feesMicros: [Currency: Int128]
    ) {
      self.runId = runId
      self.asOf = asOf
      self.startedAt = startedAt
      self.finishedAt = finishedAt
      self.months = months
      self.policyDigest = policyDigest
      self.programVersion = programVersion
      self.runBy = runBy
      self.limitsApproved = limitsApproved
      self.revisions = revisions
      self.invoiceLines = invoiceLines
      self.findings = findings
      self.customers = customers
      self.subscriptions = subscriptions
      self.feesMicros = feesMicros
    }
  }

  /// A number of lines and what they come to.
  public struct Sum: Sendable {
    public var rows: Int64
    /// What was added less what was taken back.
    public var amountMinor: Int64
    /// Without what was taken back.
    public var addedMinor: Int64 = 0

    public init(rows: Int64 = 0, amountMinor: Int64 = 0) {
      self.rows = rows
      self.amountMinor = amountMinor
    }

    public mutating func add(_ amountMinor: Int64) {
      rows += 1
      self.amountMinor += amountMinor
      addedMinor += max(0, amountMinor)
    }
  }

  public struct CurrencyTotal: Sendable {
    public let currency: Currency
    public var total = Sum()
    public var customers: Int64 = 0
    /// Of a run; empty for a month, whose lines are no revisions.
    public var kinds: [RevisionKind: Sum] = [:]
    /// Over the keys that gained in the run, and over those that lost; positive both.
    public var grantedMinor: Int64 = 0
    public var takenBackMinor: Int64 = 0
    public var bins: [HistogramChart.Bin] = []
    public var placement = PlacementTotals()
    /// Of a month: how many of its credits are worth something, and how much.
    public var entitled = PlacementTotals.Sum()

    public init(_ currency: Currency) {
      self.currency = currency
    }
  }

  /// By what credits are grouped.
  public enum Dimension: Int, CaseIterable, Hashable, Sendable {
    case month, severity, tier, plan, service, customerTier
  }

  public struct Group: Sendable {
    public let label: String
    public let currency: Currency
    public let sum: Sum

    public init(label: String, currency: Currency, sum: Sum) {
      self.label = label
      self.currency = currency
      self.sum = sum
    }
  }

  public struct Incident: Sendable {
    public var incidentId: String
    public var title: String
    public var severity: String
    public var status: String
    /// What the night made of it, in words.
    public var treatment: String
    public var windows: [TimelineChart.Bar]
    public var credits: Int64
    /// By currency, in the order of their codes.
    public var cost: [Money]

    public init(
      incidentId: String, title: String, severity: String, status: String, treatment: String,
      windows: [TimelineChart.Bar], credits: Int64, cost: [Money]
    ) {
      self.incidentId = incidentId
      self.title = title
      self.severity = severity
      self.status = status
      self.treatment = treatment
      self.windows = windows
      self.credits = credits
      self.cost = cost
    }
  }

  /// One line of the CSV, as far as a list of a few shows it.
  public struct Line: Sendable {
    public var customerId: String
    public var customerName: String
    public var subscriptionId: String
    public var incidentId: String
    public var month: BillingMonth
    /// Empty where nothing was left to decide on.
    public var plan: String
    public var percent: BasisPoints
    public var percentBeforeCap: BasisPoints
    public var countedMicroseconds: Int64
    /// Of the line.
    public var amount: Money
    /// What the revision changed.
    public var changedMinor: Int64
    public var entitledMinor: Int64
    public var placedMinor: Int64
    /// What each invoice carries, in the order in which the credit came onto them.
    public var invoices: [(id: String, placed: Money)]

    public init(
      customerId: String, customerName: String, subscriptionId: String, incidentId: String,
      month: BillingMonth, plan: String, percent: BasisPoints, percentBeforeCap: BasisPoints,
      countedMicroseconds: Int64, amount: Money, changedMinor: Int64, entitledMinor: Int64,
      placedMinor: Int64, invoices: [(id: String, placed: Money)]
    ) {
      self.customerId = customerId
      self.customerName = customerName
      self.subscriptionId = subscriptionId
      self.incidentId = incidentId
      self.month = month
      self.plan = plan
      self.percent = percent
      self.percentBeforeCap = percentBeforeCap
      self.countedMicroseconds = countedMicroseconds
      self.amount = amount
      self.changedMinor = changedMinor
      self.entitledMinor = entitledMinor
      self.placedMinor = placedMinor
      self.invoices = invoices
    }
  }

  /// Which lines somebody should look at.
  public enum Interest: Int, CaseIterable, Hashable, Sendable {
    case largest, capped, decreased, overcredited, open
  }

  /// All lines of an interest in one currency, and the largest of them.
  public struct Selection: Sendable {
    public let currency: Currency
    public let sum: Sum
    /// The largest first.
    public let lines: [Line]

    public init(currency: Currency, sum: Sum, lines: [Line]) {
      self.currency = currency
      self.sum = sum
      self.lines = lines
    }
  }

  public struct Limit: Sendable {
    public let isGranted: Bool
    public let total: Money
    /// What the policy allows, in micros of the major unit.
    public let mostMicros: Int128
    /// For a share of the monthly fees.
    public let share: BasisPoints?

    public init(isGranted: Bool, total: Money, mostMicros: Int128, share: BasisPoints?) {
      self.isGranted = isGranted
      self.total = total
      self.mostMicros = mostMicros
      self.share = share
    }
  }

  public struct FindingGroup: Sendable {
    public let code: String
    public let findings: Int64
    public let before: Int64
    public let new: Int64
    public let gone: Int64

    public init(code: String, findings: Int64, before: Int64, new: Int64, gone: Int64) {
      self.code = code
      self.findings = findings
      self.before = before
      self.new = new
      self.gone = gone
    }
  }

  public struct RunOfMonth: Sendable {
    public let runId: Int64
    public let asOf: Instant
    public let currency: Currency
    public let sum: Sum

    public init(runId: Int64, asOf: Instant, currency: Currency, sum: Sum) {
      self.runId = runId
      self.asOf = asOf
      self.currency = currency
      self.sum = sum
    }
  }

  public struct Decreases: Sendable {
    public let reason: String
    public let currency: Currency
    public let sum: Sum

    public init(reason: String, currency: Currency, sum: Sum) {
      self.reason = reason
      self.currency = currency
      self.sum = sum
    }
  }

  /// What PostgreSQL added up by itself.
  public struct LedgerAmount: Sendable {
    /// 0 for the run, 1 for the one before, 2 for all earlier ones.
    public let runsAgo: Int
    public let currency: Currency
    public let kind: RevisionKind
    public let sum: Sum

    public init(runsAgo: Int, currency: Currency, kind: RevisionKind, sum: Sum) {
      self.runsAgo = runsAgo
      self.currency = currency
      self.kind = kind
      self.sum = sum
    }
  }

  public let subject: Subject
  /// The run; for a month the newest that reconciled it, where there is one.
  public var run: Run?
  /// The one before `run`.
  public var previous: Run?
  public var lines: Int64 = 0
  public var customers: Int64 = 0
  /// In the order of their codes.
  public var currencies: [CurrencyTotal] = []
  public var groups: [Dimension: [Group]] = [:]
  public var incidents: [Incident] = []
  /// What the timeline shows of all of time.
  public var span: Interval?
  public var selections: [Interest: [Selection]] = [:]
  public var limits: [Limit] = []
  /// The policy version whose limits these are; `nil` where the ledger has none in force.
  public var limitsVersion: String?
  public var findings: [FindingGroup] = []
  /// The first of each code, in the order of `FindingText.columns`.
  public var findingExamples: [[String]] = []
  public var decreases: [Decreases] = []
  public var ledgerAmounts: [LedgerAmount] = []
  public var runsOfMonth: [RunOfMonth] = []
  /// SHA-256 of the CSVs, in hexadecimal digits.
  public var creditsDigest = ""
  public var findingsDigest = ""

  public init(_ subject: Subject) {
    self.subject = subject
  }
}
