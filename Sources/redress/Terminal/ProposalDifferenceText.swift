import LedgerReports
import PlainText

/// How an approved run differs from its proposal, for people.
struct ProposalDifferenceText {
  private let difference: ProposalDifference

  init(_ difference: ProposalDifference) { self.difference = difference }

  /// Without a full stop.
  var text: String {
    "the run comes to something else than proposal \(ProposalName.short(difference.approved)): "
      + parts.joined(separator: "; ")
  }

  private var parts: [String] {
    var parts: [String] = []
    if difference.policyDiffers { parts.append("the policy file is another") }
    if difference.monthsDiffer { parts.append("the months are others") }
    switch difference.basis {
    case .missing(let path):
      parts.append("what its credits were cannot be said, because there is no \(path)")
    case .edited(let path):
      parts.append("what its credits were cannot be said, because somebody has edited \(path)")
    case .file: parts += credits
    }
    if difference.findingsDiffer { parts.append("the findings differ") }
    // Lines that go to other invoices change no line of the file where the credit is carried as before.
    return parts.isEmpty ? ["the credits are the same, and their invoice lines are not"] : parts
  }

  private var credits: [String] {
    let counts = [
      (difference.added, "added"), (difference.gone, "gone"), (difference.changed, "changed"),
    ].filter { $0.0 > 0 }
    guard !counts.isEmpty else { return [] }
    let shown = difference.examples.map { example in
      let key = example.key.joined(separator: " / ")
      return switch example.change {
      case .added(let amount): "added \(key) \(amount)"
      case .gone(let amount): "gone \(key) \(amount)"
      case .changed(let old, let new): "changed \(key) from \(old) to \(new)"
      case .otherwise(let amount): "changed \(key) \(amount), but not the amount"
      }
    }
    let all = difference.added + difference.gone + difference.changed
    let more = all > shown.count ? " and \(all - shown.count) more" : ""
    return [
      "of its credits " + counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + " ("
        + shown.joined(separator: ", ") + more + ")"
    ].map(Printable.oneLine)
  }
}
