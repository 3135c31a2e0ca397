package import CreditLedger
import Documents
package import ServiceCredits

/// A moment at which monthly fees are in force.
package enum FeeMoment: Hashable, Sendable {
  case asOf
  /// Midnight UTC of the month's first day.
  case beginning(of: BillingMonth)
}

/// Adds up what a run does, by currency.
package struct RunTotals {
  package private(set) var currencies: [RunSummary.CurrencyTotal] = []
  package private(set) var findings: [FindingCode: Int] = [:]
  /// Those among them that somebody has accepted.
  package private(set) var acceptedFindings: [FindingCode: Int] = [:]
  package private(set) var findingCount: Int32 = 0

  package init(
    currencies: [RunSummary.CurrencyTotal] = [], findings: [FindingCode: Int] = [:],
    findingCount: Int32 = 0
  ) {
    self.currencies = currencies
    self.findings = findings
    self.findingCount = findingCount
  }

  package mutating func add(_ finding: Finding) { add(finding.code) }

  package mutating func add(_ code: FindingCode, isAccepted: Bool = false) {
    findings[code, default: 0] += 1
    if isAccepted { acceptedFindings[code, default: 0] += 1 }
    findingCount += 1
  }

  /// Adds the amounts of another part of the same run, without its findings.
  package mutating func add(amountsOf other: RunTotals) {
    for total in other.currencies {
      currencies[position(of: total.currency)].add(total)
    }
  }

  /// - Parameter isLate: whether the credit's month is closed.
  package mutating func add(_ kind: RevisionKind, _ amount: Money, isLate: Bool = false) {
    let position = position(of: amount.currency)
    currencies[position].rows[kind] += 1
    currencies[position].amountMinor[kind] += Int128(amount.amountMinor)
    if isLate {
      currencies[position].lateRows[kind] += 1
      currencies[position].lateMinor[kind] += Int128(amount.amountMinor)
    }
  }

  /// Adds what a subscription's credits for an incident gained or lost in the run, over all months:
  /// a credit that only moved to another month is neither granted nor taken back.
  package mutating func addNet(_ amountMinor: Int128, _ currency: Currency) {
    let position = position(of: currency)
    if amountMinor > 0 {
      currencies[position].grantedMinor += amountMinor
    } else {
      currencies[position].takenBackMinor -= amountMinor
    }
  }

  /// - Parameter newlySetOffMinor: of one credit; negative where a set-off was undone.
  package mutating func add(newlySetOffMinor: Int128, _ currency: Currency) {
    let sum = PlacementTotals.Sum(rows: 1, amountMinor: abs(newlySetOffMinor))
    if newlySetOffMinor > 0 {
      add(setOff: sum, undone: PlacementTotals.Sum(), currency)
    } else {
      add(setOff: PlacementTotals.Sum(), undone: sum, currency)
    }
  }

  package mutating func add(
    setOff: PlacementTotals.Sum, undone: PlacementTotals.Sum, _ currency: Currency
  ) {
    let position = position(of: currency)
    currencies[position].setOff.add(setOff)
    currencies[position].setOffUndone.add(undone)
  }

  package mutating func add(_ placement: CreditPlacement, _ currency: Currency) {
    currencies[position(of: currency)].placement.add(placement)
  }

  package mutating func add(_ fee: MonthlyFee, at moment: FeeMoment = .asOf) {
    let position = position(of: fee.currency)
    switch moment {
    case .asOf: currencies[position].monthlyFeesMicros += Int128(fee.micros)
    case .beginning(let month):
      currencies[position].addFees(Int128(fee.micros), atBeginningOf: month)
    }
  }

  /// Notes that a credit in the month has changed.
  package mutating func addChange(in month: BillingMonth, _ currency: Currency) {
    currencies[position(of: currency)].addChange(in: month)
  }

  /// Takes what the ledger has recorded, instead of working it out.
  package mutating func set(limitFeesMicros: Int128, _ currency: Currency) {
    currencies[position(of: currency)].recordedLimitFeesMicros = limitFeesMicros
  }

  /// A linear search is enough: there are few currencies.
  private mutating func position(of currency: Currency) -> Int {
    if let found = currencies.firstIndex(where: { $0.currency == currency }) { return found }
    currencies.append(RunSummary.CurrencyTotal(currency: currency))
    return currencies.count - 1
  }

  /// The limits that these totals exceed, together with those of earlier runs of the day.
  /// - Source: credit rules, section 10.
  package func exceeded(
    _ limits: RunLimits, after earlier: DayAmounts = DayAmounts()
  ) -> [LimitExceeded] {
    currencies.sorted { $0.currency < $1.currency }.flatMap { total in
      check(
        total, total.grantedMinor, after: earlier.grantedMinor[total.currency] ?? 0, limits,
        isGranted: true)
        + check(
          total, total.takenBackMinor, after: earlier.takenBackMinor[total.currency] ?? 0, limits,
          isGranted: false)
    }
  }

  private func check(
    _ currency: RunSummary.CurrencyTotal, _ ownMinor: Int128, after earlierMinor: Int128,
    _ limits: RunLimits, isGranted: Bool
  ) -> [LimitExceeded] {
    // A run that changes nothing passes no limit, whatever was before it.
    guard ownMinor > 0 else { return [] }
    let total = MoneyTotal(totalMinor: ownMinor, currency: currency.currency)
    let totalMinor = ownMinor + earlierMinor
    var exceeded: [LimitExceeded] = []
    let limit = (isGranted ? limits.granted : limits.takenBack)[currency.currency]
    if let limit, totalMinor > Int128(limit) {
      exceeded.append(
        LimitExceeded(
          isGranted: isGranted, total: total, earlierMinor: earlierMinor,
          kind: .amount(limitMinor: limit)))
    }
    if let share = limits.shareOfMonthlyFees,
      totalMinor > Int128(limits.floor[currency.currency] ?? 0)
    {
      // Both sides are in micros times 10^4: minor x (10^6 / minor-per-major) x 10^4 against micros
      // x basis points.
      let microsPerMinor = Int128(1_000_000 / currency.currency.minorUnitsPerMajor)
      let left = totalMinor * microsPerMinor * 10_000
      let right = currency.limitFeesMicros * Int128(share.value)
      if left > right {
        exceeded.append(
          LimitExceeded(
            isGranted: isGranted, total: total, earlierMinor: earlierMinor,
            kind: .share(share, ofFeesMicros: currency.limitFeesMicros)))
      }
    }
    return exceeded
  }
}
