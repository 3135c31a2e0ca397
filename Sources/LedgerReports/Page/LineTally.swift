import CreditLedger
import Documents
import FrozenEvidence
import ServiceCredits

/// Adds up the lines of a CSV in one pass. Memory grows with the number of groups, not of lines.
struct LineTally {
  /// One group of one dimension in one currency.
  private struct GroupKey: Hashable {
    let dimension: UInt8
    let currency: UInt16
    /// `nil` where nothing was left to decide on.
    let number: Int32?
  }

  private struct CurrencyState {
    var total: LedgerFigures.CurrencyTotal
    var bins = [Int64](repeating: 0, count: LineTally.binEdges.count)
    var lastCustomer: [UInt8]?
    var lists: [BestLines]
    var sums = [LedgerFigures.Sum](
      repeating: LedgerFigures.Sum(), count: LedgerFigures.Interest.allCases.count)
  }

  private let ofMonth: Bool
  private(set) var lines: Int64 = 0
  private(set) var customers: Int64 = 0
  private var lastCustomer: [UInt8]?
  private var currencies: [CurrencyState] = []
  private var groups: [GroupKey: LedgerFigures.Sum] = [:]
  private let plans = ByteTable()
  private let services = ByteTable()
  private var serviceNames: [String] = []
  private var clauses: [RecordedClause] = []
  /// Every incident that a line names. Titles and creditable time are in the arrays below, at the
  /// same position.
  let incidents = ByteTable()
  private(set) var incidentTitles: [String] = []
  private(set) var incidentSpans: [Interval?] = []
  /// Customer, subscription and incident of the last line, and what they gained or lost so far: a
  /// sum over all months for each position in `currencies`.
  private let keyArena = ByteArena()
  private var key: [ByteSlice] = []
  private var keyNets: [(position: Int, minor: Int64)] = []

  private static let incidentDimension = UInt8(LedgerFigures.Dimension.allCases.count)
  /// How many lines of each interest and currency are shown.
  static let shownLines = 20

  init(ofMonth: Bool) {
    self.ofMonth = ofMonth
  }

  // MARK: Adding

  mutating func add(_ entry: LedgerEntry, names: FrozenNames) {
    lines += 1
    let money =
      ofMonth
      ? Money(amountMinor: entry.entitledMinor, currency: entry.amount.currency) : entry.amount
    let position = position(of: money.currency)
    beginKey(entry)
    addNet(entry.amount.amountMinor, position)
    countCustomer(entry.customerId, position)
    currencies[position].total.total.add(money.amountMinor)
    currencies[position].total.placement.add(entry.placement)
    if ofMonth { currencies[position].total.entitled.add(money.amountMinor) }
    if !ofMonth {
      currencies[position].total.kinds[entry.kind, default: .init()].add(money.amountMinor)
    }
    if money.amountMinor > 0 {
      currencies[position].bins[LineTally.bin(of: money.amountMinor)] += 1
    }
    group(entry, money, position, names)
    look(at: entry, money, position)
  }

  /// Must be called after the last line.
  mutating func finish() {
    endKey()
    key = []
  }

  private mutating func position(of currency: Currency) -> Int {
    for position in currencies.indices where currencies[position].total.currency == currency {
      return position
    }
    currencies.append(
      CurrencyState(
        total: LedgerFigures.CurrencyTotal(currency),
        lists: LedgerFigures.Interest.allCases.map { _ in BestLines(limit: LineTally.shownLines) }))
    return currencies.count - 1
  }

  private mutating func beginKey(_ entry: LedgerEntry) {
    let parts = [entry.customerId, entry.subscriptionId, entry.incidentId]
    if !key.isEmpty, zip(key, parts).allSatisfy({ compareBytes(keyArena[$0], $1) == 0 }) { return }
    endKey()
    keyArena.removeAll()
    key.removeAll(keepingCapacity: true)
    for part in parts { key.append(keyArena.append(part)) }
  }

  private mutating func addNet(_ amountMinor: Int64, _ position: Int) {
    if let known = keyNets.firstIndex(where: { $0.position == position }) {
      keyNets[known].minor += amountMinor
    } else {
      keyNets.append((position, amountMinor))
    }
  }

  /// What a credit lost in one month and got in another is neither granted nor taken back.
  private mutating func endKey() {
    for (position, minor) in keyNets {
      if minor > 0 {
        currencies[position].total.grantedMinor += minor
      } else {
        currencies[position].total.takenBackMinor -= minor
      }
    }
    keyNets.removeAll(keepingCapacity: true)
  }

  private mutating func countCustomer(_ customer: UnsafeRawBufferPointer, _ position: Int) {
    // Lines are ordered by customer, so a customer that was counted does not come again.
    if !(lastCustomer.map { $0.elementsEqual(customer) } ?? false) {
      customers += 1
      lastCustomer = Array(customer)
    }
    if !(currencies[position].lastCustomer.map { $0.elementsEqual(customer) } ?? false) {
      currencies[position].total.customers += 1
      currencies[position].lastCustomer = lastCustomer
    }
  }

  private mutating func group(
    _ entry: LedgerEntry, _ money: Money, _ position: Int, _ names: FrozenNames
  ) {
    func add(_ dimension: UInt8, _ number: Int32?, to tally: inout LineTally) {
      let key = GroupKey(dimension: dimension, currency: UInt16(position), number: number)
      tally.groups[key, default: .init()].add(money.amountMinor)
    }
    func add(_ dimension: LedgerFigures.Dimension, _ number: Int32?, to tally: inout LineTally) {
      add(UInt8(dimension.rawValue), number, to: &tally)
    }
    add(.month, entry.month.index, to: &self)
    add(.customerTier, LineTally.isEnterprise(entry.customerTier) ? 0 : 1, to: &self)
    let incident = number(ofIncident: entry, names)
    add(LineTally.incidentDimension, incident, to: &self)
    guard let basis = entry.basis else {
      for dimension in [LedgerFigures.Dimension.severity, .tier, .plan, .service] {
        add(dimension, nil, to: &self)
      }
      return
    }
    let span = incidentSpans[Int(incident)]
    incidentSpans[Int(incident)] = Interval(
      min(span?.start ?? basis.outage.start, basis.outage.start),
      max(span?.end ?? basis.outage.end, basis.outage.end))
    add(.severity, Int32(basis.severity.rawValue), to: &self)
    add(.tier, basis.clause == .none ? nil : number(of: basis.clause), to: &self)
    add(.plan, plans.insert(basis.plan), to: &self)
    add(.service, number(ofService: basis.serviceId, names), to: &self)
  }

  private mutating func number(of clause: RecordedClause) -> Int32 {
    if let found = clauses.firstIndex(of: clause) { return Int32(found) }
    clauses.append(clause)
    return Int32(clauses.count - 1)
  }

  private mutating func number(
    ofService service: UnsafeRawBufferPointer, _ names: FrozenNames
  ) -> Int32 {
    let number = services.insert(service)
    if Int(number) == serviceNames.count {
      serviceNames.append(String(decoding: names.serviceName(service), as: UTF8.self))
    }
    return number
  }

  private mutating func number(ofIncident entry: LedgerEntry, _ names: FrozenNames) -> Int32 {
    let number = incidents.insert(entry.incidentId)
    if Int(number) == incidentTitles.count {
      incidentTitles.append(String(decoding: names.title(entry.incidentId), as: UTF8.self))
      incidentSpans.append(nil)
    }
    return number
  }

  /// Whether the text is `enterprise` in any case, with or without spaces around it.
  /// - Source: the data contract.
  static func isEnterprise(_ tier: UnsafeRawBufferPointer) -> Bool {
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") }
    let bare = tier.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    return bare.count == 10 && zip(bare, "enterprise".utf8).allSatisfy { $0 | 0x20 == $1 }
  }

  // MARK: Lines worth a look

  private mutating func look(at entry: LedgerEntry, _ money: Money, _ position: Int) {
    func take(_ interest: LedgerFigures.Interest, _ amountMinor: Int64, to tally: inout LineTally) {
      tally.currencies[position].sums[interest.rawValue].add(amountMinor)
      if tally.currencies[position].lists[interest.rawValue].wants(amountMinor) {
        tally.currencies[position].lists[interest.rawValue].insert(
          LineTally.line(entry, money), rank: amountMinor)
      }
    }
    if money.amountMinor > 0 { take(.largest, money.amountMinor, to: &self) }
    if let percent = entry.percent, let whole = entry.percentBeforeCap, percent < whole {
      take(.capped, money.amountMinor, to: &self)
    }
    if entry.kind == .decrease { take(.decreased, -entry.amount.amountMinor, to: &self) }
    let placement = entry.placement
    if placement.openMinor > 0 { take(.open, placement.openMinor, to: &self) }
    if placement.overcreditedMinor > 0 {
      take(.overcredited, placement.overcreditedMinor, to: &self)
    }
  }

  private static func line(_ entry: LedgerEntry, _ money: Money) -> LedgerFigures.Line {
    func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
    return LedgerFigures.Line(
      customerId: text(entry.customerId), customerName: text(entry.customerName),
      subscriptionId: text(entry.subscriptionId), incidentId: text(entry.incidentId),
      month: entry.month, plan: entry.basis.map { text($0.plan) } ?? "", percent: entry.percent,
      percentBeforeCap: entry.percentBeforeCap, countedMicroseconds: entry.countedMicroseconds,
      amount: money, changedMinor: entry.amount.amountMinor,
      entitledMinor: entry.entitledMinor, placedMinor: entry.placedMinor,
      invoices: entry.invoices.map { part in
        (
          id: text(part.invoiceId),
          placed: Money(amountMinor: part.placedMinor, currency: money.currency)
        )
      })
  }

  // MARK: The sizes of credits

  /// The lower edges of the bins, in minor units: 1, 2, 5, 10, 20, 50 and so on. The last bin has
  /// no upper edge.
  static let binEdges: [Int64] = {
    var edges: [Int64] = []
    var power: Int64 = 1
    while true {
      for factor in [1, 2, 5] as [Int64] {
        let (edge, overflow) = power.multipliedReportingOverflow(by: factor)
        if overflow { return edges }
        edges.append(edge)
      }
      let (next, overflow) = power.multipliedReportingOverflow(by: 10)
      if overflow { return edges }
      power = next
    }
  }()

  /// - Parameter amountMinor: must be positive.
  static func bin(of amountMinor: Int64) -> Int {
    var low = 0
    var high = binEdges.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if binEdges[middle] <= amountMinor { low = middle } else { high = middle }
    }
    return low
  }

  private static func bins(_ counts: [Int64]) -> [HistogramChart.Bin] {
    guard let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    else { return [] }
    return (first...last).map { bin in
      HistogramChart.Bin(
        lower: binEdges[bin], upper: bin + 1 < binEdges.count ? binEdges[bin + 1] : .max,
        count: counts[bin])
    }
  }

  // MARK: What it came to

  private var inOrder: [Int] {
    currencies.indices.sorted { currencies[$0].total.currency < currencies[$1].total.currency }
  }

  func fill(_ figures: inout LedgerFigures) {
    figures.lines = lines
    figures.customers = customers
    for position in inOrder {
      let state = currencies[position]
      var total = state.total
      total.bins = LineTally.bins(state.bins)
      figures.currencies.append(total)
      for interest in LedgerFigures.Interest.allCases where state.sums[interest.rawValue].rows > 0 {
        figures.selections[interest, default: []].append(
          LedgerFigures.Selection(
            currency: total.currency, sum: state.sums[interest.rawValue],
            lines: state.lists[interest.rawValue].lines))
      }
    }
    for dimension in LedgerFigures.Dimension.allCases {
      figures.groups[dimension] = inOrder.flatMap { groups(dimension, $0) }
    }
  }

  /// The groups of a dimension in one currency. Severities, months and customer tiers have their
  /// own order. Otherwise the largest amount comes first.
  private func groups(
    _ dimension: LedgerFigures.Dimension, _ position: Int
  ) -> [LedgerFigures.Group] {
    let found = groups.filter {
      Int($0.key.dimension) == dimension.rawValue && Int($0.key.currency) == position
    }
    let hasOwnOrder = dimension == .severity || dimension == .month || dimension == .customerTier
    return found.sorted { left, right in
      if hasOwnOrder { return (left.key.number ?? -1) < (right.key.number ?? -1) }
      if left.value.amountMinor != right.value.amountMinor {
        return left.value.amountMinor > right.value.amountMinor
      }
      return label(dimension, left.key.number).utf8.lexicographicallyPrecedes(
        label(dimension, right.key.number).utf8)
    }.map {
      LedgerFigures.Group(
        label: label(dimension, $0.key.number), currency: currencies[position].total.currency,
        sum: $0.value)
    }
  }

  private func label(_ dimension: LedgerFigures.Dimension, _ number: Int32?) -> String {
    guard let number else { return "taken back whole" }
    switch dimension {
    case .month: return BillingMonth(index: number).text
    case .severity: return Severity(rawValue: UInt8(number))?.code ?? ""
    case .tier:
      var words = ClauseWords()
      return CreditDecider(clauses[Int(number)], &words).words
    case .plan: return plans.text(Int(number))
    case .service:
      let name = serviceNames[Int(number)]
      let id = services.text(Int(number))
      return name.isEmpty ? id : "\(name) (\(id))"
    case .customerTier: return number == 0 ? "Enterprise" : "other customers"
    }
  }

  /// What an incident's lines add up to, ascending by currency code.
  func cost(ofIncident number: Int32) -> (credits: Int64, cost: [Money]) {
    var credits: Int64 = 0
    var cost: [Money] = []
    for position in inOrder {
      let key = GroupKey(
        dimension: LineTally.incidentDimension, currency: UInt16(position), number: number)
      guard let sum = groups[key] else { continue }
      credits += sum.rows
      cost.append(
        Money(amountMinor: sum.amountMinor, currency: currencies[position].total.currency))
    }
    return (credits, cost)
  }
}

/// The lines of the highest rank, the highest first. Of equals, the first ones added stay first.
struct BestLines {
  private let limit: Int
  private var ranked: [(rank: Int64, line: LedgerFigures.Line)] = []

  init(limit: Int) {
    self.limit = limit
  }

  var lines: [LedgerFigures.Line] { ranked.map(\.line) }

  func wants(_ rank: Int64) -> Bool {
    ranked.count < limit || rank > ranked[limit - 1].rank
  }

  mutating func insert(_ line: LedgerFigures.Line, rank: Int64) {
    let position = ranked.firstIndex { $0.rank < rank } ?? ranked.count
    ranked.insert((rank, line), at: position)
    if ranked.count > limit { ranked.removeLast() }
  }
}
