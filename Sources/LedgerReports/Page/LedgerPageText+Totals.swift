import Documents
import ServiceCredits

/// The totals by group, the distribution of the amounts, and the cost of the incidents.
extension LedgerPageText {
  /// A chart with more series cannot be read.
  private static let chartedCurrencies = 6
  private static let chartedGroups = 12
  private static let shownGroups = 200

  // MARK: Totals by group

  func breakdown() -> PageSection {
    var content: [PageContent] = []
    for dimension in LedgerFigures.Dimension.allCases {
      let groups = figures.groups[dimension] ?? []
      // The page of a month has only that month.
      if groups.isEmpty || dimension == .month && isMonth { continue }
      let (title, noun) = LedgerPageText.name(dimension)
      content.append(.heading(title))
      if let chart = chart(dimension, groups, noun) { content.append(.chart(chart)) }
      content.append(.table(table(title, noun, groups)))
    }
    if content.isEmpty { content.append(.paragraph("There is nothing to add up.")) }
    return PageSection(
      title: "Totals", anchor: "totals",
      introduction: isMonth
        ? "The part is of all credits in the same currency."
        : "The share is of everything added in the same currency; what was taken back is not in it.",
      content: content)
  }

  private static func name(_ dimension: LedgerFigures.Dimension) -> (title: String, noun: String) {
    switch dimension {
    case .month: ("By billing month", "Month")
    case .severity: ("By severity", "Severity")
    case .tier: ("By tier", "Tier")
    case .plan: ("By plan", "Plan")
    case .service: ("By service", "Service")
    case .customerTier: ("Enterprise and other customers", "Customers")
    }
  }

  private func total(_ currency: Currency) -> LedgerFigures.Sum {
    figures.currencies.first { $0.currency == currency }?.total ?? .init()
  }

  private func share(_ group: LedgerFigures.Group) -> BasisPoints? {
    LedgerPageText.share(
      Int128(group.sum.addedMinor), of: Int128(total(group.currency).addedMinor))
  }

  private func table(
    _ title: String, _ noun: String, _ groups: [LedgerFigures.Group]
  ) -> PageTable {
    let shown = groups.prefix(LedgerPageText.shownGroups)
    let cut =
      groups.count > shown.count ? ", the first \(shown.count) of \(groups.count) rows" : ""
    // If nothing was taken back, the amount is what was added, and one column is enough.
    let hasTakenBack = figures.currencies.contains { $0.total.addedMinor != $0.total.amountMinor }
    let amounts: [PageTable.Column] =
      hasTakenBack
      ? [.number("Added"), .number("Taken back"), .number("Net")] : [.number("Amount")]
    return PageTable(
      caption: title + cut,
      columns: [.text(noun), .text("Currency"), .number("Lines")] + amounts
        + [.number("Share")],
      rows: shown.map { group in
        let sum = group.sum
        let amounts =
          hasTakenBack
          ? [sum.addedMinor, sum.amountMinor - sum.addedMinor, sum.amountMinor] : [sum.amountMinor]
        return [.text(group.label), .text(group.currency.code), .count(sum.rows)]
          + amounts.map { .amount(LedgerPageText.money($0, group.currency)) }
          + [share(group).map { .share($0) } ?? .none]
      }, hasQuietCaption: cut.isEmpty)
  }

  /// Shows each group's share of its currency's credits. Shares can be compared across currencies.
  private func chart(
    _ dimension: LedgerFigures.Dimension, _ groups: [LedgerFigures.Group], _ noun: String
  ) -> (any Chart)? {
    let charted = figures.currencies.filter { $0.total.addedMinor > 0 }
      .prefix(LedgerPageText.chartedCurrencies).map(\.currency)
    guard !charted.isEmpty else { return nil }
    var labels: [String] = []
    for group in groups where charted.contains(group.currency) && group.sum.addedMinor > 0 {
      // Compares bytes: String's == takes two spellings of the same letters for the same name.
      if !labels.contains(where: { $0.utf8.elementsEqual(group.label.utf8) }) {
        labels.append(group.label)
      }
    }
    guard labels.count > 1 else { return nil }
    if dimension == .month || dimension == .severity {
      labels.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    let isCut = labels.count > LedgerPageText.chartedGroups
    labels = Array(labels.prefix(LedgerPageText.chartedGroups))
    let rows = labels.map { label in
      GroupedBarChart.Group(
        label: label,
        values: charted.map { currency in
          groups.first {
            $0.currency == currency && $0.sum.addedMinor > 0
              && $0.label.utf8.elementsEqual(label.utf8)
          }
          .flatMap { share($0) }.map { Int64($0.value) }
        })
    }
    let codes = charted.map(\.code)
    let first = rows[0]
    let unit = ChartUnit.percent(of: "% of the currency's credits")
    let parts = zip(codes, first.values).compactMap { code, value in
      value.map { "\(unit.text($0)) in \(code)" }
    }
    let cut = isCut ? ", the first \(labels.count)" : ""
    return GroupedBarChart(
      title: dimension == .customerTier
        ? "Share of each currency's credits that goes to Enterprise customers"
        : "Share of each currency's credits by \(noun.lowercased())\(cut)",
      summary: "\(first.label): \(parts.joined(separator: ", ")).", unit: unit, series: codes,
      groups: rows, hasTable: true)
  }

  // MARK: Distribution

  func distribution() -> PageSection {
    let charts = figures.currencies.filter { !$0.bins.isEmpty }.map { total -> any Chart in
      let unit = ChartUnit.money(total.currency)
      let count = total.bins.reduce(0) { $0 + $1.count }
      let most = total.bins.max { $0.count < $1.count }
      let peak = most.map {
        " Most, \($0.count), are from \(unit.text($0.lower)) to below \(unit.text($0.upper)) \(unit.name)."
      }
      return HistogramChart(
        title: "Sizes of credits in \(total.currency.code)",
        summary: "\(count) credits.\(peak ?? "")", unit: unit, counted: "credits",
        bins: total.bins)
    }
    return PageSection(
      title: "Distribution", anchor: "distribution",
      introduction:
        "How many credits there are of each size. Each column reaches to twice or two and a half times the size at which it begins."
        + (isMonth ? "" : " What was taken back is not counted here."),
      content: charts.isEmpty ? [.paragraph("There are no credits to count.")] : [.charts(charts)])
  }

  // MARK: Incidents

  /// A chart with more rows cannot be read.
  private static let drawnIncidents = 40

  func incidents() -> PageSection {
    var content: [PageContent] = []
    if let span = figures.span {
      var drawn = figures.incidents.filter { incident in
        incident.windows.contains { $0.interval.overlaps(span) }
      }
      let all = drawn.count
      if all > LedgerPageText.drawnIncidents {
        let least = drawn.map(\.credits).sorted(by: >)[LedgerPageText.drawnIncidents - 1]
        drawn = Array(
          drawn.filter { $0.credits >= least }.prefix(LedgerPageText.drawnIncidents))
      }
      content.append(
        .chart(
          TimelineChart(
            title: all > drawn.count
              ? "Outages of the \(drawn.count) incidents with the most credits, of \(all)"
              : "Outages",
            summary:
              "\(drawn.count) incidents from \(DayText.short(span.start)) to \(DayText.short(span.end)); the table below has their times and what each cost.",
            span: span,
            rows: drawn.map { incident in
              TimelineChart.Row(
                label: incident.incidentId, bars: incident.windows,
                note: LedgerPageText.note(incident))
            })))
    }
    content.append(
      figures.incidents.isEmpty
        ? .paragraph("There were no incidents.") : .table(incidentTable()))
    return PageSection(
      title: "Incidents", anchor: "incidents",
      introduction:
        "Every incident of the time, also those that earned nothing. Times are UTC; began and ended are those of its outage windows.",
      content: content)
  }

  /// What the incident cost, in at most two currencies.
  private static func note(_ incident: LedgerFigures.Incident) -> String {
    let cost = incident.cost.filter { $0.amountMinor != 0 }
    if cost.isEmpty { return incident.treatment }
    let first = cost.prefix(2).map { $0.text }.joined(separator: ", ")
    return cost.count > 2 ? "\(first), …" : first
  }

  private func incidentTable() -> PageTable {
    PageTable(
      caption: "Incidents and what each cost",
      columns: [
        .text("Incident"), .text("Title"), .text("Severity"), .text("Began"), .text("Ended"),
        .text("Outcome"), .number("Lines"), .number("Cost"),
      ],
      rows: figures.incidents.map { incident in
        [
          .code(incident.incidentId), .text(incident.title),
          incident.severity.isEmpty ? .none : .text(incident.severity),
          incident.windows.map(\.interval.start).min().map { .time($0) } ?? .none,
          incident.windows.map(\.interval.end).max().map { .time($0) } ?? .none,
          .text(incident.treatment), .count(incident.credits), .moneys(incident.cost),
        ]
      })
  }
}
