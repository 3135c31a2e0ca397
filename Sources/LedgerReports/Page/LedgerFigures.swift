package import CreditLedger
package import Documents
package import ServiceCredits

/// All numbers and texts of a page about a run or a month. A sum never mixes currencies.
package struct LedgerFigures: Sendable {
  package enum Subject: Hashable, Sendable {
    /// The revisions that one run appended.
    case run
    /// What the credits of one billing month are worth now.
    case month(BillingMonth)
  }

  /// A run as its row in the ledger says.
  package struct Run: Sendable {
    package var runId: Int64
    package var asOf: Instant
    package var startedAt: Instant
    package var finishedAt: Instant
    package var months: ClosedRange<BillingMonth>
    package var policyDigest: String
    package var programVersion: String
    package var runBy: String
    package var limitsApproved: Bool
    package var revisions: Int64
    package var invoiceLines: Int64
    package var findings: Int64
    package var customers: Int64
    package var subscriptions: Int64
    /// Monthly fees in force at `asOf`, in micros of the major unit.
    package var feesMicros: [Currency: Int128]
    /// The day on which it was booked.
    package var postedOn: CalendarDate?
    /// The last month that was closed for it.
    package var closedThrough: BillingMonth?
    /// How many of its revisions are of closed months.
    package var lateCorrections: Int64 = 0
    /// What the share of the monthly fees was taken of.
    package var limitFeesMicros: [Currency: Int128]

    package init(
      runId: Int64, asOf: Instant, startedAt: Instant, finishedAt: Instant,
      months: ClosedRange<BillingMonth>, policyDigest: String, programVersion: String,
      runBy: String, limitsApproved: Bool, revisions: Int64, invoiceLines: Int64, findings: Int64,
      customers: Int64, subscriptions: Int64, feesMicros: [Currency: Int128],
      limitFeesMicros: [Currency: Int128]? = nil
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
      self.limitFeesMicros = limitFeesMicros ?? feesMicros
    }
  }

  /// The number of lines and the sum of their amounts.
  package struct Sum: Sendable {
    package var rows: Int64
    /// The amounts added less the amounts taken back.
    package var amountMinor: Int64
    /// The amounts added, without those taken back.
    package var addedMinor: Int64 = 0

    package init(rows: Int64 = 0, amountMinor: Int64 = 0) {
      self.rows = rows
      self.amountMinor = amountMinor
    }

    package mutating func add(_ amountMinor: Int64) {
      rows += 1
      self.amountMinor += amountMinor
      addedMinor += max(0, amountMinor)
    }
  }

  package struct CurrencyTotal: Sendable {
    package let currency: Currency
    package var total = Sum()
    package var customers: Int64 = 0
    /// For a run only: the lines of a month are not revisions.
    package var kinds: [RevisionKind: Sum] = [:]
    /// The sums over the credits that gained in the run and over those that lost, as in
    /// `RunTotals.addNet`. Both are positive.
    package var grantedMinor: Int64 = 0
    package var takenBackMinor: Int64 = 0
    package var bins: [HistogramChart.Bin] = []
    package var placement = PlacementTotals()
    /// For a month only: how many of its credits are worth something, and how much.
    package var entitled = PlacementTotals.Sum()

    package init(_ currency: Currency) {
      self.currency = currency
    }
  }

  /// What credits are grouped by.
  package enum Dimension: Int, CaseIterable, Hashable, Sendable {
    case month, severity, tier, plan, service, customerTier
  }

  package struct Group: Sendable {
    package let label: String
    package let currency: Currency
    package let sum: Sum

    package init(label: String, currency: Currency, sum: Sum) {
      self.label = label
      self.currency = currency
      self.sum = sum
    }
  }

  package struct Incident: Sendable {
    package var incidentId: String
    package var title: String
    package var severity: String
    package var status: String
    /// How the run treated the incident, in words.
    package var treatment: String
    package var windows: [TimelineChart.Bar]
    package var credits: Int64
    /// Ascending by currency code.
    package var cost: [Money]

    package init(
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

  /// One line of the CSV, with the columns that the lists of the page show.
  package struct Line: Sendable {
    package var customerId: String
    package var customerName: String
    package var subscriptionId: String
    package var incidentId: String
    package var month: BillingMonth
    /// Empty if the line has no basis.
    package var plan: String
    /// `nil` where it is no whole number of basis points.
    package var percent: BasisPoints?
    package var percentBeforeCap: BasisPoints?
    package var countedMicroseconds: Int64
    /// The amount in the CSV: the revision's for a run, the entitlement for a month.
    package var amount: Money
    /// The amount of the revision.
    package var changedMinor: Int64
    package var entitledMinor: Int64
    package var placedMinor: Int64
    /// What each invoice carries, in the order in which the credit was put onto them.
    package var invoices: [(id: String, placed: Money)]

    package init(
      customerId: String, customerName: String, subscriptionId: String, incidentId: String,
      month: BillingMonth, plan: String, percent: BasisPoints?, percentBeforeCap: BasisPoints?,
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

  /// Why a line is worth a look.
  package enum Interest: Int, CaseIterable, Hashable, Sendable {
    case largest, capped, decreased, overcredited, open
  }

  /// The sum of all lines of an interest in one currency, and the largest of them.
  package struct Selection: Sendable {
    package let currency: Currency
    package let sum: Sum
    /// The largest first.
    package let lines: [Line]

    package init(currency: Currency, sum: Sum, lines: [Line]) {
      self.currency = currency
      self.sum = sum
      self.lines = lines
    }
  }

  package struct Limit: Sendable {
    package let isGranted: Bool
    /// What the run came to, with what earlier runs of the day came to without an approval.
    package let total: Money
    package let hasEarlier: Bool
    /// What the policy allows, in micros of the major unit.
    package let mostMicros: Int128
    /// `nil` if the limit is an amount and not a share of the monthly fees.
    package let share: BasisPoints?
    /// Whether the share does not look at so small a total.
    package let isBelowFloor: Bool

    package init(
      isGranted: Bool, total: Money, hasEarlier: Bool = false, mostMicros: Int128,
      share: BasisPoints?, isBelowFloor: Bool = false
    ) {
      self.isGranted = isGranted
      self.total = total
      self.hasEarlier = hasEarlier
      self.mostMicros = mostMicros
      self.share = share
      self.isBelowFloor = isBelowFloor
    }

    var isPassed: Bool {
      !isBelowFloor && LedgerPageText.micros(total.amountMinor, total.currency) > mostMicros
    }
  }

  /// A run that was held: nothing of it is in the ledger.
  package struct Held: Sendable {
    /// In hexadecimal digits.
    package let digest: String
    package let files: FileNames

    package init(digest: String, files: FileNames) {
      self.digest = digest
      self.files = files
    }
  }

  package struct FindingGroup: Sendable {
    package let code: String
    package let findings: Int64
    /// Those among them that somebody has accepted.
    package let accepted: Int64
    package let before: Int64
    package let new: Int64
    package let gone: Int64

    package init(
      code: String, findings: Int64, accepted: Int64, before: Int64, new: Int64, gone: Int64
    ) {
      self.code = code
      self.findings = findings
      self.accepted = accepted
      self.before = before
      self.new = new
      self.gone = gone
    }
  }

  /// What lines of a run, or of a month, come to on one invoice, or on all invoices of a currency.
  package struct OnInvoices: Sendable {
    package let currency: Currency
    /// `nil` for all invoices.
    package let invoiceId: String?
    package let invoices: Int64
    package let rows: Int64
    /// What they put on it, in minor units; negative where they take more back.
    package let placedMinor: Int128

    package init(
      currency: Currency, invoiceId: String?, invoices: Int64, rows: Int64, placedMinor: Int128
    ) {
      self.currency = currency
      self.invoiceId = invoiceId
      self.invoices = invoices
      self.rows = rows
      self.placedMinor = placedMinor
    }
  }

  package struct RunOfMonth: Sendable {
    package let runId: Int64
    package let asOf: Instant
    package let currency: Currency
    package let sum: Sum

    package init(runId: Int64, asOf: Instant, currency: Currency, sum: Sum) {
      self.runId = runId
      self.asOf = asOf
      self.currency = currency
      self.sum = sum
    }
  }

  package struct Decreases: Sendable {
    package let reason: String
    package let currency: Currency
    package let sum: Sum

    package init(reason: String, currency: Currency, sum: Sum) {
      self.reason = reason
      self.currency = currency
      self.sum = sum
    }
  }

  /// A sum that PostgreSQL worked out.
  package struct LedgerAmount: Sendable {
    /// 0 for the run, 1 for the one before, 2 for all earlier ones.
    package let runsAgo: Int
    package let currency: Currency
    package let kind: RevisionKind
    package let sum: Sum

    package init(runsAgo: Int, currency: Currency, kind: RevisionKind, sum: Sum) {
      self.runsAgo = runsAgo
      self.currency = currency
      self.kind = kind
      self.sum = sum
    }
  }

  package let subject: Subject
  /// The run. For a month: the newest run that reconciled it, if there is one.
  package var run: Run?
  /// The run before `run`.
  package var previous: Run?
  package var lines: Int64 = 0
  package var customers: Int64 = 0
  /// Ascending by currency code.
  package var currencies: [CurrencyTotal] = []
  package var groups: [Dimension: [Group]] = [:]
  package var incidents: [Incident] = []
  /// The time that the timeline shows.
  package var span: Interval?
  package var selections: [Interest: [Selection]] = [:]
  package var limits: [Limit] = []
  /// `nil` for a run that was committed.
  package var held: Held?
  /// `nil` where nobody had to let the run through.
  package var approval: RecordedApproval?
  /// The name of the policy version with these limits; `nil` if no limits were read.
  package var limitsVersion: String?
  package var findings: [FindingGroup] = []
  /// The first findings of each code, with cells in the order of `FindingText.columns`.
  package var findingExamples: [[String]] = []
  package var decreases: [Decreases] = []
  package var ledgerAmounts: [LedgerAmount] = []
  package var runsOfMonth: [RunOfMonth] = []
  /// By currency, the largest first.
  package var invoices: [OnInvoices] = []
  /// One of each currency.
  package var invoiceSums: [OnInvoices] = []
  /// How many lines the file of invoice lines has.
  package var invoiceLines: Int64 = 0
  /// What the run set off, or what of the month's credits is set off; ascending by currency.
  package var setOffs: [SetOffs] = []
  /// SHA-256 of the CSVs, in hexadecimal digits.
  package var creditsDigest = ""
  package var findingsDigest = ""
  package var invoiceLinesDigest = ""

  package init(_ subject: Subject) {
    self.subject = subject
  }
}
