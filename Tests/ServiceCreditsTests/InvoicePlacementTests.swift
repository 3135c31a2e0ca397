import SeededRandom
import ServiceCredits
import Testing

/// Section 8 of the credit rules. Lists are separated by semicolons and counted from 0.
///
/// - Credits: `100 USD 9 2`, entitled minor units, currency, month of 2026, first instant.
/// - Invoices: `draft 80 USD`, `void USD`; a currency of `?` is none.
/// - Carried: `0 on 1: 30`, credit 0 on invoice 1; invoice `-` is finalized or not listed.
/// - Lines: `0 on 1: -30`.
@Suite struct InvoicePlacementTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let credits: String
    let invoices: String
    let carried: String
    let lines: String
    let over: String

    init(
      _ name: String, credits: String, invoices: String, carried: String = "", lines: String,
      over: String = ""
    ) {
      testDescription = name
      self.credits = credits
      self.invoices = invoices
      self.carried = carried
      self.lines = lines
      self.over = over
    }
  }

  struct Scene {
    var credits: [PlaceableCredit]
    var invoices: [OpenInvoice]
    var carried: [CarriedPart]
  }

  @Test(
    "Placing what is open",
    arguments: [
      Row(
        "one credit, one draft", credits: "100 USD 9 0", invoices: "draft 500 USD",
        lines: "0 on 0: -100"),
      Row("no invoice", credits: "100 USD 9 0", invoices: "", lines: ""),
      Row("no credit", credits: "", invoices: "draft 500 USD", lines: ""),
      Row("nothing to place", credits: "0 USD 9 0", invoices: "draft 500 USD", lines: ""),
      Row(
        "a minor unit too small", credits: "100 USD 9 0", invoices: "draft 99 USD",
        lines: "0 on 0: -99"),
      Row(
        "exactly enough", credits: "100 USD 9 0", invoices: "draft 100 USD", lines: "0 on 0: -100"),
      Row(
        "what is left over goes onto the next", credits: "100 USD 9 0",
        invoices: "draft 40 USD; draft 500 USD", lines: "0 on 0: -40; 0 on 1: -60"),
      Row(
        "what is left over stays open", credits: "100 USD 9 0",
        invoices: "draft 40 USD; draft 30 USD", lines: "0 on 0: -40; 0 on 1: -30"),
      Row(
        "a draft of nothing is passed over", credits: "100 USD 9 0",
        invoices: "draft 0 USD; draft 500 USD", lines: "0 on 1: -100"),
      Row(
        "a draft of less than nothing is passed over", credits: "100 USD 9 0",
        invoices: "draft -5 USD; draft 500 USD", lines: "0 on 1: -100"),
      Row(
        "another currency is passed over", credits: "100 USD 9 0",
        invoices: "draft 500 EUR; draft 500 USD", lines: "0 on 1: -100"),
      Row("no draft of the currency", credits: "100 USD 9 0", invoices: "draft 500 EUR", lines: ""),
      Row("an invoice in no currency", credits: "100 USD 9 0", invoices: "draft 500 ?", lines: ""),
      Row("a void invoice takes nothing", credits: "100 USD 9 0", invoices: "void USD", lines: ""),
      Row(
        "each currency on its own", credits: "100 USD 9 0; 50 JPY 9 0",
        invoices: "draft 500 JPY; draft 500 USD", lines: "0 on 1: -100; 1 on 0: -50"),
      Row(
        "the earlier month first", credits: "100 USD 10 0; 100 USD 9 5",
        invoices: "draft 150 USD", lines: "0 on 0: -50; 1 on 0: -100"),
      Row(
        "then the earlier first instant", credits: "100 USD 9 5; 100 USD 9 4",
        invoices: "draft 150 USD", lines: "0 on 0: -50; 1 on 0: -100"),
      Row(
        "then the key", credits: "100 USD 9 4; 100 USD 9 4", invoices: "draft 150 USD",
        lines: "0 on 0: -100; 1 on 0: -50"),
      Row(
        "a later credit fills what the first left", credits: "100 USD 9 0; 100 USD 9 1",
        invoices: "draft 150 USD; draft 500 USD", lines: "0 on 0: -100; 1 on 0: -50; 1 on 1: -50"),
      Row(
        "what an invoice carries already takes room", credits: "100 USD 9 0; 100 USD 9 1",
        invoices: "draft 150 USD", carried: "0 on 0: 100", lines: "1 on 0: -50"),
      Row(
        "what others carry is not placed again", credits: "100 USD 9 0",
        invoices: "draft 500 USD", carried: "0 on -: 70", lines: "0 on 0: -30"),
      Row(
        "placed whole: no line", credits: "100 USD 9 0", invoices: "draft 500 USD",
        carried: "0 on 0: 100", lines: ""),
      Row(
        "an increase goes onto the same draft", credits: "130 USD 9 0",
        invoices: "draft 500 USD", carried: "0 on 0: 100", lines: "0 on 0: -30"),
      Row(
        "nothing moves to an earlier draft that has room by now", credits: "100 USD 9 0",
        invoices: "draft 500 USD; draft 500 USD", carried: "0 on 1: 100", lines: ""),
      Row(
        "the largest", credits: "9223372036854775807 USD 9 0",
        invoices: "draft 9223372036854775807 USD", lines: "0 on 0: -9223372036854775807"),
    ])
  func placing(row: Row) { check(row) }

  @Test(
    "Taking back",
    arguments: [
      Row(
        "a voided invoice gives its credits back", credits: "100 USD 9 0", invoices: "void USD",
        carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "and they go onto the next draft", credits: "100 USD 9 0",
        invoices: "void USD; draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 100; 0 on 1: -100"),
      Row(
        "a voided invoice of another currency too", credits: "100 USD 9 0", invoices: "void EUR",
        carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "voided, and the credit is gone too", credits: "0 USD 9 0", invoices: "void USD",
        carried: "0 on 0: 100", lines: "0 on 0: 100"),
      Row(
        "a decrease takes what is open first", credits: "60 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on 0: 60", lines: ""),
      Row(
        "then from the draft", credits: "59 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on 0: 60", lines: "0 on 0: 1"),
      Row(
        "from the latest draft first", credits: "70 USD 9 0",
        invoices: "draft 60 USD; draft 60 USD", carried: "0 on 0: 60; 0 on 1: 40",
        lines: "0 on 1: 30"),
      Row(
        "then from the one before", credits: "50 USD 9 0",
        invoices: "draft 60 USD; draft 60 USD", carried: "0 on 0: 60; 0 on 1: 40",
        lines: "0 on 1: 40; 0 on 0: 10"),
      Row(
        "a credit taken back whole", credits: "0 USD 9 0",
        invoices: "draft 60 USD; draft 60 USD", carried: "0 on 0: 60; 0 on 1: 40",
        lines: "0 on 1: 40; 0 on 0: 60"),
      Row(
        "only from where it is", credits: "50 USD 9 0; 60 USD 9 1",
        invoices: "draft 500 USD; draft 500 USD", carried: "0 on 0: 60; 1 on 1: 60",
        lines: "0 on 0: 10"),
      Row(
        "room that a decrease makes is filled", credits: "50 USD 9 0; 60 USD 9 1",
        invoices: "draft 60 USD", carried: "0 on 0: 60", lines: "0 on 0: 10; 1 on 0: -10"),
      Row(
        "what is finalized is not clawed back", credits: "60 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on -: 100", lines: "", over: "0: 40"),
      Row(
        "the draft first, then it is reported", credits: "60 USD 9 0",
        invoices: "draft 60 USD", carried: "0 on -: 80; 0 on 0: 20", lines: "0 on 0: 20",
        over: "0: 20"),
      Row(
        "the draft is enough", credits: "80 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on -: 80; 0 on 0: 20", lines: "0 on 0: 20"),
      Row(
        "one overcredited does not pay for another", credits: "60 USD 9 0; 50 USD 9 1",
        invoices: "draft 500 USD", carried: "0 on -: 100", lines: "1 on 0: -50", over: "0: 40"),
      Row(
        "several overcredited", credits: "0 USD 9 0; 5 USD 9 1", invoices: "",
        carried: "0 on -: 100; 1 on -: 6", lines: "", over: "0: 100; 1: 1"),
      Row(
        "a draft whose amount was lowered", credits: "100 USD 9 0", invoices: "draft 60 USD",
        carried: "0 on 0: 100", lines: "0 on 0: 40"),
      Row(
        "the credit placed last leaves first", credits: "50 USD 9 0; 50 USD 9 1",
        invoices: "draft 60 USD", carried: "0 on 0: 50; 1 on 0: 50", lines: "1 on 0: 40"),
      Row(
        "and then the one before", credits: "50 USD 9 0; 50 USD 9 1", invoices: "draft 30 USD",
        carried: "0 on 0: 50; 1 on 0: 50", lines: "0 on 0: 20; 1 on 0: 50"),
      Row(
        "lowered to nothing", credits: "50 USD 9 0; 50 USD 9 1", invoices: "draft 0 USD",
        carried: "0 on 0: 50; 1 on 0: 50", lines: "0 on 0: 50; 1 on 0: 50"),
      Row(
        "what leaves a lowered draft goes onto the next", credits: "100 USD 9 0",
        invoices: "draft 60 USD; draft 500 USD", carried: "0 on 0: 100",
        lines: "0 on 0: 40; 0 on 1: -40"),
      Row(
        "the amount due is now exactly what it carries", credits: "100 USD 9 0",
        invoices: "draft 100 USD", carried: "0 on 0: 100", lines: ""),
      Row(
        "a decrease makes room on a lowered draft before anyone must leave",
        credits: "10 USD 9 0; 50 USD 9 1", invoices: "draft 60 USD",
        carried: "0 on 0: 50; 1 on 0: 50", lines: "0 on 0: 40"),
      Row(
        "an invoice in no currency keeps what it carries", credits: "100 USD 9 0",
        invoices: "draft 500 ?", carried: "0 on 0: 100", lines: ""),
    ])
  func takingBack(row: Row) { check(row) }

  private func check(_ row: Row) {
    let scene = Scene(row)
    var placement = InvoicePlacement()
    // Arrays of the previous customer must have no effect.
    placement.place(
      credits: [Scene.credit("7 USD 1 0")], invoices: [Scene.invoice("draft 3 USD")],
      carried: [CarriedPart(credit: 0, invoice: nil, amountMinor: 9)])
    placement.place(
      credits: scene.credits, invoices: scene.invoices, carried: scene.carried)
    let lines = placement.lines.map { "\($0.credit) on \($0.invoice): \($0.amountMinor)" }
    #expect(lines.joined(separator: "; ") == row.lines)
    let over = placement.overcredited.map { "\($0.credit): \($0.amountMinor)" }
    #expect(over.joined(separator: "; ") == row.over)
    for credit in scene.credits.indices {
      let carried = scene.carried.filter { $0.credit == credit }.reduce(0) { $0 + $1.amountMinor }
      let moved = placement.lines.filter { $0.credit == credit }.reduce(0) { $0 + $1.amountMinor }
      #expect(placement.placedMinor[credit] == carried - moved)
    }
  }
}

extension InvoicePlacementTests.Scene {
  init(_ row: InvoicePlacementTests.Row) {
    credits = Self.items(row.credits).map(Self.credit)
    invoices = Self.items(row.invoices).map(Self.invoice)
    carried = Self.items(row.carried).map { text in
      let words = text.split { $0 == " " || $0 == ":" }.map(String.init)
      return CarriedPart(
        credit: Int32(words[0]) ?? -1, invoice: Int32(words[2]),
        amountMinor: Int64(words[3]) ?? 0)
    }
  }

  static func items(_ text: String) -> [String] {
    text.split(separator: ";").map { String($0).split(separator: " ").joined(separator: " ") }
  }

  static func credit(_ text: String) -> PlaceableCredit {
    let words = text.split(separator: " ").map(String.init)
    guard let minor = Int64(words[0]), let currency = Currency(words[1]), let month = Int(words[2]),
      let first = Int64(words[3])
    else { preconditionFailure("no credit: \(text)") }
    return PlaceableCredit(
      currency: currency, entitledMinor: minor, month: BillingMonth(year: 2026, month: month),
      firstInstant: Instant(microseconds: first))
  }

  static func invoice(_ text: String) -> OpenInvoice {
    let words = text.split(separator: " ").map(String.init)
    let currency = words.last.flatMap { Currency($0) }
    if words[0] == "void" { return OpenInvoice(currency: currency, state: .void) }
    guard let due = Int64(words[1]) else { preconditionFailure("no invoice: \(text)") }
    return OpenInvoice(currency: currency, state: .draft(dueMinor: due))
  }
}

/// Laws that hold after every placement, on random customers over several nights.
@Suite struct InvoicePlacementLaws {
  struct Customer {
    var credits: [PlaceableCredit] = []
    var invoices: [OpenInvoice] = []
    /// By credit and invoice; -1 for invoices that are finalized.
    var carried: [[Int32]: Int64] = [:]

    var parts: [CarriedPart] {
      carried.keys.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.map {
        CarriedPart(
          credit: $0[0], invoice: $0[1] < 0 ? nil : $0[1], amountMinor: carried[$0] ?? 0)
      }
    }

    mutating func apply(_ lines: [PlacedLine]) {
      for line in lines { carried[[line.credit, line.invoice], default: 0] -= line.amountMinor }
    }
  }

  static let currencies = ["USD", "JPY"].compactMap { Currency($0) }

  static func customer(using random: inout SeededGenerator) -> Customer {
    var customer = Customer()
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      customer.credits.append(
        PlaceableCredit(
          currency: currencies[Int.random(in: 0...1, using: &random)],
          entitledMinor: Int64.random(in: 0...60, using: &random),
          month: BillingMonth(year: 2026, month: Int.random(in: 8...10, using: &random)),
          firstInstant: Instant(microseconds: Int64.random(in: 0...3, using: &random))))
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

  /// Changes between nights: entitlements, amounts due, voided and finalized invoices.
  static func amend(_ customer: inout Customer, using random: inout SeededGenerator) {
    for position in customer.credits.indices where Bool.random(using: &random) {
      let credit = customer.credits[position]
      customer.credits[position] = PlaceableCredit(
        currency: credit.currency, entitledMinor: Int64.random(in: 0...60, using: &random),
        month: credit.month, firstInstant: credit.firstInstant)
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
        for credit in customer.credits.indices {
          let key = [Int32(credit), Int32(position)]
          guard let amount = customer.carried.removeValue(forKey: key) else { continue }
          customer.carried[[Int32(credit), -1], default: 0] += amount
        }
        customer.invoices[position] = invoice(using: &random)
      default: break
      }
    }
  }

  @Test func invariantsHoldEveryNight() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    var placement = InvoicePlacement()
    for _ in 0..<2000 {
      var customer = Self.customer(using: &random)
      for _ in 0..<3 {
        let parts = customer.parts
        placement.place(credits: customer.credits, invoices: customer.invoices, carried: parts)
        customer.apply(placement.lines)
        for broken in Self.brokenInvariants(customer, placement) {
          Issue.record("seed \(seed): \(broken) in \(customer) from \(parts)")
        }
        let once = customer
        placement.place(
          credits: customer.credits, invoices: customer.invoices, carried: customer.parts)
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
    if customer.carried.values.contains(where: { $0 < 0 }) { broken.append("negative part") }
    for (position, invoice) in customer.invoices.enumerated() {
      let carried = customer.credits.indices.reduce(0) { $0 + on($1, position) }
      switch invoice.state {
      case .void: if carried != 0 { broken.append("void invoice \(position) carries \(carried)") }
      case .draft(let due): if carried > due { broken.append("draft \(position) is overfull") }
      case .fixed:
        if placement.lines.contains(where: { $0.invoice == Int32(position) }) {
          broken.append("fixed invoice \(position) was touched")
        }
      }
    }
    for (position, credit) in customer.credits.enumerated() {
      let placed = customer.invoices.indices.reduce(on(position, -1)) { $0 + on(position, $1) }
      let finalized = customer.invoices.indices.filter { customer.invoices[$0].state == .fixed }
        .reduce(on(position, -1)) { $0 + on(position, $1) }
      let over = placement.overcredited.first { $0.credit == Int32(position) }?.amountMinor ?? 0
      if placement.placedMinor[position] != placed { broken.append("wrong total of \(position)") }
      if placed > max(credit.entitledMinor, finalized) { broken.append("\(position) overplaced") }
      if over != max(0, finalized - credit.entitledMinor) { broken.append("\(position) reported") }
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
      let lines = placement.lines.map { "\($0.credit) on \($0.invoice): \($0.amountMinor)" }
      #expect(lines.sorted() == expected.sorted(), "seed \(seed): \(customer)")
    }
  }

  @Test func orderOfWhatIsCarriedDoesNotMatter() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      var customer = Self.customer(using: &random)
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

extension PlacedLine {
  fileprivate var text: String { "\(credit) on \(invoice): \(amountMinor)" }
}
