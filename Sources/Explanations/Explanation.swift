package import ServiceCredits

/// What was credited to one customer and what was not, and why. Holds all values that the texts
/// show.
package struct Explanation: Sendable {
  package struct Customer: Sendable {
    package var id: String
    package var name: String
    package var tier: String
    /// The time zone in which all times are written.
    package var timeZone: String
    /// Whether the zone is the customer's own. If not, it is the policy's.
    package var hasOwnZone: Bool

    package init(id: String, name: String, tier: String, timeZone: String, hasOwnZone: Bool) {
      self.id = id
      self.name = name
      self.tier = tier
      self.timeZone = timeZone
      self.hasOwnZone = hasOwnZone
    }
  }

  package var customer: Customer
  /// The name of the policy that today's source was judged by: a file's name, or a description.
  package var policyName: String
  package var asOf: Instant
  package var stories: [IncidentExplanation]
  /// The bad rows of this customer.
  package var findings: [Finding]
  /// Whether the ledger was compared with today's source.
  package var sourceWasRead: Bool

  package init(
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
package struct IncidentExplanation: Sendable {
  package struct Incident: Sendable {
    package var id: String
    /// Empty if neither the source nor the evidence has it.
    package var title: String
    package var rootCause: String?

    package init(id: String, title: String, rootCause: String?) {
      self.id = id
      self.title = title
      self.rootCause = rootCause
    }
  }

  package var incident: Incident
  package var subscriptionId: String
  /// The recorded result. If nothing is recorded, the result that today's source leads to.
  package var answer: Answer
  /// Where the account comes from.
  package var basis: Basis
  /// The calculation from the windows to the amount; `nil` if nothing could be calculated.
  package var account: Account?
  /// The windows of an incident that is not calculated.
  package var windows: [Window]
  /// By currency, then in the order of their first runs. A credit that has moved to another month
  /// has a key for each, and one of them at most is worth something.
  package var ledger: [LedgerKey]
  package var today: Today?

  package enum Basis: Sendable {
    /// The evidence that the run of the newest revision froze.
    case frozen(runId: Int64, asOf: Instant)
    /// The source as it is now.
    case source(asOf: Instant)
    /// Only the revision: the frozen evidence cannot be read.
    case revisionOnly(runId: Int64, asOf: Instant)
  }

  /// What today's source and policy would lead to, compared with what is recorded.
  package enum Today: Sendable {
    case same
    case other(Answer, changes: [ExplanationChange])
    /// Nothing can be decided today. What is recorded stays until the rows are sound and the
    /// incident is resolved.
    case held(Answer, changes: [ExplanationChange])
  }

  package init(
    incident: Incident, subscriptionId: String, answer: Answer, basis: Basis, account: Account?,
    windows: [Window], ledger: [LedgerKey], today: Today?
  ) {
    self.incident = incident
    self.subscriptionId = subscriptionId
    self.answer = answer
    self.basis = basis
    self.account = account
    self.windows = windows
    self.ledger = ledger
    self.today = today
  }
}

extension IncidentExplanation {
  /// The result for one incident and subscription.
  package enum Answer: Sendable, Equatable {
    case credited(Money, month: BillingMonth)
    case notCredited(Reason)

    package enum Reason: Sendable, Equatable {
      case open
      case noOutageScope
      case void
      case parked([Finding])
      case subscriptionParked([Finding])
      case subscriptionMissing
      case incidentMissing
      /// No window of the incident applies to a service or customer of the subscription.
      case notAffected
      case notSubscribedThen
      /// The subscription belonged to another customer then, or an incident of that customer took
      /// the time.
      case otherCustomer
      case excluded([String])
      case countedUnder([String])
      /// All counted time was milder than any tier.
      case mildSeverity(Severity)
      case belowEveryTier(nearest: CreditTier?, countedMicroseconds: Int64)
      /// What its month owes was owed without it.
      case addsNothing(BillingMonth)
      /// What is measured over a month or quarter is granted once it is over.
      case periodGoesOn(BillingMonth)
      /// It was not claimed in time.
      /// - Parameters:
      ///   - last: the last instant for a claim.
      ///   - isOver: whether that has passed.
      case notClaimed(last: Instant, isOver: Bool)
      /// No rule pays for the counted time.
      case noRulePays(countedMicroseconds: Int64)
      case capped(cap: BasisPoints)
      case belowMinimum(exact: String, minimum: Money)
      case roundedToZero(exact: String)
      case amountOutOfRange
      /// The ledger does not say why.
      case notEarned
    }
  }

  /// An outage window that applies to the subscription.
  package struct Window: Sendable, Equatable {
    package var severity: String
    /// `nil` if the window is for every service.
    package var serviceName: String?
    /// Whether the window is for this customer only.
    package var isOwn: Bool
    package var start: Instant?
    package var end: Instant?

    package init(
      severity: String, serviceName: String?, isOwn: Bool, start: Instant?, end: Instant?
    ) {
      self.severity = severity
      self.serviceName = serviceName
      self.isOwn = isOwn
      self.start = start
      self.end = end
    }
  }

  package struct Excluded: Sendable {
    package var id: String
    package var kind: ExclusionKind
    package var interval: Interval
    package var isHonoured: Bool
    /// From the announcement to the start; `nil` if it was not announced.
    package var noticeMicroseconds: Int64?
    /// The notice that the policy requires; `nil` if it requires none or does not exclude the kind.
    package var neededNoticeMicroseconds: Int64?
    package var policyExcludesKind: Bool

    package init(
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

  /// A part of the time that is left after clipping and exclusions.
  package struct Share: Sendable {
    package var interval: Interval
    package var severity: Severity
    package var owner: Owner
    package var isCreditable: Bool

    /// The incident that a share counts under.
    package enum Owner: Sendable {
      case itself
      case incident(Incident)
      /// An incident that touched only another customer of the subscription. Its name is not shown.
      case otherCustomer
    }

    package init(interval: Interval, severity: Severity, owner: Owner, isCreditable: Bool) {
      self.interval = interval
      self.severity = severity
      self.owner = owner
      self.isCreditable = isCreditable
    }

    package var isCounted: Bool {
      if case .itself = owner { isCreditable } else { false }
    }
  }

  package struct TierTest: Sendable {
    package var tier: CreditTier
    package var countedMicroseconds: Int64
    package var isBest: Bool

    package init(tier: CreditTier, countedMicroseconds: Int64, isBest: Bool) {
      self.tier = tier
      self.countedMicroseconds = countedMicroseconds
      self.isBest = isBest
    }

    package var isMet: Bool { countedMicroseconds > tier.longerThanMicroseconds }
  }

  /// A part of the month's cap that was used before this incident.
  package struct CapUse: Sendable {
    package enum By: Hashable, Sendable {
      case incident(id: String)
      /// Recorded credits of incidents that are held.
      case heldIncidents
      /// Anything before, if the subscription has also belonged to another customer. The percent is
      /// not shown.
      case otherCustomer
    }

    package var by: By
    /// `nil` if a part of it belongs to another customer.
    package var percent: BasisPoints?

    package init(by: By, percent: BasisPoints?) {
      self.by = by
      self.percent = percent
    }
  }

  /// The calculation from the counted time to the amount.
  package struct Decision: Sendable {
    package var tiers: [TierTest]
    package var serviceName: String
    package var plan: String
    package var planHasOwnTerms: Bool
    package var fee: MonthlyFee
    /// The ends of the term that gave plan and fee; `nil` if an end is open or not known.
    package var termStart: Instant?
    package var termEnd: Instant?
    package var first: Instant
    package var month: BillingMonth
    package var timeZone: String
    package var policyVersion: String
    package var effectiveFrom: CalendarDate
    /// `nil` where it is no whole number of basis points.
    package var beforeCap: BasisPoints?
    package var granted: BasisPoints?
    /// Whether nothing is granted because it was not claimed in time.
    package var isUnclaimed: Bool
    /// Of tiers.
    package var cap: BasisPoints
    package var capUses: [CapUse]
    package var rounding: RoundingRule
    package var minimumMinor: Int64?
    /// The rounded amount, before the minimum is applied; `nil` if it is out of range.
    package var rounded: Money?
    /// `nil` where tiers decided.
    package var rule: RuleAccount?

    package init(
      tiers: [TierTest], serviceName: String, plan: String, planHasOwnTerms: Bool,
      fee: MonthlyFee, termStart: Instant?, termEnd: Instant?, first: Instant, month: BillingMonth,
      timeZone: String, policyVersion: String, effectiveFrom: CalendarDate, beforeCap: BasisPoints?,
      granted: BasisPoints?, isUnclaimed: Bool, cap: BasisPoints, capUses: [CapUse],
      rounding: RoundingRule,
      minimumMinor: Int64?, rounded: Money?, rule: RuleAccount?
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
      self.isUnclaimed = isUnclaimed
      self.cap = cap
      self.capUses = capUses
      self.rounding = rounding
      self.minimumMinor = minimumMinor
      self.rounded = rounded
      self.rule = rule
    }

    /// The fee times the percent without rounding, in major units.
    package var exactText: String {
      granted.map { ExplanationWords.exactProduct(fee, $0) } ?? ""
    }
  }

  /// How rules came to what an incident gets.
  package struct RuleAccount: Sendable {
    /// An incident of the same month or quarter, or the outage alone that is settled by itself.
    package struct Row: Sendable {
      /// `nil` for one that touched only another customer.
      package var incident: String?
      package var countedMicroseconds: Int64
      /// Of a measure of a period: the time down of the incidents so far, and the length of the period.
      package var downtimeMicroseconds: Int64?
      package var periodMicroseconds: Int64?
      /// What pays, in words; `nil` for nothing.
      package var clause: String?
      /// What the incident adds; `nil` where it does not fit.
      package var added: Money?
    }

    /// Every rule of the plan, in words.
    package var promises: [String]
    /// In the order in which they count.
    package var rows: [Row]
    /// Position of the incident itself.
    package var own: Int
    /// What would be paid next, in words; `nil` where nothing more can be.
    package var next: String?
    /// Whether the period is over; what is measured over it is granted then.
    package var isOver: Bool
  }

  /// The calculation from the windows to the amount.
  package struct Account: Sendable {
    package var windows: [Window]
    package var outsideTerms: [Interval]
    /// When the subscription belonged to another customer. That time counts too.
    package var otherCustomers: [Interval]
    package var excluded: [Excluded]
    package var shares: [Share]
    package var decision: Decision?
    /// Whether replaying the frozen evidence gives what is recorded.
    package var agreesWithLedger: Bool

    package init(
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

  /// One revision, and what changed since the revision before it, in whatever month that is.
  package struct LedgerRevision: Sendable {
    package var runId: Int64
    package var asOf: Instant
    package var kind: RevisionKind
    package var amount: Money
    package var month: BillingMonth
    package var reason: String?
    package var changes: [ExplanationChange]

    package init(
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

  /// The net amount that an invoice carries of a key.
  package struct InvoicePart: Sendable {
    package var invoiceId: String
    package var amountMinor: Int64
    /// `draft`, `finalized` or `void`; empty if the source was not read.
    package var status: String
    /// Empty if the source does not say.
    package var issueOn: String

    package init(invoiceId: String, amountMinor: Int64, status: String, issueOn: String) {
      self.invoiceId = invoiceId
      self.amountMinor = amountMinor
      self.status = status
      self.issueOn = issueOn
    }
  }

  /// An invoice that carried credits of a key and has given all of them back.
  package struct FormerInvoice: Sendable {
    /// The run that gave back last.
    package struct GivenBack: Sendable {
      package var runId: Int64
      package var asOf: Instant

      package init(runId: Int64, asOf: Instant) {
        self.runId = runId
        self.asOf = asOf
      }
    }

    /// The invoice, with the largest amount that it carried.
    package var part: InvoicePart
    /// `nil` if the invoicing system gave it back.
    package var givenBack: GivenBack?

    package init(part: InvoicePart, givenBack: GivenBack?) {
      self.part = part
      self.givenBack = givenBack
    }
  }

  /// A key of the ledger: what is recorded in one month and currency, and which invoices carry it.
  package struct LedgerKey: Sendable {
    package var revisions: [LedgerRevision]
    package var total: Money
    package var month: BillingMonth
    package var invoices: [InvoicePart]
    package var formerInvoices: [FormerInvoice]
    package var openMinor: Int64
    /// The customer's draft invoices in the currency; `nil` if the source was not read.
    package var drafts: [InvoicePart]?

    package init(
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

/// A difference between two states of the source.
package enum ExplanationChange: Sendable, Equatable {
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
  case claimAdded(Instant)
  case claimWithdrawn(Instant)
}
