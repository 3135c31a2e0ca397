import CreditLedger
package import LedgerReports
package import ServiceCredits

/// What the night that a check has calculated would come to.
package struct WouldBeNight: Sendable {
  /// What credits are added up by.
  package struct Group: Hashable, Sendable {
    package let currency: Currency
    package let month: BillingMonth
    /// The version of the policy that decided; `nil` where nothing is earned any more.
    package let version: String?
  }

  package struct Amounts: Hashable, Sendable {
    package fileprivate(set) var revisions: Int64 = 0
    /// What revisions add, in minor units.
    package fileprivate(set) var moreMinor: Int128 = 0
    /// What revisions take back, in minor units, positive.
    package fileprivate(set) var lessMinor: Int128 = 0
  }

  /// One revision, of the largest of its currency.
  package struct Credit: Sendable {
    package let customer: [UInt8]
    package let name: [UInt8]
    package let subscription: [UInt8]
    package let incident: [UInt8]
    package let month: BillingMonth
    /// What the revision adds.
    package let amount: Money
  }

  package private(set) var amounts: [Group: Amounts] = [:]
  /// By currency, the largest first, at most `WouldBeNight.listed`.
  package private(set) var largest: [Currency: [Credit]] = [:]
  /// What limits look at, and the findings that nobody has accepted.
  package internal(set) var totals = RunTotals()
  package internal(set) var exceeded: [LimitExceeded] = []
  package internal(set) var customers = 0
  package internal(set) var subscriptions = 0

  /// How many of the largest are kept of a currency.
  package static let listed = 10

  /// Takes the revisions of a customer.
  mutating func add(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords,
    night: borrowing ReconciliationContext
  ) {
    for key in pass.keys {
      guard let position = key.revision else { continue }
      let pending = pass.revisions[Int(position)]
      let group = Group(
        currency: key.currency, month: key.month,
        version: pending.basis.map { night.versionName(Int($0.decision.version)) })
      let minor = pending.revision.amountMinor
      amounts[group, default: Amounts()].revisions += 1
      if minor > 0 {
        amounts[group, default: Amounts()].moreMinor += Int128(minor)
      } else {
        amounts[group, default: Amounts()].lessMinor -= Int128(minor)
      }
      note(key, minor, records)
    }
  }

  private mutating func note(
    _ key: KeyState, _ minor: Int64, _ records: borrowing CustomerRecords
  ) {
    var list = largest[key.currency] ?? []
    // Equal amounts stay in the order of customers, so that the same data make the same list.
    let place = list.firstIndex { $0.amount.amountMinor < minor } ?? list.count
    guard minor > 0, place < WouldBeNight.listed else { return }
    let arena = records.arena
    list.insert(
      Credit(
        customer: Array(arena[records.id]), name: Array(arena[records.name]),
        subscription: Array(arena[key.subscription]), incident: Array(arena[key.incident]),
        month: key.month, amount: Money(amountMinor: minor, currency: key.currency)),
      at: place)
    largest[key.currency] = Array(list.prefix(WouldBeNight.listed))
  }
}
