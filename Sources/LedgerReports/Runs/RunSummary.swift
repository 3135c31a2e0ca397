import Documents
package import ServiceCredits

/// How a run ended.
package enum RunVerdict: Hashable, Sendable {
  case committed
  /// Rolled back on request.
  case dryRun
  /// Rolled back because limits were exceeded, or because an approved run came to something else than the proposal.
  case held([LimitExceeded])
}

/// What a run did.
package struct RunSummary: Sendable {
  /// A number for each kind of revision. Stored properties are faster than a dictionary, and every
  /// revision adds to them.
  package struct ByKind<Number: FixedWidthInteger & Sendable>: Sendable {
    private var grants: Number = 0
    private var increases: Number = 0
    private var decreases: Number = 0

    package init() {}

    package subscript(_ kind: RevisionKind) -> Number {
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

    package var areAllZero: Bool { grants == 0 && increases == 0 && decreases == 0 }

    mutating func add(_ other: ByKind) {
      grants += other.grants
      increases += other.increases
      decreases += other.decreases
    }
  }

  package struct CurrencyTotal: Sendable {
    package let currency: Currency
    package var rows = ByKind<Int64>()
    /// The sum of many credits or terms may exceed 64 bits although each of them fits.
    package var amountMinor = ByKind<Int128>()
    /// Of these, the late corrections to closed months.
    package var lateRows = ByKind<Int64>()
    package var lateMinor = ByKind<Int128>()
    /// Which invoices carry the credits that the run changed.
    package var placement = PlacementTotals()
    /// Sum over what gained in `RunTotals.addNet`, in minor units.
    package var grantedMinor: Int128 = 0
    /// Sum over what lost, in minor units, positive.
    package var takenBackMinor: Int128 = 0
    /// What credits lost in one month and gained in another, in minor units: neither granted nor taken back.
    package var movedMinor: Int128 {
      amountMinor[.grant] + amountMinor[.increase] - grantedMinor
    }
    /// What was overcredited and is set off against other credits: how many credits gave back, and what.
    package var setOff = PlacementTotals.Sum()
    package var setOffMinor: Int128 { setOff.amountMinor }
    /// What was set off before and is not any more, because its reason has gone.
    package var setOffUndone = PlacementTotals.Sum()
    package var setOffUndoneMinor: Int128 { setOffUndone.amountMinor }
    /// The sum over the terms in force at the as-of instant, in micros of the major unit.
    package var monthlyFeesMicros: Int128 = 0
    /// The same at the beginning of each month of the window. A search of a few is faster than a dictionary.
    package private(set) var beginningFees: [(month: BillingMonth, micros: Int128)] = []
    /// The earliest month in which a credit changed.
    package var earliestChange: BillingMonth?
    /// What the ledger has recorded as `limitFeesMicros`; `nil` where it is to be worked out.
    package var recordedLimitFeesMicros: Int128?

    /// What the share of the monthly fees is taken of: the larger of the fees in force at the as-of instant and at the
    /// beginning of the earliest month with a changed credit. For a month before the window, the window's first counts.
    /// - Source: credit rules, section 10.
    package var limitFeesMicros: Int128 {
      if let recordedLimitFeesMicros { return recordedLimitFeesMicros }
      guard let earliestChange else { return monthlyFeesMicros }
      guard let first = beginningFees.map(\.month).min() else { return monthlyFeesMicros }
      let beginning = beginningFees.first { $0.month == max(first, earliestChange) }
      return max(monthlyFeesMicros, beginning?.micros ?? 0)
    }

    /// Whether the run changed nothing in this currency.
    package var isUnchanged: Bool {
      rows.areAllZero && setOff.rows == 0 && setOffUndone.rows == 0
    }

    mutating func addFees(_ micros: Int128, atBeginningOf month: BillingMonth) {
      if let known = beginningFees.firstIndex(where: { $0.month == month }) {
        beginningFees[known].micros += micros
      } else {
        beginningFees.append((month, micros))
      }
    }

    mutating func addChange(in month: BillingMonth) {
      earliestChange = min(earliestChange ?? month, month)
    }

    /// Adds another total of the same currency.
    mutating func add(_ other: CurrencyTotal) {
      rows.add(other.rows)
      amountMinor.add(other.amountMinor)
      lateRows.add(other.lateRows)
      lateMinor.add(other.lateMinor)
      placement.add(other.placement)
      grantedMinor += other.grantedMinor
      takenBackMinor += other.takenBackMinor
      setOff.add(other.setOff)
      setOffUndone.add(other.setOffUndone)
      monthlyFeesMicros += other.monthlyFeesMicros
      for (month, micros) in other.beginningFees { addFees(micros, atBeginningOf: month) }
      if let change = other.earliestChange { addChange(in: change) }
    }
  }

  package var verdict = RunVerdict.committed
  /// Whether nothing was to be committed, and no proposal recorded.
  package var isDryRun = false
  /// SHA-256 of what it came to, of a run that was not committed.
  package var proposal: [UInt8]?
  /// How it differs from the proposal that was approved; `nil` where none was, or where it is the same.
  package var difference: ProposalDifference?
  package var ledgerId = ""
  package var runId: Int64 = 0
  package var asOf = Instant(microseconds: 0)
  package var months = BillingMonth(index: 0)...BillingMonth(index: 0)
  /// The day on which its revisions and lines are posted.
  package var postedOn = CalendarDate(daysSinceUnixEpoch: 0)
  /// What was closed for it.
  package var closed = ClosedMonths.none
  package var customers = 0
  package var subscriptions = 0
  package var revisions = 0
  package var lines = 0
  package var findings: [FindingCode: Int] = [:]
  /// Those among them that somebody has accepted.
  package var acceptedFindings: [FindingCode: Int] = [:]
  /// Those among them that ask for somebody and did not the run before.
  package var newFindings: [FindingCode: Int] = [:]
  /// Ascending by currency code.
  package var currencies: [CurrencyTotal] = []
  /// Paths of the files that were written.
  package var files: [String] = []
  /// Seconds of each stage, in order.
  package var stages: [(name: String, seconds: Double)] = []

  package init() {}

  /// The proposal's digest as files and people name it.
  package var proposalName: String { proposal.map { ProposalName.short($0) } ?? "" }

  package var findingCount: Int { findings.values.reduce(0, +) }
  package var acceptedFindingCount: Int { acceptedFindings.values.reduce(0, +) }
  package var newFindingCount: Int { newFindings.values.reduce(0, +) }
  /// Those that ask for somebody.
  package var openFindingCount: Int { findingCount - acceptedFindingCount }
}

extension RunSummary {
  /// What the run grants and takes back, by currency, in major units:
  /// `{"USD":{"granted":"120.00","taken_back":"0.00"}}`.
  package var amountsJSON: String {
    let moved = currencies.filter { $0.grantedMinor != 0 || $0.takenBackMinor != 0 }
    let members = moved.map { total in
      let granted = MoneyTotal(totalMinor: total.grantedMinor, currency: total.currency)
      let takenBack = MoneyTotal(totalMinor: total.takenBackMinor, currency: total.currency)
      return "\"\(total.currency.code)\":{\"granted\":\"\(granted.decimalText)\","
        + "\"taken_back\":\"\(takenBack.decimalText)\"}"
    }
    return "{\(members.joined(separator: ","))}"
  }
}
