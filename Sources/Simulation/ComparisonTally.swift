import CreditLedger
import Documents
import ServiceCredits

/// Adds up what two policies grant. Memory does not grow with the number of customers.
struct ComparisonTally {
  private struct Key: Hashable {
    var month: BillingMonth
    var currency: Currency
    /// The position in `tiers`.
    var tier: Int32
    /// The number in `plans`; `nil` for the plans that are not shown one by one.
    var plan: Int32?
  }

  private struct MonthKey: Hashable {
    var month: BillingMonth
    var currency: Currency
  }

  private var cells: [PolicyComparison.Pair] = []
  private var keys: [Key] = []
  private var positions: [Key: Int] = [:]
  /// The cell that was found last. The next credit is mostly in the same cell.
  private var last: (key: Key, position: Int)?
  private var tiers: [PolicyComparison.Tier] = []
  private let plans = ByteTable()
  private static let mostPlans = 1000

  private var recorded: [MonthKey: Int128] = [:]
  private var customers: [Currency: PolicyComparison.Customers] = [:]
  /// The sums of the current customer, by currency.
  private var own: [(currency: Currency, today: Int128, new: Int128)] = []
  private static let mostCustomers = 20

  mutating func add(
    _ decision: CreditDecision, plan: UnsafeRawBufferPointer, _ amount: Money, isNew: Bool
  ) {
    let key = Key(
      month: decision.month, currency: amount.currency,
      tier: number(of: PolicyComparison.Tier(decision)),
      plan: number(ofPlan: plan))
    let position = position(of: key)
    if isNew {
      cells[position].new.add(amount.amountMinor)
    } else {
      cells[position].today.add(amount.amountMinor)
    }
    var place = own.firstIndex { $0.currency == amount.currency }
    if place == nil {
      own.append((amount.currency, 0, 0))
      place = own.count - 1
    }
    if isNew {
      own[place!].new += Int128(amount.amountMinor)
    } else {
      own[place!].today += Int128(amount.amountMinor)
    }
  }

  mutating func addRecorded(_ amountMinor: Int64, _ currency: Currency, _ month: BillingMonth) {
    recorded[MonthKey(month: month, currency: currency), default: 0] += Int128(amountMinor)
  }

  /// Ends a customer: everything added since the last call belongs to it. Customers must come in
  /// the order of their ids.
  mutating func endCustomer(
    _ id: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer
  ) {
    for (currency, today, new) in own {
      var group = customers[currency] ?? PolicyComparison.Customers(currency: currency)
      if new > today {
        group.gaining += 1
      } else if new < today {
        group.losing += 1
      } else {
        group.unchanged += 1
      }
      let list: WritableKeyPath<PolicyComparison.Customers, [PolicyComparison.Customer]> =
        new > today ? \.gainMost : \.loseMost
      if new != today {
        ComparisonTally.offer(
          {
            PolicyComparison.Customer(
              id: Array(id), name: Array(name), todayMinor: today, newMinor: new)
          },
          difference: (new - today).magnitude, to: &group[keyPath: list])
      }
      customers[currency] = group
    }
    own.removeAll(keepingCapacity: true)
  }

  /// Puts a customer into a list of the largest differences if it belongs there. Of equals, the
  /// first one stays first.
  private static func offer(
    _ customer: () -> PolicyComparison.Customer, difference: UInt128,
    to list: inout [PolicyComparison.Customer]
  ) {
    if list.count == mostCustomers, difference <= list[list.count - 1].differenceMinor.magnitude {
      return
    }
    let position = list.firstIndex { $0.differenceMinor.magnitude < difference } ?? list.count
    list.insert(customer(), at: position)
    if list.count > mostCustomers { list.removeLast() }
  }

  private mutating func position(of key: Key) -> Int {
    if let last, last.key == key { return last.position }
    let position: Int
    if let known = positions[key] {
      position = known
    } else {
      position = cells.count
      positions[key] = position
      keys.append(key)
      cells.append(PolicyComparison.Pair())
    }
    last = (key, position)
    return position
  }

  private mutating func number(of tier: PolicyComparison.Tier) -> Int32 {
    if let known = tiers.firstIndex(of: tier) { return Int32(known) }
    tiers.append(tier)
    return Int32(tiers.count - 1)
  }

  private mutating func number(ofPlan plan: UnsafeRawBufferPointer) -> Int32? {
    if let known = plans.find(plan) { return known }
    return plans.count < ComparisonTally.mostPlans ? plans.insert(plan) : nil
  }

  // MARK: Results

  func fill(_ comparison: inout PolicyComparison) {
    comparison.cells = zip(keys, cells).map { key, pair in
      var cell = PolicyComparison.Cell(
        month: key.month, currency: key.currency, tier: tiers[Int(key.tier)],
        plan: key.plan.map { Array(plans[Int($0)]) })
      cell.pair = pair
      return cell
    }.sorted(by: PolicyComparison.precedes)
    var totals: [MonthKey: PolicyComparison.MonthTotal] = [:]
    func total(_ key: MonthKey) -> PolicyComparison.MonthTotal {
      totals[key] ?? PolicyComparison.MonthTotal(month: key.month, currency: key.currency)
    }
    for cell in comparison.cells {
      let key = MonthKey(month: cell.month, currency: cell.currency)
      var sum = total(key)
      sum.pair = sum.pair + cell.pair
      totals[key] = sum
    }
    for (key, minor) in recorded where minor != 0 || totals[key] != nil {
      var sum = total(key)
      sum.recordedMinor = minor
      totals[key] = sum
    }
    comparison.totals = totals.values.sorted { ($0.month, $0.currency) < ($1.month, $1.currency) }
    comparison.customers = customers.values.sorted { $0.currency < $1.currency }
  }
}
