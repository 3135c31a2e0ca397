import SeededRandom
import ServiceCredits
import Testing

/// Laws that hold after every placement, on random customers over several nights.
@Suite struct InvoicePlacementLaws {
  struct Customer {
    var credits: [PlaceableCredit] = []
    var invoices: [OpenInvoice] = []
    /// By credit and invoice; -1, -2 and so on are finalized.
    var carried: [[Int32]: Int64] = [:]
    var finalized: Int32 = 0

    var parts: [CarriedPart] {
      carried.keys.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.map {
        CarriedPart(
          credit: $0[0],
          invoice: Self.invoice($0[1]),
          amountMinor: carried[$0] ?? 0)
      }
    }

    private static func invoice(_ number: Int32) -> CarryingInvoice {
      if number == PlacedLine.setOffNumber { return .setOff }
      if let system = BalanceSystem.allCases.first(where: { PlacedLine.number(of: $0) == number }) {
        return .balance(system)
      }
      return number < 0 ? .settled(line: -number) : .listed(number)
    }

    mutating func apply(_ lines: [PlacedLine]) {
      for line in lines { carried[[line.credit, line.number], default: 0] -= line.amountMinor }
    }

    /// Whether nothing can be added to the invoice or taken from it.
    func isFinal(_ invoice: Int32) -> Bool {
      invoice < 0 || invoices[Int(invoice)].state == .fixed
    }

    /// What is set off of a credit.
    func setOff(_ credit: Int) -> Int64 { carried[[Int32(credit), PlacedLine.setOffNumber]] ?? 0 }

    /// An invoice that is final or not listed becomes void, and is listed.
    mutating func voidFinal(_ number: Int32, currency: Currency) {
      for credit in credits.indices {
        guard let amount = carried.removeValue(forKey: [Int32(credit), number]) else { continue }
        carried[[Int32(credit), Int32(invoices.count)]] = amount
      }
      invoices.append(OpenInvoice(currency: currency, state: .void))
    }

    /// What is on invoices of a credit, on all of them or on those that are final.
    func placed(_ credit: Int, onFinal: Bool = false) -> Int64 {
      carried.reduce(0) { sum, part in
        part.key[0] == Int32(credit) && (!onFinal || isFinal(part.key[1])) ? sum + part.value : sum
      }
    }
  }

  static let currencies = ["USD", "JPY"].compactMap { Currency($0) }

  /// - Parameter movesMonths: whether credits can be those of the same incident in several months.
  ///   Only one month has something then, and `amend` can move it.
  static func customer(
    movesMonths: Bool = true, using random: inout SeededGenerator
  ) -> Customer {
    var customer = Customer()
    for sibling in 0..<Int32.random(in: 0...6, using: &random) {
      let currency = currencies[Int.random(in: 0...1, using: &random)]
      let months = (8...10).filter { _ in Bool.random(using: &random) }
      let all = movesMonths ? months : Array(months.prefix(1))
      let entitled = all.randomElement(using: &random)
      for month in all {
        customer.credits.append(
          PlaceableCredit(
            currency: currency,
            entitledMinor: month == entitled ? Int64.random(in: 0...60, using: &random) : 0,
            month: BillingMonth(year: 2026, month: month),
            firstInstant: Instant(microseconds: Int64.random(in: 0...3, using: &random)),
            sibling: sibling))
      }
    }
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      customer.invoices.append(invoice(using: &random))
    }
    return customer
  }

  static func invoice(using random: inout SeededGenerator) -> OpenInvoice {
    OpenInvoice(
      currency: currencies[Int.random(in: 0...1, using: &random)],
      state: [
        .void, .fixed, .draft(dueMinor: 0), .draft(dueMinor: 30),
        .draft(dueMinor: Int64.random(in: 0...80, using: &random)),
      ].randomElement(using: &random)!)
  }

  /// Changes between nights: entitlements and their months, amounts due, voided and finalized
  /// invoices.
  static func amend(_ customer: inout Customer, using random: inout SeededGenerator) {
    for sibling in Set(customer.credits.map(\.sibling)).sorted() where Bool.random(using: &random) {
      let all = customer.credits.indices.filter { customer.credits[$0].sibling == sibling }
      let entitled = all.randomElement(using: &random)
      for position in all {
        let credit = customer.credits[position]
        customer.credits[position] = PlaceableCredit(
          currency: credit.currency,
          entitledMinor: position == entitled ? Int64.random(in: 0...60, using: &random) : 0,
          month: credit.month, firstInstant: credit.firstInstant, sibling: sibling)
      }
    }
    for position in customer.invoices.indices {
      switch Int.random(in: 0...6, using: &random) {
      case 3:
        customer.invoices[position] = OpenInvoice(currency: nil, state: .fixed)
      case 0:
        customer.invoices[position] = OpenInvoice(
          currency: customer.invoices[position].currency, state: .void)
      case 1:
        customer.invoices[position] = OpenInvoice(
          currency: customer.invoices[position].currency,
          state: .draft(dueMinor: Int64.random(in: 0...80, using: &random)))
      case 2:
        // Finalized: what it carries stays for ever, and another draft takes its place in the list.
        customer.finalized += 1
        for credit in customer.credits.indices {
          let key = [Int32(credit), Int32(position)]
          guard let amount = customer.carried.removeValue(forKey: key) else { continue }
          customer.carried[[Int32(credit), -customer.finalized]] = amount
        }
        customer.invoices[position] = invoice(using: &random)
      default: break
      }
    }
    if customer.finalized > 0, Bool.random(using: &random) {
      customer.voidFinal(
        -Int32.random(in: 1...customer.finalized, using: &random), currency: currencies[0])
    }
  }

  /// - Parameter rule: `nil` where each night may have another version of the policy.
  @Test("invariants hold every night", arguments: [false, true, nil])
  func invariants(rule: Bool?) {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    var placement = InvoicePlacement()
    for _ in 0..<2000 {
      var customer = Self.customer(using: &random)
      for _ in 0..<4 {
        let parts = customer.parts
        let setsOff = rule ?? Bool.random(using: &random)
        placement.place(
          credits: customer.credits, invoices: customer.invoices, carried: parts, setsOff: setsOff)
        let before = customer
        customer.apply(placement.lines)
        let brokenSetOff = Self.brokenSetOff(customer, placement, before: before, setsOff: setsOff)
        for broken in Self.brokenInvariants(customer, placement) + brokenSetOff {
          Issue.record("seed \(seed): \(broken) in \(customer) from \(parts)")
        }
        let once = customer
        placement.place(
          credits: customer.credits, invoices: customer.invoices, carried: customer.parts,
          setsOff: setsOff)
        #expect(placement.lines.isEmpty, "seed \(seed): placed twice is not placed once \(once)")
        Self.amend(&customer, using: &random)
      }
    }
  }

  private static func brokenInvariants(
    _ customer: Customer, _ placement: InvoicePlacement
  ) -> [String] {
    var broken: [String] = []
    func on(_ credit: Int, _ invoice: Int) -> Int64 {
      customer.carried[[Int32(credit), Int32(invoice)]] ?? 0
    }
    if customer.carried.contains(where: { $0.value < 0 && $0.key[1] != PlacedLine.setOffNumber }) {
      broken.append("negative part")
    }
    for (position, invoice) in customer.invoices.enumerated() {
      let carried = customer.credits.indices.reduce(0) { $0 + on($1, position) }
      switch invoice.state {
      case .void: if carried != 0 { broken.append("void invoice \(position) carries \(carried)") }
      case .draft(let due): if carried > due { broken.append("draft \(position) is overfull") }
      case .fixed: break
      }
    }
    // A final invoice carries as much as before, of each currency and incident.
    for line in placement.lines
    where customer.isFinal(line.number) && line.number != PlacedLine.setOffNumber {
      let sibling = customer.credits[Int(line.credit)].sibling
      let net = placement.lines.filter {
        $0.number == line.number && customer.credits[Int($0.credit)].sibling == sibling
      }
      if net.reduce(0, { $0 + $1.amountMinor }) != 0 {
        broken.append("final invoice \(line.number) was changed")
      }
    }
    var over = [Int64](repeating: 0, count: customer.credits.count)
    for (credit, amountMinor) in placement.overcredited { over[Int(credit)] = amountMinor }
    for (position, credit) in customer.credits.enumerated() {
      let placed = customer.placed(position)
      let settled = customer.placed(position, onFinal: true)
      if placement.placedMinor[position] != placed { broken.append("wrong total of \(position)") }
      if placed > max(credit.entitledMinor, settled) { broken.append("\(position) overplaced") }
      if over[position] != max(0, settled - credit.entitledMinor) {
        broken.append("\(position) reported")
      }
      // No credit stays open if a draft has room.
      guard placed < credit.entitledMinor else { continue }
      for (number, invoice) in customer.invoices.enumerated()
      where invoice.currency == credit.currency {
        let carried = customer.credits.indices.reduce(0) { $0 + on($1, number) }
        if case .draft(let due) = invoice.state, carried < due {
          broken.append("\(position) is open and \(number) has room")
        }
      }
    }
    // Nothing is open in one month while it is too much in another.
    for (position, credit) in customer.credits.enumerated() where over[position] > 0 {
      let isOpen = customer.credits.indices.contains {
        customer.credits[$0].sibling == credit.sibling
          && placement.placedMinor[$0] < customer.credits[$0].entitledMinor
      }
      if isOpen { broken.append("\(position) is overcredited, and open in another month") }
    }
    return broken
  }

  /// What is set off is taken from others, and only while both have a reason: the one has more on
  /// final invoices than is due, the other is due and on no invoice.
  private static func brokenSetOff(
    _ customer: Customer, _ placement: InvoicePlacement, before: Customer, setsOff: Bool
  ) -> [String] {
    var broken: [String] = []
    for (position, credit) in customer.credits.enumerated() {
      let setOff = customer.setOff(position)
      let final = customer.placed(position, onFinal: true) - setOff
      let draft = customer.placed(position) - final - setOff
      if draft > 0, draft + final + max(0, setOff) > credit.entitledMinor {
        broken.append("\(position) has too much on a draft")
      }
      if -setOff > max(0, final - credit.entitledMinor) {
        broken.append("\(position) gives back what no final invoice has")
      }
      if setOff > max(0, credit.entitledMinor - final - draft) {
        broken.append("\(position) is set off and not due")
      }
      if setOff != placement.setOffMinor[position] { broken.append("\(position) is told wrong") }
      let over = placement.overcredited.first { $0.credit == Int32(position) }?.amountMinor ?? 0
      if over != max(0, final - credit.entitledMinor) + min(0, setOff) {
        broken.append("\(position) is not too much on final invoices")
      }
      if before.setOff(position) != placement.setOffBeforeMinor[position] {
        broken.append("\(position) is told wrong as set off before")
      }
      if !setsOff, max(0, -setOff) > max(0, -before.setOff(position)) {
        broken.append("\(position) is set off without being asked")
      }
    }
    for currency in currencies {
      let credits = customer.credits.indices.filter { customer.credits[$0].currency == currency }
      let sum = credits.reduce(0) { $0 + customer.setOff($1) }
      if sum != 0 { broken.append("\(sum) \(currency.code) more set off than taken") }
      let isOpen = credits.contains {
        placement.placedMinor[$0] < customer.credits[$0].entitledMinor
      }
      let isOver = placement.overcredited.contains { credits.contains(Int($0.credit)) }
      if setsOff, isOpen, isOver { broken.append("\(currency.code) is open and overcredited") }
    }
    return broken
  }

  /// If nothing is placed yet, drafts are filled in their order with credits in theirs.
  @Test func freshCreditsFillFreshDraftsInOrder() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    var placement = InvoicePlacement()
    for _ in 0..<2000 {
      let customer = Self.customer(using: &random)
      placement.place(credits: customer.credits, invoices: customer.invoices, carried: [])
      var expected: [String] = []
      for currency in Self.currencies {
        // Unit by unit: the next unit of credit meets the next unit of room.
        let units = customer.credits.indices.filter { customer.credits[$0].currency == currency }
          .sorted {
            let (a, b) = (customer.credits[$0], customer.credits[$1])
            return (a.month, a.firstInstant, $0) < (b.month, b.firstInstant, $1)
          }
          .flatMap { [Int](repeating: $0, count: Int(customer.credits[$0].entitledMinor)) }
        let room = customer.invoices.indices.filter { customer.invoices[$0].currency == currency }
          .flatMap { position -> [Int] in
            guard case .draft(let due) = customer.invoices[position].state else { return [] }
            return [Int](repeating: position, count: Int(due))
          }
        var runs: [(pair: [Int], count: Int)] = []
        for pair in zip(units, room).map({ [$0, $1] }) {
          if runs.last?.pair == pair {
            runs[runs.count - 1].count += 1
          } else {
            runs.append((pair, 1))
          }
        }
        expected += runs.map { "\($0.pair[0]) on \($0.pair[1]): -\($0.count)" }
      }
      #expect(
        placement.lines.map(\.text).sorted() == expected.sorted(), "seed \(seed): \(customer)")
    }
  }

  /// What a credit that moves leaves on several invoices is found in the order of its lines. So the
  /// credits here stay in their months.
  @Test func orderOfWhatIsCarriedDoesNotMatter() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      var customer = Self.customer(movesMonths: false, using: &random)
      var placement = InvoicePlacement()
      placement.place(credits: customer.credits, invoices: customer.invoices, carried: [])
      customer.apply(placement.lines)
      Self.amend(&customer, using: &random)
      placement.place(
        credits: customer.credits, invoices: customer.invoices, carried: customer.parts)
      var other = InvoicePlacement()
      other.place(
        credits: customer.credits, invoices: customer.invoices,
        carried: customer.parts.shuffled(using: &random))
      #expect(placement.placedMinor == other.placedMinor, "seed \(seed): \(customer)")
      #expect(Set(placement.lines.map(\.text)) == Set(other.lines.map(\.text)), "seed \(seed)")
    }
  }
}
