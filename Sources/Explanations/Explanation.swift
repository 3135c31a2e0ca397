public import ServiceCredits

/// What was or was not credited to one customer, and why: everything that the texts say, as values.
public struct Explanation: Sendable {
  public struct Customer: Sendable {
    public var id: String
    public var name: String
    public var tier: String
    /// In which all times are written.
    public var timeZone: String
    /// Whether the zone is the customer's own and not the policy's.
    public var hasOwnZone: Bool

    public init(id: String, name: String, tier: String, timeZone: String, hasOwnZone: Bool) {
      self.id = id
      self.name = name
      self.tier = tier
      self.timeZone = timeZone
      self.hasOwnZone = hasOwnZone
    }
  }

  public var customer: Customer
  /// Where the policy came from that today's source was judged by: a file's name, or what stands for one.
  public var policyName: String
  public var asOf: Instant
  public var stories: [IncidentExplanation]
  /// What is wrong with rows of this customer.
  public var findings: [Finding]
  /// Whether what is recorded was compared with today's source.
  public var sourceWasRead: Bool

  public init(
    customer: Customer, policyName: String, asOf: Instant, stories: [IncidentExplanation],
    findings: [Finding], sourceWasRead: Bool = true
  ) {
    self.sourceWasRead = sourceWasRead
    self.customer = customer
    self.policyName = policyName
    self.asOf = asOf
    self.stories = stories
    self.findings = findings
  }
}

/// One incident for one subscription.
public struct IncidentExplanation: Sendable {
  public struct Incident: Sendable {
    public var id: String
    /// Empty where nobody knows it any more.
    public var title: String
    public var rootCause: String?

    public init(id: String, title: String, rootCause: String?) {
      self.id = id
      self.title = title
      self.rootCause = rootCause
    }
  }

  public var incident: Incident
  public var subscriptionId: String
  /// What is recorded, or decided where nothing is.
  public var verdict: Verdict
  /// What the account is taken from.
  public var basis: Basis
  /// The way from the windows to the amount; `nil` where nothing could be calculated.
  public var account: Account?
  /// Windows of an incident that is not calculated.
  public var windows: [Window]
  public var ledger: [LedgerKey]
  public var today: Today?

  public enum Basis: Sendable {
    /// The evidence that the run with the newest revision froze.
    case frozen(runId: Int64, asOf: Instant)
    /// The source as it is now.
    case source(asOf: Instant)
    /// The revision alone: the frozen evidence cannot be read.
    case revisionOnly(runId: Int64, asOf: Instant)
  }

  /// What today's source and policy would come to, beside what is recorded.
  public enum Today: Sendable {
    case same
    case other(Verdict, changes: [ExplanationChange])
    /// What is recorded stands until the incident or the subscription is sound and resolved.
    case held(Verdict, changes: [ExplanationChange])
  }

  public init(
    incident: Incident, subscriptionId: String, verdict: Verdict, basis: Basis, account: Account?,
    windows: [Window], ledger: [LedgerKey], today: Today?
  ) {
    self.incident = incident
    self.subscriptionId = subscriptionId
    self.verdict = verdict
    self.basis = basis
    self.account = account
    self.windows = windows
    self.ledger = ledger
    self.today = today
  }
}

extension IncidentExplanation {
  /// The answer in one case.
  public enum Verdict: Sendable, Equatable {
    case credited(Money, month: BillingMonth)
    case notCredited(Reason)

    public enum Reason: Sendable, Equatable {
      case open
      case noOutageScope
      case void
      case parked([Finding])
      case subscriptionParked([Finding])
      case subscriptionMissing
      case incidentMissing
      /// The incident's windows are not of a service or customer of the subscription.
      case notAffected
      case notSubscribedThen
      /// The subscription was another customer's when it began to count.
      case otherCustomer
      case excluded([String])
      case countedUnder([String])
      /// What was left was milder than any tier.
      case mildSeverity(Severity)
      case belowEveryTier(nearest: CreditTier?, countedMicroseconds: Int64)
      case capped(cap: BasisPoints)
      case belowMinimum(exact: String, minimum: Money)
      case roundedToZero(exact: String)
      case amountOutOfRange
      /// The ledger says no more than that.
      case notEarned
    }
  }

  /// An outage window that applies to the subscription.
  public struct Window: Sendable, Equatable {
    public var severity: String
    /// `nil` for every service.
    public var serviceName: String?
    /// Whether it is this customer's alone.
    public var isOwn: Bool
    public var start: Instant?
    public var end: Instant?

    public init(
      severity: String, serviceName: String?, isOwn: Bool, start: Instant?, end: Instant?
    ) {
      self.severity = severity
      self.serviceName = serviceName
      self.isOwn = isOwn
      self.start = start
      self.end = end
    }
  }

  public struct Excluded: Sendable {
    public var id: String
    public var kind: ExclusionKind
    public var interval: Interval
    public var isHonoured: Bool
    /// From announcement to beginning; `nil` where it was not announced.
    public var noticeMicroseconds: Int64?
    /// What the policy asks for; `nil` where nothing, or where it does not exclude the kind at all.
    public var neededNoticeMicroseconds: Int64?
    public var policyExcludesKind: Bool

    public init(
      id: String, kind: ExclusionKind, interval: Interval, isHonoured: Bool,
      noticeMicroseconds: Int64?, neededNoticeMicroseconds: Int64?, policyExcludesKind: Bool
    ) {
      self.id = id
      self.kind = kind
      self.interval = interval
      self.isHonoured = isHonoured
      self.noticeMicroseconds = noticeMicroseconds
      self.neededNoticeMicroseconds = neededNoticeMicroseconds
      self.policyExcludesKind = policyExcludesKind
    }
  }

  /// A stretch that is left after clipping and exclusions.
  public struct Share: Sendable {
    public var interval: Interval
    public var severity: Severity
    public var owner: Owner
    public var isCreditable: Bool

    /// What a stretch counts under.
    public enum Owner: Sendable {
      case itself
      case incident(Incident)
      /// An incident that touched only another customer who had the subscription: that customer's business.
      case otherCustomer
    }

    public init(interval: Interval, severity: Severity, owner: Owner, isCreditable: Bool) {
      self.interval = interval
      self.severity = severity
      self.owner = owner
      self.isCreditable = isCreditable
    }

    public var isCounted: Bool {
      if case .itself = owner { isCreditable } else { false }
    }
  }

  public struct TierTest: Sendable {
    public var tier: CreditTier
    public var countedMicroseconds: Int64
    public var isBest: Bool

    public init(tier: CreditTier, countedMicroseconds: Int64, isBest: Bool) {
      self.tier = tier
      self.countedMicroseconds = countedMicroseconds
      self.isBest = isBest
    }

    public var isMet: Bool { countedMicroseconds > tier.longerThanMicroseconds }
  }

  /// What of a month's cap was used before this incident.
  public struct CapUse: Sendable {
    public enum By: Hashable, Sendable {
      case incident(id: String)
      /// Credits of incidents that are held.
      case heldIncidents
      /// What came before while the subscription has been another customer's too. How much is not told.
      case otherCustomer
    }

    public var by: By
    /// `nil` where a part of it is another customer's.
    public var percent: BasisPoints?

    public init(by: By, percent: BasisPoints?) {
      self.by = by
      self.percent = percent
    }
  }

  /// What followed from the counted time.
  public struct Decision: Sendable {
    public var tiers: [TierTest]
    public var serviceName: String
    public var plan: String
    public var planHasOwnTerms: Bool
    public var fee: MonthlyFee
    /// Of the term that gave plan and fee; `nil` at an end where it had none or where it is not known.
    public var termStart: Instant?
    public var termEnd: Instant?
    public var first: Instant
    public var month: BillingMonth
    public var timeZone: String
    public var policyVersion: String
    public var effectiveFrom: CalendarDate
    public var beforeCap: BasisPoints
    public var granted: BasisPoints
    public var cap: BasisPoints
    public var capUses: [CapUse]
    public var rounding: RoundingRule
    public var minimumMinor: Int64?
    /// The rounded amount, before the minimum; `nil` where it is out of range.
    public var rounded: Money?

    public init(
      tiers: [TierTest], serviceName: String, plan: String, planHasOwnTerms: Bool,
      fee: MonthlyFee, termStart: Instant?, termEnd: Instant?, first: Instant, month: BillingMonth,
      timeZone: String, policyVersion: String, effectiveFrom: CalendarDate, beforeCap: BasisPoints,
      granted: BasisPoints, cap: BasisPoints, capUses: [CapUse], rounding: RoundingRule,
      minimumMinor: Int64?, rounded: Money?
    ) {
      self.tiers = tiers
      self.serviceName = serviceName
      self.plan = plan
      self.planHasOwnTerms = planHasOwnTerms
      self.fee = fee
      self.termStart = termStart
      self.termEnd = termEnd
      self.first = first
      self.month = month
      self.timeZone = timeZone
      self.policyVersion = policyVersion
      self.effectiveFrom = effectiveFrom
      self.beforeCap = beforeCap
      self.granted = granted
      self.cap = cap
      self.capUses = capUses
      self.rounding = rounding
      self.minimumMinor = minimumMinor
      self.rounded = rounded
    }

    /// Fee times percent, exact, in major units.
    public var exactText: String {
      ExplanationWords.exactProduct(fee, granted)
    }
  }

  /// The way from the windows to the amount.
  public struct Account: Sendable {
    public var windows: [Window]
    public var outsideTerms: [Interval]
    /// When the subscription was another customer's. Its time counts with the rest.
    public var otherCustomers: [Interval]
    public var excluded: [Excluded]
    public var shares: [Share]
    public var decision: Decision?
    /// Whether going the way again from the frozen evidence comes to what is recorded.
    public var agreesWithLedger: Bool

    public init(
      windows: [Window], outsideTerms: [Interval], otherCustomers: [Interval],
      excluded: [Excluded], shares: [Share], decision: Decision?, agreesWithLedger: Bool
    ) {
      self.windows = windows
      self.outsideTerms = outsideTerms
      self.otherCustomers = otherCustomers
      self.excluded = excluded
      self.shares = shares
      self.decision = decision
      self.agreesWithLedger = agreesWithLedger
    }
  }

  /// One revision with what had changed since the one before.
  public struct LedgerRevision: Sendable {
    public var runId: Int64
    public var asOf: Instant
    public var kind: RevisionKind
    public var amount: Money
    public var month: BillingMonth
    public var reason: String?
    public var changes: [ExplanationChange]

    public init(
      runId: Int64, asOf: Instant, kind: RevisionKind, amount: Money, month: BillingMonth,
      reason: String?, changes: [ExplanationChange]
    ) {
      self.runId = runId
      self.asOf = asOf
      self.kind = kind
      self.amount = amount
      self.month = month
      self.reason = reason
      self.changes = changes
    }
  }

  /// What an invoice carries of a key, net.
  public struct InvoicePart: Sendable {
    public var invoiceId: String
    public var amountMinor: Int64
    /// `draft`, `finalized` or `void`; empty where the source was not asked.
    public var status: String
    /// Empty where the source does not know.
    public var issueOn: String

    public init(invoiceId: String, amountMinor: Int64, status: String, issueOn: String) {
      self.invoiceId = invoiceId
      self.amountMinor = amountMinor
      self.status = status
      self.issueOn = issueOn
    }
  }

  /// An invoice from which all that was on it of a key has been given back.
  public struct FormerInvoice: Sendable {
    /// By whom it was given back last.
    public struct GivenBack: Sendable {
      public var runId: Int64
      public var asOf: Instant

      public init(runId: Int64, asOf: Instant) {
        self.runId = runId
        self.asOf = asOf
      }
    }

    /// The invoice, with the most that stood on it.
    public var part: InvoicePart
    /// `nil` where the invoicing system did it itself.
    public var givenBack: GivenBack?

    public init(part: InvoicePart, givenBack: GivenBack?) {
      self.part = part
      self.givenBack = givenBack
    }
  }

  /// A key of the ledger: what is recorded in one currency, and where it is.
  public struct LedgerKey: Sendable {
    public var revisions: [LedgerRevision]
    public var total: Money
    public var month: BillingMonth
    public var invoices: [InvoicePart]
    public var formerInvoices: [FormerInvoice]
    public var openMinor: Int64
    /// Draft invoices of the customer in the currency; `nil` where the source was not asked.
    public var drafts: [InvoicePart]?

    public init(
      revisions: [LedgerRevision], total: Money, month: BillingMonth, invoices: [InvoicePart],
      formerInvoices: [FormerInvoice] = [], openMinor: Int64, drafts: [InvoicePart]?
    ) {
      self.revisions = revisions
      self.total = total
      self.month = month
      self.invoices = invoices
      self.formerInvoices = formerInvoices
      self.openMinor = openMinor
      self.drafts = drafts
    }
  }
}

/// Something that is different between two looks at the source.
public enum ExplanationChange: Sendable, Equatable {
  case treatment(incident: String, from: IncidentTreatment, to: IncidentTreatment)
  case incidentGone(incident: String)
  case windowEnd(incident: String, severity: Severity, from: Instant, to: Instant)
  case windowStart(incident: String, severity: Severity, from: Instant, to: Instant)
  case windowSeverity(incident: String, start: Instant, from: Severity, to: Severity)
  case windowAdded(incident: String, severity: Severity, interval: Interval)
  case windowRemoved(incident: String, severity: Severity, interval: Interval)
  case exclusionAdded(id: String, kind: String, interval: Interval)
  case exclusionRemoved(id: String, kind: String, interval: Interval)
  case exclusionChanged(id: String, kind: String, from: Interval, to: Interval)
  case exclusionAnnounced(id: String, from: Instant?, to: Instant?)
  case fee(from: MonthlyFee, to: MonthlyFee)
  case plan(from: String, to: String)
  case policyVersion(from: String, to: String)
  case month(from: BillingMonth, to: BillingMonth)
  case cap(from: BasisPoints, to: BasisPoints)
}
