import CreditRun
import Digests
import Documents
import LedgerReports
import PolicyFiles
import ServiceCredits

extension MappingReview {
  /// What the first night would come to.
  var nightSections: [PageSection] {
    guard let night else { return [] }
    return [
      PageSection(
        title: "First night", anchor: "night",
        introduction:
          "What redress run with the same options would write, worked out in the same snapshot. Nothing has been written.",
        content: nightContent(night)),
      PageSection(
        title: "Findings", anchor: "findings",
        introduction: night.totals.findings.isEmpty
          ? "No row of the source is refused."
          : "Rows that cannot be used. What depends on them is neither credited nor taken back.",
        content: findingContent(night)),
    ]
  }

  private func nightContent(_ night: WouldBeNight) -> [PageContent] {
    var content: [PageContent] = []
    if night.exceeded.isEmpty {
      content.append(.paragraph("No limit of the policy holds it."))
    } else {
      content.append(.notice("The run would be held, and nothing would be written."))
    }
    let limited = limits(night)
    if !limited.isEmpty {
      content.append(
        .table(
          PageTable(
            caption: "Against the limits of version \(version.name)",
            columns: [
              .text("What"), .number("Comes to"), .number("May come to"), .text("Limit"),
              .text("Result"),
            ], rows: limited)))
    }
    guard !night.amounts.isEmpty else {
      return content + [.paragraph("No credit changes.")]
    }
    content.append(.table(amounts(night)))
    for currency in night.largest.keys.sorted() {
      content.append(.table(largest(night.largest[currency] ?? [], currency)))
    }
    return content
  }

  /// What is granted and taken back by currency, and each limit that there is for it.
  private func limits(_ night: WouldBeNight) -> [[PageCell]] {
    let limits = version.limits
    let currencies = night.totals.currencies.sorted { $0.currency < $1.currency }
    return currencies.flatMap { total -> [[PageCell]] in
      [true, false].flatMap { isGranted -> [[PageCell]] in
        let minor = isGranted ? total.grantedMinor : total.takenBackMinor
        guard minor != 0 else { return [] }
        let currency = total.currency
        func row(_ most: PageCell, _ words: String, _ isHeld: Bool) -> [PageCell] {
          [
            .text("\(isGranted ? "granted" : "taken back") \(currency.code)"),
            MappingReview.amount(minor, currency), most, .text(words),
            .text(isHeld ? "held" : "passes"),
          ]
        }
        func isExceeded(_ isKind: (LimitExceeded.Kind) -> Bool) -> Bool {
          night.exceeded.contains {
            $0.isGranted == isGranted && $0.total.currency == currency && isKind($0.kind)
          }
        }
        var rows: [[PageCell]] = []
        if let limit = (isGranted ? limits.granted : limits.takenBack)[currency] {
          rows.append(
            row(
              MappingReview.amount(Int128(limit), currency), "amount of the policy",
              isExceeded { if case .amount = $0 { true } else { false } }))
        }
        if let share = limits.shareOfMonthlyFees {
          // Rounded down: a limit must not look larger than it is.
          let micros = total.limitFeesMicros * Int128(share.value) / 10_000
          let most = micros / Int128(1_000_000 / currency.minorUnitsPerMajor)
          let floor = Int128(limits.floor[currency] ?? 0)
          let words = "\(share.percentText) % of the monthly fees"
          rows.append(
            row(
              MappingReview.amount(max(most, floor), currency),
              floor > most ? words + ", and at least the floor" : words,
              isExceeded { if case .share = $0 { true } else { false } }))
        }
        return rows.isEmpty ? [row(.none, "no limit", false)] : rows
      }
    }
  }

  private func amounts(_ night: WouldBeNight) -> PageTable {
    let groups = night.amounts.sorted { left, right in
      (left.key.currency, left.key.month, left.key.version ?? "")
        < (right.key.currency, right.key.month, right.key.version ?? "")
    }
    var totals: [(currency: Currency, revisions: Int64, more: Int128, less: Int128)] = []
    for (group, amounts) in groups {
      if totals.last?.currency != group.currency { totals.append((group.currency, 0, 0, 0)) }
      totals[totals.count - 1].revisions += amounts.revisions
      totals[totals.count - 1].more += amounts.moreMinor
      totals[totals.count - 1].less += amounts.lessMinor
    }
    return PageTable(
      caption: "Credits by currency, month and version of the policy",
      columns: [
        .text("Currency"), .text("Month"), .text("Version"), .number("Credits"),
        .number("More"), .number("Taken back"),
      ],
      rows: groups.map { group, amounts in
        [
          .code(group.currency.code), .month(group.month),
          .text(group.version ?? "no longer earned"), .count(amounts.revisions),
          MappingReview.amount(amounts.moreMinor, group.currency),
          MappingReview.amount(amounts.lessMinor, group.currency),
        ]
      },
      totals: totals.map { total in
        [
          .code(total.currency.code), .text("Total"), .text(""), .count(total.revisions),
          MappingReview.amount(total.more, total.currency),
          MappingReview.amount(total.less, total.currency),
        ]
      })
  }

  private func largest(_ credits: [WouldBeNight.Credit], _ currency: Currency) -> PageTable {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    return PageTable(
      caption: "The largest in \(currency.code)",
      columns: [
        .text("Customer"), .text("Name"), .text("Subscription"), .text("Incident"),
        .text("Month"), .number("Amount"),
      ],
      rows: credits.map { credit in
        [
          .code(text(credit.customer)), .text(text(credit.name)),
          .code(text(credit.subscription)), .code(text(credit.incident)), .month(credit.month),
          .amount(credit.amount),
        ]
      })
  }

  private func findingContent(_ night: WouldBeNight) -> [PageContent] {
    let codes = night.totals.findings.keys.sorted { $0.rawValue < $1.rawValue }
    guard !codes.isEmpty else { return [] }
    var content: [PageContent] = [
      .table(
        PageTable(
          caption: "Findings by code", columns: [.text("Code"), .number("Findings")],
          rows: codes.map { [.code($0.rawValue), .count(Int64(night.totals.findings[$0] ?? 0))] },
          totals: [[.text("Total"), .count(Int64(night.totals.findingCount))]]))
    ]
    let rows = codes.flatMap { code in
      (told[code] ?? []).map { told -> [PageCell] in
        [.code(code.rawValue), .code(told.row), .text(told.problem), .text(told.remedy)]
      }
    }
    content.append(
      .table(
        PageTable(
          caption: "The first three of each",
          columns: [.text("Code"), .text("Row"), .text("What is wrong"), .text("What to do")],
          rows: rows)))
    return content
  }

  // MARK: Signature

  /// Where the page is signed. It is not in the digest, which it tells.
  var signature: PageSection {
    PageSection(
      title: "Signature", anchor: "signature",
      introduction:
        "I have compared these figures with what the business knows. The first run may be made with this mapping and this policy.",
      content: [
        .table(
          PageTable(
            caption: "What is signed", columns: [.text("What"), .text("Value")],
            rows: (facts + [("page SHA-256", digest)]).map { [.text($0.label), .code($0.value)] },
            hasQuietCaption: true)),
        .lines(["Name", "Date", "Signature"]),
      ])
  }

  static func amount(_ minor: Int128, _ currency: Currency) -> PageCell {
    guard let narrow = Int64(exactly: minor) else {
      return .text(MoneyTotal(totalMinor: minor, currency: currency).decimalText)
    }
    return .amount(Money(amountMinor: narrow, currency: currency))
  }
}
