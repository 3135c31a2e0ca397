import Documents
import ServiceCredits

/// What changed since the last run, and which runs changed a month.
extension LedgerPageText {
  func changes() -> PageSection? {
    if isMonth { return history() }
    guard let run = figures.run else { return nil }
    var content: [PageContent] = [.table(ledgerTable(run))]
    if let previous = figures.previous {
      content.append(.table(runTable(run, previous)))
      if run.policyDigest != previous.policyDigest {
        content.append(.notice("The policy file is not the one of run \(previous.runId)."))
      }
    }
    return PageSection(
      title: "Since the last run", anchor: "changes",
      introduction: figures.previous.map {
        "Run \($0.runId), as of \(TimeText.text($0.asOf)), was the one before."
      } ?? "This was the first run.", content: content)
  }

  /// What the whole ledger was worth before the run, and after it.
  private func ledgerTable(_ run: LedgerFigures.Run) -> PageTable {
    let currencies = Set(figures.ledgerAmounts.map(\.currency)).sorted()
    func sum(_ currency: Currency, _ isWanted: (LedgerFigures.LedgerAmount) -> Bool) -> Int64 {
      figures.ledgerAmounts.filter { $0.currency == currency && isWanted($0) }
        .reduce(0) { $0 + $1.sum.amountMinor }
    }
    return PageTable(
      caption: "The ledger before and after, all months",
      columns: [
        .text("Currency"), .number("Before"), .number("Granted"), .number("Increased"),
        .number("Taken back"), .number("After"),
      ],
      rows: currencies.map { currency in
        func amount(_ minor: Int64) -> PageCell {
          .amount(LedgerPageText.money(minor, currency))
        }
        return [
          .text(currency.code), amount(sum(currency) { $0.runsAgo > 0 }),
          amount(sum(currency) { $0.runsAgo == 0 && $0.kind == .grant }),
          amount(sum(currency) { $0.runsAgo == 0 && $0.kind == .increase }),
          amount(sum(currency) { $0.runsAgo == 0 && $0.kind == .decrease }),
          amount(sum(currency) { _ in true }),
        ]
      })
  }

  private func runTable(_ run: LedgerFigures.Run, _ previous: LedgerFigures.Run) -> PageTable {
    var rows: [[PageCell]] = [
      [.text("As of"), .time(previous.asOf), .time(run.asOf), .none],
      [
        .text("Billing months"), .text(LedgerPageText.text(previous.months)),
        .text(LedgerPageText.text(run.months)), .none,
      ],
      [
        .text("Program"), .text("redress \(previous.programVersion)"),
        .text("redress \(run.programVersion)"), .none,
      ],
    ]
    let counts: [(String, KeyPath<LedgerFigures.Run, Int64>)] = [
      ("Revisions", \.revisions), ("Invoice lines", \.invoiceLines), ("Findings", \.findings),
      ("Customers", \.customers), ("Subscriptions", \.subscriptions),
    ]
    for (label, count) in counts {
      rows.append([
        .text(label), .count(previous[keyPath: count]), .count(run[keyPath: count]),
        .count(run[keyPath: count] - previous[keyPath: count]),
      ])
    }
    for currency in Set(run.feesMicros.keys).union(previous.feesMicros.keys).sorted() {
      let before = previous.feesMicros[currency] ?? 0
      let now = run.feesMicros[currency] ?? 0
      let decimals = Int(currency.exponent)
      rows.append([
        .text("Monthly fees, \(currency.code)"), .decimal(before, atLeast: decimals),
        .decimal(now, atLeast: decimals), .decimal(now - before, atLeast: decimals),
      ])
    }
    return PageTable(
      caption: "The two runs",
      columns: [
        .text("What"), .number("Run \(previous.runId)"), .number("Run \(run.runId)"),
        .number("Change"),
      ], rows: rows)
  }

  // MARK: A month

  /// A chart with more points cannot be read.
  private static let drawnRuns = 60

  private func history() -> PageSection? {
    guard !figures.runsOfMonth.isEmpty else { return nil }
    var sums: [Currency: Int64] = [:]
    var rows: [[PageCell]] = []
    var after: [Currency: [(run: Int64, minor: Int64)]] = [:]
    for change in figures.runsOfMonth {
      let currency = change.currency
      sums[currency, default: 0] += change.sum.amountMinor
      after[currency, default: []].append((change.runId, sums[currency] ?? 0))
      rows.append([
        .count(change.runId), .time(change.asOf), .text(currency.code), .count(change.sum.rows),
        .amount(LedgerPageText.money(change.sum.amountMinor, currency)),
        .amount(LedgerPageText.money(sums[currency] ?? 0, currency)),
      ])
    }
    let charts = after.sorted { $0.key < $1.key }.compactMap { currency, points -> (any Chart)? in
      guard points.count > 1 else { return nil }
      let shown = points.suffix(LedgerPageText.drawnRuns)
      let unit = ChartUnit.money(currency)
      return LineChart(
        title: "Worth of the month in \(currency.code) after each run",
        summary:
          "From \(unit.text(shown.first?.minor ?? 0)) after run \(shown.first?.run ?? 0) to \(unit.text(shown.last?.minor ?? 0)) after run \(shown.last?.run ?? 0).",
        unit: unit, pointName: "run", points: shown.map { String($0.run) },
        series: [.init(name: currency.code, values: shown.map(\.minor))], isHalfWide: true)
    }
    let isCut = rows.count > 200
    return PageSection(
      title: "Run by run", anchor: "changes",
      introduction: "What each run changed in this month. Runs that changed nothing are left out.",
      content: (charts.isEmpty ? [] : [.charts(charts)]) + [
        .table(
          PageTable(
            caption: isCut ? "The last 200 changes of \(rows.count)" : "Changes of the month",
            columns: [
              .number("Run"), .text("As of"), .text("Currency"), .number("Lines"),
              .number("Change"), .number("Worth after it"),
            ], rows: Array(rows.suffix(200))))
      ])
  }
}
