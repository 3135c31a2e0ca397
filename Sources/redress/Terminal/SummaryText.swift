import CreditRun
import LedgerReports
import PlainText
import ServiceCredits

/// The one line of summary that a run prints.
struct SummaryText {
  private let summary: RunSummary

  init(_ summary: RunSummary) { self.summary = summary }

  var line: String {
    switch summary.verdict {
    case .committed: "run \(summary.runId): \(contents)"
    case .dryRun: "dry run \(summary.runId), rolled back: \(contents)"
    case .held(let limits):
      "run \(summary.runId) is held by limits, nothing was written: "
        + limits.map(\.text).joined(separator: "; ")
        + ". Read \(summary.files.first ?? "the proposed credits"); if it is right: "
        + SummaryText.approval(CommandLine.arguments)
    }
  }

  /// The command with all its arguments: without its policy, for example, it would give other
  /// credits.
  static func approval(_ arguments: [String]) -> String {
    (["redress"] + arguments.dropFirst() + ["--approve-limits"])
      .map { ShellWord.quoted(Secrets.known.removed(from: $0)) }.joined(separator: " ")
  }

  private var contents: String {
    var parts = [
      SummaryText.count(summary.revisions, "revision") + ", "
        + SummaryText.count(summary.lines, "invoice line")
    ]
    if let granted = amounts(\.grantedMinor) { parts.append("granted \(granted)") }
    if let takenBack = amounts(\.takenBackMinor) { parts.append("taken back \(takenBack)") }
    if let late { parts.append(late) }
    if let setOff = amounts(\.setOffMinor) { parts.append("set off \(setOff)") }
    if summary.findingCount > 0 { parts.append(findings) }
    return parts.joined(separator: "; ")
  }

  /// `2 late corrections to closed months, granted 5.00 USD`; `nil` if there is none.
  private var late: String? {
    let rows = summary.currencies.reduce(0) { sum, total in
      sum + RevisionKind.allCases.reduce(0) { $0 + Int(total.lateRows[$1]) }
    }
    guard rows > 0 else { return nil }
    func amounts(_ words: String, _ minor: (RunSummary.CurrencyTotal) -> Int128) -> String {
      let texts = summary.currencies.filter { minor($0) != 0 }.map {
        MoneyTotal(totalMinor: minor($0), currency: $0.currency).text
      }
      return texts.isEmpty ? "" : ", \(words) \(texts.joined(separator: ", "))"
    }
    return SummaryText.count(rows, "late correction") + " to closed months"
      + amounts("granted") { $0.lateMinor[.grant] + $0.lateMinor[.increase] }
      + amounts("taken back") { -$0.lateMinor[.decrease] }
  }

  /// `12 findings, 3 new, 5 accepted`.
  private var findings: String {
    var text = SummaryText.count(summary.findingCount, "finding")
    if summary.newFindingCount > 0 { text += ", \(summary.newFindingCount) new" }
    if summary.acceptedFindingCount > 0 { text += ", \(summary.acceptedFindingCount) accepted" }
    return text
  }

  /// `50.00 EUR, 120.00 USD`; `nil` if all are zero.
  private func amounts(_ total: KeyPath<RunSummary.CurrencyTotal, Int128>) -> String? {
    let amounts = summary.currencies.filter { $0[keyPath: total] != 0 }
    guard !amounts.isEmpty else { return nil }
    return amounts.map {
      MoneyTotal(totalMinor: $0[keyPath: total], currency: $0.currency).text
    }.joined(separator: ", ")
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
