import ServiceCredits

/// What was promised, and what rules decided.
extension ExplanationWords {
  func promised(_ decision: IncidentExplanation.Decision) -> [String] {
    var lines = [
      "Policy version \(decision.policyVersion), in force since \(decision.effectiveFrom.text)"
        + (decision.planHasOwnTerms ? ", with terms of its own for plan \(decision.plan)." : ".")
    ]
    lines += (decision.rule?.promises ?? []).map { "\($0)." }
    for test in decision.tiers {
      let tier = test.tier
      let name =
        "\(tier.severity.code) longer than \(DurationText.words(tier.longerThanMicroseconds)) "
        + "(\(tier.credit.words))"
      let counted = ExplanationWords.hours(test.countedMicroseconds)
      if test.countedMicroseconds == 0, tier.severity == .p0 {
        lines.append("\(name): no time at P0.")
      } else if test.countedMicroseconds == 0 {
        lines.append("\(name): no time at \(tier.severity.code) or worse.")
      } else if test.isMet {
        let over = DurationText.words(test.countedMicroseconds - tier.longerThanMicroseconds)
        lines.append(
          "\(name): \(counted), met by \(over)\(test.isBest ? ", and the best met" : "").")
      } else {
        lines.append("\(name): \(counted), \(shortfall(test.countedMicroseconds, of: tier)).")
      }
    }
    return lines
  }

  /// An incident a line, in the order in which they count, then what would be paid next.
  func told(_ rule: IncidentExplanation.RuleAccount) -> [String] {
    var lines = rule.rows.enumerated().map { position, row in
      line(row, isOwn: position == rule.own, isOver: rule.isOver)
    }
    if let next = rule.next { lines.append("Next: \(next).") }
    return lines
  }

  private func line(
    _ row: IncidentExplanation.RuleAccount.Row, isOwn: Bool, isOver: Bool
  ) -> String {
    var text = "\(row.incident ?? "Another incident")\(isOwn ? " (this one)" : ""): "
    text += ExplanationWords.hours(row.countedMicroseconds)
    if let down = row.downtimeMicroseconds, let length = row.periodMicroseconds {
      text += "; \(ExplanationWords.hours(down)) down so far, "
      text += "\(ExplanationWords.uptime(down: down, of: length)) % up"
    }
    text += "; \(row.clause ?? "no rule pays")"
    guard isOver else { return text + "; granted once the period is over." }
    guard let added = row.added else { return text + "; the amount is too large." }
    return text + (added.amountMinor == 0 ? "; adds nothing." : "; adds \(added.text).")
  }

  /// Percent with five decimals, cut.
  static func uptime(down: Int64, of length: Int64) -> String {
    let millionths = Int64(
      max(0, (Int128(length) - Int128(down)) * 10_000_000 / Int128(max(1, length))))
    let decimals = String(100_000 + millionths % 100_000).dropFirst()
    return "\(millionths / 100_000).\(decimals)"
  }
}
