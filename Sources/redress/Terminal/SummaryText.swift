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
    case .committed: "run \(summary.runId): \(contents)\(files)"
    case .dryRun: "dry run, rolled back: \(contents)\(files)"
    case .held(let limits) where summary.isDryRun:
      "dry run, rolled back; it would be held by limits: \(SummaryText.sentence(limits)). It came to \(contents)\(files)"
    case .held(let limits):
      [
        SummaryText.reason(limits, summary), reading,
        "If it is right: "
          + SummaryText.approval(CommandLine.arguments, of: summary.proposalName),
      ].joined(separator: ". ")
    }
  }

  private static func sentence(_ limits: [LimitExceeded]) -> String {
    limits.map(\.text).joined(separator: "; ")
  }

  /// Why the run was held.
  private static func reason(_ limits: [LimitExceeded], _ summary: RunSummary) -> String {
    let name = summary.proposalName
    // Limits look at what is granted and taken back, and a set-off is neither.
    let setOff =
      amounts(summary, \.setOffMinor).map {
        ". It sets off \($0) of what invoices carry too much against other credits"
      } ?? ""
    guard let difference = summary.difference else {
      return "held by limits as proposal \(name), nothing was written: \(sentence(limits))\(setOff)"
    }
    var text =
      "not what was approved, nothing was written: \(ProposalDifferenceText(difference).text). "
      + "It is held anew as proposal \(name)"
    if !limits.isEmpty { text += ": " + sentence(limits) }
    return text + setOff
  }

  private var reading: String {
    guard let page = summary.files.first(where: { $0.hasSuffix(".html") }) else {
      return "Read \(summary.files.first ?? "the proposed credits")"
    }
    let csv = summary.files.first.map { SummaryText.split($0).name } ?? ""
    return "Read \(page) or \(csv)"
  }

  /// `; files credits-run-1.csv, findings-run-1.csv in FOLDER`; empty if there are none.
  private var files: String {
    guard let first = summary.files.first else { return "" }
    let names = summary.files.map { SummaryText.split($0).name }.joined(separator: ", ")
    return "; files \(names) in \(SummaryText.split(first).folder)"
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let name = String(path[path.index(after: slash)...])
    // The folder may have been given with a slash at its end.
    let folder = path[..<slash].reversed().drop { $0 == "/" }.reversed()
    return (folder.isEmpty ? "/" : String(folder), name)
  }

  /// The command with its arguments but for those that the proposal has: instant, months and policy.
  /// - Parameter proposal: its name.
  static func approval(_ arguments: [String], of proposal: String) -> String {
    var kept: [String] = []
    var skipsNext = false
    for argument in arguments.dropFirst() {
      if skipsNext {
        skipsNext = false
        continue
      }
      if valued.contains(argument) {
        skipsNext = true
        continue
      }
      if flags.contains(argument) || valued.contains(where: { argument.hasPrefix($0 + "=") }) {
        continue
      }
      kept.append(argument)
    }
    let approving = [
      "--approve", proposal, "--approved-by", ApprovalOptions.placeholders.name,
      "--reason", ApprovalOptions.placeholders.reason,
    ]
    return (["redress"] + kept + approving)
      .map { ShellWord.quoted(Secrets.known.removed(from: $0)) }.joined(separator: " ")
  }

  private static let valued: Set<String> = [
    "--as-of", "--month", "--months", "--policy", "--approve", "--approved-by", "--reason",
  ]
  private static let flags: Set<String> = ["--approve-limits", "--dry-run"]

  private var contents: String {
    var parts = [
      SummaryText.count(summary.revisions, "revision") + ", "
        + SummaryText.count(summary.lines, "invoice line")
    ]
    if let granted = amounts(\.grantedMinor) { parts.append("granted \(granted)") }
    if let takenBack = amounts(\.takenBackMinor) { parts.append("taken back \(takenBack)") }
    if let moved = amounts(\.movedMinor) { parts.append("moved to other months \(moved)") }
    if let late { parts.append(late) }
    if let setOff = amounts(\.setOffMinor) { parts.append("set off \(setOff)") }
    if let undone = amounts(\.setOffUndoneMinor) { parts.append("undid set-offs of \(undone)") }
    if summary.findingCount > 0 { parts.append(findings) }
    return parts.joined(separator: "; ")
  }

  /// `2 late corrections to closed months, which gain 5.00 USD and lose 3.00 USD`; `nil` if there is none. What is granted
  /// and taken back is of credits over all months.
  private var late: String? {
    let rows = summary.currencies.reduce(0) { sum, total in
      sum + RevisionKind.allCases.reduce(0) { $0 + Int(total.lateRows[$1]) }
    }
    guard rows > 0 else { return nil }
    func amounts(_ words: String, _ minor: (RunSummary.CurrencyTotal) -> Int128) -> String {
      let texts = summary.currencies.filter { minor($0) != 0 }.map {
        MoneyTotal(totalMinor: minor($0), currency: $0.currency).text
      }
      return texts.isEmpty ? "" : "\(words) \(texts.joined(separator: ", "))"
    }
    let changes = [
      amounts("gain") { $0.lateMinor[.grant] + $0.lateMinor[.increase] },
      amounts("lose") { -$0.lateMinor[.decrease] },
    ].filter { !$0.isEmpty }
    return SummaryText.count(rows, "late correction") + " to closed months, which "
      + changes.joined(separator: " and ")
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
    SummaryText.amounts(summary, total)
  }

  private static func amounts(
    _ summary: RunSummary, _ total: KeyPath<RunSummary.CurrencyTotal, Int128>
  ) -> String? {
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
