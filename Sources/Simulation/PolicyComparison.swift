package import ServiceCredits

/// What two policies would grant for the same incidents and subscriptions.
///
/// Amounts are in minor units. They are 128 bits wide, because the sum of many credits may exceed
/// 64 bits.
package struct PolicyComparison: Sendable {
  /// A policy, and how it was applied.
  package struct Policy: Sendable {
    /// The name of the file, or a description.
    package let source: String
    package let versions: [String]
    /// Whether the policy's only version here counts as in force all the time, whatever its date.
    package let isTimeless: Bool

    package init(source: String, versions: [String], isTimeless: Bool) {
      self.source = source
      self.versions = versions
      self.isTimeless = isTimeless
    }
  }

  /// The credits under one policy.
  package struct Side: Hashable, Sendable {
    package var credits: Int64 = 0
    package var minor: Int128 = 0

    package init() {}

    package mutating func add(_ amountMinor: Int64) {
      credits += 1
      minor += Int128(amountMinor)
    }

    package static func + (left: Side, right: Side) -> Side {
      var sum = left
      sum.credits += right.credits
      sum.minor += right.minor
      return sum
    }
  }

  /// The credits under today's and under the new policy.
  package struct Pair: Hashable, Sendable {
    package var today = Side()
    package var new = Side()

    package init() {}

    package var differenceMinor: Int128 { new.minor - today.minor }

    package static func + (left: Pair, right: Pair) -> Pair {
      var sum = left
      sum.today = left.today + right.today
      sum.new = left.new + right.new
      return sum
    }
  }

  /// What decided on a credit.
  package enum Tier: Hashable, Sendable {
    /// A tier without its percentage, so that two tiers that differ only in percentage are compared.
    case tier(Severity, longerThanMicroseconds: Int64)
    /// A rule, in words.
    case rule(String)

    package init(_ decision: CreditDecision) {
      switch decision.verdict {
      case .tier(let tier):
        guard let tier else { preconditionFailure("what is credited has met a tier") }
        self = .tier(tier.severity, longerThanMicroseconds: tier.longerThanMicroseconds)
      case .rule(let award): self = .rule(award.clause?.words ?? "")
      }
    }

    /// `P0 longer than 4 hours`.
    package var words: String {
      switch self {
      case .tier(let severity, let longerThan):
        "\(severity.code) longer than \(DurationText.words(longerThan))"
      case .rule(let words): words
      }
    }

    /// Tiers before rules; of tiers the worst severity and the shortest threshold first.
    fileprivate func precedes(_ other: Tier) -> Bool {
      switch (self, other) {
      case (.tier(let mine, let own), .tier(let theirs, let others)): (mine, own) < (theirs, others)
      case (.tier, .rule): true
      case (.rule, .tier): false
      case (.rule(let own), .rule(let others)):
        own.utf8.lexicographicallyPrecedes(others.utf8)
      }
    }
  }

  /// The credits of one month, currency, tier and plan.
  package struct Cell: Sendable {
    package let month: BillingMonth
    package let currency: Currency
    package let tier: Tier
    /// `nil` for the plans that are not shown one by one.
    package let plan: [UInt8]?
    package var pair = Pair()

    package init(month: BillingMonth, currency: Currency, tier: Tier, plan: [UInt8]?) {
      self.month = month
      self.currency = currency
      self.tier = tier
      self.plan = plan
    }
  }

  /// All credits of one month and currency.
  package struct MonthTotal: Sendable {
    package let month: BillingMonth
    package let currency: Currency
    /// The amount in the ledger, including held incidents.
    package var recordedMinor: Int128 = 0
    package var pair = Pair()

    package init(month: BillingMonth, currency: Currency) {
      self.month = month
      self.currency = currency
    }
  }

  /// A customer's credits in one currency, over all months.
  package struct Customer: Sendable {
    package let id: [UInt8]
    package let name: [UInt8]
    package let todayMinor: Int128
    package let newMinor: Int128

    package init(id: [UInt8], name: [UInt8], todayMinor: Int128, newMinor: Int128) {
      self.id = id
      self.name = name
      self.todayMinor = todayMinor
      self.newMinor = newMinor
    }

    package var differenceMinor: Int128 { newMinor - todayMinor }
  }

  /// The customers that gain or lose in one currency. Of equal differences, the smaller id comes
  /// first.
  package struct Customers: Sendable {
    package let currency: Currency
    package var gaining: Int64 = 0
    package var losing: Int64 = 0
    /// How many customers have the same credits under both policies.
    package var unchanged: Int64 = 0
    /// Largest difference first.
    package var gainMost: [Customer] = []
    package var loseMost: [Customer] = []

    package init(currency: Currency) { self.currency = currency }
  }

  /// A limit that a first run of these months would exceed.
  package struct Limit: Sendable {
    package let isNew: Bool
    package let sentence: String

    package init(isNew: Bool, sentence: String) {
      self.isNew = isNew
      self.sentence = sentence
    }
  }

  package var asOf: Instant
  package var months: ClosedRange<BillingMonth>
  package var today: Policy
  package var new: Policy
  /// Ordered by month, then currency.
  package var totals: [MonthTotal] = []
  /// Ordered by month, currency, tier and plan.
  package var cells: [Cell] = []
  /// Ordered by currency.
  package var customers: [Customers] = []
  package var limits: [Limit] = []
  /// How many rows were not used, by reason.
  package var findingsToday: [FindingCode: Int] = [:]
  package var findingsNew: [FindingCode: Int] = [:]

  package init(
    asOf: Instant, months: ClosedRange<BillingMonth>, today: Policy, new: Policy
  ) {
    self.asOf = asOf
    self.months = months
    self.today = today
    self.new = new
  }

  /// Whether the ledger holds other amounts than today's policy gives.
  package var differsFromLedger: Bool {
    totals.contains { $0.recordedMinor != $0.pair.today.minor }
  }

  /// The sums of each tier over all plans.
  package var tiers: [(month: BillingMonth, currency: Currency, tier: Tier, pair: Pair)] {
    PolicyComparison.grouped(cells) { $0.tier == $1.tier }.map {
      ($0.first.month, $0.first.currency, $0.first.tier, $0.sum)
    }
  }

  /// The sums of each plan over all tiers.
  package var plans: [(month: BillingMonth, currency: Currency, plan: [UInt8]?, pair: Pair)] {
    let byPlan = cells.sorted { left, right in
      if left.month != right.month { return left.month < right.month }
      if left.currency != right.currency { return left.currency < right.currency }
      return PolicyComparison.precedes(left.plan, right.plan)
    }
    return PolicyComparison.grouped(byPlan) { $0.plan == $1.plan }.map {
      ($0.first.month, $0.first.currency, $0.first.plan, $0.sum)
    }
  }

  /// Adds up neighbours of the same month and currency that are `alike`.
  private static func grouped(
    _ cells: [Cell], _ alike: (Cell, Cell) -> Bool
  ) -> [(first: Cell, sum: Pair)] {
    var groups: [(first: Cell, sum: Pair)] = []
    for cell in cells {
      if let last = groups.last, last.first.month == cell.month,
        last.first.currency == cell.currency, alike(last.first, cell)
      {
        groups[groups.count - 1].sum = last.sum + cell.pair
      } else {
        groups.append((cell, cell.pair))
      }
    }
    return groups
  }

  /// Orders cells by month, currency, tier and plan.
  package static func precedes(_ left: Cell, _ right: Cell) -> Bool {
    if left.month != right.month { return left.month < right.month }
    if left.currency != right.currency { return left.currency < right.currency }
    if left.tier != right.tier { return left.tier.precedes(right.tier) }
    return precedes(left.plan, right.plan)
  }

  /// Byte order. The plans that are not shown one by one come last.
  private static func precedes(_ left: [UInt8]?, _ right: [UInt8]?) -> Bool {
    guard let left else { return false }
    guard let right else { return true }
    return left.lexicographicallyPrecedes(right)
  }
}

/// Writes amounts in minor units that may exceed 64 bits.
package enum WideAmount {
  /// Appends the amount in major units, without the currency.
  package static func append(_ minor: Int128, _ currency: Currency, to text: inout [UInt8]) {
    let decimals = Int(currency.exponent)
    if minor < 0 { text.append(UInt8(ascii: "-")) }
    let digits = Array(String(minor.magnitude).utf8)
    let padded =
      [UInt8](repeating: UInt8(ascii: "0"), count: max(0, decimals + 1 - digits.count)) + digits
    text += padded.dropLast(decimals)
    if decimals > 0 {
      text.append(UInt8(ascii: "."))
      text += padded.suffix(decimals)
    }
  }

  package static func text(_ minor: Int128, _ currency: Currency) -> String {
    var text: [UInt8] = []
    append(minor, currency, to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}
