package import CreditLedger
import PlainText
import ServiceCredits

/// An explanation as plain text or Markdown.
package struct ExplanationText {
  /// The style of the drawn timeline.
  package enum Timeline: Sendable {
    case none
    case plain
    case coloured
  }

  let explanation: Explanation
  let words: ExplanationWords
  private let timeline: Timeline

  package init(_ explanation: Explanation, clock: LocalClock, timeline: Timeline = .none) {
    self.explanation = explanation
    self.timeline = timeline
    words = ExplanationWords(clock: clock)
  }

  private var preface: [String] {
    let customer = explanation.customer
    let name = customer.name.isEmpty ? customer.id : "\(customer.name) (\(customer.id))"
    let tier = customer.tier.isEmpty ? "" : ", \(customer.tier)"
    let zone = customer.hasOwnZone ? "" : ", the policy's, as the customer has none"
    return ["\(name)\(tier)", "Times are those of \(customer.timeZone)\(zone)."]
      + (explanation.sourceWasRead ? [] : [ExplanationText.sourceNotRead])
  }

  static let sourceNotRead =
    "Today's source was not looked at: this database user may not read redress_source. What is told is what is recorded."

  /// A line of hyphens as long as the text above it.
  static func underline(_ text: String) -> String {
    String(
      repeating: "-",
      count: min(100, max(3, TextWidth.columns(of: Printable.withoutControls(text)))))
  }

  var empty: String { "No incident touched these subscriptions." }

  func findings() -> [String] {
    explanation.findings.map(\.sentence)
  }

  func heading(_ story: IncidentExplanation) -> String {
    story.incident.title.isEmpty
      ? story.incident.id : "\(story.incident.id): \(story.incident.title)"
  }

  func basis(_ story: IncidentExplanation) -> String {
    switch story.basis {
    case .frozen(let runId, _): "As recorded by run \(runId), from the evidence frozen that night."
    case .source:
      "Nothing is recorded for it; this is worked out from the source as it is now."
    case .revisionOnly(let runId, _):
      "As recorded by run \(runId); the evidence frozen that night cannot be read."
    }
  }

  func doubt(_ story: IncidentExplanation) -> String? {
    guard let account = story.account, !account.agreesWithLedger else { return nil }
    return
      "Worked out again from the frozen evidence it comes to something else than is recorded; redress verify says more."
  }

  /// Plain text. Lines are not wrapped.
  package var text: String {
    var lines: [String] = []
    func add(_ more: [String]) { lines += more.map(Printable.withoutControls) }
    add(preface)
    let findings = findings()
    if !findings.isEmpty {
      add(["", "Rows that need correction:"] + findings.map { "  \($0)" })
    }
    if explanation.stories.isEmpty { add(["", empty]) }
    for story in explanation.stories {
      let title = heading(story)
      add(["", title, ExplanationText.underline(title)])
      add(["Subscription \(story.subscriptionId). \(words.answer(story))", basis(story)])
      if let doubt = doubt(story) { add([doubt]) }
      if timeline != .none, let account = story.account {
        // Not passed through `withoutControls`, which would remove the colours. No text of a row is
        // in these lines.
        lines +=
          [""]
          + TimelineDrawing(account, clock: words.clock).lines(
            isColoured: timeline == .coloured
          ).map { "  \($0)" }
      }
      for block in words.blocks(story) {
        add(["", block.heading] + block.lines.map { "  \($0)" })
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package var markdown: String {
    func escape(_ text: String) -> String { Markdown.escaped(text) }
    var lines = ["# \(escape(preface[0]))"] + preface.dropFirst().flatMap { ["", escape($0)] }
    let findings = findings()
    if !findings.isEmpty {
      lines += ["", "Rows that need correction:", ""] + findings.map { "- \(escape($0))" }
    }
    if explanation.stories.isEmpty { lines += ["", empty] }
    for story in explanation.stories {
      lines += ["", "## \(escape(heading(story)))", ""]
      lines += ["Subscription \(escape(story.subscriptionId)). **\(escape(words.answer(story)))**"]
      lines += ["", escape(basis(story))]
      if let doubt = doubt(story) { lines += ["", escape(doubt)] }
      for block in words.blocks(story) {
        lines += ["", "### \(block.heading)", ""] + block.lines.map { "- \(escape($0))" }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Draws one incident's time as a row of blocks.
struct TimelineDrawing {
  private typealias Fate = IncidentTimeline.Fate

  private static let width: Int64 = 60
  private let timeline: IncidentTimeline
  private let clock: LocalClock

  init(_ account: IncidentExplanation.Account, clock: LocalClock) {
    self.clock = clock
    timeline = IncidentTimeline(account)
  }

  func lines(isColoured: Bool) -> [String] {
    guard let span = timeline.span else { return [] }
    let (start, end, length) = (span.start, span.end, span.microseconds)
    var row = ""
    var lastFate: Fate?
    for cell in 0..<TimelineDrawing.width {
      // Int128, because bad rows can hold times so far apart that the product exceeds 64 bits.
      func edge(_ cell: Int64) -> Instant {
        Instant(
          microseconds: start.microseconds
            + Int64(Int128(length) * Int128(cell) / Int128(TimelineDrawing.width)))
      }
      let fate = fate(in: Interval(edge(cell), edge(cell + 1)))
      if isColoured, fate != lastFate {
        row += fate.map { "\u{1B}[\($0.colour)m" } ?? "\u{1B}[0m"
      }
      lastFate = fate
      row.append(fate?.mark ?? " ")
    }
    if isColoured { row += "\u{1B}[0m" }
    let legend = timeline.used.map { "\($0.mark) \($0.legend)" }.joined(separator: "   ")
    return ["\(clock.text(start))  to  \(clock.text(end))", "|\(row)|", legend]
  }

  /// The treatment that fills the largest part of a cell.
  private func fate(in cell: Interval) -> Fate? {
    var best: (fate: Fate, microseconds: Int64)?
    for fate in Fate.allCases {
      let filled = timeline.parts.filter { $0.fate == fate }
        .reduce(0) { $0 + ($1.interval.intersection(cell)?.microseconds ?? 0) }
      if filled > best?.microseconds ?? 0 { best = (fate, filled) }
    }
    return best?.fate
  }
}

extension IncidentTimeline.Fate {
  fileprivate var mark: Character {
    switch self {
    case .worst: "█"
    case .counted: "▓"
    case .mild: "░"
    case .otherIncident: "▒"
    case .excluded: "-"
    case .outside: "."
    }
  }

  fileprivate var colour: Int {
    switch self {
    case .worst: 31
    case .counted: 33
    case .mild: 37
    case .otherIncident: 35
    case .excluded: 36
    case .outside: 90
    }
  }
}
