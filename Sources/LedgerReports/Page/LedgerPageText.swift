package import Documents
import ServiceCredits

/// Writes a run or a month as the sections, tables and charts of its page.
package struct LedgerPageText {
  let figures: LedgerFigures

  package init(_ figures: LedgerFigures) {
    self.figures = figures
  }

  /// - Parameter more: sections of other modules. They come before the control totals.
  package func page(more: [PageSection] = []) -> Page {
    var sections = [summary(), breakdown(), distribution(), incidents(), largest(), worthALook()]
    sections += [invoices(), findings(), limits(), changes()].compactMap { $0 }
    sections += more
    sections.append(control())
    return Page(title: title, subtitle: subtitle, facts: facts, sections: sections)
  }

  var isMonth: Bool {
    if case .month = figures.subject { true } else { false }
  }

  private var title: String {
    figures.held == nil ? "Service credits" : "Service credits, proposed"
  }

  private var subtitle: String {
    switch figures.subject {
    case .month(let month): "\(DayText.name(month)), as the ledger stands"
    case .run:
      figures.run.map {
        let name = figures.held.map { "Proposal \($0.digest.prefix(ProposalName.digits))" }
        return
          "\(name ?? "Run \($0.runId)"), \(LedgerPageText.text($0.months)), as of \(TimeText.text($0.asOf))"
      } ?? ""
    }
  }

  private var facts: [(label: String, value: String)] {
    guard let run = figures.run else { return [] }
    var facts = [
      (label: "As of", value: TimeText.text(run.asOf)),
      (label: "Billing months", value: LedgerPageText.text(run.months)),
      (
        label: figures.held == nil ? "Written" : "Worked out", value: TimeText.text(run.finishedAt)
      ),
    ]
    if !isMonth, let day = run.postedOn { facts.append((label: "Posted on", value: day.text)) }
    if let closed = run.closedThrough {
      facts.append((label: "Closed months", value: "through \(closed.text)"))
    }
    if run.lateCorrections > 0 {
      facts.append(
        (label: "Late corrections", value: "\(run.lateCorrections) of closed months, in the lines"))
    }
    if let held = figures.held { facts.insert((label: "Proposal", value: held.digest), at: 0) }
    if isMonth { facts.insert((label: "Reconciled last by", value: "run \(run.runId)"), at: 0) }
    if let version = figures.limitsVersion { facts.append((label: "Policy", value: version)) }
    facts.append((label: "Run by", value: run.runBy))
    facts.append((label: "Program", value: "redress \(run.programVersion)"))
    return facts
  }

  static func text(_ months: ClosedRange<BillingMonth>) -> String {
    months.lowerBound == months.upperBound
      ? DayText.name(months.lowerBound)
      : "\(DayText.name(months.lowerBound)) to \(DayText.name(months.upperBound))"
  }

  static func count(_ number: Int64, _ one: String, _ many: String) -> String {
    var text: [UInt8] = []
    appendInteger(number, to: &text)
    return "\(String(decoding: text, as: UTF8.self)) \(number == 1 ? one : many)"
  }

  static func money(_ minor: Int64, _ currency: Currency) -> Money {
    Money(amountMinor: minor, currency: currency)
  }

  /// `part` of `whole` in basis points, rounded half up; `nil` if `whole` is not positive.
  static func share(_ part: Int128, of whole: Int128) -> BasisPoints? {
    guard whole > 0 else { return nil }
    let doubled = part * 20_000 + whole
    // Rounds down, also below zero.
    var points = doubled / (whole * 2)
    if doubled < 0, doubled % (whole * 2) != 0 { points -= 1 }
    return BasisPoints(Int32(clamping: points))
  }

  /// Minor units in micros of the major unit.
  static func micros(_ minor: Int64, _ currency: Currency) -> Int128 {
    micros(Int128(minor), currency)
  }

  private static func micros(_ minor: Int128, _ currency: Currency) -> Int128 {
    minor * Int128(1_000_000 / currency.minorUnitsPerMajor)
  }

  static func amount(_ sum: PlacementTotals.Sum, _ currency: Currency) -> PageCell {
    guard let minor = Int64(exactly: sum.amountMinor) else {
      return .decimal(micros(sum.amountMinor, currency), atLeast: Int(currency.exponent))
    }
    return .amount(money(minor, currency))
  }

  static func minorUnits(_ sum: PlacementTotals.Sum) -> PageCell {
    Int64(exactly: sum.amountMinor).map { .count($0) }
      ?? .decimal(sum.amountMinor * 1_000_000, atLeast: 0)
  }

  static func title(_ place: PlacementTotals.Place) -> String {
    switch place {
    case .placed: "Placed"
    case .open: "Open"
    case .overcredited: "Overcredited"
    }
  }

  // MARK: Summary

  private func summary() -> PageSection {
    let isEmpty = figures.currencies.isEmpty
    let subject =
      isMonth
      ? "What the credits of this month are worth, whatever run recorded them."
      : figures.held == nil
        ? "What this run added to the ledger and took back. Amounts are never added up across currencies."
        : "What this run would add to the ledger and take back. Amounts are never added up across currencies."
    var content: [PageContent] = []
    if isEmpty {
      content.append(
        .paragraph(
          isMonth ? "The ledger has no credits in this month." : "This run changed no credit."))
    } else {
      content.append(.figures(figures.currencies.map { figure($0) }))
    }
    for notice in notices() { content.append(.notice(notice.text, see: notice.anchor)) }
    if figures.run != nil, !isEmpty { content += fees() }
    return PageSection(
      title: "Summary", anchor: "summary", introduction: subject, content: content)
  }

  private func figure(_ total: LedgerFigures.CurrencyTotal) -> PageFigure {
    let currency = total.currency
    var details: [(label: String, value: PageCell)] = []
    if isMonth {
      // A line can be worth nothing any more and still be on an invoice.
      details.append(("Credits", .count(total.entitled.rows)))
      for place in PlacementTotals.Place.allCases where total.placement[place].rows > 0 {
        details.append(
          (LedgerPageText.title(place), LedgerPageText.amount(total.placement[place], currency)))
      }
    } else {
      for (kind, label) in [
        (RevisionKind.grant, "Granted"), (.increase, "Increased"), (.decrease, "Taken back"),
      ] {
        guard let sum = total.kinds[kind] else { continue }
        details.append((label, .amount(LedgerPageText.money(sum.amountMinor, currency))))
      }
      details.append(("Lines", .count(total.total.rows)))
    }
    if let setOffs = figures.setOffs.first(where: { $0.currency == currency }) {
      if setOffs.given.rows > 0 {
        details.append(("Set off", LedgerPageText.amount(setOffs.given, currency)))
      }
      if isMonth, setOffs.taken.rows > 0 {
        details.append(("Taken by set-off", LedgerPageText.amount(setOffs.taken, currency)))
      }
      if setOffs.undone.rows > 0 {
        details.append(("Set-off undone", LedgerPageText.amount(setOffs.undone, currency)))
      }
    }
    details.append(("Customers", .count(total.customers)))
    if let share = feeShare(total) {
      details.append(("Share of the monthly fees", .percent(share)))
    }
    return PageFigure(
      label: isMonth ? "\(currency.code), credits of the month" : "\(currency.code), net",
      value: .money(LedgerPageText.money(total.total.amountMinor, currency)), details: details)
  }

  private func feeShare(_ total: LedgerFigures.CurrencyTotal) -> BasisPoints? {
    LedgerPageText.share(
      LedgerPageText.micros(total.total.amountMinor, total.currency),
      of: figures.run?.feesMicros[total.currency] ?? 0)
  }

  /// What the reader must not overlook.
  private func notices() -> [(text: String, anchor: String?)] {
    var notices: [(text: String, anchor: String?)] = []
    if figures.run == nil, isMonth {
      notices.append(
        ("No run has reconciled this month, so there are no findings and fees to show.", nil))
    }
    if figures.held != nil {
      notices.append(
        (
          "This run is held: nothing of it is in the ledger. Whoever approves it names the digest of the proposal.",
          "limits"
        ))
    } else if figures.run?.limitsApproved ?? false, !isMonth {
      notices.append(
        ("This run was started with the approval to pass the policy's limits.", "limits"))
    }
    if let text = LedgerPageText.findings(figures) { notices.append((text, "findings")) }
    let over = figures.selections[.overcredited]?.reduce(0) { $0 + $1.sum.rows } ?? 0
    if over > 0 {
      notices.append(
        (
          "Invoices carry more than is due for \(LedgerPageText.count(over, "credit", "credits")).",
          "look"
        ))
    }
    return notices
  }

  private func fees() -> [PageContent] {
    guard let run = figures.run else { return [] }
    let rows = figures.currencies.compactMap { total -> [PageCell]? in
      guard let fees = run.feesMicros[total.currency], fees > 0 else { return nil }
      return [
        .text(total.currency.code), .decimal(fees, atLeast: Int(total.currency.exponent)),
        .amount(LedgerPageText.money(total.total.amountMinor, total.currency)),
        feeShare(total).map { .percent($0) } ?? .none,
      ]
    }
    guard !rows.isEmpty else { return [] }
    let bars = figures.currencies.compactMap { total in
      feeShare(total).map { BarChart.Bar(label: total.currency.code, value: Int64($0.value)) }
    }
    let largest = bars.max { $0.value < $1.value }
    let unit = ChartUnit.percent(of: "% of the monthly fees in force")
    let summary = largest.map {
      "The largest share is \(unit.text($0.value)) of the fees in \($0.label)."
    }
    return [
      .heading("Credits against monthly fees"),
      .paragraph(
        "The fees are those in force at \(TimeText.text(run.asOf)), of all subscriptions, whether they were touched by an outage or not."
      ),
      .chart(
        BarChart(
          title: "Credits as a share of the monthly fees", summary: summary ?? "", unit: unit,
          bars: bars, hasTable: true)),
      .table(
        PageTable(
          caption: "Credits against monthly fees",
          columns: [
            .text("Currency"), .number("Monthly fees"), .number("Credits"), .number("Share"),
          ], rows: rows, hasQuietCaption: true)),
    ]
  }

  // MARK: Control totals

  private func control() -> PageSection {
    var content: [PageContent] = []
    if !isMonth { content += runControl() }
    content.append(.table(placementControl()))
    content += setOffControl()
    let names = figures.held?.files ?? FileNames(runId: figures.run?.runId ?? 0)
    var digests: [[PageCell]] = [
      [
        .text(isMonth ? "redress report --month" : names.credits),
        .count(figures.lines), .code(figures.creditsDigest),
      ]
    ]
    if !isMonth {
      digests.append([
        .text("invoice-lines-run-\(figures.run?.runId ?? 0).csv"), .count(figures.invoiceLines),
        .code(figures.invoiceLinesDigest),
      ])
    }
    if let run = figures.run {
      digests.append([
        .text(names.findings), .count(run.findings), .code(figures.findingsDigest),
      ])
    }
    content.append(
      .table(
        PageTable(
          caption: "The files", columns: [.text("File"), .number("Lines"), .text("SHA-256")],
          rows: digests)))
    return PageSection(
      title: "Control totals", anchor: "control",
      introduction: isMonth
        ? "The sums of the CSV that redress report --month writes. The month goes on changing until its invoices are out; so does the digest. What is entitled is what is placed and open, less what is overcredited. Open and overcredited amounts are never netted; what a run set off by its policy has lines, and is shown apart."
        : "The same as in \(names.totals). A file with these digests is the one that the page was made of; sha256sum prints them.",
      content: content)
  }

  /// The placed, open and overcredited amounts, with the words of the other outputs.
  private func placementControl() -> PageTable {
    let rows = figures.currencies.flatMap { total -> [[PageCell]] in
      let entitled = isMonth ? [("entitled", total.entitled)] : []
      let places = PlacementTotals.Place.allCases.map { ($0.rawValue, total.placement[$0]) }
      return (entitled + places).map { kind, sum in
        [
          .text(total.currency.code), .text(kind), .count(sum.rows),
          LedgerPageText.amount(sum, total.currency), LedgerPageText.minorUnits(sum),
        ]
      }
    }
    return PageTable(
      caption: isMonth ? "Credits of the month's CSV" : "Where the credits of these lines are",
      columns: [
        .text("Currency"), .text("Kind"), .number("Lines"), .number("Amount"),
        .number("Minor units"),
      ], rows: rows)
  }

  /// What is set off, beside the placed amounts that have it on both sides.
  private func setOffControl() -> [PageContent] {
    guard !figures.setOffs.isEmpty else { return [] }
    let rows = figures.setOffs.flatMap { setOffs in
      [
        ("given back", setOffs.given), ("taken", setOffs.taken), ("undone", setOffs.undone),
      ].filter { $0.0 != "undone" || $0.1.rows > 0 }.map { kind, sum -> [PageCell] in
        [
          .text(setOffs.currency.code), .text(kind), .count(sum.rows),
          LedgerPageText.amount(sum, setOffs.currency), LedgerPageText.minorUnits(sum),
        ]
      }
    }
    return [
      .table(
        PageTable(
          caption: isMonth ? "Set off, of the month's credits" : "Set off by this run",
          columns: [
            .text("Currency"), .text("Kind"), .number("Credits"), .number("Amount"),
            .number("Minor units"),
          ], rows: rows)),
      .paragraph(
        "What invoices carry too much for one credit is given back, and other credits of the same customer take it. No invoice changes. What is placed is less by what a credit gave back, and more by what it took."
      ),
    ]
  }

  private func runControl() -> [PageContent] {
    let kinds = RevisionKind.allCases
    let rows = figures.currencies.flatMap { total in
      kinds.map { kind -> [PageCell] in
        let sum = total.kinds[kind] ?? .init()
        return [
          .text(total.currency.code), .text(kind.rawValue), .count(sum.rows),
          .amount(LedgerPageText.money(sum.amountMinor, total.currency)), .count(sum.amountMinor),
        ]
      }
    }
    let totals = figures.currencies.map { total -> [PageCell] in
      [
        .text(total.currency.code), .text("net"), .count(total.total.rows),
        .amount(LedgerPageText.money(total.total.amountMinor, total.currency)),
        .count(total.total.amountMinor),
      ]
    }
    let table = PageTable(
      caption: "Lines of the run's CSV",
      columns: [
        .text("Currency"), .text("Kind"), .number("Lines"), .number("Amount"),
        .number("Minor units"),
      ], rows: rows, totals: totals)
    return [
      .table(table),
      agrees
        ? .paragraph(
          "Added up twice, line by line and by PostgreSQL from the ledger, with the same result.")
        : .notice(
          "PostgreSQL adds the ledger up to something else than these lines. Do not use this page; redress verify says more."
        ),
    ]
  }

  /// Whether PostgreSQL worked out the same sums.
  private var agrees: Bool {
    let theirs = figures.ledgerAmounts.filter { $0.runsAgo == 0 }
    let ours = figures.currencies.flatMap { total in
      total.kinds.map { (total.currency, $0.key, $0.value) }
    }
    return ours.count == theirs.count
      && ours.allSatisfy { currency, kind, sum in
        theirs.contains {
          $0.currency == currency && $0.kind == kind && $0.sum.rows == sum.rows
            && $0.sum.amountMinor == sum.amountMinor
        }
      }
  }
}

/// Instants for people, always in UTC.
enum TimeText {
  /// `2 Nov 2026, 04:30 UTC`, with seconds unless they are zero.
  static func text(_ instant: Instant) -> String {
    let iso = Array(instant.text.utf8)
    guard iso.count >= 20, iso[10] == UInt8(ascii: "T") else { return instant.text }
    let end = iso[17...18].elementsEqual("00".utf8) ? 16 : 19
    let year = String(decoding: iso[..<4], as: UTF8.self)
    let time = String(decoding: iso[11..<end], as: UTF8.self)
    return "\(DayText.short(instant)) \(year), \(time) UTC"
  }
}
