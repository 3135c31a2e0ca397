import CreditLedger
import PolicyFiles
import SeededRandom
import ServiceCredits
import Testing

@testable import Journals

/// What a journal makes of the history of a credit.
struct JournalTallyTests {
  private static let month = BillingMonth(year: 2026, month: 10)
  private static let usd = Currency("USD")!

  /// A revision or a line. Revisions without a plan have nothing that they were decided on.
  private enum Event {
    case revision(run: Int64, Int64, plan: String?, through: Int32)
    case line(JournalledCredit.Writer, Int64)
  }

  private let texts = ByteTable()

  private func number(_ text: String) -> Int32 {
    Array(text.utf8).withUnsafeBytes { texts.insert($0) }
  }

  private func credit(_ events: [Event]) -> JournalledCredit {
    var credit = JournalledCredit(month: JournalTallyTests.month, currency: JournalTallyTests.usd)
    for event in events {
      switch event {
      case .revision(let run, let minor, let plan, let through):
        let basis = plan.map {
          JournalledCredit.Basis(
            service: number("api"), plan: number($0), policyVersion: number("v1"),
            customerTier: number(""))
        }
        credit.revisions.append(
          JournalledCredit.Revision(
            runId: run, amountMinor: minor, linesThrough: through, basis: basis))
      case .line(let writer, let minor):
        credit.lines.append(
          JournalledCredit.Line(
            number: Int32(credit.lines.count + 1), writer: writer, amountMinor: minor))
      }
    }
    return credit
  }

  /// The postings as `day kind account plan amount`.
  private func journal(
    _ events: [Event], runs: [Int64: Int32], days: Range<Int32> = 0..<0,
    accounts: AccountMap = .usual
  ) -> [String] {
    var tally = JournalTally(postedOn: runs, days: days, texts: texts)
    tally.add(credit(events), accounts: NumberedAccounts(number: 0, map: accounts))
    return tally.transactions.flatMap { transaction in
      transaction.postings.map { posting in
        "\(transaction.id) \(posting.account) \(posting.plan) \(posting.amount.decimalText)"
      }
    }
  }

  @Test func aGrantIsOwedAndPlaced() {
    let events: [Event] = [
      .revision(run: 1, 1000, plan: "gold", through: 1), .line(.run(1), -600),
    ]
    #expect(
      journal(events, runs: [1: 20_000]) == [
        "run-1/2026-10/USD/granted Income:ServiceCredits gold 10.00",
        "run-1/2026-10/USD/granted Liabilities:ServiceCredits gold -10.00",
        "run-1/2026-10/USD/placed Liabilities:ServiceCredits gold 6.00",
        "run-1/2026-10/USD/placed Assets:Receivable gold -6.00",
      ])
  }

  @Test func whatGoesToABalanceHasAnAccountOfItsOwn() {
    var given = credit([
      .revision(run: 1, 1000, plan: "gold", through: 2), .line(.run(1), -600),
      .line(.run(1), -400), .revision(run: 2, -300, plan: "gold", through: 3),
      .line(.run(2), 300),
    ])
    given.lines[1].isBalance = true
    given.lines[2].isBalance = true
    var tally = JournalTally(postedOn: [1: 20_000, 2: 20_001], days: 0..<0, texts: texts)
    tally.add(given, accounts: NumberedAccounts(number: 0, map: .usual))
    let lines = tally.transactions.filter { $0.kind > .released || $0.kind == .placed }
      .flatMap { transaction in
        transaction.postings.map { "\(transaction.id) \($0.account) \($0.amount.decimalText)" }
      }
    #expect(
      lines == [
        "run-1/2026-10/USD/placed Liabilities:ServiceCredits 6.00",
        "run-1/2026-10/USD/placed Assets:Receivable -6.00",
        "run-1/2026-10/USD/handed_over Liabilities:ServiceCredits 4.00",
        "run-1/2026-10/USD/handed_over Liabilities:CustomerBalances -4.00",
        "run-2/2026-10/USD/handed_back Assets:ServiceCredits:Overcredited -3.00",
        "run-2/2026-10/USD/handed_back Liabilities:CustomerBalances 3.00",
      ])
  }

  /// The decision of what takes everything back has no service and no plan.
  @Test func whatIsTakenBackGoesWhereItWasGranted() {
    let events: [Event] = [
      .revision(run: 1, 1000, plan: "gold", through: 1), .line(.run(1), -1000),
      .revision(run: 2, -1000, plan: nil, through: 1),
    ]
    #expect(
      journal(events, runs: [2: 20_001]) == [
        "run-2/2026-10/USD/taken_back Income:ServiceCredits gold -10.00",
        "run-2/2026-10/USD/taken_back Assets:ServiceCredits:Overcredited gold 10.00",
      ])
  }

  @Test func anotherPlanIsBookedAnew() {
    let events: [Event] = [
      .revision(run: 1, 1000, plan: "gold", through: 1), .line(.run(1), -400),
      .revision(run: 2, 500, plan: "basic", through: 1),
    ]
    #expect(
      journal(events, runs: [2: 20_001]) == [
        "run-2/2026-10/USD/granted Income:ServiceCredits basic 5.00",
        "run-2/2026-10/USD/granted Liabilities:ServiceCredits basic -5.00",
        "run-2/2026-10/USD/moved Income:ServiceCredits basic 10.00",
        "run-2/2026-10/USD/moved Income:ServiceCredits gold -10.00",
        "run-2/2026-10/USD/moved Liabilities:ServiceCredits basic -6.00",
        "run-2/2026-10/USD/moved Liabilities:ServiceCredits gold 6.00",
        "run-2/2026-10/USD/moved Assets:Receivable basic -4.00",
        "run-2/2026-10/USD/moved Assets:Receivable gold 4.00",
      ])
  }

  @Test func theInvoicingSystemPostsOnItsDay() {
    let events: [Event] = [
      .revision(run: 1, 1000, plan: "gold", through: 0),
      .line(.invoicing(day: 20_005), -1000), .line(.invoicing(day: 20_006), 300),
    ]
    #expect(
      journal(events, runs: [:], days: 20_005..<20_006) == [
        "invoicing-2024-10-09/2026-10/USD/placed Liabilities:ServiceCredits gold 10.00",
        "invoicing-2024-10-09/2026-10/USD/placed Assets:Receivable gold -10.00",
      ])
    #expect(
      journal(events, runs: [:], days: 20_006..<20_007) == [
        "invoicing-2024-10-10/2026-10/USD/released Liabilities:ServiceCredits gold -3.00",
        "invoicing-2024-10-10/2026-10/USD/released Assets:Receivable gold 3.00",
      ])
  }

  /// Random histories of many credits, month by month: each transaction balances, and in the end
  /// the accounts hold what the credits come to, by plan.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func accountsHoldWhatCreditsComeTo(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let days: [Int64: Int32] = [1: 20_000, 2: 20_001, 3: 20_040, 4: 20_041]
    var credits: [JournalledCredit] = []
    var wanted: [String: Int128] = [:]
    for _ in 0..<50 {
      let (credit, plan) = history(&random)
      let entitled = credit.revisions.reduce(0 as Int128) { $0 + Int128($1.amountMinor) }
      let placed = credit.lines.reduce(0 as Int128) { $0 - Int128($1.amountMinor) }
      wanted["Income:ServiceCredits \(plan)", default: 0] += entitled
      wanted["Liabilities:ServiceCredits \(plan)", default: 0] -= max(0, entitled - placed)
      wanted["Assets:ServiceCredits:Overcredited \(plan)", default: 0] += max(0, placed - entitled)
      wanted["Assets:Receivable \(plan)", default: 0] -= placed
      credits.append(credit)
    }
    var found: [String: Int128] = [:]
    for range in [19_990..<20_020, 20_020..<20_060] as [Range<Int32>] {
      var tally = JournalTally(
        postedOn: days.filter { range.contains($0.value) }, days: range, texts: texts)
      for credit in credits {
        tally.add(credit, accounts: NumberedAccounts(number: 0, map: .usual))
      }
      let transactions = tally.transactions
      #expect(Set(transactions.map(\.id)).count == transactions.count)
      #expect(transactions.map(\.day) == transactions.map(\.day).sorted())
      for posting in transactions.flatMap(\.postings) {
        found["\(posting.account) \(posting.plan)", default: 0] += posting.amount.totalMinor
      }
    }
    #expect(
      found.filter { $0.value != 0 } == wanted.filter { $0.value != 0 }, "seed \(seed)")
  }

  /// - Returns: the plan that the credit is booked under in the end.
  private func history(_ random: inout SeededGenerator) -> (JournalledCredit, plan: String) {
    var events: [Event] = []
    var plan = "gold"
    var (entitled, lines) = (0 as Int64, 0 as Int32)
    func invoicing(on day: Int32, _ random: inout SeededGenerator) {
      guard !events.isEmpty, Bool.random(using: &random) else { return }
      lines += 1
      events.append(
        .line(.invoicing(day: day), Int64.random(in: -300...300, using: &random) * 2 + 1))
    }
    for run in 1...4 as ClosedRange<Int64> {
      if Bool.random(using: &random) {
        let takesAll = entitled > 0 && Int.random(in: 0..<3, using: &random) == 0
        var amount = takesAll ? -entitled : Int64.random(in: 1...1000, using: &random)
        if !takesAll, entitled > 1, Bool.random(using: &random) {
          amount = -Int64.random(in: 1..<entitled, using: &random)
        }
        let own = Int32.random(in: 0...2, using: &random)
        if !takesAll { plan = ["gold", "basic"].randomElement(using: &random)! }
        lines += own
        events.append(
          .revision(run: run, amount, plan: takesAll ? nil : plan, through: lines))
        entitled += amount
        for _ in 0..<own {
          events.append(.line(.run(run), Int64.random(in: -300...300, using: &random) * 2 + 1))
        }
      } else if !events.isEmpty, Bool.random(using: &random) {
        // A line of a run for a credit that it does not revise.
        lines += 1
        events.append(.line(.run(run), Int64.random(in: -300...300, using: &random) * 2 + 1))
      }
      invoicing(on: run < 3 ? 20_002 : 20_042, &random)
    }
    if events.isEmpty { events.append(.revision(run: 4, 7, plan: plan, through: 0)) }
    return (credit(events), plan)
  }

  @Test func theNarrowestAccountsComeFirst() throws {
    let accounts = try PolicyFile.document(
      bytes: Array(
        """
        accounts:
          liability: Liabilities:Credits
          by:
            - {plan: gold, tier: Enterprise, credits: "Expenses:4711 Gold"}
            - {service: api, credits: Income:Api, receivable: Assets:Api}
        versions:
          - version: one
            effective_from: 2025-01-01
            time_zone: UTC
            tiers: [{severity: P0, longer_than: 1h, credit: 10%}]
        """.utf8), name: "policy.yaml"
    ).accounts
    func names(_ service: String, _ plan: String, _ tier: String) -> [String] {
      let own = accounts.accounts(service: service, plan: plan, tier: tier)
      return [own.credits, own.liability, own.receivable]
    }
    #expect(
      names("api", "gold", " ENTERPRISE ")
        == ["Expenses:4711 Gold", "Liabilities:Credits", "Assets:Receivable"])
    #expect(names("api", "gold", "smb") == ["Income:Api", "Liabilities:Credits", "Assets:Api"])
    #expect(
      names("web", "gold", "smb")
        == ["Income:ServiceCredits", "Liabilities:Credits", "Assets:Receivable"])
  }
}
