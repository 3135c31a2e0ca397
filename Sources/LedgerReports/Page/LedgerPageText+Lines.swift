import CreditLedger
import Documents
import ServiceCredits

/// The lines that are worth a look, the findings, and how near the run came to its limits.
extension LedgerPageText {
  // MARK: Lines

  /// Empty where it is no whole number of basis points.
  private static func percent(_ percent: BasisPoints?) -> PageCell {
    percent.map { .percent($0) } ?? .none
  }

  private func caption(_ name: String, _ selections: [LedgerFigures.Selection]) -> String {
    let isCut = selections.contains { Int64($0.lines.count) < $0.sum.rows }
    return isCut ? "\(name), the twenty largest of each currency" : name
  }

  func largest() -> PageSection {
    let selections = figures.selections[.largest] ?? []
    let rows = selections.flatMap(\.lines).map { line -> [PageCell] in
      [
        .text(line.customerName), .code(line.customerId), .code(line.incidentId),
        .text(line.plan), LedgerPageText.percent(line.percent), .duration(line.countedMicroseconds),
        .amount(line.amount), .text(line.amount.currency.code),
        .invoices(line.invoices),
      ]
    }
    let table = PageTable(
      caption: caption("Largest credits", selections),
      columns: [
        .text("Customer"), .text("Id"), .text("Incident"), .text("Plan"), .number("Percent"),
        .number("Counted"), .number("Amount"), .text("Currency"), .text("Invoice"),
      ], rows: rows)
    return PageSection(
      title: "Largest credits", anchor: "largest",
      introduction: (isMonth
        ? "The twenty largest of each currency."
        : "The twenty largest amounts of each currency that this run granted or added.")
        + " Counted is the time that was counted, in hours, minutes and seconds.",
      content: [rows.isEmpty ? .paragraph("There are none.") : .table(table)])
  }

  func worthALook() -> PageSection {
    var content: [PageContent] = []
    content += list(
      .open, "Open",
      "Credits that are not on an invoice yet, or not in full: the customer had no draft invoice in this currency, or one that is too small. They go onto the next one automatically.",
      amount: "Open"
    ) { $0.entitledMinor - $0.placedMinor }
    content += list(
      .overcredited, "Overcredited",
      "Finalized invoices carry more than is due by now. Redress does not claw it back; decide whether to.",
      amount: "Too much"
    ) { $0.placedMinor - $0.entitledMinor }
    content += decreased()
    content += list(
      .capped, "Capped",
      "The cap of a month left less than the tier gives. A credit of which it left nothing has no line.",
      amount: "Amount"
    ) { $0.amount.amountMinor }
    if content.isEmpty {
      content.append(
        .paragraph(
          "Every credit is on an invoice, and none was capped, decreased or given too often."))
    }
    return PageSection(
      title: "To review", anchor: "look",
      introduction: isMonth
        ? "" : "Among the credits that this run changed, as it was when the run was over.",
      content: content)
  }

  private func list(
    _ interest: LedgerFigures.Interest, _ title: String, _ introduction: String, amount: String,
    _ value: (LedgerFigures.Line) -> Int64
  ) -> [PageContent] {
    let selections = figures.selections[interest] ?? []
    guard !selections.isEmpty else { return [] }
    let rows = selections.flatMap(\.lines).map { line -> [PageCell] in
      [
        .text(line.customerName), .code(line.customerId), .code(line.subscriptionId),
        .code(line.incidentId), LedgerPageText.percent(line.percent),
        LedgerPageText.percent(line.percentBeforeCap),
        .amount(LedgerPageText.money(value(line), line.amount.currency)),
        .text(line.amount.currency.code),
        .invoices(line.invoices),
      ]
    }
    return [
      .heading(title), .paragraph(introduction), .table(sums(title, selections)),
      .table(
        PageTable(
          caption: caption(title, selections),
          columns: [
            .text("Customer"), .text("Id"), .text("Subscription"), .text("Incident"),
            .number("Percent"), .number("Before the cap"), .number(amount), .text("Currency"),
            .text("Invoice"),
          ], rows: rows)),
    ]
  }

  /// The sums of all lines, also of those that are not listed.
  private func sums(_ title: String, _ selections: [LedgerFigures.Selection]) -> PageTable {
    PageTable(
      caption: "\(title), sums",
      columns: [.text("Currency"), .number("Credits"), .number("Amount")],
      rows: selections.map { selection in
        [
          .text(selection.currency.code), .count(selection.sum.rows),
          .amount(LedgerPageText.money(selection.sum.amountMinor, selection.currency)),
        ]
      }, hasQuietCaption: true)
  }

  private func decreased() -> [PageContent] {
    let selections = figures.selections[.decreased] ?? []
    guard !selections.isEmpty || !figures.decreases.isEmpty else { return [] }
    let reasons = PageTable(
      caption: "Why credits were taken back",
      columns: [.text("Why"), .text("Currency"), .number("Lines"), .number("Amount")],
      rows: figures.decreases.map { decrease in
        [
          .text(LedgerPageText.words(reason: decrease.reason)), .text(decrease.currency.code),
          .count(decrease.sum.rows),
          .amount(LedgerPageText.money(decrease.sum.amountMinor, decrease.currency)),
        ]
      })
    let lines = PageTable(
      caption: caption("Decreased credits", selections),
      columns: [
        .text("Customer"), .text("Id"), .text("Subscription"), .text("Incident"),
        .number("Change"), .number("Now worth"), .text("Currency"),
      ],
      rows: selections.flatMap(\.lines).map { line in
        let currency = line.amount.currency
        return [
          .text(line.customerName), .code(line.customerId), .code(line.subscriptionId),
          .code(line.incidentId), .amount(LedgerPageText.money(line.changedMinor, currency)),
          .amount(LedgerPageText.money(line.entitledMinor, currency)), .text(currency.code),
        ]
      })
    var content: [PageContent] = [
      .heading("Decreased"),
      .paragraph(
        isMonth
          ? "Taken back after they had been recorded, by any run; the second table has those whose newest change it was."
          : "Recorded by an earlier run and taken back by this one, in whole or in part."),
      .table(reasons),
    ]
    if !selections.isEmpty { content.append(.table(lines)) }
    return content
  }

  /// - Parameter reason: the reason as recorded in the ledger.
  static func words(reason: String) -> String {
    switch DecreaseReason(rawValue: reason) {
    case .void: "the incident was voided"
    case .notEarned: "nothing is earned any more"
    case .smaller: "less is earned than before"
    case .moved: "moved to another billing month"
    case nil: reason.isEmpty ? "no reason is recorded" : reason
    }
  }

  // MARK: Findings

  /// `12 findings to review, 3 of them new; 5 more are accepted.`; `nil` where there are none.
  static func findings(_ figures: LedgerFigures) -> String? {
    let (found, accepted, new) = figures.findings.reduce(
      into: (Int64(0), Int64(0), Int64(0))
    ) { sum, group in
      sum.0 += group.findings
      sum.1 += group.accepted
      sum.2 += group.new
    }
    guard found > 0 else { return nil }
    let open = found - accepted
    let review =
      open > 0
      ? "\(count(open, "finding", "findings")) to review"
        + (new > 0 ? ", \(new) of them new" : "") : ""
    let settled =
      accepted > 0
      ? count(accepted, "finding is accepted", "findings are accepted") : ""
    return [review, settled].filter { !$0.isEmpty }.joined(separator: "; ") + "."
  }

  /// By whom, until when and why; empty for a finding that nobody has accepted.
  /// - Parameter cells: of `FindingText.columns`.
  private static func acceptance(_ cells: [String]) -> String {
    let (by, until, reason) = (cells[5], cells[6], cells[7])
    guard !by.isEmpty else { return "" }
    return "by \(by)" + (until.isEmpty ? "" : " until \(until)") + ": \(reason)"
  }

  func findings() -> PageSection? {
    guard let run = figures.run else { return nil }
    let introduction =
      isMonth
      ? "Those of run \(run.runId), the newest that reconciled this month, whatever month they concern."
      : "Rows of the source that this run set aside, and what else a person should see. Nothing that depends on them was credited or taken back."
    var content: [PageContent] = []
    let previous = figures.previous.map { "Run \($0.runId)" } ?? "Before"
    if figures.findings.isEmpty {
      content.append(.paragraph("There are none."))
    } else {
      content.append(
        .table(
          PageTable(
            caption: "Findings by code",
            columns: [
              .text("Code"), .text("What to do"), .number("Now"), .number("Accepted"),
              .number("New"), .number("Gone"), .number(previous),
            ],
            rows: figures.findings.map { group in
              [
                .code(group.code), .text(FindingCode(rawValue: group.code)?.advice ?? ""),
                .count(group.findings), .count(group.accepted), .count(group.new),
                .count(group.gone), .count(group.before),
              ]
            })))
    }
    if !figures.findingExamples.isEmpty {
      let isCut = run.findings > Int64(figures.findingExamples.count)
      content.append(
        .table(
          PageTable(
            caption: isCut
              ? "The first of each code; findings-run-\(run.runId).csv has all" : "All findings",
            columns: (FindingText.columns.prefix(FindingText.ownColumns) + ["accepted"]).map {
              .text($0.prefix(1).uppercased() + $0.dropFirst())
            },
            rows: figures.findingExamples.map { cells in
              let own = cells.prefix(FindingText.ownColumns).enumerated().map {
                $0 == 0 || $0 == 2 ? PageCell.code($1) : .text($1)
              }
              return own + [.text(LedgerPageText.acceptance(cells))]
            })))
    }
    return PageSection(
      title: "Findings", anchor: "findings", introduction: introduction, content: content)
  }

  // MARK: Limits

  func limits() -> PageSection? {
    guard !isMonth, let run = figures.run else { return nil }
    guard let version = figures.limitsVersion else {
      return PageSection(
        title: "Limits", anchor: "limits",
        introduction:
          "The ledger holds no policy version that was in force, so how near this run came to its limits is not known."
      )
    }
    let rows = figures.limits.map { limit -> [PageCell] in
      let currency = limit.total.currency
      let total = LedgerPageText.micros(limit.total.amountMinor, currency)
      let used = LedgerPageText.share(total, of: limit.mostMicros)
      return [
        .text(LedgerPageText.counted(limit)), .text(currency.code),
        .text(LedgerPageText.words(limit)),
        .amount(limit.total), .decimal(limit.mostMicros, atLeast: Int(currency.exponent)),
        used.map { .share($0) } ?? .none,
      ]
    }
    var content: [PageContent] = []
    if figures.limits.contains(where: \.isPassed), figures.held == nil {
      content.append(
        .notice(
          run.limitsApproved
            ? "A limit was passed, and a person let the run through."
            : "A limit is passed by what the ledger holds now."))
    }
    if let approval = figures.approval {
      content.append(.paragraph(LedgerPageText.words(approval)))
    }
    content.append(
      rows.isEmpty
        ? .paragraph("The policy sets no limit, or nothing was granted or taken back.")
        : .table(
          PageTable(
            caption: "How near this run came to the limits",
            columns: [
              .text("What"), .text("Currency"), .text("Limit"), .number("Total"),
              .number("At most"), .number("Used"),
            ], rows: rows)))
    return PageSection(
      title: "Limits", anchor: "limits",
      introduction:
        "A run that passes one of them is held until a person approves it. They are those of policy version \(version), as the policy file of this run has them. A share is of the larger of the monthly fees in force at the as-of instant and at the beginning of the earliest month with a changed credit. A credit that gained counts as granted, one that lost as taken back.",
      content: content)
  }

  private static func counted(_ limit: LedgerFigures.Limit) -> String {
    (limit.isGranted ? "granted" : "taken back")
      + (limit.hasEarlier ? ", with earlier runs of the day" : "")
  }

  private static func words(_ limit: LedgerFigures.Limit) -> String {
    guard let share = limit.share else { return "an amount" }
    let words = "\(share.percentText) % of the monthly fees"
    return limit.isBelowFloor ? words + "; not looked at below the floor" : words
  }

  private static func words(_ approval: RecordedApproval) -> String {
    let who = approval.approvedBy.map { "\($0) (database user \(approval.databaseUser))" }
    let reason = approval.reason.map { " Reason: \($0)" } ?? ""
    guard let proposal = approval.proposal else {
      return
        "Let through by \(who ?? "database user " + approval.databaseUser) whatever it came to, with --approve-limits.\(reason)"
    }
    return
      "Approved by \(who ?? approval.databaseUser), who had read proposal \(ProposalName.short(proposal)).\(reason)"
  }
}
