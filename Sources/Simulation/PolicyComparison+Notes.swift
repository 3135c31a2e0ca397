import ServiceCredits

extension PolicyComparison.Policy {
  /// `new.yaml: new-1, as if in force all the time`.
  package var words: String {
    "\(source): \(versions.joined(separator: ", "))"
      + (isTimeless ? ", as if in force all the time" : "")
  }
}

extension PolicyComparison {
  /// `2026-10`, or `2026-09 to 2026-10`.
  package var monthsText: String {
    months.lowerBound == months.upperBound
      ? months.lowerBound.text : "\(months.lowerBound.text) to \(months.upperBound.text)"
  }

  /// The text to show if there is nothing to compare.
  package var emptyText: String {
    "Neither policy grants anything in these months, and nothing is recorded."
  }

  /// Other facts about the comparison, one sentence each.
  package var notes: [String] {
    var notes: [String] = []
    if differsFromLedger {
      notes.append(
        "The ledger has recorded something else than today's policy comes to: credits that are held, rows amended "
          + "since the last run, a run that is still to come, or another policy.")
    }
    for limit in limits {
      notes.append(
        "A first run of these months under \(limit.isNew ? "the new policy" : "today's") would be held: "
          + "\(limit.sentence).")
    }
    let both = findingsToday.merging(findingsNew, uniquingKeysWith: min)
      .filter { findingsToday[$0.key] != nil && findingsNew[$0.key] != nil }
    for (found, words) in [
      (both, "both"), (difference(findingsToday, both), "today's policy only"),
      (difference(findingsNew, both), "the new policy only"),
    ] where !found.isEmpty {
      notes.append("Set aside under \(words): \(count(found)).")
    }
    if !both.isEmpty { notes.append("`redress check` tells what to do about them.") }
    return notes
  }

  private func difference(
    _ found: [FindingCode: Int], _ both: [FindingCode: Int]
  ) -> [FindingCode: Int] {
    found.merging(both) { $0 - $1 }.filter { $0.value > 0 && found[$0.key] != nil }
  }

  private func count(_ findings: [FindingCode: Int]) -> String {
    FindingCode.allCases.compactMap { code in
      findings[code].map { "\($0) \(code.rawValue)" }
    }.joined(separator: ", ")
  }
}
