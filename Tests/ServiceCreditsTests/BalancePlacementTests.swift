import SeededRandom
import ServiceCredits
import Testing

/// Credits that are handed to balances in another system instead of being placed on drafts.
@Suite struct BalancePlacementTests {
  typealias Laws = InvoicePlacementLaws

  private static let usd = Currency("USD")!

  private func lines(
    entitled: [Int64], _ carried: [CarriedPart], invoices: [OpenInvoice] = [],
    balance: BalanceSystem?
  ) -> [String] {
    var placement = InvoicePlacement()
    placement.place(
      credits: entitled.enumerated().map { position, minor in
        PlaceableCredit(
          currency: Self.usd, entitledMinor: minor, month: BillingMonth(year: 2026, month: 9),
          firstInstant: Instant(microseconds: Int64(position)), sibling: Int32(position))
      }, invoices: invoices, carried: carried, balance: balance)
    return placement.lines.map { "\($0.credit) on \($0.text)" }
  }

  private func part(_ invoice: CarryingInvoice, _ minor: Int64) -> CarriedPart {
    CarriedPart(credit: 0, invoice: invoice, amountMinor: minor)
  }

  private static let draft = OpenInvoice(currency: usd, state: .draft(dueMinor: 500))

  @Test func whatIsOpenGoesThereWhole() {
    #expect(
      lines(entitled: [100, 0, 30], [], invoices: [Self.draft], balance: .stripe) == [
        "0 on 0 on balance:stripe: -100", "2 on 2 on balance:stripe: -30",
      ])
  }

  @Test func whatIsOnADraftStaysThere() {
    #expect(
      lines(entitled: [100], [part(.listed(0), 60)], invoices: [Self.draft], balance: .lago) == [
        "0 on 0 on balance:lago: -40"
      ])
  }

  @Test func aDecreaseTakesFromDraftsFirst() {
    #expect(
      lines(
        entitled: [30], [part(.balance(.stripe), 60), part(.listed(0), 40)],
        invoices: [Self.draft], balance: .stripe) == [
          "0 on 0 on 0: 40", "0 on 0 on balance:stripe: 30",
        ])
  }

  @Test("Another mode pays nothing twice and takes back where it was paid", arguments: [100, 40])
  func anotherMode(entitled: Int64) {
    for balance in [nil, .some(.lago)] as [BalanceSystem?] {
      #expect(
        lines(
          entitled: [entitled], [part(.balance(.stripe), 100)], invoices: [Self.draft],
          balance: balance) == (entitled == 100 ? [] : ["0 on 0 on balance:stripe: 60"]))
    }
  }

  @Test func whatAFinalizedInvoiceCarriesIsNotTakenFromABalanceTwice() {
    #expect(
      lines(
        entitled: [0], [part(.settled(line: 0), 100), part(.balance(.stripe), 20)], balance: .stripe
      )
        == ["0 on 0 on balance:stripe: 20"])
  }

  @Test func lawsHoldWhicheverModeANightHas() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    var placement = InvoicePlacement()
    for _ in 0..<1000 {
      var customer = Laws.customer(using: &random)
      for _ in 0..<4 {
        let balances: [BalanceSystem?] = [nil, .stripe, .other]
        let balance = balances[Int.random(in: 0..<3, using: &random)]
        func place() {
          placement.place(
            credits: customer.credits, invoices: customer.invoices, carried: customer.parts,
            balance: balance)
          customer.apply(placement.lines)
        }
        place()
        #expect(customer.carried.allSatisfy { $0.value >= 0 }, "seed \(seed)")
        for (position, credit) in customer.credits.enumerated() {
          let placed = customer.placed(position)
          let onInvoices = customer.carried.reduce(0) { sum, part in
            part.key[0] == Int32(position) && customer.isFinal(part.key[1])
              && !BalanceSystem.allCases.contains { PlacedLine.number(of: $0) == part.key[1] }
              ? sum + part.value : sum
          }
          #expect(placed <= max(credit.entitledMinor, onInvoices), "seed \(seed): paid twice")
          if balance != nil { #expect(placed >= credit.entitledMinor, "seed \(seed): open") }
        }
        place()
        #expect(placement.lines.isEmpty, "seed \(seed): placed twice")
        Laws.amend(&customer, using: &random)
      }
    }
  }
}
