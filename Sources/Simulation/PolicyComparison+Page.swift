package import Documents
import ServiceCredits

extension PolicyComparison {
  /// The comparison as a page that needs no other file.
  package var page: Page {
    Page(
      title: "What another policy would have cost",
      subtitle: "Credits of \(monthsText), as of \(asOf.text)",
      facts: [("today", today.words), ("new", new.words)], sections: sections())
  }

  /// The sections of the page. Their anchors begin with `policy-`.
  /// - Parameter topic: written before their titles, for a page with other sections.
  package func sections(topic: String? = nil) -> [PageSection] {
    func title(_ text: String) -> String { topic.map { "\($0): \(text.lowercased())" } ?? text }
    guard !totals.isEmpty else {
      return [
        PageSection(
          title: title("Nothing to compare"), anchor: "policy-totals", introduction: emptyText,
          content: [.list(notes)])
      ]
    }
    var totalContent: [PageContent] = [.table(totalTable)] + differenceCharts.map { .chart($0) }
    if !notes.isEmpty { totalContent.append(.list(notes)) }
    return [
      PageSection(
        title: title("Totals"), anchor: "policy-totals",
        introduction:
          "Both sides are worked out from the same incidents and subscriptions; the ledger's own sum stands beside them.",
        content: totalContent),
      PageSection(
        title: title("By tier"), anchor: "policy-tiers",
        introduction: "The severity and the threshold that decided; the percentages may differ.",
        content: [.table(tierTable)]),
      PageSection(title: title("By plan"), anchor: "policy-plans", content: [.table(planTable)]),
      PageSection(
        title: title("Customers"), anchor: "policy-customers",
        introduction: "Who gains and who loses most, over all the months.",
        content: customers.flatMap { customerTables($0) }),
    ]
  }

  private static let numbers: [PageTable.Column] = [
    .number("Credits today"), .number("Today"), .number("Credits new"), .number("New"),
    .number("Difference"),
  ]

  private static func amount(_ minor: Int128, _ currency: Currency) -> PageCell {
    // A sum that exceeds 64 bits is shown as text and cannot be sorted by.
    guard let narrow = Int64(exactly: minor) else {
      return .text(WideAmount.text(minor, currency))
    }
    return .amount(Money(amountMinor: narrow, currency: currency))
  }

  private static func cells(_ pair: Pair, _ currency: Currency) -> [PageCell] {
    [
      .count(pair.today.credits), amount(pair.today.minor, currency), .count(pair.new.credits),
      amount(pair.new.minor, currency), amount(pair.differenceMinor, currency),
    ]
  }

  private var totalTable: PageTable {
    PageTable(
      caption: "By month and currency",
      columns: [.text("Month"), .text("Currency"), .number("In the ledger")]
        + PolicyComparison.numbers,
      rows: totals.map { total in
        [
          .month(total.month), .code(total.currency.code),
          PolicyComparison.amount(total.recordedMinor, total.currency),
        ] + PolicyComparison.cells(total.pair, total.currency)
      })
  }

  private var tierTable: PageTable {
    PageTable(
      caption: "By month, currency and tier",
      columns: [.text("Tier"), .text("Month"), .text("Currency")] + PolicyComparison.numbers,
      rows: tiers.map { row in
        [.text(row.tier.words), .month(row.month), .code(row.currency.code)]
          + PolicyComparison.cells(row.pair, row.currency)
      })
  }

  private var planTable: PageTable {
    PageTable(
      caption: "By month, currency and plan",
      columns: [.text("Plan"), .text("Month"), .text("Currency")] + PolicyComparison.numbers,
      rows: plans.map { row in
        let plan = row.plan.map { PageCell.code(String(decoding: $0, as: UTF8.self)) }
        return [plan ?? .text("(others)"), .month(row.month), .code(row.currency.code)]
          + PolicyComparison.cells(row.pair, row.currency)
      })
  }

  private func customerTables(_ group: Customers) -> [PageContent] {
    let code = group.currency.code
    func table(_ list: [Customer], _ count: Int64, _ verb: String) -> PageContent? {
      guard !list.isEmpty else { return nil }
      let who = count == 1 ? "1 customer \(verb)s" : "\(count) customers \(verb)"
      let most = count > Int64(list.count) ? "; the \(list.count) who \(verb) most" : ""
      return .table(
        PageTable(
          caption: "\(who) in \(code)\(most)",
          columns: [
            .text("Customer"), .text("Name"), .number("Today"), .number("New"),
            .number("Difference"),
          ],
          rows: list.map { customer in
            [
              .code(String(decoding: customer.id, as: UTF8.self)),
              .text(String(decoding: customer.name, as: UTF8.self)),
              PolicyComparison.amount(customer.todayMinor, group.currency),
              PolicyComparison.amount(customer.newMinor, group.currency),
              PolicyComparison.amount(customer.differenceMinor, group.currency),
            ]
          }))
    }
    let tables = [
      table(group.gainMost, group.gaining, "gain"), table(group.loseMost, group.losing, "lose"),
    ].compactMap { $0 }
    guard tables.isEmpty else { return tables }
    return [.paragraph("Nobody gains or loses in \(code).")]
  }

  /// What each tier costs more or less over all months, one chart for each currency.
  private var differenceCharts: [any Chart] {
    var sums: [Currency: [(tier: Tier, minor: Int128)]] = [:]
    for row in tiers {
      var list = sums[row.currency] ?? []
      if let place = list.firstIndex(where: { $0.tier == row.tier }) {
        list[place].minor += row.pair.differenceMinor
      } else {
        list.append((row.tier, row.pair.differenceMinor))
      }
      sums[row.currency] = list
    }
    return sums.keys.sorted().compactMap { currency in
      let list = sums[currency] ?? []
      guard list.contains(where: { $0.minor != 0 }) else { return nil }
      return BarChart(
        title: "Difference by tier, \(currency.code)",
        summary: "What each tier would have cost more, or less to the left of zero.",
        unit: .money(currency),
        bars: list.map { .init(label: $0.tier.words, value: Int64(clamping: $0.minor)) },
        hasTable: true)
    }
  }
}
