import SeededRandom
import ServiceCredits
import TestSupport

/// The source relations as values. Every row has a number, so that it can be removed from every
/// night.
struct Source {
  struct Customer {
    var number: Int
    var id: String
    var timeZone: String?
  }

  struct Term {
    var number: Int
    var subscription: String
    var customer: String
    var service: String
    var plan: String
    var fee: String
    var currency: String
    var from: Int64
    var to: Int64?
  }

  struct Incident {
    var number: Int
    var id: String
    var severity: String
    var status: String
    var startedAt: Int64
    var acknowledgedAt: Int64?
    var resolvedAt: Int64?
  }

  struct Window {
    var number: Int
    var incident: String
    var severity: String
    var service: String?
    var customer: String?
    var from: Int64
    var to: Int64?
  }

  struct Exclusion {
    var number: Int
    var id: String
    var kind: String
    var service: String?
    var customer: String?
    var from: Int64
    var to: Int64
    var announcedAt: Int64?
  }

  struct Invoice {
    var number: Int
    var id: String
    var customer: String
    var currency: String
    var status: String
    var issueOn: String
    var due: String
  }

  var customers: [Customer] = []
  var services: [String] = []
  var terms: [Term] = []
  var incidents: [Incident] = []
  var windows: [Window] = []
  var exclusions: [Exclusion] = []
  var invoices: [Invoice] = []

  var numbers: [Int] {
    exclusions.map(\.number) + invoices.map(\.number) + windows.map(\.number)
      + incidents.map(\.number) + terms.map(\.number) + customers.map(\.number)
  }

  func without(_ numbers: Set<Int>) -> Source {
    var source = self
    source.customers.removeAll { numbers.contains($0.number) }
    source.terms.removeAll { numbers.contains($0.number) }
    source.incidents.removeAll { numbers.contains($0.number) }
    source.windows.removeAll { numbers.contains($0.number) }
    source.exclusions.removeAll { numbers.contains($0.number) }
    source.invoices.removeAll { numbers.contains($0.number) }
    return source
  }
}

/// A policy and a few nights, all from one seed.
struct Scenario {
  struct ReconciliationContext {
    var asOf: Int64
    /// The last month and the number of months; `nil` for the program's default.
    var months: (last: BillingMonth, count: Int)?
    var source: Source
  }

  let seed: UInt64
  var policy: [RandomPolicy.Version]
  var nights: [ReconciliationContext]
}

let second: Int64 = 1_000_000
let minute = 60 * second
let hour = 60 * minute
let day = 24 * hour

/// Draws a scenario. It has several small groups with their own customers, services and incidents
/// in one source, so that one run of the program tests them all.
struct ScenarioGenerator {
  var random: SeededGenerator
  let seed: UInt64
  var lastNumber = 0
  var policy: [RandomPolicy.Version] = []
  var asOf: Int64 = 0
  /// Instants near which most things happen.
  var anchors: [Int64] = []
  var groups: [Group] = []

  struct Group {
    let name: String
    let customers: [String]
    let services: [String]
    /// How many percent of the windows and exclusions are for every service.
    let everywhere: Int
  }

  static let zones = [
    "UTC", "America/Havana", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe",
    "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "Asia/Kathmandu",
    "America/St_Johns", "Africa/Casablanca", "Asia/Beirut",
  ]
  static let severities = ["P0", "P1", "P2", "P3"]
  static let currencies = ["USD", "USD", "USD", "EUR", "JPY", "KWD", "CLF"]
  static let suffixes = [
    "a", "B", "Z", "é", "10", "9", "_", "-x", "ａ", "b", "~", "2", "' \"", "e\u{301}",
  ]

  init(seed: UInt64) {
    self.seed = seed
    random = SeededGenerator(seed: seed)
  }

  // MARK: Drawing

  mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[draw(0...elements.count - 1)]
  }

  /// True with a probability of `percent`.
  mutating func happens(_ percent: Int) -> Bool { draw(1...100) <= percent }

  mutating func newNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  // MARK: The whole

  mutating func scenario() -> Scenario {
    let dates = [
      "2026-11-05", "2026-11-01T03:30:00Z", "2026-04-06", "2028-03-01T12:00:00Z", "2027-01-01",
      "2026-10-31T23:30:00Z", "2026-12-31T12:00:00Z",
    ]
    asOf = Instant(iso8601: pick(dates))?.microseconds ?? 0
    policy = RandomPolicy.draw(asOf: asOf, from: &self)
    for _ in 0..<draw(1...3) { anchors.append(anchor()) }
    let source = firstSource()
    var nights = [Scenario.ReconciliationContext(asOf: asOf, months: months(), source: source)]
    for _ in 0..<draw(1...4) {
      // Now and then nobody has run it for months.
      let gap =
        happens(30)
        ? pick([35, 62, 100, 130, 400]) * day : pick([day, day, 2 * day, hour, 0, 20 * day, 1])
      let now = nights[nights.count - 1].asOf + gap
      asOf = now
      if gap > 30 * day { anchors.append(anchor()) }
      var next = nights[nights.count - 1].source
      amend(&next)
      nights.append(Scenario.ReconciliationContext(asOf: now, months: months(), source: next))
    }
    return Scenario(seed: seed, policy: policy, nights: nights)
  }

  private mutating func months() -> (last: BillingMonth, count: Int)? {
    guard happens(25) else { return nil }
    let days = Int32((asOf / day))
    let month = BillingMonth(daysSinceUnixEpoch: days)
    return (month.advanced(by: -pick([0, 0, 1, 2, 4, 7])), draw(1...4))
  }

  private mutating func anchor() -> Int64 {
    var time: Int64
    switch draw(0...4) {
    case 0, 1:
      // Around midnight of the first day of a month, in some zone.
      let month = BillingMonth(daysSinceUnixEpoch: Int32(asOf / day))
        .advanced(by: -pick([0, 0, 0, 1, 1, 2, 3]))
      let offset = pick([0, -240, 330, 840, 630, -300, 60, 345, -210, 180])
      time = Int64(month.daysSinceUnixEpoch) * day - Int64(offset) * minute
    case 2:
      time = pick(policy).effectiveFrom * day
    case 3:
      let changes = [
        "2026-11-01T05:00:00Z", "2026-10-25T01:00:00Z", "2026-03-29T01:00:00Z",
        "2026-04-04T15:00:00Z", "2028-02-29T12:00:00Z", "2026-10-03T15:30:00Z",
      ]
      time = Instant(iso8601: pick(changes))?.microseconds ?? 0
    default:
      time = asOf - Int64(draw(1...60)) * day
    }
    if time > asOf - hour || time < asOf - 130 * day {
      time = asOf - Int64(draw(1...40)) * day - Int64(draw(0...23)) * hour
    }
    return time
  }

  /// A time near an anchor, mostly on the half hour.
  mutating func near(_ width: Int) -> Int64 {
    var time = pick(anchors) + Int64(draw(-2 * width...2 * width)) * 30 * minute
    if happens(15) { time += pick([-1, 1, 1_000_001, 59 * second]) }
    return time
  }

  private mutating func firstSource() -> Source {
    var source = Source()
    let count = happens(25) ? 1 : draw(6...10)
    for number in 0..<count {
      let name = "g\(number)"
      let group = Group(
        name: name,
        customers: (0..<draw(count == 1 ? 2...9 : 1...4)).map {
          "c\(name)\($0)\(pick(Self.suffixes))"
        },
        services: (0..<draw(1...3)).map { "v\(name)\($0)" },
        everywhere: count == 1 ? 60 : 5)
      groups.append(group)
      source.services += group.services
      for id in group.customers {
        source.customers.append(
          Source.Customer(
            number: newNumber(), id: id, timeZone: happens(15) ? nil : pick(Self.zones)))
      }
      for customer in group.customers {
        for index in 0..<pick([1, 1, 1, 2, 3]) {
          addSubscription("s\(customer)\(index)", customer, group, &source)
        }
      }
      for index in 0..<draw(count == 1 ? 2...12 : 2...7) {
        addIncident("I\(name)\(pick(Self.suffixes))\(index)", group, &source)
      }
      for _ in 0..<pick([0, 0, 1, 2]) { addExclusion(group, &source) }
      for customer in group.customers {
        for _ in 0..<pick([0, 1, 1, 2, 3]) { addInvoice(customer, nil, &source) }
      }
      if happens(20) { spoil(&source, group) }
    }
    return source
  }

  // MARK: Rows

  mutating func fee() -> String {
    pick([
      "1000.00", "83.333333", "0.05", "0.005", "99.99", "0", "1234.567891", "10.05", "25", "1000",
      "250.5", "0.000001", "\(draw(1...3000)).\(draw(10...99))", "9223372036854.775807",
    ])
  }

  mutating func addSubscription(
    _ id: String, _ customer: String, _ group: Group, _ source: inout Source
  ) {
    var customer = customer
    var service = pick(group.services)
    var plan = pick(["basic", "gold", "platinum", "other"])
    var currency = pick(Self.currencies)
    var fee = fee()
    var start = happens(65) ? asOf - 400 * day : near(8)
    for _ in 0..<pick([1, 1, 1, 2, 2, 3]) {
      var end: Int64?
      if happens(65) {
        let time = near(8)
        end = time > start ? time : start + Int64(draw(1...10)) * hour
      }
      source.terms.append(
        Source.Term(
          number: newNumber(), subscription: id, customer: customer, service: service, plan: plan,
          fee: fee, currency: currency, from: start, to: end))
      guard let end else { break }
      start = end + pick([0, 0, 0, 1, hour, 3 * day])
      switch draw(0...6) {
      case 0: plan = pick(["basic", "gold", "platinum", "other"])
      case 1, 2: fee = self.fee()
      case 3: currency = pick(["USD", "EUR", "JPY"])
      case 4: if happens(50) { customer = pick(group.customers) }
      case 5: if happens(40) { service = pick(group.services) }
      default: break
      }
    }
  }

  /// The length of a window or of a pair of windows: mostly near a threshold.
  mutating func length() -> Int64 {
    switch draw(1...100) {
    case ...45: pick(policy.flatMap(\.thresholds)) + pick([-1, 0, 1, 1])
    case ...90: Int64(draw(1...36)) * 10 * minute
    case ...93: 0
    default: Int64(draw(10...40)) * hour
    }
  }

  mutating func addIncident(_ id: String, _ group: Group, _ source: inout Source) {
    let start = near(6)
    let severity = pick(["P0", "P0", "P0", "P1", "P1", "P2", "P3"])
    let status = pick([String](repeating: "resolved", count: 12) + ["open", "void"])
    var end = start
    if happens(97) {
      let total = length()
      let parts = Int64(pick([1, 1, 2, 3]))
      for part in 0..<parts {
        var piece = part < parts - 1 ? total / parts : total - total / parts * (parts - 1)
        if happens(15) { piece = length() }
        let isEverywhere = happens(group.everywhere)
        let customer = happens(isEverywhere ? 10 : 15) ? pick(group.customers) : nil
        source.windows.append(
          Source.Window(
            number: newNumber(), incident: id,
            severity: happens(65) ? severity : pick(["P0", "P0", "P1", "P1", "P2", "P3"]),
            service: isEverywhere || (customer != nil && happens(50)) ? nil : pick(group.services),
            customer: customer, from: end,
            to: status != "open" || happens(50) ? end + piece : nil))
        end += pick([piece, piece, piece, piece + Int64(draw(1...12)) * 10 * minute, piece / 2])
      }
    }
    let declared = start + (happens(80) ? 0 : pick([-hour, hour, 1, -1, 10 * minute]))
    var resolved: Int64?
    if status == "resolved" || (status == "void" && happens(50)) {
      resolved = max(end, declared) + pick([0, 0, 1, hour])
      if happens(5) { resolved = max(declared, asOf + pick([0, 1, -1, day])) }
    }
    source.incidents.append(
      Source.Incident(
        number: newNumber(), id: id, severity: severity, status: status, startedAt: declared,
        acknowledgedAt: nil, resolvedAt: resolved))
  }

  mutating func addExclusion(_ group: Group, _ source: inout Source) {
    let start = near(6)
    let isEverywhere = happens(group.everywhere)
    source.exclusions.append(
      Source.Exclusion(
        number: newNumber(), id: "x\(lastNumber)",
        kind: pick([
          "scheduled_maintenance", "scheduled_maintenance", "customer_fault", "force_majeure",
        ]),
        service: isEverywhere ? nil : pick(group.services),
        customer: happens(25) ? pick(group.customers) : nil, from: start,
        to: start + Int64(draw(0...30)) * 10 * minute,
        announcedAt: pick([
          nil, start - day, start - day + 1, start - day - 1, start - 2 * day, start - hour,
          start + 1,
        ])))
  }

  mutating func addInvoice(_ customer: String, _ status: String?, _ source: inout Source) {
    let used = source.terms.filter { $0.customer == customer }.map(\.currency)
      .filter { RandomPolicy.digits[$0] != nil }
    let currency = used.isEmpty ? "USD" : pick(used)
    let date = asOf / day + Int64(draw(-10...40))
    source.invoices.append(
      Source.Invoice(
        number: newNumber(), id: "n\(lastNumber)", customer: customer, currency: currency,
        status: status ?? pick(["draft", "draft", "draft", "draft", "finalized", "void"]),
        issueOn: String(Instant(microseconds: date * day).text.prefix(10)), due: due(currency)))
  }

  mutating func due(_ currency: String) -> String {
    let whole = pick(["0", "1", "5", "10", "25", "100", "250", "1000", "3000"])
    switch RandomPolicy.digits[currency] ?? 0 {
    case 0: return whole
    case 2: return "\(whole).\(draw(10...99))"
    default: return "\(whole).\(draw(100...999))"
    }
  }
}
